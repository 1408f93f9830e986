/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S127: a simulated year of terminals. One is paid with each month, one is forgotten, one is a
 * spare one, one is verified when it is asked about, one is paid with too late. Payments come from
 * a real journal, statuses go into the registry, as the acquirer reads them.
 */
#include "backoffice/upkeep/idle.h"
#include "journal/journal.h"
#include "tests/unit/backoffice_rig.h"

#define DAY_MS INT64_C(86400000)

static struct scratch scratch;
static struct store *journal;
static struct rig *rig;
static int64_t began_ms;

static void add_terminal(const char *tid)
{
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    struct registry_terminal t = {.mid = RIG_MID,
                                  .outlet = 1,
                                  .suite = REGISTRY_TONGBAO,
                                  .status = REGISTRY_ACTIVE,
                                  .model = "TB-1",
                                  .master_block = "D0016D0AB00E0000",
                                  .first_batch = 1};
    snprintf(t.tid, sizeof t.tid, "%s", tid);
    snprintf(t.serial, sizeof t.serial, "TB1-%s", tid);
    assert_ok(registry_add_terminal(rig->registry, &actor, &t));
}

static int start(void **state)
{
    (void)state;
    static const struct store_options options = {.mode = STORE_CREATE};
    scratch_make(&scratch);
    rig = rig_open_desk(true);
    assert_ok(store_open(scratch_path(&scratch, "journal.db"), &options, NULL, &journal));
    assert_ok(store_migrate(journal, &journal_schema));
    static char path[128];
    snprintf(path, sizeof path, "%s", scratch_path(&scratch, "journal.db"));
    rig->b->config.journal_path = path;
    for (int i = 1; i <= 5; i++) {
        char tid[9];
        snprintf(tid, sizeof tid, "1000000%d", i);
        add_terminal(tid);
    }
    began_ms = rig->now_ms;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    rig_close(rig);
    store_close(journal);
    scratch_remove(&scratch);
    return 0;
}

static void paid_with(const char *tid, enum payment_state state)
{
    static uint32_t stan;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t seq = 0;
    struct payment p = {.key = {"", 1, ++stan},
                        .type = PAYMENT_SALE,
                        .state = state,
                        .means = PAYMENT_CARD,
                        .entry = PAYMENT_ENTRY_SWIPE,
                        .mid = RIG_MID,
                        .operator_id = "01",
                        .amount_minor = 100,
                        .currency = CURRENCY_CNY,
                        .pan_masked = "622209******6620",
                        .local_time = "123059",
                        .local_date = "1123",
                        .created_ms = rig->now_ms};
    snprintf(p.key.tid, sizeof p.key.tid, "%s", tid);
    assert_ok(store_begin(journal, &tx));
    assert_ok(journal_append(&tx, &p, PAYMENT_SUBMIT, rig->now_ms, &seq));
    assert_ok(store_commit(&tx));
}

/* To a day after the beginning; the clock ticks once a day, as it does each second. */
static void to_day(int64_t day)
{
    while (rig->now_ms < began_ms + day * DAY_MS) {
        rig->letters = 0;
        rig_pass(rig, DAY_MS);
    }
}

static enum registry_status status_of(const char *tid)
{
    struct registry_terminal t;
    assert_ok(registry_find_terminal(rig->registry, bytes_text(tid), &t));
    return t.status;
}

static enum idle_state state_of(const char *tid)
{
    struct idle_terminal t;
    assert_ok(idle_find(rig->b->store, tid, &t));
    return t.state;
}

static int64_t events(const char *kind, const char *tid)
{
    struct store_statement *s;
    bool row = false;
    char object[24];
    snprintf(object, sizeof object, "devices/%s", tid);
    assert_ok(store_statement(rig->b->store,
                              "SELECT count(*) FROM event WHERE kind = ? AND object = ?", &s));
    store_bind_text(s, bytes_text(kind));
    store_bind_text(s, bytes_text(object));
    assert_ok(store_step(s, &row));
    int64_t count = store_read_int(s);
    store_reset(s);
    return count;
}

static void the_rule(void **state)
{
    (void)state;
    static const struct {
        int64_t payment, verified, due; /* days; payment and verified 0: never */
        enum idle_state from;
        bool spare;
        int64_t now;
        enum idle_state to;
    } rows[] = {
        {0, 0, 0, IDLE_IN_USE, false, 89, IDLE_IN_USE},
        {0, 0, 0, IDLE_IN_USE, false, 90, IDLE_ASKED},
        {1, 0, 0, IDLE_IN_USE, false, 90, IDLE_IN_USE},
        {0, 0, 120, IDLE_ASKED, false, 119, IDLE_ASKED},
        {0, 0, 120, IDLE_ASKED, false, 120, IDLE_STOPPED},
        {0, 100, 120, IDLE_ASKED, false, 110, IDLE_IN_USE}, /* somebody said so */
        {100, 0, 120, IDLE_ASKED, false, 110, IDLE_IN_USE}, /* or paid */
        {0, 300, 0, IDLE_STOPPED, false, 310, IDLE_IN_USE},
        {0, 0, 0, IDLE_STOPPED, false, 310, IDLE_STOPPED},
        {0, 360, 0, IDLE_IN_USE, false, 364, IDLE_IN_USE},
        {0, 360, 0, IDLE_IN_USE, false, 365, IDLE_TAKE_BACK}, /* whatever was said */
        {0, 0, 0, IDLE_STOPPED, false, 365, IDLE_TAKE_BACK},
        {364, 0, 0, IDLE_TAKE_BACK, false, 366, IDLE_TAKE_BACK}, /* kept off */
        {0, 0, 0, IDLE_IN_USE, true, 1000, IDLE_IN_USE},
        {0, 0, 120, IDLE_ASKED, true, 130, IDLE_IN_USE},
        {0, 0, 0, IDLE_TAKE_BACK, true, 400, IDLE_TAKE_BACK},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct idle_terminal t = {.state = rows[i].from,
                                        .spare = rows[i].spare,
                                        .since_ms = 1,
                                        .payment_ms = rows[i].payment * DAY_MS,
                                        .verified_ms = rows[i].verified * DAY_MS,
                                        .due_ms = rows[i].due * DAY_MS};
        if (idle_decide(&idle_rule, &t, rows[i].now * DAY_MS + 1) != rows[i].to)
            fail_msg("row %zu", i);
        int64_t paid_ms = t.payment_ms > 0 ? t.payment_ms : t.since_ms;
        assert_int_equal(idle_take_back_ms(&idle_rule, &t), t.spare ? 0 : paid_ms + 365 * DAY_MS);
    }
}

