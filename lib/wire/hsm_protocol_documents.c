/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of hsm_protocol_documents.h as bytes. */
#include "lib/wire/hsm_protocol_documents.h"

const char *hsm_document_start(uint8_t role)
{
    static const char *const starts[HSM_DOCUMENT_ROLES] = {
        [HSM_DOCUMENT_SNAPSHOT] = "{\"_type\":\"snapshot\",",
        [HSM_DOCUMENT_TIMESTAMP] = "{\"_type\":\"timestamp\",",
        [HSM_DOCUMENT_DIRECTOR] = "{\"_type\":\"targets\",\"assignment\":",
    };
    return role < HSM_DOCUMENT_ROLES ? starts[role] : NULL;
}

void hsm_write_document_key(struct writer *w, const struct hsm_document_key *m)
{
    write_be(w, m->role, 1);
}

err hsm_read_document_key(struct reader *r, struct hsm_document_key *out)
{
    struct hsm_document_key m = {(uint8_t)read_be(r, 1)};
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void hsm_write_document_key_answer(struct writer *w, const struct hsm_document_key_answer *m)
{
    write_prefixed(w, 2, m->blob);
    write_prefixed(w, 2, m->public_key);
}

err hsm_read_document_key_answer(struct reader *r, struct hsm_document_key_answer *out)
{
    struct hsm_document_key_answer m;
    m.blob = read_prefixed(r, 2, HSM_DOCUMENT_BLOB_MAX);
    m.public_key = read_prefixed(r, 2, HSM_DOCUMENT_PUBLIC_BYTES);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void hsm_write_document_sign(struct writer *w, const struct hsm_document_sign *m)
{
    write_be(w, m->role, 1);
    write_prefixed(w, 2, m->key);
    write_prefixed(w, 2, m->text);
}

err hsm_read_document_sign(struct reader *r, struct hsm_document_sign *out)
{
    struct hsm_document_sign m = {.role = (uint8_t)read_be(r, 1)};
    m.key = read_prefixed(r, 2, HSM_DOCUMENT_BLOB_MAX);
    m.text = read_prefixed(r, 2, HSM_DOCUMENT_TEXT_MAX);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}
