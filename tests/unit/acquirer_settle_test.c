/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch at the host: closed once when totals are equal, compared payment by payment when they are
 * not, whatever is repeated, late or interrupted. Capabilities: S52 S104 S111.
 */
#include "tests/unit/acquirer_peers.h"

#include "journal/close.h"
#include "payment/settlement.h"

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

/* ---- what a terminal says ---- */

static struct payment_settlement of(struct rig_terminal *t)
{
    struct payment_settlement s = {.mid = RIG_MID, .operator_id = "01", .batch = t->batch};
    memcpy(s.tid, t->tid, 9);
    s.stan = ++t->stan;
    return s;
}

static void send(struct rig_terminal *t, const struct payment_settlement *s, bool totals)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    if (totals) assert_ok(payment_settle_request(t->profile, s, &arena, &m));
    else assert_ok(payment_upload_request(t->profile, s, &arena, &m));
    assert_ok(acquirer_on_terminal(rig.a, t->session, rig_frame(&rig, t, &m, false, out)));
}

static void answered(struct rig_terminal *t, uint16_t mti, const char *code, unsigned flag)
{
    struct iso8583_message m;
    struct payment_settlement answer;
    rig_settle(&rig);
    rig_answer_to(&rig, t, &m);
    assert_int_equal(m.mti, mti);
    assert_ok(payment_settlement_parse(t->profile, &m, &answer));
    assert_string_equal(answer.response_code, code);
    if (mti == 0x0510) assert_int_equal(answer.flag, flag);
    rig_took(&rig.to_terminal);
}

static void settle(struct rig_terminal *t, int64_t count, int64_t minor, const char *code,
                   unsigned flag)
{
    struct payment_settlement s = of(t);
    s.totals.side[PAYMENT_SIDE_DEBIT] = (struct payment_sum){count, minor};
    send(t, &s, true);
    answered(t, 0x0510, code, flag);
}

static void upload(struct rig_terminal *t, uint32_t stan, int64_t minor)
{
    struct payment_settlement s = of(t);
    s.rows = 1;
    s.row[0] = (struct payment_upload_row){PAYMENT_SALE, stan, "6222027890", minor};
    send(t, &s, false);
    answered(t, 0x0330, "00", 0);
}

static void end(struct rig_terminal *t, uint32_t rows, const char *code)
{
    struct payment_settlement s = of(t);
    s.end = true;
    s.rows = rows;
    send(t, &s, false);
    answered(t, 0x0330, code, 0);
}

static struct payment sell(struct rig_terminal *t, int64_t minor, const char *code)
{
    struct payment p = rig_sell(&rig, t, PAYMENT_CARD, minor);
    rig_issuer(&rig, code);
    rig_expect(&rig, t, 0x0210, code);
    return p;
}

/* ---- what is on disk ---- */

static struct journal_close closes[16];
static struct journal_item items[64];

static size_t read_closes(void)
{
    struct store *store = NULL;
    size_t count = 0;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(journal_close_read(store, 1, closes, ARRAY_LEN(closes), &count));
    store_close(store);
    return count;
}

static size_t read_items(void)
{
    struct store *store = NULL;
    size_t count = 0;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(journal_item_read(store, 1, items, ARRAY_LEN(items), &count));
    store_close(store);
    return count;
}

/* ---- equal ---- */

