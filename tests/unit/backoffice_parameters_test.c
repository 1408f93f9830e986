/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of terminals at the back office (S118, S125): what is inherited from where, versions
 * and roll-back, a part of the devices first and the stop by itself, what a device is given and
 * says, and whose each level is; and what of the house does not work, to all terminals (S189).
 */
#include "backoffice/devices/groups.h"
#include "backoffice/parameters/parameters.h"
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
    assert_string_equal(command->kind, "parameters");
    assert_int_equal(strlen(command->text), DEVICE_PARAMETERS_DIGEST);
    memset(mac, (int)command->number, 16);
    return OK;
}

static unsigned heard(const char *text)
{
    unsigned count = 0;
    for (const char *at = told; (at = strstr(at, text)) != NULL; at++) count++;
    return count;
}

static void forget(void)
{
    told_len = 0;
    told[0] = '\0';
}

struct people {
    struct browser owner, other, admin;
};

static struct rig *with_people(struct people *p)
{
    struct rig *rig = with_devices();
    rig->b->desk->ports.command_mac = prove;
    rig->b->desk->ports.to_device = keep_frame;
    forget();
    hsm_away = false;
    p->owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    p->other = person(rig, "other", OTHER_MID, ROLE_OWNER);
    p->admin = person(rig, "admin", "", ROLE_ADMIN);
    return rig;
}

static unsigned post(struct rig *rig, struct browser *b, const char *path, const char *body)
{
    char full[120];
    snprintf(full, sizeof full, "/api/v1%s", path);
    rig->now_ms += 3000; /* callers pay by the second */
    unsigned status = rig_ask(rig, b, "POST", full, body);
    assert_ok(backoffice_flush(rig->b));
    return status;
}

static unsigned get(struct rig *rig, struct browser *b, const char *path)
{
    char full[120];
    snprintf(full, sizeof full, "/api/v1%s", path);
    rig->now_ms += 3000;
    return rig_ask(rig, b, "GET", full, "");
}

static unsigned set(struct rig *rig, struct browser *b, const char *subject, const char *values)
{
    char path[80], body[400];
    snprintf(path, sizeof path, "/parameters/%s", subject);
    snprintf(body, sizeof body, "{\"values\":{%s},\"reason\":\"asked for\"}", values);
    return post(rig, b, path, body);
}

/* "1 from groups 7, version 2" of a number that the device is to have. */
static void from(struct rig *rig, const char *tid, enum device_parameter which, int64_t number,
                 const char *source)
{
    struct parameters_effective e;
    char text[80] = "";
    assert_ok(parameters_effective_of(rig->b->desk, fleet_find(rig->b->desk->fleet, tid), &e));
    if (e.set.value[which].set)
        snprintf(text, sizeof text, "%s %s, version %lld",
                 parameters_level_word(e.from[which].level), e.from[which].subject,
                 (long long)e.from[which].version);
    assert_string_equal(text, source);
    assert_int_equal(e.set.value[which].number, number);
}

