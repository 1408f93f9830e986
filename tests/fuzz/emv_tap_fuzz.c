/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as everything that card and host answer to the contactless kernel in one transaction.
 * It always comes to an end, within a bound; every command is well-formed; an approval has a
 * cryptogram behind it.
 *
 * Input: flags, the random number (4), the amount (4), then for each want of the kernel: an answer
 * of the card behind a length of two bytes; one byte for a PIN; for the host one byte that is 0 for
 * nothing, and two characters. Where the input ends, the card is pulled, or the host is not there.
 */
#include "lib/emv/entry_point.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The authority of the derived card in tests/vectors/emv. */
static const uint8_t modulus[] = {
    0xE0, 0xC5, 0xA4, 0x61, 0x29, 0x53, 0xA9, 0x9B, 0xC4, 0xF2, 0x75, 0x4A, 0x9E, 0x7E, 0xAA, 0x29,
    0xBE, 0x97, 0xFC, 0x02, 0x9D, 0xCA, 0xD9, 0x17, 0x79, 0x7F, 0xD2, 0x85, 0x77, 0x0D, 0x2D, 0x8A,
    0x26, 0x2D, 0xD5, 0x86, 0xEB, 0x39, 0x4E, 0x9D, 0xA0, 0xBA, 0xCD, 0x62, 0x88, 0x43, 0xB3, 0xE0,
    0xF2, 0x52, 0x37, 0x2F, 0xAB, 0x10, 0x49, 0x87, 0x0B, 0xD5, 0xC5, 0x00, 0xFD, 0x2F, 0xB0, 0x58,
    0x7D, 0xEC, 0xA3, 0x03, 0x5B, 0x6E, 0x42, 0xC0, 0x6A, 0x14, 0x61, 0x1F, 0x61, 0x19, 0x3F, 0xCC,
    0x38, 0x6C, 0xF5, 0x04, 0x65, 0xAB, 0xF8, 0xA8, 0x1A, 0x30, 0x13, 0x1A, 0x5F, 0xD9, 0x7D, 0xE2,
    0x24, 0xE2, 0x3C, 0xE7, 0xAC, 0x91, 0xFE, 0xBB, 0xC5, 0xA0, 0xE8, 0x68, 0x57, 0xBC, 0x05, 0x39,
    0x14, 0x02, 0xF5, 0x19, 0xF2, 0xD1, 0x2F, 0x30, 0xAF, 0x43, 0x8B, 0x8A, 0x50, 0x9E, 0x9F, 0x07,
    0xD3, 0x35, 0x1D, 0xCD, 0x76, 0x68, 0x61, 0x99, 0x7F, 0xD3, 0x59, 0x68, 0x08, 0xE5, 0xC6, 0x6D,
};

enum { TURNS_MAX = 400, FLAG_SLOT = 1, FLAG_EXTENDED = 2, FLAG_FORCE = 4, FLAG_OFFLINE = 8 };

struct input {
    struct reader r;
    uint8_t number[4];
};

static void fill(void *context, void *out, size_t len)
{
    const struct input *in = (const struct input *)context;
    for (size_t i = 0; i < len; i++) ((uint8_t *)out)[i] = in->number[i % 4];
}

static void now(void *context, uint8_t date[3], uint8_t time[3])
{
    (void)context;
    memcpy(date, "\x25\x11\x22", 3);
    memcpy(time, "\x10\x11\x12", 3);
}

static const struct emv_parameters *parameters(void)
{
    static struct emv_parameters p;
    static uint8_t exponent = 3;
    if (p.applications > 0) return &p;
    p.limits.tap_free_minor = 50000;
    p.application[p.applications++] =
        (struct emv_application){.aid = BYTES("\xA0\x00\x00\x03\x33\x01\x01\x01"),
                                 .version = {0x00, 0x30},
                                 .online_pin = true,
                                 .tap_floor_minor = 10000,
                                 .tap_limit_minor = 500000,
                                 .tap_cvm_minor = 100000};
    p.application[p.applications] = p.application[0];
    p.application[p.applications].aid = BYTES("\xA0\x00\x00\x03\x33");
    p.application[p.applications++].partial = true;
    p.ca_key[p.ca_keys++] = (struct emv_ca_key){.rid = {0xA0, 0x00, 0x00, 0x03, 0x33},
                                                .index = 0xF1,
                                                .expiry = {0x30, 0x12, 0x31},
                                                .modulus = BYTES_OF(modulus),
                                                .exponent = bytes_of(&exponent, 1)};
    return &p;
}

