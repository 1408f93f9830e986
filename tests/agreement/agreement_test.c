/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CR-42: whatever the model, the role, the password and the person, the vault at the counter and
 * the host decide the same. A decision of the vault is had as a person has it: a signed policy is
 * loaded, somebody logs in, touches the keys, and asks for PASSWORD_SET. The host opens the same
 * signed text for itself, takes what it knows of the merchant, and asks lib/auth. Both have to name
 * the same rules, all of them, and the same one first.
 *
 *   AGREE_TRIPLES=1000000 AGREE_SEED=7 agreement_test
 *
 * Policies are those that are compiled in and variations of them that can be signed; merchants,
 * serial numbers, days and passwords are drawn from the seed.
 */
#include "tests/unit/vault_rig.h"

#include "tests/agreement/candidates.h"

enum {
    TRIPLES = 20000,
    A_DEVICE = 400, /* triples for one device, then another is made */
    A_ROLE = 40,    /* then another person logs in */
    HISTORY_MAX = 24,
    DAY_MS = 86400000
};

/* What the host knows of a device and its merchant: its own copies. */
struct host {
    char mid[16], serial[24], merchant_zh[64], merchant_en[64];
    uint8_t document[POLICY_DOCUMENT_MAX]; /* signed */
    size_t document_len;
    struct policy_person person;
};

struct run {
    struct candidates candidates;
    struct rig *rig;
    struct host host;
    size_t who;                      /* in operators[] */
    char password[3][CANDIDATE_MAX]; /* the present ones */
    uint64_t triples, accepted, untyped, by_verdict[POLICY_VERDICTS], devices, variations, known;
    /* What the host has got wrong, for a test of the test; then differences are only counted. */
    bool longer_by_one, forgets_a_number;
    uint64_t differences;
};

static const struct {
    uint8_t id;
    enum policy_role role;
} operators[3] = {{0, POLICY_SUPERVISOR}, {1, POLICY_CASHIER}, {99, POLICY_ADMINISTRATOR}};

static uint8_t operator_id(const struct run *run)
{
    return operators[run->who].id;
}

/* ---- documents ---- */

static const char *draw_model(struct run *run, struct policy_document *out)
{
    size_t count = 0;
    struct policy_fault fault;
    while (policy_builtin_text(count) != NULL) count++;
    do {
        const char *text = policy_builtin_text(candidates_below(&run->candidates, (uint32_t)count));
        assert_ok(policy_document_parse(bytes_text(text), out, &fault));
    } while (policy_document_role(out, POLICY_CASHIER) == NULL);
    return out->model;
}

/* Changes what an acquirer may change; whether it may be signed is for the signer to say. */
static void vary(struct run *run, struct policy_document *document)
{
    struct candidates *c = &run->candidates;
    for (int role = POLICY_CASHIER; role <= POLICY_ADMINISTRATOR; role++) {
        struct policy *policy = &document->role[role];
        policy->min = (uint8_t)(policy->min + candidates_below(c, 4));
        policy->max = (uint8_t)(policy->max - candidates_below(c, 3));
        if (candidates_below(c, 3) == 0) policy->max = policy->min;
        policy->digits_only_min = (uint8_t)(policy->min + candidates_below(c, 3));
        policy->history = (uint8_t)(4 + candidates_below(c, 4));
    }
}

static err sign(struct run *run, const struct policy_document *document)
{
    uint8_t text[POLICY_DOCUMENT_MAX];
    struct writer w = writer_over(text, sizeof text);
    struct writer out = writer_over(run->host.document, sizeof run->host.document);
    struct policy_fault fault;
    policy_document_write(document, &w);
    TRY(policy_document_sign(writer_view(&w), run->rig->policy_secret, &out, &fault));
    run->host.document_len = out.len;
    return OK;
}

static void make_document(struct run *run, struct policy_document *document)
{
    for (int i = 0; i < 8; i++) {
        struct policy_document other = *document;
        vary(run, &other);
        if (FAILED(sign(run, &other))) continue;
        run->variations++;
        return;
    }
    assert_ok(sign(run, document));
}

/* ---- devices ---- */

