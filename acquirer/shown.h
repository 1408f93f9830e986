/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* shown: sales whose code the terminal shows and the customer scans, at the host (shown.c). */

#include "acquirer/host.h"

bool shown_is(const struct task *task);
/* Journaled as PENDING: makes the code, has it signed, and then asks the wallet. */
MUST_USE err shown_sign(struct acquirer *a, struct task *task);
MUST_USE err shown_signed(struct acquirer *a, struct task *task, struct bytes mac);
/* The wallet has said 09, for the first time or again; nothing for what is not shown. */
MUST_USE err shown_heard(struct acquirer *a, struct task *task, bool first);
/* Tells the terminal, when that is due and can be done now; the task waits on afterwards. */
MUST_USE err shown_tell(struct acquirer *a, struct task *task);
MUST_USE err shown_sealed(struct acquirer *a, struct task *task, struct bytes mac);
/* The hsm is gone: the terminal is told when it is back. */
void shown_later(struct task *task);
/* Its request has come again while the wallet has it. */
MUST_USE err shown_again(struct acquirer *a, struct task *task);
