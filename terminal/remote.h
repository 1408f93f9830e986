/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What remote.c and remote_acts.c have of one another: commands of the back office. */

#include "terminal/commands.h"

struct terminal;

/* remote_acts.c: what needs no screen of its own. */
MUST_USE err remote_acts_open(struct terminal *t);
MUST_USE err remote_acts_tick(struct terminal *t);
int64_t remote_acts_next_us(const struct terminal *t);
/* The back office was heard. */
MUST_USE err remote_office_heard(struct terminal *t);
/* Nothing is torn off by it. */
bool remote_may_lock(const struct terminal *t);
/* Told to the back office, for as long as this connection lasts: it tells the command again. */
MUST_USE err remote_deny(struct terminal *t, int64_t number, const char *why);
/* Done: told and never again. */
MUST_USE err remote_finish(struct terminal *t, const struct command *command);
void remote_clear_screen(struct terminal *t);
/* It is to be wiped at the end of a contract, and its batch is to be settled before. */
bool remote_settles(const struct terminal *t);
