/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Additions to the blocklist, from a file of this device's directory (S22, CR-07): signed by the
 * key that signs the device's policies, and never older than one that was here before, also after
 * the file was taken away. What cannot be used is refused by its name and leaves what is compiled
 * in.
 */
#include "vault/state.h"

const struct blocklist *vault_blocklist(const struct vault *v)
{
    return v->blocklist != NULL ? v->blocklist : blocklist_builtin();
}

struct vault_note vault_blocklist_note(const struct vault *v)
{
    struct vault_note note = {""};
    struct writer w = writer_over(note.text, sizeof note.text - 1);
    write_format(&w, "blocklist %u", blocklist_version(vault_blocklist(v)));
    note.text[w.len] = '\0';
    return note;
}

static err known_version(struct vault *v, uint32_t *ret_version)
{
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store, "SELECT blocklist FROM device", &s));
    TRY(store_step(s, &found));
    *ret_version = found ? (uint32_t)store_read_int(s) : 0;
    err read = found ? store_read_finish(s) : OK;
    store_reset(s);
    return read;
}

/* Durable before it is used: whoever brings the older file later is found out. */
static err remember(struct vault *v, uint32_t version)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(store_statement(v->store, "UPDATE device SET blocklist = ?", &s));
    store_bind_int(s, version);
    TRY(store_run(s));
    TRY(vault_audit(v, &tx, NULL, "blocklist_loaded", v->device.model,
                    vault_blocklist_note(v).text));
    return store_commit(&tx);
}

err vault_take_blocklist(struct vault *v, struct bytes file, enum blocklist_fault *ret_fault)
{
    uint32_t known = 0;
    struct blocklist *taken = NULL;
    *ret_fault = BLOCKLIST_FAULT_SIGNATURE; /* nobody's signature is trusted */
    TRY(known_version(v, &known));
    if (file.len == 0 && known == 0) {
        *ret_fault = BLOCKLIST_FAULT_NONE;
        return OK;
    }
    err opened = ERR(MAC);
    if (v->device.has_signer)
        opened = blocklist_file_open(file, v->device.policy_signer, known, &taken, ret_fault);
    if (opened.code == ERR_NO_MEMORY) return opened;
    if (FAILED(opened))
        return vault_audit_note(v, NULL, "blocklist_refused", v->device.model,
                                blocklist_fault_word(*ret_fault));
    blocklist_file_close(v->blocklist);
    v->blocklist = taken;
    return blocklist_version(taken) > known ? remember(v, blocklist_version(taken)) : OK;
}
