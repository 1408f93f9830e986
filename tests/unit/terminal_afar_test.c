/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the back office sets at a terminal (S118), and what it says of its house (S189): taken when
 * the vault has its word, in force at rest, over restarts and power cuts; what is forged, old or
 * not understood is refused and told; a row of the menu that is set from afar is not changed here.
 */
#include "terminal/manual.h"
#include "tests/unit/terminal_rig_real.h"

static char progress[256]; /* what was told of numbers, one after the other */

static bool said(const struct rig *rig, const char *text)
{
    return strstr(rig->manage_said, text) != NULL;
}

static void keep_progress(const struct rig *rig)
{
    const char *number = strstr(rig->manage_said, "\"number\":");
    const char *state = strstr(rig->manage_said, "\"state\":\"");
    const char *reason = strstr(rig->manage_said, "\"reason\":\"");
    size_t used = strlen(progress);
    snprintf(progress + used, sizeof progress - used, "%d:%.3s%s%.3s ",
             (int)strtol(number + 9, NULL, 10), state + 9, reason ? "=" : "",
             reason ? reason + 10 : "");
}

static void settle(struct rig *rig)
{
    for (int i = 0; i < 60; i++) {
        int frames = rig->manage_frames;
        GOOD(rig_advance(rig, 20));
        bool asked = rig->terminal->manage.asked != DEVICE_NO_ASK;
        if (!asked && rig->manage_frames == frames) return;
        if (!asked) continue;
        if (said(rig, "\"ask\":\"applied\"")) keep_progress(rig);
        GOOD(rig_manage_answer(rig, "ok", ""));
    }
    fail_msg("it goes on asking: %s", rig->manage_said);
}

static struct rig *ready(void)
{
    struct rig *rig = rig_new();
    rig->with_manage = rig->manage_reachable = true;
    GOOD(rig_boot(rig));
    settle(rig);
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_keys(rig, "choice:sign_in"));
    GOOD(rig_key(rig, "ok"));
    settle(rig);
    progress[0] = '\0';
    return rig;
}

static void power_cut(struct rig *rig)
{
    rig_off(rig);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    settle(rig);
}

/* `lines` of a document; a MAC that begins with FF is nobody's to the vault of the bench. */
static void give(struct rig *rig, int number, const char *lines, bool forged)
{
    char json[800];
    snprintf(json, sizeof json,
             "{\"tell\":\"parameters\",\"number\":%d,\"document\":\"tongbao parameters 1\\n%s\","
             "\"nonce\":\"00000000000000000000000000000000\",\"mac\":"
             "\"%s000000000000000000000000000000\"}",
             number, lines, forged ? "FF" : "00");
    GOOD(rig_manage(rig, json));
    settle(rig);
}

static const char *line_of(const struct rig *rig, const char *id)
{
    const char *line = rig_line(rig, id);
    return line == NULL ? "" : line;
}

static void it_is_in_force_at_rest(void **state)
{
    (void)state;
    struct rig *rig = ready();
    GOOD(rig_keys(rig, "choice:sale digit:1"));
    give(rig, 3, "banner 今天盘点\\ntip 1\\ntime_amount 30\\n", false);
    assert_string_equal(progress, "3:ack "); /* somebody is in the middle of a sale */
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP], 0);
    assert_int_equal(rig->terminal->afar.number, 0);
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
    settle(rig);
    assert_string_equal(progress, "3:ack 3:ver ");
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP], 1);
    assert_int_equal(rig->terminal->timeouts.seconds[TIMEOUT_AMOUNT], 30);
    assert_string_equal(line_of(rig, "FIND_TEXT"), "今天盘点");
    GOOD(rig_advance(rig, DEVICE_STATE_GAP_MS + 1000));
    settle(rig);
    assert_int_equal(rig->terminal->manage.condition.told.parameters,
                     3); /* the state tells which is in force */
    progress[0] = '\0';
    power_cut(rig);
    AT(rig, "login.operator");
    assert_string_equal(line_of(rig, "FIND_TEXT"), "今天盘点");
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP], 1);
    assert_int_equal(rig->terminal->afar.number, 3);
    give(rig, 4, "", false); /* nothing is set any more: the shop's own holds again */
    assert_string_equal(progress, "4:ack 4:ver ");
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP], 0);
    assert_int_equal(rig->terminal->timeouts.seconds[TIMEOUT_AMOUNT], 60);
    assert_string_equal(line_of(rig, "FIND_TEXT"), "");
    rig_free(rig);
}

