/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offline PINs (EMV Book 3, 10.5.1 and 6.5.12; Book 2, 7): the tries the card has left, its
 * challenge, the PIN, VERIFY.
 *
 * The challenge is fetched before the PIN is asked for, so that a PIN goes from the event straight
 * into the command and is never kept. The command is wiped with the answer.
 */
#include "lib/crypto/secret.h"
#include "lib/emv/kernel.h"

enum {
    COMMAND_GET_DATA_TRIES = 0x80CA9F17,
    COMMAND_CHALLENGE = 0x00840000,
    COMMAND_VERIFY_PLAIN = 0x00200080,
    COMMAND_VERIFY_ENCIPHERED = 0x00200088,
    SW_BLOCKED = 0x6983,
    SW_INVALIDATED = 0x6984,
    PIN_BLOCK = 8,
    PIN_MIN = 4,
    PIN_MAX = 12,
    ENCIPHERED_HEADER = 0x7F,
    RESULT_UNKNOWN = 0,
    RESULT_SUCCESSFUL = 2,
};

bool kernel_pin_key(struct emv_contact *k)
{
    struct emv_trust trust = kernel_trust(k);
    struct bytes covered = bytes_of(k->statics.at, k->statics.len);
    return !FAILED(emv_issuer_key(&trust, &k->issuer_key)) &&
           !FAILED(emv_pin_key(&trust, &k->issuer_key, covered, &k->pin_key));
}

void kernel_offline_pin(struct emv_contact *k, bool enciphered)
{
    if (!k->counter_read) { /* comes back to the same rule */
        kernel_go(k, EMV_STEP_PIN_COUNTER);
        return;
    }
    bool asked = k->pin.again;
    int tries_left = k->pin.tries_left;
    if (tries_left == 0) {
        kernel_tvr(k, TVR_PIN_TRIES);
        kernel_rule_failed(k);
        return;
    }
    if (k->bypassed) {
        kernel_tvr(k, TVR_PIN_NOT_ENTERED);
        kernel_rule_failed(k);
        return;
    }
    if (enciphered && !kernel_pin_key(k)) {
        kernel_rule_failed(k);
        return;
    }
    k->pin = (struct emv_pin_wanted){enciphered ? EMV_PIN_ENCIPHERED : EMV_PIN_PLAIN, tries_left,
                                     asked, k->terminal.pin_bypass};
    kernel_go(k, enciphered ? EMV_STEP_CHALLENGE : EMV_STEP_PIN);
}

void kernel_enter_pin_counter(struct emv_contact *k)
{
    kernel_command(k, COMMAND_GET_DATA_TRIES, (struct bytes){0}, true);
}

/* A card that does not say how many are left is asked for the PIN all the same. */
void kernel_answer_pin_counter(struct emv_contact *k)
{
    struct bytes tries;
    k->counter_read = true;
    k->pin.tries_left = -1;
    if (k->apdu.sw == EMV_SW_OK && !FAILED(tlv_find(emv_apdu_data(&k->apdu), 0x9F17, &tries)) &&
        tries.len == 1) {
        k->pin.tries_left = tries.at[0];
        emv_data_set(&k->data, 0x9F17, tries);
    }
    kernel_go(k, EMV_STEP_CARDHOLDER);
}

void kernel_enter_challenge(struct emv_contact *k)
{
    kernel_command(k, COMMAND_CHALLENGE, (struct bytes){0}, true);
}

void kernel_answer_challenge(struct emv_contact *k)
{
    struct bytes number = emv_apdu_data(&k->apdu);
    if (k->apdu.sw != EMV_SW_OK || number.len != sizeof k->challenge) {
        kernel_rule_failed(k);
        return;
    }
    memcpy(k->challenge, number.at, sizeof k->challenge);
    kernel_go(k, EMV_STEP_PIN);
}

void kernel_enter_pin(struct emv_contact *k)
{
    k->want = EMV_WANT_PIN;
}