static void the_nearest_level_counts(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    enum device_parameter q = DEVICE_PARAMETER_quick_1;
    assert_int_equal(post(rig, &p.owner, "/regions", "{\"name\":\"North\"}"), 201);
    assert_int_equal(post(rig, &p.owner, "/regions", "{\"name\":\"Dalian\",\"parent\":1}"), 201);
    assert_int_equal(post(rig, &p.owner, "/outlets", "{\"outlet\":2,\"region\":2}"), 200);
    assert_int_equal(post(rig, &p.admin, "/groups", "{\"name\":\"Ours\"}"), 201);
    assert_int_equal(post(rig, &p.owner, "/groups", "{\"name\":\"His\"}"), 201);
    static const char in[] = "{\"devices\":[\"10000003\"]}";
    assert_int_equal(post(rig, &p.admin, "/groups/1/devices", in), 200);
    assert_int_equal(post(rig, &p.owner, "/groups/2/devices", in), 200);
    static const struct {
        const char *subject, *source;
        bool acquirer;
    } levels[] = {
        {"models/TB-1", "models TB-1, version 1", true},
        {"merchants/" RIG_MID, "merchants " RIG_MID ", version 1", false},
        {"regions/1", "regions 1, version 1", false},
        {"regions/2", "regions 2, version 1", false},
        {"groups/1", "groups 1, version 1", true},
        {"groups/2", "groups 2, version 1", false},
        {"outlets/" RIG_MID "-2", "outlets " RIG_MID "-2, version 1", false},
        {"terminals/10000003", "terminals 10000003, version 1", false},
    };
    from(rig, "10000003", q, 0, "");
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        char values[40];
        snprintf(values, sizeof values, "\"quick_1\":%zu", 100 + i);
        assert_int_equal(
            set(rig, levels[i].acquirer ? &p.admin : &p.owner, levels[i].subject, values), 201);
        from(rig, "10000003", q, (int64_t)(100 + i), levels[i].source);
    }
    from(rig, "10000001", q, 101, "merchants " RIG_MID ", version 1"); /* in no group, no region */
    from(rig, "20000001", q, 100, "models TB-1, version 1");           /* somebody else's */
    /* From the last one up: what is not set any more is inherited again. */
    for (size_t i = ARRAY_LEN(levels); i-- > 1;) {
        assert_int_equal(set(rig, &p.admin, levels[i].subject, ""), 201);
        from(rig, "10000003", q, (int64_t)(100 + i - 1), levels[i - 1].source);
    }
    rig_close(rig);
}

/* A value of each: of several levels together a device has the sum. */
static void levels_add_up_and_explain_themselves(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    assert_int_equal(set(rig, &p.admin, "models/TB-1", "\"sign\":1,\"tip\":1"), 201);
    assert_int_equal(set(rig, &p.owner, "outlets/" RIG_MID "-1", "\"banner\":\"Hi\",\"tip\":0"),
                     201);
    assert_int_equal(get(rig, &p.owner, "/devices/10000001/parameters"), 200);
    assert_true(rig_says(rig, "{\"name\":\"banner\",\"text\":\"Hi\",\"level\":\"outlets\","
                              "\"subject\":\"" RIG_MID "-1\",\"version\":1,"));
    assert_true(rig_says(rig, "{\"name\":\"sign\",\"number\":1,\"level\":\"models\""));
    assert_true(rig_says(rig, "{\"name\":\"tip\",\"number\":0,\"level\":\"outlets\""));
    assert_true(rig_says(rig, "{\"name\":\"tip_1\",\"number\":5,\"title_zh\":\"小费一\","
                              "\"title_en\":\"Tip 1\",\"says_zh\":\"5%\"")); /* as delivered */
    assert_true(rig_says(rig, "\"number\":0,\"progress\":\"none\",\"current\":false"));
    rig_close(rig);
}

