/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of an application (S128, S130, S131, S133, S136, S141, S144,
 * S145): the table whole, a form
 * sent twice, every outcome of the rules, what is sealed, what ends by itself, what is erased, and
 * a crash at every call to the store.
 */
#include "backoffice/applications/due.h"
#include "backoffice/applications/retention.h"
#include "tests/unit/applications_bench.h"

#define DAY_MS INT64_C(86400000)

/* ---- the table ---- */

/* A row for each state: the events that it takes, and where they lead. */
static const struct {
    enum application_state from;
    const char *takes;
} table[] = {
    {APPLICATION_NONE, "begin>draft"},
    {APPLICATION_DRAFT, "save>draft send>sent hold>draft offer>draft refuse>rejected"
                        " withdraw>withdrawn expire>expired phone>draft document>draft"},
    {APPLICATION_SENT, "check>checking note>sent withdraw>withdrawn"},
    {APPLICATION_CHECKING, "checked>review note>checking withdraw>withdrawn"},
    {APPLICATION_REVIEW, "recheck>checking note>review propose_approve>review propose_reject>review"
                         " disagree>review approve>approved reject>rejected send_back>mend"
                         " withdraw>withdrawn"},
    {APPLICATION_MEND, "save>mend send>sent hold>mend offer>mend refuse>rejected note>mend"
                       " withdraw>withdrawn expire>expired phone>mend document>mend"},
    {APPLICATION_APPROVED, "note>approved sign>agreed withdraw>withdrawn expire>expired"},
    {APPLICATION_REJECTED, "note>rejected appeal>review erase>rejected"},
    {APPLICATION_AGREED, "note>agreed assign>assigned erase>agreed"},
    {APPLICATION_WITHDRAWN, "erase>withdrawn"},
    {APPLICATION_EXPIRED, "erase>expired"},
    {APPLICATION_ASSIGNED, "ship>shipped release>agreed"},
    {APPLICATION_SHIPPED, "deliver>delivered activate>active release>agreed"},
    {APPLICATION_DELIVERED, "activate>active release>agreed"},
    {APPLICATION_ACTIVE, "erase>active"},
};

static void the_table_is_this_one(void **state)
{
    (void)state;
    assert_int_equal(ARRAY_LEN(table), APPLICATION_STATES);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char takes[400];
        size_t used = 0;
        takes[0] = '\0';
        for (enum application_event e = LIFE_BEGIN; e < LIFE_EVENTS; e++) {
            enum application_state to = application_next(table[i].from, e);
            if (to == APPLICATION_NONE) continue;
            used +=
                (size_t)snprintf(takes + used, sizeof takes - used, "%s%s>%s", used > 0 ? " " : "",
                                 application_event_word(e), application_state_word(to));
        }
        assert_string_equal(takes, table[i].takes);
    }
}

static void everything_has_its_words(void **state)
{
    (void)state;
    for (enum application_state s = APPLICATION_DRAFT; s < APPLICATION_STATES; s++) {
        assert_int_equal(application_state_of(bytes_text(application_state_word(s))), s);
        assert_true(application_state_text(s, true)[0] && application_state_text(s, false)[0]);
        assert_true(application_state_next(s, true)[0] && application_state_next(s, false)[0]);
    }
    for (enum application_event e = LIFE_BEGIN; e < LIFE_EVENTS; e++)
        assert_true(application_event_text(e, true)[0] && application_event_text(e, false)[0]);
    for (enum application_reason r = 1; r < APPLICATION_REASONS; r++) {
        assert_int_equal(application_reason_of(bytes_text(application_reason_word(r))), r);
        assert_true(application_reason_text(r, true)[0] && application_reason_text(r, false)[0]);
    }
    for (enum application_verdict v = 0; v < APPLY_VERDICTS; v++)
        assert_true(application_verdict_text(v, true)[0] && application_verdict_text(v, false)[0]);
}

/* ---- sending ---- */

