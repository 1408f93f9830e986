/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and closing a vault, and the way of a command: header, table, state, handler. What a
 * command needs stands in its row, so no handler can forget to ask.
 */
#include "vault/vault.h"

#include <stdio.h>
#include <stdlib.h>

#include "vault/commands.h"
#include "vault/state.h"

enum needs {
    NEEDS_NOTHING = 0,
    NEEDS_DEVICE = 1,   /* provisioned */
    NEEDS_KEYS = 2,     /* signed in: working keys are here */
    NEEDS_CHANGED = 4,  /* S33: refused while a password waits to be changed */
    NEEDS_TRADER = 8,   /* S48: refused while somebody is logged in who is no cashier */
    NEEDS_MANAGER = 16, /* a supervisor or an administrator, whose own password is in order */
    NEEDS_SUPERVISOR = 32,
    NEEDS_ROOM = 64, /* hashes a password, which takes 19 MiB for a moment */
    ANSWERS_TAMPERED =
        128,           /* nothing secret is in it: answered after tampering and a failed test */
    FOR_UPDATER = 256, /* what starts the terminal program asks it, and the program cannot */
};

enum {
    NEEDS_TRADE = NEEDS_DEVICE | NEEDS_CHANGED | NEEDS_TRADER,
    NEEDS_PAYMENT = NEEDS_TRADE | NEEDS_KEYS,
};

