/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hsm's commands for the roles of The Update Framework that sign online: snapshot and timestamp
 * of the repository, and the director, who says which device is to have which version. (Root and
 * targets sign elsewhere, with keys that no machine on a network has.) The rules of hsm_protocol.h
 * hold; numbers stand there. A key is a blob of lib/crypto/wallet_key.h, Ed25519.
 *
 * The key of a role signs documents of that role and nothing else: the hsm looks at how the text
 * begins. Canonical JSON sorts "_type" in front of every other member.
 */

#include "lib/wire/hsm_protocol.h"

enum {
    HSM_DOCUMENT_BLOB_MAX = 128,  /* a seed of 32 bytes, sealed */
    HSM_DOCUMENT_TEXT_MAX = 3840, /* beside its key in a frame */
    HSM_DOCUMENT_PUBLIC_BYTES = 32,
    HSM_DOCUMENT_SIGNATURE_BYTES = 64
};

/* Append only: travels. */
enum hsm_document_role {
    HSM_DOCUMENT_SNAPSHOT = 1,
    HSM_DOCUMENT_TIMESTAMP = 2,
    HSM_DOCUMENT_DIRECTOR = 3,
    HSM_DOCUMENT_ROLES
};

/* DOCUMENT_KEY: a new key. */
struct hsm_document_key {
    uint8_t role;
};

struct hsm_document_key_answer {
    struct bytes blob, public_key; /* 32 bytes, raw */
};

/* DOCUMENT_SIGN: the answer is the signature, as by hsm_write_bytes. HSM_WRONG_USAGE: the text is
 * not a document of this role. */
struct hsm_document_sign {
    uint8_t role;
    struct bytes key, text;
};

/* How a text of a role begins. NULL: no such role. */
const char *hsm_document_start(uint8_t role);

void hsm_write_document_key(struct writer *w, const struct hsm_document_key *m);
void hsm_write_document_key_answer(struct writer *w, const struct hsm_document_key_answer *m);
void hsm_write_document_sign(struct writer *w, const struct hsm_document_sign *m);

MUST_USE err hsm_read_document_key(struct reader *r, struct hsm_document_key *out);
MUST_USE err hsm_read_document_key_answer(struct reader *r, struct hsm_document_key_answer *out);
MUST_USE err hsm_read_document_sign(struct reader *r, struct hsm_document_sign *out);
