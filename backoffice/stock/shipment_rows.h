/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of a shipment share: its tables. */

#include "backoffice/stock/shipment.h"

MUST_USE err shipment_by_id(struct store *store, const char *id, struct shipment *ret);
/* Up to `most` that are due (`quiet`: that have to be reminded of); *ret_count of them. */
MUST_USE err shipment_due(struct store *store, int64_t now_ms, bool quiet,
                          struct shipment ret[SHIPMENT_BATCH], size_t *ret_count);
MUST_USE err shipment_put(struct store_tx *tx, const struct shipment *shipment);
MUST_USE err shipment_insert(struct store_tx *tx, const struct shipment *shipment);
/* *ret_fresh: it was not there. */
MUST_USE err shipment_note(struct store_tx *tx, const struct shipment *shipment,
                           const struct courier_happening *happening, int64_t now_ms,
                           bool *ret_fresh);
MUST_USE err shipment_heard(struct store *store, const struct shipment *shipment,
                            enum courier_event event, bool *ret_heard);
typedef err (*shipment_each)(void *context, const struct courier_happening *happening);
/* In the order of their numbers. */
MUST_USE err shipment_events(struct store *store, const struct shipment *shipment,
                             shipment_each each, void *context);