static void draw_merchant(struct run *run)
{
    static const char *const names[][2] = {
        {"虹桥小馆", "Hongqiao Diner"},    {"巷口面馆", "Corner Noodles"},
        {"张伟水果店", "Zhang Wei Fruit"}, {"通宝茶馆", "Tongbao Teahouse"},
        {"李娜美发", "Li Na Hair"},        {"欧阳修书店", "Ouyang Books"}};
    struct host *host = &run->host;
    size_t at = candidates_below(&run->candidates, ARRAY_LEN(names));
    snprintf(host->merchant_zh, sizeof host->merchant_zh, "%s", names[at][0]);
    snprintf(host->merchant_en, sizeof host->merchant_en, "%s", names[at][1]);
    for (size_t i = 0; i < 15; i++)
        host->mid[i] = (char)('0' + candidates_below(&run->candidates, 10));
    host->mid[15] = '\0';
    snprintf(host->serial, sizeof host->serial, "SN-%04u-%06u",
             2020 + candidates_below(&run->candidates, 12),
             candidates_below(&run->candidates, 1000000));
}

static void host_learns(struct run *run)
{
    struct host *host = &run->host;
    host->person = (struct policy_person){
        .name = {bytes_text(host->merchant_zh), bytes_text(host->merchant_en)},
        .names = 2,
        .number = {BYTES(RIG_TID), bytes_text(host->mid), bytes_text(host->serial)},
        .numbers = 3,
        .today = civil_from_ms(run->rig->now_ms + CLOCK_CHINA_OFFSET_MS),
    };
    run->candidates.person = &host->person;
}

static void provision(struct run *run, const char *model)
{
    uint8_t csr[IDENTITY_PEM_MAX], device[TRANSPORT_KEY_BYTES];
    struct writer w = writer_over(csr, sizeof csr);
    struct vault_fault fault = {{0}};
    struct rig *rig = run->rig;
    key_generate(&rig->crypto, KEY_AES128, KEY_USAGE_TERMINAL_MASTER, &rig->master);
    key_generate(&rig->crypto, KEY_HMAC_SHA256, KEY_USAGE_RECOVERY, &rig->recovery);
    assert_ok(
        vault_initialise(rig->vault, bytes_text(run->host.serial), bytes_text(model), &w, device));
    struct vault_provision p = rig_make_provision(rig, writer_view(&w), device);
    p.mid = bytes_text(run->host.mid);
    p.merchant_zh = bytes_text(run->host.merchant_zh);
    p.merchant_en = bytes_text(run->host.merchant_en);
    assert_ok(vault_provision(rig->vault, &p, &fault, rig->initials));
}

static void load_policy(struct run *run)
{
    struct vault_policy_loaded loaded;
    struct bytes document = bytes_of(run->host.document, run->host.document_len);
    assert_status(rig_bytes(run->rig, VAULT_POLICY_LOAD, document), VAULT_OK);
    assert_ok(vault_read_policy_loaded(&run->rig->answer, &loaded));
    assert_int_equal(loaded.verdict, VAULT_POLICY_OK);
}

static void new_device(struct run *run)
{
    struct policy_document document;
    if (run->rig != NULL) rig_free(run->rig);
    run->rig = rig_new(random_seeded_next(&run->candidates.source));
    run->rig->now_ms += (int64_t)candidates_below(&run->candidates, 365) * DAY_MS;
    draw_merchant(run);
    const char *model = draw_model(run, &document);
    provision(run, model);
    make_document(run, &document);
    load_policy(run);
    host_learns(run);
    rig_panel(run->rig);
    run->devices++;
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        snprintf(run->password[i], sizeof run->password[i], "%s",
                 rig_initial(run->rig, operators[i].id));
}

/* ---- the vault's side ---- */

enum typed { TYPED, NOT_ON_KEYS, NOT_SO_LONG, NOT_SO_SHORT };

static bool on_layout(const struct rig *rig, uint8_t digit, uint8_t *ret_place)
{
    for (uint8_t i = 0; i < sizeof rig->layout; i++)
        if (rig->layout[i] == digit && digit >= '0' && digit <= '9') {
            *ret_place = i;
            return true;
        }
    return false;
}

static void cancel(struct rig *rig)
{
    struct vault_entry_answer out;
    assert_status(rig_touch(rig, 'X', &out), VAULT_OK);
}

/* Keys have plain digits: a digit of another form is typed as the one that NFKC makes of it. */
static enum typed type_digits(struct rig *rig, struct bytes candidate)
{
    struct vault_entry_answer out = {0};
    struct password_text normal;
    if (password_normalise(candidate, &normal) != POLICY_OK) return NOT_ON_KEYS;
    struct bytes text = password_text_view(&normal);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t place = 0;
        if (!on_layout(rig, text.at[i], &place)) return NOT_ON_KEYS;
        assert_status(rig_touch(rig, place, &out), VAULT_OK);
        if (out.count != i + 1) return NOT_SO_LONG;
    }
    return TYPED;
}

