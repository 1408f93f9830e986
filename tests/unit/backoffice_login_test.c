/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in, sessions, links and second factors on a clock that the test moves (S16, S18, S40).
 * Goals by their numbers: CR-02, CR-12 to CR-14, CR-21, CR-30, CR-33, HS-04, HS-10 to HS-13.
 */
#include "tests/unit/backoffice_rig.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static struct rig *rig;

static int make_rig(void **state)
{
    (void)state;
    rig = rig_open();
    return 0;
}

static int drop_rig(void **state)
{
    (void)state;
    struct audit_report report;
    assert_ok(audit_verify(rig->b->store, &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
    rig_close(rig);
    return 0;
}

static void an_account_is_set_up_once_by_its_link(void **state)
{
    (void)state;
    struct browser b = {0}, thief = {0};
    CLEANUP(token_wipe) struct token link;
    struct person p = rig_person(rig, "li", ROLE_AGENT, &link);
    assert_int_equal(rig_login(rig, &b, &p, RIG_PASSWORD), 401); /* there is no password yet */
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/setup"),
                              "{\"token\":\"%s\",\"password\":\"short\"}", link.text),
                     422);
    assert_true(rig_says(rig, "\"rule\":\"too_short\""));
    rig_set_up(rig, &b, &p, &link);
    rig_state(rig, &b, &p, "in");
    assert_int_equal(rig_post(rig, &thief, rig_path(&p, "/setup"),
                              "{\"token\":\"%s\",\"password\":\"" RIG_OTHER "\"}", link.text),
                     410);
    struct account account;
    assert_ok(account_find(rig->b->store, p.id, &account));
    assert_int_equal(account.status, ACCOUNT_ACTIVE);
    assert_true(account.has_totp);
    assert_int_equal(account.recovery_codes, RECOVERY_CODES);
}

/* The second factor may be set up with the password alone for a day, and not later. */
static void a_password_alone_enrols_for_a_day(void **state)
{
    (void)state;
    struct browser b = {0}, later = {0};
    CLEANUP(token_wipe) struct token link;
    struct person p = rig_person(rig, "li", ROLE_AGENT, &link);
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/setup"),
                              "{\"token\":\"%s\",\"password\":\"" RIG_PASSWORD "\"}", link.text),
                     200);
    rig_pass(rig, 24 * HOUR - MINUTE);
    assert_int_equal(rig_login(rig, &later, &p, RIG_PASSWORD), 200);
    assert_true(rig_says(rig, "\"state\":\"enrol\""));
    rig_pass(rig, MINUTE);
    assert_int_equal(rig_login(rig, &later, &p, RIG_PASSWORD), 403);
    rig_state(rig, &b, &p, "out");
}

/* ---- nobody can tell who exists ---- */

struct work {
    unsigned status, hashes, keyed, commits;
    char answer[256];
};

static struct work measure(struct browser *b, const char *name, const char *password)
{
    rig->hashes = rig->keyed = rig->commits = 0;
    struct work w = {.status = rig_post(rig, b, "/api/staff/login",
                                        "{\"name\":\"%s\",\"password\":\"%s\"}", name, password)};
    w.hashes = rig->hashes;
    w.keyed = rig->keyed;
    w.commits = rig->commits;
    snprintf(w.answer, sizeof w.answer, "%.255s", rig->answer);
    return w;
}

/* CR-21: status, body and the work that was done are the same, also when tries are used up. */
static void a_wrong_password_is_like_a_name_of_nobodys(void **state)
{
    (void)state;
    struct browser own = {0};
    CLEANUP(token_wipe) struct token link;
    (void)rig_known(rig, &own, "known", ROLE_AGENT);
    struct person gone = rig_known(rig, &own, "gone", ROLE_AGENT);
    (void)rig_person(rig, "invited", ROLE_AGENT, &link);
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(account_set_status(&tx, &actor, gone.id, ACCOUNT_SUSPENDED));
    assert_ok(store_commit(&tx));
    const char *const names[] = {"known", "nobody", "invited", "gone", "known@example.com"};
    for (int attempt = 1; attempt <= 25; attempt++) {
        struct browser b = {.address = "198.51.100.7"};
        struct work first = measure(&b, names[0], "wrong but long enough");
        assert_int_equal(first.status, 401);
        assert_int_equal(first.hashes, 1);
        for (size_t i = 1; i < ARRAY_LEN(names) - 1; i++) {
            struct work w = measure(&b, names[i], "wrong but long enough");
            assert_memory_equal(&w, &first, sizeof w);
        }
    }
    /* After ten the right password is no better: the budget is for guesses, not for wrong ones. */
    struct browser b = {.address = "198.51.100.7"};
    struct work right = measure(&b, "known", RIG_PASSWORD);
    struct work wrong = measure(&b, "nobody", RIG_PASSWORD);
    assert_memory_equal(&right, &wrong, sizeof right);
}

