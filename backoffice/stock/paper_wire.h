/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * paper_wire: the port of papers.h over tongbao-paper: threads that each wait for one process. For
 * the program only.
 */

#include "backoffice/stock/papers.h"
#include "lib/wire/loop.h"

enum { PAPERS_IN_FLIGHT = 3 /* a manual is half a second of a core; the rest asks again */ };

struct paper_wire;

struct paper_wire_options {
    struct loop *loop;
    const char *program; /* the path of tongbao-paper; outlives it */
    /* In the loop's thread, once for every job that was begun. */
    void (*done)(void *context, const struct paper_job *job, err drawn, struct bytes pdf);
    void *context;
};

/* Errors: NO_MEMORY, IO. */
MUST_USE err paper_wire_open(const struct paper_wire_options *options,
                             struct paper_wire **ret_wire);
const struct paper_ports *paper_wire_ports(const struct paper_wire *wire);
/* Ends what is under way without `done`. NULL is allowed. */
void paper_wire_close(struct paper_wire *wire);
