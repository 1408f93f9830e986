/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel for the slot and the kernel for the field, and what their ends mean to a person. */
#include "vault/chip_kernel.h"

#include "lib/crypto/secret.h"

/* ---- the slot ---- */

static void contact_begin(union chip_machine *m, const struct emv_setup *setup)
{
    (void)emv_contact_begin(&m->contact, setup);
}

static void contact_next(union chip_machine *m, const struct emv_event *event)
{
    (void)emv_contact_next(&m->contact, event);
}

static struct bytes contact_command(const union chip_machine *m)
{
    return emv_contact_command(&m->contact);
}

static enum vault_chip_reason reason_of(enum emv_reason reason)
{
    static const uint8_t said[EMV_REASONS] = {
        [EMV_REASON_NONE] = VAULT_CHIP_NO_REASON,
        [EMV_REASON_REMOVED] = VAULT_CHIP_REMOVED,
        [EMV_REASON_TIMEOUT] = VAULT_CHIP_SILENT,
        [EMV_REASON_CANCELLED] = VAULT_CHIP_CANCELLED,
        [EMV_REASON_CARD_BLOCKED] = VAULT_CHIP_BLOCKED,
        [EMV_REASON_APPLICATION_BLOCKED] = VAULT_CHIP_BLOCKED,
        [EMV_REASON_NO_APPLICATION] = VAULT_CHIP_NOT_TAKEN,
        [EMV_REASON_BAD_STATUS] = VAULT_CHIP_BAD,
        [EMV_REASON_BAD_DATA] = VAULT_CHIP_BAD,
        [EMV_REASON_MISSING_DATA] = VAULT_CHIP_BAD,
        [EMV_REASON_BY_TERMINAL] = VAULT_CHIP_REFUSES,
        [EMV_REASON_BY_CARD] = VAULT_CHIP_REFUSES,
        [EMV_REASON_BY_HOST] = VAULT_CHIP_NO_REASON,
        [EMV_REASON_NOT_ALLOWED] = VAULT_CHIP_REFUSES,
        [EMV_REASON_SIGNATURE] = VAULT_CHIP_BAD,
        [EMV_REASON_NO_HOST] = VAULT_CHIP_NO_HOST,
        [EMV_REASON_SEVERAL] = VAULT_CHIP_TAP_AGAIN,
        [EMV_REASON_LIMIT] = VAULT_CHIP_NOT_TAKEN,
        [EMV_REASON_INSERT] = VAULT_CHIP_INSERT,
        [EMV_REASON_ON_DEVICE] = VAULT_CHIP_SEE_PHONE,
    };
    return (enum vault_chip_reason)said[reason];
}

static struct chip_sight contact_look(const union chip_machine *m)
{
    const struct emv_contact *k = &m->contact;
    return (struct chip_sight){.want = k->want,
                               .data = &k->data,
                               .outcome = &k->outcome,
                               .tvr = k->tvr,
                               .pin = &k->pin,
                               .candidates = k->candidates,
                               .candidate = k->candidate,
                               .reason = reason_of(k->outcome.reason)};
}

/* ---- the field ---- */

static void tap_begin(union chip_machine *m, const struct emv_setup *setup)
{
    (void)emv_tap_begin(&m->tap, setup);
}

static void tap_next(union chip_machine *m, const struct emv_event *event)
{
    (void)emv_tap_next(&m->tap, event);
}

static struct bytes tap_command(const union chip_machine *m)
{
    return emv_tap_command(&m->tap);
}

/* A card that is to be inserted is not wrong, and one that went is shown again. */
static enum vault_chip_reason tap_reason(const struct emv_tap *k)
{
    if (k->tap.insert) return VAULT_CHIP_INSERT;
    if (k->tap.see_phone) return VAULT_CHIP_SEE_PHONE;
    if (k->outcome.try_again) return VAULT_CHIP_TAP_AGAIN;
    return reason_of(k->outcome.reason);
}

static struct chip_sight tap_look(const union chip_machine *m)
{
    const struct emv_tap *k = &m->tap;
    return (struct chip_sight){.want = k->want,
                               .data = &k->data,
                               .outcome = &k->outcome,
                               .tvr = k->tvr,
                               .pin = &k->pin,
                               .reason = tap_reason(k)};
}

const struct chip_kernel *chip_kernel_for(enum card_interface interface)
{
    static const struct chip_kernel slot = {ENTRY_CHIP, contact_begin, contact_next,
                                            contact_command, contact_look};
    static const struct chip_kernel field = {ENTRY_TAP, tap_begin, tap_next, tap_command, tap_look};
    return interface == CARD_CONTACTLESS ? &field : &slot;
}

void chip_machine_wipe(union chip_machine *m)
{
    secret_wipe_bytes(m, sizeof *m);
}