/* All of it at once, as a paste comes. */
static enum typed type_text(struct rig *rig, struct bytes text)
{
    struct vault_entry_answer out = {0};
    assert_status(rig_type(rig, text, &out), VAULT_OK);
    return out.state == VAULT_ENTRY_TOO_LONG ? NOT_SO_LONG : TYPED;
}

static enum typed enter(struct run *run, uint8_t purpose, struct bytes text)
{
    struct rig *rig = run->rig;
    struct vault_entry_answer out = {0};
    assert_status(rig_begin_for(rig, purpose, false, operator_id(run)), VAULT_OK);
    enum typed typed =
        rig->shown.keyboard == VAULT_KEYS_TEXT ? type_text(rig, text) : type_digits(rig, text);
    if (typed == TYPED) {
        assert_status(rig_touch(rig, 'O', &out), VAULT_OK);
        if (out.state == VAULT_ENTRY_DONE) return TYPED;
        assert_int_equal(out.state, VAULT_ENTRY_SHORT);
        typed = NOT_SO_SHORT;
    }
    cancel(rig);
    return typed;
}

static struct vault_password_answer set_password(struct run *run)
{
    struct vault_password_answer said = {0};
    const struct vault_person who = {operator_id(run), VAULT_ENGLISH};
    vault_write_person(rig_ask(run->rig, VAULT_PASSWORD_SET), who);
    assert_status(rig_send(run->rig), VAULT_OK);
    assert_ok(vault_read_password_answer(&run->rig->answer, &said));
    return said;
}

/* With the one-time password, or the one that he chose last; then he may choose another. */
static void log_in(struct run *run)
{
    struct bytes password = bytes_text(run->password[run->who]);
    assert_int_equal(enter(run, VAULT_ENTRY_PASSWORD, password), TYPED);
    struct vault_login_answer said = rig_login_entered(run->rig, operator_id(run));
    assert_true(said.verdict == VAULT_LOGIN_OK || said.verdict == VAULT_LOGIN_MUST_CHANGE);
}

static void new_person(struct run *run)
{
    run->who = candidates_below(&run->candidates, ARRAY_LEN(operators));
    log_in(run);
}

/* ---- the host's side ---- */

static void host_opens(const struct run *run, struct policy *ret_policy)
{
    struct policy_document document;
    struct policy_fault fault;
    struct bytes text = bytes_of(run->host.document, run->host.document_len);
    const uint8_t *model = memmem(text.at, text.len, "\nmodel ", 7);
    assert_non_null(model);
    model += 7;
    const uint8_t *end = memchr(model, '\n', POLICY_MODEL_MAX + 1);
    struct policy_trust trust = {.model = bytes_of(model, (size_t)(end - model)),
                                 .version_least = 1};
    memcpy(trust.signer, run->rig->policy_signer, sizeof trust.signer);
    assert_ok(policy_document_open(text, &trust, &document, &fault));
    const struct policy *policy = policy_document_role(&document, operators[run->who].role);
    assert_non_null(policy);
    *ret_policy = *policy;
}

static struct policy_result host_decides(const struct run *run, struct bytes candidate)
{
    struct policy policy;
    struct policy_person person = run->host.person;
    host_opens(run, &policy);
    if (run->longer_by_one && policy.min < policy.max) policy.min++;
    if (run->forgets_a_number) person.number[1] = (struct bytes){0};
    return policy_check(&policy, &person, blocklist_builtin(), candidate);
}

/* ---- one triple ---- */

static bool has(struct policy_result result, enum policy_verdict verdict)
{
    return (result.broken & UINT32_C(1) << verdict) != 0;
}

/*
 * What cannot even be typed is refused by the host for that very reason; or because it is no text,
 * and then the host has looked no further.
 */
static bool same_reason(enum typed typed, struct policy_result host)
{
    if (has(host, POLICY_NOT_TEXT) || has(host, POLICY_CONTROL)) return true;
    switch (typed) {
    case NOT_ON_KEYS:
        /* The longest are given up before they are looked at. */
        return has(host, POLICY_NOT_DIGITS) || has(host, POLICY_TOO_LONG);
    case NOT_SO_LONG:
        return has(host, POLICY_TOO_LONG);
    default:
        return has(host, POLICY_TOO_SHORT);
    }
}

