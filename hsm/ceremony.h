/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ceremony: a key that nobody has ever seen, from components that two or three custodians bring,
 * each on paper of his own. The key is the XOR of them, so that one of them alone knows nothing of
 * it.
 *
 * Each component comes with its check value, worked out as if it were the whole key, and the key
 * with its own; one that does not fit is refused. This file decides; ceremony_console.h asks.
 */

#include "hsm/audit.h"
#include "lib/crypto/key.h"

enum { CEREMONY_CUSTODIANS_MIN = 2, CEREMONY_CUSTODIANS_MAX = 3, CEREMONY_NAME_MAX = 32 };

/* What a ceremony makes: name, text, usage, algorithm */
#define CEREMONY_KIND_LIST(X)                                  \
    X(MASTER, "master", MASTER, AES256)                        \
    X(ZONE_MASTER_TDES, "zone-master-tdes", ZONE_MASTER, TDES) \
    X(ZONE_MASTER_AES, "zone-master-aes", ZONE_MASTER, AES128) \
    X(BASE_TDES, "base-tdes", BASE_DERIVATION, TDES)           \
    X(BASE_AES, "base-aes", BASE_DERIVATION, AES128)

enum ceremony_kind {
#define X(name, text, usage, algorithm) CEREMONY_##name,
    CEREMONY_KIND_LIST(X)
#undef X
        CEREMONY_KINDS
};

/* By its text; CEREMONY_KINDS for another. */
enum ceremony_kind ceremony_kind_of(const char *text);
const char *ceremony_kind_text(enum ceremony_kind kind);

/* Secret; declare it CLEANUP(ceremony_wipe). */
struct ceremony {
    enum ceremony_kind kind;
    struct hsm_audit *audit;
    unsigned count;
    struct key key; /* the XOR so far */
    char name[CEREMONY_CUSTODIANS_MAX][CEREMONY_NAME_MAX + 1];
    uint8_t kcv[CEREMONY_CUSTODIANS_MAX][KEY_CHECK_BYTES];
};

void ceremony_wipe(struct ceremony *ceremony);

/* Errors: those of hsm_audit_write. */
MUST_USE err ceremony_begin(enum ceremony_kind kind, struct hsm_audit *audit,
                            struct ceremony *ret_ceremony);

/*
 * One custodian's component. Errors: LENGTH (component of another length, no name or a long one),
 * FORMAT (name), CONFLICT (this custodian, or this component, was there before), KCV, FULL
 * (no more custodians), those of hsm_audit_write. A refused one leaves its line in the log too.
 */
MUST_USE err ceremony_component(struct crypto *crypto, struct ceremony *ceremony, struct bytes name,
                                struct bytes component, struct bytes kcv);

/* The key and its check value, into ret_key. Errors: STATE (fewer than two), CRYPTO, KEY
 * (components that cancel out), those of hsm_audit_write. */
MUST_USE err ceremony_finish(struct crypto *crypto, struct ceremony *ceremony, struct key *ret_key,
                             uint8_t ret_kcv[KEY_CHECK_BYTES]);
