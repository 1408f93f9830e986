/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A campaign in the words of /api/v1: its tables, read from a body and written into an answer. */

#include "backoffice/api/api.h"
#include "loyalty/campaign.h"

/* What an owner says of a campaign; `version` 0 or left out: a new one. */
extern const struct api_schema campaign_body_schema;
/* The same with what became of it. */
extern const struct api_schema campaign_schema;

/* The words of the states, by loyalty_campaign_state less 1. */
extern const char *const campaign_states[];

/* Of a body that keeps to its table. What makes no sense is offer_campaign_check's to say. */
MUST_USE err campaign_from_json(const struct json_t *body, struct offer_campaign *out);
void campaign_to_json(struct json_out *j, const struct loyalty_campaign *campaign);

/* The number of a word of the table that it was checked against, from 1 on; 0 when there is none.
 */
MUST_USE err campaign_word(const struct json_t *body, const char *name, const char *const *words,
                           int *ret_number);
