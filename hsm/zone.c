/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New keys for a zone: made here, by two people, for who has the set that is in use (S120). That
 * two people have said yes is decided by who asks, as for a backup (restore.c); that they are two,
 * and their names, stand in the audit log before a key leaves.
 */
#include "hsm/internal.h"
#include "lib/crypto/agreement.h"
#include "lib/wire/hsm_protocol_zone.h"

static const enum key_usage usages[HSM_ZONE_KEYS_EACH] = {KEY_USAGE_ZONE_PIN, KEY_USAGE_ZONE_MAC,
                                                          KEY_USAGE_ZONE_DATA};

/* One key on its way out. */
struct made {
    uint8_t block[KEYBLOCK_MAX], kcv[KEY_CHECK_BYTES];
    uint8_t sealed[TRANSPORT_OVERHEAD + 8 + TRANSPORT_LABEL_MAX + SECRET_MAX];
    size_t block_len, sealed_len;
};

static bool printable(struct bytes text, size_t max)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~') return false;
    return text.len > 0 && text.len <= max;
}

/* The set that is in use, whole, and of a zone. */
static enum hsm_status check_old(struct hsm *hsm, const struct hsm_zone_keys *m)
{
    const struct key *key;
    for (size_t i = 0; i < HSM_ZONE_KEYS_EACH; i++)
        HSM_TRY(hsm_take_key(hsm, m->block[i], usages[i], KEY_AES128, &key));
    return HSM_OK;
}

static enum hsm_status make(struct hsm *hsm, const struct hsm_zone_keys *m, enum key_usage usage,
                            struct made *made)
{
    CLEANUP(key_wipe) struct key key = {0};
    struct writer block = writer_over(made->block, sizeof made->block);
    struct writer sealed = writer_over(made->sealed, sizeof made->sealed);
    key_generate(&hsm->crypto, KEY_AES128, usage, &key);
    HSM_TRY(hsm_cipher_status(key_check_value(&hsm->crypto, &key, made->kcv)));
    HSM_TRY(
        hsm_cipher_status(keyblock_wrap_derived(&hsm->crypto, &hsm->master.keys, &key, &block)));
    if (FAILED(transport_seal_key(&hsm->crypto, &hsm->master.transport, m->recipient.at, &key,
                                  m->label, &sealed)))
        return HSM_BAD_REQUEST; /* a recipient's key that is none */
    made->block_len = block.len;
    made->sealed_len = sealed.len;
    return hsm_audit_key(hsm, "key_delivered", &key);
}

static enum hsm_status note(struct hsm *hsm, const struct hsm_zone_keys *m)
{
    log_event(hsm->log, LOG_INFO, "zone_keys_renewed", LOG_BYTES("label", m->label),
              LOG_BYTES("first", m->first), LOG_BYTES("second", m->second));
    if (hsm->audit == NULL) return HSM_OK;
    return hsm_cipher_status(
        hsm_audit_write(hsm->audit, "zone_keys_renewed", "%.*s by %.*s and %.*s", (int)m->label.len,
                        (const char *)m->label.at, (int)m->first.len, (const char *)m->first.at,
                        (int)m->second.len, (const char *)m->second.at));
}

enum hsm_status hsm_do_zone_keys(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                 struct writer *response)
{
    struct hsm_zone_keys m;
    struct made made[HSM_ZONE_KEYS_EACH];
    struct hsm_zone_keys_answer answer = {.hsm_public = BYTES_OF(hsm->master.transport.public_key)};
    if (FAILED(hsm_read_zone_keys(r, &m)) || m.recipient.len != TRANSPORT_KEY_BYTES ||
        !printable(m.label, TRANSPORT_LABEL_MAX))
        return HSM_BAD_REQUEST;
    if (!printable(m.first, HSM_ZONE_WHO_MAX) || !printable(m.second, HSM_ZONE_WHO_MAX) ||
        bytes_equal(m.first, m.second))
        return HSM_NOT_ALLOWED;
    HSM_TRY(check_old(hsm, &m));
    HSM_TRY(note(hsm, &m));
    for (size_t i = 0; i < HSM_ZONE_KEYS_EACH; i++) {
        HSM_TRY(make(hsm, &m, usages[i], &made[i]));
        answer.block[i] = bytes_of(made[i].block, made[i].block_len);
        answer.kcv[i] = BYTES_OF(made[i].kcv);
        answer.sealed[i] = bytes_of(made[i].sealed, made[i].sealed_len);
    }
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_zone_keys_answer(response, &answer);
    return HSM_OK;
}
