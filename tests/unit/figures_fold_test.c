/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures are what the ledger has, to the fen, whatever happened to the payments (S156); batches,
 * crashes and a new beginning make no difference; and no token stands in them (S162).
 */
#include "acquirer/fold.h"
#include "figures/names.h"
#include "journal/order.h"
#include "ledger/figures.h"
#include "lib/base/clock.h"
#include "tests/unit/figures_rig.h"

static struct figures_rig rig;

static int open_rig(void **state)
{
    (void)state;
    figures_rig_open(&rig);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    figures_rig_close(&rig);
    return 0;
}

/* ---- random lives ---- */

enum { LIVES = 700, DAYS = 6 };

struct life {
    struct payment payment;
    int64_t row; /* of approval */
    int64_t left_minor;
};

struct lives {
    struct random random;
    struct random_seeded seeded;
    struct life life[LIVES];
    size_t count;
    int64_t now_ms;
};

static struct payment random_payment(struct lives *l)
{
    static const enum payment_type types[] = {PAYMENT_SALE,       PAYMENT_SALE,
                                              PAYMENT_COMPLETION, PAYMENT_INSTALMENT,
                                              PAYMENT_PREAUTH,    PAYMENT_SALE};
    const struct random *r = &l->random;
    struct payment p = figures_rig_sale(&rig, 1 + random_below(r, 300000));
    p.type = types[random_below(r, ARRAY_LEN(types))];
    snprintf(p.mid, sizeof p.mid, "89831015311%04u", random_below(r, 4));
    snprintf(p.key.tid, sizeof p.key.tid, "1000%s%u%02u", p.mid + 13, random_below(r, 2), 17u);
    snprintf(p.operator_id, sizeof p.operator_id, "%02u", random_below(r, 3));
    snprintf(p.token, sizeof p.token, "%016x", random_below(r, 60));
    p.card_class = (enum payment_card_class)random_below(r, PAYMENT_CLASSES);
    p.fee_plan = 1 + random_below(r, 2);
    if (p.amount_minor > 200 && random_below(r, 5) == 0) p.tip_minor = p.amount_minor / 10;
    if (p.type == PAYMENT_INSTALMENT) {
        p.plan = (struct payment_plan){.months = 12, .by_merchant = random_below(r, 2) == 0};
        p.plan.fee_minor = p.amount_minor / 20;
    }
    if (p.type == PAYMENT_SALE && random_below(r, 3) == 0) {
        p.means = PAYMENT_CODE;
        p.entry = PAYMENT_ENTRY_CODE;
        p.route = PAYMENT_ROUTE_WALLET;
        p.card_class = PAYMENT_CLASS_WALLET;
    }
    return p;
}

/* Approved by the card alone and told, or disputed by its issuer first. */
static int64_t told(struct lives *l, struct payment *p)
{
    (void)figures_rig_append(&rig, p, PAYMENT_ADVISE, l->now_ms);
    if (random_below(&l->random, 2) == 0) {
        (void)figures_rig_append(&rig, p, PAYMENT_DECLINE, l->now_ms + 10);
        if (random_below(&l->random, 3) == 0) return 0; /* a person still has to see to it */
        if (random_below(&l->random, 2) == 0) {
            (void)figures_rig_append(&rig, p, PAYMENT_REVERSE, l->now_ms + 20);
            return 0;
        }
    }
    return figures_rig_append(&rig, p, PAYMENT_APPROVE, l->now_ms + 30);
}

static void turn(struct lives *l, struct payment *p)
{
    (void)figures_rig_append(&rig, p, PAYMENT_REVERSE, l->now_ms);
    if (random_below(&l->random, 4) == 0)
        (void)figures_rig_append(&rig, p, PAYMENT_APPROVE, l->now_ms + 5); /* too late */
    (void)figures_rig_append(&rig, p, PAYMENT_REVERSAL_ACK, l->now_ms + 10);
    if (random_below(&l->random, 4) == 0)
        (void)figures_rig_append(&rig, p, PAYMENT_REVERSAL_ACK, l->now_ms + 20); /* told again */
}

