/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * regions: provinces and cities of the mainland by the first four digits of their codes (GB/T
 * 2260), with their short names in Chinese and English: what a form asks for, and what a name says.
 */

#include "lib/base/bytes.h"

/* A province has 00 behind its two digits, and stands before its cities. */
struct region {
    unsigned code;
    const char *zh, *en;
};

const struct region *regions(size_t *ret_count);

static inline bool region_is_province(const struct region *region)
{
    return region->code % 100 == 0;
}

/* The city of a code of six digits, of a city ("110100") or of a district in it ("110108"); NULL
 * when there is none. */
const struct region *region_of(const char *digits);

/* Of a city. */
const struct region *region_province(const struct region *city);