static struct emv_event next_event(struct input *in, enum emv_want want)
{
    struct emv_event event = {.kind = EMV_EVENT_RESPONSE};
    if (want == EMV_WANT_APDU) {
        event.bytes = read_prefixed(&in->r, 2, 300);
        if (in->r.fault != ERR_OK) event.kind = EMV_EVENT_REMOVED;
    } else if (want == EMV_WANT_PIN) {
        event.kind = read_be(&in->r, 1) == 0 ? EMV_EVENT_CANCEL : EMV_EVENT_PIN;
    } else {
        event.kind = read_be(&in->r, 1) == 0 ? EMV_EVENT_NO_HOST : EMV_EVENT_HOST;
        event.arc[0] = (char)read_be(&in->r, 1);
        event.arc[1] = (char)read_be(&in->r, 1);
        if (in->r.fault != ERR_OK) event = (struct emv_event){.kind = EMV_EVENT_NO_HOST};
    }
    return event;
}

static void check_end(const struct emv_tap *k)
{
    bool approved =
        k->outcome.result == EMV_APPROVED_OFFLINE || k->outcome.result == EMV_APPROVED_ONLINE;
    struct bytes value;
    if (approved) {
        ENSURE(k->given != EMV_AAC && !k->outcome.reverse && !k->outcome.try_again);
        ENSURE(emv_data_get_exact(&k->data, 0x9F26, 8, &value));
        ENSURE(emv_data_get(&k->data, 0x5A, &value) && emv_data_get(&k->data, 0x5F24, &value));
    }
    ENSURE(k->outcome.result != EMV_APPROVED_ONLINE || k->host_approved);
    ENSURE(k->outcome.result != EMV_APPROVED_OFFLINE || (k->given == EMV_TC && k->tvr[0] == 0));
    ENSURE(!k->tap.insert || k->outcome.result == EMV_TERMINATED);
    ENSURE(!k->outcome.try_again || !k->online_asked);
    ENSURE(k->data.count <= EMV_DATA_OBJECTS && k->data.used <= EMV_DATA_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct emv_tap k;
    struct input in = {.r = reader_over(bytes_of(data, size))};
    uint64_t flags = read_be(&in.r, 1);
    struct bytes number = read_bytes(&in.r, 4);
    uint64_t amount = read_be(&in.r, 4);
    if (in.r.fault != ERR_OK) return 0;
    memcpy(in.number, number.at, 4);
    struct emv_setup setup = {
        .parameters = parameters(),
        .terminal = {.type = (flags & FLAG_OFFLINE) != 0 ? 0x23 : 0x22,
                     .capabilities = {(flags & FLAG_SLOT) != 0 ? 0xE0 : 0xC0, 0xF8, 0xC8},
                     .country = {0x01, 0x56},
                     .extended_selection = (flags & FLAG_EXTENDED) != 0},
        .payment = {.amount_minor = (int64_t)amount,
                    .currency = {0x01, 0x56},
                    .exponent = 2,
                    .force_online = (flags & FLAG_FORCE) != 0},
        .ports = {.context = &in, .random = {fill, &in}, .now = now},
    };
    enum emv_want want = emv_tap_begin(&k, &setup);
    for (unsigned turn = 0; want != EMV_DONE; turn++) {
        struct emv_apdu again;
        ENSURE(turn < TURNS_MAX);
        if (want == EMV_WANT_APDU) ENSURE(!FAILED(emv_apdu_begin_raw(&again, emv_tap_command(&k))));
        struct emv_event event = next_event(&in, want);
        want = emv_tap_next(&k, &event);
    }
    check_end(&k);
    return 0;
}
