/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of the host (DV-11). Only the hsm can have made the MAC of one for this device, this
 * serial number, this kind and text; the vault takes each number once and goes only upwards, so a
 * command that is repeated, put out of order or meant for another device changes nothing. Taking
 * one is one transaction, with what it means for passwords.
 */
#include "vault/commands.h"
#include "lib/auth/token.h"
#include "lib/wire/device_parameters.h"
#include "lib/wire/vault_protocol_command.h"

static const char parameters_kind[] = "parameters";

/* The last that was taken. */
struct last {
    int64_t number;
    uint8_t mac[RECOVERY_PROOF_BYTES];
    size_t len;
};

static err read_last(struct vault *v, const char *query, struct last *ret)
{
    struct store_statement *s;
    struct last last = {0};
    bool found = false;
    TRY(store_statement(v->store, query, &s));
    TRY(store_step(s, &found));
    if (!found) return ERR(CORRUPT);
    last.number = store_read_int(s);
    last.len = store_read_blob_up_to(s, last.mac, sizeof last.mac);
    err read = store_read_finish(s);
    store_reset(s);
    if (!FAILED(read)) *ret = last;
    return read;
}

/* `query`: number and MAC of the last one of this stream. */
static err judge(struct vault *v, const struct vault_command_ask *ask, const char *query,
                 uint8_t *ret_verdict)
{
    struct last last;
    uint8_t mac[RECOVERY_PROOF_BYTES];
    const struct recovery_command command = {bytes_text(v->device.tid),
                                             bytes_text(v->device.serial),
                                             ask->kind,
                                             ask->text,
                                             ask->nonce,
                                             ask->number};
    *ret_verdict = VAULT_COMMAND_FORGED;
    err made = recovery_command_mac(&v->crypto, &v->secrets->recovery, &command, mac);
    if (made.code == ERR_LENGTH || made.code == ERR_RANGE) return OK;
    TRY(made);
    if (ask->number > INT64_MAX || !secret_equal(BYTES_OF(mac), ask->mac)) return OK;
    TRY(read_last(v, query, &last));
    if ((int64_t)ask->number > last.number) *ret_verdict = VAULT_COMMAND_TAKEN;
    else if ((int64_t)ask->number == last.number && last.len == sizeof mac &&
             secret_equal(BYTES_OF(mac), BYTES_OF(last.mac)))
        *ret_verdict = VAULT_COMMAND_BEFORE;
    else *ret_verdict = VAULT_COMMAND_OLD;
    return OK;
}

/* Whom a command names chooses a new password at the next log-in; nobody stays in meanwhile. The
 * text is two digits, or empty for all. */
static err force_passwords(struct vault *v, struct bytes text)
{
    struct store_statement *s;
    bool one = text.len == 2 && bytes_all_digits(text);
    if (text.len != 0 && !one) return OK; /* names nobody */
    TRY(store_statement(
        v->store, "UPDATE operator SET forced = 1 WHERE (?1 < 0 OR id = ?1) AND record <> ''", &s));
    store_bind_int(s, one ? 10 * (text.at[0] - '0') + text.at[1] - '0' : -1);
    TRY(store_run(s));
    v->session = (struct vault_session){0};
    v->right = (struct vault_right){0};
    v->pending = (struct vault_pending){0};
    return OK;
}

static err put_last(struct vault *v, const struct vault_command_ask *ask, bool wipe)
{
    struct store_statement *s;
    TRY(store_statement(
        v->store, "UPDATE device SET command_number = ?, command_mac = ?, wipe = max(wipe, ?)",
        &s));
    store_bind_int(s, (int64_t)ask->number);
    store_bind_blob(s, ask->mac);
    store_bind_int(s, wipe);
    return store_run(s);
}

