/* SPDX-License-Identifier: Apache-2.0 */
/* Lines, each way. */
#include "terminal/updater.h"

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "lib/wire/socket.h"

enum { ASSIGNMENT_MAX = 8 * 1024 };

/* Up to the next space, which is taken too. */
static struct bytes next_word(struct bytes *left)
{
    size_t len = 0;
    while (len < left->len && left->at[len] != ' ') len++;
    struct bytes word = bytes_of(left->at, len);
    size_t taken = len < left->len ? len + 1 : len;
    *left = bytes_of(left->at + taken, left->len - taken);
    return word;
}

static bool next_number(struct bytes *left, int64_t *ret_number)
{
    struct bytes word = next_word(left);
    int64_t number = 0;
    if (word.len == 0 || word.len > 18) return false;
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] < '0' || word.at[i] > '9') return false;
        number = 10 * number + word.at[i] - '0';
    }
    *ret_number = number;
    return true;
}

/* As much of a sentence as there is room for, and no half of a character. */
static void copy_why(struct bytes text, char out[TERMINAL_WHY])
{
    size_t len = text.len < TERMINAL_WHY - 1 ? text.len : TERMINAL_WHY - 1;
    while (len > 0 && len < text.len && (text.at[len] & 0xc0) == 0x80) len--;
    memcpy(out, text.at, len);
    memset(out + len, 0, TERMINAL_WHY - len);
}

err updater_read(struct bytes line, struct terminal_software *ret_software)
{
    struct terminal_software s = {.image = 0};
    struct bytes left = line;
    if (!bytes_equal(next_word(&left), BYTES("facts")) || !next_number(&left, &s.image))
        return ERR(FORMAT);
    struct bytes state = next_word(&left);
    s.trying = bytes_equal(state, BYTES("trying"));
    if (s.image == 0 || (!s.trying && !bytes_equal(state, BYTES("healthy")))) return ERR(FORMAT);
    if (!next_number(&left, &s.waiting) || !next_number(&left, &s.refused)) return ERR(FORMAT);
    copy_why(left, s.why);
    *ret_software = s;
    return OK;
}

static void take_line(struct updater *u, struct bytes line)
{
    struct terminal_software software;
    if (FAILED(updater_read(line, &software)))
        log_event(u->log, LOG_WARN, "updater_dropped", LOG_BYTES("line", line));
    else u->done(u->context, terminal_on_software(u->terminal, &software));
}

static void take_lines(struct updater *u)
{
    char *end;
    while ((end = memchr(u->said, '\n', u->said_len)) != NULL) {
        size_t len = (size_t)(end - u->said);
        take_line(u, bytes_of((const uint8_t *)u->said, len));
        u->said_len -= len + 1;
        memmove(u->said, end + 1, u->said_len);
    }
    if (u->said_len == sizeof u->said) u->said_len = 0; /* no line of its */
}

static void ready(void *context, unsigned events)
{
    struct updater *u = context;
    size_t len = 0;
    (void)events;
    err e = socket_read(u->fd, u->said + u->said_len, sizeof u->said - u->said_len, &len);
    if (e.code == ERR_AGAIN) return;
    if (FAILED(e)) { /* it is gone, and we go with it: it has set that when it started us */
        loop_unwatch(u->loop, &u->watch);
        return;
    }
    u->said_len += len;
    take_lines(u);
}

err updater_start(struct updater *updater)
{
    if (updater->fd < 0) return OK;
    updater->watch = (struct loop_watch){.ready = ready, .context = updater};
    return loop_watch(updater->loop, &updater->watch, updater->fd, LOOP_READ);
}

/* The line holds far more than one of these, and the other end always reads. */
static void say(struct updater *u, struct bytes line)
{
    size_t len = 0;
    err e = u->fd < 0 ? ERR(CLOSED) : socket_write(u->fd, line, &len);
    if (FAILED(e) || len != line.len) log_event(u->log, LOG_WARN, "updater_not_told", LOG_ERR(e));
}

void updater_assign(struct updater *updater, struct bytes assignment)
{
    uint8_t line[2 * ASSIGNMENT_MAX + 16];
    struct writer w = writer_over(line, sizeof line);
    write_bytes(&w, BYTES("assign "));
    write_hex(&w, assignment);
    write_bytes(&w, BYTES("\n"));
    if (w.fault == ERR_OK) say(updater, writer_view(&w));
}

void updater_healthy(struct updater *updater)
{
    say(updater, BYTES("healthy\n"));
}
