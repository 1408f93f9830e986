/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup that nobody here has the key of (S124): the vault asks the host's hsm to open it. It
 * says which bundle, draws a nonce, and proves with its recovery key that the public key beside it
 * is its own; whether it shall have it is decided by two people of the desk. What comes back is
 * sealed to this vault under the bundle's label and that nonce (lib/crypto/backup_seal.h).
 *
 * The nonce is kept: who asks again for the same bundle, after a power cut or while the desk looks,
 * has asked the same thing. It ends with the restore, so a grant is used once.
 */
#include "lib/crypto/recovery.h"
#include "vault/backup.h"
#include "vault/state.h"

enum { NONCE = RECOVERY_NONCE_BYTES };

/* What is asked for; `len` 0: nothing. */
struct asked {
    uint8_t nonce[NONCE];
    size_t len;
    char label[BACKUP_LABEL_MAX + 1];
};

static err read_asked(struct vault *v, struct asked *ret)
{
    struct store_statement *s;
    struct asked asked = {.len = 0};
    bool found = false;
    TRY(store_statement(v->store, "SELECT restore_nonce, restore_label FROM device", &s));
    TRY(store_step(s, &found));
    if (!found) return ERR(CORRUPT);
    asked.len = store_read_blob_up_to(s, asked.nonce, sizeof asked.nonce);
    store_read_text_into(s, asked.label, sizeof asked.label);
    err read = store_read_finish(s);
    store_reset(s);
    if (!FAILED(read)) *ret = asked;
    return read;
}

static bool is_for(const struct asked *asked, struct bytes label)
{
    return asked->len == NONCE && bytes_equal(bytes_text(asked->label), label);
}

err vault_restore_asked(struct vault *v, struct bytes label, struct writer *ret_label)
{
    struct asked asked;
    TRY(read_asked(v, &asked));
    if (!is_for(&asked, label)) return ERR(NOT_FOUND);
    backup_grant_label(label, BYTES_OF(asked.nonce), ret_label);
    return (err){ret_label->fault};
}

err vault_restore_asked_ends(struct vault *v)
{
    ENSURE(store_in_tx(v->store));
    return store_exec(v->store, "UPDATE device SET restore_nonce = x'', restore_label = ''");
}

/* Another bundle than before, or the first: another nonce. */
static err draw(struct vault *v, struct bytes label, struct asked *asked)
{
    struct vault_operator_name actor = vault_operator_name(v->session.operator_id);
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    random_fill(&v->config.random, asked->nonce, NONCE);
    asked->len = NONCE;
    TRY(bytes_to_text(label, asked->label, sizeof asked->label));
    TRY(store_begin(v->store, &tx));
    TRY(store_statement(v->store, "UPDATE device SET restore_nonce = ?, restore_label = ?", &s));
    store_bind_blob(s, BYTES_OF(asked->nonce));
    store_bind_text(s, label);
    TRY(store_run(s));
    TRY(vault_audit(v, &tx, actor.text, "restore_asked", v->device.tid, asked->label));
    return store_commit(&tx);
}

static err ask(struct vault *v, const struct backup_head *head, struct writer *answer)
{
    char block[BACKUP_LABEL_MAX];
    struct writer label = writer_over(block, sizeof block);
    struct asked asked;
    uint8_t mac[RECOVERY_PROOF_BYTES];
    backup_label(head->serial, head->number, &label);
    ENSURE(label.fault == ERR_OK);
    TRY(read_asked(v, &asked));
    if (!is_for(&asked, writer_view(&label))) TRY(draw(v, writer_view(&label), &asked));
    const struct recovery_restore restore = {bytes_text(v->device.tid), writer_view(&label),
                                             BYTES_OF(asked.nonce),
                                             BYTES_OF(v->secrets->transport.public_key)};
    TRY(recovery_restore_mac(&v->crypto, &v->secrets->recovery, &restore, mac));
    vault_write_restore_asked(answer,
                              &(struct vault_restore_asked){.nonce = restore.nonce,
                                                            .public_key = restore.public_key,
                                                            .mac = BYTES_OF(mac)});
    return OK;
}

/* Can it be opened so at all? */
static err judge(struct vault *v, struct bytes whole, struct backup_head *head,
                 uint8_t *ret_verdict)
{
    err read = backup_read_head(whole, head);
    *ret_verdict = read.code == ERR_NEWER ? VAULT_RESTORE_NEWER : VAULT_RESTORE_NO_BUNDLE;
    if (FAILED(read)) return OK;
    TRY(vault_restore_judge(v, head, ret_verdict));
    if (*ret_verdict != VAULT_RESTORE_OK) return OK;
    *ret_verdict = VAULT_RESTORE_NO_KEY;
    for (size_t i = 0; i < head->wraps; i++)
        if (head->wrap[i].kind == BACKUP_FOR_ACQUIRER) *ret_verdict = VAULT_RESTORE_OK;
    return OK;
}

err vault_run_restore_ask(struct vault *v, struct reader *request, struct writer *answer,
                          enum vault_status *status)
{
    struct backup_head head;
    struct bytes whole;
    uint8_t verdict;
    if (FAILED(vault_read_bytes(request, &whole))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->secrets->has_recovery || !v->device.has_hsm)
        return vault_refuse(status, VAULT_NOT_READY);
    TRY(judge(v, whole, &head, &verdict));
    if (verdict == VAULT_RESTORE_OK) return ask(v, &head, answer);
    vault_write_restore_asked(answer, &(struct vault_restore_asked){.verdict = verdict});
    return OK;
}
