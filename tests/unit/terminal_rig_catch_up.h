/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the scripted host has of a restored terminal, and what is wrong with one of its answers. A
 * part of terminal_rig.h. */

#include "payment/catch_up.h"

enum rig_catch_up_fault {
    RIG_PAGE_GOOD,
    RIG_PAGE_SILENT,
    RIG_PAGE_DROP, /* the link breaks instead */
    RIG_PAGE_BAD_MAC,
    RIG_PAGE_NO_MAC,
    RIG_PAGE_OTHER_TID,
    RIG_PAGE_OTHER_PLACE, /* it answers another question */
    RIG_PAGE_BACKWARDS,   /* it leads to where the terminal has been */
    RIG_PAGE_OTHER_FLOOR,
    RIG_PAGE_SKIPS,   /* it leads behind the end at once */
    RIG_PAGE_DOUBLED, /* the same frame comes twice */
    RIG_PAGE_GARBAGE, /* records that are none */
    RIG_PAGE_CLEAR,   /* a card number that is not masked */
    RIG_PAGE_CUT,     /* the last record is not whole */
    RIG_PAGE_REFUSED,
    RIG_PAGE_SIGN_IN, /* 77 */
    RIG_PAGE_LATER,   /* nothing yet: its network is being asked */
    RIG_PAGE_FAULTS,
};

struct rig_catch_up {
    struct payment payment[8];
    struct payment_catch_up_closing closing[4];
    unsigned payments, closings;
    uint32_t last_stan;
    unsigned a_page; /* payments on one; 0: two */
    enum rig_catch_up_fault fault;
    unsigned fault_at; /* of which question, from 1; 0: of none */
    unsigned asked, ended;
    int64_t floor; /* as it was given */
    char rrn[13];  /* with which it began */
    struct payment_catch_up_ask last;
};
