/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The customer's time (terminal/timeouts.h): each step ends by itself at its second and not before,
 * with nothing charged, an audit record and a screen that says which step it was; the values are
 * the administrator's, between floor and ceiling; the hour's limit of PIN entries is shown. S5 S61
 * S74 S179.
 */
#include "lib/wire/vault_protocol_chip.h"
#include "tests/unit/terminal_rig.h"

#define CARD .pan_masked = BYTES("620000******0005"), .card_sequence = BYTES("001"), .entry = 5

static int64_t count(struct rig *rig, const char *sql)
{
    int64_t found;
    GOOD(store_query_int(rig->store, sql, &found));
    return found;
}

static int64_t seconds(const struct rig *rig, enum timeout timeout)
{
    return rig->terminal->timeouts.seconds[timeout];
}

/* Nothing was stored, sent or printed. */
static void nothing_happened(struct rig *rig)
{
    assert_int_equal(rig->sales_seen, 0);
    assert_int_equal(rig_count_rows(rig), 0);
    assert_int_equal(rig->printed, 0);
}

/* The step that is on the screen lasts `after` seconds from now, and no less. */
static void ends_after(struct rig *rig, int64_t after, const char *line)
{
    char at[32];
    snprintf(at, sizeof at, "%s", rig_id(rig));
    GOOD(rig_advance(rig, after * 1000 - 700));
    AT(rig, at);
    GOOD(rig_advance(rig, 800));
    AT(rig, "sale.timeout");
    assert_non_null(rig_line(rig, line));
    assert_non_null(rig_line(rig, "TIMED_OUT_NOTHING"));
    assert_string_equal(rig_line(rig, "SALE_TOTAL"), "￥128.00");
    assert_true(rig->forgets > 0);
    nothing_happened(rig);
}

static struct rig *at_present(void)
{
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    AT(rig, "sale.present");
    return rig;
}

static struct rig *at_pin(void)
{
    struct rig *rig = at_present();
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.pin");
    return rig;
}

static struct rig *with_chip(const struct vault_chip *script)
{
    struct rig *rig = at_present();
    rig_card(rig, VAULT_CARD_CHIP, false);
    rig->chip = script;
    GOOD(rig_advance(rig, 300));
    return rig;
}

/* An amount that nobody enters: back to the main screen, on record, and no screen to acknowledge.
 */
static void an_amount(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:5"));
    GOOD(rig_advance(rig, seconds(rig, TIMEOUT_AMOUNT) * 1000 + 100));
    AT(rig, "main.menu");
    assert_int_equal(count(rig, "SELECT count(*) FROM audit WHERE event = 'timeout' AND"
                                " subject = 'time_amount' AND actor = 'operator 01'"),
                     1);
    nothing_happened(rig);
    rig_free(rig);
}

static void a_card(void **state)
{
    (void)state;
    struct rig *rig = at_present();
    ends_after(rig, seconds(rig, TIMEOUT_PRESENT), "TIMED_OUT_PRESENT");
    assert_null(rig_line(rig, "TIMED_OUT_CARD"));
    assert_int_equal(count(rig, "SELECT count(*) FROM audit WHERE event = 'timeout' AND"
                                " subject = 'time_present' AND detail = '128.00'"),
                     1);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    GOOD(rig_sale(rig)); /* and the next one is as any */
    AT(rig, "sale.approved");
    rig_check_books(rig);
    rig_free(rig);
}

/* Applications of a card, and a document: the card is inside and is to be taken. */
static void a_choice(void **state)
{
    (void)state;
    const struct vault_chip choose[] = {
        {.state = VAULT_CHIP_CHOOSE, CARD, .labels = 2, .label = {BYTES("A"), BYTES("B")}}};
    const struct vault_chip document[] = {{.state = VAULT_CHIP_DOCUMENT, CARD}};
    const struct vault_chip *const scripts[] = {choose, document};
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        struct rig *rig = with_chip(scripts[i]);
        ends_after(rig, seconds(rig, TIMEOUT_CHOICE), "TIMED_OUT_CHOICE");
        assert_non_null(rig_line(rig, "TIMED_OUT_CARD"));
        assert_false(rig->terminal->work.chip.open);
        rig_free(rig);
    }
}

static void digit(struct rig *rig, uint8_t key)
{
    bool reopen;
    GOOD(terminal_on_entry(rig->terminal, 0, bytes_of(&key, 1), &reopen));
}

/* From one digit to the next. What was typed is forgotten with the card. */
static void a_pause_in_the_pin(void **state)
{
    (void)state;
    struct rig *rig = at_pin();
    digit(rig, 1);
    GOOD(rig_advance(rig, seconds(rig, TIMEOUT_PIN_PAUSE) * 1000 - 1000));
    digit(rig, 3); /* begins the pause anew */
    ends_after(rig, seconds(rig, TIMEOUT_PIN_PAUSE), "TIMED_OUT_PIN_PAUSE");
    GOOD(rig_advance(rig, (TERMINAL_RESULT_S + 1) * 1000));
    AT(rig, "main.menu");
    rig_free(rig);
}

