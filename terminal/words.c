/* SPDX-License-Identifier: Apache-2.0 */
/* The words of each kind of payment. */
#include "terminal/words.h"

#define FOLLOWS TEXT_AFTER_REVERSED, TEXT_AFTER_REVERSED_HINT, TEXT_AFTER_REVERSING_HINT
#define VOIDS                                                                                \
    {                                                                                        \
        TEXT_VOID_PRESENT_TITLE, TEXT_AFTER_WAIT_HINT, TEXT_VOID_DONE_TITLE, TEXT_VOID_DONE, \
            TEXT_AFTER_DECLINED_TITLE, TEXT_VOID_AGAIN, FOLLOWS                              \
    }
#define CHARGES                                                                   \
    {                                                                             \
        TEXT_SALE_PRESENT_TITLE, TEXT_SALE_WAIT_HINT, TEXT_SALE_APPROVED_TITLE,   \
            TEXT_SALE_APPROVED, TEXT_SALE_DECLINED_TITLE, TEXT_ENTRY_NEXT_SALE,   \
            TEXT_SALE_REVERSED, TEXT_SALE_REVERSED_HINT, TEXT_SALE_REVERSING_HINT \
    }

#define REFUNDS                                                                                    \
    {                                                                                              \
        TEXT_REFUND_PRESENT_TITLE, TEXT_AFTER_WAIT_HINT, TEXT_REFUND_DONE_TITLE, TEXT_REFUND_DONE, \
            TEXT_AFTER_DECLINED_TITLE, TEXT_REFUND_AGAIN, FOLLOWS                                  \
    }
#define HOLD(done)                                                                 \
    {                                                                              \
        TEXT_HOLD_PRESENT_TITLE, TEXT_AFTER_WAIT_HINT, TEXT_HOLD_DONE_TITLE, done, \
            TEXT_AFTER_DECLINED_TITLE, TEXT_HOLD_AGAIN, FOLLOWS                    \
    }

static const struct type_words words[PAYMENT_TYPES] = {
    [PAYMENT_SALE] = CHARGES,
    [PAYMENT_VOID] = VOIDS,
    [PAYMENT_INSTALMENT] = CHARGES,
    [PAYMENT_INSTALMENT_VOID] = VOIDS,
    [PAYMENT_REDEEM] = {TEXT_SALE_PRESENT_TITLE, TEXT_SALE_WAIT_HINT, TEXT_POINTS_DONE_TITLE,
                        TEXT_POINTS_DONE, TEXT_AFTER_DECLINED_TITLE, TEXT_ENTRY_NEXT_SALE, FOLLOWS},
    [PAYMENT_REDEEM_VOID] = VOIDS,
    [PAYMENT_REDEEM_REFUND] = REFUNDS,
    [PAYMENT_REFUND] = REFUNDS,
    [PAYMENT_PREAUTH] = HOLD(TEXT_HOLD_DONE),
    [PAYMENT_PREAUTH_ADD] = HOLD(TEXT_HOLD_ADD_DONE),
    [PAYMENT_PREAUTH_CANCEL] = HOLD(TEXT_HOLD_CANCEL_DONE),
    [PAYMENT_COMPLETION] = HOLD(TEXT_HOLD_COMPLETE_DONE),
    [PAYMENT_COMPLETION_ADVICE] = HOLD(TEXT_HOLD_COMPLETE_DONE),
    [PAYMENT_COMPLETION_VOID] = HOLD(TEXT_HOLD_UNDO_DONE),
    /* It has screens of its own (balance.c) but for the card. */
    [PAYMENT_BALANCE] = {.present_title = TEXT_BALANCE_TITLE, .again = TEXT_BALANCE_AGAIN},
};

const struct type_words *type_words(enum payment_type type)
{
    ENSURE(type > PAYMENT_TYPE_NONE && type < PAYMENT_TYPES);
    return &words[type];
}
