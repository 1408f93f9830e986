/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tags of cards and of field 55 are called (EMV Book 3, annex A). */

#include <stdint.h>

/* The name of a tag, "amount, authorised", or NULL. */
const char *tlv_tag_name(uint32_t tag);
