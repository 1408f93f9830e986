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
/*
 * Why the original may not be reversed, or NULL. 22: what follows it is not decided, so ask again.
 * 12: it cannot be any more, which is the last word; *ret_kept_minor is then what of it stays after
 * refunds or a completion that its terminal may not know of, or -1 when its own void took it back.
 */
MUST_USE err original_undoable(struct acquirer *a, const struct payment *original,
                               const char **ret_code, int64_t *ret_kept_minor);
