/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the tests of taps share: the terminal and parameters of emv_rig.h, the contactless machine,
 * and a card whose answers a test writes as it likes; what it signs does not verify.
 */

#include "lib/emv/entry_point.h"
#include "tests/unit/emv_card.h"
#include "tests/unit/emv_rig.h"

struct tap_rig {
    struct rig base;
    struct emv_tap k;
};

/* Offline up to 100.00, tapped below 5000.00, verified from 1000.00 on. */
#define TAP_USUAL                                                                        \
    .aid = "A000000333010101", .tap_floor = "000000010000", .tap_limit = "000000500000", \
    .tap_cvm = "000000100000"

static inline void tap_start(struct tap_rig *rig)
{
    memset(rig, 0, sizeof *rig);
    rig_start(&rig->base);
    rig->base.setup.terminal.capabilities[1] = 0xF8;
    rig->base.setup.payment.amount_minor = 500;
}

static inline enum emv_want tap_begin(struct tap_rig *rig)
{
    rig_parse(&rig->base);
    return emv_tap_begin(&rig->k, &rig->base.setup);
}

static inline enum emv_want tap_event(struct tap_rig *rig, enum emv_event_kind kind)
{
    struct emv_event event = {.kind = kind};
    return emv_tap_next(&rig->k, &event);
}

static inline enum emv_want tap_host(struct tap_rig *rig, const char *arc)
{
    struct emv_event event = {.kind = EMV_EVENT_HOST, .arc = {arc[0], arc[1]}};
    return emv_tap_next(&rig->k, &event);
}

static inline enum emv_want tap_respond(struct tap_rig *rig, struct bytes answer)
{
    struct emv_event event = {.kind = EMV_EVENT_RESPONSE, .bytes = answer};
    return emv_tap_next(&rig->k, &event);
}

static inline void tap_assert_data(const struct tap_rig *rig, uint32_t tag, const char *expected)
{
    struct bytes value = {0};
    if (!emv_data_get(&rig->k.data, tag, &value) || !bytes_equal(value, hex(expected)))
        fail_msg("%X is not %s (%zu bytes)", tag, expected, value.len);
}

static inline void tap_assert_end(const struct tap_rig *rig, enum emv_result result,
                                  enum emv_reason reason)
{
    const struct emv_tap *k = &rig->k;
    if (k->want != EMV_DONE) fail_msg("not at its end: %s", emv_tap_step_text(k->step));
    if (k->outcome.result != result || k->outcome.reason != reason)
        fail_msg("ended at %s: %s, %s; expected %s, %s", emv_tap_step_text(k->step),
                 emv_result_text(k->outcome.result), emv_reason_text(k->outcome.reason),
                 emv_result_text(result), emv_reason_text(reason));
}

/* A card as a test wants it. NULL stands for what is usual. */
struct tap_card {
    const char *entries; /* of the directory */
    const char *name;    /* 84 of the application */
    const char *pdol;
    const char *profile; /* 82 */
    const char *options_status;
    const char *cryptogram; /* 9F27; "" for none */
    const char *results;    /* 9F10 */
    const char *qualifiers; /* 9F6C; "" for none */
    const char *more;       /* objects behind these */
    const char *record;     /* objects of the only record */
    const char *locator;    /* 94 */
    const char *plain;      /* the record as it is, without a template around it */
    unsigned commands;
    uint8_t answer[400];
};

#define TAP_ENTRY                                                   \
    "611D4F08A000000333010101500E556E696F6E50617920446562697487010" \
    "1"
#define TAP_RECORD "5F24033012315A0862000000000000055F3401019F0702FF005F28020156"

static inline void tap_template(struct writer *w, uint32_t tag, const struct writer *value)
{
    tlv_write(w, tag, writer_view(value));
}

static inline void tap_card_directory(const struct tap_card *card, struct writer *w)
{
    uint8_t block[3][300];
    struct writer entries = writer_over(block[0], 300), proprietary = writer_over(block[1], 300),
                  template = writer_over(block[2], 300);
    write_bytes(&entries, hex(or_default(card->entries, TAP_ENTRY)));
    tap_template(&proprietary, 0xBF0C, &entries);
    tlv_write(&template, 0x84, BYTES("2PAY.SYS.DDF01"));
    tap_template(&template, 0xA5, &proprietary);
    tap_template(w, 0x6F, &template);
}

