/* SPDX-License-Identifier: Apache-2.0 */
/* The courier: who asks, which parcel, and what has happened to it by now. */
#include "simulators/courier.h"

#include <stdio.h>

#include "lib/crypto/secret.h"
#include "lib/wire/json.h"

/* ---- who asks ---- */

static bool same_secret(const char *came, const char *expected, size_t len)
{
    return came != NULL && strlen(came) == len &&
           secret_equal(bytes_of(came, len), bytes_of(expected, len));
}

static bool bearer_right(const struct courier *c, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    const size_t skip = sizeof scheme - 1;
    return authorization != NULL && strncmp(authorization, scheme, skip) == 0 &&
           same_secret(authorization + skip, c->key.bearer, SMS_BEARER_LEN);
}

static bool signed_now(const struct courier *c, const struct courier_request *request)
{
    int64_t at_s = 0, now_s = clock_now_ms(&c->clock) / 1000;
    char expected[SMS_SIGNATURE_MAX + 1];
    struct bytes digits = bytes_text(request->timestamp != NULL ? request->timestamp : "");
    if (digits.len != 10 || !bytes_all_digits(digits)) return false;
    for (size_t i = 0; i < digits.len; i++) at_s = at_s * 10 + (digits.at[i] - '0');
    if (at_s < now_s - SMS_TOLERANCE_S || at_s > now_s + SMS_TOLERANCE_S) return false;
    if (FAILED(sms_sign(&c->key, at_s, request->body, expected))) return false;
    return same_secret(request->signature, expected, SMS_SIGNATURE_MAX);
}

/* ---- orders ---- */

static struct courier_parcel *parcel_by(struct courier *c, const char *id, const char *label)
{
    for (size_t i = 0; i < COURIER_PARCELS; i++) {
        struct courier_parcel *p = &c->parcel[i];
        if (p->id[0] == '\0') continue;
        if (id != NULL ? strcmp(p->id, id) == 0 : strcmp(p->label, label) == 0) return p;
    }
    return NULL;
}

static err read_order(const struct json_t *root, struct courier_parcel *p)
{
    static const char *const names[] = {"id", "phone", "address", "contents", NULL};
    TRY(json_only(root, names));
    TRY(json_text_copy(root, "id", p->id, sizeof p->id));
    TRY(json_text_copy(root, "phone", p->phone, sizeof p->phone));
    TRY(json_text_copy(root, "address", p->address, sizeof p->address));
    TRY(json_text_copy(root, "contents", p->contents, sizeof p->contents));
    bool whole = outbound_id_valid(p->id) && p->phone[0] != '\0' && p->address[0] != '\0';
    return whole ? OK : ERR(FORMAT);
}

static void write_ordered(struct writer *w, const char *id, const char *status, const char *label)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "id", id);
    json_member_string(&j, "status", status);
    if (label != NULL) json_member_string(&j, "label", label);
    json_object_end(&j);
}

static err order(struct courier *c, const struct json_t *root, enum courier_fault fault,
                 struct writer *w)
{
    struct courier_parcel asked = {.ordered_ms = clock_now_ms(&c->clock)};
    TRY(read_order(root, &asked));
    if (fault == COURIER_FAULT_LATER || fault == COURIER_FAULT_REFUSED) {
        write_ordered(w, asked.id, fault == COURIER_FAULT_LATER ? "later" : "refused", NULL);
        return OK;
    }
    const struct courier_parcel *there = parcel_by(c, asked.id, NULL);
    const char *status = there != NULL ? "duplicate" : "accepted";
    if (there == NULL) {
        struct courier_parcel *fresh = &c->parcel[c->count++ % COURIER_PARCELS];
        snprintf(asked.label, sizeof asked.label, "TB%010zu", c->count);
        *fresh = asked;
        there = fresh;
    }
    write_ordered(w, fault == COURIER_FAULT_WRONG ? "another" : asked.id, status, there->label);
    return OK;
}

/* ---- tracking ---- */

