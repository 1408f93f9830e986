/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* People on the bench of backoffice_rig.h: their accounts, codes and log-ins. */

#include "tests/unit/backoffice_rig.h"

struct person {
    int64_t id;
    enum account_kind kind;
    const char *base; /* "/api/staff" */
    char login[ACCOUNT_LOGIN_MAX + 1];
    char key[TOTP_BASE32_CHARS + 1], code[RECOVERY_CODE_TEXT + 1];
};

static inline const char *rig_path(const struct person *p, const char *path)
{
    static char text[4][128];
    static unsigned next;
    char *out = text[next++ % 4];
    snprintf(out, 128, "%s%s", p->base, path);
    return out;
}

/* An account and its set-up link's token. */
static inline struct person rig_person(struct rig *rig, const char *login, unsigned roles,
                                       struct token *ret_link)
{
    struct person p = {.kind = (roles & ROLES_STAFF) != 0 ? ACCOUNT_STAFF : ACCOUNT_OWNER};
    struct account a = {.kind = p.kind, .roles = roles, .english = true};
    const struct random random = random_from_seed(&rig->source);
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    p.base = p.kind == ACCOUNT_STAFF ? "/api/staff" : "/api/console";
    snprintf(p.login, sizeof p.login, "%s", login);
    snprintf(a.login, sizeof a.login, "%s", login);
    snprintf(a.name, sizeof a.name, "Person %s", login);
    snprintf(a.mail, sizeof a.mail, "%s@example.com", login);
    if (p.kind == ACCOUNT_OWNER) a.outlet = rig->outlet;
    if (p.kind == ACCOUNT_OWNER)
        snprintf(a.mid, sizeof a.mid, "%s", rig->mid == NULL ? "898310153110001" : rig->mid);
    token_make(&random, link_label(LINK_SETUP), ret_link);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(account_add(&tx, &actor, &a, &p.id));
    assert_ok(link_add(&tx, &actor, p.id, LINK_SETUP, ret_link->hash, rig->now_ms + LINK_SETUP_MS));
    assert_ok(store_commit(&tx));
    return p;
}

/* The code that the person's app shows, in six digits. */
static inline void rig_code(const struct rig *rig, const struct person *p, int64_t at_ms,
                            char out[TOTP_DIGITS + 1])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t secret[TOTP_SECRET_BYTES] = {0};
    uint32_t code = 0;
    (void)rig;
    for (size_t i = 0; i < TOTP_BASE32_CHARS; i++) {
        unsigned value = (unsigned)(strchr(alphabet, p->key[i]) - alphabet);
        for (size_t bit = 0; bit < 5; bit++)
            if ((value >> (4 - bit) & 1) != 0)
                secret[(5 * i + bit) / 8] |= (uint8_t)(0x80 >> (5 * i + bit) % 8);
    }
    assert_ok(totp_code(BYTES_OF(secret), (uint64_t)(at_ms / TOTP_STEP_MS), TOTP_DIGITS, &code));
    snprintf(out, TOTP_DIGITS + 1, "%06u", code);
}

/* Sets the account up: password, codes; the browser is in afterwards. */
static inline void rig_set_up(struct rig *rig, struct browser *browser, struct person *p,
                              const struct token *link)
{
    char pending[256], code[TOTP_DIGITS + 1];
    assert_int_equal(rig_post(rig, browser, rig_path(p, "/setup"),
                              "{\"token\":\"%s\",\"password\":\"" RIG_PASSWORD "\"}", link->text),
                     200);
    assert_true(rig_says(rig, "\"state\":\"enrol\""));
    assert_int_equal(rig_post(rig, browser, rig_path(p, "/enrol/totp/begin"), "{}"), 200);
    rig_member(rig, "key", p->key, sizeof p->key);
    rig_member(rig, "pending", pending, sizeof pending);
    rig_code(rig, p, rig->now_ms, code);
    assert_int_equal(rig_post(rig, browser, rig_path(p, "/enrol/totp/finish"),
                              "{\"pending\":\"%s\",\"code\":\"%s\"}", pending, code),
                     200);
    assert_true(rig_says(rig, "\"state\":\"in\""));
    const char *codes = strstr(rig->answer, "\"codes\":[\"");
    assert_non_null(codes);
    snprintf(p->code, sizeof p->code, "%.15s", codes + 10);
}

static inline struct person rig_known(struct rig *rig, struct browser *browser, const char *login,
                                      unsigned roles)
{
    CLEANUP(token_wipe) struct token link;
    struct person p = rig_person(rig, login, roles, &link);
    rig_set_up(rig, browser, &p, &link);
    return p;
}

static inline unsigned rig_login(struct rig *rig, struct browser *browser, const struct person *p,
                                 const char *password)
{
    return rig_post(rig, browser, rig_path(p, "/login"), "{\"name\":\"%s\",\"password\":\"%s\"}",
                    p->login, password);
}

/* Password and code; a step later than the last, so that the code is a new one. */
static inline void rig_enter(struct rig *rig, struct browser *browser, const struct person *p,
                             const char *password)
{
    char code[TOTP_DIGITS + 1];
    rig->now_ms += 2 * TOTP_STEP_MS;
    assert_int_equal(rig_login(rig, browser, p, password), 200);
    rig_code(rig, p, rig->now_ms, code);
    assert_int_equal(rig_post(rig, browser, rig_path(p, "/login/totp"), "{\"code\":\"%s\"}", code),
                     200);
    assert_true(rig_says(rig, "\"state\":\"in\""));
}

/* "out", "factor", "enrol", "change" or "in". */
static inline void rig_state(struct rig *rig, struct browser *browser, const struct person *p,
                             const char *expected)
{
    char state[16];
    assert_int_equal(rig_ask(rig, browser, "GET", rig_path(p, "/session"), ""), 200);
    rig_member(rig, "state", state, sizeof state);
    assert_string_equal(state, expected);
}
