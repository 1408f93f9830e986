/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The review of applications (S132, S133, S134, S135, S136): checks by a driver that is right,
 * wrong, late, doubled or away; four eyes that are never one's own; sent back and sent again; the
 * agreement and what may be charged by it; and a crash at every call to the store.
 */
#include "backoffice/applications/agreement.h"
#include "backoffice/applications/review.h"
#include "ledger/fee.h"
#include "ledger/terms.h"
#include "tests/unit/applications_bench.h"

#define MINE "SQ00000001"

/* ---- a driver ---- */

static struct {
    unsigned asked;
    char number[8][24], identity[32], account[40];
    bool away;
} driver;

static err ask_driver(void *context, const struct check_question *q)
{
    (void)context;
    if (driver.away) return ERR(REFUSED);
    assert_true(driver.asked < ARRAY_LEN(driver.number));
    snprintf(driver.number[driver.asked++], 24, "%s", q->number);
    snprintf(driver.identity, sizeof driver.identity, "%s", q->identity);
    if (q->kind == CHECK_ACCOUNT) snprintf(driver.account, sizeof driver.account, "%s", q->account);
    assert_string_equal(q->phone, BENCH_PHONE);
    return OK;
}

static void with_driver(struct bench *t)
{
    memset(&driver, 0, sizeof driver);
    t->as->checks.ask = ask_driver;
}

static enum application_state state_of(struct bench *t)
{
    assert_ok(application_find(t->as->store, t->a.id, &t->a));
    return t->a.state;
}

static void checks_are_asked_and_answered(void **state)
{
    (void)state;
    struct bench t = bench_open();
    with_driver(&t);
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    assert_int_equal(state_of(&t), APPLICATION_CHECKING);
    rig_pass(t.rig, 1000);
    assert_int_equal(driver.asked, 2);
    assert_string_equal(driver.number[0], "1-1-1");
    assert_string_equal(driver.identity, BENCH_IDENTITY);
    assert_string_equal(driver.account, BENCH_ACCOUNT);
    assert_ok(checks_on_answer(t.as, "1-1-1", CHECK_RIGHT));
    assert_int_equal(state_of(&t), APPLICATION_CHECKING);
    /* Doubled, of another try, of nobody, nonsense: passed over. */
    static const char *const odd[] = {"1-1-1", "1-2-7", "99-1-1",  "1-1",
                                      "",      "x",     "1-1-1-1", "9999999999999-1-1"};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++)
        assert_ok(checks_on_answer(t.as, odd[i], CHECK_WRONG));
    assert_int_equal(state_of(&t), APPLICATION_CHECKING);
    assert_ok(checks_on_answer(t.as, "1-2-1", CHECK_WRONG));
    assert_int_equal(state_of(&t), APPLICATION_REVIEW);
    struct check_row row[CHECK_KINDS];
    size_t count = 0;
    assert_ok(checks_of(t.as->store, t.a.id, row, &count));
    assert_int_equal(count, 2);
    assert_int_equal(row[0].state, CHECK_RIGHT);
    assert_int_equal(row[1].state, CHECK_WRONG);
    rig_close(t.rig);
}

static void who_does_not_answer_is_asked_thrice(void **state)
{
    (void)state;
    struct bench t = bench_open();
    with_driver(&t);
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    for (int i = 0; i < CHECK_TRIES; i++) {
        assert_int_equal(state_of(&t), APPLICATION_CHECKING);
        rig_pass(t.rig, CHECK_ANSWER_MS);
    }
    assert_int_equal(driver.asked, 2 * CHECK_TRIES);
    rig_pass(t.rig, CHECK_ANSWER_MS);
    assert_int_equal(state_of(&t), APPLICATION_REVIEW);
    assert_int_equal(bench_count(&t, "SELECT count(*) FROM application_check WHERE state = 5"), 2);
    /* The answer that comes now is too late. */
    assert_ok(checks_on_answer(t.as, "1-1-3", CHECK_RIGHT));
    assert_int_equal(bench_count(&t, "SELECT count(*) FROM application_check WHERE state = 5"), 2);
    rig_close(t.rig);
}