static void a_request_for_a_link_is_answered_before_anybody_looks(void **state)
{
    (void)state;
    struct browser own = {0}, b = {0};
    struct person p = rig_known(rig, &own, "known", ROLE_OWNER);
    rig->letters = 0;
    for (int i = 0; i < 5; i++) {
        char first[256];
        rig->hashes = rig->commits = 0;
        assert_int_equal(
            rig_send(rig, &b, "POST", rig_path(&p, "/reset/request"), "{\"name\":\"known\"}"), 202);
        snprintf(first, sizeof first, "%.255s", rig->answer);
        assert_int_equal(
            rig_send(rig, &b, "POST", rig_path(&p, "/reset/request"), "{\"name\":\"nobody\"}"),
            202);
        assert_string_equal(rig->answer, first);
        assert_int_equal(rig->commits, 0); /* nothing was done for either */
        rig_turn(rig);
    }
    assert_int_equal(rig->letters, 3); /* CR-13: at most three an hour */
    rig_pass(rig, HOUR);
    assert_int_equal(
        rig_ask(rig, &b, "POST", rig_path(&p, "/reset/request"), "{\"name\":\"known\"}"), 202);
    assert_int_equal(rig->letters, 4);
    assert_string_equal(rig->letter[3].contact, "known@example.com");
}

/* ---- reset ---- */

static void last_link(char out[TOKEN_TEXT + 1])
{
    const char *at = strstr(rig->letter[rig->letters - 1].text, "/reset#");
    assert_non_null(at);
    snprintf(out, TOKEN_TEXT + 1, "%s", at + 7);
}

static void ask_link(const struct person *p, char out[TOKEN_TEXT + 1])
{
    struct browser b = {0};
    assert_int_equal(
        rig_post(rig, &b, rig_path(p, "/reset/request"), "{\"name\":\"%s\"}", p->login), 202);
    last_link(out);
}

static unsigned redeem(const struct person *p, const char *token, const char *password)
{
    struct browser b = {0};
    return rig_post(rig, &b, rig_path(p, "/reset"), "{\"token\":\"%s\",\"password\":\"%s\"}", token,
                    password);
}

/* S40, CR-14: all sessions and devices are gone, everybody is told, and the factor is asked for. */
static void a_reset_ends_everything_and_asks_for_the_factor(void **state)
{
    (void)state;
    char token[TOKEN_TEXT + 1];
    struct browser own = {0}, second = {0};
    struct person p = rig_known(rig, &own, "wang", ROLE_OWNER);
    rig_enter(rig, &second, &p, RIG_PASSWORD);
    ask_link(&p, token);
    assert_int_equal(redeem(&p, token, RIG_PASSWORD), 422); /* it is the present one */
    assert_true(rig_says(rig, "\"rule\":\"history\""));
    unsigned letters = rig->letters;
    assert_int_equal(redeem(&p, token, RIG_OTHER), 200);
    assert_int_equal(rig->letters, letters + 1);
    assert_non_null(strstr(rig->letter[letters].text, "changed"));
    rig_state(rig, &own, &p, "out");
    rig_state(rig, &second, &p, "out");
    int64_t devices = 0;
    assert_ok(store_query_int(rig->b->store, "SELECT count(*) FROM device", &devices));
    assert_int_equal(devices, 0);
    assert_int_equal(rig_login(rig, &own, &p, RIG_PASSWORD), 401);
    assert_int_equal(rig_login(rig, &own, &p, RIG_OTHER), 200);
    assert_true(rig_says(rig, "\"state\":\"factor\""));
    assert_int_equal(redeem(&p, token, "violet anvil seventeen kites"), 410);
}

