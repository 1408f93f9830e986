/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Old copies (CR-18). Every try that is spent moves the epoch, in the store and, before anything is
 * compared, in a counter of its own beside the store, sealed under the device key. Who puts back a
 * vault.db from before his tries has a store that is behind the counter: all tries of everybody are
 * then spent, until somebody proves to the host who he is. The store moves first, so a power cut
 * between the two leaves it ahead, which is harmless.
 *
 * Who puts back both finds only the host in his way: it remembers the highest epoch it was told
 * (ANCHOR). Who can also keep the host away has tries again: this is software (SECURITY.md).
 *
 * Beside the epoch stands the version floor of the terminal's software: no version below it is
 * installed or started any more (update/slots.h). Raising it moves the epoch like a try, so that a
 * copy from before is an old one; and the floor that counts is the higher of the two, so that an
 * old vault.db takes nothing away.
 */
#include "lib/wire/vault_floor.h"
#include "vault/state.h"

enum { EPOCH_BYTES = 8, FLOOR_BYTES = 8, COUNTER_BYTES = EPOCH_BYTES + FLOOR_BYTES };
static_assert(VAULT_COUNTER_MAX == COUNTER_BYTES + SEALED_OVERHEAD, "epoch and floor, sealed");

static const char label[] = "vault device.counter";

static bool has_counter(const struct vault *v)
{
    return v->config.counter.write != NULL;
}

static err write_counter(struct vault *v, uint64_t epoch)
{
    uint8_t plain[COUNTER_BYTES], sealed[VAULT_COUNTER_MAX];
    if (!has_counter(v)) return OK;
    struct writer p = writer_over(plain, sizeof plain), w = writer_over(sealed, sizeof sealed);
    const struct sealed_secret key = {SEALED_BY_KEY, BYTES_OF(v->secrets->device_key)};
    write_be(&p, epoch, EPOCH_BYTES);
    write_be(&p, v->device.floor, FLOOR_BYTES);
    TRY(sealed_write(&v->crypto, &key, bytes_text(label), writer_view(&p), &w));
    return v->config.counter.write(v->config.counter.context, writer_view(&w));
}

/* NOT_FOUND: there is none. KEY: it is damaged, or another device's. */
static err read_counter(struct vault *v, uint64_t *ret_epoch, uint64_t *ret_floor)
{
    uint8_t plain[COUNTER_BYTES], sealed[VAULT_COUNTER_MAX];
    size_t len = 0;
    TRY(v->config.counter.read(v->config.counter.context, sealed, &len));
    struct writer w = writer_over(plain, sizeof plain);
    const struct sealed_secret key = {SEALED_BY_KEY, BYTES_OF(v->secrets->device_key)};
    err opened = sealed_read(&v->crypto, &key, bytes_text(label), bytes_of(sealed, len), &w);
    if (opened.code == ERR_CRYPTO) return opened;
    struct reader r = reader_over(writer_view(&w));
    uint64_t epoch = read_be(&r, EPOCH_BYTES);
    /* One of before there was a floor ends here. */
    uint64_t floor = w.len > EPOCH_BYTES ? read_be(&r, FLOOR_BYTES) : 0;
    if (FAILED(opened) || FAILED(reader_finish(&r))) return ERR(KEY);
    *ret_epoch = epoch;
    *ret_floor = floor;
    return OK;
}

static err put_epoch(struct vault *v, uint64_t epoch)
{
    struct store_statement *s;
    TRY(store_statement(v->store, "UPDATE device SET epoch = ?, floor = max(floor, ?)", &s));
    store_bind_int(s, (int64_t)epoch);
    store_bind_int(s, (int64_t)v->device.floor);
    TRY(store_run(s));
    return store_changes(v->store) == 1 ? OK : ERR(CORRUPT);
}

err vault_epoch_advance(struct vault *v)
{
    ENSURE(store_in_tx(v->store));
    struct store_statement *s;
    TRY(store_statement(v->store, "UPDATE device SET epoch = epoch + 1", &s));
    return store_run(s);
}

err vault_epoch_seal(struct vault *v)
{
    ENSURE(!store_in_tx(v->store)); /* what is sealed has been committed */
    int64_t epoch = 0;
    TRY(store_query_int(v->store, "SELECT epoch FROM device", &epoch));
    TRY(write_counter(v, (uint64_t)epoch));
    v->device.epoch = (uint64_t)epoch;
    return OK;
}

err vault_epoch_begin(struct vault *v)
{
    ENSURE(store_in_tx(v->store));
    TRY(write_counter(v, 1));
    return put_epoch(v, 1);
}

