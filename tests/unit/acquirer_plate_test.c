/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payments by plates at the host (静态码, S79): what is scanned must be the plate as it was
 * printed; each class has its limit a customer and day, to the fen; a plate may have one of its
 * own; a repeat gets the recorded answer, a reversal turns it back and gives the limit back, and
 * one that comes first bars; the ledger has it as a sale, and merchants refund it. A crash at every
 * store call.
 */
#include "journal/plate.h"
#include "ledger/fold.h"
#include "registry/plate.h"
#include "tests/unit/acquirer_peers.h"

#define CUSTOMER "00112233445566aa"
#define OTHER    "ffeeddccbbaa9988"
#define PLATE    "P0000001"

static struct rig rig;
static unsigned references;

static const char text[] = "00020101021126...a plate of ours";

static void add_plate(const char *id, enum registry_plate_class class, int64_t agreed_minor,
                      int64_t merchant_minor)
{
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    struct registry_plate plate = {.mid = RIG_MID,
                                   .class = class,
                                   .agreed_minor = agreed_minor,
                                   .merchant_minor = merchant_minor};
    memcpy(plate.id, id, sizeof plate.id);
    memcpy(plate.text, text, sizeof text);
    assert_ok(registry_add_plate(rig.registry, &actor, &plate));
}

static int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    add_plate(PLATE, REGISTRY_PLATE_D, 0, 0);
    references = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

/* The wallet's next payment: 2026, the first day and 400 added. */
static struct payment paid(const char *plate, int64_t amount_minor)
{
    struct payment p = {.type = PAYMENT_SALE,
                        .means = PAYMENT_SHOWN,
                        .entry = PAYMENT_ENTRY_PLATE,
                        .mid = RIG_MID,
                        .token = CUSTOMER,
                        .reversal_reason = "98",
                        .amount_minor = amount_minor,
                        .currency = CURRENCY_CNY,
                        .key = {.batch = 1, .stan = 7}};
    memcpy(p.key.tid, plate, 9);
    snprintf(p.rrn, sizeof p.rrn, "6401%08u", ++references);
    return p;
}

/* One message of the wallet; `spoil` turns a bit of its MAC. */
static err tell_err(enum payment_network_kind kind, const struct payment *p, const char *scanned,
                    bool spoil)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA], mac[8];
    struct arena arena = arena_over(block, sizeof block);
    struct payment_sensitive s = {.shown_code = bytes_text(scanned)};
    struct iso8583_message m;
    struct iso8583_fault fault;
    assert_ok(payment_network_message(kind, p, &s, rig.now_ms, &arena, &m));
    if (kind == PAYMENT_NETWORK_REQUEST) iso8583_set(&m, 60, bytes_text(p->token));
    if (p->settlement_date[0] != '\0') iso8583_set(&m, 15, bytes_text(p->settlement_date));
    struct writer w = writer_over(out, sizeof out);
    assert_ok(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault));
    rig_mac(&rig, HSM_SUITE_TONGBAO, bytes_of(rig.zone_mac, rig.zone_mac_len),
            iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w)), mac);
    if (spoil) mac[0] ^= 1;
    iso8583_seal(&iso8583_dialect_ascii87, out, w.len, mac);
    TRY(acquirer_on_route(rig.a, PAYMENT_ROUTE_WALLET, writer_view(&w)));
    return rig_settle_err(&rig);
}

static struct payment_network_answer heard; /* the last one */

