/* SPDX-License-Identifier: Apache-2.0 */
/* Places from the descriptor, codes and tracks from reports. */
#include "lib/wire/hid_pos.h"

enum {
    PAGE_SCANNER = 0x8c,
    PAGE_STRIPE = 0x8e,
    BYTE_COUNT = 0x0001003b,
    DECODED_DATA = 0x008c00fe,
    DECODED_DATA_CONTINUED = 0x008c00ff,
    SYMBOLOGY_1 = 0x008c00fb,
    TRACK_1_LENGTH = 0x008e0011,
    TRACK_1_DATA = 0x008e0021,
    UNDECODED = 1, /* bit 0 of a status */
};
static const uint32_t TRACK_1_STATUS = 0xff000020;

const char *hid_fault_word(enum hid_fault fault)
{
    static const char *const words[HID_FAULTS] = {
        [HID_UNKNOWN_REPORT] = "unknown_report",
        [HID_SHORT_REPORT] = "short_report",
        [HID_BAD_COUNT] = "count",
        [HID_BAD_SYMBOLOGY] = "symbology",
        [HID_BAD_CHARACTER] = "character",
        [HID_TOO_LONG] = "too_long",
        [HID_CUT] = "cut",
    };
    return words[fault];
}

bool hid_worth_a_line(unsigned count)
{
    return count != 0 && (count & (count - 1)) == 0;
}

/* ---- what a device is ---- */

static bool whole_bytes(const struct hid_place *place)
{
    return place->count > 0 && place->size == 8;
}

/* Three characters with a usage each, or one usage for three; fewer of them say nothing. */
static void place_aim(const struct hid_descriptor *d, uint32_t application, struct hid_scanner *out)
{
    bool whole = true;
    for (uint32_t i = 0; i < HID_AIM; i++) {
        out->aim[i] = hid_find(d, application, SYMBOLOGY_1 + i, out->data.report);
        if (i > 0 && out->aim[i].count == 0 && out->aim[0].count == HID_AIM) {
            out->aim[i] = out->aim[0];
            out->aim[i].bit += i * out->aim[0].size;
        }
        whole &= whole_bytes(&out->aim[i]);
    }
    if (!whole) memset(out->aim, 0, sizeof out->aim);
}

/* The count, the identifier and the mark of continuation, where they are in the report of the data;
 * one of another size is as good as none, for nobody knows what it says. */
static bool place_scanner_in(const struct hid_descriptor *d, uint32_t application,
                             struct hid_scanner *out)
{
    out->data = hid_find(d, application, DECODED_DATA, HID_ANY_REPORT);
    if (!whole_bytes(&out->data)) return false;
    out->count = hid_find(d, application, BYTE_COUNT, out->data.report);
    out->more = hid_find(d, application, DECODED_DATA_CONTINUED, out->data.report);
    if (out->count.size > 32) out->count.count = 0;
    if (out->more.size > 32) out->more.count = 0;
    place_aim(d, application, out);
    return true;
}

/* Track 2 is what is paid with; the others are taken when they are in the same report. */
static bool place_stripe_in(const struct hid_descriptor *d, uint32_t application,
                            struct hid_stripe *out)
{
    const struct hid_place two = hid_find(d, application, TRACK_1_DATA + 1, HID_ANY_REPORT);
    for (uint32_t i = 0; i < HID_TRACKS; i++) {
        out->data[i] = hid_find(d, application, TRACK_1_DATA + i, two.report);
        out->length[i] = hid_find(d, application, TRACK_1_LENGTH + i, two.report);
        out->status[i] = hid_find(d, application, TRACK_1_STATUS + i, two.report);
        if (!whole_bytes(&out->data[i])) out->data[i].count = 0;
        if (out->length[i].size > 32) out->length[i].count = 0;
        if (out->status[i].size > 32) out->status[i].count = 0;
    }
    return out->data[1].count > 0 && out->length[1].count > 0;
}

/* A cradle may be a collection of its own before the scanner in it. */
static bool place_scanner(const struct hid_descriptor *d, struct hid_scanner *out, bool *ret_is)
{
    uint32_t application;
    *ret_is = false;
    for (size_t at = 0; (application = hid_next_application(d, PAGE_SCANNER, &at)) != 0;) {
        *ret_is = true;
        if (place_scanner_in(d, application, out)) return true;
    }
    return false;
}

static bool place_stripe(const struct hid_descriptor *d, struct hid_stripe *out, bool *ret_is)
{
    uint32_t application;
    *ret_is = false;
    for (size_t at = 0; (application = hid_next_application(d, PAGE_STRIPE, &at)) != 0;) {
        *ret_is = true;
        if (place_stripe_in(d, application, out)) return true;
    }
    return false;
}

