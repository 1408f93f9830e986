/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * registrar: the back office writes into registry.db, for as long as one change takes. The file has
 * one writing process at a time (lib/store); who finds it taken is told to come back, and nothing
 * waits. Reading goes on meanwhile through backoffice->registry.
 */

#include "backoffice/core.h"

/* Opened for writing; the caller closes it at once. BUSY: another program writes just now.
 * NOT_FOUND: there is no registry. */
MUST_USE err registrar_open(struct backoffice *backoffice, struct registry **ret_registry);
void registrar_close(struct registry **registry); /* for CLEANUP */

/* 503 `busy` and when to come back. */
void registrar_refuse(struct http_response *response);
