/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the wallets as files. */
#include "simulators/provider_keys.h"

#include <stdio.h>

#include "lib/base/base64.h"
#include "lib/base/file.h"
#include "lib/crypto/crypto.h"
#include "lib/crypto/secret.h"
#include "simulators/provider_certificates.h"

enum { KEY_BITS = 2048, TEXT_MAX = RSA_KEY_TEXT_MAX };
#define DAY_MS      (INT64_C(24) * 3600 * 1000)
#define LIFETIME_MS (5 * 365 * DAY_MS)

/* Secret when the file is. */
struct text {
    uint8_t at[TEXT_MAX];
    size_t len;
};

static void text_wipe(struct text *text)
{
    secret_wipe_bytes(text, sizeof *text);
}

static err read_text(const char *state, const char *name, enum file_access access,
                     struct text *ret_text)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(state, name, path, sizeof path));
    return file_read(path, access, ret_text->at, sizeof ret_text->at, &ret_text->len);
}

static err write_text(const char *state, const char *name, enum file_access access,
                      struct bytes text)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(state, name, path, sizeof path));
    return file_write(path, access, text);
}

static err read_key(const char *state, const char *name, struct rsa_key *ret_key)
{
    CLEANUP(text_wipe) struct text text = {.len = 0};
    TRY(read_text(state, name, FILE_PRIVATE, &text));
    return rsa_key_read_private(bytes_of(text.at, text.len), ret_key);
}

/* The private key of this name, made when it is missing. */
static err own_key(const char *state, const char *name, struct rsa_key *ret_key, bool *ret_made)
{
    CLEANUP(text_wipe) struct text text = {.len = 0};
    CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false};
    struct writer w = writer_over(text.at, sizeof text.at);
    *ret_made = false;
    err read = read_key(state, name, ret_key);
    if (read.code != ERR_NOT_FOUND) return read;
    TRY(rsa_key_generate(KEY_BITS, &key));
    TRY(rsa_key_write_private(&key, &w));
    TRY(write_text(state, name, FILE_PRIVATE, writer_view(&w)));
    *ret_key = key;
    *ret_made = true;
    key = (struct rsa_key){NULL, false};
    return OK;
}

static err publish(const char *state, const char *name, const struct rsa_key *key)
{
    uint8_t pem[TEXT_MAX];
    struct writer w = writer_over(pem, sizeof pem);
    TRY(rsa_key_write_public(key, &w));
    return write_text(state, name, FILE_PUBLIC, writer_view(&w));
}

static bool is_there(const char *state, const char *name)
{
    struct text text;
    return !FAILED(read_text(state, name, FILE_PUBLIC, &text));
}

static err certify(const char *state, const struct rsa_key *key, int64_t now_ms)
{
    uint8_t pem[RSA_CERTIFICATE_PEM_MAX];
    struct writer w = writer_over(pem, sizeof pem);
    TRY(rsa_certificate_make(key, BYTES("Simulated platform"), now_ms - DAY_MS,
                             now_ms + LIFETIME_MS, &w));
    return write_text(state, "wechat.pem", FILE_PUBLIC, writer_view(&w));
}

/* Thirty-two letters and digits: 190 bits. */
static err make_api_key(const char *state, const struct random *random)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    CLEANUP(text_wipe) struct text text = {.len = 0};
    err read = read_text(state, "wechat.api_key", FILE_PRIVATE, &text);
    if (read.code != ERR_NOT_FOUND) return read;
    for (size_t i = 0; i < PROVIDER_KEY_BYTES; i++)
        text.at[i] = (uint8_t)letters[random_below(random, sizeof letters - 1)];
    return write_text(state, "wechat.api_key", FILE_PRIVATE, bytes_of(text.at, PROVIDER_KEY_BYTES));
}

static err read_pem(const char *state, const char *name, char pem[RSA_CERTIFICATE_PEM_MAX])
{
    struct text text;
    TRY(read_text(state, name, FILE_PUBLIC, &text));
    return bytes_to_text(bytes_of(text.at, text.len), pem, RSA_CERTIFICATE_PEM_MAX);
}