static void a_change_is_a_version_and_going_back_is_one_too(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    static const char level[] = "/parameters/merchants/" RIG_MID;
    assert_int_equal(get(rig, &p.owner, level), 200);
    assert_true(rig_says(rig, "\"version\":0,\"values\":{}"));
    assert_int_equal(set(rig, &p.owner, "merchants/" RIG_MID, "\"tip\":1"), 201);
    assert_int_equal(set(rig, &p.owner, "merchants/" RIG_MID, "\"tip\":0,\"tip_1\":8"), 201);
    assert_true(rig_says(rig, "\"version\":2,\"values\":{\"tip\":0,\"tip_1\":8}"));
    char back[80];
    snprintf(back, sizeof back, "%s/versions/1/back", level);
    assert_int_equal(post(rig, &p.owner, back, "{\"reason\":\"it was better\"}"), 201);
    assert_true(rig_says(rig, "\"version\":3,\"values\":{\"tip\":1}"));
    assert_true(rig_says(rig, "\"reason\":\"it was better\""));
    snprintf(back, sizeof back, "%s/versions/9/back", level);
    assert_int_equal(post(rig, &p.owner, back, "{\"reason\":\"x\"}"), 404);
    snprintf(back, sizeof back, "%s/versions/0/back", level);
    assert_int_equal(post(rig, &p.owner, back, "{\"reason\":\"x\"}"), 404);
    char versions[80];
    snprintf(versions, sizeof versions, "%s/versions", level);
    assert_int_equal(get(rig, &p.owner, versions), 200);
    const char *first = strstr(rig->answer, "\"version\":3"), *last;
    last = strstr(rig->answer, "\"version\":1");
    assert_true(first != NULL && last != NULL && first < last);
    static const char *const never[] = {
        "UPDATE parameters_version SET document = 'tongbao parameters 1' || char(10)",
        "UPDATE parameters_version SET reason = 'another'", "DELETE FROM parameters_version",
        "UPDATE parameters_device SET number = number - 1"};
    come(rig, 3, "10000001", "TB-1");
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        assert_true(FAILED(store_exec(rig->b->store, never[i])));
    rig_close(rig);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    static const struct {
        const char *values;
        unsigned status;
    } rows[] = {
        {"\"tip\":2", 400},
        {"\"tip\":-1", 400},
        {"\"tip\":true", 400},
        {"\"tip\":\"1\"", 400},
        {"\"nothing\":1", 400},
        {"\"settle_at\":1440", 400},
        {"\"settle_at\":-1", 201},
        {"\"banner\":\" x\"", 422},
        {"\"banner\":\"a\\nb\"", 422},
        {"\"banner\":\"\"", 201},
        {"\"banner\":\"<script>=1+1\"", 201}, /* a text like any other: nobody runs it */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        unsigned status = set(rig, &p.owner, "terminals/10000001", rows[i].values);
        if (status != rows[i].status) fail_msg("%s: %u %s", rows[i].values, status, rig->answer);
    }
    char body[300];
    memset(body, 0, sizeof body);
    memcpy(body, "\"banner\":\"", 10);
    memset(body + 10, 'x', DEVICE_PARAMETER_TEXT_MAX + 1);
    body[10 + DEVICE_PARAMETER_TEXT_MAX + 1] = '"';
    assert_int_equal(set(rig, &p.owner, "terminals/10000001", body), 400);
    assert_int_equal(
        post(rig, &p.owner, "/parameters/terminals/10000001", "{\"values\":{\"tip\":1}}"),
        400); /* without a reason */
    rig_close(rig);
}

static void levels_are_whose_they_are(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    rig->outlet = 2;
    struct browser branch = person(rig, "branch", RIG_MID, ROLE_MANAGER);
    rig->outlet = 0;
    assert_int_equal(post(rig, &p.owner, "/groups", "{\"name\":\"His\"}"), 201);
    assert_int_equal(post(rig, &p.owner, "/regions", "{\"name\":\"North\"}"), 201);
    static const struct {
        const char *path;
        unsigned owner, other, branch, admin;
    } rows[] = {
        {"/parameters/models/TB-1", 404, 404, 404, 200},
        {"/parameters/models/TB 1", 404, 404, 404, 404},
        {"/parameters/merchants/" RIG_MID, 200, 404, 404, 200},
        {"/parameters/merchants/999999999999999", 404, 404, 404, 404},
        {"/parameters/regions/1", 200, 404, 404, 200},
        {"/parameters/groups/1", 200, 404, 404, 200},
        {"/parameters/groups/01", 404, 404, 404, 404},
        {"/parameters/outlets/" RIG_MID "-1", 200, 404, 404, 200},
        {"/parameters/outlets/" RIG_MID "-2", 200, 404, 200, 200},
        {"/parameters/outlets/" RIG_MID "-02", 404, 404, 404, 404},
        {"/parameters/outlets/" RIG_MID "-77", 404, 404, 404, 404},
        {"/parameters/terminals/10000003", 200, 404, 200, 200},
        {"/parameters/terminals/10000009", 404, 404, 404, 404},
        {"/parameters/something/1", 404, 404, 404, 404},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (get(rig, &p.owner, rows[i].path) != rows[i].owner) fail_msg("owner %s", rows[i].path);
        if (get(rig, &p.other, rows[i].path) != rows[i].other) fail_msg("other %s", rows[i].path);
        if (get(rig, &branch, rows[i].path) != rows[i].branch) fail_msg("branch %s", rows[i].path);
        if (get(rig, &p.admin, rows[i].path) != rows[i].admin) fail_msg("admin %s", rows[i].path);
    }
    assert_int_equal(set(rig, &branch, "terminals/10000003", "\"tip\":1"), 403);
    rig_close(rig);
}

