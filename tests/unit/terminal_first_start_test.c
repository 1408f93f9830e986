/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device out of its box (S139, S140): the code of the SMS or the label and the tail of the
 * identity number, the five elements, keys into the vault, and then what is left to do until the
 * first customer may come: sign-in, a sale of one yuan, its void, a screen that says that all is
 * well. Every refusal has its words and a way on; the power may go at every point.
 */
#include "lib/wire/json.h"
#include "tests/unit/terminal_fuse.h"
#include "tests/unit/terminal_rig.h"

#define ELEMENTS                                                                                           \
    "{\\\"merchant_zh\\\":\\\"晨光面馆\\\",\\\"merchant_en\\\":\\\"DAWN NOODLES\\\",\\\"acquirer\\\":" \
    "\\\"898\\\",\\\"mid\\\":\\\"898310158120001\\\",\\\"subject\\\":\\\"**************A062\\\","          \
    "\\\"account\\\":\\\"**** 1234\\\",\\\"address\\\":\\\"中山东一路17号\\\"}"
#define GIVEN "{\\\"tid\\\":\\\"10000017\\\"}"

static bool said(const struct rig *rig, const char *text)
{
    return strstr(rig->manage_said, text) != NULL;
}

static bool shows(const struct rig *rig, const char *text)
{
    const struct screen *s = terminal_screen(rig->terminal);
    for (size_t i = 0; i < s->line_count; i++)
        if (strstr(s->line[i].text, text) != NULL) return true;
    return false;
}

static struct rig *rig_boxed(void)
{
    struct rig *rig = rig_new();
    rig->provisioned = false;
    rig->with_manage = rig->manage_reachable = rig->with_bare = true;
    GOOD(rig_boot(rig));
    return rig;
}

/* The question is out; it came without a certificate. */
static void asked(struct rig *rig, const char *way, const char *code, const char *step)
{
    char wanted[96];
    GOOD(rig_advance(rig, 50));
    AT(rig, "first.ask");
    snprintf(wanted, sizeof wanted, "\"way\":\"%s\",\"step\":\"%s\",\"code\":\"%s\"", way, step,
             code);
    if (!said(rig, wanted)) fail_msg("%s is not in %s", wanted, rig->manage_said);
    assert_true(said(rig, "\"ask\":\"activate\"") && said(rig, "\"request\":\"CSR\""));
    assert_true(rig->bare > 0);
}

/* The host hangs up behind every answer. */
static void answer(struct rig *rig, const char *status, const char *members)
{
    GOOD(rig_manage_answer(rig, status, members));
    rig->manage_online = false;
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, 50));
}

static void type_code(struct rig *rig)
{
    AT(rig, "first.welcome");
    GOOD(rig_keys(rig, "choice:code digit:1 digit:2 digit:3 digit:4 digit:5 digit:6 digit:7 "
                       "digit:8 ok"));
}

static void see_elements(struct rig *rig)
{
    type_code(rig);
    asked(rig, "code", "12345678", "show");
    answer(rig, "ok", "\"document\":\"" ELEMENTS "\"");
    AT(rig, "first.confirm");
}

static void activate(struct rig *rig)
{
    see_elements(rig);
    GOOD(rig_key(rig, "choice:yes"));
    asked(rig, "code", "12345678", "bind");
    answer(rig, "ok", "\"document\":\"" GIVEN "\"");
    GOOD(rig_advance(rig, 8000));
}

static void test_a_code_and_a_yes(void **state)
{
    (void)state;
    struct rig *rig = rig_boxed();
    AT(rig, "first.welcome");
    assert_non_null(rig_line(rig, "FIRST_START_SERIAL"));
    assert_int_equal(rig->bare, 0); /* nothing leaves before somebody wants it */
    see_elements(rig);
    assert_true(shows(rig, "晨光面馆") && shows(rig, "898310158120001") && shows(rig, "A062") &&
                shows(rig, "1234") && shows(rig, "中山东一路17号"));
    GOOD(rig_keys(rig, "ok cancel")); /* no yes in passing */
    AT(rig, "first.confirm");
    GOOD(rig_key(rig, "language"));
    assert_true(shows(rig, "DAWN NOODLES"));
    GOOD(rig_key(rig, "language"));
    GOOD(rig_key(rig, "choice:yes"));
    asked(rig, "code", "12345678", "bind");
    answer(rig, "ok", "\"document\":\"" GIVEN "\"");
    assert_true(rig->provisioned);
    GOOD(rig_advance(rig, 8000));
    AT(rig, "first.steps");
    assert_true(rig->online && said(rig, "\"ask\":\"hello\"")); /* with its certificate now */
    for (size_t i = 0; i < sizeof rig->terminal->first; i++)
        assert_int_equal(((const uint8_t *)&rig->terminal->first)[i], 0);
    rig_free(rig);
}