static const enum courier_event steps[COURIER_STEPS] = {COURIER_COLLECTED, COURIER_MOVING,
                                                        COURIER_OUT, COURIER_DELIVERED};

/* What has happened by now, in its order. */
static size_t happened(const struct courier *c, const struct courier_parcel *p,
                       struct courier_happening out[COURIER_STEPS + 1])
{
    int64_t now_ms = clock_now_ms(&c->clock), until_ms = p->lost_ms != 0 ? p->lost_ms : now_ms;
    size_t count = 0;
    for (int i = 0; i < COURIER_STEPS; i++) {
        int64_t at_ms = p->ordered_ms + (i + 1) * c->pace_ms;
        if (at_ms > until_ms) break;
        out[count] = (struct courier_happening){(int64_t)count + 1, at_ms / 1000, steps[i]};
        count++;
    }
    if (p->lost_ms != 0) {
        out[count] =
            (struct courier_happening){(int64_t)count + 1, p->lost_ms / 1000, COURIER_LOST};
        count++;
    }
    return count;
}

static void write_happening(struct json_out *j, const struct courier_happening *h)
{
    json_object_begin(j);
    json_member_int(j, "number", h->number);
    json_member_int(j, "at", h->at_s);
    json_member_string(j, "event", courier_event_word(h->event));
    json_object_end(j);
}

static err track(struct courier *c, const struct json_t *root, enum courier_fault fault,
                 struct writer *w)
{
    static const char *const names[] = {"label", NULL};
    char label[COURIER_LABEL_MAX + 1];
    struct courier_happening h[COURIER_STEPS + 1];
    TRY(json_only(root, names));
    TRY(json_text_copy(root, "label", label, sizeof label));
    const struct courier_parcel *p = parcel_by(c, NULL, label);
    if (p == NULL) return ERR(NOT_FOUND);
    size_t count = happened(c, p, h);
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "label", fault == COURIER_FAULT_WRONG ? "TB9999999999" : p->label);
    json_member_array(&j, "events");
    for (size_t i = 0; i < count; i++) {
        bool late = fault == COURIER_FAULT_LATE;
        if (late && i + 1 == count) break;
        write_happening(&j, late ? &h[count - 1 - i] : &h[i]);
        if (fault == COURIER_FAULT_DOUBLED) write_happening(&j, &h[i]);
    }
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* ---- requests ---- */

static enum courier_fault take_fault(struct courier *c)
{
    if (c->fault_count <= 0) return COURIER_FAULT_NONE;
    c->fault_count--;
    return c->fault;
}

void courier_answer(struct courier *c, const struct courier_request *request, struct writer *body,
                    struct courier_answer *ret_answer)
{
    CLEANUP(json_free) struct json_document document = {0};
    const size_t before = body->len;
    const enum courier_fault fault = take_fault(c);
    *ret_answer = (struct courier_answer){.status = 200, .drop = fault == COURIER_FAULT_DOWN};
    if (ret_answer->drop) return;
    if (!bearer_right(c, request->authorization) || !signed_now(c, request)) {
        ret_answer->status = 401;
        return;
    }
    err done = json_parse(request->body, COURIER_BODY_MAX, &document);
    if (!FAILED(done))
        done = request->path == COURIER_ORDERS ? order(c, document.root, fault, body)
                                               : track(c, document.root, fault, body);
    if (FAILED(done)) ret_answer->status = done.code == ERR_NOT_FOUND ? 404 : 400;
    else if (fault == COURIER_FAULT_BROKEN) ret_answer->status = 500;
    else if (fault == COURIER_FAULT_NONSENSE) {
        body->len = before;
        write_bytes(body, BYTES("<html>\xff{\"label\":"));
    }
}

bool courier_lose(struct courier *c, const char *label)
{
    struct courier_parcel *p = parcel_by(c, NULL, label);
    if (p != NULL && p->lost_ms == 0) p->lost_ms = clock_now_ms(&c->clock);
    return p != NULL;
}
