/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * joint: where the stock and the applications meet (S138, S141). What a terminal is assigned for is
 * an application that is AGREED; merchant, five elements and address are the application's, and
 * nobody types them again. From then on each step of the terminal moves the application on, with
 * its timeline and its SMS, in the transaction of the step.
 *
 * Two secrets of the application (identity or licence, account) are opened here, sealed again for
 * the binding, and wiped.
 */

#include "backoffice/applications/application.h"
#include "backoffice/stock/elements.h"
#include "backoffice/stock/stock.h"

/* What an application gives to a terminal. The form views the other members: not to be copied. */
struct joint_parcel {
    int64_t id; /* the application's */
    char mid[16], number[STOCK_APPLICATION_MAX + 1];
    char subject[128], account[128], address[128], phone[128];
    struct elements_form form;
};

void joint_wipe(struct joint_parcel *parcel); /* for CLEANUP */

/* Is it a number of an application, whether there is one or not? */
bool joint_is_number(struct bytes number);

/* Outside of any transaction: the hsm is asked. APPLICATION, NOT_AGREED and NOT_NUMBERED leave the
 * parcel empty. Errors: REFUSED, TIMEOUT (the hsm is away), the store's. */
MUST_USE err joint_open(struct backoffice *backoffice, struct bytes number,
                        struct joint_parcel *ret_parcel, enum stock_verdict *ret_verdict);

/* The applicant says that he has it: his application and his terminal are DELIVERED. NOT_NOW in the
 * verdict of applications when none is on its way to him. */
MUST_USE err joint_received(struct backoffice *backoffice, struct store_tx *tx,
                            const struct application *application, int64_t now_ms,
                            enum application_verdict *ret_verdict);

/* After a step from `was`: the application goes along. NOT_AGREED when it has moved meanwhile, and
 * nothing may be committed then. A contract on paper has nothing that moves. */
MUST_USE err joint_follow(struct backoffice *backoffice, struct store_tx *tx,
                          const struct registry_actor *actor, enum stock_happening event,
                          enum stock_state was, const char *application, const char *serial,
                          enum stock_verdict *ret_verdict);
