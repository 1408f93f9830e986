/* SPDX-License-Identifier: Apache-2.0 */
/* A real vault for the terminal's tests: see terminal_bench.h. */
#define ERR_STATE OPENSSL_ERR_STATE /* a type of OpenSSL, an error of lib/base/err.h */
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#undef ERR_STATE

#include "tests/unit/terminal_bench.h"

#include "lib/crypto/approval.h"
#include "lib/crypto/recovery.h"
#include "tests/unit/vault_backup_rig.h"

struct bench {
    struct rig *rig;
    struct panel_pair page;
    EVP_PKEY *phone;
};

struct bench *bench_make(const char *model, int64_t now_ms, const char *serial,
                         const struct bench *elder)
{
    static uint64_t seed = 1000;
    struct bench *bench = calloc(1, sizeof *bench);
    uint8_t csr[IDENTITY_PEM_MAX], device[TRANSPORT_KEY_BYTES];
    struct writer w = writer_over(csr, sizeof csr);
    struct vault_fault fault = {{0}};
    assert_non_null(bench);
    struct rig *rig = bench->rig = rig_new(++seed);
    rig->now_ms = now_ms;
    rig->elder = elder == NULL ? NULL : elder->rig;
    key_generate(&rig->crypto, KEY_AES128, KEY_USAGE_TERMINAL_MASTER, &rig->master);
    key_generate(&rig->crypto, KEY_HMAC_SHA256, KEY_USAGE_RECOVERY, &rig->recovery);
    assert_ok(vault_initialise(rig->vault, bytes_text(serial), bytes_text(model), &w, device));
    struct vault_provision p = rig_make_provision(rig, writer_view(&w), device);
    assert_ok(vault_provision(rig->vault, &p, &fault, rig->initials));
    return bench;
}

struct bench *bench_new(const char *model, int64_t now_ms)
{
    return bench_make(model, now_ms, RIG_SERIAL, NULL);
}

/* ---- people, without a terminal ---- */

void bench_first_day(struct bench *bench, uint8_t operator_id, const char *own)
{
    rig_panel(bench->rig);
    rig_own(bench->rig, operator_id, rig_initial(bench->rig, operator_id), own);
}

bool bench_login(struct bench *bench, uint8_t operator_id, const char *password)
{
    bench->rig->now_ms += 1000000;
    rig_panel(bench->rig);
    return rig_login(bench->rig, operator_id, password).verdict == VAULT_LOGIN_OK;
}

void bench_owner_key(struct bench *bench, char digits[41])
{
    bundle_owner(bench->rig, digits);
}

void bench_enter_owner(struct bench *bench, const char *digits)
{
    rig_enter_for(bench->rig, VAULT_ENTRY_OWNER, 0, digits);
}

void bench_free(struct bench *bench)
{
    if (bench == NULL) return;
    EVP_PKEY_free(bench->phone);
    rig_free(bench->rig);
    free(bench);
}

void bench_set_now(struct bench *bench, int64_t now_ms)
{
    bench->rig->now_ms = now_ms;
}

void bench_restart(struct bench *bench)
{
    rig_restart(bench->rig);
}

err bench_vault(struct bench *bench, struct bytes request, struct writer *response)
{
    return vault_execute(bench->rig->vault, request, response);
}

const char *bench_initial(const struct bench *bench, uint8_t operator_id)
{
    for (size_t i = 0; i < VAULT_INITIALS; i++)
        if (bench->rig->initials[i].operator_id == operator_id)
            return bench->rig->initials[i].password;
    fail_msg("operator %u has no initial password", operator_id);
    return NULL;
}

/* ---- the page ---- */

void bench_page_key(struct bench *bench, uint8_t key[65])
{
    assert_ok(panel_pair_generate(&bench->rig->crypto, &bench->page));
    memcpy(key, bench->page.public_key, sizeof bench->page.public_key);
}

void bench_page_opened(struct bench *bench, struct bytes vault_key)
{
    assert_ok(panel_channel_open(&bench->page, vault_key, PANEL_SIDE_PANEL, &bench->rig->panel));
}

void bench_layout(struct bench *bench, struct bytes sealed)
{
    struct rig *rig = bench->rig;
    struct writer w = writer_over(rig->layout, sizeof rig->layout);
    assert_ok(panel_open(&rig->crypto, &rig->panel, sealed, &w));
    assert_int_equal(w.len, sizeof rig->layout);
}

size_t bench_open(struct bench *bench, struct bytes sealed, char *out, size_t size)
{
    struct rig *rig = bench->rig;
    struct writer w = writer_over(out, size - 1);
    assert_ok(panel_open(&rig->crypto, &rig->panel, sealed, &w));
    out[w.len] = '\0';
    return w.len;
}

static void seal(struct bench *bench, struct bytes plain, struct writer *sealed)
{
    assert_ok(panel_seal(&bench->rig->crypto, &bench->rig->panel, plain, sealed));
}

