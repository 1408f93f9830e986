/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A HID device of any kind: length(2) descriptor, then reports, each behind a length byte. What is
 * taken lies inside its report and its limits; what is refused leaves nothing.
 */
#include "lib/base/reader.h"
#include "lib/wire/hid_pos.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_code(void *context, struct bytes code, const char *aim)
{
    (void)context;
    ENSURE(code.len > 0 && code.len <= HID_CODE_MAX);
    ENSURE(aim[0] == '\0' || aim[0] == ']');
    for (size_t i = 0; i < code.len; i++) ENSURE(code.at[i] >= 0x20 && code.at[i] <= 0x7e);
}

static void check_places(const struct hid_descriptor *d)
{
    for (size_t i = 0; i < d->field_count; i++) {
        const struct hid_field *f = &d->field[i];
        ENSURE(f->first <= f->last && f->count > 0);
        ENSURE(((uint64_t)f->size * f->count + f->bit + 7) / 8 <= hid_report_bytes(d, f->report));
        struct hid_place p = hid_find(d, f->application, f->last, f->report);
        ENSURE(((uint64_t)p.size * p.count + p.bit + 7) / 8 <= HID_REPORT_MAX);
    }
}

static void check_swipe(const struct hid_swipe *swipe)
{
    for (size_t i = 0; i < HID_TRACKS; i++) {
        const char *track = swipe->track[i];
        size_t len = strlen(track);
        ENSURE(len <= HID_TRACK_MAX && (len == 0 || track[len - 1] == '?'));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hid_scanner scanner;
    static struct hid_stripe stripe;
    struct reader r = reader_over(bytes_of(data, size));
    struct bytes descriptor = read_prefixed(&r, 2, HID_DESCRIPTOR_MAX);
    struct hid_descriptor d;
    const char *why = NULL;
    if (!FAILED(hid_descriptor_read(descriptor, &d))) check_places(&d);
    bool codes = !FAILED(hid_scanner_begin(&scanner, descriptor, &why));
    ENSURE(codes == (why == NULL));
    bool swipes = !FAILED(hid_stripe_begin(&stripe, descriptor, &why));
    ENSURE(swipes == (why == NULL) && !(codes && swipes));
    for (int64_t now_ms = 0; (codes || swipes) && r.left.len > 0; now_ms += 100) {
        struct bytes report = read_prefixed(&r, 1, UINT8_MAX);
        struct hid_swipe swipe = {0};
        if (codes) (void)hid_scanner_take(&scanner, report, now_ms, on_code, NULL);
        else if (hid_stripe_take(&stripe, report, &swipe) == HID_TAKEN) check_swipe(&swipe);
    }
    return 0;
}
