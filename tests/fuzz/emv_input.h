/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * emv_input: one input of a fuzzer as everything that a payment hears: what emv_kernel and emv_tap
 * have in common. The random number is the input's, the day is always the same, and the authority
 * is that of the virtual cards.
 */

#include "lib/base/reader.h"
#include "lib/emv/contact.h"
#include "simulators/cards/keys.h"

enum { ANSWER_MAX = 300 /* of a card: more than the longest that a kernel may take */ };

struct input {
    struct reader r;
    uint8_t number[4];
};

static void fill(void *context, void *out, size_t len)
{
    const struct input *in = (const struct input *)context;
    for (size_t i = 0; i < len; i++) ((uint8_t *)out)[i] = in->number[i % 4];
}

static void now(void *context, uint8_t date[3], uint8_t time[3])
{
    (void)context;
    memcpy(date, "\x25\x11\x22", 3);
    memcpy(time, "\x10\x11\x12", 3);
}

static struct emv_ca_key authority(void)
{
    struct emv_ca_key key = {.index = chip_keys.index,
                             .expiry = {0x30, 0x12, 0x31},
                             .modulus = chip_keys.authority.modulus,
                             .exponent = chip_keys.authority.exponent};
    memcpy(key.rid, chip_keys.rid.at, sizeof key.rid);
    return key;
}
