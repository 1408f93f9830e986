/* SPDX-License-Identifier: Apache-2.0 */
/* Campaigns as bytes: what is read is sound, written the same way again, and can be reckoned with.
 */
#include "offer/best.h"
#include "offer/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct offer_campaign campaign;
    if (FAILED(offer_campaign_read(bytes_of(data, size), &campaign))) return 0;
    uint8_t block[OFFER_ENCODED_MAX];
    struct writer w = writer_over(block, sizeof block);
    offer_campaign_write(&w, &campaign);
    ENSURE(w.fault == ERR_OK && bytes_equal(writer_view(&w), bytes_of(data, size)));

    struct offer_candidate candidate = {&campaign, true, 0, 0, 0, campaign.budget_minor, 1};
    struct offer_member member = {true, 1, 2, 29, 0};
    struct offer_sale sale = {.price_minor = 12345, .shop = campaign.shop[0]};
    sale.at_ms = campaign.from_ms % INT64_C(200000000000000);
    struct offer_result result;
    offer_best(&candidate, 1, &member, &sale, &result);
    ENSURE(result.total_minor < sale.price_minor && result.total_minor <= campaign.budget_minor);
    ENSURE(campaign.cap_minor == 0 || result.total_minor <= campaign.cap_minor);
    return 0;
}
