/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * retention: how long the files of an application are kept after its end, and why (S145). A row is
 * an end; its files are erased when its time is over: fields, notes and documents, and the mark of
 * the person. What stays are events: states, times, decisions and their digests.
 *
 * Files of a merchant are those of its contract and are kept three years beyond its end at least
 * (docs/applications.md): an application that became one has no row here, and is erased with it.
 */

#include "backoffice/applications/application.h"

struct retention_row {
    enum application_state state;
    int64_t days; /* after its last event */
    const char *zh, *en;
};

const struct retention_row *retention_rows(size_t *ret_count);

/* In the caller's transaction: the files of an application whose contract is over for long enough.
 * Nothing when there is none of this number, or when it was erased. */
MUST_USE err application_erase(const struct applications *applications, struct store_tx *tx,
                               struct bytes number);
