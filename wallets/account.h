/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * account: one merchant's account with one provider, and the file that has them all. What is in it
 * decides which endpoint is talked to: nothing else tells a provider from its simulator.
 *
 *   {"zone_mac": "<key block>", "shown": "alipay",
 *    "alipay":    {"name": "...", "base": "https://.../gateway.do", "app_id": "...",
 *                  "key": "<base64 of a blob>", "public": "<PEM>", "notify": "https://...",
 *                  "subject": "..."},
 *    "wechatpay": {"name": "...", "base": "https://...", "app_id": "...", "mch_id": "...",
 *                  "serial": "...", "key": "<base64>", "open": "<base64>",
 *                  "public": [{"serial": "...", "pem": "..."}, ...], "notify": "https://...",
 *                  "subject": "..."}}
 *
 * Alipay's certificate mode is chosen by having, instead of "public",
 *
 *     "certificates": {"app": "<PEM>", "alipay": "<PEM, the chain>", "root": "<PEM, all of them>"}
 *
 * and its content encryption by "content": "<base64 of a blob>",
 * and WeChat Pay's platform certificates are fetched, under the APIv3 key "open", when it has
 *
 *     "certificates": "fetched"
 *
 * beside or instead of "public". A "public" whose serial is a PUB_KEY_ID_ is public-key mode.
 *
 * A provider that is not in it has no driver: its codes are handed on. "shown" names the one whose
 * code a terminal shows; without it those payments are handed on too. Keys are blobs that only the
 * hsm can open, so the file holds no secret; it is private all the same.
 */

#include "lib/base/file.h"
#include "lib/wire/hsm_protocol_wallets.h"
#include "lib/wire/process.h"
#include "lib/wire/wallet_certificate.h"

/* In the order in which they are asked for a payment that nobody remembers. */
enum wallet_provider { WALLET_ALIPAY, WALLET_WECHATPAY, WALLET_PROVIDERS };

enum {
    WALLET_NAME_MAX = 24,   /* bytes of UTF-8: field 63 has no more room */
    WALLET_BASE_MAX = 200,  /* as every address of outbound.h */
    WALLET_ID_MAX = 32,     /* app_id, mchid */
    WALLET_SERIAL_MAX = 64, /* of a certificate, or PUB_KEY_ID_... */
    WALLET_SUBJECT_MAX = 120,
    WALLET_PEM_MAX = 2048, /* a public key, or a certificate */
    WALLET_PUBLIC_KEYS_MAX = 4,
    WALLET_ROOT_SN_MAX = WALLET_CERTIFICATE_ROOTS_MAX * (WALLET_CERTIFICATE_SN_LEN + 1),
    WALLET_FILE_MAX = 64 * 1024, /* chains of certificates, too */
};

struct wallet_blob {
    uint8_t at[HSM_WALLET_BLOB_MAX];
    size_t len;
};

/* Whoever signs a provider's answers; several while one replaces another. */
struct wallet_public_key {
    char serial[WALLET_SERIAL_MAX + 1]; /* empty where the provider has one key only */
    char pem[WALLET_PEM_MAX + 1];
    int64_t not_after_ms; /* of its certificate; 0: it has none, or ends when the file says so */
};

/* Keys of a provider that was asked for them: in memory alone, and asked for again. */
struct wallet_held {
    struct wallet_public_key key[WALLET_PUBLIC_KEYS_MAX];
    size_t count;
};

struct wallet_account {
    bool there;
    char name[WALLET_NAME_MAX + 1]; /* on slips */
    char base[WALLET_BASE_MAX + 1];
    char app_id[WALLET_ID_MAX + 1];
    char mch_id[WALLET_ID_MAX + 1];     /* WeChat Pay */
    char serial[WALLET_SERIAL_MAX + 1]; /* WeChat Pay: of our certificate */
    /* Where we are told; may be empty. Port 0 at 127.0.0.1 is where --notify-port listens. */
    char notify[WALLET_BASE_MAX + 1];     /* where we are told; may be empty */
    char subject[WALLET_SUBJECT_MAX + 1]; /* what the customer sees in his wallet */
    char ca_file[FILE_PATH_MAX];          /* PEM; empty: the system's */
    struct wallet_blob key;               /* that signs */
    struct wallet_blob open;              /* that opens notifications; empty: none is read */
    struct wallet_blob content;           /* Alipay: that hides what is said; empty: it is not */
    struct wallet_public_key public[WALLET_PUBLIC_KEYS_MAX];
    size_t public_count;
    bool fetched; /* WeChat Pay: platform certificates come from the provider */
    /* Alipay's certificate mode; empty otherwise. Names are those of wallet_certificate.h. */
    char root[WALLET_CERTIFICATE_CHAIN_MAX + 1];
    char root_sn[WALLET_ROOT_SN_MAX + 1];
    char app_sn[WALLET_CERTIFICATE_SN_LEN + 1];
};

struct wallet_accounts {
    struct wallet_account account[WALLET_PROVIDERS];
    char zone_mac[HSM_KEY_BLOCK_MAX + 1]; /* of the link to the acquirer, as a key block */
    unsigned shown; /* enum wallet_provider whose codes are shown; WALLET_PROVIDERS: nobody's */
};

/* Errors: those of file_read, FORMAT, MISSING, LENGTH, CONFIG, IDENTITY (a certificate that leads
 * to no root, or is not valid now): `fault` says what to do. */
MUST_USE err wallet_accounts_read(const char *path, int64_t now_ms, struct wallet_accounts *ret,
                                  struct process_fault *fault);

/* The same of a text. Pure. */
MUST_USE err wallet_accounts_parse(struct bytes text, int64_t now_ms, struct wallet_accounts *ret,
                                   struct process_fault *fault);

/* "alipay", "wechatpay". */
const char *wallet_provider_name(enum wallet_provider provider);

/* NULL when there is none of this serial number that is valid now; any of an account that has no
 * serial numbers. `held` may be NULL. */
const char *wallet_public_pem(const struct wallet_account *account, const struct wallet_held *held,
                              const char *serial, int64_t now_ms);

/* The key of a certificate, under the name that its provider calls it by. */
void wallet_public_key_of(const struct wallet_certificate *certificate, const char *name,
                          struct wallet_public_key *ret);

/* Keeps one more; the oldest goes when there is no room. One of this serial number is replaced. */
void wallet_held_add(struct wallet_held *held, const struct wallet_public_key *key);
