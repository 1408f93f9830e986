/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The parts of the back office; parts.c puts them together. */

#include "backoffice/core.h"

extern const struct backoffice_part about_part; /* about.c: what this is */