/* The hsm that is away, and a driver that is: tries that came to nothing, and it goes on. */
static void nothing_hangs_when_others_are_away(void **state)
{
    (void)state;
    for (int which = 0; which < 2; which++) {
        struct bench t = bench_open();
        with_driver(&t);
        bench_ready(&t);
        assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
        if (which == 0) t.rig->hsm_away = true;
        else driver.away = true;
        rig_pass(t.rig, 1000);
        assert_int_equal(driver.asked, 0);
        t.rig->hsm_away = driver.away = false;
        rig_pass(t.rig, CHECK_ANSWER_MS);
        assert_int_equal(driver.asked, 2);
        assert_ok(checks_on_answer(t.as, "1-1-2", CHECK_RIGHT));
        assert_ok(checks_on_answer(t.as, "1-2-2", CHECK_RIGHT));
        assert_int_equal(state_of(&t), APPLICATION_REVIEW);
        rig_close(t.rig);
    }
}

/* ---- people ---- */

struct desk_people {
    struct browser agent_at, chief_at, other_at;
    struct person agent, chief, other;
};

static struct browser staff_browser(void)
{
    return (struct browser){.realm = "staff"};
}

static void people(struct bench *t, struct desk_people *p)
{
    p->agent_at = p->chief_at = p->other_at = staff_browser();
    p->agent = rig_known(t->rig, &p->agent_at, "agent", ROLE_AGENT);
    p->chief = rig_known(t->rig, &p->chief_at, "chief", ROLE_APPROVER);
    p->other = rig_known(t->rig, &p->other_at, "other", ROLE_AGENT | ROLE_APPROVER);
}

#define SENT(call) assert_int_equal(call, 200)

static void noted(struct bench *t, struct browser *who)
{
    t->rig->now_ms += 1000;
    SENT(rig_post(t->rig, who, "/api/v1/applications/" MINE "/notes",
                  "{\"text\":\"called, owner knows the shop\"}"));
}

static unsigned propose(struct bench *t, struct browser *who, const char *body)
{
    return rig_post(t->rig, who, "/api/v1/applications/" MINE "/proposal", "%s", body);
}

static unsigned decide(struct bench *t, struct browser *who, bool agrees)
{
    return rig_post(t->rig, who, "/api/v1/applications/" MINE "/decision", "{\"agrees\":%s}",
                    agrees ? "true" : "false");
}

static void two_people_approve(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct desk_people p;
    people(&t, &p);
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    SENT(rig_ask(t.rig, &p.agent_at, "GET", "/api/v1/applications/queue", ""));
    assert_true(rig_says(t.rig, MINE) && rig_says(t.rig, "海淀区开源茶馆"));
    /* Nobody decides without having called, and nobody seconds what nobody has said. */
    assert_int_equal(propose(&t, &p.agent_at, "{\"opinion\":\"approve\"}"), 409);
    assert_true(rig_says(t.rig, "needs_note") && rig_says(t.rig, "Call the applicant first"));
    assert_int_equal(decide(&t, &p.chief_at, true), 409);
    assert_true(rig_says(t.rig, "needs_first"));
    noted(&t, &p.agent_at);
    SENT(propose(&t, &p.agent_at, "{\"opinion\":\"approve\"}"));
    assert_int_equal(decide(&t, &p.agent_at, true), 403); /* an agent is no approver */
    SENT(decide(&t, &p.chief_at, true));
    assert_int_equal(state_of(&t), APPLICATION_APPROVED);
    assert_non_null(strstr(t.rig->letter[t.rig->letters - 1].text, "Approved"));
    /* The timeline names both, and no number. */
    SENT(rig_ask(t.rig, &p.agent_at, "GET", "/api/v1/applications/" MINE "/timeline", ""));
    assert_true(rig_says(t.rig, "staff agent") && rig_says(t.rig, "staff chief"));
    assert_true(rig_says(t.rig, "called, owner knows the shop"));
    SENT(rig_ask(t.rig, &p.agent_at, "GET", "/api/v1/applications/" MINE, ""));
    assert_true(rig_says(t.rig, "110***********2314") && rig_says(t.rig, "****0567"));
    assert_false(rig_says(t.rig, BENCH_IDENTITY) || rig_says(t.rig, BENCH_ACCOUNT));
    /* What suits: with reasons, and another one. */
    assert_true(rig_says(t.rig, "\"recommended\":{\"kind\":\"counter\""));
    assert_true(rig_says(t.rig, "\"meets\":[\"counter\",\"print\"],\"lacks\":[]"));
    assert_true(rig_says(t.rig, "\"alternative\""));
    rig_close(t.rig);
}