static void a_form_sent_twice_is_one(void **state)
{
    (void)state;
    struct bench t = bench_open();
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    assert_int_equal(t.a.state, APPLICATION_REVIEW);
    int64_t events = bench_count(&t, "SELECT count(*) FROM application_event");
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    assert_int_equal(bench_count(&t, "SELECT count(*) FROM application_event"), events);
    /* The same shop of the same person once more is not a second application. */
    rig_pass(t.rig, DAY_MS);
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_TWICE);
    assert_int_equal(t.a.state, APPLICATION_DRAFT);
    /* Another shop of the same person is. */
    assert_int_equal(bench_save(&t, APPLY_SHOP, "海淀区开源茶馆二店"), APPLY_VERDICT_OK);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    rig_close(t.rig);
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    struct bench t = bench_open();
    enum application_verdict verdict;
    assert_ok(bench_try_begin(&t));
    assert_int_equal(bench_send(&t), APPLY_VERDICT_LACKS);
    assert_int_equal(t.missing, (1u << APPLY_FIELDS) - 2);
    assert_ok(bench_try_fill(&t, &verdict));
    assert_int_equal(bench_send(&t), APPLY_VERDICT_PHONE);
    bench_verify_phone(&t);
    /* Another telephone must be verified anew. */
    assert_int_equal(bench_save(&t, APPLY_PHONE, "13900005678"), APPLY_VERDICT_OK);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_PHONE);
    bench_verify_phone(&t);
    assert_int_equal(bench_save(&t, APPLY_BANK, ""), APPLY_VERDICT_OK);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_LACKS);
    assert_int_equal(t.missing, 1u << APPLY_BANK);
    assert_int_equal(bench_save(&t, APPLY_BANK, "x"), APPLY_VERDICT_FIELD);
    assert_int_equal(t.bad, 1u << APPLY_BANK);
    rig_close(t.rig);
}

static void the_rules_decide_and_are_kept(void **state)
{
    (void)state;
    static const struct {
        enum apply_field field;
        const char *text;
        enum application_verdict verdict;
        enum application_state state;
        enum eligibility_rule rule;
        enum application_product again; /* sent again: by which offer; 0: it cannot be */
    } rows[] = {
        {APPLY_TURNOVER, "1000000.00", APPLY_VERDICT_OK, APPLICATION_REVIEW, 0, PRODUCT_FREE},
        {APPLY_TURNOVER, "1000000.01", APPLY_VERDICT_OFFERED, APPLICATION_DRAFT, ELIGIBILITY_CAP,
         PRODUCT_OTHER},
        {APPLY_TYPE, "person", APPLY_VERDICT_OFFERED, APPLICATION_DRAFT, ELIGIBILITY_TYPE,
         PRODUCT_OTHER},
        {APPLY_IDENTITY_ENDS, "2030-04-25", APPLY_VERDICT_HELD, APPLICATION_DRAFT,
         ELIGIBILITY_IDENTITY, 0},
        {APPLY_LICENCE_ENDS, "2029-12-31", APPLY_VERDICT_HELD, APPLICATION_DRAFT,
         ELIGIBILITY_LICENCE, 0},
        {APPLY_IDENTITY, "110108201505062315", APPLY_VERDICT_REFUSED, APPLICATION_REJECTED,
         ELIGIBILITY_YOUNG, 0},
        {APPLY_IDENTITY, "110108195005062310", APPLY_VERDICT_OK, APPLICATION_REVIEW,
         ELIGIBILITY_OLD, PRODUCT_FREE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench t = bench_open();
        bench_ready(&t);
        assert_int_equal(bench_save(&t, rows[i].field, rows[i].text), APPLY_VERDICT_OK);
        assert_int_equal(bench_send(&t), rows[i].verdict);
        assert_int_equal(t.a.state, rows[i].state);
        assert_int_equal(t.a.decision.version, 1);
        assert_int_equal(t.a.decision.findings, rows[i].rule == 0 ? 0 : 1u << rows[i].rule);
        assert_int_equal(bench_count(&t, "SELECT count(*) FROM application_event WHERE rules = 1"
                                         " AND length(digest) = 32"),
                         1);
        if (rows[i].again != 0) {
            assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
            assert_int_equal(t.a.state, APPLICATION_REVIEW);
            assert_int_equal(t.a.product, rows[i].again);
        }
        rig_close(t.rig);
    }
}

/* An offer was made for what was said: who says something else is asked anew. */
static void an_offer_is_for_what_was_said(void **state)
{
    (void)state;
    struct bench t = bench_open();
    bench_ready(&t);
    assert_int_equal(bench_save(&t, APPLY_TURNOVER, "2000000"), APPLY_VERDICT_OK);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OFFERED);
    assert_int_equal(bench_save(&t, APPLY_TURNOVER, "3000000"), APPLY_VERDICT_OK);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OFFERED);
    assert_int_equal(bench_save(&t, APPLY_TURNOVER, "300000"), APPLY_VERDICT_OK);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    assert_int_equal(t.a.product, PRODUCT_FREE);
    rig_close(t.rig);
}

