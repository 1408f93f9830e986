/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * one_time: initial passwords. Every one is drawn anew from the random source, uniformly among the
 * numbers that the policy accepts, and derived from nothing: not from a serial number, not from a
 * date (S30). Eight digits that policy accepts are 26 bits: enough behind ten tries, and for
 * one use only, since the first login must change it.
 */

#include "lib/auth/policy.h"
#include "lib/base/random.h"

enum { ONE_TIME_DIGITS = 8 };

/*
 * Writes ONE_TIME_DIGITS digits and a NUL; the caller shows them once and wipes them. The policy
 * must allow eight digits. Errors: CRYPTO when the source gives nothing acceptable in a thousand
 * draws, which is a source that is stuck.
 */
MUST_USE err one_time_make(const struct random *random, struct policy policy,
                           const struct policy_context *context,
                           char ret_password[ONE_TIME_DIGITS + 1]);