static void a_link_lives_thirty_minutes_and_the_newest_counts(void **state)
{
    (void)state;
    char first[TOKEN_TEXT + 1], second[TOKEN_TEXT + 1];
    struct browser own = {0};
    struct person p = rig_known(rig, &own, "wang", ROLE_OWNER);
    ask_link(&p, first);
    ask_link(&p, second);
    assert_string_not_equal(first, second);
    assert_int_equal(redeem(&p, first, RIG_OTHER), 410);
    rig->now_ms += LINK_RESET_MS - 1000; /* a second before its end */
    assert_int_equal(redeem(&p, second, "short"), 422);
    rig->now_ms += 1000;
    assert_int_equal(redeem(&p, second, RIG_OTHER), 410);
    /* One kind is never taken for another, and a staff link not at the console. */
    ask_link(&p, first);
    struct browser b = {0};
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/setup"),
                              "{\"token\":\"%s\",\"password\":\"" RIG_OTHER "\"}", first),
                     410);
    assert_int_equal(rig_post(rig, &b, "/api/staff/reset",
                              "{\"token\":\"%s\",\"password\":\"" RIG_OTHER "\"}", first),
                     410);
    assert_int_equal(redeem(&p, first, RIG_OTHER), 200);
}

/* CR-12: 64 at once; whoever finds no place is told so and tries again, and one wins. */
static void of_64_redemptions_one_wins(void **state)
{
    (void)state;
    enum { TAKERS = 64 };
    char token[TOKEN_TEXT + 1];
    struct browser own = {0};
    static struct browser taker[TAKERS];
    unsigned won = 0, gone = 0, busy = 0;
    struct person p = rig_known(rig, &own, "wang", ROLE_OWNER);
    ask_link(&p, token);
    uint64_t ticket[TAKERS];
    char body[256];
    rig->hold = true;
    for (unsigned round = 0; won + gone < TAKERS; round++) {
        assert_true(round < TAKERS);
        unsigned waiting = 0;
        for (unsigned i = won + gone; i < TAKERS; i++) {
            snprintf(body, sizeof body,
                     "{\"token\":\"%s\",\"password\":\"takers gibbon harbour %u\"}", token, i);
            unsigned status = rig_send(rig, &taker[i], "POST", rig_path(&p, "/reset"), body);
            if (status == 0) ticket[waiting++] = rig->tickets;
            busy += status == 429;
            gone += status == 410;
            assert_true(status == 0 || status == 429 || status == 410);
            assert_ok(backoffice_flush(rig->b));
        }
        while (rig->jobs > 0) rig_run_one(rig);
        for (unsigned i = 0; i < waiting; i++) {
            struct pending *pending = rig_pending(rig, ticket[i]);
            assert_true(pending != NULL && pending->answered);
            won += pending->status == 200;
            gone += pending->status == 410;
        }
    }
    assert_int_equal(won, 1);
    assert_int_equal(gone, TAKERS - 1);
    assert_true(busy > 0);
}

/* ---- sessions ---- */

static void a_session_ends_with_idleness_and_with_age(void **state)
{
    (void)state;
    const struct {
        unsigned role;
        int64_t longest;
    } rows[] = {{ROLE_AGENT, 12 * HOUR}, {ROLE_OWNER, 24 * HOUR}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct browser b = {0};
        char login[8];
        snprintf(login, sizeof login, "p%zu", i);
        struct person p = rig_known(rig, &b, login, rows[i].role);
        int64_t began = rig->now_ms;
        while (rig->now_ms + 14 * MINUTE < began + rows[i].longest) {
            rig_pass(rig, 14 * MINUTE);
            assert_int_equal(rig_ask(rig, &b, "GET", rig_path(&p, "/security"), ""), 200);
        }
        rig->now_ms = began + rows[i].longest - 1;
        assert_int_equal(rig_ask(rig, &b, "GET", rig_path(&p, "/security"), ""), 200);
        rig->now_ms++;
        assert_int_equal(rig_ask(rig, &b, "GET", rig_path(&p, "/security"), ""), 401);
        rig_enter(rig, &b, &p, RIG_PASSWORD);
        rig_pass(rig, SESSION_IDLE_MS - 1);
        rig_state(rig, &b, &p, "in"); /* looking does not count as use */
        rig_pass(rig, 1);
        rig_state(rig, &b, &p, "out");
    }
}

