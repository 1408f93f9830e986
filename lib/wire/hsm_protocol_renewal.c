/* SPDX-License-Identifier: Apache-2.0 */
/* The message of hsm_protocol_renewal.h as bytes: two times, then byte strings. */
#include "lib/wire/hsm_protocol_renewal.h"

void hsm_write_renewal(struct writer *w, const struct hsm_renewal *m)
{
    const struct bytes texts[] = {m->blob,    m->authority, m->certificate,
                                  m->request, m->tid,       m->print};
    write_be(w, (uint64_t)m->not_before_ms, 8);
    write_be(w, (uint64_t)m->not_after_ms, 8);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) write_prefixed(w, 2, texts[i]);
}

err hsm_read_renewal(struct reader *r, struct hsm_renewal *out)
{
    struct hsm_renewal m = {0};
    struct bytes *const texts[] = {&m.blob,    &m.authority, &m.certificate,
                                   &m.request, &m.tid,       &m.print};
    m.not_before_ms = (int64_t)read_be(r, 8);
    m.not_after_ms = (int64_t)read_be(r, 8);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_prefixed(r, 2, HSM_FRAME_MAX);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}
