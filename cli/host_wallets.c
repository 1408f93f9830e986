/* SPDX-License-Identifier: Apache-2.0 */
/* Keys for the gateway to the wallets' interfaces. */
#include "cli/host_wallets.h"

#include <stdio.h>

#include "lib/base/base64.h"
#include "lib/base/file.h"
#include "lib/crypto/crypto.h"
#include "lib/wire/json.h"

static err take_key(const struct hsm_wallet_key_answer *answer, struct host_wallet_key *ret)
{
    struct writer w = writer_over(ret->blob, sizeof ret->blob - 1);
    struct bytes blob;
    base64_write(&w, answer->blob);
    TRY(writer_finish(&w, &blob));
    ret->blob[blob.len] = '\0';
    return bytes_to_text(answer->public_pem, ret->public_pem, sizeof ret->public_pem);
}

err host_wallet_key(const char *hsm, enum hsm_wallet_use use, struct bytes clear,
                    struct host_wallet_key *ret, struct process_fault *fault)
{
    struct hsm_client client;
    struct hsm_wallet_key_answer answer;
    const struct hsm_wallet_key ask = {(uint8_t)use, BYTES("tongbao admin"), clear};
    TRY(hsm_client_open(&client, hsm, fault));
    err made = hsm_client_wallet_key(&client, &ask, &answer, fault);
    if (!FAILED(made)) made = take_key(&answer, ret);
    hsm_client_close(&client);
    return made;
}

err host_wallet_link(const char *admin, char out[HSM_KEY_BLOCK_MAX + 1],
                     struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_zone_keys keys;
    TRY(host_keys_registry(admin, STORE_OPEN, &registry, fault));
    err found = registry_find_zone_keys(registry, REGISTRY_WALLET, &keys);
    if (FAILED(found))
        snprintf(fault->text, sizeof fault->text,
                 "the registry has no keys for the wallet; run tongbao admin init first");
    registry_close(registry);
    TRY(found);
    return bytes_to_text(bytes_text(keys.mac_block), out, HSM_KEY_BLOCK_MAX + 1);
}

/* ---- the simulated providers ---- */

enum { PUBLISHED_MAX = 16 * 1024, ACCOUNTS_MAX = 32 * 1024, SERIAL_DIGITS = 40, API_KEY_MAX = 64 };

/* Nobody's brand: what the simulated wallet has always been called. */
#define NAME    "示例钱包"
#define SUBJECT "虹桥小馆（示例）"

struct merchant {
    struct host_wallet_key alipay, wechat, open;
    char zone_mac[HSM_KEY_BLOCK_MAX + 1];
    char serial[SERIAL_DIGITS + 1]; /* of the key deposited with the second */
};

static err deposit(const char *directory, const char *name, const char *pem)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(directory, name, path, sizeof path));
    return file_write(path, FILE_PUBLIC, bytes_text(pem));
}

static err read_api_key(const char *directory, uint8_t out[API_KEY_MAX], size_t *ret_len)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(directory, "wechat.api_key", path, sizeof path));
    return file_read(path, FILE_PRIVATE, out, API_KEY_MAX, ret_len);
}

/* A public key without a certificate: simulators/provider_keys.h says how it is named. */
static void name_key(const char *pem, char out[SERIAL_DIGITS + 1])
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(out, SERIAL_DIGITS);
    crypto_sha256(bytes_text(pem), digest);
    write_hex_upper(&w, bytes_of(digest, SERIAL_DIGITS / 2));
    out[SERIAL_DIGITS] = '\0';
}

static err make_merchant(const struct host_place *place, struct merchant *m,
                         struct process_fault *fault)
{
    uint8_t api_key[API_KEY_MAX];
    size_t len;
    TRY(host_wallet_link(place->admin, m->zone_mac, fault));
    TRY(host_wallet_key(place->hsm, HSM_WALLET_SIGNS, (struct bytes){0}, &m->alipay, fault));
    TRY(host_wallet_key(place->hsm, HSM_WALLET_SIGNS, (struct bytes){0}, &m->wechat, fault));
    TRY(read_api_key(place->networks, api_key, &len));
    err taken =
        host_wallet_key(place->hsm, HSM_WALLET_OPENS, bytes_of(api_key, len), &m->open, fault);
    explicit_bzero(api_key, sizeof api_key);
    TRY(taken);
    TRY(deposit(place->networks, "alipay_app.pem", m->alipay.public_pem));
    TRY(deposit(place->networks, "wechat_merchant.pem", m->wechat.public_pem));
    name_key(m->wechat.public_pem, m->serial);
    return OK;
}

static err copy_text(struct json_out *j, const struct json_t *row, const char *name)
{
    struct bytes text;
    TRY(json_text(row, name, PUBLISHED_MAX, &text));
    json_member_text(j, name, text);
    return OK;
}

static err copy_keys(struct json_out *j, const struct json_t *row)
{
    struct json_t *list;
    size_t count;
    TRY(json_list(row, "public", 4, &list, &count));
    json_member_array(j, "public");
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        TRY(copy_text(j, json_at(list, i), "serial"));
        TRY(copy_text(j, json_at(list, i), "pem"));
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

static err write_common(struct json_out *j, const struct json_t *row, const char *notify,
                        const struct host_wallet_key *key)
{
    json_member_string(j, "name", NAME);
    json_member_string(j, "subject", SUBJECT);
    json_member_string(j, "notify", notify);
    json_member_string(j, "key", key->blob);
    TRY(copy_text(j, row, "base"));
    return copy_text(j, row, "app_id");
}

/* What the simulators have published, with what is ours. */
static err write_accounts(struct json_out *j, const struct json_t *published,
                          const struct merchant *m)
{
    struct json_t *alipay, *wechat;
    TRY(json_member(published, "alipay", &alipay));
    TRY(json_member(published, "wechatpay", &wechat));
    json_object_begin(j);
    json_member_string(j, "zone_mac", m->zone_mac);
    json_member_object(j, "alipay");
    TRY(write_common(j, alipay, "http://127.0.0.1:0/notify/alipay", &m->alipay));
    TRY(copy_text(j, alipay, "public"));
    json_object_end(j);
    json_member_object(j, "wechatpay");
    TRY(write_common(j, wechat, "http://127.0.0.1:0/notify/wechatpay", &m->wechat));
    TRY(copy_text(j, wechat, "mch_id"));
    json_member_string(j, "serial", m->serial);
    json_member_string(j, "open", m->open.blob);
    TRY(copy_keys(j, wechat));
    json_object_end(j);
    json_object_end(j);
    return OK;
}

err host_wallets_simulated(const struct host_place *place, const char *path,
                           struct process_fault *fault)
{
    static uint8_t published[PUBLISHED_MAX], accounts[ACCOUNTS_MAX];
    char from[FILE_PATH_MAX];
    struct merchant m;
    struct bytes text;
    size_t len;
    TRY(make_merchant(place, &m, fault));
    TRY(file_path(place->networks, "providers.json", from, sizeof from));
    TRY(file_read(from, FILE_PUBLIC, published, sizeof published, &len));
    CLEANUP(json_free) struct json_document document = {0};
    TRY(json_parse(bytes_of(published, len), sizeof published, &document));
    struct writer w = writer_over(accounts, sizeof accounts);
    struct json_out j = json_out_over(&w);
    TRY(write_accounts(&j, document.root, &m));
    TRY(writer_finish(&w, &text));
    return file_write(path, FILE_PRIVATE, text);
}
