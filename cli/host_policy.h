/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * host_policy: the key that signs password policies, and the policy of a model signed by it.
 *
 *   ADMIN/policy.key      64 bytes, mode 600: whoever has it can give terminals another policy,
 *                         though none below the floor that is compiled into them
 *   ADMIN/policy.public   32 bytes: every terminal gets it with its keys and trusts it alone
 */

#include "lib/auth/blocklist_file.h"
#include "lib/wire/process.h"

/* Makes both files. `fault` says cause and remedy. */
MUST_USE err host_policy_initialise(const char *admin, struct process_fault *fault);

struct host_policy {
    uint8_t signer[POLICY_SIGNER_BYTES];
    uint8_t document[POLICY_DOCUMENT_MAX];
    size_t document_len; /* 0: a model without one; the generic policy is in every vault */
};

/* The policy that is compiled in for this model, signed. */
MUST_USE err host_policy_sign(const char *admin, const char *model, struct host_policy *ret_policy,
                              struct process_fault *fault);

/* A policy that somebody wrote, checked and signed. `fault` names the line that is refused. */
MUST_USE err host_policy_sign_text(const char *admin, struct bytes text,
                                   struct host_policy *ret_policy,
                                   struct policy_document *ret_document,
                                   struct process_fault *fault);

/* The public half. */
MUST_USE err host_policy_signer(const char *admin, uint8_t ret_signer[POLICY_SIGNER_BYTES],
                                struct process_fault *fault);

/* Signs all that `out` holds, and appends the line that says so (policy_signature_write). */
MUST_USE err host_policy_sign_written(const char *admin, struct writer *out,
                                      struct process_fault *fault);

/* A blocklist's file by the same key. */
MUST_USE err host_policy_sign_blocklist(const char *admin, const struct blocklist *filter,
                                        uint32_t version, struct writer *out,
                                        struct process_fault *fault);