/* What is the acquirer's risk an owner neither sets, nor takes away by setting the rest. */
static void the_acquirers_own_stay(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    assert_int_equal(set(rig, &p.owner, "terminals/10000001", "\"manual_most\":500"), 403);
    assert_int_equal(set(rig, &p.admin, "terminals/10000001", "\"manual_most\":500,\"tip\":1"),
                     201);
    assert_int_equal(set(rig, &p.owner, "terminals/10000001", "\"tip\":0"), 201);
    assert_true(rig_says(rig, "\"manual_most\":500"));
    assert_int_equal(set(rig, &p.owner, "terminals/10000001", "\"manual_most\":500"), 201);
    assert_int_equal(set(rig, &p.owner, "terminals/10000001", "\"manual_most\":600"), 403);
    assert_int_equal(set(rig, &p.admin, "terminals/10000001", "\"manual_most\":100"), 201);
    assert_int_equal(post(rig, &p.owner, "/parameters/terminals/10000001/versions/1/back",
                          "{\"reason\":\"tip\"}"),
                     201);
    assert_true(rig_says(rig, "\"values\":{\"manual_most\":100,\"tip\":1}"));
    rig_close(rig);
}

/* ---- giving them ---- */

static void applied(struct rig *rig, uint32_t session, int number, const char *state)
{
    char text[160];
    snprintf(text, sizeof text, "{\"id\":9,\"ask\":\"applied\",\"number\":%d,\"state\":\"%s\"%s}",
             number, state, strcmp(state, "refused") == 0 ? ",\"reason\":\"old\"" : "");
    say(rig, session, text);
}

static void says(struct rig *rig, struct browser *b, const char *tid, const char *wanted)
{
    char path[60];
    snprintf(path, sizeof path, "/devices/%s/parameters", tid);
    assert_int_equal(get(rig, b, path), 200);
    if (!rig_says(rig, wanted)) fail_msg("%s: %.200s", wanted, rig->answer);
}

static void a_device_is_given_what_it_is_to_have(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    come(rig, 3, "10000001", "TB-1");
    assert_int_equal(heard("\"tell\":\"parameters\""), 0); /* nobody has ever set anything */
    assert_int_equal(set(rig, &p.owner, "merchants/" RIG_MID, "\"tip\":1"), 201);
    assert_int_equal(heard("3{\"tell\":\"parameters\",\"document\":\"tongbao parameters 1\\ntip "
                           "1\\n\",\"number\":1,"),
                     1);
    says(rig, &p.owner, "10000001", "\"number\":1,\"progress\":\"waiting\",\"current\":true");
    applied(rig, 3, 1, "acknowledged");
    says(rig, &p.owner, "10000001", "\"progress\":\"taken\"");
    applied(rig, 3, 1, "verified");
    says(rig, &p.owner, "10000001", "\"progress\":\"in_force\"");
    applied(rig, 3, 1, "acknowledged"); /* late: it does not go back */
    says(rig, &p.owner, "10000001", "\"progress\":\"in_force\"");
    forget();
    assert_int_equal(set(rig, &p.owner, "terminals/10000002", "\"tip\":0"), 201); /* another's */
    assert_ok(devices_closed(rig->b->desk, 3));
    come(rig, 4, "10000001", "TB-1");
    assert_int_equal(heard("\"tell\":\"parameters\""), 0); /* it has it */
    assert_int_equal(set(rig, &p.owner, "terminals/10000001", "\"tip\":0"), 201);
    assert_int_equal(heard("tip 0\\n\",\"number\":2,"), 1);
    applied(rig, 4, 1, "verified"); /* of the number before */
    says(rig, &p.owner, "10000001", "\"number\":2,\"progress\":\"waiting\"");
    forget();
    assert_ok(devices_closed(rig->b->desk, 4));
    come(rig, 5, "10000001", "TB-1"); /* told again, the very same */
    assert_int_equal(heard("tip 0\\n\",\"number\":2,"), 1);
    applied(rig, 5, 2, "refused");
    says(rig, &p.owner, "10000001", "\"progress\":\"refused\",\"current\":true,\"why\":\"old\"");
    rig_close(rig);
}