static void a_person_on_the_list_can_appeal_once(void **state)
{
    (void)state;
    struct bench t = bench_open();
    uint8_t mark[TOKEN_HASH_BYTES];
    enum application_verdict verdict;
    bench_ready(&t);
    assert_ok(application_mark(t.as, BENCH_IDENTITY, mark));
    {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        assert_ok(store_begin(t.as->store, &tx));
        assert_ok(application_list_person(&tx, mark, true, t.rig->now_ms));
        assert_ok(store_commit(&tx));
    }
    assert_int_equal(bench_send(&t), APPLY_VERDICT_REFUSED);
    assert_int_equal(t.a.decision.findings, 1u << ELIGIBILITY_LISTED);
    assert_int_equal(t.a.reason, REASON_RULE);
    static const enum application_verdict wanted[] = {APPLY_VERDICT_OK, APPLY_VERDICT_APPEALED};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        assert_ok(store_begin(t.as->store, &tx));
        assert_ok(application_appeal(t.as, &tx, &t.a, &t.applicant, BYTES("a mistake"), &verdict));
        assert_int_equal(verdict, wanted[i]);
        assert_ok(store_commit(&tx));
        if (i == 1) break;
        assert_int_equal(t.a.state, APPLICATION_REVIEW);
        /* Two look at it, and it stays rejected; the table lets no one be both. */
        const struct application_actor first = application_actor_named("a", WHO_STAFF, 7),
                                       same = application_actor_named("a", WHO_SECOND, 7),
                                       second = application_actor_named("b", WHO_SECOND, 8);
        const struct application_fact fact = {.reason = REASON_RISK};
        assert_ok(bench_try_move(&t, LIFE_PROPOSE_REJECT, &first, &fact, &verdict));
        assert_err(bench_try_move(&t, LIFE_REJECT, &same, &fact, &verdict), DENIED);
        assert_ok(bench_try_move(&t, LIFE_REJECT, &second, &fact, &verdict));
        assert_int_equal(t.a.state, APPLICATION_REJECTED);
    }
    rig_close(t.rig);
}

static void one_person_has_two_micro_merchants(void **state)
{
    (void)state;
    struct bench t = bench_open();
    static const char *const shops[] = {"海淀区茶摊一号", "海淀区茶摊二号", "海淀区茶摊三号"};
    for (size_t i = 0; i < ARRAY_LEN(shops); i++) {
        bench_ready(&t);
        assert_int_equal(bench_save(&t, APPLY_TYPE, "micro"), APPLY_VERDICT_OK);
        assert_int_equal(bench_save(&t, APPLY_SHOP, shops[i]), APPLY_VERDICT_OK);
        assert_int_equal(bench_send(&t), i < 2 ? APPLY_VERDICT_OK : APPLY_VERDICT_REFUSED);
        rig_pass(t.rig, DAY_MS);
    }
    assert_int_equal(t.a.decision.findings, 1u << ELIGIBILITY_MICRO);
    rig_close(t.rig);
}

/* ---- secrets ---- */

