/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a contract (S142): asked by one, agreed to by another, taken back or refused; what is
 * in the way is said and holds it up; closed for good when nothing is; nothing is begun for who is
 * leaving.
 */
#include "backoffice/contracts/wind.h"
#include "tests/unit/fleet_rig.h"

#define MINE "/api/v1/contracts/" RIG_MID

struct scene {
    struct rig *rig;
    struct browser owner, agent, chief, other;
    struct scratch scratch;
};

static char ledger[128]; /* its path */

/* What ledger.db has of accounts (ledger/figures.c reads no more; contracts_owed_test reads one
 * that the ledger itself has written). 1: payable. */
static void make_ledger(struct scene *s)
{
    const struct store_options options = {.mode = STORE_CREATE};
    struct store *store = NULL;
    scratch_make(&s->scratch);
    snprintf(ledger, sizeof ledger, "%s", scratch_path(&s->scratch, "ledger.db"));
    assert_ok(store_open(ledger, &options, NULL, &store));
    assert_ok(store_exec(store, "CREATE TABLE account(id INTEGER PRIMARY KEY, kind INTEGER, owner"
                                " TEXT, currency INTEGER, debits_pending INTEGER, debits_posted"
                                " INTEGER, credits_pending INTEGER, credits_posted INTEGER)"));
    assert_ok(store_exec(store, "INSERT INTO account VALUES(1, 1, '" RIG_MID "', 156, 0, 0, 0,"
                                " 994)"));
    store_close(store);
}

static void pay_out(void)
{
    const struct store_options options = {.mode = STORE_OPEN};
    struct store *store = NULL;
    assert_ok(store_open(ledger, &options, NULL, &store));
    assert_ok(store_exec(store, "UPDATE account SET debits_posted = credits_posted"));
    store_close(store);
}

static struct scene open_scene(void)
{
    struct scene s = {.rig = with_devices()};
    s.owner = person(s.rig, "owner", RIG_MID, ROLE_OWNER);
    s.other = person(s.rig, "stranger", OTHER_MID, ROLE_OWNER);
    s.agent = person(s.rig, "agent", "", ROLE_AGENT | ROLE_APPROVER);
    s.chief = person(s.rig, "chief", "", ROLE_APPROVER);
    make_ledger(&s);
    s.rig->b->config.ledger_path = ledger;
    return s;
}

static void close_scene(struct scene *s)
{
    rig_close(s->rig);
    scratch_remove(&s->scratch);
}

static unsigned act(struct scene *s, struct browser *who, const char *what, const char *body)
{
    char path[100];
    s->rig->now_ms += 1000;
    snprintf(path, sizeof path, MINE "%s", what);
    return rig_ask(s->rig, who, "POST", path, body);
}

#define ASK    "{\"reason\":\"moving abroad\"}"
#define AGREE  "{\"agrees\":true}"
#define REFUSE "{\"agrees\":false}"

static void take_back(struct scene *s)
{
    static const char *const tids[] = {"10000001", "10000002", "10000003"};
    for (size_t i = 0; i < ARRAY_LEN(tids); i++)
        assert_ok(registry_set_terminal_status(s->rig->registry, &fleet_actor, bytes_text(tids[i]),
                                               REGISTRY_CLOSED));
    rig_pass(s->rig, 2 * FLEET_READ_MS);
}

static enum registry_status merchant_status(struct scene *s)
{
    struct registry_merchant m;
    assert_ok(registry_find_merchant(s->rig->registry, BYTES(RIG_MID), &m));
    return m.status;
}

static int64_t count_of(struct scene *s, const char *sql)
{
    int64_t count = -1;
    assert_ok(store_query_int(s->rig->b->store, sql, &count));
    return count;
}

