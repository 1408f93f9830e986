/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wanted of devices below /api/v1 (S115, S116, S117, S121, DV-11): who may want what,
 * proofs by the hsm, how far a command is, what was collected, a wiped device, and one command for
 * many.
 */
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/device_events.h"
#include "backoffice/devices/fleet_orders.h"
#include "tests/unit/fleet_rig.h"

/* ---- what devices are told ---- */

static char told[64 * 1024];
static size_t told_len;
static bool hsm_away;

static void keep_frame(void *context, uint32_t session, struct bytes frame)
{
    (void)context;
    told_len += (size_t)snprintf(told + told_len, sizeof told - told_len, "%u%.*s\n", session,
                                 (int)frame.len, (const char *)frame.at);
    assert_true(told_len < sizeof told);
}

static err prove(void *context, const struct desk_command *command, uint8_t mac[16])
{
    (void)context;
    if (hsm_away) return ERR(REFUSED);
    memset(mac, (int)command->number, 16);
    return OK;
}

static unsigned heard(const char *text)
{
    unsigned count = 0;
    for (const char *at = told; (at = strstr(at, text)) != NULL; at++) count++;
    return count;
}

static struct rig *with_hsm(void)
{
    struct rig *rig = with_devices();
    rig->b->desk->ports.command_mac = prove;
    rig->b->desk->ports.to_device = keep_frame;
    told_len = 0;
    told[0] = '\0';
    hsm_away = false;
    return rig;
}

static unsigned want(struct rig *rig, struct browser *b, const char *tid, const char *kind,
                     const char *text)
{
    char path[80];
    snprintf(path, sizeof path, "/api/v1/devices/%s/commands", tid);
    unsigned status = rig_post(rig, b, path, "{\"kind\":\"%s\",\"text\":\"%s\"}", kind, text);
    rig->now_ms += 1000; /* callers pay by the second */
    return status;
}

/* "kind:state" of the newest command. */
static void newest(struct rig *rig, const char *tid, const char *kind, enum command_state state)
{
    struct device_order order;
    int64_t number = 0;
    assert_ok(store_query_int(rig->b->store, "SELECT max(id) FROM device_command", &number));
    assert_ok(command_find(rig->b->desk, tid, number, &order));
    assert_string_equal(device_command_name(order.kind), kind);
    assert_int_equal(order.state, state);
}

static void done(struct rig *rig, uint32_t session, int number, const char *state)
{
    char text[120];
    snprintf(text, sizeof text, "{\"id\":9,\"ask\":\"done\",\"number\":%d,\"state\":\"%s\"%s}",
             number, state, strcmp(state, "refused") == 0 ? ",\"reason\":\"old\"" : "");
    say(rig, session, text);
}

/* ---- who may want what ---- */

static const char *const kinds[] = {"message", "ring",     "lock",      "unlock", "restart",
                                    "logs",    "snapshot", "passwords", "wipe",   "lost"};

static void roles_and_factors(void **state)
{
    (void)state;
    struct rig *rig = with_hsm();
    static const struct {
        const char *login, *mid;
        unsigned roles;
        bool stepped_up;
        const char *allowed; /* a letter for each of `kinds`: y, n, f: a factor is wanted */
    } rows[] = {
        {"owner", RIG_MID, ROLE_OWNER, false, "yyffyyyfff"},
        {"manager", RIG_MID, ROLE_MANAGER, false, "yynnnnnnnn"},
        {"agent", "", ROLE_AGENT, false, "yyfnyyynnf"},
        {"admin", "", ROLE_ADMIN, false, "yyfnyyyfff"},
        {"auditor", "", ROLE_AUDITOR, false, "nnnnnnnnnn"},
        {"cashier", RIG_MID, ROLE_CASHIER, false, "nnnnnnnnnn"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct browser b = person(rig, rows[i].login, rows[i].mid, rows[i].roles);
        rig_pass(rig, SESSION_STEP_UP_MS + 1000); /* the factor of the log-in is an old one */
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            const char *text = strcmp(kinds[k], "message") == 0 ? "Hello" : "";
            unsigned status = want(rig, &b, k % 2 == 0 ? "10000001" : "10000002", kinds[k], text);
            if (status == 409) status = 201; /* enough wait already: it was allowed */
            unsigned wanted = rows[i].allowed[k] == 'y' ? 201 : 403;
            if (status != wanted) fail_msg("%s %s: %u", rows[i].login, kinds[k], status);
            bool factor = rows[i].allowed[k] == 'f';
            if (status == 403) assert_int_equal(rig_says(rig, "step_up"), factor);
        }
    }
    rig_close(rig);
}

