/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The files in which the networks say what they charged on a day (payment/clearing.h), from their
 * book: every charge of that day, with what network and issuer keep of it by a tariff of their own.
 */

#include "payment/clearing.h"
#include "simulators/book.h"

/* What is kept of a payment that brings the merchant money. */
int64_t clearing_fee(enum payment_card_class class, enum payment_type type, int64_t amount_minor);

/*
 * What goes back of the fee of a payment of `whole_minor` with a refund of `amount_minor`, when
 * `before_minor` had gone back before it: its share, half-even, and all of it with the last fen.
 * When a refund was undone in between, a fen may go back with another one than the host has it.
 */
struct clearing_part {
    int64_t whole_minor, before_minor, amount_minor;
};
int64_t clearing_fee_back(enum payment_card_class class, const struct clearing_part *part);

/* Appends the whole file. NO_MEMORY, and FULL when it does not fit. */
MUST_USE err clearing_write(const struct book *book, const struct clearing_head *head,
                            struct writer *w);

/* The same of the networks.db in `state`, which may be in use, into a file. CONFIG: the day or the
 * network makes no sense; `fault` says it. */
struct process_fault;
MUST_USE err clearing_of_state(const char *state, const char *day, const char *network,
                               const char *file, struct process_fault *fault);
