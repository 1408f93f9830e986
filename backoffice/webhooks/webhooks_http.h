/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Webhooks as calls of the interface. */

#include "backoffice/api/api.h"

enum { WEBHOOK_ROWS = 12 };
extern const struct api_route webhook_rows[WEBHOOK_ROWS];
