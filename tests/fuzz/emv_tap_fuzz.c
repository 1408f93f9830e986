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
#include "tests/fuzz/emv_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TURNS_MAX = 400, FLAG_SLOT = 1, FLAG_EXTENDED = 2, FLAG_FORCE = 4, FLAG_OFFLINE = 8 };

static const struct emv_parameters *parameters(void)
{
    static struct emv_parameters p;
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
    p.ca_key[p.ca_keys++] = authority();
    return &p;
}

static struct emv_event next_event(struct input *in, enum emv_want want)
{
    struct emv_event event = {.kind = EMV_EVENT_RESPONSE};
    if (want == EMV_WANT_APDU) {
        event.bytes = read_prefixed(&in->r, 2, ANSWER_MAX);
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
