/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guessing from afar: budgets over a simulated day (CR-20), and whose turn it is when too many ask
 * (CR-22). The flood with real hashes and sockets is `tongbao bench logins`.
 */
#include "tests/unit/backoffice_rig.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

/* The passwords that are compared with somebody's own record, and not with a stand-in. */
static unsigned guesses(struct rig *rig, const char *record)
{
    unsigned count = 0;
    for (unsigned i = 0; i < rig->jobs; i++) count += strcmp(rig->out[i].record, record) == 0;
    return count;
}

/*
 * A day of an attacker with 10,000 addresses against one account, a guess every seven seconds: ten
 * are looked at in any half hour, a hundred in all. The owner comes every hour with the device's
 * cookie and is in every time, which gives the strangers nothing back.
 */
static void a_day_of_guessing_ends_at_a_hundred(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser own = {0};
    struct person p = rig_known(rig, &own, "known", ROLE_AGENT);
    struct account account;
    assert_ok(account_find(rig->b->store, p.id, &account));
    unsigned all = 0, in_window = 0;
    int64_t began = rig->now_ms, window = 0;
    char address[24];
    for (unsigned n = 0; rig->now_ms < began + 24 * HOUR; n++) {
        if ((rig->now_ms - began) / (30 * MINUTE) != window) {
            assert_true(in_window <= 2 * TRIES_IN_WINDOW); /* windows begin with a guess */
            window = (rig->now_ms - began) / (30 * MINUTE);
            in_window = 0;
            if (window % 2 == 0) rig_enter(rig, &own, &p, RIG_PASSWORD);
        }
        snprintf(address, sizeof address, "10.%u.%u.%u", n % 10000 / 2500, n % 2500 / 50, n % 50);
        struct browser attacker = {.address = address};
        rig->hold = true;
        assert_int_equal(rig_send(rig, &attacker, "POST", "/api/staff/login",
                                  "{\"name\":\"known\",\"password\":\"a guess like any other\"}"),
                         0);
        assert_ok(backoffice_flush(rig->b));
        unsigned real = guesses(rig, account.password);
        all += real;
        in_window += real;
        rig->hold = false;
        rig_turn(rig);
        assert_true(rig_says(rig, "\"error\":\"wrong\""));
        rig->now_ms += 7000;
    }
    assert_int_equal(all, TRIES_IN_ALL);
    /* The owner's device has a budget of its own, and nothing of what happened touches it. */
    rig_enter(rig, &own, &p, RIG_PASSWORD);
    rig_close(rig);
}

/* An owner with the device's cookie is in at any moment of an attack; without it, he waits. */
static void a_known_device_is_never_locked_out(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser own = {0}, stranger = {.address = "198.51.100.1"};
    struct person p = rig_known(rig, &own, "known", ROLE_AGENT);
    for (int hour = 0; hour < 24; hour++) {
        for (int i = 0; i < 30; i++)
            assert_int_equal(rig_login(rig, &stranger, &p, "a guess like any other"), 401);
        rig_enter(rig, &own, &p, RIG_PASSWORD);
        for (int i = 0; i < 30; i++)
            assert_int_equal(rig_login(rig, &stranger, &p, "a guess like any other"), 401);
        struct browser elsewhere = {.address = "203.0.113.77"};
        assert_int_equal(rig_login(rig, &elsewhere, &p, RIG_PASSWORD), 401);
        rig_pass(rig, HOUR);
    }
    /* A stolen cookie has ten tries too; then its device is a stranger's. */
    for (int i = 0; i < 10; i++)
        assert_int_equal(rig_login(rig, &own, &p, "a guess like any other"), 401);
    assert_int_equal(rig_login(rig, &own, &p, RIG_PASSWORD), 401);
    rig_close(rig);
}

/* ---- whose turn ---- */

static unsigned send_login(struct rig *rig, struct browser *b, const char *name)
{
    char body[128];
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"a guess like any other\"}", name);
    unsigned status = rig_send(rig, b, "POST", "/api/staff/login", body);
    assert_ok(backoffice_flush(rig->b));
    return status;
}

