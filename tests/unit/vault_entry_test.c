/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secure keypad: layouts, counting, the sealed channel between page and vault (S61, DV-05). The
 * terminal program relays these messages and can neither read, alter nor repeat one.
 */
#include "tests/unit/vault_rig.h"
#include "vault/state.h"

static int set_up(void **state)
{
    struct rig *rig = rig_new(3);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

static void test_fixed_layout(void **state)
{
    struct rig *rig = *state;
    assert_status(rig_begin(rig, VAULT_ENTRY_PASSWORD, false), VAULT_OK);
    assert_memory_equal(rig->layout, "123456789C0B", 12);
}

/* S73, DV-05: every digit is as often on every place; clear and back stay. Chi-square, 9 degrees.
 */
static void test_shuffled_layout(void **state)
{
    struct rig *rig = *state;
    enum { ROUNDS = 2000 };
    static unsigned count[12][10];
    memset(count, 0, sizeof count);
    for (int round = 0; round < ROUNDS; round++) {
        unsigned seen = 0;
        assert_status(rig_begin(rig, VAULT_ENTRY_PASSWORD, true), VAULT_OK);
        assert_int_equal(rig->layout[9], 'C');
        assert_int_equal(rig->layout[11], 'B');
        for (int place = 0; place < 12; place++) {
            if (place == 9 || place == 11) continue;
            assert_in_range(rig->layout[place], '0', '9');
            seen |= 1u << (rig->layout[place] - '0');
            count[place][rig->layout[place] - '0']++;
        }
        assert_int_equal(seen, 1023);
    }
    for (int place = 0; place < 12; place++) {
        if (place == 9 || place == 11) continue;
        long sum = 0, expected = ROUNDS / 10;
        for (int d = 0; d < 10; d++)
            sum += ((long)count[place][d] - expected) * ((long)count[place][d] - expected);
        assert_true(sum < 34 * expected); /* one in 10,000, ten times */
    }
}

/*
 * DV-05, S80: a million layouts. Of each digit on each place, and
 * of each pair of digits beside one another: chi-square below what chance exceeds once in a
 * million.
 */
static void test_a_million_layouts(void **state)
{
    (void)state;
    enum { DRAWS = 1000000 };
    static const uint8_t place[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 10};
    static unsigned single[10][10], pair[10][10];
    struct random_seeded source;
    random_seed(&source, 805);
    const struct random random = random_from_seed(&source);
    uint8_t layout[VAULT_LAYOUT_KEYS];
    for (int draw = 0; draw < DRAWS; draw++) {
        vault_layout_draw(&random, true, layout);
        for (size_t p = 0; p < 10; p++) single[p][layout[place[p]] - '0']++;
        pair[layout[0] - '0'][layout[1] - '0']++;
    }
    double pairs = 0;
    for (size_t p = 0; p < 10; p++) {
        double sum = 0;
        for (size_t d = 0; d < 10; d++) {
            double off = single[p][d] - DRAWS / 10.0;
            sum += off * off / (DRAWS / 10.0);
            double beside = pair[p][d] - DRAWS / 90.0;
            if (p != d) pairs += beside * beside / (DRAWS / 90.0);
        }
        assert_true(sum < 46); /* 9 degrees of freedom */
        assert_int_equal(pair[p][p], 0);
    }
    assert_true(pairs < 165); /* 89 degrees of freedom */
}

static void test_counting_and_correcting(void **state)
{
    struct rig *rig = *state;
    struct vault_entry_answer out;
    assert_status(rig_begin(rig, VAULT_ENTRY_PASSWORD, true), VAULT_OK);
    assert_int_equal(rig_press(rig, 'B').count, 0);
    assert_int_equal(rig_press(rig, '7').count, 1);
    assert_int_equal(rig_press(rig, '3').count, 2);
    assert_int_equal(rig_press(rig, 'B').count, 1);
    assert_status(rig_touch(rig, 'O', &out), VAULT_OK);
    assert_int_equal(out.state, VAULT_ENTRY_SHORT);
    assert_int_equal(out.count, 1);
    assert_int_equal(rig_press(rig, 'C').count, 0);
    for (int i = 0; i < 16; i++) assert_int_equal(rig_press(rig, '5').count, i + 1);
    assert_int_equal(rig_press(rig, '5').count, 16); /* no seventeenth is taken */
    assert_status(rig_touch(rig, 'O', &out), VAULT_OK);
    assert_int_equal(out.state, VAULT_ENTRY_DONE);
    assert_status(rig_touch(rig, 0, &out), VAULT_NO_ENTRY);
}

static void test_cancel_and_forget(void **state)
{
    struct rig *rig = *state;
    struct vault_entry_answer out;
    assert_status(rig_begin(rig, VAULT_ENTRY_PASSWORD, false), VAULT_OK);
    (void)rig_press(rig, '1');
    assert_status(rig_touch(rig, 'X', &out), VAULT_OK);
    assert_int_equal(out.state, VAULT_ENTRY_CANCELLED);
    assert_int_equal(out.count, 0);
    assert_status(rig_touch(rig, 'O', &out), VAULT_NO_ENTRY);

    rig_enter(rig, VAULT_ENTRY_PASSWORD, "739516");
    assert_status(rig_plain(rig, VAULT_CARD_FORGET), VAULT_OK);
    vault_write_person(rig_ask(rig, VAULT_LOGIN), (struct vault_person){1, rig->language});
    assert_status(rig_send(rig), VAULT_NO_ENTRY);

    rig_enter(rig, VAULT_ENTRY_PASSWORD, "739516");
    vault_forget_session(rig->vault);
    assert_status(rig_begin(rig, VAULT_ENTRY_PASSWORD, false), VAULT_BAD_SEAL);
}

/* S61: a relay that repeats, alters, cuts or invents a touch gets BAD_SEAL and changes nothing. */
static void test_panel_messages_cannot_be_forged(void **state)
{
    struct rig *rig = *state;
    struct vault_entry_answer out;
    uint8_t sealed[1 + PANEL_OVERHEAD], altered[2 + PANEL_OVERHEAD] = {0};
    const uint8_t touch = 4;
    assert_status(rig_begin(rig, VAULT_ENTRY_PASSWORD, false), VAULT_OK);
    struct writer w = writer_over(sealed, sizeof sealed);
    assert_ok(panel_seal(&rig->crypto, &rig->panel, bytes_of(&touch, 1), &w));
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        memcpy(altered, sealed, sizeof sealed);
        altered[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_status(rig_bytes(rig, VAULT_ENTRY_KEY, bytes_of(altered, sizeof sealed)),
                      VAULT_BAD_SEAL);
    }
    for (size_t len = 0; len < sizeof altered; len++) {
        if (len == sizeof sealed) continue;
        assert_status(rig_bytes(rig, VAULT_ENTRY_KEY, bytes_of(altered, len)), VAULT_BAD_SEAL);
    }
    assert_status(rig_bytes(rig, VAULT_ENTRY_KEY, BYTES_OF(sealed)), VAULT_OK);
    assert_ok(vault_read_entry_answer(&rig->answer, &out));
    assert_int_equal(out.count, 1);
    assert_status(rig_bytes(rig, VAULT_ENTRY_KEY, BYTES_OF(sealed)), VAULT_BAD_SEAL); /* replay */
    assert_int_equal(rig_press(rig, '2').count, 2);

    /* What the vault itself has sealed is not taken for a touch. */
    struct panel_channel old = rig->panel;
    rig_panel(rig);
    assert_status(rig_touch(rig, 0, &out), VAULT_NO_ENTRY); /* a new page: the entry is gone */
    rig->panel = old;
    assert_status(rig_touch(rig, 0, &out), VAULT_BAD_SEAL); /* the old page is locked out */
}

static void test_panel_wants_a_point(void **state)
{
    struct rig *rig = *state;
    uint8_t point[65] = {4};
    assert_status(rig_bytes(rig, VAULT_PANEL_OPEN, BYTES_OF(point)), VAULT_BAD_REQUEST);
    assert_status(rig_bytes(rig, VAULT_PANEL_OPEN, BYTES("")), VAULT_BAD_REQUEST);
    assert_status(rig_begin(rig, VAULT_ENTRY_PASSWORD, false), VAULT_OK); /* the old one stays */
}

/* S61: a PIN only for a card that is here, and at most so many an hour, restarts included. */
static void test_pin_entries_are_counted(void **state)
{
    struct rig *rig = *state;
    struct vault_entry_answer out;
    assert_status(rig_begin(rig, VAULT_ENTRY_PIN, true), VAULT_NO_CARD);
    rig_read_card(rig);
    for (int i = 0; i < VAULT_PIN_ENTRIES_AN_HOUR; i++) {
        assert_status(rig_begin(rig, VAULT_ENTRY_PIN, true), VAULT_OK);
        assert_int_equal(rig->shown.min, 4);
        assert_int_equal(rig->shown.max, 12);
        rig->now_ms += 1000;
    }
    assert_status(rig_begin(rig, VAULT_ENTRY_PIN, true), VAULT_TOO_MANY_PINS);
    assert_status(rig_touch(rig, 0, &out), VAULT_NO_ENTRY);
    rig_restart(rig);
    rig_panel(rig);
    rig_read_card(rig);
    assert_status(rig_begin(rig, VAULT_ENTRY_PIN, true), VAULT_TOO_MANY_PINS);
    assert_status(rig_begin(rig, VAULT_ENTRY_PASSWORD, true), VAULT_OK); /* only PINs */
    rig->now_ms += (3600 - VAULT_PIN_ENTRIES_AN_HOUR) * 1000; /* the first is an hour old */
    assert_status(rig_begin(rig, VAULT_ENTRY_PIN, true), VAULT_OK);
    assert_status(rig_begin(rig, VAULT_ENTRY_PIN, true), VAULT_TOO_MANY_PINS);
    /* A clock that was set back: for an hour at most nobody enters a PIN, not for years. */
    rig->now_ms -= (int64_t)86400 * 1000 * 365;
    assert_status(rig_begin(rig, VAULT_ENTRY_PIN, true), VAULT_TOO_MANY_PINS);
    rig->now_ms += 3600 * 1000;
    assert_status(rig_begin(rig, VAULT_ENTRY_PIN, true), VAULT_OK);
}

static int64_t guided_notes(struct rig *rig)
{
    int64_t count;
    assert_ok(store_query_int(vault_store(rig->vault),
                              "SELECT count(*) FROM audit WHERE event = 'pin_entry_guided'",
                              &count));
    return count;
}

/* S179: who does not see the keypad has it in its fixed order, however the shop shuffles; the vault
 * puts it down; what it answers to a digit does not depend on which one it is. */
static void test_guided_pin(void **state)
{
    struct rig *rig = *state;
    uint8_t first[64];
    size_t first_len = 0;
    rig_read_card(rig);
    assert_status(rig_begin_for(rig, VAULT_ENTRY_PIN, VAULT_KEYPAD_SHUFFLED, 0), VAULT_OK);
    assert_int_equal(guided_notes(rig), 0);
    for (char digit = '0'; digit <= '9'; digit++) {
        assert_status(rig_begin_for(rig, VAULT_ENTRY_PIN, VAULT_KEYPAD_GUIDED, 0), VAULT_OK);
        assert_memory_equal(rig->layout, "123456789C0B", 12);
        uint8_t place =
            (uint8_t)((const char *)memchr(rig->layout, digit, 12) - (const char *)rig->layout);
        uint8_t sealed[1 + PANEL_OVERHEAD];
        struct writer w = writer_over(sealed, sizeof sealed);
        assert_ok(panel_seal(&rig->crypto, &rig->panel, bytes_of(&place, 1), &w));
        assert_status(rig_bytes(rig, VAULT_ENTRY_KEY, BYTES_OF(sealed)), VAULT_OK);
        struct bytes said = read_rest(&rig->answer);
        assert_true(said.len > 0 && said.len <= sizeof first);
        if (digit == '0') memcpy(first, said.at, first_len = said.len);
        assert_true(bytes_equal(said, bytes_of(first, first_len)));
    }
    assert_int_equal(guided_notes(rig), 10);
    assert_status(rig_begin_for(rig, VAULT_ENTRY_PASSWORD, VAULT_KEYPAD_GUIDED, 1),
                  VAULT_BAD_REQUEST);
    assert_int_equal(guided_notes(rig), 10);
}

static void test_malformed(void **state)
{
    struct rig *rig = *state;
    assert_status(rig_begin(rig, 0, false), VAULT_BAD_REQUEST);
    assert_status(rig_begin(rig, VAULT_ENTRY_OWNER + 1, false), VAULT_BAD_REQUEST);
    struct vault_entry_begin odd = {VAULT_ENTRY_PASSWORD, VAULT_KEYPAD_GUIDED + 1, 0,
                                    VAULT_ENGLISH};
    vault_write_entry_begin(rig_ask(rig, VAULT_ENTRY_BEGIN), &odd);
    assert_status(rig_send(rig), VAULT_BAD_REQUEST);
    struct vault_entry_answer out;
    assert_status(rig_begin(rig, VAULT_ENTRY_PASSWORD, false), VAULT_OK);
    assert_status(rig_touch(rig, 12, &out), VAULT_BAD_REQUEST);
    assert_status(rig_touch(rig, 'o', &out), VAULT_BAD_REQUEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_million_layouts),
        cmocka_unit_test_setup_teardown(test_fixed_layout, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shuffled_layout, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_counting_and_correcting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cancel_and_forget, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_panel_messages_cannot_be_forged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_panel_wants_a_point, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pin_entries_are_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_guided_pin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_malformed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