static err take(struct vault *v, const struct vault_command_ask *ask)
{
    char kind[RECOVERY_KIND_MAX + 1];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(bytes_to_text(ask->kind, kind, sizeof kind));
    TRY(store_begin(v->store, &tx));
    TRY(put_last(v, ask, strcmp(kind, "wipe") == 0));
    if (strcmp(kind, "passwords") == 0) TRY(force_passwords(v, ask->text));
    TRY(vault_audit(v, &tx, NULL, "command_taken", v->device.tid, kind));
    return store_commit(&tx);
}

err vault_run_command_check(struct vault *v, struct reader *request, struct writer *answer,
                            enum vault_status *status)
{
    struct vault_command_ask ask;
    struct vault_command_said said = {.verdict = VAULT_COMMAND_FORGED};
    if (FAILED(vault_read_command_ask(request, &ask)))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->secrets->has_recovery) return vault_refuse(status, VAULT_NOT_READY);
    /* What proves parameters is no command, whatever the terminal program says. */
    if (!bytes_equal(ask.kind, bytes_text(parameters_kind)))
        TRY(judge(v, &ask, "SELECT command_number, command_mac FROM device", &said.verdict));
    if (said.verdict == VAULT_COMMAND_TAKEN) TRY(take(v, &ask));
    else if (said.verdict != VAULT_COMMAND_BEFORE)
        TRY(vault_audit_note(v, NULL, "command_refused", v->device.tid,
                             said.verdict == VAULT_COMMAND_OLD ? "old" : "forged"));
    vault_write_command_said(answer, &said);
    return OK;
}

/* ---- parameters ---- */

static err take_parameters(struct vault *v, const struct vault_command_ask *ask)
{
    struct store_statement *s;
    char number[24];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct writer w = writer_over((uint8_t *)number, sizeof number - 1);
    write_decimal(&w, ask->number, 1);
    number[w.len] = '\0';
    TRY(store_begin(v->store, &tx));
    TRY(store_statement(v->store, "UPDATE device SET parameters_number = ?, parameters_mac = ?",
                        &s));
    store_bind_int(s, (int64_t)ask->number);
    store_bind_blob(s, ask->mac);
    TRY(store_run(s));
    TRY(vault_audit(v, &tx, NULL, "parameters_taken", v->device.tid, number));
    return store_commit(&tx);
}

/* The same judgement with numbers of its own; what is proved is the digest of the document. */
err vault_run_parameters_check(struct vault *v, struct reader *request, struct writer *answer,
                               enum vault_status *status)
{
    struct vault_command_ask ask;
    struct vault_command_said said = {.verdict = VAULT_COMMAND_FORGED};
    uint8_t digest[TOKEN_HASH_BYTES], hex[DEVICE_PARAMETERS_DIGEST];
    struct writer w = writer_over(hex, sizeof hex);
    if (FAILED(vault_read_command_ask(request, &ask)) || ask.text.len > DEVICE_PARAMETERS_MAX ||
        !bytes_equal(ask.kind, bytes_text(parameters_kind)))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->secrets->has_recovery) return vault_refuse(status, VAULT_NOT_READY);
    token_digest("tongbao parameters v1", ask.text, digest);
    write_hex(&w, BYTES_OF(digest));
    ask.text = writer_view(&w);
    TRY(judge(v, &ask, "SELECT parameters_number, parameters_mac FROM device", &said.verdict));
    if (said.verdict == VAULT_COMMAND_TAKEN) TRY(take_parameters(v, &ask));
    else if (said.verdict != VAULT_COMMAND_BEFORE)
        TRY(vault_audit_note(v, NULL, "parameters_refused", v->device.tid,
                             said.verdict == VAULT_COMMAND_OLD ? "old" : "forged"));
    vault_write_command_said(answer, &said);
    return OK;
}

err vault_run_wipe(struct vault *v, struct reader *request, struct writer *answer,
                   enum vault_status *status)
{
    int64_t wanted = 0;
    (void)answer;
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    TRY(store_query_int(v->store, "SELECT max(wipe) FROM device", &wanted));
    if (wanted == 0) return vault_refuse(status, VAULT_NOT_ALLOWED);
    return vault_respond(v, VAULT_TAMPER_WIPED);
}
