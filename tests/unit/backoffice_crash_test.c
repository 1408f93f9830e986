/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A back office that is killed, or whose disk is full, at every single call to its store while an
 * account is made, a password changed, a link redeemed, a factor set up, added or removed, codes
 * made, and an account given back by the desk (CR-12, CR-14, S13 for consoles): afterwards there is
 * the old or the new, whole, and never neither; what was answered has happened; a link is redeemed
 * once. The store that is opened again is what had been committed.
 */
#include "tests/unit/backoffice_rig.h"

struct reaper {
    int left; /* calls that still succeed */
    enum err_code with;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    if (reaper->left-- == 0) return (err){reaper->with};
    return OK;
}

/* Who takes part, and how each of them may log in. */
struct scene {
    struct rig *rig;
    struct browser owner_at, agent_at, chief_at, fresh_at;
    struct person owner, agent, chief;
    struct token link; /* of a reset, or of a set-up */
    char key[TOTP_BASE32_CHARS + 1], code[RECOVERY_CODE_TEXT + 1], pending[256];
    int64_t passkey;
    unsigned status; /* of the answer; 0: the end came first */
};

struct scenario {
    const char *name;
    bool desk;
    void (*prepare)(struct scene *s);
    void (*act)(struct scene *s);
    bool (*is_new)(struct scene *s); /* checks that it is the old or the new, and says which */
};

static int64_t count_of(struct scene *s, const char *sql)
{
    int64_t count = -1;
    assert_ok(store_query_int(s->rig->b->store, sql, &count));
    return count;
}

/* A step later than any that was used before. */
static bool logs_in(struct scene *s, struct person *p, const char *password)
{
    char code[TOTP_DIGITS + 1];
    struct browser at = {.address = "198.51.100.7"};
    s->rig->now_ms += 2 * TOTP_STEP_MS;
    if (rig_login(s->rig, &at, p, password) != 200) return false;
    rig_code(s->rig, p, s->rig->now_ms, code);
    return rig_post(s->rig, &at, rig_path(p, "/login/totp"), "{\"code\":\"%s\"}", code) == 200;
}

/* ---- an account is made ---- */

static void prepare_nothing(struct scene *s)
{
    (void)s;
}

static void act_add(struct scene *s)
{
    s->status = rig_post(s->rig, &s->owner_at, "/api/console/people/add",
                         "{\"login\":\"zhao\",\"name\":\"Zhao\",\"roles\":[\"cashier\"],\"mid\":"
                         "\"" RIG_MID "\",\"outlet\":1,\"mail\":\"zhao@example.com\",\"phone\":"
                         "\"\",\"english\":true}");
}

static bool is_added(struct scene *s)
{
    int64_t accounts = count_of(s, "SELECT count(*) FROM account WHERE login = 'zhao'");
    int64_t links = count_of(s, "SELECT count(*) FROM link WHERE account ="
                                " (SELECT id FROM account WHERE login = 'zhao')");
    assert_int_equal(accounts, links);
    if (accounts == 0) { /* then it is made now */
        act_add(s);
        assert_int_equal(s->status, 200);
        return false;
    }
    /* Its link may be lost with the program: another is sent. */
    assert_int_equal(rig_post(s->rig, &s->owner_at, "/api/console/people/link", "{\"id\":%lld}",
                              (long long)count_of(s, "SELECT id FROM account WHERE login ="
                                                     " 'zhao'")),
                     204);
    return true;
}

/* ---- a password is changed ---- */

static void act_change(struct scene *s)
{
    s->status = rig_post(s->rig, &s->owner_at, "/api/console/security/password",
                         "{\"current\":\"" RIG_PASSWORD "\",\"password\":\"" RIG_OTHER "\"}");
}

static bool is_changed(struct scene *s)
{
    bool new = logs_in(s, &s->owner, RIG_OTHER), old = logs_in(s, &s->owner, RIG_PASSWORD);
    assert_true(new != old);
    return new;
}

/* ---- a link is redeemed ---- */

static void prepare_reset(struct scene *s)
{
    assert_int_equal(
        rig_post(s->rig, &s->fresh_at, "/api/console/reset/request", "{\"name\":\"wang\"}"), 202);
    const char *at = strstr(s->rig->letter[s->rig->letters - 1].text, "/reset#");
    assert_non_null(at);
    snprintf(s->link.text, sizeof s->link.text, "%s", at + 7);
}

static unsigned redeem(struct scene *s, const char *password)
{
    return rig_post(s->rig, &s->fresh_at, "/api/console/reset",
                    "{\"token\":\"%s\",\"password\":\"%s\"}", s->link.text, password);
}

static void act_redeem(struct scene *s)
{
    s->status = redeem(s, RIG_OTHER);
}

/* Good for exactly one of the two tries together. */
static bool is_redeemed(struct scene *s)
{
    bool new = is_changed(s);
    assert_int_equal(redeem(s, "violet teapot eleven oars"), new ? 410 : 200);
    assert_int_equal(redeem(s, "violet teapot eleven oars"), 410);
    assert_int_equal(logs_in(s, &s->owner, "violet teapot eleven oars"), !new);
    return new;
}