static void a_group_is_given_it_and_the_hsm_may_be_away(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    come(rig, 3, "10000001", "TB-1");
    come(rig, 4, "10000003", "TB-1");
    assert_int_equal(post(rig, &p.owner, "/groups", "{\"name\":\"His\"}"), 201);
    assert_int_equal(set(rig, &p.owner, "groups/1", "\"banner\":\"盘点\""), 201);
    assert_int_equal(heard("\"tell\":\"parameters\""), 0);
    hsm_away = true;
    assert_int_equal(post(rig, &p.owner, "/groups/1/devices", "{\"devices\":[\"10000003\"]}"), 200);
    assert_int_equal(heard("\"tell\":\"parameters\""), 0);
    says(rig, &p.owner, "10000003", "\"number\":0,\"progress\":\"none\",\"current\":false");
    hsm_away = false;
    assert_ok(devices_closed(rig->b->desk, 4));
    come(rig, 5, "10000003", "TB-1");
    assert_int_equal(heard("5{\"tell\":\"parameters\""), 1);
    assert_int_equal(heard("3{\"tell\":\"parameters\""), 0);
    applied(rig, 5, 1, "verified");
    assert_int_equal(
        post(rig, &p.owner, "/groups/1/devices/remove", "{\"devices\":[\"10000003\"]}"), 200);
    assert_int_equal(heard("\"document\":\"tongbao parameters 1\\n\",\"number\":2,"), 1);
    rig_close(rig);
}

static void state_of(struct rig *rig, uint32_t session, int parameters)
{
    char text[400];
    snprintf(text, sizeof text,
             "{\"id\":2,\"ask\":\"state\",\"version\":\"0.9.1\",\"operator\":\"01\",\"at_ms\":9,"
             "\"battery\":64,\"paper\":\"ok\",\"hold\":\"free\",\"link\":\"wifi\",\"signed_in\":1,"
             "\"unsent\":0,\"last_payment_ms\":8,\"parameters\":%d}",
             parameters);
    say(rig, session, text);
}

/* What a device says is in force goes before what we think; numbers only grow. */
static void the_device_knows_best(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    come(rig, 3, "10000001", "TB-1");
    assert_int_equal(set(rig, &p.owner, "terminals/10000001", "\"tip\":1"), 201);
    state_of(rig, 3, 1); /* "applied" was lost on its way */
    says(rig, &p.owner, "10000001", "\"progress\":\"in_force\"");
    forget();
    state_of(rig, 3, 0); /* another device stands there now */
    assert_int_equal(heard("tip 1\\n\",\"number\":1,"), 1);
    says(rig, &p.owner, "10000001", "\"progress\":\"waiting\"");
    forget();
    state_of(rig, 3, 41); /* we are an old copy of ourselves */
    assert_int_equal(heard("tip 1\\n\",\"number\":42,"), 1);
    come(rig, 4, "10000003", "TB-1");
    forget();
    state_of(rig, 4, 7); /* nothing is set for it, and it has something */
    assert_int_equal(heard("\"document\":\"tongbao parameters 1\\n\",\"number\":8,"), 1);
    rig_close(rig);
}