static void five_sessions_and_the_oldest_gives_way(void **state)
{
    (void)state;
    static struct browser b[7];
    struct person p = rig_known(rig, &b[0], "li", ROLE_AGENT);
    for (size_t i = 1; i < 6; i++) rig_enter(rig, &b[i], &p, RIG_PASSWORD);
    rig_state(rig, &b[0], &p, "out");
    for (size_t i = 1; i < 6; i++) rig_state(rig, &b[i], &p, "in");
    /* Somebody with only the password pushes nobody out. */
    for (int i = 0; i < 20; i++) {
        b[6] = (struct browser){0};
        rig->now_ms += MINUTE / 4;
        if (i % 9 == 8) rig->now_ms += 31 * MINUTE - 9 * MINUTE / 4;
        (void)rig_login(rig, &b[6], &p, RIG_PASSWORD);
        for (size_t k = 1; k < 6; k++)
            (void)rig_ask(rig, &b[k], "GET", rig_path(&p, "/security"), "");
        if (i % 9 == 8) break;
    }
}

/* HS-11: each step has a token of its own; what was there before is void. */
static void the_token_changes_with_every_step(void **state)
{
    (void)state;
    struct browser b = {0}, old, older;
    char code[TOTP_DIGITS + 1];
    struct person p = rig_known(rig, &b, "li", ROLE_AGENT);
    older = b;
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/logout"), "{}"), 204);
    rig_state(rig, &older, &p, "out"); /* HS-12: log-out ends it at the host, not in the browser */
    rig->now_ms += MINUTE;
    assert_int_equal(rig_login(rig, &b, &p, RIG_PASSWORD), 200);
    old = b;
    rig_code(rig, &p, rig->now_ms, code);
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/login/totp"), "{\"code\":\"%s\"}", code),
                     200);
    rig_state(rig, &old, &p, "out");
    rig_state(rig, &b, &p, "in");
    old = b;
    rig->now_ms += 6 * MINUTE;
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/security/codes"), "{}"), 403);
    assert_true(rig_says(rig, "step_up"));
    rig_code(rig, &p, rig->now_ms, code);
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/step-up/totp"), "{\"code\":\"%s\"}", code),
                     200);
    rig_state(rig, &old, &p, "out");
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/security/codes"), "{}"), 200);
    rig->now_ms += 5 * MINUTE; /* HS-13: and after five minutes it is asked for again */
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/security/codes"), "{}"), 403);
    /* A step up makes a session no longer. */
    int64_t ends = 0;
    assert_ok(store_query_int(rig->b->store, "SELECT max(ends_ms - made_ms) FROM session", &ends));
    assert_true(ends < 12 * HOUR);
}

/* HS-04: what is taken away is gone with the next request; of 10,000 interleavings none slips. */
static void what_is_taken_away_is_gone_at_once(void **state)
{
    (void)state;
    struct browser b = {0};
    struct person p = rig_known(rig, &b, "li", ROLE_AGENT);
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    bool suspended = false;
    struct random_seeded source;
    random_seed(&source, 5);
    for (int i = 0; i < 10000; i++) {
        if (random_seeded_next(&source) % 2 == 0) {
            CLEANUP(store_rollback) struct store_tx tx = {0};
            suspended = !suspended;
            assert_ok(store_begin(rig->b->store, &tx));
            assert_ok(account_set_status(&tx, &actor, p.id,
                                         suspended ? ACCOUNT_SUSPENDED : ACCOUNT_ACTIVE));
            assert_ok(store_commit(&tx));
        }
        assert_int_equal(rig_send(rig, &b, "GET", rig_path(&p, "/security"), ""),
                         suspended ? 401 : 200);
    }
}

