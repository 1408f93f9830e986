/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fleet_asked: which devices a call asks for, and what of them its caller may see. The list, the
 * counts and the export are narrowed by the same fields and judged by the same rules.
 */

#include "backoffice/api/api.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/devices/tree.h"
#include "registry/contact.h"

/* Of the states that stand in the registry and that a device tells; NULL ends each. */
extern const char *const fleet_presence_words[], *const fleet_status_words[],
                                                     *const fleet_hold_words[];

/* What a row of `query` takes. */
extern const struct api_schema fleet_asked_schema;

/* What is asked, within what the caller may see; `outlets` must live as long as `ret_query`.
 * *ret_none: it is not the caller's, or not there, so nothing is found. Errors: the store's. */
MUST_USE err fleet_asked(struct backoffice *backoffice, const struct api_call *call,
                         struct fleet_query *ret_query, struct tree_outlets *outlets,
                         bool *ret_none);

/* The serial number as this caller may see it. */
void fleet_asked_serial(const struct api_caller *caller, const char *serial,
                        char out[static CONTACT_MASK_MAX]);