static void begin(struct lives *l)
{
    struct payment p = random_payment(l);
    uint32_t fate = random_below(&l->random, 20);
    int64_t row = 0;
    bool ledger = p.type != PAYMENT_PREAUTH;
    if (fate < 3 && ledger && p.means == PAYMENT_CARD) {
        row = told(l, &p);
        if (row == 0) return;
    } else {
        (void)figures_rig_append(&rig, &p, PAYMENT_SUBMIT, l->now_ms);
        if (fate < 6) {
            (void)figures_rig_append(&rig, &p, PAYMENT_DECLINE, l->now_ms + 50);
            if (fate == 5) (void)figures_rig_append(&rig, &p, PAYMENT_REVERSE, l->now_ms + 60);
            return;
        }
        if (fate == 6) {
            (void)figures_rig_append(&rig, &p, PAYMENT_TIMEOUT, l->now_ms + 50);
            (void)figures_rig_append(&rig, &p, PAYMENT_REVERSAL_ACK, l->now_ms + 60);
            return;
        }
        if (fate == 7) return; /* under way */
        row = figures_rig_append(&rig, &p, PAYMENT_APPROVE, l->now_ms + 50);
    }
    if (ledger && l->count < LIVES) l->life[l->count++] = (struct life){p, row, p.amount_minor};
}

/* Voided, refunded in part, or undone; what gave money back may be undone itself. */
static void go_on(struct lives *l)
{
    struct life *life = &l->life[random_below(&l->random, (uint32_t)l->count)];
    if (life->left_minor == 0) return;
    bool whole = life->left_minor == life->payment.amount_minor;
    uint32_t fate = random_below(&l->random, 4);
    if (fate == 0 && whole) {
        turn(l, &life->payment);
        life->left_minor = 0;
        return;
    }
    enum payment_type type = payment_refund_of(life->payment.type);
    int64_t back = 1 + random_below(&l->random, (uint32_t)life->left_minor);
    if (fate == 1 && whole && payment_void_of(life->payment.type) != PAYMENT_TYPE_NONE) {
        type = payment_void_of(life->payment.type);
        back = life->left_minor;
    }
    struct payment p = figures_rig_back(&rig, &life->payment, life->row, type, back);
    (void)figures_rig_pay(&rig, &p, l->now_ms + 1000);
    if (random_below(&l->random, 4) == 0 && p.means == PAYMENT_CARD) {
        l->now_ms += 2000;
        turn(l, &p);
    } else life->left_minor -= back;
}

static void order(struct lives *l)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct journal_order o = {.at_ms = l->now_ms,
                              .kind = ORDER_CREDIT,
                              .amount_minor = 1 + random_below(&l->random, 900),
                              .currency = CURRENCY_CNY,
                              .mid = "898310153110001",
                              .actor = "wang",
                              .reason = "correction"};
    assert_ok(store_begin(rig.journal, &tx));
    assert_ok(journal_order_append(&tx, &o));
    assert_ok(store_commit(&tx));
}

static void live(struct lives *l, size_t steps)
{
    for (size_t i = 0; i < steps; i++) {
        l->now_ms += DAYS * INT64_C(86400000) / 900;
        /* Now and then the clock is an hour back, over the end of a day as well. */
        if (random_below(&l->random, 50) == 0) l->now_ms -= 3600000;
        if (l->count > 5 && random_below(&l->random, 3) == 0) go_on(l);
        else begin(l);
        if (random_below(&l->random, 40) == 0) order(l);
    }
}

static struct lives *new_lives(uint64_t seed)
{
    static struct lives lives;
    memset(&lives, 0, sizeof lives);
    random_seed(&lives.seeded, seed);
    lives.random = random_from_seed(&lives.seeded);
    lives.now_ms = workday_end_ms(20700) + 1000;
    return &lives;
}

/* ---- the fold ---- */

static void figures_are_the_ledger(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct lives *l = new_lives(seed);
        for (size_t round = 0; round < 6; round++) {
            live(l, 120);
            figures_rig_fold(&rig, 1 + random_below(&l->random, 300));
            struct figures_difference d = figures_rig_check(&rig);
            if (!d.same) fail_msg("seed %d: %s", (int)seed, d.text);
            assert_true(d.compared >= 4);
        }
        struct figures_difference d = figures_rig_rebuild(&rig);
        if (!d.same) fail_msg("seed %d: %s", (int)seed, d.text);
        close_rig(NULL);
        open_rig(NULL);
    }
}

/* The payables of the ledger themselves, and not its lines: what was owed at the end of each day.
 */
