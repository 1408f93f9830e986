/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CR-42, the host's other end: a password that somebody chooses at a console goes through the whole
 * core of the back office (route, gate, body, session, person from the registry), and what it
 * answers is held against lib/auth asked directly with a person that this test puts together for
 * itself. agreement_test.c holds the vault against lib/auth in the same way, so the three agree.
 *
 *   AGREE_CONSOLE=100000 AGREE_SEED=7 console_test
 */
#include "tests/unit/backoffice_rig.h"

#include "backoffice/accounts/choice.h"
#include "tests/agreement/candidates.h"

enum { TRIPLES = 10000, A_PERSON = 250, BODY_BYTES = 8 * CANDIDATE_MAX };

struct run {
    struct candidates candidates;
    struct rig *rig;
    struct browser browser;
    struct person who;
    struct policy policy;
    struct policy_person person;
    char present[CANDIDATE_MAX * 6 + 1], mail[ACCOUNT_LOGIN_MAX + 1], name[64]; /* as JSON */
    uint64_t triples, accepted, malformed, known, people, by_verdict[POLICY_VERDICTS];
    bool longer_by_one; /* the test of the test: this end has got the policy wrong */
    uint64_t differences;
};

static const char *const logins[] = {"li",     "zhangwei", "chen.xiaohong", "tea",
                                     "ouyang", "wang8888", "hongqiao",      "liu-na"};

static void new_person(struct run *run)
{
    static const unsigned roles[] = {ROLE_OWNER, ROLE_MANAGER, ROLE_CASHIER, ROLE_FINANCE};
    unsigned role = roles[candidates_below(&run->candidates, ARRAY_LEN(roles))];
    const char *login = logins[candidates_below(&run->candidates, ARRAY_LEN(logins))];
    if (run->rig != NULL) rig_close(run->rig);
    run->rig = rig_open_desk(true);
    run->rig->now_ms += (int64_t)candidates_below(&run->candidates, 365) * 86400000;
    run->browser = (struct browser){0};
    run->who = rig_known(run->rig, &run->browser, login, role);
    snprintf(run->present, sizeof run->present, "%s", RIG_PASSWORD);
    snprintf(run->name, sizeof run->name, "Person %s", login);
    bool owner = run->who.kind == ACCOUNT_OWNER;
    run->person = (struct policy_person){
        .name = {bytes_text(run->who.login), bytes_text(run->name), bytes_text(run->who.login),
                 BYTES("开源茶馆"), BYTES("Tea House")},
        .names = owner ? 5 : 3,
        .number = {BYTES(RIG_MID)},
        .numbers = owner ? 1 : 0,
    };
    run->policy = policy_of_model(BYTES("CONSOLE"), owner ? POLICY_OWNER : POLICY_STAFF);
    if (run->longer_by_one) run->policy.min++;
    run->candidates.person = &run->person;
    run->candidates.policy = &run->policy;
    run->people++;
}

/* Bytes as the page would send them; what is no UTF-8 stands there as it is. */
static void write_json(struct writer *w, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (c < 0x20 || c == '"' || c == '\\') write_format(w, "\\u%04x", c);
        else write_bytes(w, bytes_of(&c, 1));
    }
}

static uint32_t rules_said(const struct run *run)
{
    uint32_t broken = 0;
    for (unsigned v = 1; v < POLICY_VERDICTS; v++) {
        char wanted[48];
        snprintf(wanted, sizeof wanted, "\"rule\":\"%s\"",
                 policy_verdict_word((enum policy_verdict)v));
        if (rig_says(run->rig, wanted)) broken |= 1u << v;
    }
    return broken;
}

static void differ(struct run *run, struct bytes candidate, unsigned status, uint32_t here)
{
    char hex[2 * CANDIDATE_MAX + 1] = "";
    struct writer w = writer_over(hex, sizeof hex - 1);
    run->differences++;
    if (run->longer_by_one) return;
    write_hex(&w, candidate);
    fail_msg("triple %llu, %s, password %s: the back office says %u %s, lib/auth %08x",
             (unsigned long long)run->triples, run->who.login, hex, status, run->rig->answer, here);
}

