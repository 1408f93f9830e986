/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * desk_hsm: what the desk asks of the hsm, one command at a time over its socket, answered at
 * once or given up after DESK_HSM_MS. A connection is made when it is needed, and made again.
 *
 * The recovery key of each terminal stands in the registry as a block that only the hsm can open.
 */

#include "backoffice/desk/desk.h"
#include "lib/wire/hsm_protocol.h"
#include "lib/wire/rpc.h"

enum { DESK_HSM_MS = 1000 };

struct desk_hsm {
    struct rpc rpc;
    const char
        *admin; /* the directory of ca.pem and ca.sealed; NULL: certificates are not renewed */
    struct registry *registry; /* read only; the caller's */
    uint32_t id;
};

/* Whether somebody listens at `socket` is of no matter yet. Errors: CONFIG (path too long). */
MUST_USE err desk_hsm_open(struct desk_hsm *client, const char *socket, struct registry *registry);
void desk_hsm_close(struct desk_hsm *client);

/*
 * As in struct desk_ports; the context is the client. Errors: REFUSED, TIMEOUT, CLOSED (the hsm is
 * away), NOT_FOUND (no such terminal), KEY (the terminal has no recovery key, or the hsm does not
 * take it), MAC (anchor_check), FORMAT (not an answer of ours).
 */
MUST_USE err desk_hsm_prove(void *context, const struct desk_challenge *challenge,
                            struct desk_proof *ret_proof);
MUST_USE err desk_hsm_anchor_check(void *context, const char *tid, const struct desk_anchor *said);
MUST_USE err desk_hsm_anchor_make(void *context, const char *tid, struct desk_anchor *anchor);

/* Reads ca.pem and ca.sealed of `admin` each time: there are none before they were made. */
MUST_USE err desk_hsm_renew(void *context, const struct desk_renewal *renewal,
                            struct writer *certificate);
MUST_USE err desk_hsm_sign_assignment(void *context, struct bytes key, struct bytes text,
                                      uint8_t ret_signature[64]);
MUST_USE err desk_hsm_command_mac(void *context, const struct desk_command *command,
                                  uint8_t ret_mac[16]);
MUST_USE err desk_hsm_open_backup(void *context, const struct desk_restore *restore,
                                  struct writer *grant);
/* All at one time: DESK_HSM_MS covers them. */
MUST_USE err desk_hsm_command_macs(void *context, const struct desk_command *commands, size_t count,
                                   uint8_t (*ret_macs)[16]);