static void net_less_fees_is_what_is_owed(void **state)
{
    (void)state;
    struct lives *l = new_lives(99);
    live(l, 600);
    figures_rig_fold(&rig, 1000);
    struct figures_query q = {.mid = {"898310153110002"}, /* without money orders */
                              .mids = 1,
                              .span = {20701, 20701 + DAYS},
                              .group = FIGURES_BY_DAY};
    CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, &q);
    int64_t owed = 0;
    assert_int_equal(a.rows, DAYS + 1);
    for (size_t i = 0; i < a.rows; i++) {
        const struct figure_sums *s = &a.row[i].sums;
        int64_t there = 0;
        owed += figure_net_minor(s) - s->fee_minor - s->instalment_minor;
        assert_ok(ledger_balance_on(rig.ledger, ACCOUNT_MERCHANT_PAYABLE, q.mid[0], CURRENCY_CNY,
                                    (int32_t)a.row[i].key, &there));
        assert_int_equal(owed, there);
    }
    assert_true(owed > 0);
}

static void the_fold_is_never_ahead_of_the_ledger(void **state)
{
    (void)state;
    size_t rows = 0;
    struct payment p = figures_rig_sale(&rig, 100);
    (void)figures_rig_pay(&rig, &p, workday_end_ms(20700) + 1000);
    assert_ok(figures_fold_step(rig.fold, 100, &rows));
    assert_int_equal(rows, 0);
    figures_rig_fold_ledger(&rig);
    assert_ok(figures_fold_step(rig.fold, 1, &rows));
    assert_int_equal(rows, 1);
    assert_int_equal(figures_fold_seq(rig.fold), 1);
    assert_ok(figures_fold_step(rig.fold, 100, &rows));
    assert_int_equal(rows, 1);
    assert_ok(figures_fold_step(rig.fold, 100, &rows));
    assert_int_equal(rows, 0);
}

/* ---- a check that can fail ---- */

/* One number of one row is changed by hand: the check names shop and day. */
static void a_changed_figure_is_found(void **state)
{
    (void)state;
    struct lives *l = new_lives(7);
    live(l, 200);
    figures_rig_fold(&rig, 1000);
    assert_true(figures_rig_check(&rig).same);
    struct payment p = figures_rig_sale(&rig, 4242);
    memcpy(p.mid, "898310153119999", sizeof p.mid);
    (void)figures_rig_pay(&rig, &p, workday_end_ms(20799) + 3600000);
    figures_rig_fold(&rig, 1000);
    uint32_t shop = 0;
    assert_ok(figure_number_of(rig.reader, FIGURE_SHOP, p.mid, &shop));
    uint8_t block[64];
    struct writer w = writer_over(block, sizeof block);
    uint64_t last = 0;
    struct figure_key key = {.type = PAYMENT_SALE, .outcome = FIGURE_PAID};
    const struct figure_cell cell = {figure_key_pack(&key), {.count = 1, .minor = 4241}};
    figure_cell_write(&w, &last, &cell);
    struct store *by_hand = figures_fold_store(rig.fold);
    struct store_statement *update;
    assert_ok(store_statement(by_hand, "UPDATE figure SET cells = ? WHERE row = ?", &update));
    store_bind_blob(update, writer_view(&w));
    store_bind_int(update, figure_row(shop, FIGURE_DAY, 20800));
    assert_ok(store_run(update));
    struct figures_difference d = figures_rig_check(&rig);
    assert_false(d.same);
    assert_int_equal(d.differing, 1);
    assert_string_equal(d.text, "2026-12-13 of 898310153119999: taken: 42.41 in 1 here, and 42.42 "
                                "in 1 in the ledger");
    assert_false(figures_rig_rebuild(&rig).same);
}

