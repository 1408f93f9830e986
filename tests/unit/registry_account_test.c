/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts and credentials (S18, S57): what has not its form is refused, what is taken once is won
 * once, and whatever changes leaves an audit record.
 */
#include "registry/credential.h"
#include "tests/unit/scratch.h"

static struct scratch scratch;
static struct store *store;
static struct registry_actor actor = {{(const uint8_t *)"admin", 5}, 1700000000000};

static int make_store(void **state)
{
    (void)state;
    scratch_make(&scratch);
    const struct store_options options = {.mode = STORE_CREATE};
    actor.at_ms = 1700000000000;
    return FAILED(store_open(scratch_path(&scratch, "accounts.db"), &options, NULL, &store)) ||
           FAILED(store_migrate(store, &audit_schema)) ||
           FAILED(store_migrate(store, &accounts_schema));
}

static int drop_store(void **state)
{
    (void)state;
    store_close(store);
    scratch_remove(&scratch);
    return 0;
}

static struct account staff(const char *login)
{
    struct account a = {.kind = ACCOUNT_STAFF, .name = "李伟", .roles = ROLE_AGENT | ROLE_ADMIN};
    snprintf(a.login, sizeof a.login, "%s", login);
    return a;
}

static struct account owner(const char *login)
{
    struct account a = {.kind = ACCOUNT_OWNER,
                        .name = "王小明",
                        .roles = ROLE_OWNER,
                        .mid = "898310153110001",
                        .phone = "13800005678",
                        .mail = "wang@example.com"};
    snprintf(a.login, sizeof a.login, "%s", login);
    return a;
}

static err add(const struct account *account, int64_t *ret_id)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(account_add(&tx, &actor, account, ret_id));
    return store_commit(&tx);
}

static int64_t added(const struct account *account)
{
    int64_t id = 0;
    assert_ok(add(account, &id));
    return id;
}

static void an_account_is_found_by_each_of_its_names(void **state)
{
    (void)state;
    struct account a = owner("wang"), found;
    int64_t id = added(&a);
    const char *const names[] = {"wang", "WANG", "13800005678", "Wang@Example.com"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_ok(account_find_login(store, ACCOUNT_OWNER, bytes_text(names[i]), &found));
        assert_int_equal(found.id, id);
        assert_err(account_find_login(store, ACCOUNT_STAFF, bytes_text(names[i]), &found),
                   NOT_FOUND);
    }
    assert_int_equal(found.status, ACCOUNT_INVITED);
    assert_string_equal(found.password, "");
    assert_err(account_find_login(store, ACCOUNT_OWNER, BYTES(""), &found), NOT_FOUND);
    /* Another person may have none of them; another kind of account may. */
    struct account same = owner("li");
    assert_err(add(&same, &id), EXISTS);
    same.phone[0] = same.mail[0] = '\0';
    added(&same);
    struct account other = staff("wang");
    added(&other);
}

static void what_has_not_its_form_is_refused(void **state)
{
    (void)state;
    int64_t id;
    const char *const logins[] = {"", "a", "1abc", "Abc", "a b", "a@b", "王", "-ab"};
    for (size_t i = 0; i < ARRAY_LEN(logins); i++) {
        struct account a = staff(logins[i]);
        assert_err(add(&a, &id), FORMAT);
    }
    struct account a = staff("ok");
    a.roles = 0;
    assert_err(add(&a, &id), FORMAT);
    a.roles = ROLE_AGENT | ROLE_OWNER;
    assert_err(add(&a, &id), FORMAT);
    a = staff("ok");
    snprintf(a.mid, sizeof a.mid, "898310153110001");
    assert_err(add(&a, &id), FORMAT);
    a = owner("ok");
    a.mid[0] = '\0';
    assert_err(add(&a, &id), FORMAT);
    a = owner("ok");
    a.outlet = 1; /* an owner has all outlets */
    assert_err(add(&a, &id), FORMAT);
    a = owner("ok");
    snprintf(a.mail, sizeof a.mail, "x\r\nBcc: y@example.com");
    assert_err(add(&a, &id), FORMAT);
}