static void equal_totals_close_the_batch(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    uint32_t batch = t.batch;
    sell(&t, 12800, "00");
    sell(&t, 5000, "51"); /* declined: counts nowhere */
    sell(&t, 2550, "00");
    settle(&t, 2, 15350, "00", PAYMENT_SETTLE_EQUAL);
    assert_int_equal(read_closes(), 1);
    assert_int_equal(closes[0].how, JOURNAL_CLOSED_EQUAL);
    assert_int_equal(closes[0].batch, batch);
    assert_int_equal(closes[0].host.side[PAYMENT_SIDE_DEBIT].minor, 15350);
    assert_int_equal(closes[0].seq, acquirer_counts(rig.a).journal_seq);
    assert_int_equal(read_items(), 0);
    assert_int_equal(rig_audited("batch_closed"), 1);

    /* S52: nothing is paid in a closed batch; the next sign-in begins another. */
    uint8_t out[RIG_FRAME];
    struct payment late = rig_payment(&t, PAYMENT_CODE, 100);
    rig_send(&rig, &t, rig_sale_frame(&rig, &t, &late, "", out));
    rig_expect(&rig, &t, 0x0210, "77");
    rig_sign_in(&rig, &t);
    assert_int_equal(t.batch, batch + 1);
    sell(&t, 700, "00");
    settle(&t, 1, 700, "00", PAYMENT_SETTLE_EQUAL);
    assert_int_equal(read_closes(), 2);
}

/* The answer was lost: asked again, before and after a restart and in the next batch, it is the
 * same answer and no second closing. Other totals for it are refused. */
static void a_batch_is_closed_once(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    sell(&t, 12800, "00");
    for (int i = 0; i < 3; i++) settle(&t, 1, 12800, "00", PAYMENT_SETTLE_EQUAL);
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    settle(&t, 1, 12800, "00", PAYMENT_SETTLE_EQUAL);
    settle(&t, 1, 12801, "94", PAYMENT_SETTLE_ERROR);
    struct rig_terminal before = t;
    rig_sign_in(&rig, &t);
    assert_int_equal(t.batch, before.batch + 1);
    before.stan = t.stan;
    settle(&before, 1, 12800, "00", PAYMENT_SETTLE_EQUAL);
    assert_int_equal(read_closes(), 1);
    assert_int_equal(read_items(), 0);
}

/* What was turned back is in no total; what is not decided keeps the batch open. */
static void only_what_stands_counts(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    sell(&t, 12800, "00");
    struct payment p = sell(&t, 300, "00");
    rig_reverse(&rig, &t, &p);
    rig_expect(&rig, &t, 0x0410, "00");
    struct payment open = rig_sell(&rig, &t, PAYMENT_CARD, 900);
    settle(&t, 1, 12800, "96", PAYMENT_SETTLE_ERROR);
    assert_int_equal(read_closes(), 0);
    rig_reverse(&rig, &t, &open);
    rig_pass(&rig, 100);
    rig_expect(&rig, &t, 0x0410, "00");
    settle(&t, 1, 12800, "00", PAYMENT_SETTLE_EQUAL);
}

/* The totals are a fold of the journal: a start has them again. */
static void totals_survive_a_restart(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), other = rig_terminal(&rig, RIG_CUP);
    sell(&t, 12800, "00");
    sell(&other, 1, "00");
    struct payment p = sell(&t, 300, "00");
    rig_reverse(&rig, &t, &p);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    sell(&t, 200, "00");
    settle(&t, 2, 13000, "00", PAYMENT_SETTLE_EQUAL);
}

/* ---- different ---- */

static const struct journal_item *item(enum journal_item_kind kind, uint32_t stan)
{
    size_t count = read_items();
    for (size_t i = 0; i < count; i++)
        if (items[i].kind == kind && items[i].stan == stan) return &items[i];
    return NULL;
}