static const struct {
    vault_command run;
    unsigned needs;
} commands[] = {
    [VAULT_STATUS] = {vault_run_status, ANSWERS_TAMPERED},
    [VAULT_TLS_CERTIFICATES] = {vault_run_certificates, NEEDS_DEVICE | ANSWERS_TAMPERED},
    [VAULT_PANEL_OPEN] = {vault_run_panel_open, NEEDS_NOTHING},
    [VAULT_ENTRY_BEGIN] = {vault_run_entry_begin, NEEDS_DEVICE},
    [VAULT_ENTRY_KEY] = {vault_run_entry_key, NEEDS_DEVICE},
    [VAULT_LOGIN] = {vault_run_login, NEEDS_DEVICE | NEEDS_ROOM},
    [VAULT_PASSWORD_SET] = {vault_run_password_set, NEEDS_DEVICE | NEEDS_ROOM},
    [VAULT_OPERATORS] = {vault_run_operators, NEEDS_DEVICE},
    [VAULT_KEYS_LOAD] = {vault_run_keys_load, NEEDS_DEVICE | NEEDS_CHANGED},
    [VAULT_CARD_ARM] = {vault_run_card_arm, NEEDS_TRADE},
    [VAULT_CARD_POLL] = {vault_run_card_poll, NEEDS_TRADE},
    [VAULT_CARD_ENVELOPE] = {vault_run_card_envelope, NEEDS_PAYMENT},
    [VAULT_PIN_BLOCK] = {vault_run_pin_block, NEEDS_PAYMENT},
    [VAULT_MAC_MAKE] = {vault_run_mac_make, NEEDS_DEVICE | NEEDS_KEYS},
    [VAULT_MAC_CHECK] = {vault_run_mac_check, NEEDS_DEVICE | NEEDS_KEYS},
    [VAULT_CARD_FORGET] = {vault_run_card_forget, NEEDS_NOTHING},
    [VAULT_OPERATOR_SET] = {vault_run_operator_set, NEEDS_DEVICE | NEEDS_MANAGER | NEEDS_ROOM},
    [VAULT_APPROVE] = {vault_run_approve, NEEDS_DEVICE | NEEDS_ROOM},
    [VAULT_POLICY_LOAD] = {vault_run_policy_load, NEEDS_DEVICE},
    [VAULT_POLICY_SHOW] = {vault_run_policy_show, NEEDS_DEVICE},
    [VAULT_RECOVERY_BEGIN] = {vault_run_recovery_begin, NEEDS_DEVICE},
    [VAULT_RECOVERY_FINISH] = {vault_run_recovery_finish, NEEDS_DEVICE | NEEDS_ROOM},
    [VAULT_DURESS_SET] = {vault_run_duress_set, NEEDS_DEVICE | NEEDS_CHANGED | NEEDS_ROOM},
    [VAULT_PAIR_BEGIN] = {vault_run_pair_begin, NEEDS_DEVICE | NEEDS_SUPERVISOR},
    [VAULT_PAIR_FINISH] = {vault_run_pair_finish, NEEDS_DEVICE | NEEDS_SUPERVISOR},
    [VAULT_PAIR_LIST] = {vault_run_pair_list, NEEDS_DEVICE},
    [VAULT_PAIR_REMOVE] = {vault_run_pair_remove, NEEDS_DEVICE | NEEDS_SUPERVISOR},
    [VAULT_APPROVAL_FINISH] = {vault_run_approval_finish, NEEDS_DEVICE},
    [VAULT_ANCHOR] = {vault_run_anchor, NEEDS_DEVICE},
    [VAULT_LOGOUT] = {vault_run_logout, NEEDS_NOTHING},
    [VAULT_PASSWORD_KEEP] = {vault_run_password_keep, NEEDS_DEVICE | NEEDS_CHANGED},
    [VAULT_CHIP_POLL] = {vault_run_chip_poll, NEEDS_TRADE},
    [VAULT_CHIP_ANSWER] = {vault_run_chip_answer, NEEDS_PAYMENT},
    [VAULT_CARD_MANUAL] = {vault_run_card_manual, NEEDS_TRADE},
    [VAULT_CARD_CODE] = {vault_run_card_code, NEEDS_TRADE},
    [VAULT_CARD_HOLD] = {vault_run_card_hold, NEEDS_TRADE},
    [VAULT_HELD_ENVELOPE] = {vault_run_held_envelope, NEEDS_DEVICE | NEEDS_KEYS},
    [VAULT_PARAMETERS_LOAD] = {vault_run_parameters_load, NEEDS_DEVICE},
    [VAULT_KEYS_NEXT] = {vault_run_keys_next, NEEDS_DEVICE | NEEDS_KEYS},
    [VAULT_REISSUE] = {vault_run_reissue, NEEDS_DEVICE | NEEDS_ROOM},
    [VAULT_TLS_VERIFY] = {vault_run_tls_verify, NEEDS_DEVICE},
    [VAULT_RECEIPT_SIGN] = {vault_run_receipt_sign, NEEDS_DEVICE},
    [VAULT_BACKUP_BEGIN] = {vault_run_backup_begin, NEEDS_DEVICE},
    [VAULT_BACKUP_PIECE] = {vault_run_backup_piece, NEEDS_DEVICE},
    [VAULT_BACKUP_END] = {vault_run_backup_end, NEEDS_DEVICE},
    [VAULT_RESTORE_BEGIN] = {vault_run_restore_begin, NEEDS_DEVICE},
    [VAULT_RESTORE_PIECE] = {vault_run_restore_piece, NEEDS_DEVICE},
    [VAULT_RESTORE_END] = {vault_run_restore_end, NEEDS_DEVICE},
    [VAULT_BACKUP_OWNER] = {vault_run_backup_owner, NEEDS_DEVICE},
    [VAULT_RENEW_ASK] = {vault_run_renew_ask, NEEDS_DEVICE},
    [VAULT_RENEW_TAKE] = {vault_run_renew_take, NEEDS_DEVICE},
    [VAULT_LAST_WORDS] = {vault_run_last_words, NEEDS_DEVICE | ANSWERS_TAMPERED},
    [VAULT_ACTIVATION_ASK] = {vault_run_activation_ask, NEEDS_NOTHING},
    [VAULT_ACTIVATE] = {vault_run_activate, NEEDS_ROOM},
    [VAULT_COMMAND_CHECK] = {vault_run_command_check, NEEDS_DEVICE},
    [VAULT_WIPE] = {vault_run_wipe, NEEDS_DEVICE},
    [VAULT_PARAMETERS_CHECK] = {vault_run_parameters_check, NEEDS_DEVICE},
    [VAULT_RESTORE_ASK] = {vault_run_restore_ask, NEEDS_DEVICE | NEEDS_SUPERVISOR | NEEDS_CHANGED},
    [VAULT_FLOOR] = {vault_run_floor, FOR_UPDATER | ANSWERS_TAMPERED},
};
static_assert(ARRAY_LEN(commands) == VAULT_COMMANDS, "a row for each command");

