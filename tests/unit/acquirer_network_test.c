/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a network has paid for a day: booked once, after its file was compared; fees come off what
 * it owes as they were agreed, what differs stays there and is a work item; with its record, and
 * the same after a kill at every store call. S66 S111
 */
#include "journal/close.h"
#include "ledger/figures.h"
#include "lib/wire/acquirer_work.h"
#include "tests/unit/acquirer_money_rig.h"

#define DIGEST "21a2300250575ae167beea03d697e307699a1be491bab9415d2527e4f4e2d116"
#define OTHER  "31a2300250575ae167beea03d697e307699a1be491bab9415d2527e4f4e2d116"

enum { DAY = 20454 };

static struct rig rig;

static int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

static err tell(const struct writer *w, struct money_answer *ret)
{
    struct acquirer_header header;
    TRY(acquirer_on_control(rig.a, 5, writer_view(w)));
    TRY(rig_settle_err(&rig));
    assert_int_equal(rig.to_control.count, 1);
    const struct rig_item *item = &rig.to_control.item[0];
    rig.to_control.count = 0;
    assert_ok(
        acquirer_read_answer(bytes_of(item->at, item->len), &header, &ret->status, &ret->said));
    assert_ok(bytes_to_text(ret->said.detail, ret->detail, sizeof ret->detail));
    return OK;
}

static err reconciled(int32_t day, struct money_answer *ret)
{
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    const struct acquirer_reconciled d = {.actor = BYTES("wang"),
                                          .digest = BYTES(DIGEST),
                                          .network = PAYMENT_ROUTE_CARD_NETWORK,
                                          .day = day,
                                          .rows = 1,
                                          .matched = 1};
    acquirer_write_reconciled(&w, 1, &d);
    return tell(&w, ret);
}

static err settled(const struct acquirer_settled *d, struct money_answer *ret)
{
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    acquirer_write_settled(&w, 1, d);
    return tell(&w, ret);
}

/* A day on which 12,800 fen were taken, and 60 of fees agreed and kept. */
static struct acquirer_settled one_day(void)
{
    return (struct acquirer_settled){.actor = BYTES("wang"),
                                     .digest = BYTES(DIGEST),
                                     .network = PAYMENT_ROUTE_CARD_NETWORK,
                                     .day = DAY,
                                     .turnover_minor = 12800,
                                     .gross_minor = 12800,
                                     .file_net_minor = 12740,
                                     .net_minor = 12740,
                                     .issuer_minor = 56,
                                     .network_minor = 4};
}

static int64_t count(const char *sql)
{
    struct store *store = NULL;
    int64_t n = 0;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(store_query_int(store, sql, &n));
    store_close(store);
    return n;
}

static int recorded(const char *event)
{
    struct store *store = NULL;
    struct rig_audit audit = {event, 0};
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(audit_read(store, 1, rig_audit_each, &audit));
    store_close(store);
    return audit.found;
}

/* From a sale to nothing owed in either direction. */
static void a_day_leaves_nothing_open(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct store *ledger = NULL;
    struct ledger_shares shares, none;
    struct money_answer answer;
    const struct store_options options = {.mode = STORE_MEMORY};
    money_sale(&rig, &t, 12800);
    money_fold(&rig);
    assert_ok(store_open("ledger", &options, NULL, &ledger));
    assert_ok(ledger_shares_of(ledger, 2, &shares)); /* the row of its approval */
    assert_err(ledger_shares_of(ledger, 1, &none), NOT_FOUND);
    store_close(ledger);
    assert_true(shares.issuer_minor > 0 && shares.network_minor > 0);
    assert_int_equal(money_on(ACCOUNT_NETWORK_RECEIVABLE), 12800);
    assert_int_equal(money_on(ACCOUNT_ISSUER_FEE), shares.issuer_minor);

    struct acquirer_settled d = one_day();
    d.issuer_minor = shares.issuer_minor;
    d.network_minor = shares.network_minor;
    d.net_minor = d.file_net_minor = 12800 - shares.issuer_minor - shares.network_minor;
    assert_ok(reconciled(DAY, &answer));
    assert_ok(settled(&d, &answer));
    assert_int_equal(answer.status, ACQUIRER_OK);
    assert_int_equal(answer.said.amount_minor, 12800);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_NETWORK_RECEIVABLE), 0);
    assert_int_equal(money_on(ACCOUNT_ISSUER_FEE), 0);
    assert_int_equal(money_on(ACCOUNT_NETWORK_FEE), 0);
    assert_int_equal(money_on(ACCOUNT_BANK), d.net_minor);
    assert_int_equal(money_on(ACCOUNT_NETWORK_COST), shares.issuer_minor + shares.network_minor);
    assert_int_equal(count("SELECT count(*) FROM work_item"), 0);
    assert_int_equal(recorded("network_settled"), 1);
}

