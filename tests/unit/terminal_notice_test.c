/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S98: a hold is completed by notice: taken at once with or without a line, up to 115.00 % and for
 * 30 days, told until the host has heard it over log-out, restart, sign-in and a power cut at every
 * call to the store; the batch waits for it; it is voided by its voucher. S88 S99
 */
#include "tests/unit/terminal_fuse.h"
#include "tests/unit/terminal_rig.h"

#define AUTH "digit:1 digit:2 digit:3 digit:4 digit:5 digit:6 ok"
#define DAY  "digit:0 digit:4 digit:2 digit:5 ok"

static err with_card(struct rig *rig)
{
    rig_card(rig, VAULT_CARD_READ, false);
    return rig_advance(rig, 300);
}

/* A hold of 100.00; at the menu of holds. */
static struct rig *held(void)
{
    struct rig *rig = rig_ready();
    memcpy(rig->auth_code, "123456", 7);
    GOOD(rig_keys(rig, "choice:preauth choice:hold digit:1 digit:0 digit:0 ok"));
    GOOD(with_card(rig));
    AT(rig, "sale.approved");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "preauth.menu");
    return rig;
}

static void cut(struct rig *rig)
{
    rig->reachable = rig->online = false;
    GOOD(rig_pump(rig));
}

static void mend(struct rig *rig)
{
    rig->reachable = true;
    GOOD(rig_advance(rig, 62000));
}

static err notice(struct rig *rig, const char *amount)
{
    TRY(rig_keys(rig, "choice:notice " AUTH));
    TRY(rig_keys(rig, DAY));
    return rig_keys(rig, amount);
}

static struct payment stored(struct rig *rig, int64_t number)
{
    struct payment p;
    GOOD(records_get(&rig->terminal->records, number, &p));
    return p;
}

static void home(struct rig *rig)
{
    for (int i = 0; i < 6 && strcmp(rig_id(rig), "main.menu") != 0; i++)
        GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
}

static void taken_at_once_and_told(void **state)
{
    (void)state;
    for (int online = 0; online < 2; online++) {
        struct rig *rig = held();
        int sales = rig->sales_seen, printed = rig->printed;
        if (!online) cut(rig);
        GOOD(notice(rig, "digit:1 digit:1 digit:5 point digit:0 digit:1 ok"));
        AT(rig, "preauth.amount");
        assert_non_null(strstr(rig_line(rig, "HOLD_OVER"), "115.00"));
        assert_int_equal(rig_count_rows(rig), 1);
        GOOD(rig_keys(rig, "clear digit:1 digit:1 digit:5 ok"));
        AT(rig, "sale.offline");
        assert_int_equal(rig->printed, printed + 2);
        assert_non_null(strstr(rig->printed_all, "AGREED AT PRE-AUTHORISATION"));
        assert_non_null(strstr(rig->printed_all, "115.00"));
        assert_string_equal(rig->spoken_text, "收款到账 115 元");
        assert_int_equal(rig->terminal->records.batch_minor, 11500);
        if (!online) {
            assert_int_equal(stored(rig, 2).state, PAYMENT_OFFLINE);
            assert_non_null(rig_line(rig, "OFFLINE_LATER"));
            assert_null(rig_line(rig, "OFFLINE_LIABILITY")); /* the issuer has promised it */
            rig->reachable = true;
        }
        GOOD(rig_advance(rig, 20000)); /* while it is still on the screen */
        AT(rig, "sale.offline");
        assert_non_null(rig_line(rig, "OFFLINE_DELIVERED"));
        assert_int_equal(stored(rig, 2).state, PAYMENT_APPROVED);
        assert_int_equal(rig->offline.heard, 1);
        assert_int_equal(rig->last_type, PAYMENT_COMPLETION_ADVICE);
        assert_string_equal(rig->last_original.auth_code, "123456");
        assert_string_equal(rig->last_original.date, "0425");
        assert_int_equal(rig->sales_seen, sales); /* nobody was asked */
        assert_int_equal(rig->terminal->records.batch_minor, 11500);
        GOOD(rig_key(rig, "ok"));
        rig_check_books(rig);
        rig_free(rig);
    }
}

