/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work items over the control socket: given to somebody, noted, closed once with a reason; what a
 * network's file differs in becomes an item once, however often it is told; a day is reconciled
 * once; each leaves its record; and a host that is killed at every store call of it. S111
 */
#include "journal/close.h"
#include "journal/reconcile.h"
#include "journal/work.h"
#include "lib/wire/acquirer_work.h"
#include "tests/unit/acquirer_money_rig.h"

#define DIGEST "21a2300250575ae167beea03d697e307699a1be491bab9415d2527e4f4e2d116"

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

static err differ(const struct acquirer_difference *d, struct money_answer *ret)
{
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    acquirer_write_difference(&w, 7, d);
    return tell(&w, ret);
}

static struct acquirer_difference difference(const char *rrn)
{
    return (struct acquirer_difference){.actor = BYTES("admin"),
                                        .rrn = bytes_text(rrn),
                                        .kind = JOURNAL_ITEM_NETWORK_AMOUNT,
                                        .network = PAYMENT_ROUTE_CARD_NETWORK,
                                        .type = PAYMENT_SALE,
                                        .day = 20454,
                                        .host_minor = 500,
                                        .network_minor = 501};
}

static size_t items(struct journal_item *rows, size_t max)
{
    struct store *store = NULL;
    size_t count = 0;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(journal_item_read(store, 1, rows, max, &count));
    store_close(store);
    return count;
}

static struct work_state state_of(int64_t item)
{
    struct store *store = NULL;
    struct work_state at;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(journal_work_state(store, item, &at));
    store_close(store);
    return at;
}

/* Records of the chain in journal.db. */
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

static void a_difference_is_an_item_once(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 500);
    struct payment asked = rig_issuer(&rig, "00");
    struct acquirer_difference d = difference(asked.rrn);
    struct journal_item rows[4];
    struct money_answer answer;
    for (int i = 0; i < 3; i++) {
        assert_ok(differ(&d, &answer));
        assert_int_equal(answer.status, ACQUIRER_OK);
    }
    assert_int_equal(items(rows, 4), 1);
    assert_int_equal(rows[0].stan, sale.key.stan); /* what we know of it is filled in */
    assert_string_equal(rows[0].mid, RIG_MID);
    assert_string_equal(rows[0].tid, RIG_TID);
    assert_int_equal(rows[0].host_minor, 500);
    assert_int_equal(rows[0].network_minor, 501);
    d = difference("999900000001");
    d.kind = JOURNAL_ITEM_HOST_LACKS;
    assert_ok(differ(&d, &answer));
    assert_int_equal(items(rows, 4), 2);
    assert_string_equal(rows[1].tid, "");
    assert_string_equal(rows[1].rrn, "999900000001");
    d.kind = JOURNAL_ITEM_LATE; /* no file brings that */
    assert_ok(differ(&d, &answer));
    assert_int_equal(answer.status, ACQUIRER_BAD_REQUEST);
    d = difference("99990000001");
    assert_ok(differ(&d, &answer));
    assert_int_equal(answer.status, ACQUIRER_BAD_REQUEST);
    d = difference("999900000001");
    d.network = PAYMENT_ROUTES;
    assert_ok(differ(&d, &answer));
    assert_int_equal(answer.status, ACQUIRER_BAD_REQUEST);
    assert_int_equal(items(rows, 4), 2);
}