static void sessions_are_seen_and_ended(void **state)
{
    (void)state;
    struct browser a = {0}, b = {.address = "203.0.113.9"}, other = {0};
    struct person p = rig_known(rig, &a, "li", ROLE_AGENT);
    struct person q = rig_known(rig, &other, "zhao", ROLE_AGENT);
    rig_enter(rig, &b, &p, RIG_PASSWORD);
    assert_int_equal(rig_ask(rig, &a, "GET", rig_path(&p, "/security"), ""), 200);
    assert_true(rig_says(rig, "203.0.113.9"));
    const char *at = strstr(rig->answer, "\"sessions\":[{\"id\":");
    assert_non_null(at);
    long id = strtol(at + 18, NULL, 10); /* the one used last: b's */
    assert_int_equal(
        rig_post(rig, &other, rig_path(&q, "/security/sessions/end"), "{\"id\":%ld}", id), 404);
    rig_state(rig, &b, &p, "in");
    assert_int_equal(rig_post(rig, &a, rig_path(&p, "/security/sessions/end"), "{\"id\":%ld}", id),
                     204);
    rig_state(rig, &b, &p, "out");
    rig_state(rig, &a, &p, "in");
    rig_enter(rig, &b, &p, RIG_PASSWORD);
    assert_int_equal(rig_post(rig, &a, rig_path(&p, "/security/sessions/end-others"), "{}"), 204);
    rig_state(rig, &b, &p, "out");
    rig_state(rig, &other, &q, "in");
}

/* S16, CR-02: the present one is asked for and counts as a try; the other sessions end. */
static void a_password_is_changed_by_who_knows_it(void **state)
{
    (void)state;
    struct browser a = {0}, b = {0};
    struct person p = rig_known(rig, &a, "li", ROLE_AGENT);
    rig_enter(rig, &b, &p, RIG_PASSWORD);
    const char *path = rig_path(&p, "/security/password");
    char fixed[64];
    snprintf(fixed, sizeof fixed, "%s", path);
    const char *const body = "{\"current\":\"%s\",\"password\":\"%s\"}";
    assert_int_equal(rig_post(rig, &a, fixed, body, "not the present one", RIG_OTHER), 403);
    assert_int_equal(rig_post(rig, &a, fixed, body, RIG_PASSWORD, "too short"), 422);
    assert_int_equal(rig_post(rig, &a, fixed, body, RIG_PASSWORD, RIG_PASSWORD), 422);
    rig_state(rig, &b, &p, "in");
    unsigned letters = rig->letters;
    assert_int_equal(rig_post(rig, &a, fixed, body, RIG_PASSWORD, RIG_OTHER), 200);
    assert_true(rig->letters > letters);
    rig_state(rig, &a, &p, "in");
    rig_state(rig, &b, &p, "out");
    /* It is told why, and by whatever it asks; nobody else is. */
    assert_true(rig_says(rig, "\"why\":\"password_changed\""));
    assert_int_equal(rig_ask(rig, &b, "GET", rig_path(&p, "/security"), ""), 401);
    assert_true(rig_says(rig, "\"error\":\"password_changed\""));
    struct browser nobody = {0};
    assert_int_equal(rig_ask(rig, &nobody, "GET", rig_path(&p, "/security"), ""), 401);
    assert_true(rig_says(rig, "\"error\":\"session\""));
    assert_int_equal(rig_login(rig, &b, &p, RIG_PASSWORD), 401);
    rig_enter(rig, &b, &p, RIG_OTHER);
    /* Ten wrong ones, and the right one is not looked at for half an hour. */
    for (int i = 0; i < 10; i++)
        assert_int_equal(rig_post(rig, &a, fixed, body, "not the present one", RIG_PASSWORD),
                         401 + 2);
    assert_int_equal(rig_post(rig, &a, fixed, body, RIG_OTHER, "violet anvil seventeen kites"),
                     403);
}

/* ---- factors ---- */

