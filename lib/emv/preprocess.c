/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pre-processing (EMV Contactless Book B, 3.1.1): before a card is there, the amount decides for
 * each application whether it may be tapped, whether the host must be asked, and whether the
 * cardholder must be verified. The boundaries are Book B's: at its limit a tap is not allowed, at
 * the CVM limit a CVM is wanted, and above the floor limit the host.
 */
#include "lib/emv/tap.h"

static bool can(const struct emv_terminal *t, unsigned bit)
{
    return (t->capabilities[bit >> 8] & (uint8_t)bit) != 0;
}

static void set(struct emv_combination *c, unsigned bit, bool on)
{
    if (on) c->ttq[bit >> 8] |= (uint8_t)bit;
}

/* 9F35, low digit: 3 and 6 never have a host, 1 and 4 ask theirs about every payment. */
static bool offline_only(const struct emv_terminal *t)
{
    return (t->type & 0x0F) % 3 == 0;
}

static bool online_only(const struct emv_terminal *t)
{
    return (t->type & 0x0F) % 3 == 1;
}

/* What the terminal can, whatever the amount. */
static void say_abilities(const struct emv_terminal *t, struct emv_combination *c)
{
    enum { CAN_CONTACT = KERNEL_BIT(0, 0x20) };
    set(c, TTQ_QPBOC, true);
    set(c, TTQ_CONTACT, can(t, CAN_CONTACT));
    set(c, TTQ_OFFLINE_ONLY, offline_only(t));
    set(c, TTQ_PIN_ONLINE, can(t, CAN_PIN_ONLINE) && c->application->online_pin);
    set(c, TTQ_SIGNATURE, can(t, CAN_SIGNATURE));
    set(c, TTQ_FDDA_1, true);
}

/* Two limits: the application's, and, where there is one, the terminal's for domestic small
 * amounts. The lower one counts. */
static bool cvm_wanted(const struct emv_setup *setup, const struct emv_application *a)
{
    int64_t amount_minor = setup->payment.amount_minor;
    int64_t free_minor = setup->parameters->limits.tap_free_minor;
    if (amount_minor >= a->tap_cvm_minor) return true;
    return free_minor >= 0 && amount_minor >= free_minor;
}

static void judge(const struct emv_setup *setup, struct emv_combination *c)
{
    const struct emv_application *a = c->application;
    int64_t amount_minor = setup->payment.amount_minor;
    struct emv_terminal t = kernel_terminal_for(&setup->terminal, &setup->payment, a);
    bool offline = offline_only(&t);
    say_abilities(&t, c);
    if (a->tap_floor_minor < 0) return; /* not offered: there is none of the three limits */
    if (amount_minor >= a->tap_limit_minor) return;
    /* Nothing is to be paid: the issuer says whether the card is good, or nobody does. */
    if (amount_minor == 0 && offline) return;
    c->allowed = true;
    set(c, TTQ_ONLINE_WANTED,
        online_only(&t) ||
            (!offline && (amount_minor == 0 || amount_minor > a->tap_floor_minor ||
                          setup->payment.force_online || setup->payment.host == EMV_HOST_FIRST)));
    bool wanted = cvm_wanted(setup, a);
    set(c, TTQ_CVM_WANTED, wanted);
    c->exempt = !wanted && setup->parameters->limits.tap_free_minor >= 0;
}

void tap_preprocess(const struct emv_setup *setup, struct emv_combination *out)
{
    for (size_t i = 0; i < setup->parameters->applications; i++) {
        out[i] = (struct emv_combination){.application = &setup->parameters->application[i]};
        judge(setup, &out[i]);
    }
}
