/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the screens of a payment say by its kind: the same screens serve all of them. */

#include "payment/kind.h"
#include "terminal/texts.h"

struct type_words {
    enum text_id present_title, wait_hint, approved_title, approved, declined_title, again;
    enum text_id reversed, reversed_hint, reversing_hint;
};

const struct type_words *type_words(enum payment_type type);
