/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Three commands of acquirer_protocol.h that have a body of their own: what a network's clearing
 * file differs in, that a day is reconciled, and what the network has paid for it. All may be sent
 * again: what is there stays.
 */

#include "lib/wire/acquirer_protocol.h"

/* ACQUIRER_DIFFERENCE. Kind and network are those of journal/close.h; the rest of the payment is
 * the acquirer's to look up by its reference. */
struct acquirer_difference {
    struct bytes actor, rrn;
    uint8_t kind, network, type;
    int32_t day;
    int64_t host_minor, network_minor;
};

/* ACQUIRER_RECONCILED. */
struct acquirer_reconciled {
    struct bytes actor, digest;
    uint8_t network;
    int32_t day;
    int64_t rows, matched, differences;
};

/* ACQUIRER_NETWORK_SETTLED. What may be below zero is below zero when we pay the network. */
struct acquirer_settled {
    struct bytes actor, digest;
    uint8_t network;
    int32_t day;
    int64_t turnover_minor; /* all that the file counts, taken and given back: above zero */
    int64_t gross_minor, file_net_minor, net_minor;        /* of the file; and what has arrived */
    int64_t issuer_minor, network_minor, instalment_minor; /* as they were agreed */
};

void acquirer_write_difference(struct writer *w, uint32_t id, const struct acquirer_difference *d);
void acquirer_write_reconciled(struct writer *w, uint32_t id, const struct acquirer_reconciled *d);
void acquirer_write_settled(struct writer *w, uint32_t id, const struct acquirer_settled *d);

/* Behind the header. Errors: those of the reader, RANGE. */
MUST_USE err acquirer_read_difference(struct reader *r, struct acquirer_difference *out);
MUST_USE err acquirer_read_reconciled(struct reader *r, struct acquirer_reconciled *out);
MUST_USE err acquirer_read_settled(struct reader *r, struct acquirer_settled *out);
