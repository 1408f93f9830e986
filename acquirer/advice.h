/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* advice: what a card has approved by itself, at the host (advice.c). */

#include "acquirer/host.h"

/* Its number towards the network: the recorded one, when it has been here and is not told yet. */
MUST_USE err advice_number(struct acquirer *a, struct task *task);
/* The hsm has opened it (`code` NULL) or not; `r` is what is known of it, or NULL. */
MUST_USE err advice_accepted(struct acquirer *a, struct task *task, struct recent *r,
                             const char *code, const struct hsm_accept_answer *answer);
/* The network has said nothing definite: the terminal will tell it again. */
MUST_USE err advice_unheard(struct acquirer *a, struct task *task);
/* Is this no answer to an advice? */
bool advice_undecided(const struct task *task);
/* As the terminal hears it: what its issuer disputes is our business, and told to us. */
void advice_as_heard(struct payment *payment);
/* An issuer will not pay what its card has approved: for a person. */
void advice_disputed(struct acquirer *a, const struct payment *payment);

/* ---- of accept.c, for it ---- */

/* Journals a refusal of ours under this key, and answers it. */
MUST_USE err accept_decline(struct acquirer *a, struct task *task, uint64_t key, const char *code);
/* The key was here with other content, which is noted. */
bool accept_conflicts(struct acquirer *a, const struct task *task, const struct recent *r);
/* `task` is a repeat of what `first` does: who waits for it waits for that answer. */
void accept_join(struct acquirer *a, struct task *task, struct task *first);
