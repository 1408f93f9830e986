/* SPDX-License-Identifier: Apache-2.0 */
/* Commands to the hsm: five with the recovery key of one terminal, one with the director's. */
#include "backoffice/desk/desk_hsm.h"

#include "lib/base/file.h"
#include "lib/base/reader.h"
#include "lib/wire/hsm_protocol_documents.h"
#include "lib/wire/hsm_protocol_renewal.h"
#include "lib/wire/hsm_protocol_restore.h"

err desk_hsm_open(struct desk_hsm *client, const char *socket, struct registry *registry)
{
    *client = (struct desk_hsm){.registry = registry};
    err connected = rpc_connect(&client->rpc, socket, DESK_HSM_MS, HSM_FRAME_MAX);
    return connected.code == ERR_CONFIG ? connected : OK;
}

void desk_hsm_close(struct desk_hsm *client)
{
    rpc_close(&client->rpc);
}

static err find_key(struct desk_hsm *client, const char *tid, struct registry_terminal *terminal)
{
    TRY(registry_find_terminal(client->registry, bytes_text(tid), terminal));
    return terminal->recovery_block[0] != '\0' ? OK : ERR(KEY);
}

static err err_of(enum hsm_status status)
{
    switch (status) {
    case HSM_OK:
        return OK;
    case HSM_BAD_MAC:
        return ERR(MAC);
    case HSM_BAD_VALUE:
        return ERR(DENIED);
    case HSM_BAD_KEY_BLOCK:
    case HSM_WRONG_USAGE:
        return ERR(KEY);
    default:
        return ERR(FORMAT);
    }
}

/* Sends the command that `w` holds; *ret_body stands at the answer's body, a view of `out`. */
static err call(struct desk_hsm *client, const struct writer *w, uint8_t *out, size_t size,
                struct reader *ret_body)
{
    struct bytes request, answer;
    struct hsm_header header;
    enum hsm_status status;
    TRY(writer_finish(w, &request));
    TRY(rpc_call(&client->rpc, request, out, size, &answer));
    *ret_body = reader_over(answer);
    TRY(hsm_read_answer(ret_body, &header, &status));
    return header.id == client->id ? err_of(status) : ERR(FORMAT);
}

static err take_proof(struct reader *body, bool service, struct desk_proof *proof)
{
    struct hsm_recovery_answer answer;
    TRY(hsm_read_recovery_answer(body, &answer));
    if (answer.mac.len < DESK_GRANT_LEN || (answer.code.len == 0) != service) return ERR(FORMAT);
    if (service) memcpy(proof->grant, answer.mac.at, DESK_GRANT_LEN);
    return bytes_to_text(answer.code, proof->code, sizeof proof->code);
}

err desk_hsm_prove(void *context, const struct desk_challenge *c, struct desk_proof *ret_proof)
{
    struct desk_hsm *client = context;
    struct registry_terminal terminal;
    uint8_t request[512], out[512];
    struct writer w = writer_over(request, sizeof request);
    struct reader body;
    ENSURE(c->len > 0 && bytes_all_digits(bytes_text(c->operator_id)));
    TRY(find_key(client, c->tid, &terminal));
    hsm_write_header(&w, HSM_RECOVERY, ++client->id);
    hsm_write_recovery(
        &w, &(struct hsm_recovery){
                .operator_id = (uint8_t)(10 * (c->operator_id[0] - '0') + c->operator_id[1] - '0'),
                .way = (uint8_t)c->way,
                .key = bytes_text(terminal.recovery_block),
                .tid = bytes_text(c->tid),
                .challenge = bytes_of(c->at, c->len)});
    err done = call(client, &w, out, sizeof out, &body);
    if (!FAILED(done))
        done =
            take_proof(&body, c->way == RECOVERY_SERVICE || c->way == RECOVERY_REISSUE, ret_proof);
    explicit_bzero(out, sizeof out);
    return done;
}