static void forged_old_and_unknown_ones_are_refused_and_told(void **state)
{
    (void)state;
    struct rig *rig = ready();
    give(rig, 5, "tip 1\\n", false);
    progress[0] = '\0';
    give(rig, 9, "tip 0\\n", true);
    give(rig, 4, "tip 0\\n", false);
    give(rig, 6, "something_new 1\\n", false);
    give(rig, 7, "tip 2\\n", false);
    assert_string_equal(progress, "9:ref=for 4:ref=old 6:ref=unk 7:ref=unk ");
    assert_int_equal(rig->terminal->afar.number, 5);
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP], 1);
    progress[0] = '\0';
    give(rig, 6, "tip 0\\n", false); /* what was not understood has used up no number */
    assert_string_equal(progress, "6:ack 6:ver ");
    rig_free(rig);
}

static void a_repeat_says_what_it_was(void **state)
{
    (void)state;
    struct rig *rig = ready();
    GOOD(rig_keys(rig, "choice:sale digit:1"));
    give(rig, 3, "tip 1\\n", false);
    give(rig, 3, "tip 1\\n", false);
    assert_string_equal(progress, "3:ack 3:ack ");
    GOOD(rig_key(rig, "cancel"));
    settle(rig);
    progress[0] = '\0';
    give(rig, 3, "tip 1\\n", false);
    assert_string_equal(progress, "3:ver ");
    int64_t rows = 0;
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM afar", &rows));
    assert_int_equal(rows, 1);
    rig_free(rig);
}

/* The vault has counted it and the power goes before the store has it: told again, it is taken. */
static void what_the_vault_has_and_the_store_has_not(void **state)
{
    (void)state;
    struct rig *rig = ready();
    rig->parameters_last = 3;
    give(rig, 3, "tip 1\\n", false);
    assert_string_equal(progress, "3:ack 3:ver ");
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP], 1);
    rig_free(rig);
}

/* Another version of ours has stored what we do not know: not in force, and not said to be. */
static void what_is_stored_and_unknown_is_not_in_force(void **state)
{
    (void)state;
    struct rig *rig = ready();
    give(rig, 3, "tip 1\\n", false);
    GOOD(store_exec(rig->store,
                    "UPDATE afar SET document = 'tongbao parameters 1' || char(10) || 'later 1'"
                    " || char(10)"));
    power_cut(rig);
    assert_int_equal(rig->terminal->afar.number, 0);
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP], 0);
    rig_free(rig);
}

/* ---- the shop's own ---- */

static void what_is_set_from_afar_is_not_changed_here(void **state)
{
    (void)state;
    struct rig *rig = ready();
    struct terminal *t = rig->terminal;
    give(rig, 3, "limit_sale 5000\\nmanual_most 100\\nsettle_at 60\\n", false);
    assert_int_equal(t->limits.cashier[LIMIT_SALE], 5000);
    assert_int_equal(t->manual_most, 100);
    assert_int_equal(t->settle.at_minute, 60);
    assert_true(afar_holds(t, "limit_sale") && afar_holds(t, "settle_at"));
    assert_string_equal(t->notice.id, "AFAR_HELD");
    assert_false(afar_holds(t, "limit_refund") || afar_holds(t, "nothing"));
    /* What the shop sets meanwhile is kept, and holds when nothing is set from afar any more. */
    GOOD(records_parameter_set(&t->records, "limit_sale", 7000, "", "70.00"));
    give(rig, 4, "", false);
    assert_int_equal(t->limits.cashier[LIMIT_SALE], 7000);
    assert_int_equal(t->settle.at_minute, -1);
    rig_free(rig);
}