static void it_ends_when_nothing_is_in_the_way(void **state)
{
    (void)state;
    struct scene s = open_scene();
    come(s.rig, 1, "10000001", "TB-1");
    say(s.rig, 1, STATE("ok", "free", 2));
    assert_int_equal(rig_ask(s.rig, &s.owner, "GET", MINE, ""), 200);
    assert_true(rig_says(s.rig, "\"state\":\"in_force\""));
    assert_true(rig_says(s.rig, "\"terminals\":3,\"unsent\":1,\"payable\":994"));
    assert_int_equal(act(&s, &s.owner, "/end", ASK), 200);
    assert_int_equal(act(&s, &s.chief, "/end/close", ""), 409);
    assert_true(rig_says(s.rig, "\"error\":\"not_agreed\""));
    assert_int_equal(act(&s, &s.chief, "/end/decision", AGREE), 200);
    assert_true(rig_says(s.rig, "\"state\":\"ending\"") && rig_says(s.rig, "moving abroad"));
    /* One thing after another is done, and the list gets shorter. */
    assert_int_equal(act(&s, &s.chief, "/end/close", ""), 409);
    assert_true(rig_says(s.rig, "\"error\":\"in_the_way\""));
    say(s.rig, 1, STATE("ok", "free", 0));
    assert_int_equal(rig_ask(s.rig, &s.chief, "GET", MINE, ""), 200);
    assert_false(rig_says(s.rig, "\"name\":\"unsent\""));
    assert_true(rig_says(s.rig, "\"name\":\"terminals\"") && rig_says(s.rig, "\"name\":\"owed\""));
    take_back(&s);
    assert_int_equal(act(&s, &s.chief, "/end/close", ""), 409);
    assert_int_equal(merchant_status(&s), REGISTRY_ACTIVE);
    pay_out();
    assert_int_equal(act(&s, &s.chief, "/end/close", ""), 200);
    assert_true(rig_says(s.rig, "\"state\":\"ended\"") && rig_says(s.rig, "\"kept_until\""));
    assert_int_equal(merchant_status(&s), REGISTRY_CLOSED);
    assert_int_equal(act(&s, &s.chief, "/end/close", ""), 409);
    assert_true(rig_says(s.rig, "\"error\":\"over\""));
    assert_int_equal(act(&s, &s.agent, "/end", ASK), 409);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM event WHERE kind LIKE 'contract.%'"), 3);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM audit WHERE event LIKE 'contract.%'"), 3);
    close_scene(&s);
}

static void who_asks_does_not_decide(void **state)
{
    (void)state;
    struct scene s = open_scene();
    assert_int_equal(act(&s, &s.agent, "/end/decision", AGREE), 409);
    assert_true(rig_says(s.rig, "\"error\":\"not_asked\""));
    assert_int_equal(act(&s, &s.agent, "/end", ASK), 200);
    assert_int_equal(act(&s, &s.chief, "/end", ASK), 409);
    assert_true(rig_says(s.rig, "\"error\":\"asked_already\""));
    assert_int_equal(act(&s, &s.agent, "/end/decision", AGREE), 409);
    assert_true(rig_says(s.rig, "\"error\":\"same_person\""));
    assert_int_equal(act(&s, &s.owner, "/end/decision", AGREE), 403);
    /* The table says the same. */
    assert_true(FAILED(store_exec(s.rig->b->store, "UPDATE contract_end SET state = 2,"
                                                   " decided_by = asked_by")));
    assert_int_equal(act(&s, &s.chief, "/end/decision", REFUSE), 200);
    assert_true(rig_says(s.rig, "\"state\":\"in_force\""));
    /* Again, and taken back; and what was is still on record. */
    assert_int_equal(act(&s, &s.owner, "/end", ASK), 200);
    assert_int_equal(act(&s, &s.owner, "/end/withdraw", ""), 200);
    assert_int_equal(act(&s, &s.owner, "/end/withdraw", ""), 409);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM contract_end"), 2);
    assert_int_equal(merchant_status(&s), REGISTRY_ACTIVE);
    close_scene(&s);
}

/* Somebody else's contract is not there; and without a factor nobody ends one. */
static void it_is_the_owners_own(void **state)
{
    (void)state;
    struct scene s = open_scene();
    assert_int_equal(rig_ask(s.rig, &s.other, "GET", MINE, ""), 404);
    assert_int_equal(act(&s, &s.other, "/end", ASK), 404);
    assert_int_equal(rig_ask(s.rig, &s.agent, "GET", "/api/v1/contracts/898310153119999", ""), 404);
    s.rig->now_ms += SESSION_STEP_UP_MS;
    assert_int_equal(act(&s, &s.owner, "/end", ASK), 403);
    assert_true(rig_says(s.rig, "step_up"));
    close_scene(&s);
}