/* CR-30: a code once, a recovery code once, and neither without tries. */
static void a_code_is_taken_once(void **state)
{
    (void)state;
    struct browser a = {0}, b = {0};
    char code[TOTP_DIGITS + 1];
    struct person p = rig_known(rig, &a, "li", ROLE_AGENT);
    rig_code(rig, &p, rig->now_ms, code); /* the one that has set it up */
    assert_int_equal(rig_login(rig, &b, &p, RIG_PASSWORD), 200);
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/login/totp"), "{\"code\":\"%s\"}", code),
                     401);
    assert_int_equal(
        rig_post(rig, &b, rig_path(&p, "/login/recovery"), "{\"code\":\"%s\"}", p.code), 200);
    unsigned letters = rig->letters;
    assert_true(letters > 0);
    b = (struct browser){0};
    assert_int_equal(rig_login(rig, &b, &p, RIG_PASSWORD), 200);
    assert_int_equal(
        rig_post(rig, &b, rig_path(&p, "/login/recovery"), "{\"code\":\"%s\"}", p.code), 401);
    for (int i = 0; i < 20; i++)
        assert_int_equal(rig_post(rig, &b, rig_path(&p, "/login/totp"), "{\"code\":\"000000\"}"),
                         401);
    rig->now_ms += MINUTE;
    rig_code(rig, &p, rig->now_ms, code);
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/login/totp"), "{\"code\":\"%s\"}", code),
                     401);
}

static void the_last_factor_stays(void **state)
{
    (void)state;
    struct browser a = {0};
    struct person p = rig_known(rig, &a, "li", ROLE_AGENT);
    assert_int_equal(rig_post(rig, &a, rig_path(&p, "/security/totp/remove"), "{}"), 409);
    struct account account;
    assert_ok(account_find(rig->b->store, p.id, &account));
    assert_true(account.has_totp);
}

/* Without the hsm nobody comes in, nobody is told that he was wrong, and nothing is lost. */
static void an_hsm_that_is_away_decides_nothing(void **state)
{
    (void)state;
    struct browser a = {0}, b = {0};
    char code[TOTP_DIGITS + 1];
    struct person p = rig_known(rig, &a, "li", ROLE_AGENT);
    rig->now_ms += MINUTE;
    assert_int_equal(rig_login(rig, &b, &p, RIG_PASSWORD), 200);
    rig->hsm_away = true;
    rig_code(rig, &p, rig->now_ms, code);
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/login/totp"), "{\"code\":\"%s\"}", code),
                     503);
    struct browser c = {0};
    assert_int_equal(rig_login(rig, &c, &p, RIG_PASSWORD), 503);
    rig->hsm_away = false;
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/login/totp"), "{\"code\":\"%s\"}", code),
                     200);
}

/* What is stored gives nobody away: no token, code or password stands in the file. */
static void nothing_secret_is_in_the_file(void **state)
{
    (void)state;
    struct browser a = {0};
    struct bytes image;
    struct person p = rig_known(rig, &a, "li", ROLE_AGENT);
    assert_ok(store_anchor_image(rig->anchor, &image));
    const char *const secrets[] = {RIG_PASSWORD, a.cookie[0][1], a.cookie[1][1],
                                   p.key,        p.code,         a.csrf};
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        assert_true(strlen(secrets[i]) > 10);
        assert_null(memmem(image.at, image.len, secrets[i], strlen(secrets[i])));
    }
    assert_non_null(
        memmem(image.at, image.len, "$argon2id$", 10)); /* the search finds what is there */
    store_image_free(image);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_rig, drop_rig)
    const struct CMUnitTest tests[] = {
        CASE(an_account_is_set_up_once_by_its_link),
        CASE(a_password_alone_enrols_for_a_day),
        CASE(a_wrong_password_is_like_a_name_of_nobodys),
        CASE(a_request_for_a_link_is_answered_before_anybody_looks),
        CASE(a_reset_ends_everything_and_asks_for_the_factor),
        CASE(a_link_lives_thirty_minutes_and_the_newest_counts),
        CASE(of_64_redemptions_one_wins),
        CASE(a_session_ends_with_idleness_and_with_age),
        CASE(five_sessions_and_the_oldest_gives_way),
        CASE(the_token_changes_with_every_step),
        CASE(what_is_taken_away_is_gone_at_once),
        CASE(sessions_are_seen_and_ended),
        CASE(a_password_is_changed_by_who_knows_it),
        CASE(a_code_is_taken_once),
        CASE(the_last_factor_stays),
        CASE(an_hsm_that_is_away_decides_nothing),
        CASE(nothing_secret_is_in_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
