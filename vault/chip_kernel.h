/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * chip_kernel: the two kernels of lib/emv behind one set of functions, so that chip.c drives a card
 * in the slot and a card at the field the same way. What differs is in the tables of chip_kernel.c.
 */

#include "lib/emv/entry_point.h"
#include "lib/wire/card_reader.h"
#include "lib/wire/vault_protocol_chip.h"

/* One of them at a time. Holds the card's number, and for one command the PIN. */
union chip_machine {
    struct emv_contact contact;
    struct emv_tap tap;
};

/* What a machine wants and has found out; views that live until its next event. */
struct chip_sight {
    enum emv_want want;
    const struct emv_data *data;
    const struct emv_outcome *outcome;
    const uint8_t *tvr; /* five bytes; by a tap more than the card was told (tag 95 is zeros) */
    const struct emv_pin_wanted *pin;
    size_t candidates;
    const struct emv_candidate *candidate;
    enum vault_chip_reason reason; /* behind the outcome, as far as a person can do something */
};

enum { ENTRY_CHIP = 5, ENTRY_TAP = 7 }; /* field 22 */

struct chip_kernel {
    uint8_t entry;
    void (*begin)(union chip_machine *m, const struct emv_setup *setup);
    void (*next)(union chip_machine *m, const struct emv_event *event);
    struct bytes (*command)(const union chip_machine *m);
    struct chip_sight (*look)(const union chip_machine *m);
};

const struct chip_kernel *chip_kernel_for(enum card_interface interface);

/* Everything of either kernel. */
void chip_machine_wipe(union chip_machine *m);
