/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A part of terminal_rig.h. */

/* Parameters of chip cards: what the host has published, and what host and vault do about it. */
struct rig_parameters {
    uint32_t number, len;          /* published; number 0: nothing */
    uint32_t host_knows;           /* what the terminal has told that it has */
    uint32_t vault_number;         /* in force */
    uint32_t vault_has;            /* bytes of parts so far */
    uint8_t verdict;               /* of the vault about the whole */
    char code[3];                  /* of the host's answers; empty: 00 */
    unsigned mute_part, drop_part; /* no answer to this part; the link breaks instead of it */
    unsigned publish_part;         /* before this part is answered, another number is published */
    bool nonsense;                 /* an answer that is none */
    unsigned statuses, parts, ends;
    uint32_t last_offset; /* that was asked for */
};