/* An old copy is in use: nobody has a try left, and the epoch goes on from the highest known. */
static err spend_everything(struct vault *v, uint64_t epoch, const char *seen_by)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_operators_spend_all(v));
    TRY(put_epoch(v, epoch));
    TRY(vault_device_rollback(v, true));
    TRY(vault_audit(v, &tx, NULL, "rollback", v->device.tid, seen_by));
    TRY(store_commit(&tx));
    v->device.rollback = true;
    v->session = (struct vault_session){0};
    v->right = (struct vault_right){0};
    v->pending = (struct vault_pending){0};
    if (v->config.log != NULL)
        log_event(v->config.log, LOG_ERROR, "rollback", LOG_TEXT("seen_by", seen_by));
    return vault_epoch_seal(v);
}

/* The store moves first, so it is never behind the counter in either, but as an old copy. */
static err compare(struct vault *v, uint64_t counter, uint64_t floor)
{
    uint64_t own = v->device.epoch;
    bool lowered = floor > v->device.floor;
    if (lowered) v->device.floor = floor;
    if (counter > own) return spend_everything(v, counter + 1, "counter");
    if (lowered) return spend_everything(v, own + 1, "counter");
    return counter < own ? write_counter(v, own) : OK;
}

err vault_epoch_check(struct vault *v)
{
    uint64_t counter = 0, own = v->device.epoch, floor = 0;
    bool erased = v->device.tampered != VAULT_TAMPER_NONE; /* the counter does not open any more */
    if (!has_counter(v) || !v->device.provisioned || erased) return OK;
    err read = read_counter(v, &counter, &floor);
    /* A device of before there was a counter begins one. */
    if (read.code == ERR_NOT_FOUND && own == 0) return write_counter(v, 0);
    bool gone = read.code == ERR_NOT_FOUND || read.code == ERR_KEY;
    if (FAILED(read) && !gone) return read;
    if (gone) return spend_everything(v, own + 1, "counter missing");
    return compare(v, counter, floor);
}

static err make_mac(struct vault *v, enum recovery_direction direction, uint64_t epoch,
                    uint8_t ret_mac[RECOVERY_PROOF_BYTES])
{
    return recovery_epoch_mac(&v->crypto, &v->secrets->recovery, direction,
                              bytes_text(v->device.tid), epoch, ret_mac);
}

/* What the host remembers, if it is the host that says so. */
static err hear(struct vault *v, const struct vault_anchor_ask *ask, uint8_t *ret_verdict)
{
    uint8_t expected[RECOVERY_PROOF_BYTES];
    TRY(make_mac(v, RECOVERY_FROM_HOST, ask->epoch, expected));
    if (!secret_equal(BYTES_OF(expected), ask->mac)) {
        *ret_verdict = VAULT_ANCHOR_BAD_MAC;
        return vault_audit_note(v, NULL, "anchor_refused", v->device.tid, "");
    }
    if (ask->epoch <= v->device.epoch) return OK;
    *ret_verdict = VAULT_ANCHOR_ROLLBACK;
    return spend_everything(v, ask->epoch + 1, "host");
}

err vault_run_anchor(struct vault *v, struct reader *request, struct writer *answer,
                     enum vault_status *status)
{
    struct vault_anchor_ask ask;
    uint8_t mac[RECOVERY_PROOF_BYTES];
    struct vault_anchor said = {.verdict = VAULT_ANCHOR_OK};
    if (FAILED(vault_read_anchor_ask(request, &ask)) || ask.epoch > INT64_MAX - 1)
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->secrets->has_recovery) return vault_refuse(status, VAULT_NOT_READY);
    if (ask.mac.len > 0) TRY(hear(v, &ask, &said.verdict));
    TRY(make_mac(v, RECOVERY_FROM_VAULT, v->device.epoch, mac));
    said.epoch = v->device.epoch;
    said.mac = BYTES_OF(mac);
    vault_write_anchor(answer, &said);
    return OK;
}

/* ---- the version floor ---- */

static err raise_floor(struct vault *v, uint64_t version)
{
    struct store_statement *s;
    char number[24];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct writer w = writer_over((uint8_t *)number, sizeof number - 1);
    write_decimal(&w, version, 1);
    number[w.len] = '\0';
    TRY(store_begin(v->store, &tx));
    TRY(store_statement(v->store, "UPDATE device SET floor = ?", &s));
    store_bind_int(s, (int64_t)version);
    TRY(store_run(s));
    TRY(vault_epoch_advance(v));
    TRY(vault_audit(v, &tx, NULL, "version_floor", v->device.tid, number));
    TRY(store_commit(&tx));
    v->device.floor = version;
    return vault_epoch_seal(v);
}

err vault_run_floor(struct vault *v, struct reader *request, struct writer *answer,
                    enum vault_status *status)
{
    uint64_t version = 0;
    if (FAILED(vault_floor_read(request, &version)) || version > INT64_MAX)
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (version > v->device.floor) {
        if (v->device.tampered != VAULT_TAMPER_NONE) return vault_refuse(status, VAULT_TAMPERED);
        if (!v->device.provisioned) return vault_refuse(status, VAULT_NOT_READY);
        TRY(raise_floor(v, version));
    }
    vault_floor_write(answer, v->device.floor);
    return OK;
}
