/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * apply_list: fields that are chosen from a list, in groups, in words of both languages: trades
 * (trades.h) and cities by province (regions.h). A district that a program has entered stays
 * chosen as its city.
 */

#include "backoffice/applications/apply_page.h"
#include "backoffice/applications/form.h"

enum { APPLY_LACKS_MAX = 320 };

/* `field`: TRADE or REGION. */
void apply_draw_list(struct page *page, const struct apply_form *form, enum apply_field field,
                     bool bad);

/* What was chosen, in words; as it stands when it is in no list. */
void apply_draw_listed(struct page *page, const struct apply_form *form, enum apply_field field);

/* What a shop's name lacks, one after the other, with what to add. Returns `out`. */
const char *apply_lacks_text(const struct apply_form *form, bool english,
                             char out[APPLY_LACKS_MAX]);