/* All of it: whoever keeps touching keys does not keep the entry open. */
static void the_whole_pin(void **state)
{
    (void)state;
    const struct vault_chip script[] = {{.state = VAULT_CHIP_PIN, CARD, .pin_tries = 3}};
    struct rig *rig = with_chip(script);
    AT(rig, "sale.pin");
    int64_t left = seconds(rig, TIMEOUT_PIN_WHOLE);
    for (; left > 20; left -= 20) {
        GOOD(rig_advance(rig, 20000));
        AT(rig, "sale.pin");
        digit(rig, 7);
        GOOD(rig_panel_open(rig)); /* another page on the screen begins the entry, not the time */
    }
    assert_true(terminal_screen(rig->terminal)->countdown <= 20);
    ends_after(rig, left, "TIMED_OUT_PIN");
    assert_non_null(rig_line(rig, "TIMED_OUT_CARD"));
    assert_int_equal(count(rig, "SELECT count(*) FROM audit WHERE event = 'timeout' AND"
                                " subject = 'time_pin'"),
                     1);
    rig_free(rig);
}

/* A lock that would come sooner waits for the customer, and comes afterwards. */
static void the_lock_waits(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->terminal->lock_s = 20;
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    ends_after(rig, seconds(rig, TIMEOUT_PRESENT), "TIMED_OUT_PRESENT");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    GOOD(rig_advance(rig, 21000));
    AT(rig, "lock.locked");
    rig_free(rig);
}

/* ---- the values ---- */

static void administrator(struct rig *rig)
{
    memcpy(rig->password[99], "73519", 6);
    while (strcmp(rig_id(rig), "session.leave") != 0) GOOD(rig_key(rig, "cancel"));
    GOOD(rig_key(rig, "choice:log_out"));
    GOOD(rig_login_as(rig, "digit:9 digit:9 ok", "73519"));
    GOOD(rig_keys(rig, "choice:manage choice:parameters choice:timeouts"));
    AT(rig, "timeouts.list");
}

/* Every one of them: below the floor and above the ceiling it is refused, at both it is taken. */
static void floors_and_ceilings(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    administrator(rig);
    for (enum timeout i = 0; i < TIMEOUTS; i++) {
        const struct timeout_row *row = timeout_row(i);
        assert_true(row->floor_s <= row->delivered_s && row->delivered_s <= row->ceiling_s);
        assert_int_equal(seconds(rig, i), row->delivered_s);
        const int64_t values[] = {row->floor_s - 1, row->ceiling_s + 1, row->ceiling_s,
                                  row->floor_s};
        for (size_t v = 0; v < ARRAY_LEN(values); v++) {
            char keys[96];
            bool good = values[v] >= row->floor_s && values[v] <= row->ceiling_s;
            snprintf(keys, sizeof keys, "choice:%s digit:%d digit:%d digit:%d ok", row->name,
                     (int)(values[v] / 100), (int)(values[v] / 10 % 10), (int)(values[v] % 10));
            GOOD(rig_keys(rig, keys));
            AT(rig, good ? "timeouts.list" : "timeouts.value");
            assert_non_null(rig_line(rig, good ? "TIMEOUTS_SAVED" : "TIMEOUTS_BOUNDS"));
            if (good) assert_int_equal(seconds(rig, i), values[v]);
            else GOOD(rig_key(rig, "cancel"));
        }
        GOOD(rig_keys(rig, "ok"));
    }
    assert_int_equal(count(rig, "SELECT count(*) FROM audit WHERE event = 'parameter_set'"),
                     2 * TIMEOUTS);
    GOOD(rig_keys(rig, "choice:time_pin ok")); /* nothing typed is no value */
    AT(rig, "timeouts.value");
    rig_free(rig);
}

/* In force at once and after a restart; a value that is none of ours is damage. */
static void kept_and_checked(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    administrator(rig);
    GOOD(rig_keys(rig, "choice:time_present digit:1 digit:2 ok"));
    GOOD(rig_restart(rig));
    assert_int_equal(seconds(rig, TIMEOUT_PRESENT), 12);
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    ends_after(rig, 12, "TIMED_OUT_PRESENT");
    struct store_statement *s;
    GOOD(store_statement(rig->store, "UPDATE parameter SET value = 5 WHERE name = 'time_present'",
                         &s));
    GOOD(store_run(s));
    struct timeouts read = {.seconds = {77}};
    assert_int_equal(timeouts_load(&rig->terminal->records, &read).code, ERR_CORRUPT);
    assert_int_equal(read.seconds[0], 77);
    rig_free(rig);
}

/* S61: what the vault's hourly limit looks like at the counter: words, and the way on. */
static void too_many_pins(void **state)
{
    (void)state;
    struct rig *rig = at_present();
    rig->refuse_entry = VAULT_TOO_MANY_PINS;
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.present");
    assert_non_null(rig_line(rig, "PIN_TOO_MANY"));
    nothing_happened(rig);
    rig_card(rig, VAULT_CARD_READ, false); /* a card that needs none is taken */
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    rig_check_books(rig);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_amount),
        cmocka_unit_test(a_card),
        cmocka_unit_test(a_choice),
        cmocka_unit_test(a_pause_in_the_pin),
        cmocka_unit_test(the_whole_pin),
        cmocka_unit_test(the_lock_waits),
        cmocka_unit_test(floors_and_ceilings),
        cmocka_unit_test(kept_and_checked),
        cmocka_unit_test(too_many_pins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
