/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * case_file: the file in which a network says which payments it disputes (S108): text, a line each.
 *
 *   cases 1 card_network
 *   CB-20260301-7 chargeback 600100000001 not_recognised 12800 2026-03-16
 *   end 1 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
 *
 * A case has the network's number, retrieval or chargeback, the reference of the payment, why, the
 * amount in fen, and the last day for an answer. The end has the number of cases and the SHA-256 of
 * every byte before its line. Like a clearing file it is taken whole or not at all.
 */

#include "payment/clearing.h"

struct case_row {
    char network_case[33];
    bool chargeback;
    char rrn[13];
    char reason[25];
    int64_t amount_minor;
    int32_t deadline; /* days since 1970-01-01 */
};

/* All rows, at most `max`. Errors and `fault` as of clearing_parse(). */
MUST_USE err case_file_parse(struct bytes file, enum payment_route network, clearing_digest digest,
                             struct case_row *rows, size_t max, size_t *ret_count,
                             struct clearing_fault *fault);
