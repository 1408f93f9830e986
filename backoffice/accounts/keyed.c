/* SPDX-License-Identifier: Apache-2.0 */
/* HSM_PEPPER over the hsm's socket. */
#include "backoffice/accounts/keyed.h"

#include "backoffice/program.h"

enum { HSM_WAIT_MS = 2000 };

void hsm_keyed_open(struct hsm_keyed *keyed, const struct program *p)
{
    *keyed = (struct hsm_keyed){.id = 0};
    memcpy(keyed->block, p->pepper_block, sizeof keyed->block);
    err connected = rpc_connect(&keyed->rpc, p->settings.hsm, HSM_WAIT_MS, HSM_FRAME_MAX);
    ENSURE(connected.code != ERR_CONFIG); /* main.c has looked at the path */
}

void hsm_keyed_close(struct hsm_keyed *keyed)
{
    rpc_close(&keyed->rpc);
    explicit_bzero(keyed->answer, sizeof keyed->answer);
}

static err read_answer(const struct hsm_keyed *keyed, struct bytes answer,
                       uint8_t ret_keyed[PASSWORD_KEYED_BYTES])
{
    struct reader r = reader_over(answer);
    struct hsm_header header;
    enum hsm_status status;
    struct bytes made;
    TRY(hsm_read_answer(&r, &header, &status));
    if (header.id != keyed->id || header.command != HSM_PEPPER) return ERR(CLOSED);
    if (status != HSM_OK) return ERR(KEY);
    TRY(hsm_read_bytes(&r, &made));
    if (made.len != PASSWORD_KEYED_BYTES) return ERR(KEY);
    memcpy(ret_keyed, made.at, made.len);
    return OK;
}

static err make(void *context, struct bytes whose, const uint8_t digest[PASSWORD_DIGEST_BYTES],
                uint8_t ret_keyed[PASSWORD_KEYED_BYTES])
{
    struct hsm_keyed *keyed = context;
    uint8_t request[512];
    struct bytes frame, answer;
    struct writer w = writer_over(request, sizeof request);
    const struct hsm_pepper ask = {.key = bytes_text(keyed->block),
                                   .context = whose,
                                   .data = bytes_of(digest, PASSWORD_DIGEST_BYTES)};
    hsm_write_header(&w, HSM_PEPPER, ++keyed->id);
    hsm_write_pepper(&w, &ask);
    TRY(writer_finish(&w, &frame));
    TRY(rpc_call(&keyed->rpc, frame, keyed->answer, sizeof keyed->answer, &answer));
    err read = read_answer(keyed, answer, ret_keyed);
    explicit_bzero(keyed->answer, answer.len);
    return read;
}

struct password_keyed hsm_keyed_port(struct hsm_keyed *keyed)
{
    return (struct password_keyed){make, keyed};
}