/* ---- the first factor of a new account ---- */

static void prepare_enrol(struct scene *s)
{
    s->agent = rig_person(s->rig, "new", ROLE_AGENT, &s->link);
    assert_int_equal(rig_post(s->rig, &s->fresh_at, "/api/staff/setup",
                              "{\"token\":\"%s\",\"password\":\"" RIG_PASSWORD "\"}", s->link.text),
                     200);
    assert_int_equal(rig_post(s->rig, &s->fresh_at, "/api/staff/enrol/totp/begin", "{}"), 200);
    rig_member(s->rig, "key", s->agent.key, sizeof s->agent.key);
    rig_member(s->rig, "pending", s->pending, sizeof s->pending);
}

static void act_enrol(struct scene *s)
{
    char code[TOTP_DIGITS + 1];
    rig_code(s->rig, &s->agent, s->rig->now_ms, code);
    s->status = rig_post(s->rig, &s->fresh_at, "/api/staff/enrol/totp/finish",
                         "{\"pending\":\"%s\",\"code\":\"%s\"}", s->pending, code);
}

/* In use with a factor and ten codes, or not begun and without any: who is not in begins again. */
static bool is_enrolled(struct scene *s)
{
    struct account a;
    assert_ok(account_find(s->rig->b->store, s->agent.id, &a));
    bool new = a.status == ACCOUNT_ACTIVE;
    assert_int_equal(a.has_totp, new);
    assert_int_equal(a.recovery_codes, new ? RECOVERY_CODES : 0);
    struct browser at = {.address = "198.51.100.7"};
    if (new) assert_true(logs_in(s, &s->agent, RIG_PASSWORD));
    else assert_int_equal(rig_login(s->rig, &at, &s->agent, RIG_PASSWORD), 200);
    if (!new) assert_true(rig_says(s->rig, "\"state\":\"enrol\""));
    return new;
}

/* ---- another app, in place of the one before ---- */

static void prepare_app(struct scene *s)
{
    assert_int_equal(rig_post(s->rig, &s->owner_at, "/api/console/security/totp/begin", "{}"), 200);
    rig_member(s->rig, "key", s->key, sizeof s->key);
    rig_member(s->rig, "pending", s->pending, sizeof s->pending);
}

static void act_app(struct scene *s)
{
    char code[TOTP_DIGITS + 1];
    struct person with_new = s->owner;
    memcpy(with_new.key, s->key, sizeof with_new.key);
    rig_code(s->rig, &with_new, s->rig->now_ms, code);
    s->status = rig_post(s->rig, &s->owner_at, "/api/console/security/totp/finish",
                         "{\"pending\":\"%s\",\"code\":\"%s\"}", s->pending, code);
}

static bool is_new_app(struct scene *s)
{
    struct person with_new = s->owner;
    memcpy(with_new.key, s->key, sizeof with_new.key);
    bool new = logs_in(s, &with_new, RIG_PASSWORD), old = logs_in(s, &s->owner, RIG_PASSWORD);
    assert_true(new != old);
    return new;
}

/* ---- a passkey, removed ---- */

static void prepare_passkey(struct scene *s)
{
    struct webauthn_key key = {.credential_len = 16, .counter = 0};
    const struct registry_actor actor = {BYTES("rig"), s->rig->now_ms};
    memset(key.credential, 5, key.credential_len);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(s->rig->b->store, &tx));
    assert_ok(passkey_add(&tx, &actor, s->owner.id, &key, BYTES("phone"), &s->passkey));
    assert_ok(store_commit(&tx));
}

static void act_passkey(struct scene *s)
{
    s->status = rig_post(s->rig, &s->owner_at, "/api/console/security/passkey/remove",
                         "{\"id\":%lld}", (long long)s->passkey);
}

static bool is_without_passkey(struct scene *s)
{
    bool new = count_of(s, "SELECT count(*) FROM passkey") == 0;
    assert_int_equal(count_of(s, "SELECT count(*) FROM audit WHERE event = 'passkey_removed'"),
                     new);
    assert_true(logs_in(s, &s->owner, RIG_PASSWORD)); /* the other factor is whole */
    return new;
}

/* ---- other recovery codes ---- */

static void act_codes(struct scene *s)
{
    s->status = rig_post(s->rig, &s->owner_at, "/api/console/security/codes", "{}");
}

static bool is_other_codes(struct scene *s)
{
    struct browser at = {.address = "198.51.100.7"};
    assert_int_equal(count_of(s, "SELECT count(*) FROM recovery_code WHERE used_ms = 0 AND account"
                                 " = (SELECT id FROM account WHERE login = 'wang')"),
                     RECOVERY_CODES);
    s->rig->now_ms += 2 * TOTP_STEP_MS;
    assert_int_equal(rig_login(s->rig, &at, &s->owner, RIG_PASSWORD), 200);
    return rig_post(s->rig, &at, "/api/console/login/recovery", "{\"code\":\"%s\"}",
                    s->owner.code) != 200;
}

/* ---- the desk gives an account back ---- */

