/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A terminal whose line is cut and mended, and cards that approve by themselves, or do not. */

#include "tests/unit/terminal_rig.h"

#define CARD .pan_masked = BYTES("620000******0005"), .card_sequence = BYTES("001"), .entry = 5

/* 9F26, 9F27, 9F36 and 8A: asked for the host; approved alone, asked first or not; declined. */
#define SAID "\x9F\x26\x08\x01\x02\x03\x04\x05\x06\x07\x08\x9F\x36\x02\x00\x07\x9F\x27\x01"
static const struct vault_chip asks = {
    .state = VAULT_CHIP_ONLINE, CARD, .field55 = BYTES(SAID "\x80")};
static const struct vault_chip alone_y1 = {.state = VAULT_CHIP_DONE,
                                           CARD,
                                           .result = VAULT_CHIP_APPROVED,
                                           .field55 = BYTES(SAID "\x40\x8A\x02Y1")};
static const struct vault_chip alone_y3 = {.state = VAULT_CHIP_DONE,
                                           CARD,
                                           .result = VAULT_CHIP_APPROVED,
                                           .field55 = BYTES(SAID "\x40\x8A\x02Y3")};
static const struct vault_chip declines = {.state = VAULT_CHIP_DONE,
                                           CARD,
                                           .result = VAULT_CHIP_DECLINED,
                                           .reason = VAULT_CHIP_NO_HOST,
                                           .field55 = BYTES(SAID "\x00\x8A\x02Z3")};
static const struct vault_chip by_y1[] = {alone_y1, alone_y1};
static const struct vault_chip by_y3[] = {asks, alone_y3, alone_y3};
static const struct vault_chip by_z3[] = {asks, declines, declines};

enum { EACH = 20000, TOTAL = 50000, COUNT = 3, DAYS = 7 };

static inline void cut(struct rig *rig)
{
    rig->reachable = rig->online = false;
    GOOD(rig_pump(rig));
}

static inline void mend(struct rig *rig)
{
    rig->reachable = true;
    GOOD(rig_advance(rig, 62000));
}

static inline struct rig *ready(void)
{
    struct rig *rig = rig_new();
    rig->offline = (struct rig_offline){.count = COUNT, .each = EACH, .total = TOTAL, .days = DAYS};
    return rig_make_ready(rig);
}

/* From the main screen to the card; `amount` is keys. */
static inline err pay(struct rig *rig, const char *amount, const struct vault_chip *script)
{
    rig->chip = script;
    rig->chip_said[0] = '\0';
    TRY(rig_key(rig, "choice:sale"));
    TRY(rig_keys(rig, amount));
    TRY(rig_key(rig, "ok"));
    rig_card(rig, VAULT_CARD_CHIP, false);
    return rig_advance(rig, 300);
}

static inline void home(struct rig *rig)
{
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
}

static inline struct payment stored(struct rig *rig, int64_t number)
{
    struct payment p;
    GOOD(records_get(&rig->terminal->records, number, &p));
    return p;
}
