/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * provider_clearing: what the wallets over HTTP were paid on a business day, as rows of the wallet
 * route's clearing file (payment/clearing.h). To the host both wallets are one network: its gateway
 * asks them under the references that the file has.
 *
 * Only merchants' numbers of twelve digits are references; what was numbered otherwise is somebody
 * else's, and in no file. A refund under the trade's own number takes a sale back; one whose reason
 * is "void" is a void.
 */

#include "payment/clearing.h"
#include "simulators/provider_book.h"

/*
 * The rows of a day, in no order, at most `max`; with `rows` NULL they are only counted. The store
 * may be read-only. Errors: RANGE (more than `max`), and those of the store.
 */
MUST_USE err provider_clearing_rows(struct store *store, int32_t day, struct clearing_row *rows,
                                    size_t max, size_t *ret_count);
