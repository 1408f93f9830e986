/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S88: the power goes at every single call to the store during a sale, whatever the host is doing.
 * After the restart every payment is approved on both sides or on neither. And a store that fails
 * without dying is said on a screen, and can be started again.
 */
#include "tests/unit/terminal_fuse.h"
#include "tests/unit/terminal_rig.h"

/* A sale and all that follows from it; ends early when the store is gone. */
static err scenario(struct rig *rig)
{
    TRY(rig_sale(rig));
    TRY(rig_advance(rig, 62000));
    TRY(rig_advance(rig, 5000));
    return rig_key(rig, "cancel");
}

static void settle_and_check(struct rig *rig)
{
    rig->mood = RIG_ANSWER;
    GOOD(rig_restart(rig));
    GOOD(rig_advance(rig, 120000));
    rig_check_books(rig);
    /* And business goes on. */
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    rig_check_books(rig);
}

static void test_power_cut(void **state)
{
    (void)state;
    static const enum rig_mood moods[] = {RIG_ANSWER, RIG_SILENT,  RIG_DEAF,
                                          RIG_DROP,   RIG_BAD_MAC, RIG_WRONG_AMOUNT};
    int cuts = 0;
    for (size_t i = 0; i < ARRAY_LEN(moods); i++) {
        for (int at = 0;; at++) {
            struct rig *rig = rig_ready();
            struct fuse fuse = {.left = at, .how = ERR(CRASHED)};
            rig->mood = moods[i];
            rig_set_fault(rig, burn, &fuse);
            err e = scenario(rig);
            assert_int_equal(FAILED(e), fuse.blown);
            rig_set_fault(rig, NULL, NULL);
            settle_and_check(rig);
            rig_free(rig);
            if (!fuse.blown) break;
            cuts++;
        }
    }
    print_message("%d power cuts\n", cuts);
    assert_true(cuts > 60);
}

/* The same while a code is on the screen (S78): told and paid, told and not paid, never told. */
static void test_power_cut_with_a_shown_code(void **state)
{
    (void)state;
    enum { PAID, UNPAID, UNTOLD, CANCELLED, ENDS };
    int cuts = 0;
    for (int way = 0; way < ENDS; way++) {
        for (int at = 0;; at++) {
            struct rig *rig = rig_ready();
            struct fuse fuse = {.left = at, .how = ERR(CRASHED)};
            memcpy(rig->shown.text, "https://qr.example.com/a", sizeof "https://qr.example.com/a");
            rig->shown.seconds = 120;
            rig->shown.at_once = way == PAID;
            if (way == UNTOLD) rig->mood = RIG_SILENT;
            rig_set_fault(rig, burn, &fuse);
            err e = rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok choice:show_code");
            if (!FAILED(e) && way == CANCELLED) e = rig_key(rig, "cancel");
            if (!FAILED(e)) e = rig_advance(rig, 145000);
            if (!FAILED(e)) e = rig_key(rig, "cancel");
            assert_int_equal(FAILED(e), fuse.blown);
            rig_set_fault(rig, NULL, NULL);
            rig->shown.text[0] = '\0';
            settle_and_check(rig);
            rig_free(rig);
            if (!fuse.blown) break;
            cuts++;
        }
    }
    assert_true(cuts > 30);
}

/*
 * The same with a chip, inserted and tapped, with a PIN and without: the card's last word comes
 * between the host's and the store's. F-09
 */