static err call_anchor(struct desk_hsm *client, const char *tid, uint8_t direction, uint64_t epoch,
                       struct bytes mac, uint8_t *out, size_t size, struct reader *ret_body)
{
    struct registry_terminal terminal;
    uint8_t request[512];
    struct writer w = writer_over(request, sizeof request);
    TRY(find_key(client, tid, &terminal));
    hsm_write_header(&w, HSM_ANCHOR, ++client->id);
    hsm_write_anchor(&w, &(struct hsm_anchor){.direction = direction,
                                              .epoch = epoch,
                                              .key = bytes_text(terminal.recovery_block),
                                              .tid = bytes_text(tid),
                                              .mac = mac});
    return call(client, &w, out, size, ret_body);
}

err desk_hsm_anchor_check(void *context, const char *tid, const struct desk_anchor *said)
{
    uint8_t out[256];
    struct reader body;
    return call_anchor(context, tid, HSM_ANCHOR_FROM_VAULT, said->epoch, BYTES_OF(said->mac), out,
                       sizeof out, &body);
}

err desk_hsm_anchor_make(void *context, const char *tid, struct desk_anchor *anchor)
{
    uint8_t out[256];
    struct reader body;
    struct bytes mac;
    TRY(call_anchor(context, tid, HSM_ANCHOR_FROM_HOST, anchor->epoch, (struct bytes){0}, out,
                    sizeof out, &body));
    TRY(hsm_read_bytes(&body, &mac));
    if (mac.len != sizeof anchor->mac) return ERR(LENGTH);
    memcpy(anchor->mac, mac.at, mac.len);
    return reader_finish(&body);
}

static err read_file(const char *directory, const char *name, enum file_access access, void *block,
                     size_t max, struct bytes *ret)
{
    char path[FILE_PATH_MAX];
    size_t len = 0;
    TRY(file_path(directory, name, path, sizeof path));
    TRY(file_read(path, access, block, max, &len));
    *ret = bytes_of(block, len);
    return OK;
}

err desk_hsm_renew(void *context, const struct desk_renewal *renewal, struct writer *certificate)
{
    struct desk_hsm *client = context;
    uint8_t blob[HSM_AUTHORITY_BLOB_MAX], authority[HSM_FRAME_MAX], request[HSM_FRAME_MAX];
    uint8_t out[HSM_FRAME_MAX];
    struct writer w = writer_over(request, sizeof request);
    struct reader body;
    struct bytes made;
    struct hsm_renewal m = {.not_before_ms = renewal->not_before_ms,
                            .not_after_ms = renewal->not_after_ms,
                            .certificate = renewal->certificate,
                            .request = renewal->request,
                            .tid = bytes_text(renewal->tid),
                            .print = BYTES_OF(renewal->print)};
    if (client->admin == NULL) return ERR(KEY);
    err read = read_file(client->admin, "ca.sealed", FILE_PRIVATE, blob, sizeof blob, &m.blob);
    if (!FAILED(read))
        read = read_file(client->admin, "ca.pem", FILE_PUBLIC, authority, sizeof authority,
                         &m.authority);
    if (FAILED(read)) return ERR(KEY);
    hsm_write_header(&w, HSM_RENEW, ++client->id);
    hsm_write_renewal(&w, &m);
    if (w.fault != ERR_OK) return ERR(DENIED); /* longer than anything of ours */
    TRY(call(client, &w, out, sizeof out, &body));
    TRY(hsm_read_bytes(&body, &made));
    write_bytes(certificate, made);
    return reader_finish(&body);
}

err desk_hsm_sign_assignment(void *context, struct bytes key, struct bytes text,
                             uint8_t ret_signature[64])
{
    struct desk_hsm *client = context;
    uint8_t request[HSM_FRAME_MAX], out[256];
    struct writer w = writer_over(request, sizeof request);
    struct reader body;
    struct bytes made;
    hsm_write_header(&w, HSM_DOCUMENT_SIGN, ++client->id);
    hsm_write_document_sign(&w, &(struct hsm_document_sign){HSM_DOCUMENT_DIRECTOR, key, text});
    TRY(call(client, &w, out, sizeof out, &body));
    TRY(hsm_read_bytes(&body, &made));
    if (made.len != HSM_DOCUMENT_SIGNATURE_BYTES) return ERR(FORMAT);
    memcpy(ret_signature, made.at, made.len);
    return OK;
}

enum { COMMAND_REQUEST_MAX = 1024 };

