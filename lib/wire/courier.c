/* SPDX-License-Identifier: Apache-2.0 */
/* Orders, questions and answers of a courier as bytes; no sockets here. */
#include "lib/wire/courier.h"

#include "lib/wire/json.h"

enum { LABEL_MIN = 8, YEAR_2286_S = 9999999999 };

static const struct {
    const char *word, *zh, *en;
} events[COURIER_EVENTS] = {
#define X(number, name, word, zh, en) [number] = {word, zh, en},
    COURIER_EVENT_LIST(X)
#undef X
};

const char *courier_event_word(enum courier_event event)
{
    ENSURE(event >= COURIER_COLLECTED && event < COURIER_EVENTS);
    return events[event].word;
}

const char *courier_event_text(enum courier_event event, bool english)
{
    ENSURE(event >= COURIER_COLLECTED && event < COURIER_EVENTS);
    return english ? events[event].en : events[event].zh;
}

enum courier_event courier_event_of(struct bytes word)
{
    for (enum courier_event e = COURIER_COLLECTED; e < COURIER_EVENTS; e++)
        if (bytes_equal(word, bytes_text(events[e].word))) return e;
    return (enum courier_event)0;
}

bool courier_label_valid(struct bytes label)
{
    if (label.len < LABEL_MIN || label.len > COURIER_LABEL_MAX) return false;
    for (size_t i = 0; i < label.len; i++) {
        uint8_t c = label.at[i];
        if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) return false;
    }
    return true;
}

void courier_write_order(struct writer *w, const struct courier_order *order)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "id", order->id);
    json_member_string(&j, "phone", order->phone);
    json_member_string(&j, "address", order->address);
    json_member_string(&j, "contents", order->contents);
    json_object_end(&j);
}

void courier_write_question(struct writer *w, const char *label)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "label", label);
    json_object_end(&j);
}

static err read_ordered(const struct json_t *root, const char *id, enum courier_status *status,
                        char label[COURIER_LABEL_MAX + 1])
{
    struct bytes said, word, text;
    TRY(json_text(root, "id", 32, &said));
    TRY(json_text(root, "status", 16, &word));
    if (!bytes_equal(said, bytes_text(id))) return ERR(FORMAT);
    bool good = bytes_equal(word, BYTES("accepted")) || bytes_equal(word, BYTES("duplicate"));
    *status = good                                  ? COURIER_ACCEPTED
              : bytes_equal(word, BYTES("refused")) ? COURIER_REFUSED
                                                    : COURIER_LATER;
    if (!good) return OK;
    TRY(json_text(root, "label", COURIER_LABEL_MAX, &text));
    if (!courier_label_valid(text)) return ERR(FORMAT);
    return bytes_to_text(text, label, COURIER_LABEL_MAX + 1);
}

err courier_read_ordered(struct bytes answer, const char *id, enum courier_status *ret_status,
                         char ret_label[COURIER_LABEL_MAX + 1])
{
    CLEANUP(json_free) struct json_document document = {0};
    char label[COURIER_LABEL_MAX + 1] = "";
    enum courier_status status;
    err read = json_parse(answer, COURIER_ANSWER_MAX, &document);
    if (!FAILED(read)) read = read_ordered(document.root, id, &status, label);
    if (FAILED(read)) return ERR(FORMAT);
    *ret_status = status;
    memcpy(ret_label, label, sizeof label);
    return OK;
}

static err read_track(const struct json_t *root, const char *label, struct courier_track *track)
{
    struct json_t *list;
    struct bytes said, word;
    size_t count = 0;
    TRY(json_text(root, "label", COURIER_LABEL_MAX, &said));
    if (!bytes_equal(said, bytes_text(label))) return ERR(FORMAT);
    TRY(json_list(root, "events", COURIER_EVENTS_MAX, &list, &count));
    for (size_t i = 0; i < count; i++) {
        const struct json_t *one = json_at(list, i);
        struct courier_happening h;
        TRY(json_int(one, "number", 1, INT32_MAX, &h.number));
        TRY(json_int(one, "at", 1, YEAR_2286_S, &h.at_s));
        TRY(json_text(one, "event", 32, &word));
        h.event = courier_event_of(word);
        if (h.event != 0) track->happening[track->count++] = h;
    }
    return OK;
}

err courier_read_track(struct bytes answer, const char *label, struct courier_track *ret_track)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct courier_track track = {.count = 0};
    err read = json_parse(answer, COURIER_ANSWER_MAX, &document);
    if (!FAILED(read)) read = read_track(document.root, label, &track);
    if (FAILED(read)) return ERR(FORMAT);
    *ret_track = track;
    return OK;
}
