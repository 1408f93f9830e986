/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * one_time: initial passwords. Every one is drawn anew from the random source, uniformly among the
 * numbers that the policy accepts, and derived from nothing: not from a serial number, not from a
 * date (S30). Twelve digits are 39 bits: for one use behind ten tries eight would do, but of eight
 * digits ten thousand devices have some five pairs alike, and no two secrets are to be equal (D1).
 */

#include "lib/auth/policy.h"
#include "lib/base/random.h"

enum { ONE_TIME_DIGITS = 12 };

/*
 * Writes ONE_TIME_DIGITS digits and a NUL; the caller shows them once and wipes them. What is drawn
 * breaks no rule about what is easy to guess; a policy's own length and classes say nothing about
 * it, since it is not to stay. Only the digits that the policy's keypad has are used. Errors:
 * CRYPTO when the source gives nothing acceptable in a thousand draws, which is a source that is
 * stuck.
 */
MUST_USE err one_time_make(const struct random *random, const struct policy *policy,
                           const struct policy_person *person, const struct blocklist *blocklist,
                           char ret_password[ONE_TIME_DIGITS + 1]);