static void what_nobody_can_read_is_in_the_way(void **state)
{
    (void)state;
    struct scene s = open_scene();
    take_back(&s);
    pay_out();
    static const char *const paths[] = {NULL, "/nowhere/ledger.db"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        s.rig->b->config.ledger_path = paths[i];
        assert_int_equal(rig_ask(s.rig, &s.agent, "GET", MINE, ""), 200);
        assert_true(rig_says(s.rig, "\"name\":\"owed_unknown\""));
        assert_false(rig_says(s.rig, "\"payable\""));
    }
    assert_int_equal(act(&s, &s.owner, "/end", ASK), 200);
    assert_int_equal(act(&s, &s.chief, "/end/decision", AGREE), 200);
    assert_int_equal(act(&s, &s.chief, "/end/close", ""), 409);
    assert_int_equal(merchant_status(&s), REGISTRY_ACTIVE);
    /* Nothing more is begun for him. */
    bool ending = false;
    assert_ok(contract_is_ending(s.rig->b->store, RIG_MID, &ending));
    assert_true(ending);
    assert_ok(contract_is_ending(s.rig->b->store, OTHER_MID, &ending));
    assert_false(ending);
    close_scene(&s);
}

/* ---- its devices ---- */

static char told[4 * 1024];

static void keep_frame(void *context, uint32_t session, struct bytes frame)
{
    (void)context;
    size_t used = strlen(told);
    snprintf(told + used, sizeof told - used, "%u%.*s\n", session, (int)frame.len,
             (const char *)frame.at);
}

static err prove(void *context, const struct desk_command *command, uint8_t mac[16])
{
    (void)context;
    memset(mac, (int)command->number, 16);
    return OK;
}

#define OFFLINE \
    "{\"terminal\":\"10000002\",\"serial\":\"TB-10000002\",\"presence\":\"new\",\"unsent\":0,"

/* Each is told to settle, to send, and to erase its keys, once the end is agreed to and not before;
 * how far that is, is never more than known; one that is switched off is named. */
static void its_devices_are_told_and_named(void **state)
{
    (void)state;
    struct scene s = open_scene();
    s.rig->b->desk->ports.command_mac = prove;
    s.rig->b->desk->ports.to_device = keep_frame;
    told[0] = '\0';
    come(s.rig, 1, "10000001", "TB-1");
    assert_int_equal(act(&s, &s.owner, "/end", ASK), 200);
    assert_true(rig_says(s.rig, "\"may_withdraw\":true,\"may_decide\":false"));
    assert_int_equal(count_of(&s, "SELECT count(*) FROM device_command"), 0);
    assert_int_equal(act(&s, &s.chief, "/end/decision", AGREE), 200);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM device_command WHERE text = 'settle'"), 3);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM device_command WHERE tid = '20000001'"), 0);
    assert_non_null(strstr(told, "1{\"tell\":\"command\""));
    assert_non_null(strstr(told, "\"wipe\""));
    assert_int_equal(rig_ask(s.rig, &s.owner, "GET", MINE, ""), 200);
    assert_true(rig_says(s.rig, "\"wipe\":\"delivered\""));
    assert_true(rig_says(s.rig, OFFLINE "\"wipe\":\"queued\""));
    say(s.rig, 1, "{\"id\":7,\"ask\":\"done\",\"number\":1,\"state\":\"acknowledged\"}");
    assert_int_equal(rig_ask(s.rig, &s.owner, "GET", MINE, ""), 200);
    assert_true(rig_says(s.rig, "\"wipe\":\"acknowledged\""));
    /* Whether the others were erased holds nothing up: what is in the way is what is out. */
    assert_int_equal(rig_ask(s.rig, &s.chief, "GET", "/api/v1/ends", ""), 200);
    assert_true(rig_says(s.rig, "\"merchant\":\"" RIG_MID "\"") &&
                rig_says(s.rig, "\"name\":\"terminals\"") && rig_says(s.rig, OFFLINE));
    assert_int_equal(rig_ask(s.rig, &s.owner, "GET", "/api/v1/ends", ""), 403);
    take_back(&s);
    pay_out();
    assert_int_equal(rig_ask(s.rig, &s.chief, "GET", MINE, ""), 200);
    assert_true(rig_says(s.rig, "\"may_close\":true"));
    assert_int_equal(act(&s, &s.chief, "/end/close", ""), 200);
    assert_int_equal(rig_ask(s.rig, &s.chief, "GET", "/api/v1/ends", ""), 200);
    assert_true(rig_says(s.rig, "{\"ends\":[]"));
    close_scene(&s);
}

