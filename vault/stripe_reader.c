/* SPDX-License-Identifier: Apache-2.0 */
/* One swipe at a time, and nothing of it is kept. */
#include "vault/stripe_reader.h"

#include "lib/crypto/secret.h"

/* From `start` to the end sentinel behind it, both with it; empty when it is not whole or too long.
 */
static void track_of(struct bytes line, char start, char out[static VAULT_TRACK_TEXT_MAX + 1])
{
    const uint8_t *begin = memchr(line.at, start, line.len);
    if (begin == NULL) return;
    size_t rest = line.len - (size_t)(begin - line.at);
    const uint8_t *end = memchr(begin, '?', rest);
    if (end == NULL) return;
    if (FAILED(bytes_to_text(bytes_of(begin, (size_t)(end - begin) + 1), out,
                             VAULT_TRACK_TEXT_MAX + 1)))
        secret_wipe_bytes(out, VAULT_TRACK_TEXT_MAX + 1);
}

void stripe_reader_line(struct bytes line, struct vault_swipe *out)
{
    vault_swipe_wipe(out);
    out->present = true;
    track_of(line, '%', out->track1);
    track_of(line, ';', out->track2);
}

static void on_line(void *context, struct bytes line)
{
    struct stripe_reader *reader = context;
    stripe_reader_line(line, &reader->swipe);
}

static void on_opened(void *context)
{
    struct stripe_reader *reader = context;
    log_event(reader->log, LOG_INFO, "stripe_reader_there");
}

static const char *on_described(void *context, struct bytes descriptor)
{
    struct stripe_reader *reader = context;
    const char *why = NULL;
    err e = hid_stripe_begin(&reader->hid, descriptor, &why);
    return FAILED(e) ? why : NULL;
}

/* A track that is longer than a vault takes is an unreadable one. */
static void take_track(const char *track, char out[static VAULT_TRACK_TEXT_MAX + 1])
{
    if (FAILED(bytes_to_text(bytes_text(track), out, VAULT_TRACK_TEXT_MAX + 1)))
        secret_wipe_bytes(out, VAULT_TRACK_TEXT_MAX + 1);
}

static void take_report(struct stripe_reader *reader, struct bytes report)
{
    struct hid_swipe swipe = {0};
    enum hid_fault fault = hid_stripe_take(&reader->hid, report, &swipe);
    const char *why = hid_fault_word(fault);
    if (fault == HID_TAKEN) {
        vault_swipe_wipe(&reader->swipe);
        reader->swipe.present = true;
        take_track(swipe.track[0], reader->swipe.track1);
        take_track(swipe.track[1], reader->swipe.track2);
    } else if (why != NULL && hid_worth_a_line(reader->hid.dropped[fault])) {
        log_event(reader->log, LOG_WARN, "report_dropped", LOG_TEXT("why", why),
                  LOG_INT("count", reader->hid.dropped[fault]));
    }
    secret_wipe_bytes(&swipe, sizeof swipe);
}

static void on_taken(void *context, struct bytes bytes)
{
    struct stripe_reader *reader = context;
    if (reader->address.kind == PERIPHERAL_HID) take_report(reader, bytes);
    else if (reader->address.kind == PERIPHERAL_KEYS)
        keyboard_take(&reader->keys, bytes, on_line, reader);
    else
        serial_line_take(&reader->serial, bytes, clock_monotonic_us(&reader->clock) / 1000, on_line,
                         reader);
}

static void forget(struct stripe_reader *reader)
{
    keyboard_wipe(&reader->keys);
    secret_wipe_bytes(&reader->serial, sizeof reader->serial);
    vault_swipe_wipe(&reader->swipe);
}

static void on_lost(void *context, const char *why)
{
    struct stripe_reader *reader = context;
    log_event(reader->log, LOG_WARN, "stripe_reader_lost", LOG_TEXT("why", why));
    forget(reader);
}

err stripe_reader_name(struct stripe_reader *reader, const char *address)
{
    struct peripheral_address parsed;
    TRY(peripheral_parse(address, &parsed));
    if (parsed.kind != PERIPHERAL_KEYS && parsed.kind != PERIPHERAL_SERIAL &&
        parsed.kind != PERIPHERAL_HID)
        return ERR(CONFIG);
    reader->address = parsed;
    return OK;
}

err stripe_reader_open(struct stripe_reader *reader, struct loop *loop, struct clock clock,
                       const struct log *log)
{
    const struct peripheral_events events = {on_opened, on_taken, on_lost, reader, on_described};
    reader->line.hid = reader->hid_calls;
    reader->clock = clock;
    reader->log = log;
    return peripheral_open(loop, &reader->address, &events, &reader->line);
}

void stripe_reader_close(struct stripe_reader *reader)
{
    peripheral_close(&reader->line);
    forget(reader);
}

static err poll_swipe(void *context, struct vault_swipe *out)
{
    struct stripe_reader *reader = context;
    *out = reader->swipe;
    vault_swipe_wipe(&reader->swipe);
    return OK;
}

static void arm(void *context)
{
    forget(context);
}

struct vault_reader stripe_reader_driver(struct stripe_reader *reader)
{
    return (struct vault_reader){poll_swipe, arm, reader};
}
