/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * alipay_raw: an answer of Alipay as it came, in characters. Its signature is over the text of one
 * member exactly as it stands, so that member is found and never written anew: white space inside
 * it, escaped slashes and a "sign" of its own belong to it. Protocol notes 4.4.
 */

#include "lib/base/bytes.h"

/*
 * The text of member `name` at the first level of the object `raw`: an object with its braces, a
 * string without its quotes. Errors: NOT_FOUND; FORMAT, SHORT, TRAILING (no object,
 * or something behind it); CONFLICT (the member is there twice: two texts, one signature).
 */
MUST_USE err alipay_raw_member(struct bytes raw, struct bytes name, struct bytes *ret_value);
