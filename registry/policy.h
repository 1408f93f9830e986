/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The newest signed password policy of each device model (S20). `tongbao admin policy` publishes
 * one; the back office hands it to the terminals of that model. The text is signed, and each vault
 * verifies it: whoever changes it here gives nobody another policy.
 */

#include "registry/registry.h"

enum { REGISTRY_POLICY_MAX = 4096 }; /* POLICY_DOCUMENT_MAX of lib/auth */

struct registry_policy {
    char model[REGISTRY_MODEL_MAX + 1];
    uint32_t version;
    uint8_t document[REGISTRY_POLICY_MAX];
    size_t document_len;
};

/* STATE when the version is not newer than the published one: no model ever goes back. */
MUST_USE err registry_publish_policy(struct registry *registry, const struct registry_actor *actor,
                                     const struct registry_policy *policy);

/* NOT_FOUND when none was published for this model. */
MUST_USE err registry_find_policy(struct registry *registry, struct bytes model,
                                  struct registry_policy *ret_policy);

/* Every model with a published policy, and when its newest version was; not those from before that
 * was kept. An error of `each` ends the walk. */
typedef err (*registry_policy_each)(void *context, const char *model, int64_t published_ms);
MUST_USE err registry_policies_each(struct registry *registry, registry_policy_each each,
                                    void *context);
