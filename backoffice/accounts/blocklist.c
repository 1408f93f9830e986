/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Additions to the blocklist for the passwords of consoles: the file that the vaults take too, by
 * the same rules (lib/auth/blocklist_file.h), and what is kept of it with each decision.
 */
#include "backoffice/accounts/choice.h"

const struct blocklist *choice_blocklist(const struct backoffice *b)
{
    return b->blocklist != NULL ? b->blocklist : blocklist_builtin();
}

static void write_version(const struct backoffice *b, struct writer *w)
{
    write_format(w, "blocklist %u", blocklist_version(choice_blocklist(b)));
}

err choice_note(const struct backoffice *b, struct store_tx *tx, const struct account *account,
                int64_t now_ms)
{
    char subject[ACCOUNT_SUBJECT_MAX], version[24];
    struct writer w = writer_over(version, sizeof version);
    account_subject(account, subject);
    write_version(b, &w);
    return audit_append(tx, &(struct audit_entry){now_ms, BYTES("backoffice"),
                                                  BYTES("password_accepted"), bytes_text(subject),
                                                  writer_view(&w)});
}

static err note(struct backoffice *b, struct store_tx *tx, const char *event, struct bytes detail)
{
    return audit_append(tx, &(struct audit_entry){backoffice_now_ms(b), BYTES("backoffice"),
                                                  bytes_text(event), BYTES("blocklist"), detail});
}

static err known_version(struct backoffice *b, uint32_t *ret_version)
{
    struct store_statement *s;
    bool row = false;
    TRY(store_statement(b->store, "SELECT version FROM blocklist_seen", &s));
    TRY(store_step(s, &row));
    *ret_version = row ? (uint32_t)store_read_int(s) : 0;
    err read = row ? store_read_finish(s) : ERR(CORRUPT);
    store_reset(s);
    return read;
}

static err remember(struct backoffice *b)
{
    char version[24];
    struct store_statement *s;
    struct writer w = writer_over(version, sizeof version);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    write_version(b, &w);
    TRY(store_begin(b->store, &tx));
    TRY(store_statement(b->store, "UPDATE blocklist_seen SET version = ?", &s));
    store_bind_int(s, blocklist_version(b->blocklist));
    TRY(store_run(s));
    TRY(note(b, &tx, "blocklist_loaded", writer_view(&w)));
    return store_commit(&tx);
}

static err refuse(struct backoffice *b, enum blocklist_fault fault)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(note(b, &tx, "blocklist_refused", bytes_text(blocklist_fault_word(fault))));
    return store_commit(&tx);
}

err backoffice_take_blocklist(struct backoffice *b, struct bytes file,
                              const uint8_t signer[POLICY_SIGNER_BYTES],
                              enum blocklist_fault *ret_fault)
{
    uint32_t known = 0;
    struct blocklist *taken = NULL;
    *ret_fault = BLOCKLIST_FAULT_NONE;
    TRY(known_version(b, &known));
    if (file.len == 0 && known == 0) return OK;
    err opened = blocklist_file_open(file, signer, known, &taken, ret_fault);
    if (opened.code == ERR_NO_MEMORY) return opened;
    if (FAILED(opened)) return refuse(b, *ret_fault);
    blocklist_file_close(b->blocklist);
    b->blocklist = taken;
    return blocklist_version(taken) > known ? remember(b) : OK;
}
