/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a chip card, for the audit log: a card that was not taken, by the name of the
 * reason; one whose data or whose issuer could not prove themselves, even where issuer or card
 * decided then. One record a card, when the terminal hears of the end. The subject is the masked
 * number, as far as it was read.
 *
 *   card_refused   "the card's data are malformed or contradict, swipe after 3"
 *   card_unproved  "dynamic signature failed, approved"
 */
#include <stdio.h>

#include "lib/emv/pan.h"
#include "vault/state.h"

/* Bits of the terminal's verification results that say that somebody was not who he must be (Book
 * 3, annex C5). */
static const struct {
    uint8_t byte, bit;
    const char *text;
} unproved[] = {
    {0, 0x40, "static signature failed"},
    {0, 0x08, "dynamic signature failed"},
    {0, 0x04, "combined signature failed"},
    {4, 0x40, "the issuer's cryptogram failed"},
};

/* A card that never came as far as the kernel. */
static const char *early_text(uint8_t reason)
{
    switch (reason) {
    case VAULT_CHIP_REMOVED:
        return "the card was taken out";
    case VAULT_CHIP_SILENT:
        return "the card does not answer to power";
    case VAULT_CHIP_UNPLUGGED:
        return "the reader is gone";
    case VAULT_CHIP_NO_PARAMETERS:
        return "no parameters for chip cards";
    case VAULT_CHIP_TAP_AGAIN:
        return "the tap did not come about";
    default:
        return "not begun";
    }
}

static const char *why(const struct vault_chip_card *chip, const struct emv_outcome *outcome)
{
    if (chip->phase == VAULT_CHIP_CARD_ENDED) return early_text(chip->reason);
    if (chip->reason == VAULT_CHIP_UNPLUGGED) return "the reader is gone";
    return emv_reason_text(outcome->reason);
}

static const char *what_then(const struct vault_chip_card *chip, const struct emv_outcome *outcome)
{
    if (chip->phase == VAULT_CHIP_CARD_ENDED) return ", again";
    if (outcome->reverse) return ", reversed";
    if (outcome->fallback) return ", swipe after 3";
    return outcome->try_again ? ", again" : "";
}

static const char *unproved_text(const uint8_t tvr[5])
{
    for (size_t i = 0; i < ARRAY_LEN(unproved); i++)
        if (tvr[unproved[i].byte] & unproved[i].bit) return unproved[i].text;
    return NULL;
}

static bool approved(const struct vault_chip_card *chip, const struct emv_outcome *outcome)
{
    bool yes = outcome->result == EMV_APPROVED_ONLINE || outcome->result == EMV_APPROVED_OFFLINE;
    return chip->phase == VAULT_CHIP_CARD_DECIDED && yes;
}

err vault_chip_note(struct vault *v)
{
    struct vault_chip_card *chip = &v->secrets->chip;
    char masked[PAN_TEXT] = "", detail[128];
    if (chip->noted) return OK;
    const struct chip_sight sight = chip->kernel->look(&chip->machine);
    const char *failed = chip->phase == VAULT_CHIP_CARD_DECIDED ? unproved_text(sight.tvr) : NULL;
    bool taken = approved(chip, sight.outcome);
    chip->noted = true; /* a store that fails now is told by the command */
    if (taken && failed == NULL) return OK;
    if (vault_has_card(v)) TRY(pan_mask(bytes_text(v->secrets->card.pan), masked));
    if (failed != NULL) {
        snprintf(detail, sizeof detail, "%s, %s", failed, taken ? "approved" : "not approved");
        TRY(vault_audit_note(v, NULL, "card_unproved", masked, detail));
    }
    if (taken) return OK;
    snprintf(detail, sizeof detail, "%s%s", why(chip, sight.outcome),
             what_then(chip, sight.outcome));
    return vault_audit_note(v, NULL, "card_refused", masked, detail);
}
