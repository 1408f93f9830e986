/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * 电子签购单 (S106): the receipt of a payment as a link, drawn as a code that the customer scans.
 * It carries what the paper says, signed in the vault (payment/ereceipt.h); the page behind the
 * address shows and verifies it, and learns nothing: all of it stands behind the #.
 */

#include "lib/base/err.h"
#include "lib/base/writer.h"

struct payment;
struct procedure;
struct terminal;

/* There is an address to send people to. */
bool ereceipt_offered(const struct terminal *t);

/* Of t->chosen, a payment that is paid. */
err ereceipt(struct terminal *t, struct procedure *p);
/* Of the payment under way. */
err ereceipt_of_work(struct terminal *t, struct procedure *p);
