/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A day of payments against a network's file: nothing is found in what agrees; differences of every
 * kind, put in at random, are all found, each once, and nothing else (S111). And the work items of
 * it: who has them, what was noted, how they end.
 */
#include "journal/journal.h"
#include "journal/reconcile.h"
#include "journal/work.h"
#include "lib/base/random.h"
#include "lib/crypto/crypto.h"
#include "tests/unit/scratch.h"

#define MID "898310153110001"

enum { PAYMENTS = 600, FILE_ROWS = 2 * PAYMENTS, FOUND_MAX = 1024, SEEDS = 25, TEXT = 1 << 17 };

static struct store *store;
static struct store_anchor *anchor;
static struct random_seeded seed;
static struct random dice;
static int32_t today;
static int64_t now_ms;
static uint32_t given; /* references so far */

/* What the network has, and what differs on purpose. */
static struct clearing_row file[FILE_ROWS];
static size_t file_rows;
static bool touched[FILE_ROWS];
struct expected {
    enum journal_item_kind kind;
    char rrn[13];
    bool found;
};
static struct expected expected[FOUND_MAX];
static size_t expected_count, found_count;

static const struct store_schema *const schemas[] = {
    &journal_schema, &journal_close_schema, &journal_work_schema, &journal_reconcile_schema};

static void open_journal(uint64_t number)
{
    static const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_anchor_open("journal", &anchor));
    assert_ok(store_open("journal", &options, NULL, &store));
    for (size_t i = 0; i < ARRAY_LEN(schemas); i++) assert_ok(store_migrate(store, schemas[i]));
    random_seed(&seed, number);
    dice = random_from_seed(&seed);
    assert_ok(clearing_day_parse(BYTES("2026-03-10"), &today));
    now_ms = today * INT64_C(86400000) + 3600000;
    given = 0;
    file_rows = expected_count = found_count = 0;
    memset(touched, 0, sizeof touched);
}

static void close_journal(void)
{
    store_close(store);
    store_anchor_close(anchor);
}

static int64_t fee_of(const struct payment *p)
{
    return money_rate_half_even(p->amount_minor, 4825); /* of a refund: what goes back */
}

static int64_t instalments_of(const struct payment *p)
{
    return p->type == PAYMENT_INSTALMENT ? p->amount_minor / 50 : 0;
}

static err agreed_fee(void *context, const struct payment *payment, int64_t row,
                      struct reconcile_agreed *ret)
{
    (void)context;
    assert_true(row > 0);
    int64_t fee = fee_of(payment), network = fee / 9;
    *ret = (struct reconcile_agreed){true, fee - network, network, instalments_of(payment)};
    return OK;
}

static void append(struct payment *p, enum payment_event event, enum payment_state next)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t seq;
    p->state = next;
    assert_ok(store_begin(store, &tx));
    assert_ok(journal_append(&tx, p, event, now_ms++, &seq));
    assert_ok(store_commit(&tx));
}

static struct payment make(enum payment_type type)
{
    struct payment p = {.key = {"10000017", 12, ++given},
                        .type = type,
                        .means = PAYMENT_CARD,
                        .card_class = PAYMENT_CLASS_DEBIT,
                        .route = PAYMENT_ROUTE_CARD_NETWORK,
                        .mid = MID,
                        .operator_id = "01",
                        .amount_minor = 1000 + (int64_t)random_below(&dice, 100000),
                        .currency = CURRENCY_CNY,
                        .pan_masked = "622209******6620",
                        .settlement_date = "0310",
                        .response_code = "00",
                        .created_ms = now_ms};
    snprintf(p.rrn, sizeof p.rrn, "6069%08u", given);
    return p;
}

/* The network's row of it. */
static void charge(const struct payment *p, bool stands)
{
    struct clearing_row *row = &file[file_rows++];
    *row = (struct clearing_row){.stands = stands,
                                 .type = p->type,
                                 .class = p->card_class,
                                 .amount_minor = p->amount_minor,
                                 .fee_minor = fee_of(p),
                                 .instalment_minor = instalments_of(p)};
    memcpy(row->rrn, p->rrn, sizeof row->rrn);
}

