/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the acquirer from the command line. */
#include "cli/control_client.h"

#include <stdio.h>

enum { CONTROL_WAIT_MS = 5000 };

err control_client_open(struct control_client *client, const char *socket,
                        struct process_fault *fault)
{
    *client = (struct control_client){.id = 1};
    err connected = rpc_connect(&client->rpc, socket, CONTROL_WAIT_MS, ACQUIRER_FRAME_MAX);
    if (FAILED(connected))
        snprintf(fault->text, sizeof fault->text,
                 "acquirer at %.120s: %s; start tongbao-acquirer with --control first", socket,
                 err_text(connected));
    return connected;
}

void control_client_close(struct control_client *client)
{
    rpc_close(&client->rpc);
}

err control_client_call(struct control_client *client, const struct writer *frame,
                        enum acquirer_status *ret_status, struct acquirer_answer *ret_answer,
                        struct process_fault *fault)
{
    struct bytes request, raw;
    struct acquirer_header header;
    struct acquirer_answer answer;
    enum acquirer_status status;
    TRY(writer_finish(frame, &request));
    err called = rpc_call(&client->rpc, request, client->answer, sizeof client->answer, &raw);
    if (FAILED(called)) {
        snprintf(fault->text, sizeof fault->text,
                 "acquirer: %s; look whether it was done before you ask again", err_text(called));
        return called;
    }
    TRY(acquirer_read_answer(raw, &header, &status, &answer));
    if (header.id != client->id) return ERR(CONFLICT);
    client->id++;
    *ret_status = status;
    if (ret_answer != NULL) *ret_answer = answer;
    if (status == ACQUIRER_OK) return OK;
    snprintf(fault->text, sizeof fault->text, "%s%s%.*s", acquirer_status_text(status),
             answer.detail.len > 0 ? ": " : "", (int)answer.detail.len,
             answer.detail.len > 0 ? (const char *)answer.detail.at : "");
    return ERR(DENIED);
}

err control_client_ask(struct control_client *client, enum acquirer_command command,
                       const struct acquirer_request *request, struct acquirer_answer *ret_answer,
                       struct process_fault *fault)
{
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    enum acquirer_status status;
    acquirer_write_request(&w, (struct acquirer_header){(uint8_t)command, client->id}, request);
    return control_client_call(client, &w, &status, ret_answer, fault);
}