/* The code of the oldest answer to the wallet, whose MAC is good. */
static const char *hears(const struct payment *p)
{
    static uint8_t block[ISO8583_ARENA_MAX];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    uint8_t mac[8];
    assert_true(rig.to_route.count > 0);
    const struct rig_item *item = &rig.to_route.item[0];
    assert_int_equal(item->target, PAYMENT_ROUTE_WALLET);
    struct bytes raw = bytes_of(item->at, item->len);
    assert_ok(iso8583_decode(&iso8583_dialect_ascii87, raw, &arena, &m, &fault));
    rig_mac(&rig, HSM_SUITE_TONGBAO, bytes_of(rig.zone_mac, rig.zone_mac_len),
            bytes_of(raw.at, m.mac_input), mac);
    assert_memory_equal(mac, m.field[64].at, 8);
    assert_ok(payment_network_answer_parse(&m, &heard));
    assert_string_equal(heard.rrn, p->rrn);
    rig_took(&rig.to_route);
    return heard.response_code;
}

static const char *asks(const struct payment *p)
{
    assert_ok(tell_err(PAYMENT_NETWORK_REQUEST, p, text, false));
    return hears(p);
}

static const char *undoes(const struct payment *p)
{
    assert_ok(tell_err(PAYMENT_NETWORK_REVERSAL, p, "", false));
    return hears(p);
}

static struct journal_row row_of(const struct payment *p)
{
    static struct journal_row rows[256];
    struct store *store = NULL;
    size_t count = 0;
    struct journal_row last = {.seq = 0};
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(journal_read(store, 1, rows, ARRAY_LEN(rows), &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].payment.rrn, p->rrn) == 0) last = rows[i];
    store_close(store);
    return last;
}

static void state_is(const struct payment *p, enum payment_state state)
{
    assert_string_equal(payment_state_name(row_of(p).payment.state), payment_state_name(state));
}

static void a_plate_is_paid(void **state)
{
    (void)state;
    struct payment p = paid(PLATE, 12345);
    assert_string_equal(asks(&p), "00");
    assert_string_equal(heard.auth_code, "000001");
    struct journal_row row = row_of(&p);
    assert_int_equal(row.payment.state, PAYMENT_APPROVED);
    assert_string_equal(row.payment.key.tid, PLATE);
    assert_int_equal(row.payment.key.batch, 260101);
    assert_int_equal(row.payment.key.stan, 1);
    assert_string_equal(row.payment.token, CUSTOMER);
    assert_string_equal(asks(&p), "00"); /* a repeat: the recorded answer, and no second row */
    assert_string_equal(heard.auth_code, "000001");
    assert_int_equal(row_of(&p).seq, row.seq);
    struct payment other = p;
    other.amount_minor++;
    assert_string_equal(asks(&other), "94");
    other = p;
    memcpy(other.token, OTHER, sizeof other.token);
    assert_string_equal(asks(&other), "94");
    assert_true(acquirer_quiet(rig.a));
}

/* The day that is named is the business day: it begins at 23:00, when the date is still the old. */
static void the_business_day_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *date, *day;
    } rows[] = {{"0101", "0101"}, {"0101", "0102"}}; /* a second before 23:00, and at 23:00 */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t hour = i == 0 ? 23 * 3600 - 1 : 23 * 3600;
        struct civil c = civil_from_ms(rig.now_ms + CLOCK_CHINA_OFFSET_MS);
        c.hour = c.minute = c.second = 0;
        rig.now_ms = civil_to_ms(c) - CLOCK_CHINA_OFFSET_MS + hour * 1000;
        struct payment p = paid(PLATE, 100);
        assert_string_equal(asks(&p), "00");
        assert_string_equal(heard.settlement_date, rows[i].day);
        assert_string_equal(row_of(&p).payment.settlement_date, rows[i].day);
        assert_string_equal(row_of(&p).payment.local_date, rows[i].date);
    }
}