static void what_is_no_command_is_refused(void **state)
{
    (void)state;
    struct rig *rig = with_hsm();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER);
    assert_int_equal(want(rig, &li, "10000001", "keys", ""), 400); /* no command reads a key */
    assert_int_equal(want(rig, &li, "10000001", "message", ""), 422);
    assert_int_equal(want(rig, &li, "10000001", "ring", "loud"), 422);
    assert_int_equal(want(rig, &li, "10000001", "passwords", "1 OR 1"), 422);
    assert_int_equal(want(rig, &li, "20000001", "ring", ""), 404);
    assert_int_equal(want(rig, &li, "99999999", "ring", ""), 404);
    for (int i = 0; i < COMMANDS_OPEN_MAX; i++)
        assert_int_equal(want(rig, &li, "10000001", "ring", ""), 201);
    assert_int_equal(want(rig, &li, "10000001", "ring", ""), 409);
    assert_int_equal(want(rig, &li, "10000001", "unlock", ""), 201); /* the way out */
    rig_close(rig);
}

/* ---- how far it is ---- */

static void it_waits_for_device_and_hsm(void **state)
{
    (void)state;
    struct rig *rig = with_hsm();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER);
    hsm_away = true;
    assert_int_equal(want(rig, &li, "10000001", "restart", ""), 201);
    come(rig, 3, "10000001", "TB-1");
    assert_int_equal(heard("\"restart\""), 0);
    newest(rig, "10000001", "restart", COMMAND_QUEUED); /* unproved is not told */
    hsm_away = false;
    assert_ok(devices_closed(rig->b->desk, 3));
    come(rig, 4, "10000001", "TB-1");
    assert_int_equal(heard("\"restart\""), 1);
    newest(rig, "10000001", "restart", COMMAND_DELIVERED);
    const char *first = strstr(told, "\"nonce\":");
    char proof[80];
    snprintf(proof, sizeof proof, "%.79s", first);
    assert_ok(devices_closed(rig->b->desk, 4));
    come(rig, 5, "10000001", "TB-1"); /* told again with the proof that it had */
    assert_int_equal(heard(proof), 2);
    done(rig, 5, 1, "acknowledged");
    newest(rig, "10000001", "restart", COMMAND_ACKNOWLEDGED);
    done(rig, 5, 1, "verified");
    done(rig, 5, 1, "refused"); /* too late */
    newest(rig, "10000001", "restart", COMMAND_VERIFIED);
    rig_close(rig);
}

static void a_refused_one_says_why(void **state)
{
    (void)state;
    struct rig *rig = with_hsm();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER);
    come(rig, 3, "10000001", "TB-1");
    assert_int_equal(want(rig, &li, "10000001", "restart", ""), 201);
    done(rig, 3, 1, "refused");
    newest(rig, "10000001", "restart", COMMAND_REFUSED);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/devices/10000001/commands", ""), 200);
    assert_true(rig_says(rig, "\"state\":\"refused\"") && rig_says(rig, "\"reason\":\"old\""));
    assert_ok(devices_closed(rig->b->desk, 3));
    unsigned before = heard("\"restart\"");
    come(rig, 4, "10000001", "TB-1");
    assert_int_equal(heard("\"restart\""), before); /* it is over */
    rig_close(rig);
}

/* The answers of an iteration leave after what they say is in the store. */
static void progress_is_written_before_it_is_answered(void **state)
{
    (void)state;
    struct rig *rig = with_hsm();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER);
    come(rig, 3, "10000001", "TB-1");
    for (int i = 0; i < 5; i++) assert_int_equal(want(rig, &li, "10000001", "ring", ""), 201);
    assert_ok(backoffice_flush(rig->b));
    unsigned commits = rig->commits;
    for (int i = 1; i <= 5; i++) done(rig, 3, i, "verified");
    assert_int_equal(rig->commits, commits);
    assert_ok(backoffice_flush(rig->b)); /* LOOP_COMMIT: streams leave after it */
    assert_int_equal(rig->commits, commits + 1);
    rig_restart(rig);
    newest(rig, "10000001", "ring", COMMAND_VERIFIED);
    rig_close(rig);
}

/* ---- what was collected ---- */

static void part(struct rig *rig, uint32_t session, int number, const char *kind, int n, int of,
                 const char *base64, const char *status)
{
    char text[200], answer[80];
    snprintf(text, sizeof text,
             "{\"id\":9,\"ask\":\"part\",\"kind\":\"%s\",\"number\":%d,\"part\":%d,\"of\":%d,"
             "\"bytes\":\"%s\"}",
             kind, number, n, of, base64);
    say(rig, session, text);
    snprintf(answer, sizeof answer, "{\"id\":9,\"status\":\"%s\"}\n", status);
    assert_string_equal(told + told_len - strlen(answer), answer);
}