/* A payment with a life of its own; some belong to other days, networks, or nobody. */
static void live(void)
{
    uint64_t fate = random_below(&dice, 100);
    struct payment p = make(fate < 10   ? PAYMENT_REFUND
                            : fate < 14 ? PAYMENT_PREAUTH
                            : fate > 97 ? PAYMENT_INSTALMENT
                                        : PAYMENT_SALE);
    bool ours = true;
    if (fate >= 90 && fate < 93) memcpy(p.settlement_date, "0311", 5), ours = false;
    if (fate >= 93 && fate < 95) p.route = PAYMENT_ROUTE_WALLET, ours = false;
    if (fate >= 95 && fate < 97) p.settlement_date[0] = '\0'; /* of this day by its time */
    append(&p, PAYMENT_SUBMIT, PAYMENT_PENDING);
    if (fate >= 14 && fate < 20) { /* refused: nowhere charged */
        append(&p, PAYMENT_DECLINE, PAYMENT_DECLINED);
        return;
    }
    if (fate >= 20 && fate < 26) { /* no answer, charged and taken back */
        p.settlement_date[0] = '\0';
        append(&p, PAYMENT_TIMEOUT, PAYMENT_REVERSING);
        if (fate < 24) append(&p, PAYMENT_REVERSAL_ACK, PAYMENT_REVERSED);
        if (fate < 23) charge(&p, false);
        return;
    }
    append(&p, PAYMENT_APPROVE, PAYMENT_APPROVED);
    if (fate >= 26 && fate < 30) {
        append(&p, PAYMENT_REVERSE, PAYMENT_REVERSING);
        append(&p, PAYMENT_REVERSAL_ACK, PAYMENT_REVERSED);
        charge(&p, false);
        return;
    }
    if (ours && p.type != PAYMENT_PREAUTH) charge(&p, true);
}

/* ---- differences ---- */

static void expect(enum journal_item_kind kind, const char *rrn)
{
    struct expected *e = &expected[expected_count++];
    *e = (struct expected){.kind = kind};
    memcpy(e->rrn, rrn, sizeof e->rrn);
}

/* A row that nothing has been done to, that stands (or not) and is a sale, or `any`. */
static size_t pick_one(bool stands, bool any)
{
    for (;;) {
        size_t i = random_below(&dice, (uint32_t)file_rows);
        bool kind = any || file[i].type == PAYMENT_SALE;
        if (touched[i] || file[i].stands != stands || !kind) continue;
        touched[i] = true;
        return i;
    }
}

static size_t pick(bool stands)
{
    return pick_one(stands, false);
}

static void spoil(enum journal_item_kind kind)
{
    size_t i;
    switch (kind) {
    case JOURNAL_ITEM_NETWORK_LACKS:
        i = pick(true);
        expect(kind, file[i].rrn);
        file[i].rrn[0] = 'Z'; /* marked: removed when the file is written */
        return;
    case JOURNAL_ITEM_HOST_LACKS: {
        struct payment p = make(PAYMENT_SALE);
        charge(&p, true);
        touched[file_rows - 1] = true;
        expect(kind, p.rrn);
        return;
    }
    case JOURNAL_ITEM_NETWORK_AMOUNT:
        i = pick(true);
        file[i].amount_minor += random_below(&dice, 2) == 0 ? 1 : -1;
        expect(kind, file[i].rrn);
        return;
    case JOURNAL_ITEM_NETWORK_STATE:
        i = pick(random_below(&dice, 2) == 0);
        file[i].stands = !file[i].stands;
        expect(kind, file[i].rrn);
        return;
    default:
        i = pick_one(true, true); /* of a refund, too, and of what instalments cost */
        *(file[i].instalment_minor > 0 ? &file[i].instalment_minor : &file[i].fee_minor) +=
            random_below(&dice, 2) == 0 ? 1 : -1;
        expect(kind, file[i].rrn);
        return;
    }
}

static int by_reference(const void *a, const void *b)
{
    return strcmp(((const struct clearing_row *)a)->rrn, ((const struct clearing_row *)b)->rrn);
}