static void the_second_is_never_the_first(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct desk_people p;
    people(&t, &p);
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    noted(&t, &p.other_at);
    SENT(propose(&t, &p.other_at, "{\"opinion\":\"approve\"}"));
    assert_int_equal(decide(&t, &p.other_at, true), 409);
    assert_true(rig_says(t.rig, "same_person"));
    /* Who disagrees sends it back to a first look. */
    SENT(decide(&t, &p.chief_at, false));
    assert_int_equal(state_of(&t), APPLICATION_REVIEW);
    assert_int_equal(t.a.first_by, 0);
    assert_int_equal(propose(&t, &p.other_at, "{\"opinion\":\"reject\"}"), 409);
    assert_true(rig_says(t.rig, "\"error\":\"reason\""));
    SENT(propose(&t, &p.other_at, "{\"opinion\":\"reject\",\"reason\":\"risk\"}"));
    t.rig->now_ms += SESSION_STEP_UP_MS;
    assert_int_equal(decide(&t, &p.chief_at, true), 403);
    assert_true(rig_says(t.rig, "step_up"));
    rig_close(t.rig);
}

/* A colleague's opinion is not replaced beside him: one's own may be changed. */
static void a_first_look_stands(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct desk_people p;
    people(&t, &p);
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    noted(&t, &p.agent_at);
    SENT(propose(&t, &p.agent_at, "{\"opinion\":\"reject\",\"reason\":\"risk\"}"));
    assert_int_equal(propose(&t, &p.other_at, "{\"opinion\":\"approve\"}"), 409);
    assert_true(rig_says(t.rig, "\"error\":\"first_stands\""));
    SENT(rig_ask(t.rig, &p.other_at, "GET", "/api/v1/applications/" MINE "/desk", ""));
    assert_true(rig_says(t.rig, "{\"name\":\"approve\",\"may\":false,\"why_zh\":\"已有同事"));
    assert_int_equal(state_of(&t), APPLICATION_REVIEW);
    assert_int_equal(t.a.first_by, p.agent.id);
    assert_int_equal(t.a.first_opinion, OPINION_REJECT);
    SENT(propose(&t, &p.agent_at, "{\"opinion\":\"approve\"}"));
    SENT(decide(&t, &p.chief_at, false)); /* an approver answers it, and it is anybody's again */
    SENT(propose(&t, &p.other_at, "{\"opinion\":\"approve\"}"));
    assert_int_equal(state_of(&t), APPLICATION_REVIEW);
    assert_int_equal(t.a.first_by, p.other.id);
    rig_close(t.rig);
}

