/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 余额查询 at the counter (S101): what is shown, for how long, to whom; what is refused; and that
 * nothing of it is stored, printed, spoken or reversed, however it ends.
 */
#include "tests/unit/terminal_rig.h"

/* At the screen that wants a card. */
static struct rig *rig_at_card(void)
{
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:records choice:balance"));
    AT(rig, "sale.present");
    assert_true(terminal_screen(rig->terminal)->card);
    assert_false(terminal_screen(rig->terminal)->scan);
    assert_null(rig_line(rig, "SALE_TOTAL"));
    assert_false(rig_has_choice(rig, "cash", true));
    return rig;
}

static void swipe(struct rig *rig)
{
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.pin");
    GOOD(rig_enter(rig, "135790"));
}

/* As if it had never been asked, but for the number. */
static void end(struct rig *rig, unsigned asked)
{
    assert_int_equal(rig->balance.seen, asked);
    assert_int_equal(rig_count_rows(rig), 0);
    assert_int_equal(rig->printed, 0);
    assert_int_equal(rig->spoken, 0);
    assert_int_equal(rig->reversals_seen, 0);
    assert_int_equal(rig->terminal->records.unsent, 0);
    rig_check_books(rig);
    rig_free(rig);
}

static void shown_and_gone(void **state)
{
    (void)state;
    struct rig *rig = rig_at_card();
    uint32_t stan = rig->terminal->records.stan;
    rig->balance.minor = 123456;
    swipe(rig);
    AT(rig, "balance.result");
    assert_string_equal(rig_line(rig, "BALANCE_AVAILABLE"), "可用余额\t￥1234.56");
    assert_string_equal(rig_line(rig, "BALANCE_CARD"), "卡号\t622209******6620");
    assert_null(terminal_screen(rig->terminal)->receipt);
    assert_int_equal(rig->terminal->records.stan, stan + 1);
    /* It does not lie on the counter: after twenty seconds it is gone, from memory too. */
    GOOD(rig_advance(rig, 21000));
    AT(rig, "main.menu");
    assert_int_equal(rig->terminal->host.balance_minor, 0);
    GOOD(rig_restart(rig));
    assert_int_equal(rig->terminal->records.stan, stan + 1); /* a number is used once */
    end(rig, 1);
}

static void one_card_after_the_other(void **state)
{
    (void)state;
    struct rig *rig = rig_at_card();
    rig->balance.minor = -500;
    swipe(rig);
    assert_string_equal(rig_line(rig, "BALANCE_OVERDRAWN"), "已透支\t￥5.00");
    GOOD(rig_key(rig, "choice:next"));
    AT(rig, "sale.present");
    rig->balance.untold = true;
    swipe(rig);
    assert_non_null(rig_line(rig, "BALANCE_NONE"));
    assert_null(rig_line(rig, "BALANCE_OVERDRAWN")); /* nothing of the card before */
    GOOD(rig_key(rig, "ok"));
    AT(rig, "records.menu");
    end(rig, 2);
}

static void refused_by_its_issuer(void **state)
{
    (void)state;
    struct rig *rig = rig_at_card();
    memcpy(rig->code, "55", 3);
    swipe(rig);
    AT(rig, "balance.result");
    assert_non_null(strstr(rig_line(rig, "BALANCE_REFUSED"), "55"));
    assert_null(rig_line(rig, "BALANCE_AVAILABLE"));
    end(rig, 1);
}

static void without_an_answer(void **state)
{
    (void)state;
    struct rig *rig = rig_at_card();
    rig->balance.silent = true;
    swipe(rig);
    AT(rig, "balance.wait");
    GOOD(rig_advance(rig, 61000));
    AT(rig, "balance.result");
    assert_non_null(rig_line(rig, "BALANCE_NO_ANSWER"));
    GOOD(rig_key(rig, "choice:next"));
    swipe(rig);
    GOOD(rig_key(rig, "cancel")); /* somebody does not want to wait */
    AT(rig, "sale.present");
    assert_non_null(rig_line(rig, "BALANCE_CANCELLED"));
    end(rig, 2);
}

/* Who cannot make a MAC, or says a balance that is none, says nothing. */
static void an_answer_that_is_none(void **state)
{
    (void)state;
    struct rig *rig = rig_at_card();
    rig->balance.bad_mac = true;
    swipe(rig);
    assert_non_null(rig_line(rig, "BALANCE_NO_ANSWER"));
    GOOD(rig_key(rig, "choice:next"));
    rig->balance.bad_mac = false;
    rig->balance.nonsense = true;
    swipe(rig);
    AT(rig, "balance.wait");
    GOOD(rig_advance(rig, 61000));
    assert_non_null(rig_line(rig, "BALANCE_NO_ANSWER"));
    end(rig, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shown_and_gone),         cmocka_unit_test(one_card_after_the_other),
        cmocka_unit_test(refused_by_its_issuer),  cmocka_unit_test(without_an_answer),
        cmocka_unit_test(an_answer_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