static void numbers_are_sealed(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct apply_form form;
    struct bytes image;
    char out[APPLY_TEXT_MAX + 1];
    bench_ready(&t);
    assert_ok(application_form(t.as->store, t.a.id, &form));
    assert_string_equal(form.text[APPLY_IDENTITY], "110***********2314");
    assert_string_equal(form.text[APPLY_ACCOUNT], "****0567");
    assert_int_equal(form.born, 19800506);
    assert_ok(application_open_secret(t.as, t.a.id, APPLY_IDENTITY, out));
    assert_string_equal(out, BENCH_IDENTITY);
    assert_ok(application_open_secret(t.as, t.a.id, APPLY_ACCOUNT, out));
    assert_string_equal(out, BENCH_ACCOUNT);
    assert_ok(store_anchor_image(t.rig->anchor, &image));
    assert_null(memmem(image.at, image.len, BENCH_IDENTITY, 18));
    assert_null(memmem(image.at, image.len, BENCH_ACCOUNT, strlen(BENCH_ACCOUNT)));
    assert_non_null(memmem(image.at, image.len, BENCH_PHONE, strlen(BENCH_PHONE)));
    store_image_free(image);
    /* A sealed value in another row does not open. */
    assert_ok(store_exec(t.as->store, "UPDATE application_value SET sealed = (SELECT sealed FROM"
                                      " application_value WHERE field = 9) WHERE field = 16"));
    assert_err(application_open_secret(t.as, t.a.id, APPLY_ACCOUNT, out), MAC);
    t.rig->hsm_away = true;
    assert_err(application_open_secret(t.as, t.a.id, APPLY_IDENTITY, out), REFUSED);
    rig_close(t.rig);
}

static void a_code_has_few_tries(void **state)
{
    (void)state;
    struct bench t = bench_open();
    enum application_verdict verdict;
    char code[7], wrong[7];
    assert_ok(bench_try_begin(&t));
    assert_int_equal(bench_ask_code(&t, CODE_PHONE), APPLY_VERDICT_LACKS);
    assert_ok(bench_try_fill(&t, &verdict));
    assert_int_equal(bench_ask_code(&t, CODE_PHONE), APPLY_VERDICT_OK);
    bench_code(&t, code);
    memcpy(wrong, code, sizeof wrong);
    wrong[5] = wrong[5] == '9' ? '0' : (char)(wrong[5] + 1);
    for (int i = 0; i < APPLICATION_CODE_TRIES; i++)
        assert_int_equal(bench_say_code(&t, CODE_PHONE, wrong), APPLY_VERDICT_CODE);
    assert_int_equal(bench_say_code(&t, CODE_PHONE, code), APPLY_VERDICT_CODE_ENDED);
    rig_pass(t.rig, 3600 * 1000);
    assert_int_equal(bench_ask_code(&t, CODE_PHONE), APPLY_VERDICT_OK);
    bench_code(&t, code);
    assert_int_equal(bench_say_code(&t, CODE_SIGN, code), APPLY_VERDICT_CODE_ENDED);
    assert_int_equal(bench_say_code(&t, CODE_PHONE, code), APPLY_VERDICT_OK);
    assert_int_equal(bench_say_code(&t, CODE_PHONE, code), APPLY_VERDICT_CODE_ENDED);
    rig_pass(t.rig, 3600 * 1000);
    assert_int_equal(bench_ask_code(&t, CODE_PHONE), APPLY_VERDICT_OK);
    bench_code(&t, code);
    rig_pass(t.rig, APPLICATION_CODE_MINUTES * 60000);
    assert_int_equal(bench_say_code(&t, CODE_PHONE, code), APPLY_VERDICT_CODE_ENDED);
    rig_close(t.rig);
}

/* ---- time ---- */

