/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The issue() of struct backoffice_ports: tongbao-issuer, one process for each device. For the
 * program only. */

#include "backoffice/backoffice.h"

/* The context is the program. Errors: those of helper_run(). */
MUST_USE err issue_port(void *context, const struct backoffice_issue *issue,
                        struct writer *document);
