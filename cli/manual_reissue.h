/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * manual_reissue: the one-time password of a sheet that is printed anew (S36). The desk has
 * approved it twice and the vault has taken it; here it is asked of the hsm, once: that it is
 * printed stands in the registry before the hsm is asked, so that a second run gets nothing,
 * whatever the first came to.
 */

#include "lib/wire/process.h"
#include "paper/manual.h"
#include "registry/registry.h"

struct manual_reissue {
    const char *ticket;     /* "R-000012" */
    const char *admin;      /* the directory of registry.db */
    const char *backoffice; /* the directory of backoffice.db */
    const char *hsm;        /* its socket */
};

/* Fills one secret, and the device that it is of. A refusal is in `fault`. Wipe the secrets. */
MUST_USE err manual_reissue(const struct manual_reissue *ask, struct manual_secrets *ret_secrets,
                            struct registry_terminal *ret_terminal, struct process_fault *fault);