/* 2, the length, the digits, filled up with F (6.5.12). */
static void pin_block(struct bytes digits, uint8_t block[PIN_BLOCK])
{
    memset(block, 0xFF, PIN_BLOCK);
    block[0] = (uint8_t)(0x20 | digits.len);
    for (size_t i = 0; i < digits.len; i++) {
        unsigned nibble = digits.at[i] - '0';
        uint8_t *at = &block[1 + i / 2];
        *at = (uint8_t)(i % 2 == 0 ? nibble << 4 | 0x0F : (*at & 0xF0u) | nibble);
    }
}

/* 7F, the block, the card's challenge, random bytes up to the length of the key (Book 2, 7.2). */
static err encipher(struct emv_contact *k, const uint8_t block[PIN_BLOCK],
                    uint8_t out[EMV_KEY_BYTES_MAX])
{
    const struct emv_key *key = &k->pin_key;
    uint8_t plain[EMV_KEY_BYTES_MAX];
    plain[0] = ENCIPHERED_HEADER;
    memcpy(plain + 1, block, PIN_BLOCK);
    memcpy(plain + 1 + PIN_BLOCK, k->challenge, sizeof k->challenge);
    size_t head = 1 + PIN_BLOCK + sizeof k->challenge;
    random_fill(&k->ports.random, plain + head, key->modulus_len - head);
    err e = rsa_public_raw(emv_key_modulus(key), bytes_of(key->exponent, key->exponent_len),
                           bytes_of(plain, key->modulus_len), out);
    secret_wipe_bytes(plain, sizeof plain);
    return e;
}

static void send_pin(struct emv_contact *k, struct bytes digits)
{
    uint8_t block[PIN_BLOCK], secret[EMV_KEY_BYTES_MAX];
    pin_block(digits, block);
    k->step = EMV_STEP_VERIFY;
    if (k->pin.kind == EMV_PIN_PLAIN)
        kernel_command(k, COMMAND_VERIFY_PLAIN, BYTES_OF(block), false);
    else if (!FAILED(encipher(k, block, secret)))
        kernel_command(k, COMMAND_VERIFY_ENCIPHERED, bytes_of(secret, k->pin_key.modulus_len),
                       false);
    else kernel_rule_failed(k);
    secret_wipe_bytes(block, sizeof block);
}

static bool pin_entered(struct emv_contact *k, struct bytes digits)
{
    if (k->pin.kind == EMV_PIN_ONLINE) { /* the vault keeps it; the host says whether it is right */
        kernel_tvr(k, TVR_PIN_ONLINE);
        kernel_rule_done(k, RESULT_UNKNOWN);
        return true;
    }
    if (digits.len < PIN_MIN || digits.len > PIN_MAX || !bytes_all_digits(digits)) return false;
    send_pin(k, digits);
    return true;
}

bool kernel_pin_event(struct emv_contact *k, const struct emv_event *event)
{
    switch (event->kind) {
    case EMV_EVENT_PIN:
        return pin_entered(k, event->bytes);
    case EMV_EVENT_CANCEL:
        kernel_terminate(k, EMV_REASON_CANCELLED);
        return true;
    case EMV_EVENT_BYPASS:
        if (!k->pin.bypass) return false;
        k->bypassed = true;
        kernel_tvr(k, TVR_PIN_NOT_ENTERED);
        kernel_rule_failed(k);
        return true;
    default:
        return false;
    }
}

/* The same rule once more, with what the card has left. */
static void ask_again(struct emv_contact *k, int tries_left)
{
    k->pin.tries_left = tries_left;
    k->pin.again = true;
    emv_data_set_number(&k->data, 0x9F17, (uint64_t)tries_left, 1);
    kernel_go(k, EMV_STEP_CARDHOLDER);
}

void kernel_answer_verify(struct emv_contact *k)
{
    uint16_t sw = k->apdu.sw;
    emv_apdu_wipe(&k->apdu);
    k->apdu.sw = sw;
    if (sw == EMV_SW_OK) {
        kernel_rule_done(k, RESULT_SUCCESSFUL);
    } else if (sw >> 4 == 0x63C || sw == SW_BLOCKED || sw == SW_INVALIDATED) {
        ask_again(k, sw >> 4 == 0x63C ? sw & 0x0F : 0);
    } else {
        kernel_terminate(k, EMV_REASON_BAD_STATUS);
    }
}
