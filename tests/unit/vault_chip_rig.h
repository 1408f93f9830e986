/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A vault with a reader for chip cards, and the virtual cards in it: what the vault asks of the
 * reader waits until the test lets the card answer, so a test can pull the card at any moment.
 */

#include "lib/base/tlv.h"
#include "lib/emv/parameters.h"
#include "lib/wire/vault_protocol_chip.h"
#include "simulators/cards/card.h"
#include "simulators/chip_issuer.h"
#include "tests/unit/vault_people_rig.h"

enum slot_wish { WISH_NOTHING, WISH_CONNECT, WISH_TRANSMIT };

struct chip_rig {
    struct rig *rig;
    struct chip_card card;
    unsigned number;      /* of the slot: 0 has contacts, the others are fields */
    bool in;              /* it is in the slot */
    enum slot_wish wish;  /* what the vault waits for */
    unsigned exchanges;   /* commands that the card has answered */
    unsigned pull_after;  /* pulled instead of answering this one; 0: never */
    unsigned disconnects; /* power taken */
    size_t command_len;
    uint8_t command[CHIP_COMMAND_MAX];
};

static struct chip_rig slot;

static inline err slot_connect(void *context, unsigned number, unsigned deadline_ms)
{
    struct chip_rig *s = context;
    assert_int_equal(number, s->number);
    assert_true(deadline_ms > 0);
    if (!s->in) return ERR(STATE);
    s->wish = WISH_CONNECT;
    return OK;
}

static inline err slot_transmit(void *context, unsigned number, struct bytes command,
                                unsigned deadline_ms)
{
    struct chip_rig *s = context;
    assert_int_equal(number, s->number);
    assert_true(deadline_ms > 0 && command.len <= sizeof s->command);
    assert_int_equal(s->wish, WISH_NOTHING);
    if (!s->in) return ERR(STATE);
    memcpy(s->command, command.at, command.len);
    s->command_len = command.len;
    s->wish = WISH_TRANSMIT;
    return OK;
}

static inline void slot_disconnect(void *context, unsigned number)
{
    struct chip_rig *s = context;
    assert_int_equal(number, s->number);
    s->disconnects++;
    s->wish = WISH_NOTHING;
}

/* Applications of the virtual cards and the key of their authority. */
static inline size_t chip_document(uint32_t number, uint8_t *out, size_t max)
{
    static const char *const aids[] = {"\xA0\x00\x00\x03\x33\x01\x01\x01",
                                       "\xA0\x00\x00\x03\x33\x01\x01\x02"};
    struct writer w = writer_over(out, max);
    uint8_t block[600], checksum[20], big[4] = {0, 0, 0, (uint8_t)number};
    write_bytes(&w, BYTES("tongbao-parameters 1\n"));
    tlv_write(&w, 0xDF8101, BYTES("\1"));
    tlv_write(&w, 0xDF8102, BYTES_OF(big));
    for (size_t i = 0; i < ARRAY_LEN(aids); i++) {
        struct writer e = writer_over(block, sizeof block);
        tlv_write(&e, 0x9F06, bytes_of(aids[i], 8));
        tlv_write(&e, 0xDF01, BYTES("\0"));
        tlv_write(&e, 0x9F08, BYTES("\0\x30"));
        tlv_write(&e, 0xDF11, BYTES("\xD8\x40\x04\xA8\0"));
        tlv_write(&e, 0xDF12, BYTES("\xD8\x40\x04\xF8\0"));
        tlv_write(&e, 0xDF13, BYTES("\0\x10\0\0\0"));
        tlv_write(&e, 0x9F1B, BYTES("\0\0\x27\x10"));
        tlv_write(&e, 0xDF15, BYTES("\0\0\0\0"));
        tlv_write(&e, 0xDF16, BYTES("\0"));
        tlv_write(&e, 0xDF17, BYTES("\0"));
        tlv_write(&e, 0xDF14, BYTES("\x9F\x37\x04"));
        tlv_write(&e, 0xDF18, BYTES("\1"));
        tlv_write(&e, 0xDF19, BYTES("\0\0\0\1\0\0"));   /* 100.00: above, the host is asked */
        tlv_write(&e, 0xDF20, BYTES("\0\0\0\x50\0\0")); /* 5000.00: from here on not by tap */
        tlv_write(&e, 0xDF21, BYTES("\0\0\0\x10\0\0")); /* 1000.00: from here on with a PIN */
        tlv_write(&e, 0x9F35, BYTES("\x22"));           /* without the host, when that is allowed */
        tlv_write(&e, 0x9F33, BYTES("\x60\xB8\xC8"));   /* and then without a PIN for the issuer */
        tlv_write(&w, 0xE1, writer_view(&e));
    }
    struct writer l = writer_over(block, sizeof block);
    tlv_write(&l, 0xDF8106, BYTES("\0\0\0\5\0\0")); /* 500.00 in all */
    tlv_write(&l, 0xDF8107, BYTES("\0\0\0\5"));
    tlv_write(&l, 0xDF8108, BYTES("\0\0\0\1\x50\0")); /* 150.00 each */
    tlv_write(&l, 0xDF8109, BYTES("\7"));
    tlv_write(&w, 0xE5, writer_view(&l));
    struct emv_ca_key key = {.index = chip_keys.index,
                             .modulus = chip_keys.authority.modulus,
                             .exponent = chip_keys.authority.exponent};
    memcpy(key.rid, chip_keys.rid.at, sizeof key.rid);
    assert_ok(emv_ca_key_checksum(&key, checksum));
    struct writer e = writer_over(block, sizeof block);
    tlv_write(&e, 0x9F06, chip_keys.rid);
    tlv_write(&e, 0x9F22, bytes_of(&chip_keys.index, 1));
    tlv_write(&e, 0xDF05, BYTES("20351231"));
    tlv_write(&e, 0xDF06, BYTES("\1"));
    tlv_write(&e, 0xDF07, BYTES("\1"));
    tlv_write(&e, 0xDF02, key.modulus);
    tlv_write(&e, 0xDF04, key.exponent);
    tlv_write(&e, 0xDF03, BYTES_OF(checksum));
    tlv_write(&w, 0xE2, writer_view(&e));
    assert_int_equal(w.fault, ERR_OK);
    return w.len;
}

