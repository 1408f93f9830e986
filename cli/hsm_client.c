/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the hsm from the command line. */
#include "cli/hsm_client.h"

#include <stdio.h>

#include "lib/wire/hsm_protocol_renewal.h"

/* RSA keys for wallets take seconds, and many where the machine has other things to do. */
enum { HSM_WAIT_MS = 30000 };

err hsm_client_open(struct hsm_client *client, const char *socket, struct process_fault *fault)
{
    *client = (struct hsm_client){.id = 0};
    err connected = rpc_connect(&client->rpc, socket, HSM_WAIT_MS, HSM_FRAME_MAX);
    if (FAILED(connected))
        snprintf(fault->text, sizeof fault->text, "hsm at %s: %s; start tongbao-hsm first", socket,
                 err_text(connected));
    return connected;
}

void hsm_client_close(struct hsm_client *client)
{
    rpc_close(&client->rpc);
    explicit_bzero(client->answer, sizeof client->answer);
}

/* One command; *ret_body stands at the answer's body, a view of client->answer. */
static err call(struct hsm_client *client, uint8_t command, struct writer *w,
                struct reader *ret_body, struct process_fault *fault)
{
    struct bytes frame, answer;
    struct hsm_header header;
    enum hsm_status status;
    TRY(writer_finish(w, &frame));
    err called = rpc_call(&client->rpc, frame, client->answer, sizeof client->answer, &answer);
    if (FAILED(called)) {
        snprintf(fault->text, sizeof fault->text, "hsm: %s", err_text(called));
        return called;
    }
    *ret_body = reader_over(answer);
    TRY(hsm_read_answer(ret_body, &header, &status));
    if (header.id != client->id || header.command != command) return ERR(CONFLICT);
    if (status == HSM_OK) return OK;
    snprintf(fault->text, sizeof fault->text, "hsm refuses: %s", hsm_status_text(status));
    return ERR(DENIED);
}

err hsm_client_make_key(struct hsm_client *client, enum hsm_command command,
                        const struct hsm_make_key *ask, struct hsm_key_answer *ret_answer,
                        struct process_fault *fault)
{
    uint8_t request[1024];
    struct reader body;
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, (uint8_t)command, ++client->id);
    hsm_write_make_key(&w, ask);
    err called = call(client, (uint8_t)command, &w, &body, fault);
    explicit_bzero(request, sizeof request);
    TRY(called);
    return hsm_read_key_answer(&body, ret_answer);
}

err hsm_client_zone_mac(struct hsm_client *client, struct bytes block, struct bytes data,
                        struct bytes *ret_mac, struct process_fault *fault)
{
    uint8_t request[1024];
    struct reader body;
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, HSM_MAC_MAKE, ++client->id);
    hsm_write_mac(&w, &(struct hsm_mac){HSM_SUITE_TONGBAO, block, data, {0}});
    TRY(call(client, HSM_MAC_MAKE, &w, &body, fault));
    return hsm_read_bytes(&body, ret_mac);
}

err hsm_client_zone_keys(struct hsm_client *client, const struct hsm_zone_keys *ask,
                         struct hsm_zone_keys_answer *ret_answer, struct process_fault *fault)
{
    uint8_t request[2048];
    struct reader body;
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, HSM_ZONE_KEYS, ++client->id);
    hsm_write_zone_keys(&w, ask);
    TRY(call(client, HSM_ZONE_KEYS, &w, &body, fault));
    return hsm_read_zone_keys_answer(&body, ret_answer);
}

err hsm_client_initial_block(struct hsm_client *client, const struct hsm_initial_block *ask,
                             struct hsm_block_answer *ret_answer, struct process_fault *fault)
{
    uint8_t request[1024];
    struct reader body;
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, HSM_INITIAL_BLOCK, ++client->id);
    hsm_write_initial_block(&w, ask);
    TRY(call(client, HSM_INITIAL_BLOCK, &w, &body, fault));
    return hsm_read_block_answer(&body, ret_answer);
}

err hsm_client_check_base(struct hsm_client *client, uint8_t suite, struct bytes block,
                          struct process_fault *fault)
{
    uint8_t request[512];
    struct reader body;
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, HSM_SIGN_IN, ++client->id);
    hsm_write_sign_in(&w, &(struct hsm_sign_in){suite, block});
    return call(client, HSM_SIGN_IN, &w, &body, fault);
}

err hsm_client_recovery(struct hsm_client *client, const struct hsm_recovery *ask,
                        struct hsm_recovery_answer *ret_answer, struct process_fault *fault)
{
    uint8_t request[512];
    struct reader body;
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, HSM_RECOVERY, ++client->id);
    hsm_write_recovery(&w, ask);
    TRY(call(client, HSM_RECOVERY, &w, &body, fault));
    return hsm_read_recovery_answer(&body, ret_answer);
}

err hsm_client_wallet_key(struct hsm_client *client, const struct hsm_wallet_key *ask,
                          struct hsm_wallet_key_answer *ret_answer, struct process_fault *fault)
{
    uint8_t request[HSM_FRAME_MAX];
    struct reader body;
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, HSM_WALLET_KEY, ++client->id);
    hsm_write_wallet_key(&w, ask);
    err called = call(client, HSM_WALLET_KEY, &w, &body, fault);
    explicit_bzero(request, sizeof request);
    TRY(called);
    return hsm_read_wallet_key_answer(&body, ret_answer);
}

err hsm_client_document_key(struct hsm_client *client, uint8_t role,
                            struct hsm_document_key_answer *ret_answer, struct process_fault *fault)
{
    uint8_t request[64];
    struct reader body;
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, HSM_DOCUMENT_KEY, ++client->id);
    hsm_write_document_key(&w, &(struct hsm_document_key){role});
    TRY(call(client, HSM_DOCUMENT_KEY, &w, &body, fault));
    return hsm_read_document_key_answer(&body, ret_answer);
}

err hsm_client_document_sign(struct hsm_client *client, const struct hsm_document_sign *ask,
                             struct bytes *ret_signature, struct process_fault *fault)
{
    uint8_t request[HSM_FRAME_MAX];
    struct reader body;
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, HSM_DOCUMENT_SIGN, ++client->id);
    hsm_write_document_sign(&w, ask);
    TRY(call(client, HSM_DOCUMENT_SIGN, &w, &body, fault));
    return hsm_read_bytes(&body, ret_signature);
}

err hsm_client_authority_seal(struct hsm_client *client, struct bytes pem, struct bytes *ret_blob,
                              struct process_fault *fault)
{
    uint8_t request[HSM_AUTHORITY_PEM_MAX + 64];
    struct reader body;
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, HSM_AUTHORITY_SEAL, ++client->id);
    hsm_write_bytes(&w, pem);
    err called = call(client, HSM_AUTHORITY_SEAL, &w, &body, fault);
    explicit_bzero(request, sizeof request);
    TRY(called);
    return hsm_read_bytes(&body, ret_blob);
}

void hsm_client_wipe(struct hsm_client *client)
{
    explicit_bzero(client->answer, sizeof client->answer);
}
