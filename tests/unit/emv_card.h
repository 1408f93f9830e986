/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/unit/crypto_vectors.h"

/* The derived card of tests/vectors/emv: its keys, records and transcripts. */

#define CARD_VECTORS "tests/vectors/emv/card_A_unionpay_debit.json"

static inline json_t *card_vectors(void)
{
    return vector_file(CARD_VECTORS);
}