static void it_is_refused_by_name(void **state)
{
    (void)state;
    struct acquirer_settled d = one_day();
    struct money_answer answer;
    assert_ok(settled(&d, &answer));
    assert_int_equal(answer.status, ACQUIRER_NOT_RECONCILED);
    assert_ok(reconciled(DAY, &answer));
    d.digest = BYTES(OTHER);
    assert_ok(settled(&d, &answer));
    assert_int_equal(answer.status, ACQUIRER_RECONCILED_BEFORE);
    assert_non_null(strstr(answer.detail, "21a23002"));
    d = one_day(), d.actor = (struct bytes){0};
    assert_ok(settled(&d, &answer));
    assert_int_equal(answer.status, ACQUIRER_INCOMPLETE);
    const struct acquirer_settled good = one_day();
    struct acquirer_settled bad[] = {good, good, good, good, good};
    bad[0].network = PAYMENT_ROUTES;
    bad[1].turnover_minor = 0;
    bad[2].gross_minor = 12801; /* more than all there is */
    bad[3].issuer_minor = -12799;
    bad[4].day = 0;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_ok(settled(&bad[i], &answer));
        assert_int_equal(answer.status, ACQUIRER_BAD_REQUEST);
    }
    assert_int_equal(count("SELECT count(*) FROM money_order"), 0);
    assert_ok(settled(&good, &answer));
    assert_int_equal(answer.status, ACQUIRER_OK);
    assert_int_equal(answer.said.number, 1);
    rig_restart(&rig);
    assert_ok(settled(&good, &answer));
    assert_int_equal(answer.status, ACQUIRER_OVER);
    assert_int_equal(answer.said.number, 1);
    assert_int_equal(count("SELECT count(*) FROM money_order"), 1);
}

/* 5 fen less than the file says have arrived: owed on, and somebody's to ask about. */
static void what_differs_stays_open(void **state)
{
    (void)state;
    struct acquirer_settled d = one_day();
    struct money_answer answer;
    d.net_minor -= 5;
    assert_ok(reconciled(DAY, &answer));
    assert_ok(settled(&d, &answer));
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_NETWORK_RECEIVABLE), 5 - 12800); /* nothing was sold here */
    assert_int_equal(money_on(ACCOUNT_BANK), 12735);
    assert_int_equal(count("SELECT count(*) FROM work_item WHERE kind = 13 AND day = 20454"
                           " AND host_minor = 12740 AND network_minor = 12735 AND rrn = ''"),
                     1);
}

/* On a day of refunds it is we who pay, and fees that come back; instalments are an order of their
 * own. */
static void a_day_of_refunds_goes_the_other_way(void **state)
{
    (void)state;
    struct acquirer_settled d = one_day();
    struct money_answer answer;
    d.gross_minor = -12800;
    d.file_net_minor = d.net_minor = -12640;
    d.issuer_minor = -56, d.network_minor = -4, d.instalment_minor = -100;
    assert_ok(reconciled(DAY, &answer));
    assert_ok(settled(&d, &answer));
    assert_int_equal(answer.status, ACQUIRER_OK);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_BANK), -12640);
    assert_int_equal(money_on(ACCOUNT_ISSUER_FEE), 56);
    assert_int_equal(money_on(ACCOUNT_NETWORK_FEE), 4);
    assert_int_equal(money_on(ACCOUNT_INSTALMENT_FEE), 100);
    assert_int_equal(money_on(ACCOUNT_NETWORK_RECEIVABLE), 12800);
    assert_int_equal(count("SELECT count(*) FROM money_order WHERE kind = 10"), 1);
    assert_int_equal(count("SELECT count(*) FROM money_order WHERE kind = 11"), 1);
    assert_int_equal(recorded("network_instalments"), 1);
}

/* The orders, their records and the work item are there together or not at all, and once. */
static void killed_at_every_call(void **state)
{
    (void)state;
    int kills = 0;
    for (int at = 0;; at++) {
        struct acquirer_settled d = one_day();
        struct money_answer answer;
        d.day = DAY + at;
        d.net_minor -= 1;
        d.instalment_minor = 7;
        assert_ok(reconciled(d.day, &answer));
        rig.left = at;
        err e = settled(&d, &answer);
        rig.left = -1;
        if (FAILED(e)) {
            kills++;
            rig_restart(&rig);
        }
        assert_ok(settled(&d, &answer)); /* whoever lost the answer asks again */
        assert_true(answer.status == ACQUIRER_OK || answer.status == ACQUIRER_OVER);
        assert_int_equal(count("SELECT count(*) FROM money_order"), 2 * (at + 1));
        assert_int_equal(count("SELECT count(*) FROM work_item"), at + 1);
        assert_int_equal(recorded("network_settled"), at + 1);
        if (!FAILED(e)) break;
    }
    assert_true(kills > 3);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_BANK), 12739 * (kills + 1));
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_day_leaves_nothing_open),
        WITH_RIG(it_is_refused_by_name),
        WITH_RIG(what_differs_stays_open),
        WITH_RIG(killed_at_every_call),
        WITH_RIG(a_day_of_refunds_goes_the_other_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
