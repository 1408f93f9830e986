/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* instalment: a sale becomes one in instalments before its card is presented (S85). */

#include "terminal/core.h"

/* A plan is chosen: whose card, how many periods. BACK always: t->work.payment is then in
 * instalments, or as it was, and the card is still to come. */
err instalment_choose(struct terminal *t, struct procedure *p);

/* Somebody offers a plan for this amount. */
bool instalment_offered(const struct terminal *t);

/* In one sum after all; false when it was so anyway. */
bool instalment_undo(struct terminal *t);

/* The card of t->work.payment is of the issuer whose plan it is; notices when it is not. True where
 * there is no plan. */
bool instalment_fits(struct terminal *t);

/* The plan of a payment to the fen; nothing where it has none. */
void instalment_say(struct terminal *t, const struct payment *payment);
