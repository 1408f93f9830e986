/* SPDX-License-Identifier: Apache-2.0 */
/* The core: opening, the table of commands, MAC commands, refusals. */
#include "hsm/hsm.h"

#include "hsm/internal.h"
#include "lib/crypto/self_test.h"

void hsm_master_generate(const struct crypto *crypto, bool development,
                         struct hsm_master *ret_master)
{
    key_generate(crypto, KEY_AES256, KEY_USAGE_MASTER, &ret_master->key);
    transport_generate(crypto, &ret_master->transport);
    ret_master->development = development;
}

err hsm_master_derive(struct crypto *crypto, struct hsm_master *master)
{
    if (master->key.value.len == 0) return OK; /* they are there already */
    TRY(key_check_value(crypto, &master->key, master->kcv));
    return keyblock_own_keys(crypto, &master->key, &master->keys);
}

void hsm_master_wipe(struct hsm_master *master)
{
    secret_wipe_bytes(master, sizeof *master);
}

err hsm_open(const struct hsm_config *config, const struct hsm_master *master, struct hsm **ret_hsm)
{
    ENSURE(master->keys.encryption.value.len > 0 ||
           (master->key.usage == KEY_USAGE_MASTER && master->key.algorithm == KEY_AES256));
    if (master->development && !config->development) return ERR(CONFIG);
    struct hsm *hsm = secret_memory(sizeof *hsm);
    if (hsm == NULL) return ERR(NO_MEMORY);
    err opened = crypto_open(config->random, &hsm->crypto);
    hsm->master = *master;
    if (!FAILED(opened)) opened = crypto_self_test(&hsm->crypto, NULL);
    if (!FAILED(opened)) opened = hsm_master_derive(&hsm->crypto, &hsm->master);
    key_wipe(&hsm->master.key); /* the two derived ones do from here on */
    if (FAILED(opened)) {
        hsm_close(hsm);
        return opened;
    }
    hsm->log = config->log;
    hsm->development = config->development;
    hsm->audit = config->audit;
    hsm_cache_init(&hsm->cache, &config->random);
    *ret_hsm = hsm;
    return OK;
}

void hsm_close(struct hsm *hsm)
{
    if (hsm == NULL) return;
    hsm_wallets_close(hsm);
    crypto_close(&hsm->crypto);
    secret_memory_free(hsm); /* wipes */
}

struct hsm_counts hsm_counts(const struct hsm *hsm)
{
    return (struct hsm_counts){hsm->commands, hsm->refusals, hsm->cache.look_ups,
                               hsm->cache.misses};
}

enum hsm_status hsm_take_any_key(struct hsm *hsm, struct bytes block, const struct key **ret_key)
{
    err e = hsm_cache_key(&hsm->cache, &hsm->crypto, &hsm->master.keys, block, ret_key);
    if (!FAILED(e)) return HSM_OK;
    return e.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_KEY_BLOCK;
}

enum hsm_status hsm_take_key(struct hsm *hsm, struct bytes block, enum key_usage usage,
                             enum key_algorithm algorithm, const struct key **ret_key)
{
    const struct key *key;
    HSM_TRY(hsm_take_any_key(hsm, block, &key));
    if (key->usage != usage || key->algorithm != algorithm) return HSM_WRONG_USAGE;
    *ret_key = key;
    return HSM_OK;
}

static enum hsm_status do_status(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                 struct writer *response)
{
    if (FAILED(reader_finish(r))) return HSM_BAD_REQUEST;
    const struct hsm_status_answer answer = {
        .development = hsm->development,
        .master_kcv = BYTES_OF(hsm->master.kcv),
        .hsm_public = BYTES_OF(hsm->master.transport.public_key),
        .commands = hsm->commands,
    };
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_status_answer(response, &answer);
    return HSM_OK;
}

/*
 * The key of a MAC command and the algorithm that goes with it: a terminal's key has that of its
 * suite, a zone key always CMAC.
 */