/* ---- sending them back ---- */

static char ordered[200];

static err order_parcel(void *context, const struct courier_order *order)
{
    (void)context;
    snprintf(ordered, sizeof ordered, "%s %s %s", order->phone, order->address, order->contents);
    return OK;
}

static err track_parcel(void *context, const char *id, const char *label)
{
    (void)context, (void)id, (void)label;
    return OK;
}

static void a_label_is_asked_for_once(void **state)
{
    (void)state;
    static const char serial[] = "{\"serial\":\"TB-10000001\"}";
    static const struct courier_ports courier = {.order = order_parcel, .track = track_parcel};
    struct shipment parcel;
    struct scene s = open_scene();
    assert_ok(
        store_exec(s.rig->b->store, "INSERT INTO stock_model VALUES('TB-1', 1, 'TB-########', 1)"));
    assert_ok(store_exec(s.rig->b->store,
                         "INSERT INTO stock_terminal(serial, folded, model, print, state, mid,"
                         " application, tid, assignment, taken_ms, changed_ms) VALUES("
                         "'TB-10000001', 'TB-10000001', 'TB-1', 'aa', 6, '" RIG_MID
                         "', '', '10000001', 7, 1, 1)"));
    assert_int_equal(act(&s, &s.owner, "/end/returns", serial), 409);
    assert_true(rig_says(s.rig, "not_agreed"));
    assert_int_equal(act(&s, &s.owner, "/end", ASK), 200);
    assert_int_equal(act(&s, &s.chief, "/end/decision", AGREE), 200);
    assert_true(rig_says(s.rig, "\"may_send\":true"));
    assert_int_equal(act(&s, &s.owner, "/end/returns", serial), 409);
    assert_true(rig_says(s.rig, "no_courier"));
    s.rig->b->ports.courier = &courier;
    s.rig->b->config.returns_address = "1 Return Road, Shanghai";
    s.rig->b->config.returns_phone = "+8613800001234";
    assert_int_equal(act(&s, &s.other, "/end/returns", serial), 404);
    assert_int_equal(act(&s, &s.owner, "/end/returns", "{\"serial\":\"TB-1\"}"), 404);
    assert_int_equal(act(&s, &s.owner, "/end/returns", serial), 200);
    assert_true(rig_says(s.rig, "\"parcel\":\"wanted\",\"may_send\":false"));
    assert_int_equal(act(&s, &s.owner, "/end/returns", serial), 409);
    assert_ok(shipment_tick(s.rig->b, s.rig->now_ms));
    assert_string_equal(ordered, "+8613800001234 1 Return Road, Shanghai TB-10000001");
    assert_ok(shipment_of_return(s.rig->b->store, 7, &parcel));
    assert_ok(shipment_on_ordered(s.rig->b, parcel.id, COURIER_ACCEPTED, "SF000012345"));
    const struct courier_track track = {.happening = {{1, 5, COURIER_DELIVERED}}, .count = 1};
    assert_ok(shipment_on_tracked(s.rig->b, parcel.id, &track));
    assert_int_equal(rig_ask(s.rig, &s.owner, "GET", MINE, ""), 200);
    assert_true(rig_says(s.rig, "\"parcel\":\"over\",\"label\":\"SF000012345\""));
    /* The courier's word takes nothing in: somebody has it in his hand first. */
    assert_true(rig_says(s.rig, "\"stock\":\"active\""));
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_ends_when_nothing_is_in_the_way),
        cmocka_unit_test(who_asks_does_not_decide),
        cmocka_unit_test(it_is_the_owners_own),
        cmocka_unit_test(what_nobody_can_read_is_in_the_way),
        cmocka_unit_test(its_devices_are_told_and_named),
        cmocka_unit_test(a_label_is_asked_for_once),
    };
    return cmocka_run_group_tests_name("contracts", tests, NULL, NULL);
}
