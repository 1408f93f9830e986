/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The security log: what an operator must be able to see later, in audit.db, which is no part of
 * the hot path. Lines of one cause are limited per minute, so that a peer who misbehaves ten
 * thousand times a second fills a counter and not the disk; the count of what was left out is
 * written.
 */
#include <stdarg.h>
#include <stdio.h>

#include "acquirer/host.h"
#include "lib/store/audit.h"

enum { MINUTE_MS = 60000, MANY = 600 };

static const struct {
    const char *event;
    uint32_t a_minute;
    enum log_level level;
} causes[WATCH_CAUSES] = {
    [WATCH_START] = {"start", MANY, LOG_INFO},
    [WATCH_STOP] = {"stop", MANY, LOG_INFO},
    [WATCH_SIGN_IN] = {"sign_in", MANY, LOG_INFO},
    [WATCH_SIGN_OUT] = {"sign_out", MANY, LOG_INFO},
    [WATCH_BAD_MAC] = {"mac_failed", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_KEYS_DROPPED] = {"keys_dropped", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_NETWORK_MAC] = {"network_mac_failed", ACQUIRER_AUDIT_A_MINUTE, LOG_ERROR},
    [WATCH_UNKNOWN_TERMINAL] = {"unknown_terminal", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_WRONG_IDENTITY] = {"wrong_identity", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_WRONG_CERTIFICATE] = {"wrong_certificate", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_CONFLICT] = {"key_reused", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_REPLACED] = {"identity_replaced", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_CONTESTED] = {"identity_contested", ACQUIRER_AUDIT_A_MINUTE, LOG_ERROR},
    [WATCH_MALFORMED] = {"malformed", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_CONNECTION] = {"connection_fault", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_CLEAR_CARD] = {"card_data_in_clear", ACQUIRER_AUDIT_A_MINUTE, LOG_ERROR},
    [WATCH_FLOOD] = {"flood", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_HSM] = {"hsm_lost", ACQUIRER_AUDIT_A_MINUTE, LOG_ERROR},
    [WATCH_PARAMETERS] = {"parameters_in_force", MANY, LOG_INFO},
    [WATCH_BATCH] = {"batch_closed", MANY, LOG_INFO},
    [WATCH_BATCH_DIFFERS] = {"batch_differs", MANY, LOG_WARN},
    [WATCH_SUSPECT] = {"fraud_suspected", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_KSN_REPLAYED] = {"ksn_replayed", ACQUIRER_AUDIT_A_MINUTE, LOG_ERROR},
    [WATCH_KSN_FOREIGN] = {"ksn_of_another_device", ACQUIRER_AUDIT_A_MINUTE, LOG_ERROR},
    [WATCH_OTHER_PARAMETERS] = {"parameters_not_ours", ACQUIRER_AUDIT_A_MINUTE, LOG_ERROR},
    [WATCH_DISPUTED] = {"payment_disputed", MANY, LOG_ERROR},
    [WATCH_ADVICE] = {"advice_refused", ACQUIRER_AUDIT_A_MINUTE, LOG_WARN},
    [WATCH_NETWORK_AMOUNT] = {"network_amount", ACQUIRER_AUDIT_A_MINUTE, LOG_ERROR},
    [WATCH_RESTORED] = {"terminal_restored", MANY, LOG_WARN},
    [WATCH_TERMINALS_FULL] = {"terminals_full", ACQUIRER_AUDIT_A_MINUTE, LOG_ERROR},
};

err watch_open(struct acquirer *a, struct acquirer_fault *fault)
{
    const struct store_options options = {.mode = a->config.mode, .busy_ms = 2000};
    struct store_fault cause = {{0}};
    err opened = store_open(a->config.audit_path, &options, &cause, &a->watch.store);
    if (FAILED(opened)) return host_refuse(fault, opened, "audit", cause.text);
    err ready = store_migrate(a->watch.store, &audit_schema);
    if (FAILED(ready)) return host_refuse(fault, ready, "audit", store_error_text(a->watch.store));
    return OK;
}

void watch_close(struct acquirer *a)
{
    store_close(a->watch.store);
    a->watch.store = NULL;
}

/* Text from outside: what cannot be printed is shown as a question mark. */
static void copy_printable(char *to, size_t size, struct bytes from)
{
    size_t len = from.len < size - 1 ? from.len : size - 1;
    for (size_t i = 0; i < len; i++)
        to[i] = (char)(from.at[i] >= 0x20 && from.at[i] < 0x7f ? from.at[i] : '?');
    to[len] = '\0';
}

static struct watch_entry *place(struct acquirer *a, enum watch_cause cause)
{
    struct watch *w = &a->watch;
    if (w->count == ACQUIRER_AUDIT_QUEUE) {
        w->rate[cause].left_out++;
        return NULL;
    }
    struct watch_entry *entry = &w->entry[w->count++];
    *entry = (struct watch_entry){.cause = cause, .at_ms = host_now_ms(a)};
    return entry;
}

/* A new minute of this cause: says how much of the last one was left out. */
static void turn_minute(struct acquirer *a, enum watch_cause cause, int64_t minute)
{
    uint32_t left_out = a->watch.rate[cause].left_out;
    a->watch.rate[cause].minute = minute;
    a->watch.rate[cause].written = a->watch.rate[cause].left_out = 0;
    if (left_out == 0) return;
    struct watch_entry *entry = place(a, cause);
    if (entry == NULL) return;
    struct writer w = writer_over(entry->detail, sizeof entry->detail - 1);
    write_format(&w, "and %u more that were not written one by one", left_out);
}

void watch_note(struct acquirer *a, enum watch_cause cause, struct bytes subject,
                const char *format, ...)
{
    ENSURE(cause < WATCH_CAUSES && causes[cause].event != NULL);
    int64_t minute = host_now_ms(a) / MINUTE_MS;
    if (a->watch.rate[cause].minute != minute) turn_minute(a, cause, minute);
    if (a->watch.rate[cause].written >= causes[cause].a_minute) {
        a->watch.rate[cause].left_out++;
        return;
    }
    struct watch_entry *entry = place(a, cause);
    if (entry == NULL) return;
    a->watch.rate[cause].written++;
    char detail[WATCH_DETAIL_MAX];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    ENSURE(len >= 0);
    copy_printable(entry->detail, sizeof entry->detail, bytes_text(detail));
    copy_printable(entry->subject, sizeof entry->subject, subject);
    log_event(a->config.log, causes[cause].level, causes[cause].event,
              LOG_TEXT("subject", entry->subject), LOG_TEXT("detail", entry->detail));
}

static err write_entries(struct watch *w)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(w->store, &tx));
    for (size_t i = 0; i < w->count; i++) {
        const struct watch_entry *from = &w->entry[i];
        const struct audit_entry entry = {
            .at_ms = from->at_ms,
            .actor = BYTES("acquirer"),
            .event = bytes_text(causes[from->cause].event),
            .subject = bytes_text(from->subject),
            .detail = bytes_text(from->detail),
        };
        TRY(audit_append(&tx, &entry));
    }
    return store_commit(&tx);
}

err watch_write(struct acquirer *a)
{
    struct watch *w = &a->watch;
    if (w->count == 0) return OK;
    err written = write_entries(w);
    w->failed = FAILED(written);
    if (!w->failed) w->count = 0;
    return written;
}