static void what_was_asked_for_is_kept(void **state)
{
    (void)state;
    struct rig *rig = with_hsm();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER);
    come(rig, 3, "10000001", "TB-1");
    come(rig, 4, "10000002", "TB-2");
    assert_int_equal(want(rig, &li, "10000001", "logs", ""), 201);
    part(rig, 4, 1, "logs", 1, 2, "SGVsbG8g", "refused");     /* another device's */
    part(rig, 3, 1, "snapshot", 1, 2, "SGVsbG8g", "refused"); /* another kind */
    part(rig, 3, 2, "logs", 1, 2, "SGVsbG8g", "refused");
    part(rig, 3, 1, "logs", 1, 2, "SGV*bG8g", "refused"); /* no base64 */
    part(rig, 3, 1, "logs", 3, 2, "SGVsbG8g", "refused");
    part(rig, 3, 1, "logs", 1, 2000, "SGVsbG8g", "refused");
    part(rig, 3, 1, "logs", 1, 2, "SGVsbG8g", "ok");
    const char *path = "/api/v1/devices/10000001/commands/1/result";
    assert_int_equal(rig_ask(rig, &li, "GET", path, ""), 200);
    assert_true(rig_says(rig, "\"whole\":false,\"text\":\"Hello \""));
    part(rig, 3, 1, "logs", 2, 2, "d29ybGQ=", "ok");
    part(rig, 3, 1, "logs", 2, 2, "d29ybGQ=", "ok"); /* again: the same */
    assert_int_equal(rig_ask(rig, &li, "GET", path, ""), 200);
    assert_true(rig_says(rig, "\"kind\":\"logs\",\"whole\":true,\"text\":\"Hello world\""));
    done(rig, 3, 1, "verified");
    part(rig, 3, 1, "logs", 1, 2, "SGVsbG8g", "refused"); /* it is over */
    struct browser wu = person(rig, "wu", OTHER_MID, ROLE_OWNER);
    assert_int_equal(rig_ask(rig, &wu, "GET", path, ""), 404);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/devices/10000001/commands/9/result", ""),
                     404);
    rig_close(rig);
}

/* ---- wiped ---- */

static void only_its_last_words_say_that_it_is_wiped(void **state)
{
    (void)state;
    struct rig *rig = with_hsm();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER);
    struct registry_terminal t;
    assert_ok(registry_find_terminal(rig->b->registry, BYTES("10000001"), &t));
    come(rig, 3, "10000001", "TB-1");
    assert_int_equal(rig_post(rig, &li, "/api/v1/devices/10000001/commands",
                              "{\"kind\":\"wipe\",\"serial\":\"TB-10000001\"}"),
                     201);
    done(rig, 3, 1, "acknowledged");
    newest(rig, "10000001", "wipe", COMMAND_ACKNOWLEDGED);
    struct device_event event = {.kind = "tampered", .detail = "case", .number = 8};
    assert_ok(device_event_take(rig->b->desk, &t, &event)); /* opened is not wiped */
    newest(rig, "10000001", "wipe", COMMAND_ACKNOWLEDGED);
    event = (struct device_event){.kind = "tampered", .detail = "wiped", .number = 9};
    assert_ok(device_event_take(rig->b->desk, &t, &event));
    newest(rig, "10000001", "wipe", COMMAND_VERIFIED);
    rig_close(rig);
}

/* ---- many ---- */

static unsigned want_many(struct rig *rig, struct browser *b, const char *body)
{
    return rig_post(rig, b, "/api/v1/fleet/commands", "%s", body);
}

static void many(struct rig *rig, unsigned count)
{
    struct store *store = registry_store(rig->registry);
    for (unsigned i = 0; i < count; i++) {
        char sql[400], tid[9];
        snprintf(tid, sizeof tid, "3%07u", i);
        snprintf(sql, sizeof sql,
                 "INSERT INTO terminal(tid, serial, model, mid, outlet, suite, status,"
                 " fingerprint, master_block, first_batch, recovery_block, ksn) VALUES('%s',"
                 " 'TB-%s', 'TB-9', '" RIG_MID "', 1, 1, 1, '', 'D0016D0AB00E0000', 1, '', x'')",
                 tid, tid);
        assert_ok(store_exec(store, sql));
    }
    fleet_stale(rig->b->desk->fleet);
    rig_pass(rig, 2 * FLEET_READ_MS);
}

static int64_t count(struct rig *rig, const char *sql)
{
    int64_t n = -1;
    assert_ok(store_query_int(rig->b->store, sql, &n));
    return n;
}

