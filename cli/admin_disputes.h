/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of `tongbao admin disputes` share. */

#include "cli/admin.h"

struct dispute_settings {
    const char *state, *control, *actor;
    const char *file, *evidence, *text, *rrn, *network_case, *kind, *reason, *amount, *deadline,
        *outcome, *network;
    int64_t number;
    bool all;
};

/* admin_disputes_list.c: they only read. */
MUST_USE err disputes_list(const struct dispute_settings *s, struct process_fault *fault);
MUST_USE err disputes_show(const struct dispute_settings *s, struct process_fault *fault);
MUST_USE err disputes_refused(const struct dispute_settings *s, struct process_fault *fault);