static void a_draft_ends_and_is_erased(void **state)
{
    (void)state;
    struct bench t = bench_open();
    bench_ready(&t);
    rig_pass(t.rig, 29 * DAY_MS);
    assert_int_equal(bench_save(&t, APPLY_BANK, "工商银行海淀支行"), APPLY_VERDICT_OK);
    rig_pass(t.rig, 29 * DAY_MS);
    assert_ok(application_find(t.as->store, t.a.id, &t.a));
    assert_int_equal(t.a.state, APPLICATION_DRAFT);
    rig_pass(t.rig, DAY_MS);
    assert_ok(application_find(t.as->store, t.a.id, &t.a));
    assert_int_equal(t.a.state, APPLICATION_EXPIRED);
    assert_true(t.a.erased_ms != 0);
    assert_int_equal(bench_count(&t, "SELECT count(*) FROM application_value"), 0);
    assert_int_equal(bench_save(&t, APPLY_BANK, "工商银行海淀支行"), APPLY_VERDICT_NOT_NOW);
    assert_int_equal(bench_count(&t, "SELECT count(*) FROM application WHERE mark <> x''"), 0);
    assert_int_equal(bench_count(&t, "SELECT count(*) FROM application_event WHERE to_state = 10"),
                     2);
    rig_close(t.rig);
}

static void files_are_kept_as_long_as_the_table_says(void **state)
{
    (void)state;
    size_t count = 0;
    const struct retention_row *rows = retention_rows(&count);
    for (size_t i = 0; i < count; i++) {
        struct bench t = bench_open();
        assert_true(application_is_ended(rows[i].state));
        assert_true(rows[i].zh[0] != '\0' && rows[i].en[0] != '\0');
        bench_ready(&t);
        if (rows[i].state == APPLICATION_EXPIRED) {
            rig_pass(t.rig, APPLICATION_DAYS * DAY_MS);
        } else if (rows[i].state == APPLICATION_WITHDRAWN) {
            assert_int_equal(bench_move(&t, LIFE_WITHDRAW, WHO_APPLICANT), APPLY_VERDICT_OK);
        } else {
            assert_int_equal(bench_save(&t, APPLY_IDENTITY, "110108201505062315"),
                             APPLY_VERDICT_OK);
            assert_int_equal(bench_send(&t), APPLY_VERDICT_REFUSED);
        }
        if (rows[i].days > 0) {
            rig_pass(t.rig, rows[i].days * DAY_MS - 60000);
            assert_true(bench_count(&t, "SELECT count(*) FROM application_value") > 0);
            rig_pass(t.rig, 120000);
        }
        assert_int_equal(bench_count(&t, "SELECT count(*) FROM application_value"), 0);
        rig_close(t.rig);
    }
    assert_int_equal(count, 3);
}

/* 2026-11-30 is a Monday; 2026-10-01 a holiday, 2026-10-10 a Saturday that is worked. */
static void the_clock_of_the_review(void **state)
{
    (void)state;
    static const struct {
        struct civil sent, due;
    } rows[] = {
        {{2026, 11, 30, 9, 0, 0}, {2026, 11, 30, 9, 30, 0}},
        {{2026, 11, 30, 17, 29, 59}, {2026, 11, 30, 17, 59, 59}},
        {{2026, 11, 30, 17, 30, 0}, {2026, 12, 1, 9, 30, 0}},
        {{2026, 11, 30, 3, 0, 0}, {2026, 11, 30, 9, 30, 0}},
        {{2026, 12, 4, 18, 0, 0}, {2026, 12, 7, 9, 30, 0}},
        {{2026, 12, 5, 12, 0, 0}, {2026, 12, 7, 9, 30, 0}},
        {{2026, 10, 1, 12, 0, 0}, {2026, 10, 8, 9, 30, 0}},
        {{2026, 10, 10, 12, 0, 0}, {2026, 10, 10, 12, 30, 0}},
        {{2031, 3, 8, 12, 0, 0}, {2031, 3, 10, 9, 30, 0}}, /* not announced: a Saturday */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t sent = civil_to_ms(rows[i].sent) - CLOCK_CHINA_OFFSET_MS;
        assert_int_equal(application_due_ms(sent),
                         civil_to_ms(rows[i].due) - CLOCK_CHINA_OFFSET_MS);
    }
}

/* ---- told ---- */

static void the_applicant_hears_of_each_state(void **state)
{
    (void)state;
    struct bench t = bench_open();
    bench_ready(&t);
    unsigned before = t.rig->letters;
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    assert_int_equal(t.rig->letters, before + 1);
    assert_non_null(strstr(t.rig->letter[before].text, "SQ00000001: Sent."));
    assert_string_equal(t.rig->letter[before].contact, "+8613900001234");
    rig_close(t.rig);
}

