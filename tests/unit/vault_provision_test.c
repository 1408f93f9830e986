/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a device comes to be its own: keys that are made in it (S62), initial passwords that are its
 * alone (S30, S33), a certificate and a signature that the host believes (S60), and everything that
 * is refused.
 */
#include "tests/unit/vault_people_rig.h"

static void test_before_provisioning(void **state)
{
    (void)state;
    struct rig *rig = rig_new(21);
    struct vault_status_answer said = rig_status(rig);
    assert_int_equal(said.provisioned, 0);
    assert_int_equal(said.self_test, 1);
    assert_int_equal(said.serial.len, 0);
    for (uint8_t command = VAULT_TLS_CERTIFICATES; command <= VAULT_MAC_CHECK; command++) {
        if (command == VAULT_PANEL_OPEN || command == VAULT_TLS_SIGN) continue;
        assert_status(rig_plain(rig, command), VAULT_NOT_READY);
    }
    struct vault_fault fault = {{0}};
    struct vault_provision nothing = {0};
    assert_err(vault_provision(rig->vault, &nothing, &fault, rig->initials), STATE);
    assert_non_null(strstr(fault.text, "--initialise"));
    rig_free(rig);
}

static void test_requests_that_are_none(void **state)
{
    (void)state;
    struct rig *rig = rig_new(22);
    static const char *const requests[] = {"",         "\x01",     "\x02\x01",        "\x01\xff",
                                           "\x01\x7e", "\x01\x7f", "\x01\x01trailing"};
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        struct writer response = writer_over(rig->response, sizeof rig->response);
        assert_ok(vault_execute(rig->vault, bytes_text(requests[i]), &response));
        assert_int_equal(response.len, 3);
        assert_int_equal(rig->response[2], VAULT_BAD_REQUEST);
    }
    uint8_t zero[2] = {1, 0};
    struct writer response = writer_over(rig->response, sizeof rig->response);
    assert_ok(vault_execute(rig->vault, BYTES_OF(zero), &response));
    assert_int_equal(rig->response[2], VAULT_BAD_REQUEST);
    rig_free(rig);

    /* Every command with a body that goes on too long. */
    rig = rig_new(22);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    assert_status(rig_sign_in(rig), VAULT_OK);
    rig_read_card(rig);
    for (uint8_t command = VAULT_STATUS; command <= VAULT_CARD_FORGET; command++) {
        write_bytes(rig_ask(rig, command), BYTES("a body that is no command's, and goes on"));
        assert_status(rig_send(rig), VAULT_BAD_REQUEST);
    }
    rig_free(rig);
}

static void test_status_of_a_provisioned_device(void **state)
{
    (void)state;
    struct rig *rig = rig_new(23);
    rig_provision(rig, KEY_AES128);
    for (int again = 0; again < 2; again++) {
        struct vault_status_answer said = rig_status(rig);
        assert_int_equal(said.provisioned, 1);
        assert_int_equal(said.tampered, 0);
        assert_true(bytes_equal(said.serial, BYTES(RIG_SERIAL)));
        assert_true(bytes_equal(said.model, BYTES("TB-1")));
        assert_true(bytes_equal(said.tid, BYTES(RIG_TID)));
        assert_true(bytes_equal(said.mid, BYTES(RIG_MID)));
        assert_true(bytes_equal(said.merchant_name, BYTES("通宝茶馆")));
        assert_int_equal(said.certificate_expiry_ms, rig->now_ms + 730 * (int64_t)86400000);
        rig_restart(rig);
    }
    rig_free(rig);
}

/* S60: what TLS needs, without the key. */
static void test_certificate_and_signature(void **state)
{
    (void)state;
    struct rig *rig = rig_new(24);
    struct bytes own, authority;
    uint8_t hash[48] = {1, 2, 3}, digest[32], content[64 + 34 + 48];
    char certificate[IDENTITY_PEM_MAX];
    rig_provision(rig, KEY_AES128);
    rig_restart(rig);
    assert_status(rig_plain(rig, VAULT_TLS_CERTIFICATES), VAULT_OK);
    assert_ok(vault_read_pair(&rig->answer, &own, &authority));
    assert_ok(identity_verify(authority, own, IDENTITY_CLIENT, rig->now_ms));
    assert_ok(bytes_to_text(own, certificate, sizeof certificate));
    for (size_t len = 32; len <= sizeof hash; len += 16) { /* SHA-256 and SHA-384 */
        assert_status(rig_bytes(rig, VAULT_TLS_VERIFY, bytes_of(hash, len)), VAULT_OK);
        struct bytes made = rig_answer_bytes(rig);
        assert_true(made.len <= IDENTITY_SIGNATURE_MAX);
        memset(content, ' ', 64);
        memcpy(content + 64, "TLS 1.3, client CertificateVerify", 34);
        memcpy(content + 98, hash, len);
        crypto_sha256(bytes_of(content, 98 + len), digest);
        assert_ok(identity_check(bytes_text(certificate), digest, made));
        digest[0] ^= 1;
        assert_err(identity_check(bytes_text(certificate), digest, made), IDENTITY);
        /* Not what was sent, and not a receipt of it: no digest is signed as it is. */
        assert_err(identity_check(bytes_text(certificate), hash, made), IDENTITY);
    }
    static const size_t wrong[] = {0, 31, 33, 47};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_status(rig_bytes(rig, VAULT_TLS_VERIFY, bytes_of(hash, wrong[i])),
                      VAULT_BAD_REQUEST);
    assert_status(rig_bytes(rig, VAULT_TLS_SIGN, bytes_of(hash, 32)), VAULT_BAD_REQUEST);
    assert_true(rig_never_shown(rig, "PRIVATE KEY"));
    rig_free(rig);
}