/* What is no text, or longer than any password, is not even read. */
static bool not_readable(uint32_t broken)
{
    return (broken & (1u << POLICY_NOT_TEXT | 1u << POLICY_CONTROL | 1u << POLICY_TOO_LONG)) != 0;
}

static void compare(struct run *run, struct bytes candidate, unsigned status, uint32_t here)
{
    uint32_t there = status == 422 ? rules_said(run) : 0;
    bool known = there == 1u << POLICY_HISTORY || there == 1u << POLICY_SAME;
    if (status == 400 || status == 413) {
        run->malformed++;
        if (!not_readable(here)) differ(run, candidate, status, here);
    } else if (known) { /* the back office alone has the old ones */
        run->known++;
        if (here != 0) differ(run, candidate, status, here);
    } else if (status == 422) {
        if (there != here) differ(run, candidate, status, here);
    } else {
        assert_in_range(status, 200, 204);
        run->accepted++;
        if (here != 0) differ(run, candidate, status, here);
    }
}

static void one_triple(struct run *run)
{
    static char body[BODY_BYTES];
    char now[sizeof run->present];
    struct bytes candidate = candidates_next(&run->candidates);
    /* A C string is what the rig sends. */
    if (memchr(candidate.at, '\0', candidate.len) != NULL) return;
    run->rig->now_ms += 1000;
    run->person.today = civil_from_ms(run->rig->now_ms + CLOCK_CHINA_OFFSET_MS);
    struct policy_result here =
        policy_check(&run->policy, &run->person, blocklist_builtin(), candidate);
    struct writer n = writer_over(now, sizeof now - 1), w = writer_over(body, sizeof body - 1);
    write_json(&n, candidate);
    now[n.len] = '\0';
    write_format(&w, "{\"current\":\"%s\",\"password\":\"", run->present);
    write_bytes(&w, writer_view(&n));
    write_format(&w, "\"}");
    assert_true(n.fault == ERR_OK && w.fault == ERR_OK);
    body[w.len] = '\0';
    run->rig->letters = 0;
    unsigned status =
        rig_ask(run->rig, &run->browser, "POST", rig_path(&run->who, "/security/password"), body);
    compare(run, candidate, status, here.broken);
    if (status < 300) snprintf(run->present, sizeof run->present, "%s", now);
    run->triples++;
    run->by_verdict[here.first]++;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void run_triples(struct run *run, uint64_t count, uint64_t seed)
{
    random_seed(&run->candidates.source, seed);
    new_person(run);
    for (uint64_t at = 1; run->triples < count; at++) {
        one_triple(run);
        if (at % A_PERSON == 0) new_person(run);
    }
    rig_close(run->rig);
}

static void back_office_and_engine_decide_the_same(void **state)
{
    static struct run run;
    (void)state;
    run_triples(&run, number_of("AGREE_CONSOLE", TRIPLES), number_of("AGREE_SEED", 1));
    printf("%llu triples of %llu people at a console: %llu accepted, %llu could not be read, %llu "
           "used before, %llu decided differently\n",
           (unsigned long long)run.triples, (unsigned long long)run.people,
           (unsigned long long)run.accepted, (unsigned long long)run.malformed,
           (unsigned long long)run.known, (unsigned long long)run.differences);
    assert_int_equal(run.differences, 0);
    assert_true(run.accepted > run.triples / 100);
    assert_true(run.by_verdict[POLICY_COMMON] > 0 && run.by_verdict[POLICY_OWN_NAME] > 0);
}

static void a_difference_is_seen(void **state)
{
    static struct run run;
    (void)state;
    run.longer_by_one = true;
    run_triples(&run, 2000, 1);
    assert_true(run.differences > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_difference_is_seen),
        cmocka_unit_test(back_office_and_engine_decide_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
