/* SPDX-License-Identifier: Apache-2.0 */
/* SMTP: a table of commands, each with the phases that it may come in. */
#include "simulators/mail_server.h"

#include "simulators/mail_reader.h"

static const struct mail_step go_on = {.reply = true};
static const struct mail_step silent = {.reply = false};

static struct mail_step say(struct writer *reply, const char *text)
{
    write_bytes(reply, bytes_text(text));
    return go_on;
}

static struct mail_step refuse(struct mail_session *s, struct writer *reply, const char *text)
{
    if (++s->errors < MAIL_ERRORS_MAX) return say(reply, text);
    (void)say(reply, "421 4.7.0 too many mistakes");
    return (struct mail_step){.reply = true, .close = true};
}

/* Ends the message that was begun, if any. */
static void reset(struct mail_session *s)
{
    explicit_bzero(s->message, s->len);
    s->len = 0;
    s->overflow = false;
    s->recipients = 0;
    s->sender[0] = '\0';
    if (s->phase > MAIL_GREETED) s->phase = MAIL_GREETED;
}

/* ---- words of a command ---- */

static uint8_t upper(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 0x20) : c;
}

/* Takes `word` off the front, in any case of letters. */
static bool take_word(struct bytes *line, const char *word)
{
    size_t len = strlen(word);
    if (line->len < len) return false;
    for (size_t i = 0; i < len; i++)
        if (upper(line->at[i]) != (uint8_t)word[i]) return false;
    *line = bytes_of(line->at + len, line->len - len);
    return true;
}

/* "<path>" off the front, without its brackets; a mailbox has an at sign, controls are nowhere. */
static bool take_path(struct bytes *line, bool may_be_empty, struct bytes *ret_path)
{
    const uint8_t *end = line->len > 1 ? memchr(line->at, '>', line->len) : NULL;
    if (end == NULL || line->at[0] != '<') return false;
    struct bytes path = bytes_of(line->at + 1, (size_t)(end - line->at) - 1);
    if (path.len > MAIL_PATH_MAX || !json_utf8_valid(path)) return false;
    for (size_t i = 0; i < path.len; i++)
        if (path.at[i] <= 0x20 || path.at[i] == 0x7f || path.at[i] == '<') return false;
    if (path.len == 0 ? !may_be_empty : memchr(path.at, '@', path.len) == NULL) return false;
    *ret_path = path;
    *line = bytes_of(end + 1, line->len - path.len - 2);
    return true;
}

/* SIZE=n: false when it is no number; the size, or the most that there is. */
static bool take_size(struct bytes *line, size_t *ret_size)
{
    size_t size = 0, digits = 0;
    for (; digits < line->len && line->at[digits] >= '0' && line->at[digits] <= '9'; digits++) {
        size = size * 10 + (size_t)(line->at[digits] - '0');
        if (size > MAIL_MESSAGE_MAX) size = MAIL_MESSAGE_MAX + 1;
    }
    *line = bytes_of(line->at + digits, line->len - digits);
    *ret_size = size;
    return digits > 0;
}

/* The parameters of MAIL: each at most known; *ret_size is what SIZE says. */
static bool take_parameters(struct bytes line, size_t *ret_size)
{
    *ret_size = 0;
    while (line.len > 0) {
        if (!take_word(&line, " ")) return false;
        bool size = take_word(&line, "SIZE=");
        bool known = size ? take_size(&line, ret_size)
                          : take_word(&line, "BODY=8BITMIME") || take_word(&line, "BODY=7BIT") ||
                                take_word(&line, "SMTPUTF8");
        if (!known || (line.len > 0 && line.at[0] != ' ')) return false;
    }
    return true;
}

/* ---- commands ---- */

static struct mail_step on_hello(struct mail_session *s, struct bytes rest, struct writer *reply)
{
    if (rest.len == 0) return refuse(s, reply, "501 5.5.4 say who you are");
    reset(s);
    s->phase = MAIL_GREETED;
    return say(reply, "250 mail.example");
}

static struct mail_step on_extended_hello(struct mail_session *s, struct bytes rest,
                                          struct writer *reply)
{
    if (rest.len == 0) return refuse(s, reply, "501 5.5.4 say who you are");
    reset(s);
    s->phase = MAIL_GREETED;
    return say(reply, "250-mail.example\r\n250-SIZE 65536\r\n250-8BITMIME\r\n250 SMTPUTF8");
}

static struct mail_step on_mail(struct mail_session *s, struct bytes rest, struct writer *reply)
{
    struct bytes path;
    size_t size;
    if (!take_word(&rest, "FROM:") || !take_path(&rest, true, &path))
        return refuse(s, reply, "501 5.1.7 that is no sender");
    if (!take_parameters(rest, &size)) return refuse(s, reply, "555 5.5.4 unknown parameter");
    if (size > MAIL_MESSAGE_MAX) return refuse(s, reply, "552 5.3.4 larger than SIZE");
    s->fault = fault_take(&s->server->plan);
    if (s->fault == FAULT_TEMPORARY) return say(reply, "451 4.3.0 not now");
    err laid = bytes_to_text(path, s->sender, sizeof s->sender);
    ENSURE(!FAILED(laid));
    s->phase = MAIL_SENDER;
    return say(reply, "250 2.1.0 sender taken");
}

