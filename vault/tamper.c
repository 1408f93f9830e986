/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tampering (DV-07, S70). Something is noticed: by an input, or by us of the clock. Then
 *
 *   1. all of guarded memory is wiped: device key, working, master and recovery keys, identity,
 *      pepper, panel, card, what was typed. From here on no command but STATUS and TLS_CERTIFICATES
 *      is answered, whatever the disk does;
 *   2. the device key is overwritten where it lies, so that nothing sealed in vault.db opens again;
 *   3. vault.db loses its sealed secrets and every record of a password, and says what happened.
 *
 * After a power cut before 2 the inputs still say what they noticed, and it all begins again at
 * start. After 2 or 3 either one alone keeps the device in this state. A disk that refuses is asked
 * again at every look. There is no way back: the device is provisioned anew, in a new directory.
 *
 * A wrong device key at start, and a store that is older than its counter, are not answered so:
 * they are what a clumsy restoring of files looks like, and the first opens nothing, the second
 * costs all tries (epoch.c). Both can be mended.
 */
#include "vault/commands.h"

enum {
    CLOCK_HOLDS_MS = 600000, /* a time of day that held for so long was meant */
    CLOCK_STEP_MS = 60000,   /* less is a clock being trimmed */
    CLOCK_BACK_MS = 86400000,
};

/* A device asleep over the longest holidays is not noticed, nor one that comes out of a drawer. */
#define CLOCK_AHEAD_MS (INT64_C(400) * 86400000)
/* Before 2025 a clock has not been set at all, and may go ahead as far as it must. */
#define CLOCK_LEAST_MS INT64_C(1735689600000)

/*
 * Set back, while we run, beyond a time that held; or set far ahead. At start nothing is said: a
 * flat battery of the clock is no attack, and the terminal refuses to start with such a clock
 * (E102).
 */
static bool clock_was_moved(struct vault *v)
{
    struct vault_clock_watch *watch = &v->clock_watch;
    int64_t now = clock_now_ms(&v->config.clock);
    int64_t monotonic = clock_monotonic_us(&v->config.clock) / 1000, offset = now - monotonic;
    int64_t step = offset - watch->offset_ms;
    bool was_set = watch->begun && monotonic + watch->offset_ms >= CLOCK_LEAST_MS;
    bool moved = (was_set && step > CLOCK_AHEAD_MS) ||
                 (watch->held_ms > 0 && now < watch->held_ms - CLOCK_BACK_MS);
    if (!watch->begun || step > CLOCK_STEP_MS || step < -CLOCK_STEP_MS) {
        watch->begun = true;
        watch->offset_ms = offset;
        watch->since_ms = monotonic;
    }
    if (monotonic - watch->since_ms >= CLOCK_HOLDS_MS && now > watch->held_ms) watch->held_ms = now;
    return moved;
}

static uint8_t noticed(struct vault *v)
{
    const struct vault_tamper_port *port = &v->config.tamper;
    uint8_t kind = VAULT_TAMPER_NONE;
    if (port->poll != NULL && FAILED(port->poll(port->context, &kind))) kind = VAULT_TAMPER_NONE;
    ENSURE(kind < VAULT_TAMPERS);
    if (kind == VAULT_TAMPER_NONE && port->watch_clock && clock_was_moved(v))
        kind = VAULT_TAMPER_CLOCK;
    return kind;
}

static void wipe_memory(struct vault *v)
{
    vault_chip_forget(v); /* a card in the slot loses its power */
    secret_wipe_bytes(v->secrets, sizeof *v->secrets);
    secret_wipe_bytes(v->body, sizeof v->body);
    v->session = (struct vault_session){0};
    v->right = (struct vault_right){0};
    v->pending = (struct vault_pending){0};
    v->pairing = (struct vault_pairing){0};
    v->entering = (struct vault_entering){0};
    v->recovery_approved = v->card_armed = false;
    v->shown_minor = 0;
}

static err mark_store(struct vault *v)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct store_statement *s;
    TRY(store_begin(v->store, &tx));
    TRY(store_statement(v->store, "UPDATE device SET tampered = ?", &s));
    store_bind_int(s, v->tampering.kind);
    TRY(store_run(s));
    TRY(store_exec(v->store, "DELETE FROM secret; DELETE FROM history; DELETE FROM challenge;"
                             "DELETE FROM restored;"
                             "UPDATE operator SET record = '', duress = '', decoy = ''"));
    TRY(vault_audit(v, &tx, NULL, "tampered", v->device.tid, vault_tamper_word(v->tampering.kind)));
    return store_commit(&tx);
}

static void report(const struct vault *v, const char *event, err e)
{
    if (v->config.log != NULL)
        log_event(v->config.log, LOG_ERROR, event,
                  LOG_TEXT("noticed", vault_tamper_word(v->tampering.kind)), LOG_ERR(e));
}

/* CRASHED alone: what else fails is tried again. */
static err erase_key(struct vault *v)
{
    const struct vault_tamper_port *port = &v->config.tamper;
    if (v->tampering.key_erased) return OK;
    err erased = port->erase != NULL ? port->erase(port->context, v->tampering.kind) : OK;
    if (FAILED(erased)) report(v, "key_not_erased", erased);
    v->tampering.key_erased = !FAILED(erased);
    return erased.code == ERR_CRASHED ? erased : OK;
}

/* Steps 2 and 3, as far as they are not done; what fails is tried again at the next look. */
static err erase_disk(struct vault *v)
{
    TRY(erase_key(v));
    if (v->tampering.marked) return OK;
    err marked = mark_store(v);
    v->tampering.marked = !FAILED(marked);
    if (!FAILED(marked)) return OK;
    report(v, "tampering_not_marked", marked);
    if (marked.code == ERR_CRASHED) return marked;
    TRY(store_reopen(v->store));
    return vault_load(v);
}

err vault_respond(struct vault *v, uint8_t kind)
{
    if (v->tampering.kind == VAULT_TAMPER_NONE) {
        wipe_memory(v);
        v->tampering.kind = v->device.tampered = kind;
        report(v, "tampered", OK);
    }
    return erase_disk(v);
}

err vault_watch(struct vault *v)
{
    if (v->tampering.key_erased && v->tampering.marked) return OK;
    uint8_t kind = v->tampering.kind != VAULT_TAMPER_NONE ? v->tampering.kind : noticed(v);
    return kind != VAULT_TAMPER_NONE ? vault_respond(v, kind) : vault_self_check(v);
}

err vault_tamper_begin(struct vault *v)
{
    TRY(vault_device_read(v, &v->device));
    uint8_t marked = v->device.tampered, erased = v->config.tamper.erased_kind;
    v->tampering.key_erased = erased != VAULT_TAMPER_NONE;
    v->tampering.marked = marked != VAULT_TAMPER_NONE;
    if (marked != VAULT_TAMPER_NONE) return vault_respond(v, marked);
    if (erased != VAULT_TAMPER_NONE) return vault_respond(v, erased);
    uint8_t kind = noticed(v);
    return kind != VAULT_TAMPER_NONE ? vault_respond(v, kind) : OK;
}