static void one_for_many_reaches_each_once(void **state)
{
    (void)state;
    struct rig *rig = with_hsm();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER);
    many(rig, 2 * FLEET_ORDER_SLICE + 7);
    come(rig, 3, "30000200", "TB-9");
    come(rig, 4, "30000001", "TB-9");
    assert_int_equal(want_many(rig, &li,
                               "{\"kind\":\"message\",\"text\":\"Update tonight\","
                               "\"model\":\"TB-9\"}"),
                     201);
    assert_int_equal(2 * FLEET_ORDER_SLICE + 7, 519);
    assert_true(rig_says(rig, "\"devices\":519"));
    assert_true(backoffice_busy(rig->b));
    assert_ok(backoffice_flush(rig->b));
    assert_int_equal(heard("Update tonight"), 2); /* who is connected comes first */
    while (backoffice_busy(rig->b)) assert_ok(backoffice_flush(rig->b));
    assert_int_equal(count(rig, "SELECT count(*) FROM device_command"), 519);
    assert_int_equal(count(rig, "SELECT count(DISTINCT tid) FROM device_command"), 519);
    assert_int_equal(heard("Update tonight"), 2);
    rig_close(rig);
}

/* Cut at any store call, and started again: each device has it once. */
static err cut(void *context, enum store_call call)
{
    int *left = context;
    (void)call;
    return (*left)-- == 0 ? ERR(CRASHED) : OK;
}

static void a_power_cut_repeats_none_and_forgets_none(void **state)
{
    (void)state;
    int cuts = 0;
    for (int calls = 0, struck = 1; struck; calls++) {
        struct rig *rig = with_hsm();
        struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER);
        int left = calls;
        many(rig, FLEET_ORDER_SLICE + 5);
        assert_int_equal(want_many(rig, &li, "{\"kind\":\"restart\",\"model\":\"TB-9\"}"), 201);
        store_set_fault(rig->b->store, cut, &left);
        err e = OK;
        while (!FAILED(e) && backoffice_busy(rig->b)) e = backoffice_flush(rig->b);
        struck = FAILED(e);
        cuts += struck;
        store_set_fault(rig->b->store, NULL, NULL);
        rig->may_end = true;
        rig_restart(rig);
        while (backoffice_busy(rig->b)) assert_ok(backoffice_flush(rig->b));
        assert_int_equal(count(rig, "SELECT count(*) FROM device_command"), FLEET_ORDER_SLICE + 5);
        assert_int_equal(count(rig, "SELECT count(DISTINCT tid) FROM device_command"),
                         FLEET_ORDER_SLICE + 5);
        rig_close(rig);
    }
    assert_true(cuts > 5);
}

static void many_are_ones_own(void **state)
{
    (void)state;
    struct rig *rig = with_hsm();
    struct browser wu = person(rig, "wu", OTHER_MID, ROLE_OWNER);
    struct browser manager = person(rig, "manager", RIG_MID, ROLE_MANAGER);
    assert_int_equal(want_many(rig, &wu, "{\"kind\":\"restart\"}"), 201);
    assert_true(rig_says(rig, "\"devices\":1}"));
    assert_int_equal(want_many(rig, &wu, "{\"kind\":\"restart\",\"merchant\":\"" RIG_MID "\"}"),
                     201);
    assert_true(rig_says(rig, "\"devices\":0}"));
    assert_int_equal(want_many(rig, &manager, "{\"kind\":\"restart\"}"), 403);
    assert_int_equal(want_many(rig, &wu, "{\"kind\":\"wipe\"}"), 400); /* never many at once */
    assert_int_equal(want_many(rig, &wu, "{\"kind\":\"message\"}"), 422);
    while (backoffice_busy(rig->b)) assert_ok(backoffice_flush(rig->b));
    assert_int_equal(count(rig, "SELECT count(*) FROM device_command WHERE tid <> '20000001'"), 0);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_and_factors),
        cmocka_unit_test(what_is_no_command_is_refused),
        cmocka_unit_test(it_waits_for_device_and_hsm),
        cmocka_unit_test(a_refused_one_says_why),
        cmocka_unit_test(progress_is_written_before_it_is_answered),
        cmocka_unit_test(what_was_asked_for_is_kept),
        cmocka_unit_test(only_its_last_words_say_that_it_is_wiped),
        cmocka_unit_test(one_for_many_reaches_each_once),
        cmocka_unit_test(a_power_cut_repeats_none_and_forgets_none),
        cmocka_unit_test(many_are_ones_own),
    };
    return cmocka_run_group_tests_name("fleet_commands", tests, NULL, NULL);
}
