/* SPDX-License-Identifier: Apache-2.0 */
/* S172: two ways out of the shop, which one is in use, and what becomes of a payment between them.
 */
#include "terminal/paths.h"
#include "tests/unit/terminal_rig.h"

enum { SECOND_US = 1000000, CABLE = 0, MOBILE = 1 };

static const struct network_facts cable = {.kind = NETWORK_ETHERNET},
                                  no_cable = {.kind = NETWORK_ETHERNET, .down = true},
                                  mobile = {.kind = NETWORK_MOBILE};

/* ---- the rules alone ---- */

/* Each is tried once in a round; the pauses of the line count when all have failed. */
static void test_rounds(void **state)
{
    (void)state;
    struct paths p;
    paths_begin(&p, 3);
    assert_int_equal(p.at, 0);
    assert_true(paths_failed(&p, 0));
    assert_int_equal(p.at, 1);
    assert_true(paths_failed(&p, 0));
    assert_int_equal(p.at, 2);
    assert_false(paths_failed(&p, 0)); /* the round is over */
    assert_int_equal(p.at, 0);
    assert_true(paths_failed(&p, 0)); /* and another one begins */
    assert_int_equal(p.at, 1);
}

static void test_one_path_is_no_choice(void **state)
{
    (void)state;
    struct paths p;
    paths_begin(&p, 1);
    assert_false(paths_failed(&p, 0));
    assert_false(paths_back(&p, INT64_MAX - 1));
    assert_int_equal(p.at, 0);
}

/* After 5 minutes, then 10, 20, 40 and 60, and after 5 again when it has worked in between. */
static void test_back(void **state)
{
    (void)state;
    static const int64_t pauses_s[] = {300, 600, 1200, 2400, 3600, 3600};
    struct paths p;
    int64_t now = 0;
    paths_begin(&p, 2);
    assert_true(paths_failed(&p, now));
    for (size_t i = 0; i < ARRAY_LEN(pauses_s); i++) {
        paths_worked(&p, now);
        assert_int_equal(p.at, 1);
        now += pauses_s[i] * SECOND_US;
        assert_false(paths_back(&p, now - 1));
        assert_true(paths_back(&p, now));
        assert_int_equal(p.at, 0);
        assert_true(paths_failed(&p, now));
    }
    now += (int64_t)3600 * SECOND_US;
    assert_true(paths_back(&p, now));
    paths_worked(&p, now);
    assert_int_equal(p.back_at_us, INT64_MAX); /* there is nothing better */
    assert_true(paths_failed(&p, now));
    assert_int_equal(p.back_at_us, now + (int64_t)300 * SECOND_US);
}

/* A link that is down is not tried; the one in use is left, and taken again when it is up. */
static void test_links(void **state)
{
    (void)state;
    struct paths p;
    paths_begin(&p, 2);
    assert_false(paths_learn(&p, MOBILE, &mobile, 0));
    assert_true(paths_learn(&p, CABLE, &no_cable, 0));
    assert_true(paths_failed(&p, 0));
    assert_int_equal(p.at, MOBILE);
    assert_int_equal(p.back_at_us, INT64_MAX); /* not while it is down */
    assert_false(paths_failed(&p, 0));         /* nor instead of this one */
    assert_int_equal(p.at, MOBILE);
    assert_false(paths_learn(&p, CABLE, &cable, 0));
    assert_int_equal(p.back_at_us, (int64_t)300 * SECOND_US);
    assert_true(paths_back(&p, (int64_t)300 * SECOND_US));
    assert_int_equal(p.at, CABLE);
}

/* What the option may say. */
static void test_option(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      ",",
                                      "a,b",
                                      "a@x,b",
                                      "@x",
                                      "a@",
                                      "a@x,",
                                      "a@x,b@y,c@z,d@w",
                                      "a@1234567890123456789012345678901234567890123456"};
    struct network_path paths[PATHS_MAX];
    size_t count = 0;
    GOOD(network_paths_parse("/run/network.json", paths, &count));
    assert_int_equal(count, 1);
    assert_string_equal(paths[0].file, "/run/network.json");
    assert_string_equal(paths[0].from, "");
    GOOD(network_paths_parse("/run/a@b.json@eth0,/run/m.json@wwan0,w@10.0.0.7", paths, &count));
    assert_int_equal(count, 3);
    assert_string_equal(paths[0].file, "/run/a@b.json");
    assert_string_equal(paths[0].from, "eth0");
    assert_string_equal(paths[2].from, "10.0.0.7");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_true(FAILED(network_paths_parse(bad[i], paths, &count)));
}

/* ---- at the terminal ---- */

static struct rig *moved; /* whose use_path was called */
static size_t path;
static unsigned moves;
static bool open_path[2];

static void use_path(void *context, size_t to)
{
    moved = context;
    path = to;
    moves++;
    moved->reachable = open_path[to];
}

