/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* changed: since when is something new of a shop? */

#include "lib/store/store.h"

/* Up to which row of the journal the shop has changed; "": anybody. 0: nothing was ever paid there.
 */
MUST_USE err figures_changed(struct store *figures, const char *mid, int64_t *ret_seq);