static void test_power_cut_with_a_chip(void **state)
{
    (void)state;
#define CARD .pan_masked = BYTES("620000******0005"), .card_sequence = BYTES("001"), .entry = 5
    static const struct vault_chip agrees[] = {
        {.state = VAULT_CHIP_ONLINE, CARD, .field55 = BYTES("\x9F\x36\x02\x00\x07")},
        {.state = VAULT_CHIP_DONE, CARD, .field55 = BYTES("\x9F\x36\x02\x00\x07")}};
    static const struct vault_chip refuses[] = {
        {.state = VAULT_CHIP_ONLINE, CARD, .field55 = BYTES("\x9F\x36\x02\x00\x07")},
        {.state = VAULT_CHIP_DONE, CARD, .result = VAULT_CHIP_DECLINED, .reverse = 1}};
    static const struct vault_chip with_pin[] = {
        {.state = VAULT_CHIP_PIN, CARD, .pin_tries = 255},
        {.state = VAULT_CHIP_ONLINE, CARD, .field55 = BYTES("\x9F\x36\x02\x00\x07")},
        {.state = VAULT_CHIP_DONE, CARD, .field55 = BYTES("\x9F\x36\x02\x00\x07")}};
    static const struct vault_chip pin_late[] = {
        /* pulled when the host has approved */
        {.state = VAULT_CHIP_PIN, CARD, .pin_offline = 1, .pin_tries = 3},
        {.state = VAULT_CHIP_ONLINE, CARD, .field55 = BYTES("\x9F\x36\x02\x00\x07")},
        {.state = VAULT_CHIP_DONE,
         CARD,
         .result = VAULT_CHIP_FAILED,
         .reason = VAULT_CHIP_REMOVED,
         .reverse = 1}};
#undef CARD
#define CARD .pan_masked = BYTES("620000******0005"), .card_sequence = BYTES("001"), .entry = 7
    static const struct vault_chip tapped[] = {
        {.state = VAULT_CHIP_ONLINE, CARD, .field55 = BYTES("\x9F\x36\x02\x00\x07")},
        {.state = VAULT_CHIP_DONE, CARD, .field55 = BYTES("\x9F\x36\x02\x00\x07")}};
    static const struct vault_chip tapped_with_pin[] = {
        {.state = VAULT_CHIP_PIN, CARD, .pin_tries = 255},
        {.state = VAULT_CHIP_ONLINE, CARD, .field55 = BYTES("\x9F\x36\x02\x00\x07")},
        {.state = VAULT_CHIP_DONE, CARD, .field55 = BYTES("\x9F\x36\x02\x00\x07")}};
#undef CARD
    static const struct vault_chip *const cards[] = {agrees,   refuses, with_pin,
                                                     pin_late, tapped,  tapped_with_pin};
    int cuts = 0;
    for (size_t i = 0; i < ARRAY_LEN(cards); i++) {
        for (int at = 0;; at++) {
            struct rig *rig = rig_ready();
            struct fuse fuse = {.left = at, .how = ERR(CRASHED)};
            rig->chip = cards[i];
            rig_set_fault(rig, burn, &fuse);
            err e = rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok");
            rig_card(rig, VAULT_CARD_CHIP, false);
            if (!FAILED(e)) e = rig_advance(rig, 300);
            if (!FAILED(e) && cards[i]->state == VAULT_CHIP_PIN) e = rig_enter(rig, "246810");
            if (!FAILED(e)) e = rig_advance(rig, 67000);
            assert_int_equal(FAILED(e), fuse.blown);
            rig_set_fault(rig, NULL, NULL);
            settle_and_check(rig);
            rig_free(rig);
            if (!fuse.blown) break;
            cuts++;
        }
    }
    assert_true(cuts > 60);
}

/* A second cut while the first is being put right. */
static void test_power_cut_twice(void **state)
{
    (void)state;
    for (int at = 0;; at++) {
        struct rig *rig = rig_ready();
        rig->mood = RIG_SILENT;
        GOOD(rig_sale(rig));
        AT(rig, "sale.wait");
        rig_off(rig); /* the first cut: while waiting */
        rig->mood = RIG_ANSWER;
        GOOD(rig_open(rig));
        struct fuse fuse = {.left = at, .how = ERR(CRASHED)};
        rig_set_fault(rig, burn, &fuse);
        err e = terminal_boot(rig->terminal);
        if (!FAILED(e)) e = rig_pump(rig);
        if (!FAILED(e)) e = rig_advance(rig, 10000);
        rig_set_fault(rig, NULL, NULL);
        settle_and_check(rig);
        rig_free(rig);
        if (!fuse.blown) break;
    }
}

/* Full, failing, read-only: the screen says so, nothing is charged twice, OK starts again. */
static void test_store_fails(void **state)
{
    (void)state;
    static const err kinds[] = {{ERR_FULL}, {ERR_IO}, {ERR_READ_ONLY}};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        for (int at = 0;; at++) {
            struct rig *rig = rig_ready();
            struct fuse fuse = {.left = at, .how = kinds[i]};
            rig_set_fault(rig, burn, &fuse);
            GOOD(rig_sale(rig));
            rig_set_fault(rig, NULL, NULL);
            if (fuse.blown) {
                AT(rig, "fault.storage");
                assert_non_null(rig_line(rig, "STORAGE_ADVICE"));
                assert_true(strcmp(rig_id(rig), "sale.approved") != 0 && rig->spoken == 0);
                GOOD(rig_key(rig, "ok"));
                AT(rig, "login.operator");
                GOOD(rig_advance(rig, 60000));
                GOOD(rig_panel_open(rig));
                GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
                GOOD(rig_sale(rig));
            }
            AT(rig, "sale.approved");
            rig_check_books(rig);
            rig_free(rig);
            if (!fuse.blown) break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_cut),
        cmocka_unit_test(test_power_cut_with_a_shown_code),
        cmocka_unit_test(test_power_cut_with_a_chip),
        cmocka_unit_test(test_power_cut_twice),
        cmocka_unit_test(test_store_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
