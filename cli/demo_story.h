/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The story of `tongbao demo --once`: what a newcomer would do in the browser, told step by step.
 */

#include "cli/stage.h"

/* Prints each step with what it proved. The exit status: 0 when every step came out right. */
int demo_story(struct stage *stage);