static void at_desk(struct scene *s, struct browser *b, const char *path, const char *body)
{
    char full[64];
    snprintf(full, sizeof full, "/api/staff/desk/%s", path);
    assert_int_equal(rig_ask(s->rig, b, "POST", full, body), 200);
}

static void prepare_desk(struct scene *s)
{
    s->agent = rig_known(s->rig, &s->agent_at, "anna", ROLE_AGENT);
    s->chief = rig_known(s->rig, &s->chief_at, "bo", ROLE_APPROVER);
    at_desk(s, &s->agent_at, "open-account",
            "{\"kind\":\"owner\",\"account\":\"wang\",\"origin\":\"call\",\"note\":\"\"}");
    at_desk(s, &s->agent_at, "answer",
            "{\"ticket\":1,\"question\":\"owner\",\"said\":\"Person wang\"}");
    at_desk(s, &s->agent_at, "answer",
            "{\"ticket\":1,\"question\":\"mail\",\"said\":\"wang@example.com\"}");
    at_desk(s, &s->agent_at, "answer",
            "{\"ticket\":1,\"question\":\"merchant\",\"said\":\"" RIG_MID "\"}");
    at_desk(s, &s->agent_at, "note", "{\"ticket\":1,\"text\":\"called back\"}");
    at_desk(s, &s->agent_at, "approve", "{\"ticket\":1}");
}

static void act_desk(struct scene *s)
{
    s->status = rig_post(s->rig, &s->chief_at, "/api/staff/desk/approve", "{\"ticket\":1}");
}

/* All of it or nothing: ticket, factors, link and cooling-off. A link that was lost with the
 * program is made again by opening the ticket again, with both approvals. */
static bool is_given_back(struct scene *s)
{
    bool new = count_of(s, "SELECT state FROM ticket WHERE id = 1") == 2;
    assert_int_equal(count_of(s, "SELECT count(*) FROM link WHERE kind = 1 AND used_ms = 0"), new);
    assert_int_equal(count_of(s, "SELECT count(*) FROM cooling"), new);
    assert_int_equal(count_of(s, "SELECT status = 1 AND password = '' AND totp = x'' FROM account"
                                 " WHERE login = 'wang'"),
                     new);
    assert_int_equal(logs_in(s, &s->owner, RIG_PASSWORD), !new);
    return new;
}

static const struct scenario scenarios[] = {
    {"an account is made", false, prepare_nothing, act_add, is_added},
    {"a password is changed", false, prepare_nothing, act_change, is_changed},
    {"a link is redeemed", false, prepare_reset, act_redeem, is_redeemed},
    {"a first factor is set up", false, prepare_enrol, act_enrol, is_enrolled},
    {"another app takes over", false, prepare_app, act_app, is_new_app},
    {"a passkey is removed", false, prepare_passkey, act_passkey, is_without_passkey},
    {"other recovery codes are made", false, prepare_nothing, act_codes, is_other_codes},
    {"the desk gives an account back", true, prepare_desk, act_desk, is_given_back},
};

/* ---- the cuts ---- */

static void check_audit(struct scene *s)
{
    struct audit_report report;
    assert_ok(audit_verify(s->rig->b->store, &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
}

/* One cut. True when the reaper struck. *ret_new: what it ended with. */
static bool cut_at(const struct scenario *scenario, int n, enum err_code with, bool *ret_new)
{
    struct scene s = {.rig = scenario->desk ? rig_open_desk(true) : rig_open()};
    struct reaper reaper = {n, with};
    s.owner = rig_known(s.rig, &s.owner_at, "wang", ROLE_OWNER);
    scenario->prepare(&s);
    s.rig->may_end = true;
    store_set_fault(s.rig->b->store, reap, &reaper);
    scenario->act(&s);
    bool answered = !s.rig->ended && s.status >= 200 && s.status < 300;
    bool hit = reaper.left < 0;
    store_set_fault(s.rig->b->store, NULL, NULL);
    rig_restart(s.rig);
    s.fresh_at = (struct browser){0};
    *ret_new = scenario->is_new(&s);
    if (answered) assert_true(*ret_new); /* what was said has happened */
    if (!hit) assert_true(answered);
    check_audit(&s);
    rig_close(s.rig);
    return hit;
}

static void cut_everywhere(const struct scenario *scenario, enum err_code with)
{
    int calls = 0, new = 0;
    bool is_new = false;
    while (cut_at(scenario, calls, with, &is_new)) {
        calls++;
        new += is_new;
    }
    assert_true(is_new && calls > 5); /* the enumeration did pass through the calls */
    if (with == ERR_CRASHED) assert_true(new > 0 && new < calls);
    print_message("%s, %s: %d cuts, old after %d, new after %d\n", scenario->name,
                  err_name((err){with}), calls, calls - new, new);
}

static void a_kill_leaves_the_old_or_the_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) cut_everywhere(&scenarios[i], ERR_CRASHED);
}

static void a_full_disk_leaves_the_old_or_the_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) cut_everywhere(&scenarios[i], ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_leaves_the_old_or_the_new),
        cmocka_unit_test(a_full_disk_leaves_the_old_or_the_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
