/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the registry share. */

#include <assert.h>

#include "registry/registry.h"

struct registry {
    struct store *store;
    int64_t data_version; /* as last seen by registry_changed(); -1 before */
    int64_t audit_seq;    /* likewise: the head of the audit log counts our own writes */
};

extern const struct store_schema registry_schema;
extern const struct store_schema registry_contact_schema;
extern const struct store_schema registry_delivery_schema;
extern const struct store_schema registry_place_schema;
extern const struct store_schema registry_plate_schema;
extern const struct store_schema registry_policy_schema;
extern const struct store_schema registry_limits_schema;
extern const struct store_schema registry_agreement_schema;
extern const struct store_schema registry_parameters_schema;
extern const struct store_schema registry_sheet_schema;
extern const struct store_schema registry_names_schema;
extern const struct store_schema registry_numbers_schema;
extern const struct store_schema registry_replacement_schema;
extern const struct store_schema registry_rotation_schema;

/* A zone has another set of keys since then, and no rotation is under way; in the caller's
 * transaction. */
MUST_USE err registry_zone_keys_since(struct registry *registry, enum registry_zone zone,
                                      int64_t at_ms);

/* Does each value have its form? FORMAT or RANGE, named in the error text. */
MUST_USE err registry_check_merchant(struct registry *registry,
                                     const struct registry_merchant *merchant);
MUST_USE err registry_check_outlet(struct registry *registry, const struct registry_outlet *outlet);
/* Its number, serial number and model alone. */
MUST_USE err registry_check_device(struct registry *registry,
                                   const struct registry_terminal *terminal);
MUST_USE err registry_check_terminal(struct registry *registry,
                                     const struct registry_terminal *terminal);
MUST_USE err registry_check_zone_keys(struct registry *registry,
                                      const struct registry_zone_keys *keys);
MUST_USE err registry_check_fingerprint(struct registry *registry, struct bytes fingerprint);
MUST_USE err registry_check_key_block(struct registry *registry, struct bytes block);

/* The merchant with its outlet 1 and the audit record, in the caller's transaction; checked before.
 */
MUST_USE err registry_put_merchant(struct registry *registry, struct store_tx *tx,
                                   const struct registry_actor *actor,
                                   const struct registry_merchant *merchant);

/* Version 1 of its agreement, in the caller's transaction. */
MUST_USE err registry_put_first_agreement(struct registry *registry,
                                          const struct registry_merchant *merchant,
                                          int64_t signed_ms);

/* 1 to REGISTRY_NAME_MAX bytes of UTF-8 without control characters. */
bool registry_name_valid(struct bytes name);

/* The same of any length: 1 to `most` bytes. */
bool registry_line_valid(struct bytes line, size_t most);