static void every_difference_is_a_work_item(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment same = sell(&t, 100, "00");
    struct payment unknown = sell(&t, 200, "00"); /* the terminal has lost it */
    struct payment other = sell(&t, 400, "00");   /* it has another amount for it */
    struct payment refused = sell(&t, 800, "51"); /* it takes it for approved */
    settle(&t, 4, 1399, "00", PAYMENT_SETTLE_DIFFERENT);
    assert_int_equal(read_closes(), 0);
    upload(&t, same.key.stan, 100);
    upload(&t, other.key.stan, 399);
    upload(&t, refused.key.stan, 800);
    upload(&t, refused.key.stan, 800); /* repeated */
    upload(&t, 900000, 100);           /* never heard of */
    end(&t, 3, "95");                  /* that is not what came */
    end(&t, 4, "00");
    end(&t, 4, "00");
    assert_int_equal(read_closes(), 1);
    assert_int_equal(closes[0].how, JOURNAL_CLOSED_UPLOAD);
    assert_int_equal(closes[0].items, 4);
    assert_int_equal(closes[0].terminal.side[PAYMENT_SIDE_DEBIT].minor, 1399);
    assert_int_equal(closes[0].host.side[PAYMENT_SIDE_DEBIT].minor, 700);
    assert_int_equal(read_items(), 4);
    assert_int_equal(item(JOURNAL_ITEM_HOST_ONLY, unknown.key.stan)->host_minor, 200);
    assert_int_equal(item(JOURNAL_ITEM_HOST_ONLY, unknown.key.stan)->terminal_minor, 0);
    assert_int_equal(strlen(item(JOURNAL_ITEM_HOST_ONLY, unknown.key.stan)->rrn), 12);
    assert_int_equal(item(JOURNAL_ITEM_OTHER, other.key.stan)->terminal_minor, 399);
    assert_int_equal(item(JOURNAL_ITEM_OTHER, other.key.stan)->host_minor, 400);
    assert_int_equal(item(JOURNAL_ITEM_TERMINAL_ONLY, refused.key.stan)->terminal_minor, 800);
    assert_int_equal(item(JOURNAL_ITEM_TERMINAL_ONLY, refused.key.stan)->host_minor, 0);
    assert_string_equal(item(JOURNAL_ITEM_TERMINAL_ONLY, 900000)->shown, "622202******7890");
    settle(&t, 4, 1399, "00", PAYMENT_SETTLE_DIFFERENT); /* once more: as it was */
    assert_int_equal(read_closes(), 1);
    rig_sign_in(&rig, &t);
    settle(&t, 0, 0, "00", PAYMENT_SETTLE_EQUAL);
}

/* Totals that lie about payments that are all the same are a work item, too. */
static void a_difference_is_always_explained(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = sell(&t, 100, "00");
    settle(&t, 2, 200, "00", PAYMENT_SETTLE_DIFFERENT);
    upload(&t, p.key.stan, 100);
    end(&t, 1, "00");
    assert_int_equal(read_items(), 1);
    assert_int_equal(items[0].kind, JOURNAL_ITEM_TOTALS);
    assert_int_equal(items[0].terminal_minor, 200);
    assert_int_equal(items[0].host_minor, 100);
}

/* Payments that memory has given up are found in the journal, or told by their sum. */
static void forgotten_payments_are_compared(void **state)
{
    (void)state;
    enum { MANY = 300 }; /* of a table of 256 */
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    uint32_t first = sell(&t, 10, "00").key.stan, second = sell(&t, 10, "00").key.stan;
    for (int i = 2; i < MANY; i++) sell(&t, 10, "00");
    settle(&t, 1, 10, "00", PAYMENT_SETTLE_DIFFERENT);
    upload(&t, second, 10); /* long given up, found in the journal */
    end(&t, 1, "00");
    assert_int_equal(read_closes(), 1);
    int64_t minor = 0;
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(store_query_int(store, "SELECT sum(host_minor) FROM work_item", &minor));
    store_close(store);
    assert_int_equal(minor, (MANY - 1) * 10);
    assert_null(item(JOURNAL_ITEM_TERMINAL_ONLY, second));
    assert_true(first < second);
}

/* A sale that the terminal could not reverse any more, because another has refunded it, is in its
 * totals no more and in ours still: it has its work item and gets no second one. */