/* Through the file's text, as it would come. */
static size_t send_file(struct clearing_row *rows)
{
    static char text[TEXT];
    const struct clearing_head head = {PAYMENT_ROUTE_CARD_NETWORK, today, CURRENCY_CNY};
    struct writer w = writer_over(text, sizeof text);
    struct clearing_sums sums = {0}, read;
    struct clearing_fault fault = {0};
    size_t count = 0;
    qsort(file, file_rows, sizeof file[0], by_reference);
    clearing_write_head(&w, &head);
    for (size_t i = 0; i < file_rows; i++) {
        if (file[i].rrn[0] == 'Z') continue;
        clearing_write_row(&w, &file[i]);
        assert_ok(clearing_add(&sums, &file[i]));
    }
    clearing_write_end(&w, &sums, crypto_sha256);
    assert_int_equal(w.fault, ERR_OK);
    err e = clearing_parse(writer_view(&w), &head, crypto_sha256, rows, FILE_ROWS, &count, &read,
                           &fault);
    if (FAILED(e)) fail_msg("line %u: %s", fault.line, fault.why);
    return count;
}

static err found(void *context, const struct journal_item *item)
{
    (void)context;
    found_count++;
    assert_int_equal(item->day, today);
    assert_int_equal(item->network, PAYMENT_ROUTE_CARD_NETWORK);
    for (size_t i = 0; i < expected_count; i++) {
        struct expected *e = &expected[i];
        if (e->found || e->kind != item->kind || strcmp(e->rrn, item->rrn) != 0) continue;
        e->found = true;
        return OK;
    }
    fail_msg("invented: %s of %s", journal_item_name(item->kind), item->rrn);
    return OK;
}

static struct reconcile_sums run(void)
{
    static struct clearing_row rows[FILE_ROWS];
    struct reconcile_sums sums;
    const struct reconcile_file f = {.head = {PAYMENT_ROUTE_CARD_NETWORK, today, CURRENCY_CNY},
                                     .rows = send_file(rows),
                                     .row = rows,
                                     .agree = agreed_fee};
    assert_ok(reconcile(store, &f, found, NULL, &sums));
    assert_int_equal(sums.differences, found_count);
    assert_int_equal(found_count, expected_count);
    for (size_t i = 0; i < expected_count; i++)
        if (!expected[i].found)
            fail_msg("missed: %s of %s", journal_item_name(expected[i].kind), expected[i].rrn);
    return sums;
}

/* S111: seeded differences all found, none invented. */
static void differences_are_all_found(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= SEEDS; number++) {
        open_journal(number);
        for (int i = 0; i < PAYMENTS; i++) live();
        size_t wanted = number == 1 ? 0 : 1 + random_below(&dice, 6);
        for (enum journal_item_kind k = JOURNAL_ITEM_NETWORK_LACKS; k <= JOURNAL_ITEM_NETWORK_FEE;
             k++)
            for (size_t n = 0; n < wanted; n++) spoil(k);
        struct reconcile_sums sums = run();
        if (wanted == 0) {
            int64_t fees = 0, instalments = 0;
            for (size_t i = 0; i < file_rows; i++) {
                bool gives = file[i].type == PAYMENT_REFUND;
                if (file[i].stands) fees += gives ? -file[i].fee_minor : file[i].fee_minor;
                if (file[i].stands) instalments += file[i].instalment_minor;
            }
            assert_int_equal(sums.host_minor, sums.network_minor);
            assert_int_equal(sums.agreed.issuer_minor + sums.agreed.network_minor, fees);
            assert_int_equal(sums.agreed.instalment_minor, instalments);
            assert_true(sums.agreed.network_minor > 0 && instalments > 0);
            assert_int_equal(sums.unsettled, sums.settled + sums.disputed_batch + sums.unsettled);
            assert_true(sums.matched > PAYMENTS / 2);
        }
        close_journal();
    }
}

static void close_batch(enum journal_closing how)
{
    struct journal_close close = {.at_ms = now_ms, .batch = 12, .how = how};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    memcpy(close.tid, "10000017", 9);
    memcpy(close.mid, MID, 16);
    assert_ok(store_begin(store, &tx));
    assert_ok(journal_close_append(&tx, &close));
    assert_ok(store_commit(&tx));
}