/* Loads a signed document in parts of `part` bytes. */
static inline struct vault_parameters_loaded chip_load(struct rig *rig, struct bytes document,
                                                       size_t part)
{
    struct vault_parameters_loaded out = {.verdict = VAULT_PARAMETERS_MORE};
    for (size_t at = 0; at < document.len; at += part) {
        size_t len = document.len - at < part ? document.len - at : part;
        assert_int_equal(out.verdict, VAULT_PARAMETERS_MORE);
        const struct vault_parameters_part m = {(uint32_t)document.len, (uint32_t)at,
                                                bytes_of(document.at + at, len)};
        vault_write_parameters_part(rig_ask(rig, VAULT_PARAMETERS_LOAD), &m);
        assert_status(rig_send(rig), VAULT_OK);
        assert_ok(vault_read_parameters_loaded(&rig->answer, &out));
    }
    return out;
}

static inline struct vault_parameters_loaded chip_load_number(struct rig *rig, uint32_t number)
{
    uint8_t document[8192];
    struct writer w = writer_over(document, sizeof document);
    w.len = chip_document(number, document, sizeof document);
    policy_signature_write(&w, rig->policy_secret);
    return chip_load(rig, writer_view(&w), 500);
}

/* An opened vault with the reader, that nobody has initialised. */
static inline struct rig *chip_open(void)
{
    slot = (struct chip_rig){0};
    slot.rig = rig_new(7);
    slot.rig->card_calls =
        (struct card_reader_calls){&slot, slot_connect, slot_transmit, slot_disconnect};
    vault_close(slot.rig->vault);
    rig_open(slot.rig);
    return slot.rig;
}

/* Parameters for the vault, which has signed in, and `card` ready to be inserted. */
static inline void chip_furnish(const char *card)
{
    assert_int_equal(chip_load_number(slot.rig, 1).verdict, VAULT_PARAMETERS_OK);
    const struct personality *is = personality_named(bytes_text(card));
    assert_non_null(is);
    assert_ok(chip_card_make(&slot.rig->crypto, random_from_seed(&slot.rig->source), is, NULL,
                             slot.rig->now_ms, &slot.card));
}

/* A vault in which a cashier has signed in, with parameters, and `card` ready to be inserted. */
static inline struct rig *chip_start(const char *card)
{
    struct rig *rig = chip_open();
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    assert_status(rig_sign_in(rig), VAULT_OK);
    chip_furnish(card);
    return rig;
}