/* ---- a part first ---- */

/* Terminals of one outlet, all connected: how many were told this document. */
static void many(struct rig *rig, int count)
{
    for (int i = 0; i < count; i++) {
        char tid[9];
        snprintf(tid, sizeof tid, "3%07d", i);
        terminal(rig, tid, RIG_MID, 2, "TB-1");
    }
    rig_pass(rig, 2 * FLEET_READ_MS);
    for (int i = 0; i < count; i++) {
        char tid[9];
        snprintf(tid, sizeof tid, "3%07d", i);
        come(rig, 100 + (uint32_t)i, tid, "TB-1");
    }
    forget();
}

static int64_t told_to(struct rig *rig)
{
    int64_t count = 0;
    for (int i = 0; i < 8; i++) assert_ok(backoffice_flush(rig->b)); /* slices */
    assert_ok(store_query_int(rig->b->store, "SELECT count(*) FROM parameters_device", &count));
    return count;
}

static void put_first(struct rig *rig, struct people *p, int percent, const char *values)
{
    char body[200];
    snprintf(body, sizeof body, "{\"values\":{%s},\"reason\":\"try\",\"first\":%d}", values,
             percent);
    assert_int_equal(post(rig, &p->owner, "/parameters/outlets/" RIG_MID "-2", body), 201);
}

/* Whoever was told says it. */
static void all_say(struct rig *rig, int count, const char *state)
{
    for (int i = 0; i < count; i++) {
        char mark[60];
        snprintf(mark, sizeof mark, "%d{\"tell\":\"parameters\"", 100 + i);
        if (strstr(told, mark) != NULL) applied(rig, 100 + (uint32_t)i, 1, state);
    }
    forget();
}

static void a_part_has_it_first_and_then_all(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    many(rig, 60);
    put_first(rig, &p, 20, "\"tip\":1");
    int64_t part = told_to(rig);
    assert_true(part > 2 && part < 30);
    rig_pass(rig, 1000);
    assert_int_equal(told_to(rig), part);
    all_say(rig, 60, "verified");
    rig_pass(rig, 1000);
    assert_int_equal(told_to(rig), part); /* its day is not over */
    rig->now_ms += PARAMETERS_STAGE_HOURS * INT64_C(3600000);
    rig_pass(rig, 1000);
    assert_int_equal(told_to(rig), 60);
    p.admin = person(rig, "admin2", "", ROLE_ADMIN); /* the session of before has ended */
    assert_int_equal(get(rig, &p.admin, "/parameters/outlets/" RIG_MID "-2"), 200);
    assert_true(rig_says(rig, "\"stage\":100,\"state\":\"running\""));
    rig_close(rig);
}

static void it_stops_by_itself_when_it_is_refused(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    static const char level[] = "/parameters/outlets/" RIG_MID "-2";
    many(rig, 60);
    put_first(rig, &p, 20, "\"tip\":1");
    int64_t part = told_to(rig);
    all_say(rig, 60, "refused");
    rig_pass(rig, 1000);
    assert_int_equal(get(rig, &p.owner, level), 200);
    assert_true(rig_says(rig, "\"state\":\"stopped\",\"stopped_zh\":\"自动停止：答复的"));
    rig->now_ms += 2 * PARAMETERS_STAGE_HOURS * INT64_C(3600000);
    rig_pass(rig, 1000);
    assert_int_equal(told_to(rig), part); /* nobody else */
    char path[80];
    snprintf(path, sizeof path, "%s/stop", level);
    p.owner = person(rig, "owner2", RIG_MID, ROLE_OWNER); /* the session of before has ended */
    assert_int_equal(post(rig, &p.owner, path, ""), 409);
    snprintf(path, sizeof path, "%s/resume", level);
    assert_int_equal(post(rig, &p.owner, path, ""), 200);
    rig_pass(rig, 1000);
    assert_int_equal(get(rig, &p.owner, level), 200);
    assert_true(rig_says(rig, "\"state\":\"running\"")); /* what was refused is forgiven */
    rig_close(rig);
}

