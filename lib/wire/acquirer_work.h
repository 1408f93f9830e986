/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Two commands of acquirer_protocol.h that have a body of their own: what a network's clearing file
 * differs in, and that a day is reconciled. Both may be sent again: what is there stays.
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

void acquirer_write_difference(struct writer *w, uint32_t id, const struct acquirer_difference *d);
void acquirer_write_reconciled(struct writer *w, uint32_t id, const struct acquirer_reconciled *d);

/* Behind the header. Errors: those of the reader, RANGE. */
MUST_USE err acquirer_read_difference(struct reader *r, struct acquirer_difference *out);
MUST_USE err acquirer_read_reconciled(struct reader *r, struct acquirer_reconciled *out);