/* Alipay's certificate and its root, made anew when one of the keys was. */
static err certify_alipay(const char *state, int64_t now_ms, bool made, struct alipay_config *a)
{
    if (!made && is_there(state, "alipay_root.pem") && is_there(state, "alipay_cert.pem")) {
        TRY(read_pem(state, "alipay_root.pem", a->root_pem));
        TRY(read_pem(state, "alipay_cert.pem", a->certificate));
        return provider_name_alipay(a);
    }
    TRY(provider_certify_alipay(a, now_ms));
    TRY(write_text(state, "alipay_root.pem", FILE_PUBLIC, bytes_text(a->root_pem)));
    return write_text(state, "alipay_cert.pem", FILE_PUBLIC, bytes_text(a->certificate));
}

/* Sixteen bytes, as text in base64. */
static err content_key(const char *state, const struct random *random, struct alipay_config *a)
{
    enum { CONTENT_KEY_BYTES = 16 };
    CLEANUP(text_wipe) struct text text = {.len = 0};
    err read = read_text(state, "alipay.content_key", FILE_PRIVATE, &text);
    if (read.code == ERR_NOT_FOUND) {
        struct writer w = writer_over(text.at, sizeof text.at);
        random_fill(random, a->content_key, CONTENT_KEY_BYTES);
        base64_write(&w, bytes_of(a->content_key, CONTENT_KEY_BYTES));
        a->content_key_len = CONTENT_KEY_BYTES;
        return write_text(state, "alipay.content_key", FILE_PRIVATE, writer_view(&w));
    }
    TRY(read);
    TRY(base64_decode(bytes_of(text.at, text.len), a->content_key, sizeof a->content_key,
                      &a->content_key_len));
    bool fits = a->content_key_len == CONTENT_KEY_BYTES || a->content_key_len == PROVIDER_KEY_BYTES;
    return fits ? OK : ERR(LENGTH);
}

/* All own keys, and what is said of them in public. */
static err make_all(const char *state, int64_t now_ms, const struct random *random,
                    struct alipay_config *alipay, struct rsa_key *wechat)
{
    bool made, root_made;
    TRY(own_key(state, "alipay.key", &alipay->own, &made));
    TRY(publish(state, "alipay.pem", &alipay->own));
    TRY(own_key(state, "alipay_root.key", &alipay->root, &root_made));
    TRY(certify_alipay(state, now_ms, made || root_made, alipay));
    TRY(own_key(state, "wechat.key", wechat, &made));
    TRY(publish(state, "wechat_public.pem", wechat));
    if (made || !is_there(state, "wechat.pem")) TRY(certify(state, wechat, now_ms));
    TRY(content_key(state, random, alipay));
    return make_api_key(state, random);
}

err provider_keys_make(const char *state, int64_t now_ms, const struct random *random)
{
    struct alipay_config alipay = {.app_id = PROVIDER_APP_ID};
    struct wechat_config wechat = {.mchid = PROVIDER_MCHID};
    err made = make_all(state, now_ms, random, &alipay, &wechat.own);
    provider_keys_free(&alipay, &wechat);
    return made;
}

static err load_wechat(const char *state, struct wechat_config *w)
{
    CLEANUP(text_wipe) struct text text = {.len = 0};
    struct rsa_certificate about;
    TRY(read_text(state, "wechat.api_key", FILE_PRIVATE, &text));
    if (text.len != PROVIDER_KEY_BYTES) return ERR(LENGTH);
    memcpy(w->api_key, text.at, PROVIDER_KEY_BYTES);
    TRY(read_text(state, "wechat.pem", FILE_PUBLIC, &text));
    TRY(rsa_certificate_describe(bytes_of(text.at, text.len), &about));
    TRY(bytes_to_text(bytes_of(text.at, text.len), w->certificate, sizeof w->certificate));
    memcpy(w->serial, about.serial, sizeof w->serial);
    return OK;
}

