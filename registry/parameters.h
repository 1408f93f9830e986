/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The newest signed document of parameters of chip cards (lib/emv/parameters.h), for the terminals
 * of one model or for all. `tongbao admin parameters publish` puts one here; the acquirer hands it
 * out in parts and takes it for opaque bytes. Each vault verifies it: whoever changes it here gives
 * nobody other parameters.
 *
 * Numbers rise over all documents together, so that a terminal never goes back to a smaller one,
 * whichever document it is given.
 */

#include "lib/base/writer.h"
#include "registry/registry.h"

enum {
    REGISTRY_PARAMETERS_MAX = 49152 + 256, /* EMV_PARAMETERS_MAX, first line and signature */
    REGISTRY_DIGEST_BYTES = 32,
};

/* A document without its bytes. */
struct registry_parameters {
    char model[REGISTRY_MODEL_MAX + 1]; /* empty: for every model without one of its own */
    uint32_t number;
    uint32_t len;
    uint8_t digest[REGISTRY_DIGEST_BYTES]; /* SHA-256 of all bytes */
    int64_t published_ms;
};

/* The number that the next document must have: 1 at first. */
MUST_USE err registry_next_parameters(struct registry *registry, uint32_t *ret_number);

/* `head->len` and `published_ms` are not looked at. STATE when the number is not above all that
 * were published; FORMAT without number or bytes, or with too many. */
MUST_USE err registry_publish_parameters(struct registry *registry,
                                         const struct registry_actor *actor,
                                         const struct registry_parameters *head,
                                         struct bytes document);

/* What a terminal of this model is to have: its model's own, else that for all. NOT_FOUND when
 * there is neither. */
MUST_USE err registry_find_parameters(struct registry *registry, struct bytes model,
                                      struct registry_parameters *ret_head);

/* Appends at most `max` bytes from `offset` of the document with this number. NOT_FOUND when it is
 * not (any more) published, RANGE when it ends before `offset`. */
MUST_USE err registry_read_parameters(struct registry *registry, uint32_t number, uint32_t offset,
                                      size_t max, struct writer *out);
