/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * remind: what a person is reminded of and when, as tables: the review of a password after six
 * months (CR-06: a reminder, never a lock), the end of the certificate (S123), safety tips (S72).
 * What was shown is in terminal.db, so that each reminder comes once.
 */

#include "lib/base/err.h"

struct terminal;

/* Whole days that are left, rounded up; 0 and less: over. */
int64_t remind_days(int64_t left_ms);

/* Is a reminder due for who has just logged in? When it is, it counts as shown. */
MUST_USE err remind_review(struct terminal *t, bool *ret_due);
MUST_USE err remind_certificate(struct terminal *t, bool *ret_due);

/* The operator keeps his password: the next review is in six months. */
MUST_USE err remind_keep(struct terminal *t);
