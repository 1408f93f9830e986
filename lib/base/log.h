/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * log: what a program says of itself, one JSON object a line, typed fields only.
 *
 * There is no way to log a message, a track or a PAN: a field is a number, a name from the
 * program, an identifier, or a PAN that is masked here (first six, last four). Text that came from
 * outside goes through LOG_TEXT, which escapes it and replaces every run of 13 to 19 digits by its
 * masked form. Libraries do not log; programs do.
 *
 *   log_event(log, LOG_INFO, "sign_in", LOG_TEXT("tid", tid), LOG_INT("batch", batch));
 */

#include "lib/base/bytes.h"
#include "lib/base/clock.h"
#include "lib/base/writer.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

enum log_kind { LOG_KIND_INT, LOG_KIND_TEXT, LOG_KIND_ERR };

struct log_field {
    const char *name;
    enum log_kind kind;
    int64_t number;
    struct bytes text;
};

#define LOG_INT(name, value)  ((struct log_field){(name), LOG_KIND_INT, (int64_t)(value), {NULL, 0}})
#define LOG_TEXT(name, value) ((struct log_field){(name), LOG_KIND_TEXT, 0, bytes_text(value)})
#define LOG_BYTES(name, view) ((struct log_field){(name), LOG_KIND_TEXT, 0, (view)})
#define LOG_ERR(value)        ((struct log_field){"error", LOG_KIND_ERR, (int64_t)(value).code, {NULL, 0}})

struct log {
    void (*write)(void *context, struct bytes line); /* gets one line, newline included */
    void *context;
    struct clock clock;
    const char *program;
    enum log_level least; /* quieter levels are dropped */
};

/* A log that writes lines to a file descriptor (2 is standard error) with write(2). */
struct log log_to_fd(int fd, const char *program, struct clock clock);

/* Lines longer than LOG_LINE_MAX lose their last fields and say so with "cut":true. */
enum { LOG_LINE_MAX = 2048 };

void log_write(const struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t count);

#define log_event(log, level, event, ...)                                 \
    log_write((log), (level), (event), (struct log_field[]){__VA_ARGS__}, \
              sizeof((struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

/*
 * Copies `text` to `w` with every run of 13 to 19 digits reduced to first six, stars, last four.
 * What the log does to every text; exported for everything else that prints what came from outside.
 */

void log_redact(struct writer *w, struct bytes text);
