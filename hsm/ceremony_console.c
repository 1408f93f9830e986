/* SPDX-License-Identifier: Apache-2.0 */
/* Questions and answers of a ceremony; hsm/ceremony.c decides. */
#include "hsm/ceremony_console.h"

#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/hex.h"
#include "lib/base/writer.h"

enum { LINE_MAX_CHARS = 160 };

/* What was typed last. Secret. */
struct line {
    uint8_t at[LINE_MAX_CHARS];
    size_t len;
};

static void line_wipe(struct line *line)
{
    secret_wipe_bytes(line, sizeof *line);
}

/* One line without its end, read a byte at a time so that nothing beyond it is taken. */
static err read_line(int fd, struct line *ret_line)
{
    line_wipe(ret_line);
    for (;;) {
        uint8_t c;
        ssize_t got = read(fd, &c, 1);
        if (got < 0) return ERR(IO);
        if (got == 0) return ERR(SHORT);
        if (c == '\n') return OK;
        if (c == '\r' || c == ' ') continue; /* components are written in groups of four */
        if (ret_line->len == sizeof ret_line->at) return ERR(LENGTH);
        ret_line->at[ret_line->len++] = c;
    }
}

/* The same without echo, where `fd` is a terminal. */
static err read_hidden(int fd, struct line *ret_line)
{
    struct termios before, hidden;
    bool terminal = tcgetattr(fd, &before) == 0;
    if (terminal) {
        hidden = before;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        if (tcsetattr(fd, TCSAFLUSH, &hidden) != 0) return ERR(IO);
    }
    err e = read_line(fd, ret_line);
    if (terminal) {
        fputc('\n', stderr);
        if (tcsetattr(fd, TCSAFLUSH, &before) != 0 && !FAILED(e)) e = ERR(IO);
    }
    return e;
}

static struct bytes view(const struct line *line)
{
    return bytes_of(line->at, line->len);
}

static err unhex(const struct line *line, uint8_t *out, size_t max, size_t *ret_len)
{
    return hex_decode(view(line), out, max, ret_len);
}

static const char *advice(err e)
{
    switch (e.code) {
    case ERR_KCV:
        return "the check value does not fit the component: one digit is wrong, type both again";
    case ERR_CONFLICT:
        return "this custodian or this component was there already";
    case ERR_LENGTH:
        return "too long or too short: the component has 32 digits, that of a master key 64";
    default:
        return "that cannot be taken; type it again";
    }
}

/* One custodian. A refused component may be typed again; the end of the input ends it all. */
static err ask_custodian(int fd, struct crypto *crypto, struct ceremony *c, bool *ret_done)
{
    CLEANUP(line_wipe) struct line name = {0}, component = {0}, kcv = {0};
    CLEANUP(secret_wipe) struct secret value = {0};
    uint8_t check[KEY_CHECK_BYTES];
    size_t len = 0, check_len = 0;
    fprintf(stderr, "Custodian %u, name%s: ", c->count + 1,
            c->count >= CEREMONY_CUSTODIANS_MIN ? " (empty: no more)" : "");
    TRY(read_line(fd, &name));
    *ret_done = name.len == 0 && c->count >= CEREMONY_CUSTODIANS_MIN;
    if (*ret_done) return OK;
    fprintf(stderr, "Component in hexadecimal (not shown): ");
    TRY(read_hidden(fd, &component));
    fprintf(stderr, "Its check value, 8 digits: ");
    TRY(read_line(fd, &kcv));
    err e = unhex(&component, value.at, sizeof value.at, &len);
    if (!FAILED(e)) e = unhex(&kcv, check, sizeof check, &check_len);
    if (!FAILED(e))
        e = ceremony_component(crypto, c, view(&name), bytes_of(value.at, len),
                               bytes_of(check, check_len));
    if (e.code == ERR_IO || e.code == ERR_FULL || e.code == ERR_DENIED) return e; /* the log's */
    fprintf(stderr, "%s\n", FAILED(e) ? advice(e) : "taken");
    return OK;
}

/* The key is shown by its check value only, and may be held against one that is known. */
static err confirm(int fd, const uint8_t kcv[KEY_CHECK_BYTES])
{
    CLEANUP(line_wipe) struct line typed = {0};
    uint8_t expected[KEY_CHECK_BYTES];
    size_t len = 0;
    fprintf(stderr, "Check value of the key: %02X%02X%02X%02X\n", kcv[0], kcv[1], kcv[2], kcv[3]);
    fprintf(stderr, "What it must be (empty: not known beforehand): ");
    TRY(read_line(fd, &typed));
    if (typed.len == 0) return OK;
    if (FAILED(unhex(&typed, expected, sizeof expected, &len))) return ERR(KCV);
    return secret_equal(bytes_of(expected, len), bytes_of(kcv, KEY_CHECK_BYTES)) ? OK : ERR(KCV);
}

err ceremony_console(int fd, enum ceremony_kind kind, struct crypto *crypto,
                     struct hsm_audit *audit, struct key *ret_key)
{
    CLEANUP(ceremony_wipe) struct ceremony c = {0};
    CLEANUP(key_wipe) struct key key = {0};
    uint8_t kcv[KEY_CHECK_BYTES];
    TRY(ceremony_begin(kind, audit, &c));
    for (bool done = false; !done && c.count < CEREMONY_CUSTODIANS_MAX;)
        TRY(ask_custodian(fd, crypto, &c, &done));
    TRY(ceremony_finish(crypto, &c, &key, kcv));
    err confirmed = confirm(fd, kcv);
    if (FAILED(confirmed)) {
        TRY(hsm_audit_write(audit, "ceremony_dropped", "%s", ceremony_kind_text(kind)));
        return confirmed;
    }
    *ret_key = key;
    return OK;
}