static void what_is_known_is_told_once(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), other = rig_terminal(&rig, RIG_CUP);
    struct payment a = sell(&t, 100, "00");
    struct payment b = rig_sell(&rig, &t, PAYMENT_CARD, 300);
    struct payment asked = rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    struct payment refund = rig_payment(&other, PAYMENT_CARD, 200);
    refund.type = PAYMENT_REFUND;
    memcpy(refund.original.rrn, asked.rrn, sizeof asked.rrn);
    memcpy(refund.original.date, "0101", 5);
    rig_again(&rig, &other, &refund);
    rig_issuer(&rig, "00");
    rig_expect(&rig, &other, 0x0230, "00");
    rig_reverse(&rig, &t, &b);
    rig_expect(&rig, &t, 0x0410, "12");
    assert_int_equal(read_items(), 1);
    settle(&t, 1, 100, "00", PAYMENT_SETTLE_DIFFERENT);
    upload(&t, a.key.stan, 100);
    end(&t, 1, "00");
    assert_int_equal(read_closes(), 1);
    assert_int_equal(closes[0].items, 1);
    assert_int_equal(read_items(), 1);
    assert_int_equal(items[0].kind, JOURNAL_ITEM_KEPT);
    assert_int_equal(items[0].host_minor, 100);
}

static void an_upload_survives_a_restart(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment a = sell(&t, 100, "00"), b = sell(&t, 200, "00");
    settle(&t, 1, 100, "00", PAYMENT_SETTLE_DIFFERENT);
    upload(&t, a.key.stan, 100);
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    end(&t, 1, "00");
    assert_int_equal(read_closes(), 1);
    assert_int_equal(closes[0].terminal.side[PAYMENT_SIDE_DEBIT].minor, 100);
    assert_int_equal(read_items(), 1);
    assert_int_equal(items[0].stan, b.key.stan);
}

/* ---- out of turn ---- */

static void out_of_turn_is_refused(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    end(&t, 0, "12"); /* no totals before it */
    t.batch += 5;
    settle(&t, 0, 0, "77", PAYMENT_SETTLE_ERROR);
    t.batch -= 5;
    struct payment_settlement s = of(&t);
    memcpy(s.mid, "898310153110002", 16);
    send(&t, &s, true);
    answered(&t, 0x0510, "03", PAYMENT_SETTLE_ERROR);
    assert_int_equal(read_closes(), 0);
}

/* A terminal that has lost its place leaves a batch behind: for a person, with what is in it; and
 * it may still settle it, once, whatever changes meanwhile. */
static void a_batch_left_behind_is_a_work_item(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    uint32_t batch = t.batch;
    struct payment p = sell(&t, 100, "00"), q = sell(&t, 50, "00");
    t.batch += 7;
    rig_sign_in(&rig, &t);
    assert_int_equal(t.batch, batch + 1);
    assert_int_equal(read_closes(), 0);
    assert_int_equal(read_items(), 1);
    assert_int_equal(items[0].kind, JOURNAL_ITEM_LEFT);
    assert_int_equal(items[0].host_minor, 150);
    sell(&t, 7, "00");
    rig_reverse(&rig, &t, &q); /* of the batch that was left */
    rig_expect(&rig, &t, 0x0410, "00");
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    struct rig_terminal before = t;
    before.batch = batch;
    settle(&before, 1, 99, "00", PAYMENT_SETTLE_DIFFERENT);
    upload(&before, p.key.stan, 99);
    end(&before, 1, "00");
    settle(&before, 1, 99, "00", PAYMENT_SETTLE_DIFFERENT); /* as it was */
    assert_int_equal(read_closes(), 1);
    assert_int_equal(closes[0].batch, batch);
    assert_int_equal(read_items(), 2);
    assert_int_equal(items[1].kind, JOURNAL_ITEM_OTHER);
    settle(&t, 1, 7, "00", PAYMENT_SETTLE_EQUAL); /* its own is still open */
    assert_int_equal(read_closes(), 2);
}