/* S111: who knows in whose file it stands says so, of the last week and a clock that is ahead. */
static void a_day_that_is_said_is_taken(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"1231", "1231"}, {"0102", "0102"}, {"1225", "1225"},
                                          {"1224", "0101"}, {"0103", "0101"}, {"1399", "0101"}};
    struct civil c = civil_from_ms(rig.now_ms + CLOCK_CHINA_OFFSET_MS);
    c.hour = 12;
    rig.now_ms = civil_to_ms(c) - CLOCK_CHINA_OFFSET_MS;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct payment p = paid(PLATE, 100);
        memcpy(p.settlement_date, rows[i][0], sizeof p.settlement_date);
        assert_string_equal(asks(&p), "00");
        assert_string_equal(heard.settlement_date, rows[i][1]);
        assert_string_equal(row_of(&p).payment.settlement_date, rows[i][1]);
        assert_string_equal(asks(&p), "00"); /* the same question */
    }
}

/* S79: 500, 1,000, 5,000 or as agreed, a customer and day; one fen more is refused by name. */
static void each_class_has_its_limit(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        enum registry_plate_class class;
        int64_t agreed, limit;
        const char *why;
    } of[] = {
        {"P0000011", REGISTRY_PLATE_A, 1234500, 1234500,
         "day of a customer at plates of class A: 12345.00"},
        {"P0000012", REGISTRY_PLATE_B, 0, 500000,
         "day of a customer at plates of class B: 5000.00"},
        {"P0000013", REGISTRY_PLATE_C, 0, 100000,
         "day of a customer at plates of class C: 1000.00"},
        {"P0000014", REGISTRY_PLATE_D, 0, 50000, "day of a customer at plates of class D: 500.00"},
    };
    for (size_t i = 0; i < ARRAY_LEN(of); i++) {
        add_plate(of[i].id, of[i].class, of[i].agreed, 0);
        struct payment whole = paid(of[i].id, of[i].limit + 1);
        assert_string_equal(asks(&whole), "61");
        assert_string_equal(heard.shown_code, of[i].why);
        state_is(&whole, PAYMENT_DECLINED);
        struct payment most = paid(of[i].id, of[i].limit - 1), last = paid(of[i].id, 1);
        struct payment more = paid(of[i].id, 1), another = paid(of[i].id, 1);
        assert_string_equal(asks(&most), "00");
        assert_string_equal(asks(&last), "00");
        assert_string_equal(asks(&more), "61");
        memcpy(another.token, OTHER, sizeof another.token);
        assert_string_equal(asks(&another), "00"); /* each customer has his own */
    }
    /* All plates of a class together, over a restart; and a new day begins at midnight. */
    struct payment elsewhere = paid(PLATE, 1);
    assert_string_equal(asks(&elsewhere), "61");
    rig_restart(&rig);
    elsewhere = paid(PLATE, 1);
    assert_string_equal(asks(&elsewhere), "61");
    rig.now_ms += INT64_C(86400000);
    struct payment tomorrow = paid(PLATE, 50000);
    assert_string_equal(asks(&tomorrow), "00");
}

static void a_plate_may_have_its_own_day(void **state)
{
    (void)state;
    add_plate("P0000021", REGISTRY_PLATE_D, 0, 60000);
    struct payment first = paid("P0000021", 40000), second = paid("P0000021", 20001);
    struct payment rest = paid("P0000021", 20000);
    memcpy(second.token, OTHER, sizeof second.token);
    memcpy(rest.token, OTHER, sizeof rest.token);
    assert_string_equal(asks(&first), "00");
    assert_string_equal(asks(&second), "61");
    assert_string_equal(heard.shown_code, "day of this plate of class D: 600.00");
    assert_string_equal(asks(&rest), "00");
}

