/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service: how the house is (S189): a public page, /status, in both languages and without a script,
 * and the same for programs. The acquirer's people say what does not work, and what they do about
 * it; what is down raises an alert among them.
 */

#include "backoffice/core.h"

enum service_state { /* on disk */
                     SERVICE_OK = 1,
                     SERVICE_DEGRADED = 2,
                     SERVICE_DOWN = 3,
                     SERVICE_STATES = 4,
};

enum { SERVICE_TEXT_MAX = 120, SERVICE_LISTED = 10 };

struct service_part {
    const char *name, *zh, *en;
};

/* "payments", "cards", "wallets", "consoles", "messages"; NULL past the end. */
const struct service_part *service_part_at(size_t index);

extern const struct store_schema service_schema;

/* GET /status. */
MUST_USE err service_page(struct backoffice *backoffice, struct http_response *response);
