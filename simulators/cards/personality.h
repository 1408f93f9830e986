/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * personality: what kind of card a virtual chip card is, as data. Its number, PIN and balance are
 * those of a row in simulators/cards.h; the sequence number (5F34) tells personalities of one
 * account apart, so card and issuer derive keys of their own.
 */

#include "simulators/cards.h"

/* How it can be authenticated offline. */
enum chip_auth { CHIP_AUTH_NONE, CHIP_AUTH_SDA, CHIP_AUTH_DDA, CHIP_AUTH_CDA };

/* What it does that no card may do. */
enum chip_lie {
    CHIP_HONEST,
    CHIP_LIES_PAN,     /* another number in track 2 than in 5A */
    CHIP_LIES_ENDLESS, /* directory and file locator never end */
    CHIP_LIES_LENGTH,  /* a record that is shorter than it says */
    CHIP_LIES_TWICE,   /* 5A in two records */
    CHIP_LIES_UPGRADE, /* a TC where an AAC was asked for */
    CHIP_LIES_ISSUER,  /* an issuer certificate that does not verify */
    CHIP_LIES_FDDA,    /* a dynamic signature that does not verify */
    CHIP_LIES_VERSION, /* fDDA version 00 */
};

/* What its issuer sends after an approved transaction. */
enum chip_script {
    CHIP_SCRIPT_NONE,
    CHIP_SCRIPT_UNBLOCK_PIN,       /* before the second GENERATE AC: template 71 */
    CHIP_SCRIPT_BLOCK_APPLICATION, /* after it: template 72 */
};

struct personality {
    const char *name;    /* what the tray calls it */
    const char *account; /* virtual_card_named() */
    uint8_t sequence;
    bool contact, contactless;
    struct bytes aid, second_aid; /* the second may be empty */
    const char *label;
    enum chip_auth auth;
    struct bytes cvm_list;
    uint16_t country, currency;        /* 5F28, 9F42 (0: the card has none) */
    int64_t contact_offline_minor;     /* up to which it gives a TC when asked for one */
    int64_t contactless_offline_minor; /* up to which it gives a TC by itself */
    uint8_t tries;                     /* of its PIN */
    bool online_pin;                   /* contactless: asks for it when a CVM is required */
    bool on_device;                    /* a telephone that has verified its owner */
    bool asks_owner;                   /* a telephone that wants his consent before each payment */
    bool slot_only;                    /* contactless: asks to be inserted */
    bool application_blocked, card_blocked, declines, t0;
    int delay_ms; /* before every answer */
    enum chip_lie lie;
    enum chip_script script;
    struct text2 title, hint;
};

const struct personality *personalities(size_t *ret_count);
const struct personality *personality_named(struct bytes name);

/* The issuer's look-up. NULL: there is no such card. */
const struct personality *personality_of(struct bytes pan, unsigned sequence);
