/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of messages, listed from the newest back. */
#include "simulators/mailbox.h"

struct received *mailbox_next(struct mailbox *mailbox, enum mailbox_kind kind, int64_t at_ms)
{
    struct received *place = &mailbox->message[mailbox->count % MAILBOX_MESSAGES];
    explicit_bzero(place, sizeof *place);
    place->number = ++mailbox->count;
    place->kind = kind;
    place->at_ms = at_ms;
    return place;
}

void mailbox_lay(char *to, size_t size, struct bytes text)
{
    size_t len = text.len < size - 1 ? text.len : size - 1;
    while (len < text.len && len > 0 && (text.at[len] & 0xc0) == 0x80) len--;
    struct bytes cut = bytes_of(text.at, len);
    bool shown = json_utf8_valid(cut) && (len == 0 || memchr(cut.at, '\0', len) == NULL);
    err laid = bytes_to_text(shown ? cut : BYTES(""), to, size);
    ENSURE(!FAILED(laid));
}

static void list_one(const struct received *m, struct json_out *j)
{
    json_object_begin(j);
    json_member_int(j, "number", m->number);
    json_member_string(j, "kind", m->kind == MAILBOX_SMS ? "sms" : "mail");
    json_member_string(j, "to", m->contact);
    json_member_string(j, "from", m->sender);
    json_member_string(j, "subject", m->subject);
    json_member_string(j, "text", m->text);
    json_member_int(j, "at_ms", m->at_ms);
    json_object_end(j);
}

void mailbox_list(const struct mailbox *mailbox, struct bytes contact, size_t room,
                  struct json_out *j)
{
    static const size_t escaped = 6,
                        frame = 256; /* the longest JSON of a byte; names and numbers */
    int64_t oldest = mailbox->count > MAILBOX_MESSAGES ? mailbox->count - MAILBOX_MESSAGES : 0;
    json_member_array(j, "messages");
    for (int64_t n = mailbox->count; n > oldest; n--) {
        const struct received *m = &mailbox->message[(n - 1) % MAILBOX_MESSAGES];
        if (contact.len > 0 && !bytes_equal(contact, bytes_text(m->contact))) continue;
        size_t most = frame + escaped * (strlen(m->contact) + strlen(m->sender) +
                                         strlen(m->subject) + strlen(m->text));
        if (j->w->len + most > room) break;
        list_one(m, j);
    }
    json_array_end(j);
}