static inline void tap_card_application(const struct tap_card *card, struct writer *w)
{
    uint8_t block[2][300];
    struct writer proprietary = writer_over(block[0], 300), template = writer_over(block[1], 300);
    const char *pdol = or_default(card->pdol, "9F66049F02069F03069F1A0295055F2A029A039C019F3704");
    tlv_write(&proprietary, 0x50, BYTES("UnionPay Debit"));
    if (pdol[0] != '\0') tlv_write(&proprietary, 0x9F38, hex(pdol));
    tlv_write(&template, 0x84, hex(or_default(card->name, "A000000333010101")));
    tap_template(&template, 0xA5, &proprietary);
    tap_template(w, 0x6F, &template);
}

static inline void tap_card_options(const struct tap_card *card, struct writer *w)
{
    uint8_t block[300];
    struct writer value = writer_over(block, sizeof block);
    const char *information = or_default(card->cryptogram, "80");
    const char *qualifiers = or_default(card->qualifiers, "0000");
    tlv_write(&value, 0x82, hex(or_default(card->profile, "7C00")));
    tlv_write(&value, 0x94, hex(or_default(card->locator, "08010100")));
    tlv_write(&value, 0x57, hex("6200000000000005D30122200000000000"));
    tlv_write(&value, 0x5F34, hex("01"));
    tlv_write(&value, 0x9F10, hex(or_default(card->results, "07010103A0000001")));
    tlv_write(&value, 0x9F26, hex("0102030405060708"));
    tlv_write(&value, 0x9F36, hex("0011"));
    if (information[0] != '\0') tlv_write(&value, 0x9F27, hex(information));
    if (qualifiers[0] != '\0') tlv_write(&value, 0x9F6C, hex(qualifiers));
    if (card->more != NULL) write_bytes(&value, hex(card->more));
    tap_template(w, 0x77, &value);
}

/* Answers one command; a view into the card. */
static inline struct bytes tap_card_answer(struct tap_card *card, struct bytes command)
{
    struct writer w = writer_over(card->answer, sizeof card->answer);
    const char *status = "9000";
    card->commands++;
    if (command.at[1] == 0xA4 && command.at[5] == '2') {
        tap_card_directory(card, &w);
    } else if (command.at[1] == 0xA4) {
        tap_card_application(card, &w);
    } else if (command.at[1] == 0xA8) {
        status = or_default(card->options_status, status);
        if (strcmp(status, "9000") == 0) tap_card_options(card, &w);
    } else if (card->plain != NULL) {
        write_bytes(&w, hex(card->plain));
    } else {
        tlv_write(&w, 0x70, hex(or_default(card->record, TAP_RECORD)));
    }
    write_bytes(&w, hex(status));
    assert_int_equal(w.fault, ERR_OK);
    return writer_view(&w);
}

/* Answers until something else is wanted. */
static inline enum emv_want tap_run(struct tap_rig *rig, struct tap_card *card)
{
    while (rig->k.want == EMV_WANT_APDU) {
        assert_in_range(card->commands, 0, 200);
        (void)tap_respond(rig, tap_card_answer(card, emv_tap_command(&rig->k)));
    }
    return rig->k.want;
}

/* Debit and credit, both with the usual limits, and a card without wishes. */
static inline void tap_start_usual(struct tap_rig *rig, struct tap_card *card, int64_t amount_minor)
{
    *card = (struct tap_card){0};
    tap_start(rig);
    rig->base.setup.payment.amount_minor = amount_minor;
    rig_add_application(&rig->base, &(struct rig_application){TAP_USUAL});
    rig_add_application(&rig->base, &(struct rig_application){.aid = "A000000333010102",
                                                              .tap_floor = "000000010000",
                                                              .tap_limit = "000000500000",
                                                              .tap_cvm = "000000100000"});
}
