/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S125 with every real program: a price list of three hundred goods that is set at the console
 * reaches the terminal in pieces and is in its store; an outlet's own price goes before it; a list
 * that is not what was signed is refused as a whole and the one before stays; an empty list gives
 * the terminal its own back. The wrong list is made by the back office's store itself.
 */
#include "tests/protocol/office.h"

#define TID "10000017"

enum { PATIENCE = 1500, MANY = 300 };

static struct counter counter;
static struct office chief;
static char mid[16];

static int start(void **state)
{
    (void)state;
    counter_open(&counter);
    office_as_staff(&chief, &counter, "chief");
    counter_shows(&counter, "login.operator");
    office_must(&chief, "GET", "/devices/" TID, NULL, 200);
    const char *at = strstr(chief.answer, "\"merchant\":\"");
    assert_non_null(at);
    snprintf(mid, sizeof mid, "%.15s", at + 12);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    office_leave(&chief);
    counter_close(&counter);
    return 0;
}

/* The device says so of what it was given last. */
static void await(const char *progress)
{
    for (int i = 0; i < PATIENCE; i++) {
        long status =
            i % 20 == 0 ? office_ask(&chief, "GET", "/devices/" TID "/parameters", NULL) : 0;
        if (status == 200 && strstr(chief.answer, progress) != NULL) return;
        programs_pause();
    }
    child_print_log(counter.stage.process_terminal);
    fail_msg("%s was not said: %.300s", progress, chief.answer);
}

static void set_list(int count, int64_t price, int version)
{
    static char body[128 * 1024];
    char path[64];
    size_t used = (size_t)snprintf(body, sizeof body,
                                   "{\"reason\":\"prices\",\"version\":%d,\"goods\":[", version);
    for (int i = 0; i < count; i++)
        used += (size_t)snprintf(body + used, sizeof body - used,
                                 "%s{\"code\":\"N%d\",\"name\":\"第%d号面\",\"name_en\":\"Noodle "
                                 "number %d\",\"barcode\":\"6901234567892\",\"price\":%lld}",
                                 i == 0 ? "" : ",", i, i, i, (long long)price + i);
    snprintf(body + used, sizeof body - used, "]}");
    snprintf(path, sizeof path, "/goods/merchants/%s", mid);
    office_must(&chief, "POST", path, body, 201);
}

static int64_t in_store(const char *sql)
{
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 5000};
    struct store *store = NULL;
    int64_t value = -1;
    assert_ok(store_open(host_path(counter.stage.terminal, "terminal.db"), &options, NULL, &store));
    assert_ok(store_query_int(store, sql, &value));
    store_close(store);
    return value;
}

/* ---- tests, one after the other ---- */

static void a_list_reaches_the_terminal(void **state)
{
    (void)state;
    set_list(MANY, 1000, 0);
    await("{\"number\":1,\"progress\":\"in_force\",\"current\":true");
    assert_int_equal(in_store("SELECT count(*) FROM price"), MANY);
    assert_int_equal(in_store("SELECT price_minor FROM price WHERE code = 'N299'"), 1299);
}

static void an_outlets_own_price_goes_before_it(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "/goods/outlets/%s-1", mid);
    office_must(&chief, "POST", path,
                "{\"reason\":\"rent\",\"version\":0,\"changes\":[{\"code\":\"N0\",\"price\":1100},"
                "{\"code\":\"N1\",\"sold\":false}]}",
                201);
    await("{\"number\":2,\"progress\":\"in_force\",\"current\":true");
    assert_int_equal(in_store("SELECT count(*) FROM price"), MANY - 1);
    assert_int_equal(in_store("SELECT price_minor FROM price WHERE code = 'N0'"), 1100);
}

static void what_was_not_signed_is_refused_as_a_whole(void **state)
{
    (void)state;
    counter_office_does(
        &counter,
        "CREATE TRIGGER spoil AFTER INSERT ON goods_folded BEGIN UPDATE goods_folded SET document ="
        " CAST(replace(CAST(document AS TEXT), '2299', '1299') AS BLOB) WHERE mid = NEW.mid AND key"
        " = NEW.key; END");
    set_list(MANY, 2000, 1);
    await("\"progress\":\"refused\",\"current\":true,\"why\":\"goods\"");
    assert_int_equal(in_store("SELECT price_minor FROM price WHERE code = 'N299'"), 1299);
    assert_int_equal(in_store("SELECT number FROM afar"), 2);
    counter_office_does(&counter, "DROP TRIGGER spoil");
    set_list(MANY, 3000, 2);
    await("\"progress\":\"in_force\",\"current\":true");
    assert_int_equal(in_store("SELECT price_minor FROM price WHERE code = 'N299'"), 3299);
}

static void an_empty_list_gives_the_terminal_its_own_back(void **state)
{
    (void)state;
    set_list(0, 0, 3);
    await("\"progress\":\"in_force\",\"current\":true");
    assert_int_equal(in_store("SELECT count(*) FROM price_list"), 0);
    assert_int_equal(in_store("SELECT count(*) FROM price"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_reaches_the_terminal),
        cmocka_unit_test(an_outlets_own_price_goes_before_it),
        cmocka_unit_test(what_was_not_signed_is_refused_as_a_whole),
        cmocka_unit_test(an_empty_list_gives_the_terminal_its_own_back),
    };
    return cmocka_run_group_tests_name("prices", tests, start, stop);
}
