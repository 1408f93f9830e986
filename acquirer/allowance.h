/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What each merchant may take, and what it has taken (S86; payment/quota.h has the rules).
 *
 * In memory, bounded by the number of terminals, rebuilt from the journal at start, and moved by
 * the one place that changes states (recent_record), so a payment is counted from the moment it is
 * PENDING and no two that come at once pass a limit that has room for one.
 *
 * Where a rule is one of a person (S144), what his other merchants have taken counts too: which
 * these are, the registry says. Nothing is added up beforehand, so who becomes one of them, or is
 * none of them any more, brings his sums and takes them along.
 *
 * Which card it is only the network knows. So a payment is judged twice: before the network by
 * merchant, entry and period, and by the class that earlier answers have given to the same first
 * six digits; after the answer, when that says another class, once more. What is too much then was
 * charged for a moment: it turns back, and the terminal is told the limit and not "approved".
 */

#include "acquirer/host.h"

MUST_USE err allowance_open(struct acquirer *a);
void allowance_close(struct acquirer *a);

/* Takes the newest published table; one that does not parse changes nothing. */
void allowance_refresh(struct acquirer *a);
/* Takes the merchant's class of risk from the registry, and who is of the same person. FULL, and
 * errors of the registry. */
MUST_USE err allowance_merchant(struct acquirer *a, const char *mid);

/* The code of a refusal before the network is asked, with its notice in the payment, or NULL. "96":
 * nobody can say, because the table of merchants is full. */
const char *allowance_refuse(struct acquirer *a, struct payment *payment);

/* The same after the answer: `payment` has the class that it says, `r` the one that was assumed. */
const char *allowance_refuse_answered(struct acquirer *a, const struct recent *r,
                                      struct payment *payment);

/* The payment of `r` is in another state now: counts it, moves it, or takes it out. */
MUST_USE err allowance_follow(struct acquirer *a, struct recent *r, const struct payment *payment);
/* `r` was taken back from the journal: says where its payment has been counted. */
void allowance_recalled(struct recent *r, const struct payment *payment);