/* What cannot be taken here is said before an amount is asked for, and the way on is named. */
static void refused_by_name(void **state)
{
    (void)state;
    struct rig *rig = held();
    GOOD(rig_keys(rig, "choice:notice digit:6 digit:5 digit:4 digit:3 digit:2 digit:1 ok " DAY));
    AT(rig, "preauth.code");
    assert_non_null(rig_line(rig, "HOLD_NOTICE_UNKNOWN"));
    GOOD(rig_key(rig, "cancel"));
    GOOD(notice(rig, "digit:5 digit:0 ok"));
    AT(rig, "sale.offline");
    GOOD(rig_key(rig, "choice:next"));
    GOOD(rig_keys(rig, AUTH));
    GOOD(rig_keys(rig, DAY));
    AT(rig, "preauth.code");
    assert_non_null(strstr(rig_line(rig, "HOLD_NOTICE_REFUSED"), "预授权已完成"));
    rig_free(rig);

    rig = held(); /* thirty days ago, and a second */
    GOOD(store_exec(rig->store,
                    "UPDATE payment SET created_ms = created_ms - 30 * 86400000 - 1000"));
    GOOD(notice(rig, ""));
    AT(rig, "preauth.code");
    assert_non_null(strstr(rig_line(rig, "HOLD_NOTICE_REFUSED"), "预授权已超过有效期"));
    rig_free(rig);
}

/* Deaf, mute, in trouble, over a log-out, a restart and another sign-in: told until it is heard. */
static void told_until_it_is_heard(void **state)
{
    (void)state;
    struct rig *rig = held();
    cut(rig);
    GOOD(notice(rig, "digit:8 digit:0 ok"));
    AT(rig, "sale.offline");
    home(rig);
    assert_non_null(rig_line(rig, "MAIN_OFFLINE"));
    rig->offline.deaf = true;
    mend(rig);
    rig->offline.deaf = false;
    memcpy(rig->offline.code, "91", 3);
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(rig->terminal->records.offline, 1);
    GOOD(rig_keys(rig, "choice:manage choice:settle")); /* no batch is closed without it */
    AT(rig, "need.delivered");
    home(rig);
    GOOD(rig_keys(rig, "choice:manage choice:shift choice:z")); /* and no shift */
    AT(rig, "advice.failed");
    home(rig);
    GOOD(rig_keys(rig, "cancel choice:log_out"));
    memset(rig->offline.code, 0, 3);
    rig->offline.mute = true;
    GOOD(rig_restart(rig));
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(rig->offline.heard, 1);
    assert_int_equal(rig->terminal->records.offline, 1);
    rig->offline.mute = false;
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(rig->terminal->records.offline, 0);
    assert_int_equal(rig->offline.heard, 1);
    assert_int_equal(stored(rig, 2).state, PAYMENT_APPROVED);
    rig_check_books(rig);
    rig_free(rig);
}

/* A sign-in has begun another batch: the one left behind is settled when its notice is told. */
static void a_batch_left_behind_waits_for_it(void **state)
{
    (void)state;
    struct rig *rig = held();
    rig->offline.deaf = true;
    GOOD(notice(rig, "digit:8 digit:0 ok"));
    home(rig);
    GOOD(rig_keys(rig, "choice:manage choice:sign_in"));
    home(rig);
    GOOD(rig_advance(rig, 20000));
    assert_int_equal(rig->terminal->records.offline, 1);
    assert_int_equal(rig->settling.seen, 0);
    GOOD(rig_key(rig, "choice:sale")); /* nor when a person asks for it */
    AT(rig, "need.settled");
    GOOD(rig_key(rig, "choice:settle"));
    assert_int_equal(rig->settling.seen, 0);
    home(rig);
    rig->offline.deaf = false;
    GOOD(rig_advance(rig, 400000));
    assert_int_equal(rig->terminal->records.offline, 0);
    assert_true(rig->settling.seen > 0);
    rig_free(rig);
}

/* The host refuses it for good: out of the books, a slip says why, and so does the main screen. */
static void the_host_refuses_it(void **state)
{
    (void)state;
    struct rig *rig = held();
    cut(rig);
    GOOD(notice(rig, "digit:8 digit:0 ok"));
    home(rig);
    int printed = rig->printed;
    memcpy(rig->offline.code, "B6", 3);
    mend(rig);
    assert_int_equal(rig->terminal->records.offline, 0);
    assert_int_equal(stored(rig, 2).state, PAYMENT_DECLINED);
    assert_int_equal(rig->terminal->records.batch_minor, 0);
    assert_int_equal(rig->printed, printed + 1);
    assert_non_null(strstr(rig->printed_all, "NOT PAID"));
    AT(rig, "main.menu");
    assert_non_null(strstr(rig_line(rig, "MAIN_NOTICE_REFUSED"), "80.00"));
    memset(rig->offline.code, 0, 3);
    GOOD(rig_keys(rig, "choice:preauth"));
    GOOD(notice(rig, "digit:5 digit:0 ok")); /* of this hold nothing is taken as we know it */
    AT(rig, "sale.offline");
    rig_free(rig);
}

