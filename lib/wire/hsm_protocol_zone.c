/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of hsm_protocol_zone.h as bytes: byte strings one behind the other. */
#include "lib/wire/hsm_protocol_zone.h"

static void put_all(struct writer *w, const struct bytes *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) write_prefixed(w, 2, texts[i]);
}

static void get_all(struct reader *r, struct bytes *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) texts[i] = read_prefixed(r, 2, HSM_FRAME_MAX);
}

void hsm_write_zone_keys(struct writer *w, const struct hsm_zone_keys *m)
{
    const struct bytes head[] = {m->first, m->second, m->label, m->recipient};
    put_all(w, head, ARRAY_LEN(head));
    put_all(w, m->block, HSM_ZONE_KEYS_EACH);
}

err hsm_read_zone_keys(struct reader *r, struct hsm_zone_keys *out)
{
    struct hsm_zone_keys m = {0};
    struct bytes head[4];
    get_all(r, head, ARRAY_LEN(head));
    get_all(r, m.block, HSM_ZONE_KEYS_EACH);
    TRY(reader_finish(r));
    m.first = head[0];
    m.second = head[1];
    m.label = head[2];
    m.recipient = head[3];
    *out = m;
    return OK;
}

void hsm_write_zone_keys_answer(struct writer *w, const struct hsm_zone_keys_answer *m)
{
    write_prefixed(w, 2, m->hsm_public);
    put_all(w, m->block, HSM_ZONE_KEYS_EACH);
    put_all(w, m->kcv, HSM_ZONE_KEYS_EACH);
    put_all(w, m->sealed, HSM_ZONE_KEYS_EACH);
}

err hsm_read_zone_keys_answer(struct reader *r, struct hsm_zone_keys_answer *out)
{
    struct hsm_zone_keys_answer m = {.hsm_public = read_prefixed(r, 2, HSM_FRAME_MAX)};
    get_all(r, m.block, HSM_ZONE_KEYS_EACH);
    get_all(r, m.kcv, HSM_ZONE_KEYS_EACH);
    get_all(r, m.sealed, HSM_ZONE_KEYS_EACH);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}
