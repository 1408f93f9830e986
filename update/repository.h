/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* repository: the two places that an updater fetches from, as lib/tuf's port over lib/wire. */

#include "lib/tuf/client.h"
#include "lib/wire/download.h"

struct repository {
    struct download *download;
    const char *metadata_url, *files_url; /* with or without a "/" at their ends; NULL: none */
};

/* For tuf_ports.fetch; `context` is a struct repository. CONFIG when there is no such URL. */
MUST_USE err repository_fetch(void *context, enum tuf_source source, const char *name, void *block,
                              size_t max, size_t *ret_len);