/* Every number may stand at its least and at its most: the terminal's own tables allow both. */
static void the_table_is_the_terminals_own(void **state)
{
    (void)state;
    for (int most = 0; most < 2; most++) {
        struct rig *rig = ready();
        struct terminal *t = rig->terminal;
        for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++) {
            const struct device_parameter_row *row = device_parameter_row(i);
            int64_t own = INT64_MIN;
            char line[64];
            if (row->type == DEVICE_PARAMETER_TEXT) continue;
            snprintf(line, sizeof line, "%s %lld\\n", row->name,
                     (long long)(most ? row->most : row->least));
            give(rig, (int)(i + 1) * 2, line, false);
            AT(rig, "main.menu"); /* and not the screen of a damaged store */
            assert_int_equal(t->afar.number, (int)(i + 1) * 2);
            GOOD(records_parameter(&t->records, row->name, &own));
            assert_int_equal(own, most ? row->most : row->least);
        }
        rig_free(rig);
    }
}

/* What holds when nobody has set anything is what the table says that it is. */
static void the_table_says_what_is_delivered(void **state)
{
    (void)state;
    struct rig *rig = ready();
    const struct terminal *t = rig->terminal;
    static const struct {
        enum counter_setting own;
        enum device_parameter which;
    } rows[] = {
        {COUNTER_QUICK_1, DEVICE_PARAMETER_quick_1},
        {COUNTER_TIP, DEVICE_PARAMETER_tip},
        {COUNTER_TIP_1, DEVICE_PARAMETER_tip_1},
        {COUNTER_TIP_2, DEVICE_PARAMETER_tip_2},
        {COUNTER_TIP_3, DEVICE_PARAMETER_tip_3},
        {COUNTER_TIP_MOST, DEVICE_PARAMETER_tip_most},
        {COUNTER_SIGN, DEVICE_PARAMETER_sign},
        {COUNTER_SIGN_FREE, DEVICE_PARAMETER_sign_free},
        {COUNTER_POINTS, DEVICE_PARAMETER_points},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(t->counter.value[rows[i].own],
                         device_parameter_row(rows[i].which)->delivered);
    for (enum timeout i = 0; i < TIMEOUTS; i++) {
        enum device_parameter which = device_parameter_named(bytes_text(timeout_row(i)->name));
        assert_true(which < DEVICE_PARAMETERS);
        const struct device_parameter_row *row = device_parameter_row(which);
        assert_int_equal(row->delivered, timeout_row(i)->delivered_s);
        assert_int_equal(row->least, timeout_row(i)->floor_s);
        assert_int_equal(row->most, timeout_row(i)->ceiling_s);
    }
    assert_int_equal(t->limits.cashier[LIMIT_SALE],
                     device_parameter_row(DEVICE_PARAMETER_limit_sale)->delivered);
    assert_int_equal(t->limits.cashier[LIMIT_REFUND],
                     device_parameter_row(DEVICE_PARAMETER_limit_refund)->delivered);
    assert_int_equal(t->limits.cashier[LIMIT_DISCOUNT],
                     device_parameter_row(DEVICE_PARAMETER_limit_discount)->delivered);
    assert_int_equal(t->settle.at_minute,
                     device_parameter_row(DEVICE_PARAMETER_settle_at)->delivered);
    rig_free(rig);
}

/* ---- what it does ---- */

static void slips_and_the_lock(void **state)
{
    (void)state;
    struct rig *rig = ready();
    struct terminal *t = rig->terminal;
    give(rig, 3, "receipt_footer 谢谢惠顾\\nlock_s 45\\n", false);
    assert_int_equal(t->lock_s, 45);
    GOOD(rig_sale(rig));
    bool footer = false;
    for (size_t i = 0; i < t->receipt.count; i++)
        footer = footer || strstr(t->receipt.line[i].text, "谢谢惠顾") != NULL;
    assert_true(footer);
    rig_free(rig);
}

static bool printed(const struct receipt *slip, const char *text)
{
    for (size_t i = 0; i < slip->count; i++)
        if (strstr(slip->line[i].text, text) != NULL) return true;
    return false;
}

/* What the slip of the payment says now, when it is printed again. */
static bool again(struct rig *rig, int64_t number, const char *text)
{
    struct payment p;
    GOOD(records_get(&rig->terminal->records, number, &p));
    GOOD(queue_print(rig->terminal, number, &p, true));
    return printed(&rig->terminal->receipt, text);
}

/* S142: the next slip has the new name, and the old ones keep theirs, over a power cut, and when
 * the name of the contract is taken back. */
static void the_shop_has_another_name(void **state)
{
    (void)state;
    struct rig *rig = ready();
    struct terminal *t = rig->terminal;
    char was[128];
    snprintf(was, sizeof was, "%s", t->facts.merchant);
    assert_true(was[0] != '\0');
    GOOD(rig_sale(rig));
    int64_t first = t->records.last_number;
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    give(rig, 3, "shop 江边茶楼\\n", false);
    assert_string_equal(shop_name(t), "江边茶楼");
    assert_string_equal(t->screen.status.merchant, "江边茶楼");
    GOOD(rig_sale(rig));
    int64_t second = t->records.last_number;
    assert_true(second > first);
    assert_true(printed(&t->receipt, "江边茶楼") && !printed(&t->receipt, was));
    assert_true(again(rig, first, was) && !again(rig, first, "江边茶楼"));
    power_cut(rig);
    t = rig->terminal;
    AT(rig, "login.operator"); /* where things begin */
    assert_true(again(rig, first, was) && again(rig, second, "江边茶楼"));
    give(rig, 4, "", false); /* nothing of the contract any more: as it was set up */
    assert_string_equal(shop_name(t), was);
    assert_true(again(rig, second, "江边茶楼"));
    int64_t rows = 0;
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM shop_name", &rows));
    assert_int_equal(rows, 3);
    rig_free(rig);
}

/* ---- the house ---- */

static void the_house_is_a_line_until_it_is_over(void **state)
{
    (void)state;
    struct rig *rig = ready();
    static const struct {
        const char *word, *line;
    } rows[] = {{"slow", "AFAR_SLOW"},
                {"down", "AFAR_DOWN"},
                {"cards", "AFAR_CARDS"},
                {"wallets", "AFAR_WALLETS"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"tell\":\"house\",\"house\":\"%s\"}", rows[i].word);
        GOOD(rig_manage(rig, json));
        settle(rig);
        assert_non_null(rig_line(rig, rows[i].line));
    }
    GOOD(rig_manage(rig, "{\"tell\":\"house\",\"house\":\"ok\"}"));
    settle(rig);
    assert_null(rig_line(rig, "AFAR_WALLETS"));
    GOOD(rig_manage(rig, "{\"tell\":\"house\",\"house\":\"down\"}"));
    GOOD(rig_manage(rig, "{\"tell\":\"house\",\"house\":\"on fire\"}")); /* no word of ours */
    assert_non_null(rig_line(rig, "AFAR_DOWN"));
    rig->manage_online = false; /* another connection, on which nothing is said of it */
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, 5000));
    settle(rig);
    assert_null(rig_line(rig, "AFAR_DOWN"));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_in_force_at_rest),
        cmocka_unit_test(forged_old_and_unknown_ones_are_refused_and_told),
        cmocka_unit_test(a_repeat_says_what_it_was),
        cmocka_unit_test(what_the_vault_has_and_the_store_has_not),
        cmocka_unit_test(what_is_stored_and_unknown_is_not_in_force),
        cmocka_unit_test(what_is_set_from_afar_is_not_changed_here),
        cmocka_unit_test(the_table_is_the_terminals_own),
        cmocka_unit_test(the_table_says_what_is_delivered),
        cmocka_unit_test(the_shop_has_another_name),
        cmocka_unit_test(slips_and_the_lock),
        cmocka_unit_test(the_house_is_a_line_until_it_is_over),
    };
    return cmocka_run_group_tests_name("terminal_afar", tests, NULL, NULL);
}
