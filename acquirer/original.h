/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* original: payments that follow another, at the host (original.c). */

#include "acquirer/host.h"

/*
 * Finds which payment is meant and says why this one may not follow it, or NULL; fills in the
 * original's reference and row and, without a card of its own, the original's card. BUSY: it may be
 * too far back to be looked for now.
 */
MUST_USE err original_judge(struct acquirer *a, struct task *task, const char **ret_code);
/* Why the original may not be reversed any more: 12, it has gone back; 22, a part of it has. */
MUST_USE err original_undoable(struct acquirer *a, const struct payment *original,
                               const char **ret_code);