enum hid_reader hid_reader_of(const struct hid_descriptor *d, const char **ret_why)
{
    struct hid_scanner scanner = {0};
    struct hid_stripe stripe = {0};
    bool is = false;
    *ret_why = NULL;
    if (place_stripe(d, &stripe, &is)) return HID_STRIPE;
    if (is) {
        *ret_why = "a stripe reader without track 2";
        return HID_STRIPE;
    }
    if (place_scanner(d, &scanner, &is)) return HID_SCANNER;
    *ret_why = is ? "a scanner without decoded data"
                  : "neither a bar code scanner nor a magnetic stripe reader";
    return is ? HID_SCANNER : HID_NO_READER;
}

/* One of the two kinds: a stripe reader is no scanner, and who asks for one must not get it. */
static err read_as(struct bytes descriptor, enum hid_reader wanted, struct hid_descriptor *out,
                   const char **ret_why)
{
    struct hid_descriptor d;
    err e = hid_descriptor_read(descriptor, &d);
    *ret_why = "its report descriptor is none";
    if (FAILED(e)) return e;
    enum hid_reader kind = hid_reader_of(&d, ret_why);
    if (*ret_why != NULL) return ERR(UNSUPPORTED);
    if (kind != wanted) {
        *ret_why = kind == HID_STRIPE ? "a magnetic stripe reader, which is for the vault alone"
                                      : "a bar code scanner, which is for the terminal";
        return ERR(UNSUPPORTED);
    }
    *out = d;
    return OK;
}

err hid_scanner_begin(struct hid_scanner *s, struct bytes descriptor, const char **ret_why)
{
    bool is = false;
    struct hid_descriptor d;
    TRY(read_as(descriptor, HID_SCANNER, &d, ret_why));
    explicit_bzero(s, sizeof *s);
    s->device = d;
    ENSURE(place_scanner(&s->device, s, &is));
    return OK;
}

err hid_stripe_begin(struct hid_stripe *s, struct bytes descriptor, const char **ret_why)
{
    bool is = false;
    struct hid_descriptor d;
    TRY(read_as(descriptor, HID_STRIPE, &d, ret_why));
    *s = (struct hid_stripe){.device = d};
    ENSURE(place_stripe(&s->device, s, &is));
    return OK;
}

/* ---- reports ---- */

/* What stands behind the number of the report, when it is the wanted one and whole. The kernel may
 * hand over more than the descriptor says, as the bus has padded it. */
static enum hid_fault open_report(const struct hid_descriptor *d, uint8_t wanted,
                                  struct bytes report, struct bytes *ret_body)
{
    uint8_t number = 0;
    if (report.len == 0) return HID_SHORT_REPORT;
    if (d->numbered) {
        number = report.at[0];
        report = bytes_of(report.at + 1, report.len - 1);
    }
    size_t len = hid_report_bytes(d, number);
    if (len == 0) return HID_UNKNOWN_REPORT;
    if (number != wanted) return HID_OTHER_REPORT;
    if (report.len < len) return HID_SHORT_REPORT;
    *ret_body = bytes_of(report.at, len);
    return HID_TAKEN;
}

/* `len` bytes of a place into a text; false when one of them is none. */
static bool copy_text(struct bytes body, const struct hid_place *place, uint32_t len, char *out)
{
    for (uint32_t i = 0; i < len; i++) {
        uint32_t c = hid_value(body, place, i);
        if (c < 0x20 || c > 0x7e) return false;
        out[i] = (char)c;
    }
    return true;
}

/* ---- codes ---- */

static void forget_code(struct hid_scanner *s)
{
    explicit_bzero(s->code, sizeof s->code);
    memset(s->said_aim, 0, sizeof s->said_aim);
    s->len = 0;
    s->begun = false;
    s->spoiled = false;
}

/* A device may end a code with what a line ends with: a prefix or suffix of its settings. */
static uint32_t without_end(struct bytes body, const struct hid_place *data, uint32_t len)
{
    while (len > 0) {
        uint32_t c = hid_value(body, data, len - 1);
        if (c != '\r' && c != '\n') break;
        len--;
    }
    return len;
}

/* "]", a letter for the kind of code, a digit or letter for its options (ISO/IEC 15424). */
static bool is_aim(const char aim[static HID_AIM])
{
    return aim[0] == ']' && aim[1] >= 'A' && aim[1] <= 'z' && aim[2] >= '0' && aim[2] <= 'z';
}

static enum hid_fault take_aim(struct hid_scanner *s, struct bytes body)
{
    static const char none[HID_AIM];
    char aim[HID_AIM] = {0};
    for (size_t i = 0; i < HID_AIM; i++)
        if (s->aim[i].count > 0) aim[i] = (char)hid_value(body, &s->aim[i], 0);
    if (memcmp(aim, none, sizeof aim) == 0) return HID_TAKEN;
    if (!is_aim(aim)) return HID_BAD_SYMBOLOGY;
    if (s->begun && memcmp(s->said_aim, aim, sizeof aim) != 0) return HID_BAD_SYMBOLOGY;
    memcpy(s->said_aim, aim, sizeof aim);
    return HID_TAKEN;
}