/* The third side: how far the terminal has come with what stands. */
static void terminals_are_counted(void **state)
{
    (void)state;
    static const enum journal_closing how[] = {0, JOURNAL_CLOSED_EQUAL, JOURNAL_CLOSED_UPLOAD};
    for (size_t i = 0; i < ARRAY_LEN(how); i++) {
        open_journal(5);
        struct payment p = make(PAYMENT_SALE);
        append(&p, PAYMENT_SUBMIT, PAYMENT_PENDING);
        append(&p, PAYMENT_APPROVE, PAYMENT_APPROVED);
        charge(&p, true);
        if (how[i] != 0) close_batch(how[i]);
        struct reconcile_sums sums = run();
        assert_int_equal(sums.unsettled, i == 0);
        assert_int_equal(sums.settled, i == 1);
        assert_int_equal(sums.disputed_batch, i == 2);
        assert_int_equal(sums.matched, 1);
        close_journal();
    }
}

/* A file of version 1 says nothing of instalments and of what goes back: that is not compared. */
static void a_file_of_the_first_version_says_less(void **state)
{
    (void)state;
    static const enum payment_type types[] = {PAYMENT_SALE, PAYMENT_INSTALMENT, PAYMENT_REFUND};
    struct reconcile_sums sums;
    open_journal(9);
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct payment p = make(types[i]);
        append(&p, PAYMENT_SUBMIT, PAYMENT_PENDING);
        append(&p, PAYMENT_APPROVE, PAYMENT_APPROVED);
        charge(&p, true);
        file[i].instalment_minor = 0;
        if (types[i] == PAYMENT_REFUND) file[i].fee_minor = 0;
    }
    struct reconcile_file f = {.head = {PAYMENT_ROUTE_CARD_NETWORK, today, CURRENCY_CNY},
                               .row = file,
                               .rows = file_rows,
                               .version = 1,
                               .agree = agreed_fee};
    assert_ok(reconcile(store, &f, found, NULL, &sums));
    assert_int_equal(sums.matched, 3);
    f.version = 2;
    expect(JOURNAL_ITEM_NETWORK_FEE, file[1].rrn);
    expect(JOURNAL_ITEM_NETWORK_FEE, file[2].rrn);
    assert_ok(reconcile(store, &f, found, NULL, &sums));
    assert_int_equal(sums.differences, 2);
    close_journal();
}

/* What the network books on another day than its answer said is a difference on that day. */
static void another_day_is_a_difference(void **state)
{
    (void)state;
    open_journal(6);
    struct payment p = make(PAYMENT_SALE);
    memcpy(p.settlement_date, "0309", 5);
    append(&p, PAYMENT_SUBMIT, PAYMENT_PENDING);
    append(&p, PAYMENT_APPROVE, PAYMENT_APPROVED);
    charge(&p, true);
    expect(JOURNAL_ITEM_NETWORK_STATE, p.rrn);
    (void)run();
    close_journal();
}

/* A refund that was asked about for more than a week belongs to the day on which the network made
 * it: nothing differs, and it counts once. A year later the same date is another day. */
static void a_late_answer_belongs_to_the_networks_day(void **state)
{
    (void)state;
    static const int64_t waited_days[] = {0, 3, 4, 8, 179, 366};
    for (size_t i = 0; i < ARRAY_LEN(waited_days); i++) {
        open_journal(7);
        struct payment p = make(PAYMENT_REFUND);
        append(&p, PAYMENT_SUBMIT, PAYMENT_PENDING);
        now_ms += waited_days[i] * INT64_C(86400000);
        append(&p, PAYMENT_APPROVE, PAYMENT_APPROVED);
        charge(&p, true);
        bool another = waited_days[i] > 180;
        if (another) expect(JOURNAL_ITEM_NETWORK_STATE, p.rrn);
        struct reconcile_sums sums = run();
        assert_int_equal(sums.matched, another ? 0 : 1);
        assert_int_equal(sums.unsettled, another ? 0 : 1);
        assert_int_equal(sums.host_minor, another ? 0 : -p.amount_minor);
        assert_int_equal(sums.network_minor, -p.amount_minor);
        close_journal();
    }
}

/* ---- items, and what is done about them ---- */

static err step(int64_t item, enum work_action action, const char *actor, const char *text)
{
    struct journal_work w = {.item = item, .at_ms = now_ms, .action = action};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    snprintf(w.actor, sizeof w.actor, "%s", actor);
    snprintf(w.text, sizeof w.text, "%s", text);
    TRY(store_begin(store, &tx));
    TRY(journal_work_append(&tx, &w));
    return store_commit(&tx);
}

