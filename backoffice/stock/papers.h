/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * papers: what is printed for a parcel (S138): the label of box and device, and the shop's manual
 * without passwords, as PDF. What stands on them is looked up here; they are drawn by a process of
 * another program (lib/wire/paper.h), for which the requester waits and nobody else.
 *
 * A label shows an address, so who has asked for one is in the audit log.
 */

#include "backoffice/core.h"
#include "backoffice/stock/serial.h"
#include "lib/wire/paper.h"

/* What comes back with the drawing. */
struct paper_job {
    uint64_t ticket; /* of the request that waits */
    enum paper_kind kind;
    bool english;
    char serial[SERIAL_MAX + 1];
};

struct paper_ports {
    void *context;
    /* Begins; papers_on_drawn() follows once, never from inside. Both are copied. Errors: FULL: as
     * many are under way as may be. */
    err (*draw)(void *context, const struct paper_job *job, struct bytes request);
};

/* The end of a job: a PDF, or why there is none. */
void papers_on_drawn(struct backoffice *backoffice, const struct paper_job *job, err drawn,
                     struct bytes pdf);
