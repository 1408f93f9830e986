/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy_drafts: changes of a model's policy that staff have written and that nobody has signed yet
 * (S20). One of two administrators proposes, the other approves; no key that signs is here, so an
 * approved one waits until `tongbao admin policy --pending` signs and publishes it. It is published
 * when the registry has its version; then terminals of that model, and no others, are given it.
 */

#include "backoffice/core.h"
#include "lib/auth/policy_document.h"

/* On disk: numbers are added and never reused. */
enum policy_draft_state { POLICY_DRAFT_PROPOSED = 1, POLICY_DRAFT_APPROVED, POLICY_DRAFT_DROPPED };

struct policy_draft {
    int64_t id, author, approver, at_ms, decided_ms;
    enum policy_draft_state state;
    struct policy_document document;
    char role[16]; /* the one that was edited */
    char author_name[64], approver_name[64];
};

extern const struct store_schema policy_drafts_schema;

/* What the terminals of this model have now: the newest published document, or the one that is
 * compiled in. False: no model of a terminal. */
MUST_USE err policy_now(struct backoffice *b, struct bytes model, bool *ret_found,
                        struct policy_document *ret_document);

/* The role's policy with what was edited in it. The version is one more than `now` has. *ret_fault
 * as policy_document_parse() says; then nothing may be stored. */
struct policy_edit {
    enum policy_role role;
    enum policy_profile profile;
    enum policy_rules rules;
    uint8_t min, max, ways;
    uint16_t lock_s;
};
MUST_USE err policy_edited(const struct policy_document *now, const struct policy_edit *edit,
                           struct policy_document *ret_document, struct policy_fault *ret_fault);

/* "length" of the role that was edited, for a line of a fault; "" for another line. */
const char *policy_fault_key(struct policy_fault fault);

/* Calls `each` for the drafts that wait, newest last. */
typedef err (*policy_draft_each)(void *context, const struct policy_draft *draft);
MUST_USE err policy_drafts_waiting(struct backoffice *b, policy_draft_each each, void *context);

/* In the caller's transaction, with their audit records. EXISTS: one of this model waits. */
MUST_USE err policy_draft_propose(struct store_tx *tx, const struct registry_actor *actor,
                                  int64_t author, const struct policy_document *document,
                                  enum policy_role role, int64_t *ret_id);
/* NOT_FOUND: no such draft waits for a decision; DENIED: its author may not approve it. */
MUST_USE err policy_draft_decide(struct store_tx *tx, const struct registry_actor *actor,
                                 int64_t account, int64_t id, enum policy_draft_state state);
