/* SPDX-License-Identifier: Apache-2.0 */
/* One question and its answer, each eight bytes. A floor that is not known is never a low one. */
#include "lib/wire/vault_floor.h"

#include "lib/wire/rpc.h"
#include "lib/wire/vault_protocol.h"

enum { VERSION_BYTES = 8, WAIT_MS = 2000 };

void vault_floor_write(struct writer *w, uint64_t version)
{
    write_be(w, version, VERSION_BYTES);
}

err vault_floor_read(struct reader *r, uint64_t *ret_version)
{
    uint64_t version = read_be(r, VERSION_BYTES);
    TRY(reader_finish(r));
    *ret_version = version;
    return OK;
}

static err call(struct rpc *rpc, uint64_t version, uint64_t *ret_floor)
{
    uint8_t question[VAULT_FLOOR_FRAME_MAX], answer[VAULT_FLOOR_FRAME_MAX], command = 0;
    enum vault_status status = VAULT_FAILED;
    struct writer w = writer_over(question, sizeof question);
    struct bytes said;
    vault_write_header(&w, VAULT_FLOOR);
    vault_floor_write(&w, version);
    TRY(rpc_call(rpc, writer_view(&w), answer, sizeof answer, &said));
    struct reader r = reader_over(said);
    TRY(vault_read_answer(&r, &command, &status));
    if (command != VAULT_FLOOR || status != VAULT_OK) return ERR(REFUSED);
    return vault_floor_read(&r, ret_floor);
}

err vault_floor_ask(const char *path, uint64_t version, uint64_t *ret_floor)
{
    struct rpc rpc = {.fd = -1};
    err e = rpc_connect(&rpc, path, WAIT_MS, VAULT_FLOOR_FRAME_MAX);
    if (!FAILED(e)) e = call(&rpc, version, ret_floor);
    rpc_close(&rpc);
    return FAILED(e) && e.code != ERR_CONFIG ? ERR(REFUSED) : e;
}
