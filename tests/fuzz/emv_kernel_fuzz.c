/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as everything that card, person and host answer to the contact kernel in one
 * transaction. It always comes to an end, within a bound; every command is well-formed; an approval
 * has a cryptogram behind it; nothing of a PIN stays.
 *
 * Input: flags, the random number (4), the amount (4), then for each want of the kernel: an answer
 * of the card behind a length of two bytes; one byte for a choice, a PIN or a document; for the
 * host one byte that is 0 for nothing, two characters, and field 55 behind its length. Where the
 * input ends, the card is pulled.
 */
#include "tests/fuzz/emv_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TURNS_MAX = 2000, FLAG_T0 = 1, FLAG_CHOICE = 2, FLAG_FORCE = 4, FLAG_COUNTER = 8 };

/* Two applications, one of them partial, and the authority. */
static const struct emv_parameters *parameters(void)
{
    static struct emv_parameters p;
    if (p.applications > 0) return &p;
    p.application[p.applications++] =
        (struct emv_application){.aid = BYTES("\xA0\x00\x00\x03\x33\x01\x01\x01"),
                                 .version = {0x00, 0x30},
                                 .tac_denial = {0x80},
                                 .floor_limit = 10000,
                                 .threshold = 100,
                                 .maximum_percent = 50,
                                 .target_percent = 10,
                                 .ddol = BYTES("\x9F\x37\x04"),
                                 .online_pin = true};
    p.application[p.applications] = p.application[0];
    p.application[p.applications].aid = BYTES("\xA0\x00\x00\x00\x03");
    p.application[p.applications++].partial = true;
    p.ca_key[p.ca_keys++] = authority();
    return &p;
}

static struct emv_event next_event(struct input *in, enum emv_want want)
{
    struct emv_event event = {.kind = EMV_EVENT_REMOVED};
    uint8_t what = want == EMV_WANT_APDU ? 1 : (uint8_t)read_be(&in->r, 1);
    switch (want) {
    case EMV_WANT_APDU:
        event.bytes = read_prefixed(&in->r, 2, ANSWER_MAX);
        event.kind = EMV_EVENT_RESPONSE;
        break;
    case EMV_WANT_CHOICE:
        event.index = what;
        event.kind = what == 0xFF ? EMV_EVENT_CANCEL : EMV_EVENT_CHOSEN;
        break;
    case EMV_WANT_PIN:
        event.bytes = BYTES("735182");
        event.kind = what == 0 ? EMV_EVENT_BYPASS : EMV_EVENT_PIN;
        break;
    case EMV_WANT_DOCUMENT:
        event.accepted = what != 0;
        event.kind = EMV_EVENT_DOCUMENT;
        break;
    case EMV_WANT_ONLINE:
        event.arc[0] = (char)read_be(&in->r, what == 0 ? 0 : 1);
        event.arc[1] = (char)read_be(&in->r, what == 0 ? 0 : 1);
        event.bytes = read_prefixed(&in->r, what == 0 ? 0 : 1, 255);
        event.kind = what == 0 ? EMV_EVENT_NO_HOST : EMV_EVENT_HOST;
        break;
    case EMV_DONE:
        break;
    }
    if (in->r.fault != ERR_OK) event = (struct emv_event){.kind = EMV_EVENT_REMOVED};
    return event;
}

static void check_end(const struct emv_contact *k)
{
    bool approved =
        k->outcome.result == EMV_APPROVED_OFFLINE || k->outcome.result == EMV_APPROVED_ONLINE;
    struct bytes value;
    if (approved) {
        ENSURE(k->given == EMV_TC && !k->outcome.reverse && k->outcome.reason == EMV_REASON_NONE);
        ENSURE(emv_data_get_exact(&k->data, 0x9F26, 8, &value));
        ENSURE(emv_data_get(&k->data, 0x5A, &value) && emv_data_get(&k->data, 0x5F24, &value));
    }
    ENSURE(k->outcome.result != EMV_APPROVED_ONLINE || k->host_approved);
    ENSURE(!k->outcome.fallback || k->outcome.result == EMV_TERMINATED);
    ENSURE(k->data.count <= EMV_DATA_OBJECTS && k->data.used <= EMV_DATA_BYTES);
    ENSURE(strcmp(emv_reason_text(k->outcome.reason), "unknown") != 0);
}

/* The PIN block of 735182, unless the card itself has said these bytes. */
static void check_no_pin(const struct emv_contact *k, struct bytes input)
{
    static const uint8_t block[8] = {0x26, 0x73, 0x51, 0x82, 0xFF, 0xFF, 0xFF, 0xFF};
    if (memmem(input.at, input.len, block, 4) == NULL)
        ENSURE(memmem(k, sizeof *k, block, sizeof block) == NULL);
}

static void check_command(const struct emv_contact *k)
{
    struct emv_apdu again;
    struct bytes command = emv_contact_command(k);
    ENSURE(!FAILED(emv_apdu_begin_raw(&again, command)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct emv_contact k;
    struct input in = {.r = reader_over(bytes_of(data, size))};
    uint64_t flags = read_be(&in.r, 1);
    struct bytes number = read_bytes(&in.r, 4);
    uint64_t amount = read_be(&in.r, 4);
    if (in.r.fault != ERR_OK) return 0;
    memcpy(in.number, number.at, 4);
    struct emv_setup setup = {
        .parameters = parameters(),
        .terminal = {.type = 0x22,
                     .capabilities = {0xE0, (flags & FLAG_COUNTER) != 0 ? 0x28 : 0xF8, 0xC8},
                     .country = {0x01, 0x56},
                     .merchant = BYTES("TEST SMART MERCHANT "),
                     .t0 = (flags & FLAG_T0) != 0,
                     .choice = (flags & FLAG_CHOICE) != 0,
                     .pin_bypass = true,
                     .document = true,
                     .ask_counter = (flags & FLAG_COUNTER) != 0},
        .payment = {.amount_minor = (int64_t)amount,
                    .currency = {0x01, 0x56},
                    .exponent = 2,
                    .force_online = (flags & FLAG_FORCE) != 0},
        .ports = {.context = &in, .random = {fill, &in}, .now = now},
    };
    enum emv_want want = emv_contact_begin(&k, &setup);
    for (unsigned turn = 0; want != EMV_DONE; turn++) {
        ENSURE(turn < TURNS_MAX);
        if (want == EMV_WANT_APDU) check_command(&k);
        struct emv_event event = next_event(&in, want);
        want = emv_contact_next(&k, &event);
    }
    check_end(&k);
    check_no_pin(&k, bytes_of(data, size));
    return 0;
}