static err write_command(struct desk_hsm *client, const struct desk_command *c, struct writer *w)
{
    struct registry_terminal terminal;
    TRY(find_key(client, c->tid, &terminal));
    hsm_write_header(w, HSM_COMMAND_MAC, ++client->id);
    hsm_write_command_mac(w, &(struct hsm_command_mac){.number = (uint64_t)c->number,
                                                       .key = bytes_text(terminal.recovery_block),
                                                       .tid = bytes_text(c->tid),
                                                       .serial = bytes_text(c->serial),
                                                       .kind = bytes_text(c->kind),
                                                       .nonce = BYTES_OF(c->nonce),
                                                       .text = bytes_text(c->text)});
    return (err){w->fault};
}

static err take_mac(struct reader *body, uint8_t ret_mac[16])
{
    struct bytes mac;
    TRY(hsm_read_bytes(body, &mac));
    if (mac.len != 16) return ERR(LENGTH);
    memcpy(ret_mac, mac.at, mac.len);
    return reader_finish(body);
}

err desk_hsm_command_mac(void *context, const struct desk_command *c, uint8_t ret_mac[16])
{
    uint8_t request[COMMAND_REQUEST_MAX], out[256];
    struct writer w = writer_over(request, sizeof request);
    struct reader body;
    TRY(write_command(context, c, &w));
    TRY(call(context, &w, out, sizeof out, &body));
    return take_mac(&body, ret_mac);
}

err desk_hsm_open_backup(void *context, const struct desk_restore *restore, struct writer *grant)
{
    struct desk_hsm *client = context;
    struct registry_terminal terminal;
    uint8_t request[COMMAND_REQUEST_MAX], out[512];
    struct writer w = writer_over(request, sizeof request);
    struct reader body;
    struct bytes made;
    TRY(find_key(client, restore->tid, &terminal));
    hsm_write_header(&w, HSM_RESTORE, ++client->id);
    hsm_write_restore(&w, &(struct hsm_restore){.number = restore->number,
                                                .key = bytes_text(terminal.recovery_block),
                                                .tid = bytes_text(restore->tid),
                                                .serial = restore->serial,
                                                .sender = restore->sender,
                                                .wrapped = restore->wrapped,
                                                .public_key = restore->public_key,
                                                .nonce = restore->nonce,
                                                .mac = restore->mac,
                                                .first = bytes_text(restore->first),
                                                .second = bytes_text(restore->second)});
    TRY(call(client, &w, out, sizeof out, &body));
    TRY(hsm_read_bytes(&body, &made));
    TRY(reader_finish(&body));
    write_bytes(grant, made);
    return (err){grant->fault};
}

struct many {
    uint32_t first; /* the number of the first question */
    uint8_t (*macs)[16];
};

static err take_one(void *context, size_t index, struct bytes answer)
{
    const struct many *many = context;
    struct reader body = reader_over(answer);
    struct hsm_header header;
    enum hsm_status status;
    TRY(hsm_read_answer(&body, &header, &status));
    if (header.id != many->first + (uint32_t)index) return ERR(FORMAT);
    TRY(err_of(status));
    return take_mac(&body, many->macs[index]);
}

err desk_hsm_command_macs(void *context, const struct desk_command *commands, size_t count,
                          uint8_t (*ret_macs)[16])
{
    struct desk_hsm *client = context;
    uint8_t requests[DESK_COMMANDS_MAX * COMMAND_REQUEST_MAX], out[256];
    struct writer all = writer_over(requests, sizeof requests);
    struct many many = {client->id + 1, ret_macs};
    CLEANUP(store_rollback) struct store_tx look = {0}; /* one look for all of them */
    ENSURE(count > 0 && count <= DESK_COMMANDS_MAX);
    TRY(store_begin(registry_store(client->registry), &look));
    for (size_t i = 0; i < count; i++) {
        uint8_t request[COMMAND_REQUEST_MAX - 4];
        struct writer w = writer_over(request, sizeof request);
        TRY(write_command(client, &commands[i], &w));
        rpc_write_request(&all, writer_view(&w));
    }
    ENSURE(all.fault == ERR_OK);
    store_rollback(&look);
    return rpc_call_many(&client->rpc, writer_view(&all), count, out, sizeof out, take_one, &many);
}
