/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * courier: parcels by a courier over HTTP: what both ends write and read. Signed as an SMS
 * gateway's requests are (sms.h: bearer, timestamp, signature of the body under a key that never
 * travels).
 *
 *   POST <url>/v1/orders   {"id":"<id>","phone":"+86...","address":"...","contents":"<serial>"}
 *     200 {"id":"<the same>","status":"accepted"|"duplicate"|"refused"|"later","label":"<label>"}
 *   POST <url>/v1/track    {"label":"<label>"}
 *     200 {"label":"<the same>","events":[{"number":1,"at":<seconds>,"event":"collected"}, ...]}
 *
 * An id that the courier has is answered "duplicate" with the label of the first order: asking
 * again sends no second parcel. Events have numbers of their own, may come late, twice and in any
 * order; a word that we do not know is passed over, because couriers invent them. What is not
 * understood is FORMAT, and is asked for again. "delivered" beside "comes_back" is delivered to the
 * sender.
 */

#include "lib/base/writer.h"

enum {
    COURIER_LABEL_MAX = 24,
    COURIER_CONTENTS_MAX = 40,
    COURIER_ADDRESS_MAX = 120, /* bytes of UTF-8 */
    COURIER_PHONE_MAX = 16,
    COURIER_EVENTS_MAX = 32, /* of one parcel; a real one has some ten */
    COURIER_BODY_MAX = 2048,
    COURIER_ANSWER_MAX = 4096,
};

/* Stored: numbers are added. In the order in which a parcel goes; a number is its rank. */
#define COURIER_EVENT_LIST(X)                            \
    X(1, COLLECTED, "collected", "已揽收", "collected")  \
    X(2, MOVING, "moving", "运输中", "on its way")       \
    X(3, OUT, "out", "派送中", "out for delivery")       \
    X(4, FAILED, "failed", "未妥投", "nobody was there") \
    X(5, LOST, "lost", "已丢失", "lost")                 \
    X(6, DELIVERED, "delivered", "已签收", "delivered")  \
    X(7, COMES_BACK, "comes_back", "退回中", "on its way back")

enum courier_event {
#define X(number, name, ...) COURIER_##name = number,
    COURIER_EVENT_LIST(X)
#undef X
        COURIER_EVENTS
};

const char *courier_event_word(enum courier_event event);
const char *courier_event_text(enum courier_event event, bool english);
/* 0: there is none. */
enum courier_event courier_event_of(struct bytes word);

struct courier_order {
    const char *id, *phone, *address, *contents;
};

enum courier_status { COURIER_ACCEPTED = 1, COURIER_REFUSED, COURIER_LATER };

struct courier_happening {
    int64_t number, at_s;
    enum courier_event event;
};

struct courier_track {
    struct courier_happening happening[COURIER_EVENTS_MAX];
    size_t count;
};

/* A label: 8 to COURIER_LABEL_MAX capital letters and digits. */
bool courier_label_valid(struct bytes label);

void courier_write_order(struct writer *w, const struct courier_order *order);
void courier_write_question(struct writer *w, const char *label);

/* Duplicates are ACCEPTED. `ret_label` is written when accepted. Errors: FORMAT: no answer to this
 * id. */
MUST_USE err courier_read_ordered(struct bytes answer, const char *id,
                                  enum courier_status *ret_status,
                                  char ret_label[COURIER_LABEL_MAX + 1]);

/* Errors: FORMAT: no answer to this label, all of it or nothing. */
MUST_USE err courier_read_track(struct bytes answer, const char *label,
                                struct courier_track *ret_track);
