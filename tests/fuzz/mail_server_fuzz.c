/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any lines to the mail server: every reply is one that a client can read, nothing is delivered
 * but between DATA and its dot, and texts that were shown are UTF-8. Then the whole input once more
 * as a message, to the reader alone.
 */
#include "lib/wire/frame.h"
#include "simulators/mail_reader.h"
#include "simulators/mail_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t now(void *context)
{
    (void)context;
    return 1790000000123;
}

/* Three digits, then a blank or (before the last line) a hyphen; no control inside a line. */
static void check_reply(struct bytes reply)
{
    ENSURE(reply.len >= 4 && bytes_all_digits(bytes_of(reply.at, 3)));
    ENSURE(reply.at[3] == ' ' || reply.at[3] == '-');
    for (size_t i = 0; i < reply.len; i++) {
        uint8_t c = reply.at[i];
        ENSURE(c >= 0x20 || c == '\r' || (c == '\n' && i > 0 && reply.at[i - 1] == '\r'));
    }
}

static void check_text(const char *text, size_t size)
{
    size_t len = strnlen(text, size);
    ENSURE(len < size && json_utf8_valid(bytes_of(text, len)));
}

static void check_received(const struct received *m)
{
    check_text(m->contact, sizeof m->contact);
    check_text(m->sender, sizeof m->sender);
    check_text(m->subject, sizeof m->subject);
    check_text(m->text, sizeof m->text);
}

/* False when the session is over. */
static bool feed(struct mail_session *session, const struct mailbox *mailbox, struct bytes line)
{
    uint8_t block[MAIL_REPLY_MAX];
    struct writer reply = writer_over(block, sizeof block);
    int64_t before = mailbox->count;
    bool in_data = session->phase == MAIL_DATA;
    struct mail_step step = mail_session_line(session, line, &reply);
    ENSURE(reply.fault == ERR_OK && step.reply == (reply.len > 0));
    ENSURE(step.reply || (in_data && session->phase == MAIL_DATA));
    if (step.reply) check_reply(writer_view(&reply));
    ENSURE(mailbox->count == before || (in_data && bytes_equal(line, BYTES("."))));
    return !step.close;
}

static void run_session(struct bytes input)
{
    static struct mailbox mailbox;
    static struct mail_session session;
    static uint8_t block[MAIL_LINE_MAX + 2];
    struct mail_server server = {.clock = {now, now, NULL}, .mailbox = &mailbox};
    struct frame_reader lines =
        frame_reader_over((struct frame_format){FRAME_LINES, MAIL_LINE_MAX}, block, sizeof block);
    struct writer none = writer_over(block, sizeof block);
    memset(&mailbox, 0, sizeof mailbox);
    (void)mail_session_begin(&session, &server, &none);
    for (bool open = true; open;) {
        struct bytes line;
        err e = frame_next(&lines, &line);
        if (!FAILED(e)) open = feed(&session, &mailbox, line);
        if (!FAILED(e)) continue;
        size_t room = 0;
        uint8_t *at = frame_space(&lines, &room);
        size_t len = input.len < room ? input.len : room;
        if (e.code != ERR_AGAIN || len == 0) break;
        memcpy(at, input.at, len);
        frame_filled(&lines, len);
        input = bytes_of(input.at + len, input.len - len);
    }
    for (size_t i = 0; i < MAILBOX_MESSAGES; i++) check_received(&mailbox.message[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct received shown;
    run_session(bytes_of(data, size));
    memset(&shown, 0, sizeof shown);
    mail_read(bytes_of(data, size), &shown);
    check_received(&shown);
    return 0;
}
