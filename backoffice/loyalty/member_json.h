/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* member_json: a member in words, and what stands on his page. */

#include "backoffice/loyalty/loyalty_room.h"
#include "backoffice/loyalty/member_seal.h"

extern const char *const member_states[], *const member_consents[];
extern const struct api_schema member_schema, members_found_schema;

/* All of a member but his whole number: the telephone is masked. */
MUST_USE err member_to_json(struct backoffice *b, const struct loyalty_member *member,
                            const struct member_plain *plain, int64_t now_ms, struct json_out *j);

/* What a list shows of one, to tell several apart: both masked. */
MUST_USE err member_found_to_json(struct backoffice *b, const struct loyalty_member *member,
                                  const struct member_plain *plain, int64_t now_ms,
                                  struct json_out *j);
