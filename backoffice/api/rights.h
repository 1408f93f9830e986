/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rights: what a caller may call. The gate asks it for each call, and pages ask for all rows at
 * once (GET /rights), so that a button that would be refused is not drawn and the reason is said:
 * one judgement for both.
 */

#include "backoffice/api/api.h"

enum api_right {
    API_RIGHT,
    API_RIGHT_FACTOR, /* once a factor was shown just now */
    API_RIGHT_NONE,
};

/* Pure. A caller without roles is a program. */
enum api_right api_right_of(const struct api_caller *caller, const struct api_route *route);
