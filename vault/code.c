/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card that a customer's telephone shows as a code (EMVCo, consumer-presented mode). What the
 * scanner has read comes here as it is and is card data: its number leaves in the envelope alone,
 * and what the issuer judges as field 55.
 *
 * A code has no amount in it and asks nothing of the terminal. So the small amounts for which no
 * PIN is wanted are those of a tap with the same application, and the host is always asked.
 */
#include "lib/emv/card_code.h"
#include "lib/emv/track.h"
#include "vault/state.h"

/* The first that this terminal takes: the code has them in the telephone's order of preference. */
static const struct emv_application *find_application(const struct vault *v,
                                                      const struct card_code *code, size_t *ret_at)
{
    for (size_t i = 0; i < code->applications; i++) {
        const struct emv_application *known =
            emv_parameters_application(&v->parameters->parsed, code->application[i].aid);
        if (known == NULL) continue;
        *ret_at = i;
        return known;
    }
    return NULL;
}

/* As a tap of the same amount (lib/emv/preprocess.c); where taps are not taken at all, always. */
static bool pin_wanted(const struct vault *v, const struct emv_application *application)
{
    int64_t amount_minor = (int64_t)v->shown_minor;
    int64_t free_minor = v->parameters->parsed.limits.tap_free_minor;
    if (amount_minor >= application->tap_cvm_minor) return true;
    return free_minor >= 0 && amount_minor >= free_minor;
}

/* On the list of cards that may not pay. */
static bool excepted(const struct vault *v, const struct card_data *card)
{
    uint8_t packed[(CARD_PAN_MAX + 1) / 2];
    size_t digits = strlen(card->pan);
    for (size_t i = 0; i < (digits + 1) / 2; i++) {
        uint8_t low = 2 * i + 1 < digits ? (uint8_t)(card->pan[2 * i + 1] - '0') : 15;
        packed[i] = (uint8_t)((card->pan[2 * i] - '0') << 4 | low);
    }
    int sequence =
        card->sequence[0] == '\0' ? -1 : (card->sequence[1] - '0') * 10 + card->sequence[2] - '0';
    bool on = emv_parameters_excepted(&v->parameters->parsed, bytes_of(packed, (digits + 1) / 2),
                                      sequence);
    secret_wipe_bytes(packed, sizeof packed);
    return on;
}

static void mark_of(const struct card_code *code, size_t at, uint8_t mark[VAULT_CODE_MARK])
{
    struct bytes cryptogram = card_code_get(code, at, 0x9F26);
    struct bytes counter = card_code_get(code, at, 0x9F36);
    ENSURE(cryptogram.len == CARD_CODE_CRYPTOGRAM && counter.len == 2);
    memcpy(mark, cryptogram.at, cryptogram.len);
    memcpy(mark + cryptogram.len, counter.at, counter.len);
}

static bool used(const struct vault_coded *coded, const uint8_t mark[VAULT_CODE_MARK])
{
    for (size_t i = 0; i < VAULT_CODES_KEPT; i++)
        if (memcmp(coded->used[i], mark, VAULT_CODE_MARK) == 0) return true;
    return false;
}

void vault_code_spend(struct vault *v)
{
    struct vault_coded *coded = &v->coded;
    if (!coded->is || used(coded, coded->mark)) return;
    memcpy(coded->used[coded->next], coded->mark, VAULT_CODE_MARK);
    coded->next = (coded->next + 1) % VAULT_CODES_KEPT;
}

/* Keeps the card when it may pay. */
static enum vault_card_state judge(struct vault *v, const struct card_code *code,
                                   struct writer *field55)
{
    CLEANUP(card_data_wipe) struct card_data card = {0};
    uint8_t mark[VAULT_CODE_MARK];
    size_t at;
    const struct emv_application *application = find_application(v, code, &at);
    if (application == NULL) return VAULT_CODE_FOREIGN;
    err read = card_code_card(code, at, &card);
    if (FAILED(read)) return read.code == ERR_MISSING ? VAULT_CODE_EMPTY : VAULT_CODE_UNREADABLE;
    read = card_code_field55(code, at, field55);
    if (read.code == ERR_DENIED) return VAULT_CODE_REFUSED;
    if (FAILED(read)) return read.code == ERR_MISSING ? VAULT_CODE_EMPTY : VAULT_CODE_UNREADABLE;
    if (vault_card_expired(v, &card)) return VAULT_CARD_EXPIRED;
    if (excepted(v, &card)) return VAULT_CODE_REFUSED;
    mark_of(code, at, mark);
    if (used(&v->coded, mark)) return VAULT_CODE_USED;
    v->secrets->card = card;
    v->coded.is = true;
    v->coded.pin_required = pin_wanted(v, application);
    memcpy(v->coded.mark, mark, sizeof mark);
    return VAULT_CARD_READ;
}

static enum vault_card_state take(struct vault *v, struct bytes text, struct writer *field55)
{
    CLEANUP(card_code_wipe) struct card_code code;
    err read = card_code_parse(text, &code);
    if (FAILED(read)) return read.code == ERR_LENGTH ? VAULT_CODE_TOO_LONG : VAULT_CODE_UNREADABLE;
    if (v->parameters == NULL) return VAULT_CODE_NOT_TAKEN;
    return judge(v, &code, field55);
}

err vault_run_card_code(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    struct bytes text;
    uint8_t block[VAULT_CHIP_FIELD_MAX];
    struct writer field55 = writer_over(block, sizeof block);
    struct vault_card_code said = {.card = {.state = VAULT_CARD_NONE}};
    char masked[PAN_TEXT];
    if (FAILED(vault_read_bytes(request, &text))) return vault_refuse(status, VAULT_BAD_REQUEST);
    /* Nothing to pay is an inquiry, and for that a code is no proof that anybody wants it. */
    bool awaited = v->card_armed && !vault_has_card(v) && !vault_chip_found(v);
    if (!awaited || v->shown_minor == 0) return vault_refuse(status, VAULT_NOT_ALLOWED);
    said.card.state = (uint8_t)take(v, text, &field55);
    if (said.card.state == VAULT_CARD_READ) {
        v->card_armed = false;
        TRY(vault_card_say(v, masked, &said.card));
        said.field55 = writer_view(&field55);
    }
    vault_chip_told(v);
    vault_write_card_code(answer, &said);
    return OK;
}