void bench_digit(struct bench *bench, char digit, struct writer *sealed)
{
    const uint8_t *at = memchr(bench->rig->layout, digit, sizeof bench->rig->layout);
    assert_non_null(at);
    uint8_t position = (uint8_t)(at - bench->rig->layout);
    seal(bench, bytes_of(&position, 1), sealed);
}

void bench_byte(struct bench *bench, char byte, struct writer *sealed)
{
    seal(bench, bytes_of(&byte, 1), sealed);
}

void bench_text(struct bench *bench, const char *text, struct writer *sealed)
{
    uint8_t plain[VAULT_FRAME_MAX];
    struct writer w = writer_over(plain, sizeof plain);
    write_bytes(&w, BYTES("T"));
    write_bytes(&w, bytes_text(text));
    seal(bench, writer_view(&w), sealed);
}

/* ---- the host ---- */

void bench_prove(struct bench *bench, uint8_t way, uint8_t operator_id, struct bytes challenge,
                 char code[12], uint8_t grant[16])
{
    CLEANUP(recovery_proof_wipe) struct recovery_proof proof = {0};
    const struct recovery_subject subject = {way, operator_id, BYTES(RIG_TID), challenge};
    assert_ok(recovery_prove(&bench->rig->crypto, &bench->rig->recovery, &subject, &proof));
    assert_false(FAILED(bytes_to_text(bytes_text(proof.code), code, 12)));
    memcpy(grant, proof.grant, 16);
}

size_t bench_open_backup(struct bench *bench, struct bytes whole, const uint8_t nonce[16],
                         const uint8_t public_key[32], uint8_t grant[160])
{
    struct rig *rig = bench->rig;
    struct backup_head head;
    CLEANUP(backup_key_wipe) struct backup_key key = {{0}};
    char block[BACKUP_GRANT_LABEL_MAX], inner[BACKUP_LABEL_MAX];
    struct writer label = writer_over(inner, sizeof inner), w = writer_over(grant, 160);
    struct writer granted = writer_over(block, sizeof block);
    assert_ok(backup_read_head(whole, &head));
    backup_label(head.serial, head.number, &label);
    backup_grant_label(writer_view(&label), bytes_of(nonce, 16), &granted);
    const struct backup_wrap *wrap = &head.wrap[head.wraps - 1];
    assert_int_equal(wrap->kind, BACKUP_FOR_ACQUIRER);
    assert_ok(backup_key_unwrap(&rig->hsm, head.sender, writer_view(&label), wrap->sealed, &key));
    assert_ok(
        backup_key_wrap(&rig->crypto, &rig->hsm, public_key, writer_view(&granted), &key, &w));
    return w.len;
}

void bench_command(struct bench *bench, int64_t number, const char *kind, const char *text,
                   char *out, size_t size)
{
    uint8_t mac[RECOVERY_PROOF_BYTES];
    static const uint8_t nonce[RECOVERY_NONCE_BYTES];
    char hex[2 * sizeof mac + 1] = "";
    struct writer w = writer_over(hex, sizeof hex - 1);
    const struct recovery_command command = {BYTES(RIG_TID),   BYTES(RIG_SERIAL), bytes_text(kind),
                                             bytes_text(text), BYTES_OF(nonce),   (uint64_t)number};
    assert_ok(recovery_command_mac(&bench->rig->crypto, &bench->rig->recovery, &command, mac));
    write_hex_upper(&w, BYTES_OF(mac));
    snprintf(out, size,
             "{\"tell\":\"command\",\"number\":%lld,\"command\":\"%s\",\"text\":\"%s\",\"nonce\":"
             "\"00000000000000000000000000000000\",\"mac\":\"%s\"}",
             (long long)number, kind, text, hex);
}

/* ---- a telephone ---- */

void bench_phone_key(struct bench *bench, uint8_t key[65])
{
    size_t len = 0;
    EVP_PKEY_free(bench->phone);
    bench->phone = EVP_EC_gen("P-256");
    assert_non_null(bench->phone);
    assert_int_equal(
        EVP_PKEY_get_octet_string_param(bench->phone, OSSL_PKEY_PARAM_PUB_KEY, key, 65, &len), 1);
    assert_int_equal(len, 65);
}

/* As WebCrypto does it: r and s, 32 bytes each. */
void bench_phone_sign(struct bench *bench, struct bytes challenge, uint8_t signature[64])
{
    static const char label[] = "tongbao approval v1";
    uint8_t text[64], der[80];
    size_t der_len = sizeof der;
    struct writer w = writer_over(text, sizeof text);
    write_bytes(&w, bytes_text(label));
    write_bytes(&w, challenge);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, bench->phone), 1);
    assert_int_equal(EVP_DigestSign(context, der, &der_len, text, w.len), 1);
    EVP_MD_CTX_free(context);
    const uint8_t *at = der;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
    assert_non_null(pair);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32), 32);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32), 32);
    ECDSA_SIG_free(pair);
}