static void test_the_label_and_the_tail(void **state)
{
    (void)state;
    struct rig *rig = rig_boxed();
    GOOD(terminal_on_code(rig->terminal, BYTES("TB1-OTHER")));
    AT(rig, "first.welcome");
    assert_non_null(rig_line(rig, "FIRST_WRONG_LABEL"));
    GOOD(terminal_on_code(rig->terminal, bytes_text(rig->terminal->facts.serial)));
    AT(rig, "first.tail");
    GOOD(terminal_on_text(rig->terminal, terminal_screen(rig->terminal)->serial, BYTES("A062")));
    AT(rig, "first.tail");
    assert_non_null(rig_line(rig, "FIRST_SHORT"));
    GOOD(terminal_on_text(rig->terminal, terminal_screen(rig->terminal)->serial, BYTES("l0a062")));
    GOOD(rig_pump(rig));
    asked(rig, "tail", "L0A062", "show");
    rig_free(rig);
}

static void test_every_refusal_has_its_words(void **state)
{
    (void)state;
    static const struct {
        const char *members, *line;
    } rows[] = {{"\"reason\":\"code\",\"seconds\":4", "FIRST_REFUSED_CODE"},
                {"\"reason\":\"ended\"", "FIRST_REFUSED_ENDED"},
                {"\"reason\":\"not_sent\"", "FIRST_REFUSED_NOT_SENT"},
                {"\"reason\":\"active\"", "FIRST_REFUSED_ACTIVE"},
                {"\"reason\":\"bound\"", "FIRST_REFUSED_BOUND"},
                {"\"reason\":\"device\"", "FIRST_REFUSED_DEVICE"},
                {"\"reason\":\"busy\"", "FIRST_REFUSED_BUSY"},
                {"\"reason\":\"something new\"", "FIRST_REFUSED_BUSY"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig *rig = rig_boxed();
        type_code(rig);
        asked(rig, "code", "12345678", "show");
        answer(rig, "refused", rows[i].members);
        AT(rig, "first.code"); /* and again */
        if (rig_line(rig, rows[i].line) == NULL) fail_msg("%s", rows[i].line);
        if (i == 0) assert_true(shows(rig, "4"));
        assert_string_equal(terminal_screen(rig->terminal)->field.value, "");
        GOOD(rig_key(rig, "cancel"));
        AT(rig, "first.welcome");
        rig_free(rig);
    }
}

static void test_what_goes_wrong_can_be_done_again(void **state)
{
    (void)state;
    struct rig *rig = rig_boxed();
    GOOD(rig_keys(rig, "choice:code digit:1 ok"));
    AT(rig, "first.code");
    assert_non_null(rig_line(rig, "FIRST_SHORT"));
    GOOD(rig_key(rig, "cancel"));
    rig->manage_reachable = false;
    type_code(rig);
    GOOD(rig_advance(rig, 20000));
    AT(rig, "first.code");
    assert_non_null(rig_line(rig, "FIRST_NETWORK"));
    rig->manage_reachable = true;
    GOOD(rig_key(rig, "cancel"));
    see_elements(rig);
    GOOD(rig_key(rig, "choice:no"));
    AT(rig, "first.code");
    assert_non_null(rig_line(rig, "FIRST_NOT_MINE"));
    assert_int_equal(rig->activations, 0);
    GOOD(rig_key(rig, "cancel"));
    /* What its vault does not take makes it nobody's. */
    see_elements(rig);
    GOOD(rig_key(rig, "choice:yes"));
    asked(rig, "code", "12345678", "bind");
    answer(rig, "ok", "\"document\":\"{}\"");
    AT(rig, "first.code");
    assert_non_null(rig_line(rig, "FIRST_VAULT"));
    assert_false(rig->provisioned);
    /* Elements that are none are no screen to say yes on. */
    GOOD(rig_key(rig, "cancel"));
    type_code(rig);
    asked(rig, "code", "12345678", "show");
    answer(rig, "ok", "\"document\":\"[]\"");
    AT(rig, "first.code");
    GOOD(rig_key(rig, "cancel"));
    activate(rig);
    AT(rig, "first.steps");
    rig_free(rig);
}

/* Nothing of this where there is no such way, or where a file has done it. */
static void test_only_where_it_belongs(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->provisioned = false;
    rig->with_manage = true;
    GOOD(rig_boot(rig));
    AT(rig, "boot.unprovisioned");
    rig_free(rig);
    rig = rig_new();
    rig->with_manage = rig->manage_reachable = rig->with_bare = true;
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    AT(rig, "login.operator");
    rig_free(rig);
}

/* ---- the steps ---- */

/* The passwords come by recoveries, which terminal_recovery_test walks with a real vault. */
static struct rig *rig_with_passwords(void)
{
    struct rig *rig = rig_boxed();
    activate(rig);
    AT(rig, "first.steps");
    GOOD(rig_key(rig, "choice:next"));
    AT(rig, "forgot.ways");
    assert_string_equal(rig->terminal->setting.operator_id, "00");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "first.steps");
    GOOD(notes_show(rig->store, "first_supervisor", 1));
    GOOD(rig_key(rig, "choice:next"));
    AT(rig, "forgot.ways");
    assert_string_equal(rig->terminal->setting.operator_id, "01");
    GOOD(rig_key(rig, "cancel"));
    GOOD(notes_show(rig->store, "first_cashier", 1));
    GOOD(rig_key(rig, "choice:next"));
    AT(rig, "login.operator");
    return rig;
}

