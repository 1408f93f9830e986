/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/unit/crypto_vectors.h"

/* The derived card of tests/vectors/emv: its keys, records and transcripts. */

static inline json_t *card_vectors(void)
{
    json_error_t error;
    json_t *json = json_load_file("tests/vectors/emv/card_A_unionpay_debit.json", 0, &error);
    if (json == NULL) fail_msg("card_A_unionpay_debit.json: %s", error.text);
    return json;
}