static struct rig *two_paths(void)
{
    struct rig *rig = rig_ready();
    path = CABLE;
    moves = 0;
    open_path[CABLE] = open_path[MOBILE] = true;
    paths_begin(&rig->terminal->paths, 2);
    rig->terminal->ports.use_path = use_path;
    GOOD(terminal_on_network(rig->terminal, CABLE, &cable));
    GOOD(terminal_on_network(rig->terminal, MOBILE, &mobile));
    return rig;
}

/* The network behind a path goes; what was connected over it ends. */
static void cut(struct rig *rig, size_t which)
{
    open_path[which] = false;
    if (path != which) return;
    rig->reachable = rig->online = false;
}

static const struct rig_row *last_row(const struct rig *rig)
{
    assert_true(rig->rows > 0);
    return &rig->row[rig->rows - 1];
}

/* S87, S88: charged at the host, the path gone before the answer: reversed over the other, once. */
static void test_payment_between_paths(void **state)
{
    (void)state;
    struct rig *rig = two_paths();
    rig->mood = RIG_SILENT;
    GOOD(rig_sale(rig));
    AT(rig, "sale.wait");
    assert_int_equal(rig->sales_seen, 1);
    cut(rig, CABLE);
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, 100));
    assert_int_equal(path, MOBILE);
    assert_string_equal(terminal_screen(rig->terminal)->status.link, "mobile");
    assert_int_equal(rig->sales_seen, 1); /* it was not sent twice */
    assert_int_equal(rig->reversals_seen, 1);
    assert_true(last_row(rig)->reversed);
    rig->mood = RIG_ANSWER;
    GOOD(rig_keys(rig, "ok"));
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    rig_check_books(rig);
    rig_free(rig);
}

/* Said on the page of the network, and in the status bar, in words. */
static void test_shown(void **state)
{
    (void)state;
    struct rig *rig = two_paths();
    GOOD(rig_keys(rig, "choice:settings choice:network"));
    AT(rig, "settings.network");
    assert_non_null(strstr(rig_line(rig, "PATH_ROW"), "\t"));
    GOOD(terminal_on_network(rig->terminal, CABLE, &no_cable));
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, 100));
    assert_int_equal(path, MOBILE);
    assert_string_equal(terminal_screen(rig->terminal)->status.link, "mobile");
    assert_int_equal(terminal_screen(rig->terminal)->status.network, SCREEN_ONLINE);
    const struct screen *s = terminal_screen(rig->terminal);
    bool down = false, in_use = false;
    for (size_t i = 0; i < s->line_count; i++) {
        down |= strstr(s->line[i].text, "没有连接") != NULL;
        in_use |= strstr(s->line[i].text, "移动数据\t正在使用") != NULL;
    }
    assert_true(down && in_use);
    rig_free(rig);
}

/* Back to the cable by itself, between two payments and never under one. */
static void test_back_between_payments(void **state)
{
    (void)state;
    struct rig *rig = two_paths();
    cut(rig, CABLE);
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, 100));
    assert_int_equal(path, MOBILE);
    open_path[CABLE] = true;
    GOOD(rig_advance(rig, PATH_BACK_MS - 5000));
    rig->mood = RIG_SILENT;
    GOOD(rig_keys(rig, "choice:unlock"));
    if (strcmp(terminal_screen(rig->terminal)->id, "main.menu") != 0)
        GOOD(rig_login_as(rig, "", "8264"));
    AT(rig, "main.menu");
    GOOD(rig_sale(rig));
    AT(rig, "sale.wait");
    GOOD(rig_advance(rig, 10000));
    assert_int_equal(path, MOBILE); /* it is due, and the payment is not over */
    GOOD(rig_advance(rig, 120000));
    assert_int_equal(rig->reversals_seen, 1);
    GOOD(rig_advance(rig, 1000));
    assert_int_equal(path, CABLE);
    assert_int_equal(terminal_screen(rig->terminal)->status.network, SCREEN_ONLINE);
    rig_check_books(rig);
    rig_free(rig);
}

/* Both gone: it says offline and tries with growing pauses; the first that is there is used. */
static void test_both_gone(void **state)
{
    (void)state;
    struct rig *rig = two_paths();
    open_path[MOBILE] = false;
    cut(rig, CABLE);
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, 100));
    assert_int_equal(terminal_screen(rig->terminal)->status.network, SCREEN_OFFLINE);
    unsigned before = moves;
    GOOD(rig_advance(rig, 60000));
    assert_true(moves > before && moves - before < 40); /* neither asleep nor without a pause */
    open_path[MOBILE] = true;
    GOOD(rig_advance(rig, 120000));
    assert_int_equal(path, MOBILE);
    assert_int_equal(terminal_screen(rig->terminal)->status.network, SCREEN_ONLINE);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds),    cmocka_unit_test(test_one_path_is_no_choice),
        cmocka_unit_test(test_back),      cmocka_unit_test(test_links),
        cmocka_unit_test(test_option),    cmocka_unit_test(test_payment_between_paths),
        cmocka_unit_test(test_shown),     cmocka_unit_test(test_back_between_payments),
        cmocka_unit_test(test_both_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