static err add_item(const struct journal_item *item)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(journal_item_append(&tx, item));
    return store_commit(&tx);
}

static void items_are_worked_on(void **state)
{
    (void)state;
    open_journal(7);
    struct journal_item item = {.kind = JOURNAL_ITEM_HOST_LACKS,
                                .rrn = "606900000001",
                                .network = PAYMENT_ROUTE_WALLET,
                                .day = today,
                                .network_minor = 500},
                        read;
    struct work_state at;
    struct journal_work steps[8];
    size_t count = 0;
    assert_ok(add_item(&item));
    assert_err(add_item(&item), EXISTS); /* each once */
    assert_ok(journal_item_read(store, 1, &read, 1, &count));
    assert_int_equal(read.network, PAYMENT_ROUTE_WALLET);
    assert_int_equal(read.network_minor, 500);
    assert_int_equal(read.day, today);
    assert_ok(journal_work_state(store, 1, &at));
    assert_false(at.closed);
    assert_string_equal(at.assignee, "");
    assert_err(step(2, WORK_NOTE, "wang", "who?"), DENIED);
    assert_err(step(1, WORK_CLOSE, "wang", ""), RANGE);
    assert_err(step(1, WORK_NOTE, "", "nobody"), RANGE);
    assert_ok(step(1, WORK_ASSIGN, "wang", "li"));
    assert_ok(step(1, WORK_NOTE, "li", "问过网络，等待回复"));
    assert_ok(step(1, WORK_ASSIGN, "li", "zhao"));
    assert_ok(journal_work_state(store, 1, &at));
    assert_string_equal(at.assignee, "zhao");
    assert_int_equal(at.steps, 3);
    assert_ok(step(1, WORK_CLOSE, "zhao", "the network has sent a correction"));
    assert_err(step(1, WORK_NOTE, "zhao", "late"), DENIED);
    assert_err(step(1, WORK_CLOSE, "zhao", "again"), DENIED);
    assert_ok(journal_work_state(store, 1, &at));
    assert_true(at.closed);
    assert_string_equal(at.reason, "the network has sent a correction");
    assert_ok(journal_work_read(store, 1, 1, steps, 8, &count));
    assert_int_equal(count, 4);
    assert_string_equal(steps[1].text, "问过网络，等待回复");
    assert_true(FAILED(store_exec(store, "UPDATE work_step SET text = 'x'")));
    assert_true(FAILED(store_exec(store, "DELETE FROM work_step")));
    close_journal();
}

static void a_day_is_reconciled_once(void **state)
{
    (void)state;
    open_journal(8);
    struct journal_reconciled done = {.at_ms = now_ms,
                                      .network = PAYMENT_ROUTE_CARD_NETWORK,
                                      .day = today,
                                      .digest = "21a2",
                                      .rows = 3,
                                      .matched = 2,
                                      .differences = 1,
                                      .actor = "admin wang"},
                              again;
    assert_err(journal_reconciled_find(store, done.network, today, &again), NOT_FOUND);
    for (int i = 0; i < 2; i++) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        assert_ok(store_begin(store, &tx));
        if (i == 0) assert_ok(journal_reconciled_append(&tx, &done));
        else assert_err(journal_reconciled_append(&tx, &done), EXISTS);
        if (i == 0) assert_ok(store_commit(&tx));
    }
    assert_ok(journal_reconciled_find(store, done.network, today, &again));
    assert_string_equal(again.digest, "21a2");
    assert_int_equal(again.differences, 1);
    assert_string_equal(again.actor, "admin wang");
    assert_err(journal_reconciled_find(store, PAYMENT_ROUTE_WALLET, today, &again), NOT_FOUND);
    close_journal();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_the_first_version_says_less),
        cmocka_unit_test(differences_are_all_found),
        cmocka_unit_test(terminals_are_counted),
        cmocka_unit_test(another_day_is_a_difference),
        cmocka_unit_test(a_late_answer_belongs_to_the_networks_day),
        cmocka_unit_test(items_are_worked_on),
        cmocka_unit_test(a_day_is_reconciled_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