/* So is a day that is missing, one too many, and a month that is not its days. */
static void what_is_missing_or_too_much_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        bool by_check;
    } damage[] = {
        {"DELETE FROM figure WHERE row = (SELECT max(row) FROM figure WHERE row >> 24 & 7 = 0)",
         true},
        {"INSERT INTO figure SELECT row + 40, cells FROM figure WHERE row >> 24 & 7 = 0"
         " AND row >> 27 = 1 LIMIT 1; INSERT INTO figure SELECT 20900, cells FROM figure"
         " WHERE row < 16777216 LIMIT 1",
         true},
        {"DELETE FROM figure WHERE row = (SELECT max(row) FROM figure WHERE row >> 24 & 7 = 1)",
         false},
        {"UPDATE visit SET customers = zeroblob(8) WHERE row = (SELECT min(row) FROM visit)",
         false},
        {"DELETE FROM visit WHERE row = (SELECT max(row) FROM visit)", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(damage); i++) {
        struct lives *l = new_lives(8);
        live(l, 300);
        figures_rig_fold(&rig, 1000);
        assert_true(figures_rig_rebuild(&rig).same);
        assert_ok(store_exec(figures_fold_store(rig.fold), damage[i].sql));
        assert_int_equal(figures_rig_check(&rig).same, !damage[i].by_check);
        assert_false(figures_rig_rebuild(&rig).same);
        close_rig(NULL);
        open_rig(NULL);
    }
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

/* Killed at every call of the store in turn: nothing is counted twice and nothing is lost. */
static void a_crash_repeats_nothing_and_loses_nothing(void **state)
{
    (void)state;
    struct lives *l = new_lives(3);
    int kills = 0;
    for (int at = 0; at < 400; at++) {
        struct reaper reaper = {at};
        size_t rows = 0;
        live(l, 3);
        figures_rig_fold_ledger(&rig);
        store_set_fault(figures_fold_store(rig.fold), reap, &reaper);
        err stepped = OK;
        for (rows = 1; rows > 0 && !FAILED(stepped);)
            stepped = figures_fold_step(rig.fold, 40, &rows);
        if (FAILED(stepped)) {
            kills++;
            assert_err(stepped, CRASHED);
            figures_fold_close(rig.fold);
            rig.fold = NULL;
            assert_ok(figures_rig_open_fold(&rig));
        } else store_set_fault(figures_fold_store(rig.fold), NULL, NULL);
    }
    assert_true(kills > 40);
    figures_rig_fold(&rig, 1000);
    struct figures_difference d = figures_rig_rebuild(&rig);
    if (!d.same) fail_msg("%s", d.text);
    assert_true(figures_rig_check(&rig).same);
}

/* ---- what must not be there ---- */

static bool is_in(struct bytes image, const char *text)
{
    return memmem(image.at, image.len, text, strlen(text)) != NULL;
}

static void no_token_and_no_card_number_stands_in_them(void **state)
{
    (void)state;
    struct payment p = figures_rig_sale(&rig, 4200);
    struct bytes image;
    (void)figures_rig_pay(&rig, &p, workday_end_ms(20700) + 1000);
    figures_rig_fold(&rig, 100);
    assert_ok(store_anchor_image(rig.journal_anchor, &image));
    assert_true(is_in(image, p.token)); /* the search finds what is there */
    store_image_free(image);
    assert_ok(store_anchor_image(rig.figures_anchor, &image));
    assert_true(is_in(image, p.mid));
    assert_false(is_in(image, p.token));
    assert_false(is_in(image, "\x01\x23\x45\x67\x89\xab\xcd\xef"));
    assert_false(is_in(image, p.pan_masked));
    assert_false(is_in(image, "622209"));
    store_image_free(image);
}

static void another_key_is_refused(void **state)
{
    (void)state;
    static const uint8_t other[FIGURES_KEY_BYTES] = {8};
    struct figures_config config = figures_rig_config();
    struct store_fault fault = {""};
    struct figures_fold *fold = NULL;
    config.key = other;
    assert_err(figures_fold_open(&config, &fault, &fold), CONFIG);
    assert_null(fold);
    assert_non_null(strstr(fault.text, "another key"));
}

/* A ledger whose bookings are of rows that the journal does not have is somebody else's. */
static void a_booking_without_its_row_is_refused(void **state)
{
    (void)state;
    struct payment p = figures_rig_sale(&rig, 4200);
    size_t rows = 7;
    (void)figures_rig_pay(&rig, &p, workday_end_ms(20700) + 1000);
    figures_rig_fold_ledger(&rig);
    assert_ok(store_exec(rig.journal, "DROP TRIGGER journal_no_update;"
                                      "UPDATE journal SET event = 3 WHERE seq = 2"));
    assert_err(figures_fold_step(rig.fold, 100, &rows), CORRUPT);
    assert_int_equal(rows, 7);
    assert_non_null(strstr(figures_fold_error(rig.fold), "rebuild --check"));
    assert_int_equal(figures_fold_seq(rig.fold), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_are_the_ledger, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(net_less_fees_is_what_is_owed, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(the_fold_is_never_ahead_of_the_ledger, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(a_changed_figure_is_found, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(what_is_missing_or_too_much_is_found, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(a_crash_repeats_nothing_and_loses_nothing, open_rig,
                                        close_rig),
        cmocka_unit_test_setup_teardown(no_token_and_no_card_number_stands_in_them, open_rig,
                                        close_rig),
        cmocka_unit_test_setup_teardown(another_key_is_refused, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(a_booking_without_its_row_is_refused, open_rig, close_rig),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
