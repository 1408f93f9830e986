/* SPDX-License-Identifier: Apache-2.0 */
/* The message of hsm_protocol_restore.h as bytes: a number, then byte strings. */
#include "lib/wire/hsm_protocol_restore.h"

void hsm_write_restore(struct writer *w, const struct hsm_restore *m)
{
    const struct bytes texts[] = {m->key,        m->tid,   m->serial, m->sender, m->wrapped,
                                  m->public_key, m->nonce, m->mac,    m->first,  m->second};
    write_be(w, m->number, 8);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) write_prefixed(w, 2, texts[i]);
}

err hsm_read_restore(struct reader *r, struct hsm_restore *out)
{
    struct hsm_restore m = {0};
    struct bytes *const texts[] = {&m.key,        &m.tid,   &m.serial, &m.sender, &m.wrapped,
                                   &m.public_key, &m.nonce, &m.mac,    &m.first,  &m.second};
    m.number = read_be(r, 8);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_prefixed(r, 2, HSM_FRAME_MAX);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}
