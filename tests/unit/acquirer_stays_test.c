/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refunds and voids by code, which no wallet takes back: one that has no answer stays undecided
 * until its wallet says how it ended, and its terminal is told no more than is true. Nothing goes
 * back twice, and where the terminal's totals differ a work item says so. S87 S88 S94 S95
 */
#include "acquirer/limits.h"
#include "journal/close.h"
#include "ledger/fold.h"
#include "payment/kind.h"
#include "payment/settlement.h"
#include "tests/unit/acquirer_peers.h"

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

/* A sale by the customer's code, approved, as its terminal has it. */
static struct payment sold(struct rig_terminal *t, int64_t amount_minor)
{
    struct payment p = rig_sell(&rig, t, PAYMENT_CODE, amount_minor);
    struct iso8583_message m;
    rig_issuer(&rig, "00");
    rig_answer_to(&rig, t, &m);
    assert_ok(payment_apply_response(&m, 0x0210, &p));
    assert_string_equal(p.response_code, "00");
    rig_took(&rig.to_terminal);
    return p;
}

static struct payment back(struct rig_terminal *t, enum payment_type type,
                           const struct payment *original, int64_t amount_minor)
{
    struct payment p = rig_payment(t, PAYMENT_SHOWN, amount_minor); /* no code goes with it */
    p.type = type;
    p.original =
        (struct payment_original){.batch = original->key.batch, .stan = original->key.stan};
    memcpy(p.original.rrn, original->rrn, sizeof original->rrn);
    memcpy(p.original.auth_code, original->auth_code, sizeof original->auth_code);
    memcpy(p.original.date, original->local_date, sizeof original->local_date);
    return p;
}

static uint16_t answer_of(const struct payment *p)
{
    return (uint16_t)(payment_kind_of(p)->mti + 0x10);
}

/* 98 would say that nothing was given back, which nobody knows: 96 without a MAC says nothing. */
static void no_answer(struct rig_terminal *t, const struct payment *p)
{
    struct iso8583_message m;
    rig_answer_to(&rig, t, &m);
    assert_int_equal(m.mac_input, 0);
    rig_expect(&rig, t, answer_of(p), "96");
}

/* Asked of the wallet, which makes it or not, and says nothing: the terminal has no answer. */
static void unanswered(struct rig_terminal *t, const struct payment *p)
{
    rig_again(&rig, t, p);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    assert_int_equal(asked.type, p->type);
    rig_pass(&rig, ACQUIRER_WALLET_MS + 1000);
    no_answer(t, p);
    rig_expect_state(p, PAYMENT_PENDING, 1);
}

static void wanted_back(struct rig_terminal *t, const struct payment *p, const char *code)
{
    rig_reverse(&rig, t, p);
    rig_expect(&rig, t, 0x0410, code);
}

static size_t items_of(const struct payment *p, struct journal_item *ret)
{
    static struct journal_item items[64];
    struct store *store = NULL;
    size_t count = 0, found = 0;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(journal_item_read(store, 1, items, ARRAY_LEN(items), &count));
    store_close(store);
    for (size_t i = 0; i < count; i++)
        if (items[i].stan == p->key.stan) {
            *ret = items[i];
            found++;
        }
    return found;
}

static err add_owed(void *context, const struct account *account)
{
    int64_t *owed_minor = context;
    if (account->kind == ACCOUNT_NETWORK_RECEIVABLE)
        *owed_minor += account->debits_posted - account->credits_posted;
    return OK;
}

/* What the networks owe by the ledger, which is in balance and has no hold open. */
static int64_t receivable(void)
{
    int64_t owed_minor = 0;
    size_t rows = 1;
    struct ledger *ledger = NULL;
    struct ledger_trial trial;
    while (rows > 0) assert_ok(acquirer_fold(rig.a, 1024, &rows));
    assert_ok(ledger_open("ledger", STORE_MEMORY, NULL, &ledger));
    assert_ok(ledger_trial_balance(ledger, &trial));
    assert_true(trial.balanced && trial.transfers_agree);
    assert_int_equal(trial.open_holds, 0);
    assert_ok(ledger_accounts(ledger, add_owed, &owed_minor));
    ledger_close(ledger);
    return owed_minor;
}

static void one_item(const struct payment *p, enum journal_item_kind kind)
{
    struct journal_item item;
    assert_int_equal(items_of(p, &item), 1);
    assert_int_equal(item.kind, kind);
    assert_int_equal(item.terminal_minor, 0);
    assert_int_equal(item.host_minor, p->amount_minor);
    assert_int_equal(item.type, p->type);
    assert_int_equal(strlen(item.rrn), 12);
}