/* S99: by the voucher on its slip, which has no reference yet; the host hears of it first. */
static void voided_by_its_voucher(void **state)
{
    (void)state;
    struct rig *rig = held();
    char voucher[64];
    cut(rig);
    GOOD(notice(rig, "digit:8 digit:0 ok"));
    GOOD(rig_key(rig, "ok"));
    snprintf(voucher, sizeof voucher, "choice:undo digit:%06u ok", stored(rig, 2).key.stan);
    rig->offline.deaf = true;
    rig->reachable = true;
    GOOD(rig_advance(rig, 5000));
    GOOD(rig_keys(rig, voucher));
    AT(rig, "advice.wait");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "preauth.reference");
    GOOD(rig_key(rig, "cancel"));
    rig->offline.deaf = false;
    GOOD(rig_advance(rig, 62000));
    home(rig);
    GOOD(rig_key(rig, "choice:preauth"));
    GOOD(rig_keys(rig, voucher));
    AT(rig, "preauth.amount");
    GOOD(rig_keys(rig, "digit:8 digit:0 ok"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    GOOD(with_card(rig));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_COMPLETION_VOID);
    assert_string_equal(rig->last_original.rrn, "042512000345");
    assert_int_equal(rig->terminal->records.batch_minor, 0);
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_keys(rig, "choice:undo digit:9 digit:9 ok"));
    AT(rig, "preauth.reference");
    assert_non_null(rig_line(rig, "AFTER_NOT_FOUND"));
    rig_check_books(rig);
    rig_free(rig);
}

/* What follows the same hold waits until the host has heard. */
static void told_before_what_follows(void **state)
{
    (void)state;
    struct rig *rig = held();
    rig->offline.deaf = true;
    GOOD(notice(rig, "digit:8 digit:0 ok"));
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_keys(rig, "choice:cancel " AUTH));
    GOOD(rig_keys(rig, DAY));
    AT(rig, "advice.wait");
    rig->offline.deaf = false;
    GOOD(rig_advance(rig, 62000));
    for (int s = 0; s < 60 && strcmp(rig_id(rig), "preauth.amount") != 0; s++) {
        if (strcmp(rig_id(rig), "advice.failed") == 0) GOOD(rig_key(rig, "choice:retry"));
        GOOD(rig_advance(rig, 1000));
    }
    AT(rig, "preauth.amount");
    assert_int_equal(rig->terminal->records.offline, 0);
    rig_free(rig);
}

/* ---- the power goes at every call to the store ---- */

static err story(struct rig *rig)
{
    TRY(notice(rig, "digit:8 digit:0 ok"));
    rig->reachable = true;
    return rig_advance(rig, 62000);
}

static void the_power_goes(void **state)
{
    (void)state;
    int cuts = 0;
    for (int at = 0;; at++) {
        struct rig *rig = held();
        struct fuse fuse = {.left = at};
        int printed = rig->printed;
        cut(rig);
        rig->offline.mute = at % 2 == 1; /* heard, and its answer lost */
        rig_set_fault(rig, burn, &fuse);
        err e = story(rig);
        assert_int_equal(FAILED(e), fuse.blown);
        rig_set_fault(rig, NULL, NULL);
        rig->offline.mute = false;
        rig->reachable = true;
        bool told = rig->printed > printed;
        GOOD(rig_restart(rig));
        GOOD(rig_advance(rig, 120000));
        assert_int_equal(rig->terminal->records.offline, 0);
        assert_true(!told || rig->offline.heard == 1U);
        assert_int_equal(rig_count_rows(rig), 1 + (int64_t)rig->offline.heard);
        rig_check_books(rig);
        rig_free(rig);
        if (!fuse.blown) break;
        cuts++;
    }
    assert_true(cuts > 3);
    printf("%d power cuts\n", cuts);
}

/* What the main screen says of a slip in doubt, and the way on. */
static void print_the_doubted(struct rig *rig)
{
    int printed = rig->printed;
    AT(rig, "main.menu");
    assert_non_null(strstr(rig_line(rig, "MAIN_UNSURE_REFUSAL"), "80.00"));
    GOOD(rig_key(rig, "choice:refusal"));
    AT(rig, "main.menu");
    assert_null(rig_line(rig, "MAIN_UNSURE_REFUSAL"));
    assert_int_equal(rig->printed, printed + 1);
    assert_true(rig->printed_reprint);
    assert_non_null(strstr(rig->printed_all, "NOT PAID"));
    assert_non_null(strstr(rig->printed_all, "DUPLICATE"));
}

