/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of the two commands of an activation: byte strings, each with a length of two bytes. */
#include "lib/wire/vault_protocol_activation.h"

static void put(struct writer *w, struct bytes b)
{
    write_prefixed(w, 2, b);
}

static struct bytes get(struct reader *r)
{
    return read_prefixed(r, 2, VAULT_FRAME_MAX);
}

void vault_write_activation_ask(struct writer *w, const struct vault_activation_ask *m)
{
    put(w, m->way);
    put(w, m->code);
    put(w, m->step);
}

err vault_read_activation_ask(struct reader *r, struct vault_activation_ask *out)
{
    struct vault_activation_ask m;
    m.way = get(r);
    m.code = get(r);
    m.step = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_activation_words(struct writer *w, const struct vault_activation_words *m)
{
    put(w, m->request);
    put(w, m->transport);
    put(w, m->signature);
}

err vault_read_activation_words(struct reader *r, struct vault_activation_words *out)
{
    struct vault_activation_words m;
    m.request = get(r);
    m.transport = get(r);
    m.signature = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}
