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

const char *wallet_public_pem(const struct wallet_account *account, const char *serial)
{
    for (size_t i = 0; i < account->public_count; i++) {
        const struct wallet_public_key *key = &account->public[i];
        if (key->serial[0] == '\0' || strcmp(key->serial, serial) == 0) return key->pem;
    }
    return NULL;
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

static err read_alipay(const struct json_t *row, struct wallet_account *a)
{
    static const char *const members[] = {"name",    "base",   "app_id", "notify", "subject",
                                          "ca_file", "public", "key",    NULL};
    TRY(json_only(row, members));
    TRY(read_common(row, a));
    TRY(text(row, "public", a->public[0].pem, sizeof a->public[0].pem, true));
    a->public_count = 1;
    return OK;
}

static err read_public(const struct json_t *row, struct wallet_public_key *key)
{
    static const char *const members[] = {"serial", "pem", NULL};
    TRY(json_only(row, members));
    TRY(text(row, "serial", key->serial, sizeof key->serial, true));
    return text(row, "pem", key->pem, sizeof key->pem, true);
}

static err read_wechatpay(const struct json_t *row, struct wallet_account *a)
{
    static const char *const members[] = {"name",   "base",   "app_id",  "mch_id",
                                          "serial", "notify", "subject", "ca_file",
                                          "public", "key",    "open",    NULL};
    struct json_t *list;
    TRY(json_only(row, members));
    TRY(read_common(row, a));
    TRY(text(row, "mch_id", a->mch_id, sizeof a->mch_id, true));
    TRY(text(row, "serial", a->serial, sizeof a->serial, true));
    TRY(blob(row, "open", &a->open, false));
    if (!plain(a->mch_id) || !plain(a->serial)) return ERR(FORMAT);
    if (a->base[strlen(a->base) - 1] == '/') return ERR(CONFIG); /* every path begins with one */
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

static err read_all(struct bytes file, struct wallet_accounts *all, const char **ret_part)
{
    static const char *const members[] = {"zone_mac", "shown", "alipay", "wechatpay", NULL};
    err (*const readers[WALLET_PROVIDERS])(const struct json_t *, struct wallet_account *) = {
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
        TRY(readers[i](row, &all->account[i]));
    }
    *ret_part = "shown";
    return read_shown(document.root, all);
}

err wallet_accounts_parse(struct bytes file, struct wallet_accounts *ret,
                          struct process_fault *fault)
{
    static const struct wallet_accounts empty;
    const char *part;
    *ret = empty;
    err read = read_all(file, ret, &part);
    if (FAILED(read))
        snprintf(fault->text, sizeof fault->text,
                 "the accounts: %s: %s; tongbao-wallets(1) says what belongs there", part,
                 read.code == ERR_CONFIG ? "base is no https:// address, or ends in a slash"
                                         : err_text(read));
    return read;
}

err wallet_accounts_read(const char *path, struct wallet_accounts *ret, struct process_fault *fault)
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
    return wallet_accounts_parse(bytes_of(block, len), ret, fault);
}
