/* SPDX-License-Identifier: Apache-2.0 */
/* A reader at the other end of a socket: one question a poll, and nothing of the answer is kept. */
#include "vault/virtual_reader.h"

#include "lib/crypto/secret.h"
#include "lib/wire/json.h"
#include "lib/wire/vault_protocol.h"

err virtual_reader_parse(struct bytes answer, struct vault_swipe *out)
{
    CLEANUP(json_free) struct json_document document = {0};
    CLEANUP(vault_swipe_wipe) struct vault_swipe swipe = {0};
    TRY(json_parse(answer, VIRTUAL_READER_FRAME_MAX, &document));
    if (json_has(document.root, "error")) return ERR(FORMAT);
    if (json_has(document.root, "track2")) {
        swipe.present = true;
        TRY(json_text_copy(document.root, "track2", swipe.track2, sizeof swipe.track2));
    }
    if (json_has(document.root, "track1")) {
        swipe.present = true;
        TRY(json_text_copy(document.root, "track1", swipe.track1, sizeof swipe.track1));
    }
    *out = swipe;
    return OK;
}

static err ask(struct virtual_reader *reader, const char *what, struct bytes *ret_answer)
{
    uint8_t question[128];
    struct writer w = writer_over(question, sizeof question);
    struct json_out j = json_out_over(&w);
    struct bytes request;
    json_object_begin(&j);
    json_member_string(&j, "ask", what);
    json_member_string(&j, "reader", reader->serial);
    json_object_end(&j);
    TRY(writer_finish(&w, &request));
    return rpc_call(&reader->rpc, request, reader->answer, sizeof reader->answer, ret_answer);
}

static err poll_tray(void *context, struct vault_swipe *out)
{
    struct virtual_reader *reader = context;
    struct bytes answer = {0};
    TRY(ask(reader, "read", &answer));
    err parsed = virtual_reader_parse(answer, out);
    secret_wipe_bytes(reader->answer, sizeof reader->answer);
    return parsed;
}

err virtual_reader_tamper(struct virtual_reader *reader, uint8_t *ret_kind)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes answer = {0}, word;
    TRY(ask(reader, "tamper", &answer));
    TRY(json_parse(answer, VIRTUAL_READER_FRAME_MAX, &document));
    if (!json_has(document.root, "tamper")) return OK;
    TRY(json_text(document.root, "tamper", VIRTUAL_READER_FRAME_MAX, &word));
    enum vault_tamper kind = vault_tamper_named(word);
    if (kind == VAULT_TAMPER_NONE) return ERR(FORMAT);
    *ret_kind = (uint8_t)kind;
    return OK;
}

err virtual_reader_open(struct virtual_reader *reader, const char *path)
{
    *reader = (struct virtual_reader){.rpc = {.fd = -1}};
    err connected =
        rpc_connect(&reader->rpc, path, VIRTUAL_READER_TIMEOUT_MS, VIRTUAL_READER_FRAME_MAX);
    return connected.code == ERR_CONFIG ? connected : OK;
}

err virtual_reader_name(struct virtual_reader *reader, const char *serial)
{
    return bytes_to_text(bytes_text(serial), reader->serial, sizeof reader->serial);
}

void virtual_reader_close(struct virtual_reader *reader)
{
    rpc_close(&reader->rpc);
}

struct vault_reader virtual_reader_driver(struct virtual_reader *reader)
{
    return (struct vault_reader){poll_tray, NULL, reader};
}