/* By what he has entered, by telephone, by identity: in every look. */
static void nobody_reviews_his_own(void **state)
{
    (void)state;
    static const char *const ways[] = {"entered", "telephone", "identity"};
    for (size_t way = 0; way < ARRAY_LEN(ways); way++) {
        struct bench t = bench_open();
        struct desk_people p;
        people(&t, &p);
        if (way == 0) t.applicant.staff = p.other.id;
        bench_ready(&t);
        if (way == 1) {
            CLEANUP(store_rollback) struct store_tx tx = {0};
            const struct registry_actor actor = {BYTES("rig"), t.rig->now_ms};
            assert_ok(store_begin(t.as->store, &tx));
            assert_ok(account_set_contact(&tx, &actor, p.other.id, BYTES("86" BENCH_PHONE),
                                          BYTES("other@example.com")));
            assert_ok(store_commit(&tx));
        } else if (way == 2) {
            SENT(rig_post(t.rig, &p.other_at, "/api/v1/applicants/mine",
                          "{\"identity\":\"" BENCH_IDENTITY "\"}"));
        }
        assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
        assert_int_equal(rig_post(t.rig, &p.other_at, "/api/v1/applications/" MINE "/notes",
                                  "{\"text\":\"mine\"}"),
                         409);
        assert_true(rig_says(t.rig, "\"error\":\"own\"") && rig_says(t.rig, "his own"));
        noted(&t, &p.agent_at);
        assert_int_equal(propose(&t, &p.other_at, "{\"opinion\":\"approve\"}"), 409);
        SENT(propose(&t, &p.agent_at, "{\"opinion\":\"approve\"}"));
        assert_int_equal(decide(&t, &p.other_at, true), 409);
        assert_int_equal(state_of(&t), APPLICATION_REVIEW);
        SENT(decide(&t, &p.chief_at, true));
        rig_close(t.rig);
    }
}

/* S133: what the desk says may be done is what is done, and why not is what it is refused with. */
static void the_desk_says_who_may(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct desk_people p;
    people(&t, &p);
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    SENT(rig_ask(t.rig, &p.agent_at, "GET", "/api/v1/applications/" MINE "/desk", ""));
    assert_true(rig_says(t.rig, "{\"name\":\"note\",\"may\":true}"));
    assert_true(rig_says(t.rig, "{\"name\":\"approve\",\"may\":false,\"why_zh\":\"请先联系"));
    assert_true(rig_says(t.rig, "{\"name\":\"decide\",\"may\":false,\"why_zh\":\"您没有"));
    assert_true(rig_says(t.rig, "\"value_en\":\"Individual business\""));
    assert_true(rig_says(t.rig, "110***********2314"));
    assert_false(rig_says(t.rig, BENCH_IDENTITY) || rig_says(t.rig, BENCH_ACCOUNT));
    noted(&t, &p.other_at);
    SENT(rig_ask(t.rig, &p.other_at, "GET", "/api/v1/applications/" MINE "/desk", ""));
    assert_true(rig_says(t.rig, "{\"name\":\"approve\",\"may\":true}"));
    assert_true(rig_says(t.rig, "\"decide\",\"may\":false,\"why_zh\":\"还没有初审"));
    SENT(propose(&t, &p.other_at, "{\"opinion\":\"approve\"}"));
    SENT(rig_ask(t.rig, &p.other_at, "GET", "/api/v1/applications/" MINE "/desk", ""));
    assert_true(rig_says(t.rig, "\"decide\",\"may\":false,\"why_zh\":\"初审和复核不能"));
    assert_int_equal(decide(&t, &p.other_at, true), 409);
    SENT(rig_ask(t.rig, &p.chief_at, "GET", "/api/v1/applications/" MINE "/desk", ""));
    assert_true(rig_says(t.rig, "{\"name\":\"decide\",\"may\":true}"));
    assert_true(rig_says(t.rig, "\"first_en\":\"First look: approve\""));
    SENT(decide(&t, &p.chief_at, true));
    SENT(rig_ask(t.rig, &p.chief_at, "GET", "/api/v1/applications/" MINE "/desk", ""));
    assert_true(rig_says(t.rig, "\"decide\",\"may\":false,\"why_zh\":\"当前状态不能"));
    /* Late is what nobody has looked at in time; a document that never came is not there. */
    assert_true(rig_says(t.rig, "\"late\":false"));
    assert_int_equal(
        rig_ask(t.rig, &p.chief_at, "GET", "/api/v1/applications/" MINE "/documents/nonsense", ""),
        404);
    rig_close(t.rig);
}