/* The slip that takes the first one back comes out once by itself, or is said to be in doubt. */
static void the_power_goes_before_its_slip(void **state)
{
    (void)state;
    int cuts = 0, doubted = 0, unprinted = 0;
    for (int at = 0;; at++) {
        struct rig *rig = held();
        struct fuse fuse = {.left = at};
        cut(rig);
        GOOD(notice(rig, "digit:8 digit:0 ok"));
        home(rig);
        int printed = rig->printed;
        memcpy(rig->offline.code, "B6", 3);
        rig->reachable = true;
        rig_set_fault(rig, burn, &fuse);
        err e = rig_advance(rig, 62000);
        assert_int_equal(FAILED(e), fuse.blown);
        rig_set_fault(rig, NULL, NULL);
        rig_off(rig);
        GOOD(rig_boot(rig)); /* and again, before it has looked at everything */
        unprinted += rig->printed == printed && stored(rig, 2).state == PAYMENT_DECLINED;
        GOOD(rig_restart(rig));
        GOOD(rig_advance(rig, 120000));
        assert_int_equal(stored(rig, 2).state, PAYMENT_DECLINED);
        if (rig->terminal->records.doubted.number == 0) {
            assert_int_equal(rig->printed, printed + 1);
            assert_non_null(strstr(rig->printed_all, "NOT PAID"));
            assert_null(strstr(rig->printed_all, "DUPLICATE"));
        } else {
            assert_true(rig->printed <= printed + 1);
            print_the_doubted(rig);
            doubted++;
        }
        printed = rig->printed;
        GOOD(rig_restart(rig));
        GOOD(rig_advance(rig, 62000));
        assert_int_equal(rig->printed, printed);
        assert_int_equal(rig->terminal->records.batch_minor, 0);
        rig_check_books(rig);
        rig_free(rig);
        if (!fuse.blown) break;
        cuts++;
    }
    assert_true(cuts > 6 && doubted > 0 && unprinted > 0);
    printf("%d power cuts, %d slips in doubt\n", cuts, doubted);
}

/* It waits for paper when the power goes: as if it had been begun. */
static void its_slip_waits_for_paper(void **state)
{
    (void)state;
    struct rig *rig = held();
    rig_printer_tells(rig);
    cut(rig);
    GOOD(notice(rig, "digit:8 digit:0 ok"));
    home(rig);
    memcpy(rig->offline.code, "B6", 3);
    mend(rig);
    assert_null(rig_line(rig, "MAIN_UNSURE_REFUSAL")); /* the printer has it */
    int printed = rig->printed;
    GOOD(rig_restart(rig));
    assert_int_equal(rig->printed, printed);
    print_the_doubted(rig);
    GOOD(terminal_on_printed_slip(rig->terminal, 2));
    GOOD(rig_restart(rig));
    assert_null(rig_line(rig, "MAIN_UNSURE_REFUSAL"));
    rig_free(rig);
}

/* Paper has run out under that slip: said until it is printed, over a restart, too. */
static void paper_runs_out_under_its_slip(void **state)
{
    (void)state;
    struct rig *rig = held();
    cut(rig);
    GOOD(notice(rig, "digit:8 digit:0 ok"));
    home(rig);
    memcpy(rig->offline.code, "B6", 3);
    mend(rig);
    int printed = rig->printed;
    GOOD(terminal_on_unsure_slip(rig->terminal, 2));
    assert_non_null(rig_line(rig, "MAIN_UNSURE_REFUSAL"));
    GOOD(rig_restart(rig));
    assert_int_equal(rig->printed, printed);
    print_the_doubted(rig);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken_at_once_and_told),
        cmocka_unit_test(refused_by_name),
        cmocka_unit_test(told_until_it_is_heard),
        cmocka_unit_test(a_batch_left_behind_waits_for_it),
        cmocka_unit_test(the_host_refuses_it),
        cmocka_unit_test(voided_by_its_voucher),
        cmocka_unit_test(told_before_what_follows),
        cmocka_unit_test(the_power_goes),
        cmocka_unit_test(the_power_goes_before_its_slip),
        cmocka_unit_test(its_slip_waits_for_paper),
        cmocka_unit_test(paper_runs_out_under_its_slip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
