/* SPDX-License-Identifier: Apache-2.0 */
/* The file of accounts: strict, so that a misspelt member is an error and not a default. */
#include "wallets/account.h"

#include <stdio.h>

#include "lib/base/base64.h"
#include "lib/wire/json.h"
#include "lib/wire/request.h"

static const char *const names[WALLET_PROVIDERS] = {
    [WALLET_ALIPAY] = "alipay",
    [WALLET_WECHATPAY] = "wechatpay",
};

const char *wallet_provider_name(enum wallet_provider provider)
{
    ENSURE((unsigned)provider < WALLET_PROVIDERS);
    return names[provider];
}

static const char *find(const struct wallet_public_key *key, size_t count, const char *serial,
                        int64_t now_ms)
{
    for (size_t i = 0; i < count; i++) {
        bool named = key[i].serial[0] == '\0' || strcmp(key[i].serial, serial) == 0;
        bool valid = key[i].not_after_ms == 0 || now_ms <= key[i].not_after_ms;
        if (named && valid) return key[i].pem;
    }
    return NULL;
}

const char *wallet_public_pem(const struct wallet_account *account, const struct wallet_held *held,
                              const char *serial, int64_t now_ms)
{
    const char *pem = find(account->public, account->public_count, serial, now_ms);
    if (pem != NULL || held == NULL) return pem;
    return find(held->key, held->count, serial, now_ms);
}

void wallet_held_add(struct wallet_held *held, const struct wallet_public_key *key)
{
    size_t at = 0;
    while (at < held->count && strcmp(held->key[at].serial, key->serial) != 0) at++;
    if (at == WALLET_PUBLIC_KEYS_MAX) {
        memmove(&held->key[0], &held->key[1], (at - 1) * sizeof held->key[0]);
        at--;
    }
    held->key[at] = *key;
    if (at == held->count) held->count++;
}

void wallet_public_key_of(const struct wallet_certificate *c, const char *name,
                          struct wallet_public_key *ret)
{
    err fits = bytes_to_text(bytes_text(name), ret->serial, sizeof ret->serial);
    if (!FAILED(fits)) fits = bytes_to_text(bytes_text(c->public_pem), ret->pem, sizeof ret->pem);
    ENSURE(!FAILED(fits));
    ret->not_after_ms = c->not_after_ms;
}

static err text(const struct json_t *row, const char *name, char *out, size_t size, bool required)
{
    if (!required && !json_has(row, name)) return OK;
    TRY(json_text_copy(row, name, out, size));
    return !required || out[0] != '\0' ? OK : ERR(MISSING);
}

static err blob(const struct json_t *row, const char *name, struct wallet_blob *out, bool required)
{
    struct bytes base64;
    if (!required && !json_has(row, name)) return OK;
    TRY(json_text(row, name, (HSM_WALLET_BLOB_MAX + 2) / 3 * 4, &base64));
    TRY(base64_decode(base64, out->at, sizeof out->at, &out->len));
    return out->len > 0 ? OK : ERR(MISSING);
}

/* A header, a query and a text to be signed are made of it: it must be no longer than it looks. */
static bool plain(const char *id)
{
    for (; *id != '\0'; id++)
        if (*id <= 0x20 || *id > 0x7e || *id == '"' || *id == '\\') return false;
    return true;
}

static err read_common(const struct json_t *row, struct wallet_account *a)
{
    TRY(text(row, "name", a->name, sizeof a->name, true));
    TRY(text(row, "base", a->base, sizeof a->base, true));
    TRY(text(row, "app_id", a->app_id, sizeof a->app_id, true));
    TRY(text(row, "notify", a->notify, sizeof a->notify, false));
    TRY(text(row, "subject", a->subject, sizeof a->subject, true));
    TRY(text(row, "ca_file", a->ca_file, sizeof a->ca_file, false));
    TRY(blob(row, "key", &a->key, true));
    if (!request_url_allowed(a->base)) return ERR(CONFIG);
    if (!plain(a->app_id) || !plain(a->notify)) return ERR(FORMAT);
    a->there = true;
    return OK;
}

/* The three files of Alipay's certificate mode. Alipay's own must lead to the root already. */
static err read_certificates(const struct json_t *row, int64_t now_ms, struct wallet_account *a)
{
    static const char *const members[] = {"app", "alipay", "root", NULL};
    struct wallet_certificate app, alipay;
    struct bytes app_pem, chain;
    struct writer root_sn = writer_over(a->root_sn, WALLET_ROOT_SN_MAX);
    TRY(json_only(row, members));
    TRY(json_text(row, "app", WALLET_CERTIFICATE_CHAIN_MAX, &app_pem));
    TRY(json_text(row, "alipay", WALLET_CERTIFICATE_CHAIN_MAX, &chain));
    TRY(text(row, "root", a->root, sizeof a->root, true));
    TRY(wallet_certificate_read(app_pem, &app));
    TRY(wallet_certificate_root_sn(bytes_text(a->root), &root_sn));
    TRY(wallet_certificate_verify(bytes_text(a->root), chain, now_ms, &alipay));
    a->root_sn[root_sn.len] = '\0';
    memcpy(a->app_sn, app.sn, sizeof a->app_sn);
    wallet_public_key_of(&alipay, alipay.sn, &a->public[0]);
    return OK;
}

