/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * encode: a campaign as bytes, for delivery to terminals and for the store. One campaign has one
 * encoding and one encoding one campaign: big-endian numbers of fixed width in the order of
 * struct offer_campaign, texts and the list of shops behind their length, a version byte first.
 * Only sound campaigns (offer_campaign_check) are written, and nothing else is read.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "offer/campaign.h"

enum {
    OFFER_FORMAT = 1,
    OFFER_ENCODED_MAX = 512, /* all texts and all shops at their longest: 502 bytes */
};

/* ENSURE on a campaign that is not sound. A writer that is too small has the fault FULL. */
void offer_campaign_write(struct writer *w, const struct offer_campaign *campaign);

/*
 * Errors: NEWER (another version byte), FORMAT (not sound, or a text with a NUL in it), LENGTH,
 * RANGE (an amount above 63 bits, a truth that is neither 0 nor 1), SHORT, TRAILING. `out` is not
 * touched on failure.
 */
MUST_USE err offer_campaign_read(struct bytes encoded, struct offer_campaign *out);