/* Nothing is asked of the wallet any more. */
static void at_rest(void)
{
    rig_pass(&rig, 2 * ACQUIRER_REVERSAL_MOST_MS);
    assert_int_equal(rig.to_route.count, 0);
    assert_true(acquirer_quiet(rig.a));
}

/* Made after all: the books say so, the terminal is let go, a person hears of it once. */
static void what_was_made_stays(void **state)
{
    (void)state;
    static const enum payment_type types[] = {PAYMENT_REFUND, PAYMENT_VOID};
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct payment sale = sold(&t, 10000);
        struct payment p = back(&t, types[i], &sale, 10000);
        int64_t before = receivable();
        unanswered(&t, &p);
        rig_again(&rig, &t, &p);
        no_answer(&t, &p); /* a repeat has no news */
        wanted_back(&t, &p, "22");
        rig_pass(&rig, 200);
        struct payment asked = rig_undo(&rig, "96"); /* no word about the refund */
        assert_int_equal(asked.type, types[i]);
        assert_string_equal(asked.original.rrn, sale.rrn);
        rig_expect_state(&p, PAYMENT_PENDING, 1);
        rig_pass(&rig, ACQUIRER_REVERSAL_FIRST_MS + 200);
        rig_undo(&rig, "22");
        rig_expect_state(&p, PAYMENT_APPROVED, 2);
        for (int again = 0; again < 3; again++) wanted_back(&t, &p, "12");
        rig_restart(&rig);
        assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
        wanted_back(&t, &p, "12");
        at_rest();
        rig_expect_state(&p, PAYMENT_APPROVED, 2);
        one_item(&p, JOURNAL_ITEM_KEPT);
        assert_int_equal(before - receivable(), 10000);
        struct payment twice = back(&t, PAYMENT_REFUND, &sale, 1);
        rig_again(&rig, &t, &twice);
        rig_expect(&rig, &t, 0x0230, types[i] == PAYMENT_VOID ? "B1" : "B2");
        assert_int_equal(rig.to_route.count, 0);
    }
}

/* Not made, and never will be: the terminal hears that, and may do it again. */
static void what_was_not_made_is_free_again(void **state)
{
    (void)state;
    static const char *const codes[] = {"25", "00", "12"};
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct payment sale = sold(&t, 10000);
        struct payment p = back(&t, PAYMENT_REFUND, &sale, 10000);
        struct journal_item item;
        int64_t before = receivable();
        unanswered(&t, &p);
        struct payment early = back(&t, PAYMENT_REFUND, &sale, 1);
        rig_again(&rig, &t, &early); /* while nobody knows, it counts as given back */
        rig_expect(&rig, &t, 0x0230, "B2");
        rig_pass(&rig, 200);
        rig_undo(&rig, codes[i]);
        rig_expect_state(&p, PAYMENT_DECLINED, 2);
        wanted_back(&t, &p, "00");
        wanted_back(&t, &p, "00");
        rig_expect_state(&p, PAYMENT_REVERSED, 3);
        at_rest();
        assert_int_equal(items_of(&p, &item), 0);
        assert_int_equal(before, receivable());
        p = back(&t, PAYMENT_REFUND, &sale, 10000);
        rig_again(&rig, &t, &p);
        rig_issuer(&rig, "00");
        rig_expect(&rig, &t, 0x0230, "00");
        assert_int_equal(before - receivable(), 10000);
    }
}

/* The answer is lost between host and terminal: nobody asks the wallet for the money. */
static void an_approved_one_is_not_taken_back(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = sold(&t, 10000);
    struct payment p = back(&t, PAYMENT_REFUND, &sale, 4000);
    rig_again(&rig, &t, &p);
    rig_issuer(&rig, "00");
    rig_took(&rig.to_terminal);
    wanted_back(&t, &p, "12");
    wanted_back(&t, &p, "12");
    at_rest();
    rig_expect_state(&p, PAYMENT_APPROVED, 2);
    one_item(&p, JOURNAL_ITEM_KEPT);
    assert_int_equal(receivable(), 6000);
}

/* The terminal gives up first: its request is not waited for any more, and a late answer to it
 * changes nothing; the question does. */
static void its_terminal_gives_up_first(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = sold(&t, 10000);
    struct payment p = back(&t, PAYMENT_REFUND, &sale, 4000);
    rig_again(&rig, &t, &p);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    wanted_back(&t, &p, "22");
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
    assert_int_equal(rig.to_terminal.count, 0);
    rig_expect_state(&p, PAYMENT_PENDING, 1);
    rig_pass(&rig, 200);
    rig_undo(&rig, "22");
    wanted_back(&t, &p, "12");
    one_item(&p, JOURNAL_ITEM_KEPT);
    at_rest();
}

