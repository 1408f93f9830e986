/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup is opened for another device (S124): its data key, which the device that wrote it has
 * wrapped for this hsm, is wrapped again for the vault that has asked. The key is in the clear for
 * that moment and leaves no other way. That the vault is the one of this terminal number is seen
 * here, by its recovery key; that two people have said yes is decided by who asks, and their names
 * stand in the log.
 */
#include <assert.h>

#include "hsm/internal.h"
#include "lib/crypto/backup_seal.h"
#include "lib/crypto/recovery.h"
#include "lib/wire/hsm_protocol_restore.h"

static_assert((int)RECOVERY_PUBLIC_BYTES == (int)TRANSPORT_KEY_BYTES, "the same keys");

static bool named(struct bytes who)
{
    return who.len > 0 && who.len <= HSM_RESTORE_WHO_MAX;
}

/* Has the vault of this key asked for this bundle, with this public key? */
static enum hsm_status check_asker(struct hsm *hsm, const struct hsm_restore *m, struct bytes label)
{
    const struct key *key;
    uint8_t mac[RECOVERY_PROOF_BYTES];
    const struct recovery_restore asked = {m->tid, label, m->nonce, m->public_key};
    HSM_TRY(hsm_take_key(hsm, m->key, KEY_USAGE_RECOVERY, KEY_HMAC_SHA256, &key));
    err made = recovery_restore_mac(&hsm->crypto, key, &asked, mac);
    if (made.code == ERR_LENGTH) return HSM_BAD_REQUEST;
    HSM_TRY(hsm_cipher_status(made));
    return secret_equal(BYTES_OF(mac), m->mac) ? HSM_OK : HSM_BAD_MAC;
}

/* From the one wrap to the other. */
static enum hsm_status wrap_again(struct hsm *hsm, const struct hsm_restore *m, struct bytes label,
                                  struct writer *grant)
{
    CLEANUP(backup_key_wipe) struct backup_key key = {{0}};
    char block[BACKUP_GRANT_LABEL_MAX];
    struct writer granted = writer_over(block, sizeof block);
    if (FAILED(backup_key_unwrap(&hsm->master.transport, m->sender, label, m->wrapped, &key)))
        return HSM_BAD_ENVELOPE;
    backup_grant_label(label, m->nonce, &granted);
    ENSURE(granted.fault == ERR_OK);
    return FAILED(backup_key_wrap(&hsm->crypto, &hsm->master.transport, m->public_key.at,
                                  writer_view(&granted), &key, grant))
               ? HSM_BAD_REQUEST /* a public key that is none */
               : HSM_OK;
}

static enum hsm_status note(struct hsm *hsm, const struct hsm_restore *m, struct bytes label)
{
    log_event(hsm->log, LOG_INFO, "backup_opened", LOG_BYTES("tid", m->tid),
              LOG_BYTES("bundle", label), LOG_BYTES("first", m->first),
              LOG_BYTES("second", m->second));
    if (hsm->audit == NULL) return HSM_OK;
    return hsm_cipher_status(hsm_audit_write(hsm->audit, "backup_opened", "%.*s for %.*s",
                                             (int)label.len, (const char *)label.at,
                                             (int)m->tid.len, (const char *)m->tid.at));
}

static bool printable(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~') return false;
    return text.len > 0;
}

enum hsm_status hsm_do_restore(struct hsm *hsm, struct reader *r, struct hsm_header header,
                               struct writer *response)
{
    struct hsm_restore m;
    char block[BACKUP_LABEL_MAX];
    uint8_t wrapped[BACKUP_WRAPPED_BYTES];
    struct writer label = writer_over(block, sizeof block);
    struct writer grant = writer_over(wrapped, sizeof wrapped);
    if (FAILED(hsm_read_restore(r, &m))) return HSM_BAD_REQUEST;
    if (!named(m.first) || !named(m.second) || bytes_equal(m.first, m.second))
        return HSM_NOT_ALLOWED;
    backup_label(m.serial, m.number, &label);
    if (label.fault != ERR_OK || !printable(m.serial) || !printable(m.tid)) return HSM_BAD_REQUEST;
    HSM_TRY(check_asker(hsm, &m, writer_view(&label)));
    HSM_TRY(wrap_again(hsm, &m, writer_view(&label), &grant));
    HSM_TRY(note(hsm, &m, writer_view(&label)));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_bytes(response, writer_view(&grant));
    return HSM_OK;
}