static void closed_is_for_good(void **state)
{
    (void)state;
    struct account a = staff("li");
    int64_t id = added(&a);
    const struct {
        enum account_status to;
        const char *result;
    } steps[] = {{ACCOUNT_ACTIVE, "OK"},
                 {ACCOUNT_SUSPENDED, "OK"},
                 {ACCOUNT_ACTIVE, "OK"},
                 {ACCOUNT_CLOSED, "OK"},
                 {ACCOUNT_ACTIVE, "STATE"}};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        assert_ok(store_begin(store, &tx));
        assert_string_equal(err_name(account_set_status(&tx, &actor, id, steps[i].to)),
                            steps[i].result);
        if (strcmp(steps[i].result, "OK") == 0) assert_ok(store_commit(&tx));
    }
}

static bool take_link(enum link_kind kind, const struct token *token, int64_t *ret_account)
{
    bool won = false;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(store, &tx));
    assert_ok(link_take(&tx, &actor, kind, token->hash, &won, ret_account));
    assert_ok(store_commit(&tx));
    return won;
}

static struct token new_link(int64_t account, enum link_kind kind, int64_t valid_ms, uint64_t seed)
{
    struct random_seeded source;
    struct token token;
    random_seed(&source, seed);
    const struct random random = random_from_seed(&source);
    token_make(&random, link_label(kind), &token);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(store, &tx));
    assert_ok(link_add(&tx, &actor, account, kind, token.hash, actor.at_ms + valid_ms));
    assert_ok(store_commit(&tx));
    return token;
}

/* CR-12: used once, gone to the second, replaced by a newer one, and good for its own purpose. */
static void a_link_is_good_once_and_for_its_time(void **state)
{
    (void)state;
    struct account a = staff("li");
    int64_t id = added(&a), whose = 0;
    struct token first = new_link(id, LINK_RESET, LINK_RESET_MS, 1);
    assert_false(take_link(LINK_SETUP, &first, &whose));
    assert_true(take_link(LINK_RESET, &first, &whose));
    assert_int_equal(whose, id);
    assert_false(take_link(LINK_RESET, &first, &whose));

    struct token second = new_link(id, LINK_RESET, LINK_RESET_MS, 2);
    struct token third = new_link(id, LINK_RESET, LINK_RESET_MS, 3);
    assert_false(take_link(LINK_RESET, &second, &whose));
    int64_t made_ms = actor.at_ms;
    actor.at_ms = made_ms + LINK_RESET_MS;
    assert_false(take_link(LINK_RESET, &third, &whose));
    actor.at_ms = made_ms + LINK_RESET_MS - 1;
    assert_true(take_link(LINK_RESET, &third, &whose));
    int64_t count = 0;
    assert_ok(links_in_hour(store, id, LINK_RESET, actor.at_ms, &count));
    assert_int_equal(count, 3);
}

static void recovery_codes_and_steps_are_taken_once(void **state)
{
    (void)state;
    struct account a = staff("li"), found;
    int64_t id = added(&a);
    uint8_t hashes[RECOVERY_CODES][RECOVERY_CODE_HASH_BYTES];
    for (size_t i = 0; i < RECOVERY_CODES; i++) memset(hashes[i], (int)i + 1, sizeof hashes[i]);
    bool won = false;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(store, &tx));
    assert_ok(recovery_codes_set(&tx, &actor, id, hashes));
    assert_ok(recovery_code_take(&tx, &actor, id, hashes[3], &won));
    assert_true(won);
    assert_ok(recovery_code_take(&tx, &actor, id, hashes[3], &won));
    assert_false(won);
    assert_ok(account_find(store, id, &found));
    assert_int_equal(found.recovery_codes, RECOVERY_CODES - 1);
    assert_ok(recovery_codes_set(&tx, &actor, id, hashes)); /* new ones replace all */
    assert_ok(account_find(store, id, &found));
    assert_int_equal(found.recovery_codes, RECOVERY_CODES);

    assert_ok(credential_set_totp(&tx, &actor, id, BYTES("sealed")));
    const struct {
        int64_t step;
        bool won;
    } steps[] = {{100, true}, {100, false}, {99, false}, {101, true}};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        assert_ok(credential_take_totp(&tx, id, steps[i].step, &won));
        assert_int_equal(won, steps[i].won);
    }
    assert_ok(store_commit(&tx));
}