static inline enum vault_status chip_arm_for(int64_t amount_minor, unsigned ways,
                                             enum vault_host host)
{
    const struct vault_card_arm arm = {(uint64_t)amount_minor, 156, VAULT_CHINESE, (uint8_t)ways,
                                       (uint8_t)host};
    vault_write_card_arm(rig_ask(slot.rig, VAULT_CARD_ARM), &arm);
    return rig_send(slot.rig);
}

static inline enum vault_status chip_arm(int64_t amount_minor, unsigned ways)
{
    return chip_arm_for(amount_minor, ways, VAULT_HOST_ALWAYS);
}

static inline void chip_insert(void)
{
    slot.in = true;
    slot.number = 0;
    chip_card_power(&slot.card, CHIP_CONTACT, true);
    vault_on_card(slot.rig->vault, 0, chip_card_atr(&slot.card, CHIP_CONTACT), CARD_CONTACT);
}

static inline void chip_tap(void)
{
    slot.in = true;
    slot.number = 1;
    chip_card_power(&slot.card, CHIP_CONTACTLESS, true);
    vault_on_card(slot.rig->vault, 1, chip_card_atr(&slot.card, CHIP_CONTACTLESS),
                  CARD_CONTACTLESS);
}

/* Out of the slot; a command under way hears of it first, as from a real reader. */
static inline void chip_pull(void)
{
    enum slot_wish wish = slot.wish;
    slot.in = false;
    slot.wish = WISH_NOTHING;
    chip_card_power(&slot.card, slot.number == 0 ? CHIP_CONTACT : CHIP_CONTACTLESS, false);
    if (wish == WISH_CONNECT)
        vault_on_connected(slot.rig->vault, slot.number, CARD_REMOVED, CARD_T1);
    if (wish == WISH_TRANSMIT)
        vault_on_answer(slot.rig->vault, slot.number, CARD_REMOVED, (struct bytes){0});
    vault_on_removed(slot.rig->vault, slot.number);
}

/* Lets reader and card answer until the vault waits for neither. */
static inline void chip_run(void)
{
    uint8_t block[CHIP_ANSWER_MAX];
    while (slot.wish != WISH_NOTHING) {
        enum slot_wish wish = slot.wish;
        if (slot.pull_after != 0 && slot.exchanges + 1 >= slot.pull_after) {
            slot.pull_after = 0;
            chip_pull();
            continue;
        }
        slot.exchanges++;
        slot.wish = WISH_NOTHING;
        if (wish == WISH_CONNECT) {
            vault_on_connected(slot.rig->vault, slot.number, CARD_DONE,
                               slot.card.is->t0 ? CARD_T0 : CARD_T1);
            continue;
        }
        struct writer w = writer_over(block, sizeof block);
        chip_card_command(&slot.card, bytes_of(slot.command, slot.command_len), &w);
        vault_on_answer(slot.rig->vault, slot.number, CARD_DONE, writer_view(&w));
    }
}

/* The views live until the next command. */
static inline struct vault_chip chip_poll(void)
{
    struct vault_chip out = {.state = 255};
    chip_run();
    assert_status(rig_plain(slot.rig, VAULT_CHIP_POLL), VAULT_OK);
    assert_ok(vault_read_chip(&slot.rig->answer, &out));
    return out;
}

static inline enum vault_status chip_say(uint8_t kind, uint8_t index, struct bytes code,
                                         struct bytes field55)
{
    const struct vault_chip_answer m = {kind, index, code, field55};
    vault_write_chip_answer(rig_ask(slot.rig, VAULT_CHIP_ANSWER), &m);
    return rig_send(slot.rig);
}

/* What the issuer of the card says to this field 55. */
static inline const char *chip_issuer(const struct vault_chip *asked, int64_t amount_minor,
                                      struct payment_chip *out)
{
    struct payment_chip chip = {0};
    struct chip_claim claim = {.pan = bytes_text(slot.card.issued.identity.pan),
                               .sequence = slot.card.issued.identity.sequence,
                               .amount_minor = amount_minor,
                               .chip = &chip};
    uint16_t atc = 0;
    assert_ok(payment_chip_take(asked->field55, &chip));
    const char *code = chip_judge(&slot.rig->crypto, &claim, 0, &atc);
    if (code == NULL) code = "00";
    *out = (struct payment_chip){0};
    assert_ok(chip_reply(&slot.rig->crypto, &claim, code, out));
    return code;
}