/* S136: sent back with a reason, mended, sent again, as often as it takes. */
static void what_can_be_mended_goes_round(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct desk_people p;
    people(&t, &p);
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(rig_post(t.rig, &p.agent_at, "/api/v1/applications/" MINE "/return",
                                  "{\"reason\":\"risk\"}"),
                         409);
        SENT(rig_post(t.rig, &p.agent_at, "/api/v1/applications/" MINE "/return",
                      "{\"reason\":\"address\",\"text\":\"which floor?\"}"));
        assert_int_equal(state_of(&t), APPLICATION_MEND);
        assert_int_equal(t.a.reason, REASON_ADDRESS);
        assert_int_equal(bench_save(&t, APPLY_ADDRESS, "北京市海淀区中关村大街1号2层"),
                         APPLY_VERDICT_OK);
        rig_pass(t.rig, 600 * 1000);
        assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
        assert_int_equal(state_of(&t), APPLICATION_REVIEW);
        assert_int_equal(t.a.reason, REASON_NONE);
    }
    rig_close(t.rig);
}

static void a_wrong_check_needs_a_word(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct desk_people p;
    people(&t, &p);
    with_driver(&t);
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    rig_pass(t.rig, 1000);
    noted(&t, &p.agent_at);
    t.rig->now_ms += 1000;
    assert_ok(checks_on_answer(t.as, "1-1-1", CHECK_RIGHT));
    assert_ok(checks_on_answer(t.as, "1-2-1", CHECK_WRONG));
    assert_int_equal(propose(&t, &p.agent_at, "{\"opinion\":\"approve\"}"), 409);
    assert_true(rig_says(t.rig, "\"error\":\"checks\""));
    noted(&t, &p.agent_at);
    SENT(propose(&t, &p.agent_at, "{\"opinion\":\"approve\"}"));
    /* Asked anew, the first look is over. */
    SENT(rig_post(t.rig, &p.agent_at, "/api/v1/applications/" MINE "/checks", "{}"));
    assert_int_equal(state_of(&t), APPLICATION_CHECKING);
    assert_int_equal(t.a.first_by, 0);
    rig_close(t.rig);
}

/* ---- agreement ---- */

