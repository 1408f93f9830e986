/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a courier's answer: to an order, where only one that names our id brings a label,
 * which is one; and to a question, where every happening has a number, a time and an event that
 * there is. The same bytes as a request: the simulator sends no parcel for what is none.
 */
#include "simulators/courier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ID    "stock-17"
#define LABEL "TB0000000001"

enum { NOW_S = 1790000000 };

static int64_t now(void *context)
{
    (void)context;
    return (int64_t)NOW_S * 1000;
}

static void check_ordered(struct bytes input)
{
    char label[COURIER_LABEL_MAX + 1] = "untouched";
    enum courier_status status = (enum courier_status)0;
    err read = courier_read_ordered(input, ID, &status, label);
    if (FAILED(read)) {
        ENSURE(status == 0 && strcmp(label, "untouched") == 0);
        return;
    }
    ENSURE(status >= COURIER_ACCEPTED && status <= COURIER_LATER);
    ENSURE(status != COURIER_ACCEPTED || courier_label_valid(bytes_text(label)));
}

static void check_track(struct bytes input)
{
    static struct courier_track track;
    track = (struct courier_track){.count = 0};
    if (FAILED(courier_read_track(input, LABEL, &track))) {
        ENSURE(track.count == 0);
        return;
    }
    ENSURE(track.count <= COURIER_EVENTS_MAX);
    for (size_t i = 0; i < track.count; i++) {
        const struct courier_happening *h = &track.happening[i];
        ENSURE(h->number >= 1 && h->at_s >= 1);
        ENSURE(courier_event_of(bytes_text(courier_event_word(h->event))) == h->event);
    }
}

static void check_request(struct courier *courier, enum courier_path path, struct bytes input)
{
    static uint8_t block[COURIER_ANSWER_MAX];
    char signature[SMS_SIGNATURE_MAX + 1];
    if (FAILED(sms_sign(&courier->key, NOW_S, input, signature))) return;
    const struct courier_request request = {
        path, "Bearer bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "1790000000", signature, input};
    for (unsigned i = 0; i < 2; i++) {
        struct writer w = writer_over(block, sizeof block);
        struct courier_answer answer;
        courier_answer(courier, &request, &w, &answer);
        ENSURE(w.fault == ERR_OK);
        ENSURE(courier->count == (path == COURIER_ORDERS && answer.status == 200));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct courier courier;
    struct bytes input = bytes_of(data, size);
    check_ordered(input);
    check_track(input);
    for (int path = COURIER_ORDERS; path <= COURIER_TRACK; path++) {
        courier = (struct courier){.clock = {now, now, NULL}, .pace_ms = COURIER_PACE_MS};
        memset(courier.key.bearer, 'b', SMS_BEARER_LEN);
        check_request(&courier, (enum courier_path)path, input);
    }
    return 0;
}