static enum hsm_status mac_key(struct hsm *hsm, const struct hsm_mac *m, const struct key **ret_key,
                               enum mac_algorithm *ret_algorithm)
{
    const struct hsm_suite_row *suite = hsm_suite_row(m->suite);
    if (suite == NULL) return HSM_BAD_REQUEST;
    *ret_algorithm = suite->mac_algorithm;
    enum hsm_status status = hsm_take_key(hsm, m->key, KEY_USAGE_MAC, suite->mac, ret_key);
    if (status != HSM_WRONG_USAGE) return status;
    *ret_algorithm = MAC_AES_CMAC_8;
    return hsm_take_key(hsm, m->key, KEY_USAGE_ZONE_MAC, KEY_AES128, ret_key);
}

enum hsm_status hsm_do_mac_make(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                struct writer *response)
{
    struct hsm_mac m;
    if (FAILED(hsm_read_mac(r, &m)) || m.mac.len != 0) return HSM_BAD_REQUEST;
    const struct key *key;
    enum mac_algorithm algorithm;
    uint8_t mac[MAC_MAX];
    HSM_TRY(mac_key(hsm, &m, &key, &algorithm));
    HSM_TRY(hsm_cipher_status(mac_generate(&hsm->crypto, algorithm, key, m.data, mac)));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_bytes(response, bytes_of(mac, mac_length(algorithm)));
    return HSM_OK;
}

enum hsm_status hsm_do_mac_check(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                 struct writer *response)
{
    struct hsm_mac m;
    if (FAILED(hsm_read_mac(r, &m))) return HSM_BAD_REQUEST;
    const struct key *key;
    enum mac_algorithm algorithm;
    HSM_TRY(mac_key(hsm, &m, &key, &algorithm));
    err verdict = mac_verify(&hsm->crypto, algorithm, key, m.data, m.mac);
    if (verdict.code == ERR_MAC) return HSM_BAD_MAC;
    HSM_TRY(hsm_cipher_status(verdict));
    hsm_write_answer(response, header, HSM_OK);
    return HSM_OK;
}

static enum hsm_status do_audit(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                struct writer *response)
{
    if (FAILED(reader_finish(r))) return HSM_BAD_REQUEST;
    if (hsm->audit == NULL) return HSM_NOT_ALLOWED;
    const struct hsm_audit_answer answer = {hsm->audit->chain.entries,
                                            BYTES_OF(hsm->audit->chain.last)};
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_audit_answer(response, &answer);
    return HSM_OK;
}

enum hsm_status hsm_audit_key(struct hsm *hsm, const char *event, const struct key *key)
{
    if (hsm->audit == NULL) return HSM_OK;
    uint8_t kcv[KEY_CHECK_BYTES];
    HSM_TRY(hsm_cipher_status(key_check_value(&hsm->crypto, key, kcv)));
    return hsm_cipher_status(
        hsm_audit_write(hsm->audit, event, "%s %s kcv %02X%02X%02X%02X", key_usage_text(key->usage),
                        key_algorithm_text(key->algorithm), kcv[0], kcv[1], kcv[2], kcv[3]));
}