static void say(struct vault_fault *fault, const char *text, const char *more)
{
    if (fault != NULL) snprintf(fault->text, sizeof fault->text, "%s%s", text, more);
}

static err open_store(struct vault *v, struct vault_fault *fault)
{
    struct store_fault store_fault = {{0}};
    err opened = store_open(v->config.store_path, &v->config.store, &store_fault, &v->store);
    if (FAILED(opened)) {
        say(fault, store_fault.text, "");
        return opened;
    }
    err migrated = store_migrate(v->store, &vault_schema);
    if (!FAILED(migrated)) migrated = store_migrate(v->store, &audit_schema);
    if (FAILED(migrated)) say(fault, store_error_text(v->store), "");
    return migrated;
}

enum { CHECKPOINT_PAGES = 250 /* 1 MB of WAL: a day's log-ins and sign-ins */ };

static err open_parts(struct vault *v, struct vault_fault *fault)
{
    v->secrets = secret_memory(sizeof *v->secrets);
    if (v->secrets == NULL) {
        say(fault, "no locked memory for keys: raise RLIMIT_MEMLOCK (ulimit -l)", "");
        return ERR(NO_MEMORY);
    }
    memcpy(v->secrets->device_key, v->config.device_key.at, VAULT_DEVICE_KEY_BYTES);
    v->config.device_key = (struct bytes){0};
    err opened = crypto_open(v->config.random, &v->crypto);
    if (FAILED(opened)) {
        say(fault, "OpenSSL or libsodium lacks a cipher: install libssl3 and libsodium23 of Debian",
            "");
        return opened;
    }
    TRY(vault_self_test(v, fault));
    random_fill(&v->config.random, v->run, sizeof v->run);
    TRY(open_store(v, fault));
    TRY(vault_tamper_begin(v));
    err loaded = vault_load(v);
    if (loaded.code == ERR_KEY)
        say(fault, v->config.store_path,
            ": its secrets do not open under this device.key, which is another device's or damaged; "
            "restore the file, or provision the device anew");
    else if (FAILED(loaded)) say(fault, "vault.db cannot be read: ", err_text(loaded));
    TRY(loaded);
    err checked = vault_epoch_check(v);
    if (FAILED(checked)) say(fault, "device.counter: ", err_text(checked));
    return FAILED(checked) ? checked : vault_last_words_keep(v);
}

err vault_open(const struct vault_config *config, struct vault_fault *fault,
               struct vault **ret_vault)
{
    ENSURE(config->device_key.len == VAULT_DEVICE_KEY_BYTES);
    struct vault *v = calloc(1, sizeof *v);
    if (v == NULL) return ERR(NO_MEMORY);
    v->config = *config;
    if (v->config.pin_entries_an_hour == 0)
        v->config.pin_entries_an_hour = VAULT_PIN_ENTRIES_AN_HOUR;
    say(fault, "", "");
    err opened = open_parts(v, fault);
    if (FAILED(opened)) {
        if (fault != NULL && fault->text[0] == '\0') say(fault, err_text(opened), "");
        vault_close(v);
        return opened;
    }
    *ret_vault = v;
    return OK;
}

void vault_close(struct vault *vault)
{
    if (vault == NULL) return;
    store_checkpointer_stop(vault->checkpointer);
    vault_parameters_drop_parts(vault);
    free(vault->parameters);
    store_close(vault->store);
    crypto_close(&vault->crypto);
    blocklist_file_close(vault->blocklist);
    secret_memory_free(vault->secrets); /* wipes */
    secret_wipe_bytes(vault, sizeof *vault);
    free(vault);
}

err vault_start_checkpoints(struct vault *vault)
{
    ENSURE(vault->checkpointer == NULL);
    return store_checkpointer_start(vault->store, CHECKPOINT_PAGES, &vault->checkpointer);
}

const char *vault_serial(const struct vault *vault)
{
    return vault->device.serial;
}

bool vault_is_provisioned(const struct vault *vault)
{
    return vault->device.provisioned;
}

struct store *vault_store(struct vault *vault)
{
    return vault->store;
}

