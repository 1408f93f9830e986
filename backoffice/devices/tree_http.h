/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the calls about regions and groups share, and how a search of devices is narrowed by them.
 * Regions and groups cut across outlets: who may see one outlet alone has none of them.
 */

#include "backoffice/api/api.h"
#include "backoffice/devices/groups.h"

/* A number as it stands in a path: digits without leading zeros; 0 when it is none. */
int64_t tree_number(const char *text);

/* Whether what belongs to this merchant ("": the acquirer) is the caller's to see. */
bool tree_sees(const struct api_caller *caller, const char *mid);

/* Whose a new region or group is to be: the caller's own merchant, or the one that is named. False
 * when it is not his, or not there. `may_be_ours`: the acquirer may have it himself. */
MUST_USE err tree_owner(struct backoffice *backoffice, const struct api_call *call,
                        bool may_be_ours, char ret_mid[16], bool *ret_good);

/* 404, 409 or 422, by the verdict. */
void tree_refuse(enum tree_verdict verdict, struct http_response *response);

/* Narrows `query` to a group and a region (0: to none); `outlets` must live as long as it.
 * *ret_none: they are not the caller's, or not there, so nothing is found. */
MUST_USE err tree_narrow(struct backoffice *backoffice, const struct api_caller *caller,
                         int64_t group, int64_t region, struct fleet_query *query,
                         struct tree_outlets *outlets, bool *ret_none);

/* Commits what changes the sets that parameters are looked up by: they are looked up anew. */
MUST_USE err tree_committed(struct backoffice *backoffice, const struct api_call *call,
                            struct store_tx *tx, struct http_response *response);

/* The same behind a change of region or group `number`, whose answer is written: with its audit
 * record. */
MUST_USE err tree_changed(struct backoffice *backoffice, const struct api_call *call,
                          struct store_tx *tx, int64_t number, const char *event, const char *name,
                          struct http_response *response);

/* The end of a list by numbers: its cursor, when the page was full. */
void tree_next(struct json_out *j, const struct api_call *call, size_t count, int64_t last);
