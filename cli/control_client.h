/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Commands over the acquirer's control socket, one call each, waited for. */

#include "lib/base/writer.h"
#include "lib/wire/acquirer_protocol.h"
#include "lib/wire/process.h"
#include "lib/wire/rpc.h"

struct control_client {
    struct rpc rpc;
    uint32_t id; /* of the last command */
    uint8_t answer[ACQUIRER_FRAME_MAX];
};

/* Errors: REFUSED and others of rpc.h; `fault` says what to do. */
MUST_USE err control_client_open(struct control_client *client, const char *socket,
                                 struct process_fault *fault);
void control_client_close(struct control_client *client);

/*
 * Sends what was written, which has the id client->id, and waits. A refusal is DENIED with the
 * status and its detail in `fault`; *ret_status may be looked at then. `ret_answer` may be NULL;
 * its detail is a view until the next call.
 */
MUST_USE err control_client_call(struct control_client *client, const struct writer *frame,
                                 enum acquirer_status *ret_status,
                                 struct acquirer_answer *ret_answer, struct process_fault *fault);

/* The same with the body that most commands have. */
MUST_USE err control_client_ask(struct control_client *client, enum acquirer_command command,
                                const struct acquirer_request *request,
                                struct acquirer_answer *ret_answer, struct process_fault *fault);