/* S106: a receipt is hashed in the vault with its purpose; a signature over the bare body is none.
 */
static void test_receipt_signature(void **state)
{
    (void)state;
    struct rig *rig = rig_new(25);
    struct bytes own, authority;
    static const char body[] = "tongbao receipt v1what the paper says";
    uint8_t digest[32], bare[32];
    char certificate[IDENTITY_PEM_MAX];
    rig_provision(rig, KEY_AES128);
    assert_status(rig_plain(rig, VAULT_TLS_CERTIFICATES), VAULT_OK);
    assert_ok(vault_read_pair(&rig->answer, &own, &authority));
    assert_ok(bytes_to_text(own, certificate, sizeof certificate));
    const struct bytes said = bytes_text(body + sizeof "tongbao receipt v1" - 1);
    assert_status(rig_bytes(rig, VAULT_RECEIPT_SIGN, said), VAULT_OK);
    struct bytes made = rig_answer_bytes(rig);
    assert_true(made.len <= 72);
    crypto_sha256(bytes_text(body), digest);
    crypto_sha256(said, bare);
    assert_ok(identity_check(bytes_text(certificate), digest, made));
    assert_err(identity_check(bytes_text(certificate), bare, made), IDENTITY);
    assert_status(rig_bytes(rig, VAULT_RECEIPT_SIGN, (struct bytes){0}), VAULT_BAD_REQUEST);
    static const uint8_t long_body[513];
    assert_status(rig_bytes(rig, VAULT_RECEIPT_SIGN, BYTES_OF(long_body)), VAULT_BAD_REQUEST);
    rig_free(rig);
}

static void refused(struct rig *rig, const struct vault_provision *p, enum err_code code,
                    const char *names)
{
    struct vault_fault fault = {{0}};
    err e = vault_provision(rig->vault, p, &fault, rig->initials);
    if (e.code != code) fail_msg("%s: %s", names, err_name(e));
    if (strstr(fault.text, names) == NULL) fail_msg("%s: %s", names, fault.text);
    assert_int_equal(rig_status(rig).provisioned, 0);
    if (rig_logged(rig, "provision_refused", NULL, fault.text) == 0)
        fail_msg("%s: nothing in the audit log", names);
}

/* S62: keys from another hsm, for another device or another terminal; a foreign certificate. */
static void test_refusals(void **state)
{
    (void)state;
    struct rig *rig = rig_new(25), *other = rig_new(26);
    const struct vault_provision own = rig_prepare(rig, KEY_AES128);
    const struct vault_provision foreign = rig_prepare(other, KEY_AES128);

    struct vault_provision p = own;
    p.tid = BYTES("1000001");
    refused(rig, &p, ERR_FORMAT, "tid");
    p.tid = BYTES("1000001\n");
    refused(rig, &p, ERR_FORMAT, "tid");
    p = own;
    p.mid = BYTES("89829005812000");
    refused(rig, &p, ERR_FORMAT, "mid");
    p = own;
    p.tid = BYTES("10000018");
    refused(rig, &p, ERR_IDENTITY, "common name");
    p = own;
    p.certificate = foreign.certificate;
    refused(rig, &p, ERR_IDENTITY, "another device");
    p = own;
    p.certificate = BYTES("-----BEGIN NOTHING-----");
    refused(rig, &p, ERR_FORMAT, "certificate");
    p = own;
    p.authority = foreign.authority;
    refused(rig, &p, ERR_IDENTITY, "authority");
    p = own;
    p.master_key = foreign.master_key;
    p.hsm_public = foreign.hsm_public;
    refused(rig, &p, ERR_IDENTITY, "master_key");
    p = own;
    p.hsm_public = foreign.hsm_public;
    refused(rig, &p, ERR_IDENTITY, "master_key");
    p = own;
    p.kcv = foreign.kcv;
    refused(rig, &p, ERR_KCV, "kcv");
    p = own;
    p.kcv = bytes_of(own.kcv.at, 3);
    refused(rig, &p, ERR_LENGTH, "kcv");
    p = own;
    p.recovery_key = foreign.recovery_key;
    refused(rig, &p, ERR_IDENTITY, "recovery_key");
    p.recovery_key = own.master_key; /* another use of the same device's */
    p.recovery_kcv = own.kcv;
    refused(rig, &p, ERR_KEY, "recovery_key");
    p = own;
    p.recovery_kcv = own.kcv;
    refused(rig, &p, ERR_KCV, "recovery_key");
    rig->now_ms += (int64_t)86400000 * 800;
    refused(rig, &own, ERR_IDENTITY, "clock");
    rig->now_ms -= (int64_t)86400000 * 800;

    assert_ok(vault_provision(rig->vault, &own, NULL, rig->initials));
    assert_err(vault_provision(rig->vault, &own, NULL, rig->initials), EXISTS);
    uint8_t csr[IDENTITY_PEM_MAX], device[TRANSPORT_KEY_BYTES];
    struct writer w = writer_over(csr, sizeof csr);
    assert_err(vault_initialise(rig->vault, BYTES("X"), BYTES("Y"), &w, device), EXISTS);
    rig_free(rig);
    rig_free(other);
}