/* Hashes that are run until this request is answered. */
static unsigned hashes_until(struct rig *rig, uint64_t ticket)
{
    unsigned count = 0;
    while (!rig_pending(rig, ticket)->answered) {
        assert_true(rig->jobs > 0);
        rig_run_one(rig);
        count++;
    }
    return count;
}

/* One address fills two places, however much it sends; everybody else goes on as before. */
static void one_address_has_two_places(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser flood = {.address = "198.51.100.1"}, other = {.address = "203.0.113.9"};
    unsigned refused = 0;
    rig->hold = true;
    rig->hashes = 0;
    for (int i = 0; i < 1000; i++) refused += send_login(rig, &flood, "anybody") == 429;
    assert_int_equal(refused, 1000 - 2 - 2); /* two are hashed, two wait */
    assert_true(rig_says(rig, "\"error\":\"busy\""));
    assert_int_equal(rig->hashes, 0);
    assert_int_equal(send_login(rig, &other, "anybody"), 0);
    assert_true(hashes_until(rig, rig->tickets) <= 5);
    rig->hold = false;
    rig_turn(rig);
    rig_close(rig);
}

/* 10,000 addresses fill the list of strangers; who is known waits behind a few of them. */
static void the_known_have_a_list_of_their_own(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser own = {0};
    struct person p = rig_known(rig, &own, "known", ROLE_AGENT);
    static struct browser flood[HASH_WAITING + 8];
    static char address[HASH_WAITING + 8][24];
    unsigned refused = 0;
    rig->hold = true;
    for (unsigned i = 0; i < ARRAY_LEN(flood); i++) {
        snprintf(address[i], sizeof address[i], "10.0.0.%u", i);
        flood[i] = (struct browser){.address = address[i]};
        refused += send_login(rig, &flood[i], "known") == 429;
    }
    assert_int_equal(refused, 8 - 2);
    char body[128];
    snprintf(body, sizeof body, "{\"name\":\"known\",\"password\":\"" RIG_PASSWORD "\"}");
    assert_int_equal(rig_send(rig, &own, "POST", rig_path(&p, "/login"), body), 0);
    uint64_t ticket = rig->tickets;
    assert_ok(backoffice_flush(rig->b));
    assert_true(hashes_until(rig, ticket) <= 4);
    assert_int_equal(rig_pending(rig, ticket)->status, 200);
    /* Who has a device of the own account cannot fill the list either: two places an account. */
    rig->now_ms += MINUTE;
    unsigned taken = 0;
    for (int i = 0; i < 20; i++)
        taken += rig_send(rig, &own, "POST", rig_path(&p, "/login"), body) == 0;
    assert_int_equal(taken, 2);
    rig->hold = false;
    rig_turn(rig);
    rig_close(rig);
}

/* The table of tries is as long as what can be hashed in a day, and names are forgotten after it.
 */
static void names_of_nobodys_are_forgotten(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser own = {0}, b = {0};
    char name[16];
    int64_t rows = 0;
    struct person p = rig_known(rig, &own, "known", ROLE_AGENT);
    assert_int_equal(rig_login(rig, &b, &p, "a guess like any other"), 401);
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "nobody%d", i);
        assert_int_equal(rig_post(rig, &b, "/api/staff/login",
                                  "{\"name\":\"%s\",\"password\":\"a guess like any other\"}",
                                  name),
                         401);
    }
    assert_ok(store_query_int(rig->b->store, "SELECT count(*) FROM tries", &rows));
    assert_int_equal(rows, 201);
    rig_pass(rig, 24 * HOUR + MINUTE);
    assert_ok(store_query_int(rig->b->store, "SELECT count(*) FROM tries", &rows));
    assert_int_equal(rows, 1);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_of_guessing_ends_at_a_hundred),
        cmocka_unit_test(a_known_device_is_never_locked_out),
        cmocka_unit_test(one_address_has_two_places),
        cmocka_unit_test(the_known_have_a_list_of_their_own),
        cmocka_unit_test(names_of_nobodys_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