static void approved(struct bench *t)
{
    const struct reviewer first = {7, ROLE_AGENT, "staff a", ""},
                          second = {8, ROLE_APPROVER, "staff b", ""};
    enum application_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    bench_ready(t);
    assert_int_equal(bench_send(t), APPLY_VERDICT_OK);
    assert_ok(store_begin(t->as->store, &tx));
    assert_ok(review_note(t->as, &tx, &t->a, &first, BYTES("called"), &verdict));
    assert_ok(review_propose(t->as, &tx, &t->a, &first, OPINION_APPROVE, REASON_NONE, &verdict));
    assert_ok(review_decide(t->as, &tx, &t->a, &second, true, BYTES(""), &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_OK);
    assert_ok(store_commit(&tx));
    rig_turn(t->rig);
}

static err try_sign(struct bench *t, const char *digits, const uint8_t digest[TOKEN_HASH_BYTES],
                    enum application_verdict *verdict)
{
    uint8_t said[TOKEN_HASH_BYTES];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(application_code_hash(t->as, t->a.id, CODE_SIGN, bytes_text(digits), said));
    TRY(store_begin(t->as->store, &tx));
    TRY(application_find(t->as->store, t->a.id, &t->a));
    TRY(agreement_sign(t->as, &tx, &t->a, said, digest, verdict));
    return store_commit(&tx);
}

/* S135: no fee of the tables may be charged that the signed text does not show. */
static void what_is_signed_is_what_may_be_charged(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct agreement now, kept;
    enum application_verdict verdict;
    uint8_t other[TOKEN_HASH_BYTES];
    char code[7], shown[64];
    static uint8_t text[2][AGREEMENT_TEXT_MAX];
    approved(&t);
    assert_ok(agreement_now(t.as, &t.a, &now));
    assert_err(agreement_find(t.as->store, t.a.id, &kept), NOT_FOUND);
    assert_int_equal(bench_ask_code(&t, CODE_SIGN), APPLY_VERDICT_OK);
    bench_code(&t, code);
    memcpy(other, now.digest, sizeof other);
    other[0] ^= 1;
    assert_ok(try_sign(&t, code, other, &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_CHANGED);
    assert_ok(try_sign(&t, "000000", now.digest, &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_CODE);
    assert_ok(try_sign(&t, code, now.digest, &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_OK);
    assert_int_equal(state_of(&t), APPLICATION_AGREED);
    assert_ok(agreement_find(t.as->store, t.a.id, &kept));
    assert_memory_equal(kept.digest, now.digest, sizeof kept.digest);
    assert_int_equal(kept.plan, FEE_PLAN_SMALL);
    struct writer w[2] = {writer_over(text[0], sizeof text[0] - 1),
                          writer_over(text[1], sizeof text[1] - 1)};
    for (int l = 0; l < 2; l++) {
        assert_ok(agreement_write(t.as, &t.a, &kept, l == 1, &w[l]));
        text[l][w[l].len] = '\0';
    }
    size_t count = 0, covered = 0;
    const struct fee_rule *rules = fee_rules(&count);
    for (size_t i = 0; i < count; i++) {
        bool holds = fee_rule_for(kept.plan, rules[i].class, t.rig->now_ms) == &rules[i];
        assert_int_equal(agreement_covers(&kept, rules[i].version), holds);
        snprintf(shown, sizeof shown, "(rule %u)", rules[i].version);
        assert_int_equal(strstr((char *)text[1], shown) != NULL, holds);
        snprintf(shown, sizeof shown, "（规则%u）", rules[i].version);
        assert_int_equal(strstr((char *)text[0], shown) != NULL, holds);
        covered += holds;
    }
    assert_int_equal(covered, 4);
    /* Being paid on the same day costs something, and was not signed. */
    assert_true(agreement_covers(&kept, terms_rule_for(TERMS_NEXT_DAY, t.rig->now_ms)->version));
    assert_false(agreement_covers(&kept, terms_rule_for(TERMS_SAME_DAY, t.rig->now_ms)->version));
    assert_false(agreement_covers(&kept, 12345));
    assert_err(store_exec(t.as->store, "UPDATE application_agreement SET plan = 1"), DENIED);
    assert_ok(try_sign(&t, code, now.digest, &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_NOT_NOW);
    rig_close(t.rig);
}

/* ---- crashes ---- */

struct reaper {
    int left;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? ERR(CRASHED) : OK;
}

enum { DO_SEND, DO_ANSWER, DO_APPROVE, DO_SIGN, DOINGS };

static err act(struct bench *t, int which, const char *code, const struct agreement *g)
{
    enum application_verdict verdict;
    if (which == DO_SEND) return bench_try_send(t, &verdict);
    if (which == DO_ANSWER) {
        TRY(checks_on_answer(t->as, "1-1-1", CHECK_RIGHT));
        return checks_on_answer(t->as, "1-2-1", CHECK_RIGHT);
    }
    if (which == DO_SIGN) return try_sign(t, code, g->digest, &verdict);
    const struct reviewer second = {8, ROLE_APPROVER, "staff b", ""};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(t->as->store, &tx));
    TRY(application_find(t->as->store, t->a.id, &t->a));
    TRY(review_decide(t->as, &tx, &t->a, &second, true, BYTES(""), &verdict));
    return store_commit(&tx);
}

static void prepare(struct bench *t, int which, char code[7], struct agreement *g)
{
    with_driver(t);
    if (which != DO_ANSWER) t->as->checks.ask = NULL;
    if (which == DO_SEND || which == DO_ANSWER) bench_ready(t);
    if (which == DO_ANSWER) {
        assert_int_equal(bench_send(t), APPLY_VERDICT_OK);
        rig_pass(t->rig, 1000);
    }
    if (which == DO_APPROVE) {
        const struct reviewer first = {7, ROLE_AGENT, "staff a", ""};
        enum application_verdict verdict;
        CLEANUP(store_rollback) struct store_tx tx = {0};
        bench_ready(t);
        assert_int_equal(bench_send(t), APPLY_VERDICT_OK);
        assert_ok(store_begin(t->as->store, &tx));
        assert_ok(review_note(t->as, &tx, &t->a, &first, BYTES("called"), &verdict));
        assert_ok(
            review_propose(t->as, &tx, &t->a, &first, OPINION_APPROVE, REASON_NONE, &verdict));
        assert_ok(store_commit(&tx));
    }
    if (which == DO_SIGN) {
        approved(t);
        assert_ok(agreement_now(t->as, &t->a, g));
        assert_int_equal(bench_ask_code(t, CODE_SIGN), APPLY_VERDICT_OK);
        bench_code(t, code);
    }
}

static void a_crash_leaves_old_or_new(void **state)
{
    (void)state;
    static const enum application_state ends[] = {APPLICATION_REVIEW, APPLICATION_REVIEW,
                                                  APPLICATION_APPROVED, APPLICATION_AGREED};
    unsigned crashes = 0;
    for (int which = 0; which < DOINGS; which++) {
        bool whole = false;
        for (int at = 0; !whole; at++) {
            struct bench t = bench_open();
            struct agreement g = {.version = 0};
            struct reaper reaper = {at};
            char code[7] = "";
            prepare(&t, which, code, &g);
            store_set_fault(t.as->store, reap, &reaper);
            err e = act(&t, which, code, &g);
            store_set_fault(t.as->store, NULL, NULL);
            whole = !FAILED(e);
            crashes += FAILED(e);
            bench_restart(&t);
            assert_int_equal(bench_count(&t, "SELECT count(*) FROM application a WHERE NOT EXISTS("
                                             "SELECT 1 FROM application_event e WHERE e.application"
                                             " = a.id AND e.number = a.version AND e.to_state ="
                                             " a.state)"),
                             0);
            /* An agreement and its state are one; so are checks and theirs. */
            assert_int_equal(bench_count(&t, "SELECT count(*) FROM application_agreement"),
                             bench_count(&t, "SELECT count(*) FROM application WHERE state = 8"));
            assert_int_equal(bench_count(&t, "SELECT count(*) FROM application a WHERE state = 4"
                                             " AND (SELECT count(*) FROM application_check c WHERE"
                                             " c.application = a.id AND c.state >= 3) <> 2"),
                             0);
            t.a.id = 1;
            if (state_of(&t) != ends[which]) assert_ok(act(&t, which, code, &g));
            assert_int_equal(state_of(&t), ends[which]);
            rig_close(t.rig);
        }
    }
    assert_true(crashes > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_are_asked_and_answered),
        cmocka_unit_test(who_does_not_answer_is_asked_thrice),
        cmocka_unit_test(nothing_hangs_when_others_are_away),
        cmocka_unit_test(two_people_approve),
        cmocka_unit_test(the_second_is_never_the_first),
        cmocka_unit_test(a_first_look_stands),
        cmocka_unit_test(nobody_reviews_his_own),
        cmocka_unit_test(the_desk_says_who_may),
        cmocka_unit_test(what_can_be_mended_goes_round),
        cmocka_unit_test(a_wrong_check_needs_a_word),
        cmocka_unit_test(what_is_signed_is_what_may_be_charged),
        cmocka_unit_test(a_crash_leaves_old_or_new),
    };
    return cmocka_run_group_tests_name("applications_review", tests, NULL, NULL);
}