static void differ(struct run *run, struct bytes candidate, const char *vault,
                   struct policy_result host)
{
    run->differences++;
    if (run->longer_by_one || run->forgets_a_number) return;
    char hex[2 * CANDIDATE_MAX + 1] = "";
    struct writer w = writer_over(hex, sizeof hex - 1);
    write_hex(&w, candidate);
    fail_msg("triple %llu: operator %02u, password %s: the vault says %s, the host says %s (%08x)\n"
             "%.*s",
             (unsigned long long)run->triples, operator_id(run), hex, vault,
             policy_verdict_word(host.first), host.broken, (int)run->host.document_len,
             (const char *)run->host.document);
}

/* The next change is made on another day where the policy wants that. */
static void accepted(struct run *run, struct bytes candidate)
{
    struct policy policy;
    run->accepted++;
    assert_ok(bytes_to_text(candidate, run->password[run->who], sizeof run->password[0]));
    host_opens(run, &policy);
    run->rig->now_ms += 1000 * (int64_t)policy.min_age_s + 2000;
    host_learns(run);
    log_in(run);
}

static void compare(struct run *run, struct bytes candidate, struct policy_result host)
{
    enum typed typed = enter(run, VAULT_ENTRY_NEW, candidate);
    if (typed != TYPED) {
        run->untyped++;
        if (!same_reason(typed, host)) differ(run, candidate, "it cannot be typed", host);
        return;
    }
    assert_int_equal(enter(run, VAULT_ENTRY_REPEAT, candidate), TYPED);
    struct vault_password_answer said = set_password(run);
    bool known = said.verdict == POLICY_SAME || said.verdict == POLICY_HISTORY;
    if (known) run->known++; /* the vault alone knows what was used before */
    else if (said.verdict != host.first || (said.broken & ~1u) != (host.broken & ~1u))
        differ(run, candidate, policy_verdict_word((enum policy_verdict)said.verdict), host);
    if (known && host.first != POLICY_OK) differ(run, candidate, "it is known", host);
    if (said.verdict == POLICY_OK) accepted(run, candidate);
}

static void one_triple(struct run *run)
{
    struct policy policy;
    host_opens(run, &policy);
    run->candidates.policy = &policy;
    struct bytes candidate = candidates_next(&run->candidates);
    struct policy_result host = host_decides(run, candidate);
    run->rig->kept_len = 0;
    compare(run, candidate, host);
    run->triples++;
    run->by_verdict[host.first]++;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void run_triples(struct run *run, uint64_t count, uint64_t seed)
{
    random_seed(&run->candidates.source, seed);
    while (run->triples < count) {
        if (run->triples % A_DEVICE == 0) new_device(run);
        if (run->triples % A_ROLE == 0) new_person(run);
        one_triple(run);
    }
    rig_free(run->rig);
}

static void tell(const struct run *run)
{
    printf("%llu triples on %llu devices, %llu with a policy of their own: %llu accepted, %llu "
           "could not be typed, %llu used before, %llu decided differently\n",
           (unsigned long long)run->triples, (unsigned long long)run->devices,
           (unsigned long long)run->variations, (unsigned long long)run->accepted,
           (unsigned long long)run->untyped, (unsigned long long)run->known,
           (unsigned long long)run->differences);
    for (int i = 0; i < POLICY_VERDICTS; i++)
        printf("  %-12s %llu\n", policy_verdict_word((enum policy_verdict)i),
               (unsigned long long)run->by_verdict[i]);
}

static void vault_and_host_decide_the_same(void **state)
{
    static struct run run;
    (void)state;
    run_triples(&run, number_of("AGREE_TRIPLES", TRIPLES), number_of("AGREE_SEED", 1));
    tell(&run);
    assert_int_equal(run.differences, 0);
    assert_true(run.accepted > run.triples / 20);
    assert_true(run.untyped > 0 && run.variations > run.devices / 4);
    /* Every reason was drawn; those of the vault alone never are the host's. */
    for (int i = 0; i < POLICY_VERDICTS; i++)
        if (i != POLICY_SAME && i != POLICY_HISTORY && i != POLICY_MISMATCH &&
            i != POLICY_TOO_YOUNG)
            assert_true(run.by_verdict[i] > 0);
}

static void a_difference_is_seen(void **state)
{
    static struct run length, number;
    (void)state;
    length.longer_by_one = true;
    run_triples(&length, 2000, 1);
    assert_true(length.differences > 20);
    number.forgets_a_number = true;
    run_triples(&number, 2000, 1);
    assert_true(number.differences > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_difference_is_seen),
        cmocka_unit_test(vault_and_host_decide_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