/* A reversal of what was settled is still obeyed, and a person hears of it. */
static void a_late_change_is_a_work_item(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = sell(&t, 100, "00");
    settle(&t, 1, 100, "00", PAYMENT_SETTLE_EQUAL);
    rig_reverse(&rig, &t, &p);
    rig_expect(&rig, &t, 0x0410, "00");
    assert_int_equal(read_items(), 1);
    assert_int_equal(items[0].kind, JOURNAL_ITEM_LATE);
    assert_int_equal(items[0].stan, p.key.stan);
    assert_int_equal(items[0].terminal_minor, 100);
}

/* The plain profile: its rows have card numbers and no kind. */
static void the_plain_profile_settles_too(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_CUP);
    struct payment p = sell(&t, 100, "00");
    sell(&t, 50, "00");
    settle(&t, 1, 100, "00", PAYMENT_SETTLE_DIFFERENT);
    upload(&t, p.key.stan, 100);
    end(&t, 1, "00");
    assert_int_equal(read_items(), 1);
    assert_int_equal(items[0].kind, JOURNAL_ITEM_HOST_ONLY);
}

/* ---- power ---- */

static err ask(struct rig_terminal *t, const struct payment_settlement *s, bool totals)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    if (totals) assert_ok(payment_settle_request(t->profile, s, &arena, &m));
    else assert_ok(payment_upload_request(t->profile, s, &arena, &m));
    TRY(acquirer_on_terminal(rig.a, t->session, rig_frame(&rig, t, &m, false, out)));
    return rig_settle_err(&rig);
}

/* The road of a settlement that differs, or of one that does not. */
static err road(struct rig_terminal *t, const struct payment *p, bool equal)
{
    struct payment_settlement s = of(t);
    s.totals.side[PAYMENT_SIDE_DEBIT] = (struct payment_sum){equal ? 2 : 1, equal ? 300 : 100};
    TRY(ask(t, &s, true));
    if (equal) return OK;
    s = of(t);
    s.rows = 1;
    s.row[0] = (struct payment_upload_row){PAYMENT_SALE, p->key.stan, "", 100};
    TRY(ask(t, &s, false));
    s = of(t);
    s.end = true;
    s.rows = 1;
    return ask(t, &s, false);
}

/* F-09 at every store call: afterwards the terminal asks again, and there is one closing. */
static void killed_at_every_store_call(void **state)
{
    (void)state;
    int cuts = 0;
    for (int equal = 0; equal < 2; equal++)
        for (int at = 0;; at++) {
            rig_make(&rig);
            struct rig_terminal t = rig_terminal(&rig, RIG_TID);
            struct payment p = sell(&t, 100, "00");
            sell(&t, 200, "00");
            rig.left = at;
            err e = road(&t, &p, equal);
            rig_restart(&rig);
            assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
            assert_ok(road(&t, &p, equal));
            assert_int_equal(read_closes(), 1);
            assert_int_equal(closes[0].how, equal ? JOURNAL_CLOSED_EQUAL : JOURNAL_CLOSED_UPLOAD);
            assert_int_equal(read_items(), equal ? 0 : 1);
            rig.to_terminal.count = 0;
            rig_sign_in(&rig, &t);
            assert_int_equal(t.batch, 2);
            rig_end(&rig);
            if (!FAILED(e)) break;
            cuts++;
        }
    print_message("%d kills\n", cuts);
    assert_true(cuts > 15);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(equal_totals_close_the_batch),
        CASE(a_batch_is_closed_once),
        CASE(only_what_stands_counts),
        CASE(totals_survive_a_restart),
        CASE(every_difference_is_a_work_item),
        CASE(a_difference_is_always_explained),
        CASE(forgotten_payments_are_compared),
        CASE(what_is_known_is_told_once),
        CASE(an_upload_survives_a_restart),
        CASE(out_of_turn_is_refused),
        CASE(a_batch_left_behind_is_a_work_item),
        CASE(a_late_change_is_a_work_item),
        CASE(the_plain_profile_settles_too),
        cmocka_unit_test(killed_at_every_store_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
