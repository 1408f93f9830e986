/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The story of `tongbao demo --once`: what a newcomer would do in the browser, told step by step.
 */

#include "cli/stage.h"

/* Prints each step with what it proved. The exit status: 0 when every step came out right. */
int demo_story(struct stage *stage);

/*
 * Half a year and what comes with it (demo_fast.h), on a stage whose clock can be turned: `days` of
 * it, as lines for people or as JSON. 0 when everything came that was to come.
 */
int demo_fast(struct stage *stage, int64_t days, bool json);
