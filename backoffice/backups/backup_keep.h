/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* backup_keep: between the files of this room: what has come and was found good becomes a file. */

#include "backoffice/backups/backups.h"

/* *ret_disk false: the directory did not take it, and what has come stays. Errors: the store's. */
MUST_USE err backup_keep(struct desk *desk, const struct backup_kept *kept, bool *ret_disk);