static void a_year(void **state)
{
    (void)state;
    struct browser staff = {.realm = "staff"}, li = {.realm = "console"};
    rig_pass(rig, 20000); /* the fleet reads the registry */
    rig_pass(rig, 3600000);
    (void)rig_known(rig, &staff, "anna", ROLE_ADMIN | ROLE_APPROVER);
    assert_int_equal(
        rig_post(rig, &staff, "/api/v1/upkeep/idle/10000003/spare", "{\"spare\":true}"), 200);
    for (int64_t day = 1; day <= 95; day++) {
        to_day(day);
        if (day % 30 == 0) paid_with("10000001", PAYMENT_APPROVED);
        if (day % 30 == 0) paid_with("10000002", PAYMENT_DECLINED); /* is no payment */
    }
    assert_int_equal(state_of("10000001"), IDLE_IN_USE);
    assert_int_equal(state_of("10000002"), IDLE_ASKED);
    assert_int_equal(state_of("10000003"), IDLE_IN_USE);
    assert_int_equal(events("device.idle", "10000002"), 1);
    assert_int_equal(events("device.idle", "10000003"), 0);
    /* Its owner says that 4 is in use; 5 is paid with. */
    (void)rig_known(rig, &li, "li", ROLE_OWNER);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/upkeep/idle", ""), 200);
    assert_true(rig_says(rig, "10000002") && rig_says(rig, "\"asked\""));
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/upkeep/idle/10000004/verify", ""), 200);
    assert_true(rig_says(rig, "\"in_use\"") && rig_says(rig, "owner li"));
    paid_with("10000005", PAYMENT_APPROVED);
    to_day(130);
    assert_int_equal(state_of("10000002"), IDLE_STOPPED); /* nobody answered */
    assert_int_equal(status_of("10000002"), REGISTRY_SUSPENDED);
    assert_int_equal(status_of("10000004"), REGISTRY_ACTIVE);
    assert_int_equal(status_of("10000005"), REGISTRY_ACTIVE);
    assert_int_equal(events("device.stopped", "10000002"), 1);
    /* Opened again when somebody verifies it. */
    (void)rig_known(rig, &li, "wang", ROLE_OWNER);
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/upkeep/idle/10000002/verify", ""), 200);
    assert_int_equal(status_of("10000002"), REGISTRY_ACTIVE);
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/upkeep/idle/99999999/verify", ""), 404);
    for (int64_t day = 131; day <= 366; day++) {
        to_day(day);
        if (day % 30 == 0) paid_with("10000001", PAYMENT_APPROVED);
    }
    assert_int_equal(state_of("10000001"), IDLE_IN_USE);
    assert_int_equal(status_of("10000001"), REGISTRY_ACTIVE);
    assert_int_equal(state_of("10000002"), IDLE_TAKE_BACK); /* a year without a payment */
    assert_int_equal(status_of("10000002"), REGISTRY_SUSPENDED);
    assert_int_equal(events("device.take_back", "10000002"), 1);
    assert_int_equal(status_of("10000003"), REGISTRY_ACTIVE); /* spare */
    assert_int_equal(state_of("10000005"), IDLE_STOPPED);     /* paid with on day 95, asked since */
    (void)rig_known(rig, &li, "zhao", ROLE_OWNER);
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/upkeep/idle/10000002/verify", ""), 409);
    assert_true(rig_says(rig, "take_back"));
    assert_int_equal(status_of("10000002"), REGISTRY_SUSPENDED);
}

/* Every terminal gets its row in the first hour: with one sync for a slice of them. Whoever asks
 * for a page meanwhile waits for one sync and not for two hundred. */
static void a_new_fleet_is_written_in_few_syncs(void **state)
{
    (void)state;
    int64_t rows = 0;
    unsigned most = 0;
    for (int i = 0; i < 60; i++) {
        char tid[9];
        snprintf(tid, sizeof tid, "200000%02d", i);
        add_terminal(tid);
    }
    rig_pass(rig, 20000); /* the fleet reads the registry */
    for (int tick = 0; tick < 3; tick++) {
        unsigned before = rig->commits;
        rig_pass(rig, 3600000);
        if (rig->commits - before > most) most = rig->commits - before;
    }
    assert_ok(store_query_int(rig->b->store, "SELECT count(*) FROM idle", &rows));
    assert_int_equal(rows, 65);
    assert_in_range(most, 1, 20); /* 65 rows, and what other parts do by the clock */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rule),
        cmocka_unit_test_setup_teardown(a_year, start, stop),
        cmocka_unit_test_setup_teardown(a_new_fleet_is_written_in_few_syncs, start, stop),
    };
    return cmocka_run_group_tests_name("backoffice_idle", tests, NULL, NULL);
}