static void what_is_not_the_plate_is_refused(void **state)
{
    (void)state;
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    struct payment p = paid(PLATE, 100);
    assert_ok(tell_err(PAYMENT_NETWORK_REQUEST, &p, "00020101021126...another", false));
    assert_string_equal(hears(&p), "14");
    state_is(&p, PAYMENT_DECLINED);
    assert_string_equal(asks(&p), "14"); /* whatever it says now */
    p = paid("P7777777", 100);
    assert_string_equal(asks(&p), "14");
    p = paid(PLATE, 100);
    memcpy(p.mid, "898310153110009", 16);
    assert_string_equal(asks(&p), "12");
    p = paid(PLATE, 100);
    memcpy(p.rrn, "600100000001", 13); /* a reference as ours look */
    assert_ok(tell_err(PAYMENT_NETWORK_REQUEST, &p, text, false));
    assert_int_equal(rig.to_route.count, 0);
    p = paid(PLATE, 100);
    assert_ok(tell_err(PAYMENT_NETWORK_REQUEST, &p, text, true)); /* nobody vouches for it */
    assert_int_equal(rig.to_route.count, 0);
    assert_int_equal(row_of(&p).seq, 0);
    assert_int_equal(rig_audited("network_mac_failed"), 1);
    assert_ok(registry_set_plate_status(rig.registry, &actor, BYTES(PLATE), REGISTRY_SUSPENDED));
    p = paid(PLATE, 100);
    assert_string_equal(asks(&p), "03");
    assert_ok(registry_set_plate_status(rig.registry, &actor, BYTES(PLATE), REGISTRY_ACTIVE));
    p = paid(PLATE, 100);
    assert_string_equal(asks(&p), "00");
    assert_ok(registry_set_plate_status(rig.registry, &actor, BYTES(PLATE), REGISTRY_CLOSED));
    assert_int_equal(
        registry_set_plate_status(rig.registry, &actor, BYTES(PLATE), REGISTRY_ACTIVE).code,
        ERR_STATE);
}

static void a_reversal_gives_the_limit_back(void **state)
{
    (void)state;
    struct payment p = paid(PLATE, 50000), again = paid(PLATE, 50000);
    assert_string_equal(asks(&p), "00");
    assert_string_equal(undoes(&p), "00");
    state_is(&p, PAYMENT_REVERSED);
    assert_string_equal(undoes(&p), "00");
    assert_string_equal(asks(&p), "12");
    assert_string_equal(asks(&again), "00");
    struct payment late = paid(PLATE, 1); /* its reversal comes first */
    assert_string_equal(undoes(&late), "25");
    assert_string_equal(asks(&late), "12");
    struct payment other = again;
    other.amount_minor = 1;
    assert_string_equal(undoes(&other), "94");
    state_is(&again, PAYMENT_APPROVED);
    assert_true(acquirer_quiet(rig.a));
}

/* S95: at any terminal of the merchant, by the reference; and then it cannot be reversed. */
static void a_merchant_refunds_it(void **state)
{
    (void)state;
    struct payment p = paid(PLATE, 20000);
    assert_string_equal(asks(&p), "00");
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment refund = rig_payment(&t, PAYMENT_SHOWN, 5000);
    refund.type = PAYMENT_REFUND;
    memcpy(refund.original.rrn, p.rrn, sizeof p.rrn);
    memcpy(refund.original.date, row_of(&p).payment.local_date, 5);
    rig_again(&rig, &t, &refund);
    struct payment sent = rig_issuer(&rig, "00");
    assert_string_equal(sent.original.rrn, p.rrn);
    rig_expect(&rig, &t, 0x0230, "00");
    assert_string_equal(undoes(&p), "12");
    state_is(&p, PAYMENT_APPROVED);
}

/* The ledger has it as a sale of the merchant's, through the wallet. */
static void the_books_balance(void **state)
{
    (void)state;
    struct ledger *ledger = NULL;
    struct ledger_trial trial;
    struct payment p = paid(PLATE, 20000), back = paid(PLATE, 700), over = paid(PLATE, 50000);
    assert_string_equal(asks(&p), "00");
    assert_string_equal(asks(&back), "00");
    assert_string_equal(undoes(&back), "00");
    assert_string_equal(asks(&over), "61");
    size_t rows = 1;
    while (rows > 0) assert_ok(acquirer_fold(rig.a, 7, &rows));
    assert_ok(ledger_open("ledger", STORE_MEMORY, NULL, &ledger));
    assert_ok(ledger_trial_balance(ledger, &trial));
    assert_true(trial.balanced && trial.transfers_agree);
    assert_int_equal(trial.open_holds, 0);
    int64_t posted = 0;
    for (size_t i = 0; i < trial.currencies; i++) posted += trial.balance[i].debits_posted;
    assert_true(posted >= 20000);
    ledger_close(ledger);
}