void vault_forget_session(struct vault *v)
{
    vault_entry_wipe(v, 0);
    vault_card_wipe(v);
    panel_channel_wipe(&v->secrets->panel);
    v->secrets->panel_open = false;
    v->session = (struct vault_session){0};
    v->right = (struct vault_right){0};
    v->pending = (struct vault_pending){0};
    v->pairing = (struct vault_pairing){0};
    v->recovery_approved = false;
    v->backup.writing = v->backup.reading = false;
    secret_wipe_bytes(&v->secrets->backup, sizeof v->secrets->backup);
    vault_parameters_drop_parts(v);
}

/* The needs that a session does not meet. Nobody logged in may what needs no session: after a
 * restart the terminal sends reversals, too. */
static unsigned unmet(const struct vault_session *session)
{
    if (!session->logged_in) return NEEDS_MANAGER | NEEDS_SUPERVISOR;
    unsigned needs = 0;
    if (session->must_change) needs |= NEEDS_CHANGED | NEEDS_MANAGER | NEEDS_SUPERVISOR;
    needs |= session->role == VAULT_ROLE_CASHIER ? NEEDS_MANAGER : NEEDS_TRADER;
    if (session->role != VAULT_ROLE_SUPERVISOR) needs |= NEEDS_SUPERVISOR;
    return needs;
}

static enum vault_status allowed(const struct vault *v, unsigned needs)
{
    bool tampered = v->device.tampered != VAULT_TAMPER_NONE;
    if (tampered && !(needs & ANSWERS_TAMPERED)) return VAULT_TAMPERED;
    if (v->self_check.failed && !(needs & ANSWERS_TAMPERED)) return VAULT_FAILED;
    if (needs & NEEDS_DEVICE && !v->device.provisioned) return VAULT_NOT_READY;
    if (needs & unmet(&v->session)) return VAULT_NOT_ALLOWED;
    if (needs & NEEDS_KEYS && !v->secrets->has_working) return VAULT_NOT_READY;
    return VAULT_OK;
}

/* A store that failed is opened again, and what it holds is what counts from now on. */
static err recover(struct vault *v)
{
    TRY(store_reopen(v->store));
    vault_entry_wipe(v, 0);
    return vault_load(v);
}

static err run(struct vault *v, uint8_t command, struct reader *request, struct writer *body,
               enum vault_status *ret_status)
{
    *ret_status = allowed(v, commands[command].needs);
    if (*ret_status != VAULT_OK) return OK;
    if (commands[command].needs & NEEDS_ROOM && v->config.make_room != NULL) v->config.make_room();
    err done = commands[command].run(v, request, body, ret_status);
    if (done.code == ERR_CRASHED) return done;
    if (FAILED(done) || body->fault != ERR_OK) {
        err failure = FAILED(done) ? done : (err){body->fault};
        if (v->config.log != NULL)
            log_event(v->config.log, LOG_ERROR, "command_failed", LOG_INT("command", command),
                      LOG_ERR(failure), LOG_TEXT("store", store_error_text(v->store)));
        *ret_status = VAULT_FAILED;
        return FAILED(done) ? recover(v) : OK;
    }
    return OK;
}

static err execute(struct vault *v, struct bytes request, unsigned asker, struct writer *response)
{
    TRY(vault_watch(v));
    struct reader r = reader_over(request);
    struct writer body = writer_over(v->body, sizeof v->body);
    enum vault_status status = VAULT_BAD_REQUEST;
    uint8_t command = 0;
    bool known = !FAILED(vault_read_header(&r, &command)) && command < ARRAY_LEN(commands) &&
                 commands[command].run != NULL && (commands[command].needs & FOR_UPDATER) == asker;
    if (known) TRY(run(v, command, &r, &body, &status));
    vault_write_answer(response, command, status);
    if (status == VAULT_OK) write_bytes(response, writer_view(&body));
    secret_wipe_bytes(v->body, body.len);
    return OK;
}

err vault_execute(struct vault *v, struct bytes request, struct writer *response)
{
    return execute(v, request, 0, response);
}

err vault_execute_for_updater(struct vault *v, struct bytes request, struct writer *response)
{
    return execute(v, request, FOR_UPDATER, response);
}