err provider_keys_load(const char *state, int64_t now_ms, const struct random *random,
                       struct alipay_config *ret_alipay, struct wechat_config *ret_wechat,
                       struct process_fault *fault)
{
    struct alipay_config a = {.app_id = PROVIDER_APP_ID, .seller_id = PROVIDER_SELLER_ID};
    struct wechat_config w = {
        .mchid = PROVIDER_MCHID, .appid = PROVIDER_APPID, .key_id = PROVIDER_KEY_ID};
    err done = make_all(state, now_ms, random, &a, &w.own);
    if (!FAILED(done)) done = load_wechat(state, &w);
    if (FAILED(done)) {
        provider_keys_free(&a, &w);
        snprintf(fault->text, sizeof fault->text,
                 "keys of the wallets in %.150s: %s; remove alipay.* and wechat.* to have them made"
                 " anew",
                 state, err_text(done));
        return done;
    }
    *ret_alipay = a;
    *ret_wechat = w;
    return OK;
}

void provider_keys_free(struct alipay_config *alipay, struct wechat_config *wechat)
{
    rsa_key_free(&alipay->own);
    rsa_key_free(&alipay->app);
    rsa_key_free(&alipay->root);
    rsa_key_free(&wechat->own);
    rsa_key_free(&wechat->merchant);
    secret_wipe_bytes(alipay->content_key, sizeof alipay->content_key);
    secret_wipe_bytes(wechat->api_key, sizeof wechat->api_key);
}

/* A bare key gets a certificate, which the merchant may use or not. */
err provider_deposit_alipay(const char *state, int64_t now_ms, struct alipay_config *a)
{
    struct text text;
    struct wallet_certificate about;
    CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false};
    TRY(read_text(state, "alipay_app.pem", FILE_PUBLIC, &text));
    struct bytes pem = bytes_of(text.at, text.len);
    TRY(rsa_key_read_public(pem, &key));
    a->app_certified = !FAILED(wallet_certificate_read(pem, &about));
    if (!a->app_certified) {
        struct writer w = writer_over(text.at, sizeof text.at);
        TRY(provider_certify_app(a, &key, now_ms, &w));
        TRY(wallet_certificate_read(writer_view(&w), &about));
        TRY(write_text(state, "alipay_app_cert.pem", FILE_PUBLIC, writer_view(&w)));
    }
    memcpy(a->app_sn, about.sn, sizeof a->app_sn);
    a->app = key;
    key = (struct rsa_key){NULL, false};
    return OK;
}

/* Of a certificate its own, of a bare key the beginning of its file's digest. */
static err serial_of(struct bytes pem, char serial[RSA_CERTIFICATE_SERIAL_MAX + 1])
{
    struct rsa_certificate about;
    uint8_t digest[CRYPTO_SHA256_BYTES];
    if (!FAILED(rsa_certificate_describe(pem, &about))) {
        memcpy(serial, about.serial, sizeof about.serial);
        return OK;
    }
    crypto_sha256(pem, digest);
    struct writer w = writer_over(serial, RSA_CERTIFICATE_SERIAL_MAX);
    write_hex_upper(&w, bytes_of(digest, RSA_CERTIFICATE_SERIAL_MAX / 2));
    serial[w.len] = '\0';
    return (err){w.fault};
}

err provider_deposit_wechat(const char *state, struct rsa_key *ret_merchant,
                            char ret_serial[RSA_CERTIFICATE_SERIAL_MAX + 1])
{
    struct text text;
    CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false};
    TRY(read_text(state, "wechat_merchant.pem", FILE_PUBLIC, &text));
    struct bytes pem = bytes_of(text.at, text.len);
    TRY(rsa_key_read_public(pem, &key));
    TRY(serial_of(pem, ret_serial));
    TRY(write_text(state, "wechat_merchant.serial", FILE_PUBLIC, bytes_text(ret_serial)));
    *ret_merchant = key;
    key = (struct rsa_key){NULL, false};
    return OK;
}
