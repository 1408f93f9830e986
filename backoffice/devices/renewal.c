/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have another certificate, and that it is given once. */
#include "backoffice/devices/renewal.h"

#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/events/events.h"
#include "lib/base/hex.h"

/* The certificate that was given last: who did not hear the answer gets it again. */
static const char *const migration[] = {
    "CREATE TABLE renewal(tid TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " certificate TEXT NOT NULL) STRICT, WITHOUT ROWID;",
};

const struct store_schema renewal_schema = {"renewal", migration, ARRAY_LEN(migration)};

#define REQUEST_BEGINS "-----BEGIN CERTIFICATE REQUEST-----"

/* One after the other, as the device sends them. */
static bool split(struct bytes both, struct desk_renewal *r)
{
    const uint8_t *at = memmem(both.at, both.len, REQUEST_BEGINS, sizeof REQUEST_BEGINS - 1);
    if (at == NULL || at == both.at) return false;
    size_t len = (size_t)(at - both.at);
    r->certificate = bytes_of(both.at, len);
    r->request = bytes_of(at, both.len - len);
    return true;
}

/* When the certificate that it showed last ends; 0: it never came. */
static err known_end(struct desk *desk, const char *tid, int64_t *ret_end_ms)
{
    struct store_statement *query;
    bool row = false;
    *ret_end_ms = 0;
    TRY(store_statement(desk->config.store, "SELECT certificate_end_ms FROM terminal WHERE tid = ?",
                        &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_end_ms = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err given_before(struct desk *desk, const struct registry_terminal *terminal,
                        struct writer *certificate)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(desk->config.store,
                        "SELECT certificate FROM renewal WHERE tid = ? AND fingerprint = ?"
                        " AND at_ms > ?",
                        &query));
    store_bind_text(query, bytes_text(terminal->tid));
    store_bind_text(query, bytes_text(terminal->fingerprint));
    store_bind_int(query, desk_now_ms(desk) - RENEWAL_AGAIN_MS);
    TRY(store_step(query, &row));
    if (!row) return OK;
    write_bytes(certificate, store_read_text(query));
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err keep(struct desk *desk, const struct registry_terminal *terminal, bool stranger,
                struct bytes certificate)
{
    struct store_statement *put;
    char object[32];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    snprintf(object, sizeof object, "devices/%s", terminal->tid);
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "INSERT OR REPLACE INTO renewal(tid, fingerprint, at_ms, certificate)"
                        " VALUES(?, ?, ?, ?)",
                        &put));
    store_bind_text(put, bytes_text(terminal->tid));
    store_bind_text(put, bytes_text(terminal->fingerprint));
    store_bind_int(put, desk_now_ms(desk));
    store_bind_text(put, certificate);
    TRY(store_run(put));
    TRY(desk_audit(desk, &tx, "device channel", "certificate_renewed", terminal->tid,
                   stranger ? "over the rescue channel" : ""));
    TRY(event_append(&tx,
                     &(struct event){.mid = terminal->mid,
                                     .outlet = terminal->outlet,
                                     .kind = stranger ? "device.rescued" : "device.renewed",
                                     .object = object,
                                     .at_ms = desk_now_ms(desk)},
                     NULL));
    return store_commit(&tx);
}

/* The hsm issues it; an empty one when it refuses, or is away. */
static err issue(struct desk *desk, const struct registry_terminal *terminal,
                 struct desk_renewal *r, struct writer *certificate)
{
    size_t len = 0;
    if (desk->ports.renew == NULL) return OK;
    if (FAILED(hex_decode(bytes_text(terminal->fingerprint), r->print, sizeof r->print, &len)) ||
        len != sizeof r->print)
        return OK; /* it was never bound to a key */
    memcpy(r->tid, terminal->tid, sizeof r->tid);
    r->not_before_ms = desk_now_ms(desk) - DAY_MS;
    int days = desk->config.certificate_days > 0 ? desk->config.certificate_days : RENEWAL_DAYS;
    r->not_after_ms = desk_now_ms(desk) + days * DAY_MS;
    err made = desk->ports.renew(desk->ports.context, r, certificate);
    if (!FAILED(made)) return OK;
    certificate->len = 0;
    certificate->fault = ERR_OK;
    log_event(desk->config.log, LOG_WARN, "not_renewed", LOG_TEXT("tid", terminal->tid),
              LOG_ERR(made));
    return OK;
}

/* Whether it is time: a certificate that lasts is not changed for another. */
static err is_due(struct desk *desk, const char *tid, bool *ret_due)
{
    int64_t end_ms = 0;
    TRY(known_end(desk, tid, &end_ms));
    *ret_due = end_ms - desk_now_ms(desk) <= RENEWAL_BEFORE_DAYS * DAY_MS;
    return OK;
}

err renewal_take(struct desk *desk, const struct device_message *question, bool stranger,
                 uint8_t block[DEVICE_CERTIFICATE_MAX], struct device_message *answer)
{
    struct registry_terminal terminal;
    struct desk_renewal r = {.tid = ""};
    struct writer certificate = writer_over(block, DEVICE_CERTIFICATE_MAX);
    bool due = false;
    answer->status = DEVICE_REFUSED;
    err found =
        registry_find_terminal(desk->config.registry, bytes_text(question->terminal), &terminal);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (terminal.status == REGISTRY_CLOSED || !split(question->policy, &r)) return OK;
    TRY(is_due(desk, terminal.tid, &due));
    if (!due) return OK;
    TRY(given_before(desk, &terminal, &certificate));
    if (certificate.len == 0) {
        TRY(issue(desk, &terminal, &r, &certificate));
        if (certificate.len == 0) return OK;
        TRY(keep(desk, &terminal, stranger, writer_view(&certificate)));
    }
    TRY(writer_finish(&certificate, &answer->policy));
    answer->status = DEVICE_OK;
    answer->has |= DEVICE_HAS_RENEWED;
    return OK;
}