/* How many bytes of the data count, as the device says it, or up to the first NUL. */
static uint32_t data_len(const struct hid_scanner *s, struct bytes body)
{
    uint32_t len = 0;
    if (s->count.count > 0) return hid_value(body, &s->count, 0);
    while (len < s->data.count && hid_value(body, &s->data, len) != 0) len++;
    return len;
}

static enum hid_fault take_part(struct hid_scanner *s, struct bytes body, bool more)
{
    uint32_t len = data_len(s, body);
    if (len > s->data.count) return HID_BAD_COUNT;
    enum hid_fault fault = take_aim(s, body);
    if (fault != HID_TAKEN) return fault;
    if (!more) len = without_end(body, &s->data, len);
    if (len == 0 && (more || s->len == 0)) return HID_BAD_COUNT;
    if (len > sizeof s->code - s->len) return HID_TOO_LONG;
    if (!copy_text(body, &s->data, len, s->code + s->len)) return HID_BAD_CHARACTER;
    s->len += len;
    s->begun = true;
    return HID_TAKEN;
}

static enum hid_fault drop(unsigned *dropped, enum hid_fault fault)
{
    if (hid_fault_word(fault) != NULL && dropped[fault] < UINT32_MAX) dropped[fault]++;
    return fault;
}

/* What began and was not ended in time is given up; so is the wait for the end of what is dropped.
 */
static enum hid_fault give_up_late(struct hid_scanner *s, int64_t now_ms)
{
    bool late = now_ms - s->last_ms > HID_GAP_MS, cut = late && s->begun;
    if (late) forget_code(s);
    s->last_ms = now_ms;
    return cut ? drop(s->dropped, HID_CUT) : HID_TAKEN;
}

/* One part of a code that is not dropped. */
static enum hid_fault take_next(struct hid_scanner *s, struct bytes body, bool more, hid_code taken,
                                void *context)
{
    enum hid_fault fault = take_part(s, body, more);
    if (fault == HID_TAKEN && !more) taken(context, bytes_of(s->code, s->len), s->said_aim);
    if (fault == HID_TAKEN && more) return fault;
    forget_code(s);
    s->spoiled = more; /* what follows belongs to it */
    return drop(s->dropped, fault);
}

enum hid_fault hid_scanner_take(struct hid_scanner *s, struct bytes report, int64_t now_ms,
                                hid_code taken, void *context)
{
    struct bytes body;
    enum hid_fault fault = open_report(&s->device, s->data.report, report, &body);
    if (fault != HID_TAKEN) return drop(s->dropped, fault);
    bool more = s->more.count > 0 && hid_value(body, &s->more, 0) != 0;
    enum hid_fault late = give_up_late(s, now_ms);
    if (s->spoiled) {
        s->spoiled = more;
        return late;
    }
    fault = take_next(s, body, more, taken, context);
    return fault == HID_TAKEN ? late : fault;
}

/* ---- tracks ---- */

static const char starts[HID_TRACKS] = {'%', ';', ';'};

/* With its sentinels: some readers hand them over, others strip them (ISO/IEC 7813 wants them on
 * the card). Half of them is no track; behind the end a check character may stand. */
static void with_sentinels(const char *text, char start, char out[static HID_TRACK_MAX + 1])
{
    const char *end = strchr(text, '?');
    bool begins = text[0] == start || (start == ';' && text[0] == '+');
    size_t len = end == NULL ? strlen(text) : (size_t)(end - text) + 1;
    if (begins != (end != NULL)) return;
    if (begins) {
        memcpy(out, text, len);
        return;
    }
    out[0] = start;
    memcpy(out + 1, text, len);
    out[len + 1] = '?';
}

/* What is not printable was not decoded. */
static void take_track(struct bytes body, const struct hid_place *data, uint32_t len, char start,
                       char out[static HID_TRACK_MAX + 1])
{
    char text[HID_TRACK_MAX + 1] = {0};
    if (len == 0 || len > HID_TRACK_MAX - 2) return;
    if (copy_text(body, data, len, text)) with_sentinels(text, start, out);
    explicit_bzero(text, sizeof text);
}

enum hid_fault hid_stripe_take(struct hid_stripe *s, struct bytes report, struct hid_swipe *out)
{
    struct bytes body;
    struct hid_swipe swipe = {0};
    enum hid_fault fault = open_report(&s->device, s->data[1].report, report, &body);
    for (size_t i = 0; i < HID_TRACKS && fault == HID_TAKEN; i++) {
        const struct hid_place *data = &s->data[i];
        if (data->count == 0 || s->length[i].count == 0) continue;
        uint32_t len = hid_value(body, &s->length[i], 0);
        bool undecoded =
            s->status[i].count > 0 && (hid_value(body, &s->status[i], 0) & UNDECODED) != 0;
        if (len > data->count) fault = HID_BAD_COUNT;
        else if (!undecoded) take_track(body, data, len, starts[i], swipe.track[i]);
    }
    if (fault == HID_TAKEN) *out = swipe;
    explicit_bzero(&swipe, sizeof swipe);
    return drop(s->dropped, fault);
}
