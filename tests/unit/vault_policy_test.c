/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies as signed data (S19, S20, S29, CR-42): which document a vault takes, which it refuses by
 * name, and what it then asks of passwords.
 */
#include "tests/unit/vault_rig.h"

static int set_up(void **state)
{
    struct rig *rig = rig_new(71);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

struct text {
    uint8_t at[POLICY_DOCUMENT_MAX];
    size_t len;
};

static struct bytes view(const struct text *text)
{
    return bytes_of(text->at, text->len);
}

/* The document of `model` with another name and version, signed by `secret`. */
static struct text signed_as(const uint8_t *secret, const char *from, const char *model,
                             uint32_t version)
{
    struct policy_document document;
    struct policy_fault fault;
    struct text plain = {.len = 0}, text = {.len = 0};
    assert_true(policy_builtin(bytes_text(from), &document));
    document.version = version;
    assert_ok(bytes_to_text(bytes_text(model), document.model, sizeof document.model));
    struct writer p = writer_over(plain.at, sizeof plain.at);
    struct writer t = writer_over(text.at, sizeof text.at);
    policy_document_write(&document, &p);
    assert_ok(policy_document_sign(writer_view(&p), secret, &t, &fault));
    text.len = t.len;
    return text;
}

static struct vault_policy_loaded load(struct rig *rig, struct bytes text)
{
    struct vault_policy_loaded said = {.verdict = 255};
    assert_status(rig_bytes(rig, VAULT_POLICY_LOAD, text), VAULT_OK);
    assert_ok(vault_read_policy_loaded(&rig->answer, &said));
    return said;
}

static struct vault_policy_shown show(struct rig *rig, uint8_t role, uint8_t language)
{
    struct vault_policy_shown said = {0};
    const struct vault_policy_ask ask = {role, language};
    vault_write_policy_ask(rig_ask(rig, VAULT_POLICY_SHOW), &ask);
    assert_status(rig_send(rig), VAULT_OK);
    assert_ok(vault_read_policy_shown(&rig->answer, &said));
    return said;
}

static void test_versions_only_grow(void **state)
{
    struct rig *rig = *state;
    struct text v3 = signed_as(rig->policy_secret, "TB-1", "TB-1", 3);
    struct text v2 = signed_as(rig->policy_secret, "TB-1", "TB-1", 2);
    struct text v4 = signed_as(rig->policy_secret, "TB-1", "TB-1", 4);
    assert_int_equal(rig_status(rig).policy_version, 0);
    assert_int_equal(load(rig, view(&v3)).verdict, VAULT_POLICY_OK);
    assert_int_equal(rig_status(rig).policy_version, 3);
    struct vault_policy_loaded said = load(rig, view(&v2));
    assert_int_equal(said.verdict, VAULT_POLICY_OLDER);
    assert_int_equal(said.version, 3);
    assert_int_equal(load(rig, view(&v3)).verdict, VAULT_POLICY_OK); /* again: no news */
    rig_restart(rig);
    assert_int_equal(rig_status(rig).policy_version, 3);
    assert_int_equal(load(rig, view(&v2)).verdict, VAULT_POLICY_OLDER);
    assert_int_equal(load(rig, view(&v4)).version, 4);
}

static void test_refusals_are_named(void **state)
{
    struct rig *rig = *state;
    uint8_t signer[POLICY_SIGNER_BYTES], other[POLICY_SIGNER_SECRET_BYTES];
    struct random random = random_from_seed(&rig->source);
    policy_signer_make(&random, signer, other);
    struct text good = signed_as(rig->policy_secret, "TB-1", "TB-1", 9);
    struct text foreign = signed_as(other, "TB-1", "TB-1", 9);
    struct text model = signed_as(rig->policy_secret, "TB-2", "TB-2", 9);
    struct text console = signed_as(rig->policy_secret, "CONSOLE", "TB-1", 9);
    assert_int_equal(load(rig, view(&foreign)).verdict, VAULT_POLICY_BAD_SIGNATURE);
    assert_int_equal(load(rig, view(&model)).verdict, VAULT_POLICY_OTHER_MODEL);
    assert_int_equal(load(rig, view(&console)).verdict, VAULT_POLICY_OTHER_MODEL);
    assert_int_equal(load(rig, BYTES("")).verdict, VAULT_POLICY_BAD_SIGNATURE);
    for (size_t i = 0; i < good.len; i++) { /* one letter anywhere */
        good.at[i] ^= 1;
        uint8_t verdict = load(rig, view(&good)).verdict;
        assert_int_equal(verdict, VAULT_POLICY_BAD_SIGNATURE);
        good.at[i] ^= 1;
    }
    assert_int_equal(rig_status(rig).policy_version, 0);
    assert_int_equal(load(rig, view(&good)).verdict, VAULT_POLICY_OK);
}

/* A document in the store that somebody has altered is no policy, and no vault either. */
static void test_stored_document_is_verified(void **state)
{
    struct rig *rig = *state;
    struct text good = signed_as(rig->policy_secret, "TB-1", "TB-1", 9);
    struct vault_fault fault = {{0}};
    assert_int_equal(load(rig, view(&good)).verdict, VAULT_POLICY_OK);
    assert_ok(store_exec(vault_store(rig->vault),
                         "UPDATE device SET policy = replace(policy, 'tries 10', 'tries 9')"));
    vault_close(rig->vault);
    rig->vault = NULL;
    assert_err(rig_try_open(rig, &fault), CORRUPT);
}

/* S19: what is shown is what is asked for, by role and language. */
static void test_shown(void **state)
{
    struct rig *rig = *state;
    struct vault_policy_shown said = show(rig, VAULT_ROLE_ADMINISTRATOR, VAULT_ENGLISH);
    assert_int_equal(said.min, 8);
    assert_int_equal(said.max, 12);
    assert_int_equal(said.keyboard, VAULT_KEYS_DIGITS);
    assert_int_equal(said.ways, 1 << VAULT_BY_SERVICE | 1 << VAULT_BY_OFFLINE);
    assert_int_equal(said.lock_s, 60);
    assert_non_null(memmem(said.lines.at, said.lines.len, "8", 1));
    said = show(rig, VAULT_ROLE_CASHIER, VAULT_CHINESE);
    assert_int_equal(said.min, 6);
    assert_int_equal(said.ways, 1 | 1 << VAULT_BY_SMS);
    assert_non_null(memmem(said.lines.at, said.lines.len, "密码", strlen("密码")));
    const struct vault_policy_ask odd[] = {{0, 1}, {4, 1}, {1, 0}, {1, 3}};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        vault_write_policy_ask(rig_ask(rig, VAULT_POLICY_SHOW), &odd[i]);
        assert_status(rig_send(rig), VAULT_BAD_REQUEST);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_versions_only_grow, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stored_document_is_verified, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shown, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