/* ---- power cuts ---- */

static int64_t taken_minor(void)
{
    struct store *store = NULL;
    struct journal_plate_day day;
    int64_t customer_minor = 0;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(journal_plate_day(store, PLATE, 260101, &day));
    assert_ok(journal_plate_customer(store, CUSTOMER, REGISTRY_PLATE_D, 260101, &customer_minor));
    store_close(store);
    assert_int_equal(day.minor, customer_minor);
    return day.minor;
}

enum { PAYMENTS = 4 };

static err life(const struct payment *p)
{
    for (size_t i = 0; i < PAYMENTS; i++) {
        TRY(tell_err(PAYMENT_NETWORK_REQUEST, &p[i], text, false));
        if (i == 1) TRY(tell_err(PAYMENT_NETWORK_REVERSAL, &p[i], "", false));
    }
    return OK;
}

/* F-12: what the wallet was told is on disk, rows and sums agree, and a repeat ends it. */
static void killed_at_every_store_call(void **state)
{
    int at = 0;
    for (;; at++) {
        if (at > 0) setup(state);
        struct payment p[PAYMENTS];
        for (size_t i = 0; i < PAYMENTS; i++) p[i] = paid(PLATE, 100 << i);
        rig.calls = 0;
        rig.left = at;
        rig.with = ERR_CRASHED;
        err e = life(p);
        rig.left = -1;
        bool told[PAYMENTS] = {false};
        while (rig.to_route.count > 0) {
            size_t i = 0;
            while (memcmp(rig.to_route.item[0].at, "0210", 4) == 0 && i < PAYMENTS &&
                   memmem(rig.to_route.item[0].at, rig.to_route.item[0].len, p[i].rrn, 12) == NULL)
                i++;
            if (i < PAYMENTS && memcmp(rig.to_route.item[0].at, "0210", 4) == 0) told[i] = true;
            rig_took(&rig.to_route);
        }
        rig_restart(&rig);
        int64_t standing = 0;
        for (size_t i = 0; i < PAYMENTS; i++) {
            enum payment_state now = row_of(&p[i]).payment.state;
            if (told[i])
                assert_true(now == PAYMENT_APPROVED || (i == 1 && now == PAYMENT_REVERSED));
            if (now == PAYMENT_APPROVED) standing += p[i].amount_minor;
        }
        assert_int_equal(taken_minor(), standing);
        for (size_t i = 0; i < PAYMENTS; i++) { /* the wallet asks again, and takes one back */
            const char *code = asks(&p[i]);
            assert_true(strcmp(code, "00") == 0 || (i == 1 && strcmp(code, "12") == 0));
        }
        assert_string_equal(undoes(&p[1]), "00");
        assert_int_equal(taken_minor(), 100 + 400 + 800);
        assert_true(acquirer_quiet(rig.a));
        if (!FAILED(e)) break;
        assert_string_equal(err_name(e), "CRASHED");
        teardown(state);
    }
    assert_true(at > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plate_is_paid, setup, teardown),
        cmocka_unit_test_setup_teardown(the_business_day_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_day_that_is_said_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(each_class_has_its_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(a_plate_may_have_its_own_day, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_the_plate_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reversal_gives_the_limit_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_merchant_refunds_it, setup, teardown),
        cmocka_unit_test_setup_teardown(the_books_balance, setup, teardown),
        cmocka_unit_test_setup_teardown(killed_at_every_store_call, setup, teardown),
    };
    return cmocka_run_group_tests_name("acquirer_plate", tests, NULL, NULL);
}
