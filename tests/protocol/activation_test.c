/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A terminal out of its box (S138, S139, S140, DV-01), with every real program: a maker's list, a
 * shop, a parcel through the interface for programs; the code in an SMS; the device's first start
 * at its page; keys by tongbao-issuer; passwords by codes, sign-in, a sale of one yuan at the card
 * network, its void, and the screen that says that all is well. Then a clone with the same serial
 * number, which nobody believes.
 */
#include "tests/protocol/boxed_rig.h"

#define SERIAL "TB1-2030-000099"

enum { STEPS = 40 };

/* ---- the tests ---- */

static int start(void **state)
{
    (void)state;
    counter_open(&counter);
    counter_host(&counter, &host);
    make_key(0);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    page_close(box.page);
    counter_close(&counter);
    return 0;
}

static void a_parcel_goes_to_a_shop(void **state)
{
    (void)state;
    char print[65], body[600];
    make_device("first", SERIAL, print);
    post("models", "{\"model\":\"TB-1\",\"kind\":\"smart\",\"form\":\"TB1-####-######\"}", 201);
    snprintf(body, sizeof body, "{\"list\":\"serial,model,print\\n" SERIAL ",TB-1,%s\\n\"}", print);
    post("lists", body, 201);
    post("merchants",
         "{\"application\":\"A-17\",\"acquirer\":\"898\",\"region\":\"2900\",\"category\":\"5812\","
         "\"name_zh\":\"晨光面馆（示例）\",\"name_en\":\"DAWN NOODLES (EXAMPLE)\",\"city\":"
         "\"SHANGHAI\",\"contact_zh\":\"陈晓虹\",\"contact_pinyin\":\"chen xiaohong\",\"phone\":"
         "\"" PHONE "\"}",
         201);
    assert_non_null(strstr(answer, "\"merchant\":\"898290058120002\"")); /* behind the stage's */
    post("terminals/" SERIAL "/assign_contract",
         "{\"application\":\"A-17\",\"merchant\":\"898290058120002\",\"subject\":"
         "\"91310000MA1FL0A062\",\"account\":\"6222020000001234\",\"address\":"
         "\"上海市黄浦区中山东一路17号\",\"phone\":\"" PHONE "\"}",
         200);
    post("terminals/" SERIAL "/pack", "{\"scanned\":\"TB1-2030-O00099\"}", 422);
    post("terminals/" SERIAL "/pack", "{\"scanned\":\"" SERIAL "\"}", 200);
    post("terminals/" SERIAL "/ship", "", 200);
}

static void it_is_activated_on_its_screen(void **state)
{
    (void)state;
    char code[9] = "";
    await_code("+86" PHONE, "激活码 ", SERIAL, 8, code);
    start_device();
    counter_shows(&box, "first.welcome");
    touch("choice:code", "first.code");
    assert_ok(page_digits(box.page, "00000000"));
    touch("ok", "first.code");
    for (int i = 0; i < 200 && !counter_says(&box, "FIRST_REFUSED_CODE"); i++)
        counter_shows(&box, "first.code");
    assert_ok(page_digits(box.page, code));
    touch("ok", "first.confirm");
    assert_true(counter_says(&box, "FIRST_CONFIRM_ACCOUNT"));
    touch("choice:yes", "first.steps");
    assert_int_equal(counter_audits(terminal, "terminal.db", "activated", NULL), 1);
    assert_int_equal(counter_audits(host.admin, "registry.db", "terminal_added", SERIAL), 1);
    assert_int_equal(
        counter_audits(counter.stage.backoffice, "backoffice.db", "stock_activated", NULL), 1);
}

static void it_is_led_to_the_first_customer(void **state)
{
    (void)state;
    choose_password("00", SUPERVISOR_PASSWORD);
    choose_password("01", CASHIER_PASSWORD);
    touch("choice:next", "login.operator");
    assert_ok(page_digits(box.page, "01"));
    touch("ok", "login.password");
    enter(CASHIER_PASSWORD, "first.steps|tip.show");
    if (strcmp(page_id(box.page), "tip.show") == 0) touch("ok", "first.steps");
    touch("choice:next", "sign_in.done");
    touch("ok", "first.steps");
    touch("choice:next", "sale.amount");
    touch("ok", "sale.present");
    swipe("sale.approved");
    touch("cancel", "first.steps");
    touch("choice:next", "void.confirm");
    touch("ok", "approve.password");
    enter(SUPERVISOR_PASSWORD, "sale.present");
    swipe("sale.approved");
    touch("cancel", "first.all");
    touch("choice:begin", "main.menu");
    if (touches > STEPS) fail_msg("%u touches out of the box", touches);
}

static void a_clone_is_believed_nothing(void **state)
{
    (void)state;
    char print[65];
    page_close(box.page);
    box.page = NULL;
    make_device("clone", SERIAL, print);
    start_device();
    counter_shows(&box, "first.welcome");
    counter_key(&box, "choice:tail", "first.tail");
    counter_key(&box, "cancel", "first.welcome");
    counter_key(&box, "choice:code", "first.code");
    assert_ok(page_digits(box.page, "12345678"));
    counter_key(&box, "ok", "first.code");
    for (int i = 0; i < 200 && !counter_says(&box, "FIRST_REFUSED_DEVICE"); i++)
        counter_shows(&box, "first.code");
    assert_int_equal(
        counter_audits(counter.stage.backoffice, "backoffice.db", "serial_cloned", NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parcel_goes_to_a_shop),
        cmocka_unit_test(it_is_activated_on_its_screen),
        cmocka_unit_test(it_is_led_to_the_first_customer),
        cmocka_unit_test(a_clone_is_believed_nothing),
    };
    return cmocka_run_group_tests_name("activation", tests, start, stop);
}