static void pay_one_yuan(struct rig *rig)
{
    AT(rig, "sale.amount");
    assert_string_equal(terminal_screen(rig->terminal)->field.value, "1.00");
    GOOD(rig_key(rig, "ok"));
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 1000));
}

static void test_up_to_the_first_customer(void **state)
{
    (void)state;
    struct rig *rig = rig_with_passwords();
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    AT(rig, "first.steps");
    GOOD(rig_key(rig, "choice:next"));
    AT(rig, "sign_in.done");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "first.steps");
    GOOD(rig_key(rig, "choice:next"));
    pay_one_yuan(rig);
    AT(rig, "sale.approved");
    assert_int_equal(rig->row[0].amount, 100);
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "first.steps");
    GOOD(rig_key(rig, "choice:next"));
    AT(rig, "void.confirm");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "first.steps"); /* and again */
    GOOD(rig_keys(rig, "choice:next ok"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_VOID);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "first.all");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "first.all");
    GOOD(rig_key(rig, "choice:begin"));
    AT(rig, "main.menu");
    GOOD(rig_key(rig, "choice:sale"));
    assert_string_equal(terminal_screen(rig->terminal)->field.value, ""); /* no test any more */
    rig_off(rig);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    AT(rig, "login.operator");
    rig_free(rig);
}

static void test_later_is_for_good(void **state)
{
    (void)state;
    struct rig *rig = rig_boxed();
    activate(rig);
    AT(rig, "first.steps");
    GOOD(rig_key(rig, "choice:later"));
    AT(rig, "login.operator");
    rig_off(rig);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    AT(rig, "login.operator");
    rig_free(rig);
}

/* ---- power cuts ---- */

static void test_the_power_may_go_anywhere(void **state)
{
    (void)state;
    for (int cut = 0; cut < 5; cut++) {
        struct rig *rig = rig_boxed();
        if (cut >= 1) type_code(rig);
        if (cut >= 2) {
            asked(rig, "code", "12345678", "show");
            answer(rig, "ok", "\"document\":\"" ELEMENTS "\"");
        }
        if (cut >= 3) {
            GOOD(rig_key(rig, "choice:yes"));
            asked(rig, "code", "12345678", "bind");
        }
        if (cut >= 4) answer(rig, "ok", "\"document\":\"" GIVEN "\"");
        rig_off(rig);
        GOOD(rig_boot(rig));
        GOOD(rig_advance(rig, 8000));
        if (cut >= 4) AT(rig, "first.steps");
        else activate(rig);
        AT(rig, "first.steps");
        assert_true(rig->provisioned);
        rig_free(rig);
    }
}

/* At every call to the store while what came is taken: nobody's, or somebody's with the guide. */
static void test_cut_at_every_store_call(void **state)
{
    (void)state;
    for (int at = 0;; at++) {
        struct rig *rig = rig_boxed();
        struct fuse fuse = {.left = at};
        char json[256];
        see_elements(rig);
        GOOD(rig_key(rig, "choice:yes"));
        asked(rig, "code", "12345678", "bind");
        snprintf(json, sizeof json, "{\"id\":%ld,\"status\":\"ok\",\"document\":\"" GIVEN "\"}",
                 rig_manage_id(rig));
        rig_set_fault(rig, burn, &fuse);
        err e = terminal_on_manage(rig->terminal, bytes_text(json));
        assert_int_equal(FAILED(e), fuse.blown);
        rig_set_fault(rig, NULL, NULL);
        rig->manage_online = false;
        rig_off(rig);
        GOOD(rig_boot(rig));
        GOOD(rig_advance(rig, 8000));
        if (!rig->provisioned) activate(rig);
        AT(rig, "first.steps");
        rig_free(rig);
        if (fuse.blown) continue;
        assert_true(at > 5);
        return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_code_and_a_yes),
        cmocka_unit_test(test_the_label_and_the_tail),
        cmocka_unit_test(test_every_refusal_has_its_words),
        cmocka_unit_test(test_what_goes_wrong_can_be_done_again),
        cmocka_unit_test(test_only_where_it_belongs),
        cmocka_unit_test(test_up_to_the_first_customer),
        cmocka_unit_test(test_later_is_for_good),
        cmocka_unit_test(test_the_power_may_go_anywhere),
        cmocka_unit_test(test_cut_at_every_store_call),
    };
    return cmocka_run_group_tests_name("terminal_first_start", tests, NULL, NULL);
}