static const struct {
    const char *name;
    hsm_do *run;
} commands[] = {
    [HSM_STATUS] = {"status", do_status},
    [HSM_MAKE_KEY] = {"make_key", hsm_do_make_key},
    [HSM_IMPORT_KEY] = {"import_key", hsm_do_import_key},
    [HSM_SIGN_IN] = {"sign_in", hsm_do_sign_in},
    [HSM_ACCEPT] = {"accept", hsm_do_accept},
    [HSM_MAC_MAKE] = {"mac_make", hsm_do_mac_make},
    [HSM_MAC_CHECK] = {"mac_check", hsm_do_mac_check},
    [HSM_RECOVERY] = {"recovery", hsm_do_recovery},
    [HSM_PEPPER] = {"pepper", hsm_do_pepper},
    [HSM_ANCHOR] = {"anchor", hsm_do_anchor},
    [HSM_TRANSLATE_PIN] = {"translate_pin", hsm_do_translate_pin},
    [HSM_VERIFY_PIN] = {"verify_pin", hsm_do_verify_pin},
    [HSM_CMAC] = {"cmac", hsm_do_cmac},
    [HSM_DUKPT_DERIVE] = {"dukpt_derive", hsm_do_dukpt_derive},
    [HSM_DUKPT_MAC] = {"dukpt_mac", hsm_do_dukpt_mac},
    [HSM_DUKPT_CARD] = {"dukpt_card", hsm_do_dukpt_card},
    [HSM_INITIAL_KEY] = {"initial_key", hsm_do_initial_key},
    [HSM_CVV_CHECK] = {"cvv_check", hsm_do_cvv_check},
    [HSM_BLOCK_IMPORT] = {"block_import", hsm_do_block_import},
    [HSM_AUDIT] = {"audit", do_audit},
    [HSM_ACCEPT_SERIAL] = {"accept_serial", hsm_do_accept_serial},
    [HSM_INITIAL_BLOCK] = {"initial_block", hsm_do_initial_block},
    [HSM_WALLET_KEY] = {"wallet_key", hsm_do_wallet_key},
    [HSM_WALLET_SIGN] = {"wallet_sign", hsm_do_wallet_sign},
    [HSM_WALLET_CHECK] = {"wallet_check", hsm_do_wallet_check},
    [HSM_WALLET_OPEN] = {"wallet_open", hsm_do_wallet_open},
    [HSM_WALLET_HIDE] = {"wallet_hide", hsm_do_wallet_hide},
    [HSM_WALLET_SHOW] = {"wallet_show", hsm_do_wallet_show},
    [HSM_DOCUMENT_KEY] = {"document_key", hsm_do_document_key},
    [HSM_DOCUMENT_SIGN] = {"document_sign", hsm_do_document_sign},
    [HSM_AUTHORITY_SEAL] = {"authority_seal", hsm_do_authority_seal},
    [HSM_RENEW] = {"renew", hsm_do_renew},
    [HSM_COMMAND_MAC] = {"command_mac", hsm_do_command_mac},
    [HSM_RESTORE] = {"restore", hsm_do_restore},
    [HSM_ZONE_KEYS] = {"zone_keys", hsm_do_zone_keys},
};

static const char *command_name(uint8_t command)
{
    bool known = command < ARRAY_LEN(commands) && commands[command].run != NULL;
    return known ? commands[command].name : "unknown";
}

/*
 * A key block that does not open, or is for something else, stands in audit.log: a few a minute,
 * for it is the asker who decides how often it comes. A log that cannot be written makes no refusal
 * an answer.
 */
static void note_block(struct hsm *hsm, struct hsm_header header, enum hsm_status status)
{
    if (status != HSM_BAD_KEY_BLOCK && status != HSM_WRONG_USAGE) return;
    if (hsm->audit == NULL) return;
    int64_t minute = clock_now_ms(&hsm->audit->clock) / 60000;
    if (minute != hsm->refused_minute) hsm->refused = 0;
    hsm->refused_minute = minute;
    if (++hsm->refused > HSM_REFUSED_A_MINUTE) return;
    err noted = hsm_audit_write(hsm->audit, "block_refused", "%s: %s", command_name(header.command),
                                hsm_status_text(status));
    if (FAILED(noted)) log_event(hsm->log, LOG_ERROR, "audit_failed", LOG_ERR(noted));
}

static void refuse(struct hsm *hsm, struct hsm_header header, enum hsm_status status,
                   struct writer *response)
{
    hsm->refusals++;
    note_block(hsm, header, status);
    log_event(hsm->log, status == HSM_FAILED ? LOG_ERROR : LOG_WARN, "refused",
              LOG_TEXT("command", command_name(header.command)), LOG_INT("id", header.id),
              LOG_INT("status", status), LOG_TEXT("reason", hsm_status_text(status)));
    hsm_write_answer(response, header, status);
}

err hsm_execute(struct hsm *hsm, struct bytes request, struct writer *response)
{
    struct reader r = reader_over(request);
    struct hsm_header header = {0};
    size_t start = response->len;
    hsm->commands++;
    enum hsm_status status = HSM_BAD_REQUEST;
    bool readable = request.len <= HSM_FRAME_MAX && !FAILED(hsm_read_header(&r, &header));
    if (readable && header.command < ARRAY_LEN(commands) && commands[header.command].run != NULL)
        status = commands[header.command].run(hsm, &r, header, response);
    if (status != HSM_OK) {
        ENSURE(response->len == start); /* a refused command has answered nothing */
        refuse(hsm, header, status, response);
    }
    return (err){response->fault};
}