static struct mail_step on_rcpt(struct mail_session *s, struct bytes rest, struct writer *reply)
{
    struct bytes path;
    if (!take_word(&rest, "TO:") || !take_path(&rest, false, &path) || rest.len > 0)
        return refuse(s, reply, "501 5.1.3 that is no recipient");
    if (s->fault == FAULT_REFUSED) return refuse(s, reply, "550 5.1.1 there is no such mailbox");
    if (s->recipients == MAIL_RECIPIENTS_MAX)
        return refuse(s, reply, "452 4.5.3 no more recipients at a time");
    char *place = s->recipient[s->recipients++];
    err laid = bytes_to_text(path, place, MAIL_PATH_MAX + 1);
    ENSURE(!FAILED(laid));
    s->phase = MAIL_RECIPIENT;
    return say(reply, "250 2.1.5 recipient taken");
}

static struct mail_step on_data(struct mail_session *s, struct bytes rest, struct writer *reply)
{
    if (rest.len > 0) return refuse(s, reply, "501 5.5.4 DATA stands alone");
    s->phase = MAIL_DATA;
    return say(reply, "354 end with a dot on a line of its own");
}

static struct mail_step on_rset(struct mail_session *s, struct bytes rest, struct writer *reply)
{
    if (rest.len > 0) return refuse(s, reply, "501 5.5.4 RSET stands alone");
    reset(s);
    return say(reply, "250 2.0.0 forgotten");
}

static struct mail_step on_noop(struct mail_session *s, struct bytes rest, struct writer *reply)
{
    (void)s, (void)rest;
    return say(reply, "250 2.0.0 nothing done");
}

static struct mail_step on_quit(struct mail_session *s, struct bytes rest, struct writer *reply)
{
    if (rest.len > 0) return refuse(s, reply, "501 5.5.4 QUIT stands alone");
    (void)say(reply, "221 2.0.0 good-bye");
    return (struct mail_step){.reply = true, .close = true};
}

static const struct {
    const char *name;
    enum mail_phase from, to; /* the phases that it may come in */
    struct mail_step (*run)(struct mail_session *s, struct bytes rest, struct writer *reply);
} commands[] = {
    {"EHLO", MAIL_START, MAIL_RECIPIENT, on_extended_hello},
    {"HELO", MAIL_START, MAIL_RECIPIENT, on_hello},
    {"MAIL", MAIL_GREETED, MAIL_GREETED, on_mail},
    {"RCPT", MAIL_SENDER, MAIL_RECIPIENT, on_rcpt},
    {"DATA", MAIL_RECIPIENT, MAIL_RECIPIENT, on_data},
    {"RSET", MAIL_START, MAIL_RECIPIENT, on_rset},
    {"NOOP", MAIL_START, MAIL_RECIPIENT, on_noop},
    {"QUIT", MAIL_START, MAIL_RECIPIENT, on_quit},
};

static struct mail_step run_command(struct mail_session *s, struct bytes line, struct writer *reply)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        struct bytes rest = line;
        if (!take_word(&rest, commands[i].name)) continue;
        if (rest.len > 0 && !take_word(&rest, " ")) continue;
        if (s->phase < commands[i].from || s->phase > commands[i].to)
            return refuse(s, reply, "503 5.5.1 not now");
        return commands[i].run(s, rest, reply);
    }
    return refuse(s, reply, "500 5.5.2 unknown command");
}

/* ---- a message ---- */

static void add_line(struct mail_session *s, struct bytes line)
{
    if (line.len > 0 && line.at[0] == '.') line = bytes_of(line.at + 1, line.len - 1);
    if (s->overflow || line.len + 2 > sizeof s->message - s->len) {
        s->overflow = true;
        return;
    }
    if (line.len > 0) memcpy(s->message + s->len, line.at, line.len);
    memcpy(s->message + s->len + line.len, "\r\n", 2);
    s->len += line.len + 2;
}

static void deliver(const struct mail_session *s)
{
    struct mail_server *server = s->server;
    server->taken++;
    for (unsigned i = 0; i < s->recipients; i++) {
        struct received *m =
            mailbox_next(server->mailbox, MAILBOX_MAIL, clock_now_ms(&server->clock));
        mailbox_lay(m->contact, sizeof m->contact, bytes_text(s->recipient[i]));
        mail_read(bytes_of(s->message, s->len), m);
    }
}

static struct mail_step end_message(struct mail_session *s, struct writer *reply)
{
    struct mail_step step = go_on;
    if (s->overflow) (void)say(reply, "552 5.3.4 larger than SIZE");
    else if (s->fault == FAULT_BROKEN) (void)say(reply, "554 5.6.0 refused for what is in it");
    else {
        deliver(s);
        (void)say(reply, "250 2.0.0 delivered");
        if (s->fault == FAULT_SLOW) step.delay_ms = s->server->plan.delay_ms;
    }
    reset(s);
    return step;
}

struct mail_step mail_session_line(struct mail_session *s, struct bytes line, struct writer *reply)
{
    if (s->phase != MAIL_DATA) return run_command(s, line, reply);
    if (line.len == 1 && line.at[0] == '.') return end_message(s, reply);
    add_line(s, line);
    return silent;
}

struct mail_step mail_session_begin(struct mail_session *s, struct mail_server *server,
                                    struct writer *reply)
{
    *s = (struct mail_session){.server = server};
    if (server->plan.fault == FAULT_DOWN && fault_take(&server->plan) == FAULT_DOWN)
        return (struct mail_step){.close = true};
    return say(reply, "220 mail.example ESMTP");
}

void mail_session_end(struct mail_session *s)
{
    explicit_bzero(s, sizeof *s);
}