/* S30, S33: no two initial passwords are equal, on one device or on a hundred of one serial number.
 */
static void test_initial_passwords(void **state)
{
    (void)state;
    enum { DEVICES = 100, ALL = DEVICES * VAULT_INITIALS };
    static char seen[ALL][ONE_TIME_DIGITS + 1];
    size_t count = 0;
    for (uint64_t device = 0; device < DEVICES; device++) {
        struct rig *rig = rig_new(1000 + device);
        rig_provision(rig, KEY_AES128);
        for (size_t i = 0; i < VAULT_INITIALS; i++) {
            const struct vault_initial *initial = &rig->initials[i];
            assert_int_equal(strlen(initial->password), ONE_TIME_DIGITS);
            for (size_t j = 0; j < count; j++) assert_string_not_equal(initial->password, seen[j]);
            memcpy(seen[count++], initial->password, sizeof initial->password);
        }
        assert_true(rig_never_shown(rig, rig->initials[0].password));
        rig_free(rig);
    }
    assert_int_equal(count, ALL);
}

/* D4: the store of one device says nothing under the key of another. */
static void test_copied_store(void **state)
{
    (void)state;
    struct rig *rig = rig_new(27);
    struct vault_fault fault = {{0}};
    rig_provision(rig, KEY_AES128);
    vault_close(rig->vault);
    rig->vault = NULL;
    rig->device_key[0] ^= 1;
    assert_err(rig_try_open(rig, &fault), KEY);
    assert_non_null(strstr(fault.text, "device.key"));
    rig->device_key[0] ^= 1;
    rig_open(rig);
    /* Sealed rows are bound to their places. */
    assert_status(rig_sign_in(rig), VAULT_OK);
    assert_ok(store_exec(vault_store(rig->vault),
                         "UPDATE secret SET sealed = (SELECT sealed FROM secret "
                         "WHERE name = 'work.mac') WHERE name = 'work.pin'"));
    vault_close(rig->vault);
    rig->vault = NULL;
    assert_err(rig_try_open(rig, &fault), KEY);
    rig_free(rig);
}

/* DV-08: a source of randomness that is stuck or repeats itself stops the start, by name. */
static void fill_zero(void *context, void *out, size_t len)
{
    (void)context;
    memset(out, 0, len);
}

static void fill_same(void *context, void *out, size_t len)
{
    (void)context;
    for (size_t i = 0; i < len; i++) ((uint8_t *)out)[i] = (uint8_t)("\x5a\x3c\x0f\x96"[i % 4]);
}

static void test_dead_randomness(void **state)
{
    (void)state;
    struct rig *rig = rig_new(28);
    const struct random sources[] = {{fill_zero, NULL}, {fill_same, NULL}};
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        struct vault_config config = {.store_path = rig->anchor_name,
                                      .store = {.mode = STORE_MEMORY},
                                      .clock = rig_clock(rig),
                                      .random = sources[i],
                                      .device_key = BYTES_OF(rig->device_key),
                                      .cost = password_cost_quick()};
        struct vault_fault fault = {{0}};
        struct vault *vault = NULL;
        assert_err(vault_open(&config, &fault, &vault), CRYPTO);
        assert_null(vault);
        assert_non_null(strstr(fault.text, "randomness"));
    }
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_provisioning),
        cmocka_unit_test(test_requests_that_are_none),
        cmocka_unit_test(test_status_of_a_provisioned_device),
        cmocka_unit_test(test_certificate_and_signature),
        cmocka_unit_test(test_receipt_signature),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_initial_passwords),
        cmocka_unit_test(test_copied_store),
        cmocka_unit_test(test_dead_randomness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
