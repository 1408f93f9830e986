/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy_published: passwords that makers have printed in manuals and that stand on web pages, of
 * payment terminals first. None of them is accepted anywhere (D1).
 */

#include "lib/base/bytes.h"

/* In whatever case. */
bool policy_is_published(struct bytes candidate);

/* The entry after `before`; {0} gives the first, and is what comes after the last. For tests, which
 * try each of them on every door. */
struct bytes policy_published_next(struct bytes before);
