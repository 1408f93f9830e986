/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * host_accounts: the first accounts of the back office, made while it does not run (it is the only
 * writer of its file). Further ones are made in the staff console. Nobody is given a password: an
 * account begins with a link that is good once and for three days, and sets one.
 */

#include "lib/wire/process.h"
#include "registry/credential.h"

/* How the link's address goes on behind the origin: "/staff/setup#TOKEN". Wipe it. */
enum { HOST_ACCOUNT_LINK_MAX = 80 };

/* EXISTS: the login, phone or mail is taken. BUSY: tongbao-backoffice runs. */
MUST_USE err host_account_add(const char *state, const struct account *account,
                              char ret_link[HOST_ACCOUNT_LINK_MAX], struct process_fault *fault);

/*
 * A new link for an account that has lost its first one, or all its factors: what was left of them
 * is gone, and its sessions are void. Whoever calls this has seen who the person is. NOT_FOUND.
 */
MUST_USE err host_account_link(const char *state, enum account_kind kind, const char *login,
                               char ret_link[HOST_ACCOUNT_LINK_MAX], struct process_fault *fault);

/* Calls `each` for every account of a kind, in the order of their logins. */
MUST_USE err host_accounts_each(const char *state, enum account_kind kind, account_each each,
                                void *context, struct process_fault *fault);
