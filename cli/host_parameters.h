/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * host_parameters: from a text that a person reviews to the signed document that terminals take.
 *
 *   text (lib/emv/parameters_text.h)  ->  "tongbao-parameters 1\n", BER-TLV, signature line
 *
 * Of one for a model the line "model M" stands second: a vault of another model refuses it.
 *
 * Signed by the key that signs password policies (host_policy.h): a vault trusts no other.
 */

#include "lib/emv/parameters_text.h"
#include "lib/wire/process.h"
#include "registry/parameters.h"

struct host_parameters {
    struct emv_parameters parsed; /* views into `document` */
    size_t len;
    uint8_t document[EMV_PARAMETERS_MAX]; /* BER-TLV, not signed */
};

/* Parses and validates as a vault does. `fault` names line, field and reason. */
MUST_USE err host_parameters_read(struct bytes text, uint32_t number, struct host_parameters *out,
                                  struct process_fault *fault);

/*
 * Numbers, signs and publishes it in ADMIN/registry.db for `model` (NULL or empty: for all that
 * have none of their own). The caller has opened the registry to write.
 */
MUST_USE err host_parameters_publish(const char *admin, struct registry *registry,
                                     const char *model, struct bytes text,
                                     struct registry_parameters *ret_head,
                                     struct process_fault *fault);

/* Takes the lines in front and the signature off. FORMAT when it is no signed document of ours. */
MUST_USE err host_parameters_unwrap(struct bytes signed_document, struct bytes *ret_document);

/* What the demo and the tests publish: simulators/parameters/demo.parameters, compiled in. */
struct bytes host_parameters_demo(void);