static void an_item_is_worked_on_and_closed_once(void **state)
{
    (void)state;
    struct acquirer_difference d = difference("999900000001");
    struct acquirer_request r = {.actor = BYTES("wang"),
                                 .original = 1,
                                 .reference = BYTES("li"),
                                 .reason = BYTES("the network has sent a correction")};
    struct money_answer answer;
    assert_int_equal(money(&rig, ACQUIRER_ITEM_ASSIGN, &r).status, ACQUIRER_UNKNOWN);
    assert_ok(differ(&d, &answer));
    assert_int_equal(money(&rig, ACQUIRER_ITEM_ASSIGN, &r).status, ACQUIRER_OK);
    assert_int_equal(money(&rig, ACQUIRER_ITEM_NOTE, &r).status, ACQUIRER_OK);
    assert_string_equal(state_of(1).assignee, "li");
    struct acquirer_request bad = r;
    bad.reason = (struct bytes){0};
    answer = money(&rig, ACQUIRER_ITEM_CLOSE, &bad);
    assert_int_equal(answer.status, ACQUIRER_INCOMPLETE);
    assert_non_null(strstr(answer.detail, "reason"));
    bad = r;
    bad.actor = (struct bytes){0};
    assert_int_equal(money(&rig, ACQUIRER_ITEM_CLOSE, &bad).status, ACQUIRER_INCOMPLETE);
    assert_false(state_of(1).closed);
    assert_int_equal(money(&rig, ACQUIRER_ITEM_CLOSE, &r).status, ACQUIRER_OK);
    rig_restart(&rig);
    assert_true(state_of(1).closed);
    answer = money(&rig, ACQUIRER_ITEM_CLOSE, &r);
    assert_int_equal(answer.status, ACQUIRER_OVER);
    assert_non_null(strstr(answer.detail, "correction"));
    assert_int_equal(money(&rig, ACQUIRER_ITEM_NOTE, &r).status, ACQUIRER_OVER);
    assert_int_equal(recorded("assign"), 1);
    assert_int_equal(recorded("note"), 1);
    assert_int_equal(recorded("close"), 1);
}

static void a_day_is_reconciled_once(void **state)
{
    (void)state;
    const struct acquirer_reconciled d = {.actor = BYTES("admin"),
                                          .digest = BYTES(DIGEST),
                                          .network = PAYMENT_ROUTE_WALLET,
                                          .day = 20454,
                                          .rows = 3,
                                          .matched = 2,
                                          .differences = 1};
    for (int i = 0; i < 2; i++) {
        uint8_t block[ACQUIRER_FRAME_MAX];
        struct writer w = writer_over(block, sizeof block);
        struct money_answer answer;
        acquirer_write_reconciled(&w, 1, &d);
        assert_ok(tell(&w, &answer));
        assert_int_equal(answer.status, i == 0 ? ACQUIRER_OK : ACQUIRER_RECONCILED_BEFORE);
        if (i == 1) assert_non_null(strstr(answer.detail, "21a23002"));
    }
    assert_int_equal(recorded("reconciled"), 1);
}

/* Killed at each store call of a difference and of a close: what was answered is there, what is
 * told again is there once. */
static void killed_at_every_call(void **state)
{
    (void)state;
    int kills = 0;
    for (int at = 0;; at++) {
        struct journal_item rows[64];
        struct money_answer answer;
        char rrn[13];
        snprintf(rrn, sizeof rrn, "9999%08u", (unsigned)at % 100000000u);
        const struct acquirer_difference d = difference(rrn);
        struct acquirer_request r = {.actor = BYTES("wang"), .reason = BYTES("ours")};
        rig.left = at;
        err e = differ(&d, &answer);
        r.original = at + 1;
        struct money_answer closed = {.status = ACQUIRER_BAD_REQUEST};
        if (!FAILED(e)) e = money_ask(&rig, ACQUIRER_ITEM_CLOSE, &r, &closed);
        rig.left = -1;
        if (FAILED(e)) {
            kills++;
            rig_restart(&rig);
        }
        assert_ok(differ(&d, &answer)); /* whoever lost the answer asks again */
        size_t count = items(rows, 64);
        assert_int_equal(count, at + 1);
        assert_string_equal(rows[count - 1].rrn, rrn);
        r.original = (int64_t)count;
        closed = money(&rig, ACQUIRER_ITEM_CLOSE, &r);
        assert_true(closed.status == ACQUIRER_OK || closed.status == ACQUIRER_OVER);
        assert_true(state_of((int64_t)count).closed);
        if (!FAILED(e)) break;
    }
    assert_true(kills > 3);
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_difference_is_an_item_once),
        WITH_RIG(an_item_is_worked_on_and_closed_once),
        WITH_RIG(a_day_is_reconciled_once),
        WITH_RIG(killed_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