/* A power cut between any two calls of the store: no number stands for two documents. */
static void a_number_stands_for_one_document(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    come(rig, 3, "10000001", "TB-1");
    assert_int_equal(set(rig, &p.owner, "terminals/10000001", "\"tip\":1"), 201);
    rig_restart(rig);
    rig->b->desk->ports.command_mac = prove;
    rig->b->desk->ports.to_device = keep_frame;
    forget();
    come(rig, 3, "10000001", "TB-1");
    assert_int_equal(heard("tip 1\\n\",\"number\":1,"), 1); /* the same number, nonce and proof */
    assert_int_equal(set(rig, &p.owner, "terminals/10000001", "\"tip\":0"), 201);
    assert_int_equal(heard("tip 0\\n\",\"number\":2,"), 1);
    assert_int_equal(set(rig, &p.owner, "terminals/10000001", "\"tip\":1"), 201);
    assert_int_equal(heard("tip 1\\n\",\"number\":3,"), 1); /* back is forward */
    rig_close(rig);
}

static void put_status(struct rig *rig, struct people *p, const char *part, const char *state)
{
    char body[160];
    snprintf(body, sizeof body,
             "{\"part\":\"%s\",\"state\":\"%s\",\"text_zh\":\"\",\"text_en\":\"\"}", part, state);
    unsigned status = post(rig, &p->admin, "/status", body);
    if (status >= 300) fail_msg("%s: %u %s", body, status, rig->answer);
    forget();
    rig_pass(rig, 1000);
}

static void terminals_hear_what_does_not_work(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    come(rig, 3, "10000001", "TB-1");
    rig_pass(rig, 1000);
    assert_int_equal(heard("house"), 0); /* it is well */
    static const struct {
        const char *part, *state, *house; /* NULL: what they know already */
    } rows[] = {
        {"consoles", "down", NULL},     {"messages", "degraded", NULL},
        {"wallets", "down", "wallets"}, {"wallets", "degraded", NULL},
        {"cards", "degraded", "slow"},  {"wallets", "ok", "cards"},
        {"cards", "down", NULL},        {"wallets", "down", "down"},
        {"wallets", "ok", "cards"},     {"payments", "degraded", "slow"},
        {"payments", "down", "down"},   {"payments", "ok", "cards"},
        {"cards", "ok", "ok"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char wanted[64];
        put_status(rig, &p, rows[i].part, rows[i].state);
        assert_int_equal(heard("house\",\"house"), rows[i].house != NULL);
        if (rows[i].house == NULL) continue;
        snprintf(wanted, sizeof wanted, "3{\"tell\":\"house\",\"house\":\"%s\"}", rows[i].house);
        assert_int_equal(heard(wanted), 1);
    }
    put_status(rig, &p, "payments", "down");
    forget();
    come(rig, 4, "10000003", "TB-1"); /* who comes later hears it, too */
    assert_int_equal(heard("4{\"tell\":\"house\",\"house\":\"down\"}"), 1);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_level_counts),
        cmocka_unit_test(levels_add_up_and_explain_themselves),
        cmocka_unit_test(a_change_is_a_version_and_going_back_is_one_too),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(levels_are_whose_they_are),
        cmocka_unit_test(the_acquirers_own_stay),
        cmocka_unit_test(a_device_is_given_what_it_is_to_have),
        cmocka_unit_test(a_group_is_given_it_and_the_hsm_may_be_away),
        cmocka_unit_test(the_device_knows_best),
        cmocka_unit_test(a_part_has_it_first_and_then_all),
        cmocka_unit_test(it_stops_by_itself_when_it_is_refused),
        cmocka_unit_test(a_number_stands_for_one_document),
        cmocka_unit_test(terminals_hear_what_does_not_work),
    };
    return cmocka_run_group_tests_name("backoffice_parameters", tests, NULL, NULL);
}
