/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S144 with every real program: two shops of one person, a cashier at a real terminal in the first
 * and a till in the second, share what a micro-merchant may take by credit cards: 1,000.00 a day
 * and 10,000.00 a month over both. The table is the one that is built in, until another one is
 * published which has the month alone, because no test waits for ten days. The host names the limit
 * (field 44), and the terminal says it in words.
 */
#include "tests/protocol/counter.h"
#include "tests/protocol/pos.h"

#include "lib/base/file.h"

#define FIRST      HOST_MID
#define SECOND     "898290058120002"
#define CREDIT_PIN "135790"

static struct counter counter;
static struct host host;
static struct pos pos;
static struct said said;

static void admin_limits(const char *word, const char *what, const char *mid)
{
    programs_run(&host.children, &said, "tongbao", "admin", "limits", word, what, "--state",
                 host.admin, mid == NULL ? NULL : "--mid", mid, NULL);
    if (said.status != 0) fail_msg("%s", said.complaint);
}

static int start(void **state)
{
    (void)state;
    counter_open(&counter);
    counter_host(&counter, &host);
    programs_run(&host.children, &said, "tongbao", "admin", "merchant", "--state", host.admin,
                 "--mid", SECOND, "--name-zh", "分店", "--name-en", "SECOND SHOP", NULL);
    if (said.status != 0) fail_msg("%s", said.complaint);
    static const char *const shops[] = {FIRST, SECOND};
    for (size_t i = 0; i < ARRAY_LEN(shops); i++) {
        admin_limits("class", "micro", shops[i]);
        admin_limits("person", "6f1d_wang", shops[i]);
    }
    pos_make_for(&pos, &host, SECOND, "10000058", PAYMENT_PROFILE_TONGBAO);
    host_card(&host, "credit", pos.track2);
    snprintf(pos.pin, sizeof pos.pin, "%s", CREDIT_PIN);
    for (int i = 0; i < 400 && !pos_try_connect(&pos, host.port); i++) programs_pause();
    pos_sign_in(&pos);
    counter_shows(&counter, "login.operator");
    counter_log_in_first(&counter);
    counter_sign_in(&counter);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pos_free(&pos);
    counter_close(&counter);
    return 0;
}

/* At the counter of the first shop, up to the screen that says how it ended. */
static void counter_takes(const char *yuan, const char *then)
{
    long status = 0;
    counter_key(&counter, "choice:sale", "sale.amount");
    assert_ok(page_digits(counter.page, yuan));
    counter_key(&counter, "ok", "sale.present");
    assert_ok(page_post(counter.page, "/api/tray/card", "application/json",
                        BYTES("{\"name\":\"credit\"}"), &status));
    assert_int_equal(status, 204);
    counter_shows(&counter, then);
}

/* The line of the screen with this id, and what it says. */
static void reads(const char *id, const char *most, const char *left)
{
    struct json_t *lines;
    size_t count = 0;
    assert_true(counter_says(&counter, id));
    assert_ok(json_list(page_screen(counter.page), "lines", 64, &lines, &count));
    for (size_t i = 0; i < count; i++) {
        struct bytes name, text;
        if (FAILED(json_text(json_at(lines, i), "id", 64, &name)) ||
            !bytes_equal(name, bytes_text(id)))
            continue;
        assert_ok(json_text(json_at(lines, i), "text", 400, &text));
        assert_non_null(memmem(text.at, text.len, most, strlen(most)));
        assert_non_null(memmem(text.at, text.len, left, strlen(left)));
    }
}

static void till_takes(int64_t amount_minor, const char *code, const char *notice)
{
    struct payment p = pos_sale(&pos, amount_minor);
    pos_exchange(&pos, pos_request(&pos, &p));
    assert_string_equal(pos_code(&pos), code);
    if (notice != NULL) assert_string_equal(pos_field(&pos, 44), notice);
}

static void a_day_is_of_both_shops(void **state)
{
    (void)state;
    counter_takes("600", "sale.approved");
    counter_key(&counter, "cancel", "main.menu");
    till_takes(40001, "61", "DCAa00001000000000040000");
    till_takes(40000, "00", NULL);
    counter_takes("1", "sale.declined");
    reads("QUOTA_PERSON_DAY", "1000.00", " 0.00");
    counter_key(&counter, "ok", "main.menu");
    till_takes(1, "61", "DCAa00001000000000000000");
}

/* 1,000.00 of it went above. */
static void a_month_is_of_both_shops(void **state)
{
    (void)state;
    static const char table[] = "limits 9\nclass usual\nclass micro\n"
                                "micro credit any month amount 10000.00 person\n";
    char file[120];
    snprintf(file, sizeof file, "%s", host_path(host.directory, "limits.txt"));
    assert_ok(file_write(file, FILE_PUBLIC, bytes_text(table)));
    admin_limits("set", file, NULL);
    bool taken = false;
    for (int i = 0; i < 200 && !taken; i++) { /* within a second of its publication */
        struct payment p = pos_sale(&pos, 500000);
        pos_exchange(&pos, pos_request(&pos, &p));
        taken = strcmp(pos_code(&pos), "00") == 0;
        if (!taken) programs_pause();
    }
    assert_true(taken);
    counter_takes("3999", "sale.approved");
    counter_key(&counter, "cancel", "main.menu");
    till_takes(101, "61", "MCAa00010000000000000100");
    counter_takes("2", "sale.declined");
    reads("QUOTA_PERSON_MONTH", "10000.00", " 1.00");
    counter_key(&counter, "ok", "main.menu");
    till_takes(100, "00", NULL);
}

/* Who is not of that person any more has a limit of its own. */
static void another_persons_shop_has_its_own(void **state)
{
    (void)state;
    admin_limits("person", "0a77_li", SECOND);
    bool taken = false;
    for (int i = 0; i < 200 && !taken; i++) {
        struct payment p = pos_sale(&pos, 100);
        pos_exchange(&pos, pos_request(&pos, &p));
        taken = strcmp(pos_code(&pos), "00") == 0;
        if (!taken) programs_pause();
    }
    assert_true(taken);
    counter_takes("4900", "sale.declined|sale.approved");
    assert_string_equal(page_id(counter.page), "sale.approved"); /* 4,600.00 went at this shop */
    counter_key(&counter, "cancel", "main.menu");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_of_both_shops),
        cmocka_unit_test(a_month_is_of_both_shops),
        cmocka_unit_test(another_persons_shop_has_its_own),
    };
    return cmocka_run_group_tests_name("person_limits", tests, start, stop);
}