static err read_alipay(const struct json_t *row, int64_t now_ms, struct wallet_account *a)
{
    static const char *const members[] = {"name",         "base",    "app_id", "notify",
                                          "subject",      "ca_file", "public", "key",
                                          "certificates", "content", NULL};
    struct json_t *certificates;
    TRY(json_only(row, members));
    TRY(read_common(row, a));
    TRY(blob(row, "content", &a->content, false));
    a->public_count = 1;
    if (!json_has(row, "certificates"))
        return text(row, "public", a->public[0].pem, sizeof a->public[0].pem, true);
    if (json_has(row, "public")) return ERR(CONFLICT); /* one mode or the other */
    TRY(json_member(row, "certificates", &certificates));
    return read_certificates(certificates, now_ms, a);
}

static err read_public(const struct json_t *row, struct wallet_public_key *key)
{
    static const char *const members[] = {"serial", "pem", NULL};
    TRY(json_only(row, members));
    TRY(text(row, "serial", key->serial, sizeof key->serial, true));
    return text(row, "pem", key->pem, sizeof key->pem, true);
}

/* Platform certificates are fetched when it says so, and sealed under the key that opens. */
static err read_fetched(const struct json_t *row, struct wallet_account *a)
{
    struct bytes how;
    if (!json_has(row, "certificates")) return OK;
    TRY(json_text(row, "certificates", WALLET_NAME_MAX, &how));
    if (!bytes_equal(how, BYTES("fetched"))) return ERR(FORMAT);
    a->fetched = true;
    return a->open.len > 0 ? OK : ERR(MISSING);
}

static err read_wechatpay(const struct json_t *row, int64_t now_ms, struct wallet_account *a)
{
    static const char *const members[] = {"name",   "base",         "app_id",  "mch_id", "serial",
                                          "notify", "subject",      "ca_file", "public", "key",
                                          "open",   "certificates", NULL};
    struct json_t *list;
    (void)now_ms;
    TRY(json_only(row, members));
    TRY(read_common(row, a));
    TRY(text(row, "mch_id", a->mch_id, sizeof a->mch_id, true));
    TRY(text(row, "serial", a->serial, sizeof a->serial, true));
    TRY(blob(row, "open", &a->open, false));
    if (!plain(a->mch_id) || !plain(a->serial)) return ERR(FORMAT);
    if (a->base[strlen(a->base) - 1] == '/') return ERR(CONFIG); /* every path begins with one */
    TRY(read_fetched(row, a));
    if (a->fetched && !json_has(row, "public")) return OK;
    TRY(json_list(row, "public", WALLET_PUBLIC_KEYS_MAX, &list, &a->public_count));
    for (size_t i = 0; i < a->public_count; i++) TRY(read_public(json_at(list, i), &a->public[i]));
    return a->public_count > 0 ? OK : ERR(MISSING);
}

/* Of whose account a code is shown; it must be there. */
static err read_shown(const struct json_t *root, struct wallet_accounts *all)
{
    struct bytes name;
    all->shown = WALLET_PROVIDERS;
    if (!json_has(root, "shown")) return OK;
    TRY(json_text(root, "shown", WALLET_NAME_MAX, &name));
    for (unsigned i = 0; i < WALLET_PROVIDERS; i++)
        if (all->account[i].there && bytes_equal(name, bytes_text(names[i]))) all->shown = i;
    return all->shown < WALLET_PROVIDERS ? OK : ERR(NOT_FOUND);
}

static err read_all(struct bytes file, int64_t now_ms, struct wallet_accounts *all,
                    const char **ret_part)
{
    static const char *const members[] = {"zone_mac", "shown", "alipay", "wechatpay", NULL};
    err (*const readers[WALLET_PROVIDERS])(const struct json_t *, int64_t,
                                           struct wallet_account *) = {
        [WALLET_ALIPAY] = read_alipay, [WALLET_WECHATPAY] = read_wechatpay};
    CLEANUP(json_free) struct json_document document = {0};
    *ret_part = "the file";
    TRY(json_parse(file, WALLET_FILE_MAX, &document));
    TRY(json_only(document.root, members));
    *ret_part = "zone_mac";
    TRY(text(document.root, "zone_mac", all->zone_mac, sizeof all->zone_mac, true));
    for (unsigned i = 0; i < WALLET_PROVIDERS; i++) {
        struct json_t *row;
        *ret_part = names[i];
        if (!json_has(document.root, names[i])) continue;
        TRY(json_member(document.root, names[i], &row));
        TRY(readers[i](row, now_ms, &all->account[i]));
    }
    *ret_part = "shown";
    return read_shown(document.root, all);
}

static const char *what_is_wrong(err read)
{
    if (read.code == ERR_CONFIG) return "base is no https:// address, or ends in a slash";
    if (read.code == ERR_IDENTITY) return "the chain of alipay leads to no root, or has ended";
    if (read.code == ERR_CONFLICT) return "it has public and certificates: one of them";
    return err_text(read);
}

err wallet_accounts_parse(struct bytes file, int64_t now_ms, struct wallet_accounts *ret,
                          struct process_fault *fault)
{
    static const struct wallet_accounts empty;
    const char *part;
    *ret = empty;
    err read = read_all(file, now_ms, ret, &part);
    if (FAILED(read))
        snprintf(fault->text, sizeof fault->text,
                 "the accounts: %s: %s; tongbao-wallets(1) says what belongs there", part,
                 what_is_wrong(read));
    return read;
}

err wallet_accounts_read(const char *path, int64_t now_ms, struct wallet_accounts *ret,
                         struct process_fault *fault)
{
    static uint8_t block[WALLET_FILE_MAX];
    size_t len;
    err read = file_read(path, FILE_PRIVATE, block, sizeof block, &len);
    if (FAILED(read)) {
        snprintf(fault->text, sizeof fault->text,
                 "cannot read %.150s: %s; it must be yours alone (chmod 600)", path,
                 err_text(read));
        return read;
    }
    return wallet_accounts_parse(bytes_of(block, len), now_ms, ret, fault);
}