static void who_has_lost_all_factors_begins_anew(void **state)
{
    (void)state;
    struct account a = staff("li"), found;
    int64_t id = added(&a), key_id = 0;
    uint8_t hashes[RECOVERY_CODES][RECOVERY_CODE_HASH_BYTES] = {{0}};
    for (size_t i = 0; i < RECOVERY_CODES; i++) hashes[i][0] = (uint8_t)i;
    const struct webauthn_key key = {.credential_len = 16, .public_key = {4}};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(store, &tx));
    assert_ok(credential_set_totp(&tx, &actor, id, BYTES("sealed")));
    assert_ok(recovery_codes_set(&tx, &actor, id, hashes));
    assert_ok(passkey_add(&tx, &actor, id, &key, BYTES("phone"), &key_id));
    assert_ok(credential_set_password(&tx, &actor, id, BYTES("record"), false));
    assert_ok(credential_clear_factors(&tx, &actor, id));
    assert_ok(account_find(store, id, &found));
    assert_false(found.has_totp);
    assert_int_equal(found.passkeys + found.recovery_codes, 0);
    assert_string_equal(found.password, "record");
    assert_ok(store_commit(&tx));
}

static void a_passkey_is_one_persons(void **state)
{
    (void)state;
    struct account a = staff("li"), b = staff("zhao");
    int64_t li = added(&a), zhao = added(&b), id = 0;
    struct passkey list[PASSKEYS_MAX], found;
    size_t count = 0;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(store, &tx));
    for (unsigned i = 0; i < PASSKEYS_MAX; i++) {
        struct webauthn_key key = {.credential_len = 16, .public_key = {4}, .counter = i};
        memset(key.credential, (int)i, key.credential_len);
        assert_ok(passkey_add(&tx, &actor, li, &key, BYTES("phone"), &id));
    }
    struct webauthn_key key = {.credential_len = 16, .public_key = {4}};
    assert_err(passkey_add(&tx, &actor, zhao, &key, BYTES("phone"), &id), EXISTS);
    key.credential[0] = 0xff;
    assert_err(passkey_add(&tx, &actor, li, &key, BYTES("phone"), &id), FULL);
    assert_err(passkey_add(&tx, &actor, zhao, &key, BYTES(""), &id), FORMAT);
    assert_ok(passkey_add(&tx, &actor, zhao, &key, BYTES("phone"), &id));
    assert_err(passkey_remove(&tx, &actor, li, id), NOT_FOUND); /* somebody else's */
    assert_ok(passkey_find(store, bytes_of(key.credential, 16), &found));
    assert_int_equal(found.account, zhao);
    assert_ok(passkeys_of(store, li, list, &count));
    assert_int_equal(count, PASSKEYS_MAX);
    assert_ok(passkey_remove(&tx, &actor, zhao, id));
    assert_err(passkey_find(store, bytes_of(key.credential, 16), &found), NOT_FOUND);
    assert_ok(store_commit(&tx));
}

static void old_passwords_are_kept_newest_first(void **state)
{
    (void)state;
    struct account a = staff("li"), found;
    int64_t id = added(&a);
    char record[32], old[4][PASSWORD_RECORD_MAX];
    size_t count = 0;
    for (int i = 0; i < 30; i++) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        snprintf(record, sizeof record, "record %d", i);
        actor.at_ms++;
        assert_ok(store_begin(store, &tx));
        assert_ok(credential_set_password(&tx, &actor, id, bytes_text(record), i == 0));
        assert_ok(store_commit(&tx));
    }
    assert_ok(account_find(store, id, &found));
    assert_string_equal(found.password, "record 29");
    assert_false(found.must_change);
    assert_ok(credential_old_passwords(store, id, 4, old, &count));
    assert_int_equal(count, 4);
    assert_string_equal(old[0], "record 28");
    assert_string_equal(old[3], "record 25");
    int64_t rows = 0;
    assert_ok(store_query_int(store, "SELECT count(*) FROM old_password", &rows));
    assert_int_equal(rows, OLD_PASSWORDS_MAX);
    struct audit_report report;
    assert_ok(audit_verify(store, &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
    assert_int_equal(report.records, 31);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_store, drop_store)
    const struct CMUnitTest tests[] = {
        CASE(an_account_is_found_by_each_of_its_names),
        CASE(what_has_not_its_form_is_refused),
        CASE(closed_is_for_good),
        CASE(a_link_is_good_once_and_for_its_time),
        CASE(recovery_codes_and_steps_are_taken_once),
        CASE(who_has_lost_all_factors_begins_anew),
        CASE(a_passkey_is_one_persons),
        CASE(old_passwords_are_kept_newest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
