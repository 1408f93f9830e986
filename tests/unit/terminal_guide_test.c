/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PIN for who does not see the screen (terminal/guide.h), S179: how it is turned on, what is
 * said, that nothing which comes out depends on a digit, that every step has a way out, more time,
 * and a result that is spoken. The amounts as they are spoken: terminal_device_test (S90).
 */
#include "lib/wire/vault_protocol_chip.h"
#include "terminal/device/speaker.h"
#include "tests/unit/terminal_rig.h"

#define CARD .pan_masked = BYTES("620000******0005"), .card_sequence = BYTES("001"), .entry = 5

static const struct speech *spoken(const struct rig *rig)
{
    return &rig->terminal->speech;
}

static bool says(const struct rig *rig, enum speaker_clip clip)
{
    return memchr(spoken(rig)->clip, clip, spoken(rig)->count) != NULL;
}

/* What is said now is exactly this. */
static void says_only(const struct rig *rig, const uint8_t *clip, size_t count)
{
    assert_int_equal(spoken(rig)->count, count);
    assert_memory_equal(spoken(rig)->clip, clip, count);
    assert_int_equal(terminal_screen(rig->terminal)->speech_number, spoken(rig)->number);
}

#define SAYS_ONLY(rig, ...) \
    says_only(rig, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static bool has_zone(const struct rig *rig, const char *key)
{
    const struct screen *s = terminal_screen(rig->terminal);
    for (size_t i = 0; i < s->zone_count; i++)
        if (strcmp(s->zone[i].key, key) == 0) return true;
    return false;
}

static struct rig *at_present(void)
{
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    AT(rig, "sale.present");
    return rig;
}

/* Turned on by the cashier, card swiped: the first guided screen. */
static struct rig *at_start(void)
{
    struct rig *rig = at_present();
    GOOD(rig_key(rig, "choice:guide"));
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    AT(rig, "guide.start");
    return rig;
}

static struct rig *at_pin(void)
{
    struct rig *rig = at_start();
    GOOD(rig_key(rig, "ok"));
    AT(rig, "sale.pin");
    return rig;
}

static void touch(struct rig *rig, uint8_t key)
{
    bool reopen;
    GOOD(terminal_on_entry(rig->terminal, 0, bytes_of(&key, 1), &reopen));
    assert_false(reopen);
}

static void by_the_cashier(void **state)
{
    (void)state;
    struct rig *rig = at_present();
    GOOD(rig_key(rig, "choice:guide"));
    assert_non_null(rig_line(rig, "GUIDE_IS_ON"));
    SAYS_ONLY(rig, SPEAKER_ZH_GUIDE, SPEAKER_ZH_AMOUNT, SPEAKER_ZH_1, SPEAKER_ZH_HUNDRED,
              SPEAKER_ZH_2, SPEAKER_ZH_TEN, SPEAKER_ZH_8, SPEAKER_ZH_YUAN, SPEAKER_ZH_PRESENT);
    GOOD(rig_key(rig, "choice:guide")); /* and off again */
    assert_non_null(rig_line(rig, "GUIDE_IS_OFF"));
    assert_int_equal(terminal_screen(rig->terminal)->speech_number, 0);
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.pin");
    assert_int_equal(terminal_screen(rig->terminal)->guide, SCREEN_GUIDE_NONE);
    assert_int_equal(rig->keypad, VAULT_KEYPAD_SHUFFLED);
    rig_free(rig);
}

/* By the customer, with digits entered already: they are gone, the keypad is the fixed one. */
static void by_the_customer(void **state)
{
    (void)state;
    struct rig *rig = at_present();
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.pin");
    touch(rig, 3);
    GOOD(rig_key(rig, "choice:guide"));
    AT(rig, "guide.start");
    assert_true(says(rig, SPEAKER_ZH_CORNERS) && says(rig, SPEAKER_EN_FOR_ENGLISH));
    GOOD(rig_key(rig, "ok"));
    AT(rig, "sale.pin");
    assert_int_equal(rig->keypad, VAULT_KEYPAD_GUIDED);
    assert_int_equal(terminal_screen(rig->terminal)->entry.count, 0);
    assert_int_equal(terminal_screen(rig->terminal)->guide, SCREEN_GUIDE_STROKES);
    rig_free(rig);
}

static void the_whole_way(void **state)
{
    (void)state;
    struct rig *rig = at_start();
    GOOD(rig_key(rig, "language")); /* in the middle of it: said again in that one */
    assert_true(says(rig, SPEAKER_EN_GUIDE) && says(rig, SPEAKER_ZH_FOR_CHINESE));
    GOOD(rig_key(rig, "ok"));
    assert_true(says(rig, SPEAKER_EN_PIN) && says(rig, SPEAKER_EN_SAME));
    GOOD(rig_enter(rig, "246"));
    SAYS_ONLY(rig, SPEAKER_EN_ENTERED, SPEAKER_EN_3, SPEAKER_EN_DIGITS, SPEAKER_EN_AT_LEAST,
              SPEAKER_EN_4, SPEAKER_EN_NEEDED);
    touch(rig, 8);
    SAYS_ONLY(rig, SPEAKER_TONE_DIGIT);
    assert_string_equal(terminal_screen(rig->terminal)->speech, "");
    int64_t before = spoken(rig)->number;
    GOOD(rig_key(rig, "choice:repeat"));
    assert_true(spoken(rig)->number > before && says(rig, SPEAKER_EN_PIN));
    assert_true(says(rig, SPEAKER_EN_4) && says(rig, SPEAKER_EN_DIGITS)); /* how many there are */
    touch(rig, 'O');
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    assert_string_equal(rig->spoken_text, "Received 128 yuan");
    GOOD(rig_keys(rig, "choice:next digit:5 ok")); /* the next customer is another one */
    assert_int_equal(terminal_screen(rig->terminal)->speech_number, 0);
    rig_check_books(rig);
    rig_free(rig);
}

/* More than twelve, and none: words, not silence. */
static void full_and_cleared(void **state)
{
    (void)state;
    struct rig *rig = at_pin();
    for (int i = 0; i < 12; i++) touch(rig, 5);
    SAYS_ONLY(rig, SPEAKER_TONE_DIGIT);
    touch(rig, 5);
    SAYS_ONLY(rig, SPEAKER_ZH_AT_MOST, SPEAKER_ZH_TEN, SPEAKER_ZH_2, SPEAKER_ZH_TAKEN);
    rig->entered[0][0] = '\0'; /* as the vault does for its clear */
    touch(rig, 'C');
    SAYS_ONLY(rig, SPEAKER_ZH_CLEARED, SPEAKER_ZH_ENTERED, SPEAKER_ZH_0, SPEAKER_ZH_DIGITS);
    rig_free(rig);
}

/* ---- nothing depends on the digit ---- */

struct trace {
    uint8_t json[SCREEN_JSON_MAX];
    size_t len;
    struct speech speech;
    int shows, spoken;
    int64_t audits, next_ms;
};

/* Everything that leaves the terminal program for one digit after the instructions. */
static void trace_of(uint8_t digit, struct trace *out)
{
    struct rig *rig = at_pin();
    GOOD(rig_advance(rig, 1000));
    int shows = rig->shows, said = rig->spoken;
    touch(rig, digit);
    struct writer w = writer_over(out->json, sizeof out->json);
    GOOD(screen_write_json(terminal_screen(rig->terminal), &w));
    out->len = w.len;
    out->speech = *spoken(rig);
    out->shows = rig->shows - shows;
    out->spoken = rig->spoken - said;
    out->next_ms = terminal_next_ms(rig->terminal);
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM audit", &out->audits));
    rig_free(rig);
}

static void no_digit_can_be_told(void **state)
{
    (void)state;
    static struct trace first, other;
    trace_of(0, &first);
    assert_int_equal(first.spoken, 1);
    assert_int_equal(first.speech.clip[0], SPEAKER_TONE_DIGIT);
    for (uint8_t digit = 1; digit <= 9; digit++) {
        trace_of(digit, &other);
        assert_int_equal(other.len, first.len);
        assert_memory_equal(other.json, first.json, first.len);
        assert_memory_equal(&other.speech, &first.speech, sizeof first.speech);
        assert_int_equal(other.shows, first.shows);
        assert_int_equal(other.spoken, first.spoken);
        assert_int_equal(other.audits, first.audits);
        assert_int_equal(other.next_ms, first.next_ms);
    }
}

/* ---- practice ---- */

static void practised(void **state)
{
    (void)state;
    struct rig *rig = at_start();
    GOOD(rig_key(rig, "choice:practice"));
    AT(rig, "guide.practice");
    assert_int_equal(terminal_screen(rig->terminal)->entry.purpose, 0); /* no PIN is open */
    assert_true(says(rig, SPEAKER_ZH_NOT_YOURS));
    GOOD(rig_key(rig, "digit:3"));
    SAYS_ONLY(rig, SPEAKER_ZH_WRONG, SPEAKER_ZH_3, SPEAKER_ZH_PLEASE, SPEAKER_ZH_2);
    GOOD(rig_key(rig, "digit:2"));
    SAYS_ONLY(rig, SPEAKER_ZH_RIGHT, SPEAKER_ZH_PLEASE, SPEAKER_ZH_9);
    GOOD(rig_keys(rig, "digit:9 digit:5 digit:0 digit:8"));
    SAYS_ONLY(rig, SPEAKER_ZH_RIGHT, SPEAKER_ZH_PRACTISED);
    GOOD(rig_key(rig, "digit:8"));
    SAYS_ONLY(rig, SPEAKER_ZH_RIGHT, SPEAKER_ZH_PRACTISED);
    GOOD(rig_key(rig, "choice:repeat"));
    assert_true(says(rig, SPEAKER_ZH_PRACTICE) && says(rig, SPEAKER_ZH_2));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "guide.start");
    assert_true(says(rig, SPEAKER_ZH_START_FOOT));
    rig_free(rig);
}

