/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * download: parameters of chip cards from the host to the vault, part by part (docs/dialect.md).
 *
 *   status (372) -> parts (370) into the vault, which judges the whole -> end (371)
 *
 * It runs after a sign-in and from the main screen when the host's header has asked for it, never
 * over a payment, and by hand from 管理. What has come stays known when the link breaks or somebody
 * cancels: the next run goes on there, unless another number is published by then. Until the vault
 * has taken the whole, the parameters in force are the old ones.
 */

#include "lib/wire/vault_protocol.h"
#include "payment/download.h"

enum download_step { DOWNLOAD_STATUS, DOWNLOAD_PART, DOWNLOAD_END, DOWNLOAD_OVER };

struct download {
    bool wanted;           /* the host says that there is something newer */
    bool barred;           /* refused or given up: not by itself before the next sign-in */
    int64_t not_before_us; /* nor before this, after a host that did not answer */
    enum download_step step;
    uint32_t number, total, offset; /* of what is coming; number 0: nothing is */
    unsigned again;                 /* began anew in this run */
    bool loaded;                    /* the vault has taken one in this run */
    size_t ask_len;                 /* field 62 of the question */
    uint8_t ask[64];
};

struct terminal;

/* The host has asked for it, and now it may be done. */
bool download_due(const struct terminal *t);

/* Field 60.3 of the step's question. */
const char *download_code(const struct download *d);
