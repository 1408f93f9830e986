/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON line an event; the redaction that stands between every text and every sink. */
#include "lib/base/log.h"

#include <inttypes.h>
#include <unistd.h>

#include "lib/base/writer.h"

static const char *const level_name[] = {"debug", "info", "warn", "error"};

static size_t digit_run(struct bytes text, size_t from)
{
    size_t i = from;
    while (i < text.len && text.at[i] >= '0' && text.at[i] <= '9') i++;
    return i - from;
}

static void write_char(struct writer *w, uint8_t c)
{
    write_bytes(w, (struct bytes){&c, 1});
}

void log_redact(struct writer *w, struct bytes text)
{
    for (size_t i = 0; i < text.len;) {
        size_t run = digit_run(text, i);
        if (run == 0) {
            write_char(w, text.at[i++]);
            continue;
        }
        bool pan_like = run >= 13 && run <= 19;
        for (size_t k = 0; k < run; k++)
            write_char(w, pan_like && k >= 6 && k < run - 4 ? '*' : text.at[i + k]);
        i += run;
    }
}

/* JSON string content; bytes outside printable ASCII and UTF-8 lead bytes become \u00XX. */
static void write_json_text(struct writer *w, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (c == '"' || c == '\\') {
            write_char(w, '\\');
            write_char(w, c);
        } else if (c < 0x20 || c == 0x7f) {
            write_format(w, "\\u%04x", c);
        } else {
            write_char(w, c);
        }
    }
}

static void write_field(struct writer *w, const struct log_field *field)
{
    write_format(w, ",\"%s\":", field->name);
    if (field->kind == LOG_KIND_INT) {
        write_format(w, "%" PRId64, field->number);
        return;
    }
    if (field->kind == LOG_KIND_ERR) {
        write_format(w, "\"%s\"", err_name((err){(enum err_code)field->number}));
        return;
    }
    uint8_t block[LOG_LINE_MAX / 2];
    struct writer redacted = writer_over(block, sizeof block);
    log_redact(&redacted, field->text);
    write_char(w, '"');
    write_json_text(w, writer_view(&redacted));
    write_char(w, '"');
}

void log_write(const struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t count)
{
    if (log == NULL || log->write == NULL || level < log->least) return;

    uint8_t block[LOG_LINE_MAX];
    struct writer w = writer_over(block, sizeof block - sizeof ",\"cut\":true}\n");
    write_format(&w, "{\"at\":%" PRId64 ",\"program\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"",
                 clock_now_ms(&log->clock), log->program, level_name[level], event);
    for (size_t i = 0; i < count && w.fault == ERR_OK; i++) {
        size_t before = w.len;
        write_field(&w, &fields[i]);
        if (w.fault != ERR_OK) w.len = before;
    }
    bool cut = w.fault != ERR_OK;
    w.fault = ERR_OK;
    w.max = sizeof block;
    write_format(&w, "%s}\n", cut ? ",\"cut\":true" : "");
    log->write(log->context, writer_view(&w));
}

static void write_to_fd(void *context, struct bytes line)
{
    int fd = (int)(intptr_t)context;
    while (line.len > 0) {
        ssize_t done = write(fd, line.at, line.len);
        if (done <= 0) return; /* a log that cannot be written must not stop a payment */
        line.at += done;
        line.len -= (size_t)done;
    }
}

struct log log_to_fd(int fd, const char *program, struct clock clock)
{
    return (struct log){write_to_fd, (void *)(intptr_t)fd, clock, program, LOG_INFO};
}