/* ---- ways out, time, endings ---- */

static void a_way_out_of_each(void **state)
{
    (void)state;
    struct rig *rig = at_start();
    assert_true(has_zone(rig, "cancel") && has_zone(rig, "ok"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "sale.present");
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    AT(rig, "guide.start"); /* still wanted, and explained anew */
    GOOD(rig_key(rig, "choice:large"));
    AT(rig, "sale.pin");
    assert_int_equal(terminal_screen(rig->terminal)->guide, SCREEN_GUIDE_LARGE);
    assert_true(rig_has_choice(rig, "repeat", true) && says(rig, SPEAKER_ZH_KEYS));
    touch(rig, 'X');
    AT(rig, "sale.present");
    assert_int_equal(rig->sales_seen, 0);
    rig_free(rig);
}

/* Longer than without, a warning before the end, and one touch of a corner begins it anew. */
static void more_time(void **state)
{
    (void)state;
    struct rig *rig = at_pin();
    const struct timeouts *all = &rig->terminal->timeouts;
    int64_t pause = all->seconds[TIMEOUT_GUIDED_PAUSE];
    assert_true(pause > all->seconds[TIMEOUT_PIN_PAUSE]);
    assert_true(all->seconds[TIMEOUT_GUIDED_WHOLE] > all->seconds[TIMEOUT_PIN_WHOLE]);
    GOOD(rig_advance(rig, (pause - 21) * 1000));
    assert_false(says(rig, SPEAKER_ZH_HURRY));
    GOOD(rig_advance(rig, 1500));
    SAYS_ONLY(rig, SPEAKER_ZH_HURRY);
    GOOD(rig_key(rig, "choice:repeat"));
    GOOD(rig_advance(rig, (pause - 5) * 1000));
    AT(rig, "sale.pin");
    SAYS_ONLY(rig, SPEAKER_ZH_HURRY);
    GOOD(rig_advance(rig, 6000));
    AT(rig, "sale.timeout");
    SAYS_ONLY(rig, SPEAKER_ZH_TIME_OVER);
    int64_t noted;
    GOOD(store_query_int(rig->store,
                         "SELECT count(*) FROM audit WHERE event = 'timeout' AND"
                         " subject = 'time_guided_pause'",
                         &noted));
    assert_int_equal(noted, 1);
    rig_free(rig);
}

/* A chip card: wrong PIN with the tries left, bypass where the kernel allows it, taken back. */
static void with_a_chip(void **state)
{
    (void)state;
    const struct vault_chip again[] = {
        {.state = VAULT_CHIP_PIN, CARD, .pin_tries = 2, .pin_again = 1, .pin_bypass = 1},
        {.state = VAULT_CHIP_DONE,
         CARD,
         .result = VAULT_CHIP_FAILED,
         .reason = VAULT_CHIP_REMOVED}};
    struct rig *rig = at_present();
    GOOD(rig_key(rig, "choice:guide"));
    rig_card(rig, VAULT_CARD_CHIP, false);
    rig->chip = again;
    GOOD(rig_advance(rig, 300));
    AT(rig, "guide.start");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "sale.pin");
    SAYS_ONLY(rig, SPEAKER_ZH_WRONG_PIN, SPEAKER_ZH_TRIES, SPEAKER_ZH_TWO, SPEAKER_ZH_TIMES);
    assert_true(has_zone(rig, "choice:bypass"));
    GOOD(rig_key(rig, "choice:repeat"));
    assert_true(says(rig, SPEAKER_ZH_BYPASS_KEY));
    GOOD(rig_key(rig, "choice:bypass"));
    AT(rig, "sale.present"); /* this card then ended it */
    assert_string_equal(rig->chip_said, "4");
    rig_free(rig);
}

/* A result that is not "received" is spoken too. */
static void declined(void **state)
{
    (void)state;
    struct rig *rig = at_pin();
    memcpy(rig->code, "51", 3);
    GOOD(rig_enter(rig, "246810"));
    AT(rig, "sale.declined");
    SAYS_ONLY(rig, SPEAKER_ZH_DECLINED);
    rig_check_books(rig);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_the_cashier),       cmocka_unit_test(by_the_customer),
        cmocka_unit_test(the_whole_way),        cmocka_unit_test(full_and_cleared),
        cmocka_unit_test(no_digit_can_be_told), cmocka_unit_test(practised),
        cmocka_unit_test(a_way_out_of_each),    cmocka_unit_test(more_time),
        cmocka_unit_test(with_a_chip),          cmocka_unit_test(declined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