static void settles(struct rig_terminal *t, int64_t minor)
{
    struct payment_settlement s = {.mid = RIG_MID, .operator_id = "01", .batch = t->batch}, answer;
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    memcpy(s.tid, t->tid, 9);
    s.stan = ++t->stan;
    s.totals.side[PAYMENT_SIDE_DEBIT] = (struct payment_sum){1, minor};
    assert_ok(payment_settle_request(t->profile, &s, &arena, &m));
    rig_send(&rig, t, rig_frame(&rig, t, &m, false, out));
    rig_answer_to(&rig, t, &m);
    assert_ok(payment_settlement_parse(t->profile, &m, &answer));
    assert_string_equal(answer.response_code, "00");
    assert_int_equal(answer.flag, 1); /* equal */
    rig_took(&rig.to_terminal);
}

/* The wallet is down for hours: the shop sells and settles, and the answer is named when it comes.
 */
static void a_silent_wallet_stops_no_shop(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = sold(&t, 10000);
    struct payment p = back(&t, PAYMENT_REFUND, &sale, 4000);
    unanswered(&t, &p);
    wanted_back(&t, &p, "22");
    assert_ok(acquirer_on_route_state(rig.a, PAYMENT_ROUTE_WALLET, false));
    rig_pass(&rig, ACQUIRER_STAYS_MS - ACQUIRER_WALLET_MS - 2000);
    wanted_back(&t, &p, "22");
    rig_pass(&rig, 2000);
    wanted_back(&t, &p, "12"); /* let go: what is known of it then is the wallet's to say */
    struct journal_item item;
    assert_int_equal(items_of(&p, &item), 0);
    settles(&t, 10000);
    rig.to_route.count = 0; /* what had left before the link went down */
    rig_restart(&rig);
    rig_pass(&rig, 200);
    rig_undo(&rig, "22");
    rig_expect_state(&p, PAYMENT_APPROVED, 2);
    one_item(&p, JOURNAL_ITEM_LATE);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    wanted_back(&t, &p, "12");
    one_item(&p, JOURNAL_ITEM_LATE); /* it is named already */
    assert_int_equal(receivable(), 6000);
    at_rest();
}

/* One refund with the host killed at store call `at`; says whether the wallet made it. */
static err refund_until(struct rig_terminal *t, const struct payment *p, int at, bool *ret_made)
{
    uint8_t out[RIG_FRAME], answer[RIG_FRAME];
    rig.left = at;
    TRY(acquirer_on_terminal(rig.a, t->session, rig_sale_frame(&rig, t, p, RIG_PAN, out)));
    TRY(rig_settle_err(&rig));
    (void)rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    *ret_made = true;
    TRY(rig_pass_err(&rig, ACQUIRER_WALLET_MS + 1000));
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REVERSAL);
    TRY(acquirer_on_route(rig.a, asked.route,
                          rig_answer_frame(&rig, PAYMENT_NETWORK_REVERSAL, &asked, "22", answer)));
    return rig_settle_err(&rig);
}

/* S88, F-12: the host is killed at every call of its store; afterwards journal, wallet and ledger
 * agree, the terminal has a last word, and exactly what it does not have is a work item. */
static void the_host_dies_at_every_call(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    bool crashed = true;
    int cuts = 0;
    int64_t stands = 0;
    for (int at = 0; crashed; at++) {
        bool made = false;
        size_t rows;
        struct journal_item item;
        struct payment sale = sold(&t, 1000 + at);
        struct payment p = back(&t, PAYMENT_REFUND, &sale, 1000 + at);
        crashed = FAILED(refund_until(&t, &p, at, &made));
        rig_restart(&rig);
        assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
        rig_pass(&rig, 200);
        while (rig.to_route.count > 0) rig_undo(&rig, made ? "22" : "25");
        enum payment_state ended = rig_state(&p.key, &rows);
        assert_int_equal(ended == PAYMENT_APPROVED, made);
        rig_reverse(&rig, &t, &p);
        rig_expect(&rig, &t, 0x0410, made ? "12" : ended == PAYMENT_NONE ? "25" : "00");
        assert_int_equal(items_of(&p, &item), made ? 1 : 0);
        if (!made) stands += sale.amount_minor;
        cuts += crashed;
    }
    print_message("%d cuts\n", cuts);
    assert_true(cuts > 5);
    assert_int_equal(receivable(), stands);
    at_rest();
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_RIG(what_was_made_stays),
        WITH_RIG(what_was_not_made_is_free_again),
        WITH_RIG(an_approved_one_is_not_taken_back),
        WITH_RIG(its_terminal_gives_up_first),
        WITH_RIG(a_silent_wallet_stops_no_shop),
        WITH_RIG(the_host_dies_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