/* ---- crashes ---- */

struct reaper {
    int left;
    enum err_code with;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? (err){reaper->with} : OK;
}

/* The record is what its last event says, and there is a note only where there is an event. */
static void check_whole(const struct bench *t)
{
    assert_int_equal(bench_count(t, "SELECT count(*) FROM application a WHERE NOT EXISTS(SELECT 1"
                                    " FROM application_event e WHERE e.application = a.id AND"
                                    " e.number = a.version AND e.to_state = a.state)"),
                     0);
    assert_int_equal(bench_count(t, "SELECT count(*) FROM application a WHERE version <> (SELECT"
                                    " count(*) FROM application_event e WHERE e.application ="
                                    " a.id)"),
                     0);
    assert_int_equal(bench_count(t, "SELECT count(*) FROM application_note n WHERE NOT EXISTS("
                                    "SELECT 1 FROM application_event e WHERE e.application ="
                                    " n.application AND e.number = n.number)"),
                     0);
}

enum { STEP_BEGIN, STEP_FILL, STEP_SEND, STEP_WITHDRAW, STEPS };

static err step(struct bench *t, int which)
{
    enum application_verdict verdict;
    if (which == STEP_BEGIN) return bench_try_begin(t);
    if (which == STEP_FILL) return bench_try_fill(t, &verdict);
    if (which == STEP_SEND) return bench_try_send(t, &verdict);
    return bench_try_move(t, LIFE_WITHDRAW, &t->applicant, NULL, &verdict);
}

static int64_t version_of(struct bench *t)
{
    return bench_count(t, "SELECT ifnull(sum(version), 0) FROM application") * 1000 +
           bench_count(t, "SELECT count(*) FROM application_value");
}

static void a_crash_leaves_old_or_new(void **state)
{
    (void)state;
    static const enum err_code ways[] = {ERR_CRASHED, ERR_FULL};
    unsigned crashes = 0;
    for (int which = 0; which < STEPS; which++) {
        for (size_t way = 0; way < ARRAY_LEN(ways); way++) {
            for (int at = 0;; at++) {
                struct bench t = bench_open();
                if (which == STEP_FILL) assert_ok(bench_try_begin(&t));
                else if (which != STEP_BEGIN) bench_ready(&t);
                int64_t before = version_of(&t);
                struct reaper reaper = {at, ways[way]};
                store_set_fault(t.as->store, reap, &reaper);
                err e = step(&t, which);
                store_set_fault(t.as->store, NULL, NULL);
                bench_restart(&t);
                check_whole(&t);
                int64_t after = version_of(&t);
                if (!FAILED(e)) assert_true(after > before);
                bool whole = !FAILED(e);
                if (FAILED(e) && after == before) {
                    if (which != STEP_BEGIN) assert_ok(application_find(t.as->store, 1, &t.a));
                    assert_ok(step(&t, which)); /* and it can be done again */
                    check_whole(&t);
                }
                crashes += FAILED(e);
                rig_close(t.rig);
                if (whole) break;
            }
        }
    }
    assert_true(crashes > 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_this_one),
        cmocka_unit_test(everything_has_its_words),
        cmocka_unit_test(a_form_sent_twice_is_one),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(the_rules_decide_and_are_kept),
        cmocka_unit_test(an_offer_is_for_what_was_said),
        cmocka_unit_test(a_person_on_the_list_can_appeal_once),
        cmocka_unit_test(one_person_has_two_micro_merchants),
        cmocka_unit_test(numbers_are_sealed),
        cmocka_unit_test(a_code_has_few_tries),
        cmocka_unit_test(a_draft_ends_and_is_erased),
        cmocka_unit_test(files_are_kept_as_long_as_the_table_says),
        cmocka_unit_test(the_clock_of_the_review),
        cmocka_unit_test(the_applicant_hears_of_each_state),
        cmocka_unit_test(a_crash_leaves_old_or_new),
    };
    return cmocka_run_group_tests_name("applications_life", tests, NULL, NULL);
}
