/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keys: what a program shows to be let in (HS-17). "tbk_", 43 characters of a token, "_", and six
 * of a checksum, so that a key in a file is recognised and a mistyped one is told from a wrong one
 * without a look into the store. It is shown once; only its hash is kept. A key has a name, scopes,
 * an end, and when it was last used; it is taken back at once.
 */

#include "backoffice/api/api.h"
#include "lib/auth/token.h"

enum {
    KEY_TEXT = 4 + TOKEN_TEXT + 1 + 6,
    KEY_NAME_MAX = 60,
    KEYS_EACH = 20, /* of one merchant, and of the acquirer */
    KEY_DAYS_MAX = 366,
};

#define KEY_USED_MS INT64_C(60000) /* its use is written this often */

struct api_key {
    int64_t id;
    char name[KEY_NAME_MAX + 1];
    unsigned scopes;
    char mid[16]; /* "": of the acquirer */
    uint32_t outlet;
    int64_t made_ms, ends_ms, used_ms, revoked_ms; /* 0: never */
    char by[ACCOUNT_SUBJECT_MAX];
};

/* Makes one; `ret_text` is the secret. Errors: FULL (KEYS_EACH), those of the store. */
MUST_USE err key_make(struct backoffice *backoffice, struct store_tx *tx, const struct api_key *key,
                      char ret_text[KEY_TEXT + 1], int64_t *ret_id);

/* Errors: FORMAT (no key of ours, or mistyped), NOT_FOUND (unknown, ended or taken back). */
MUST_USE err key_find(struct backoffice *backoffice, struct bytes text, int64_t now_ms,
                      struct api_key *ret_key);
/* Written at most every KEY_USED_MS. */
MUST_USE err key_touch(struct backoffice *backoffice, const struct api_key *key, int64_t now_ms);

/* Of this merchant, or of the acquirer; NOT_FOUND otherwise, and when it was taken back before. */
MUST_USE err key_revoke(struct store_tx *tx, const char *mid, int64_t id, int64_t now_ms);

typedef err (*key_each)(void *context, const struct api_key *key);
/* At most `limit` with a number greater than `after`; `outlet` 0: of all outlets. */
MUST_USE err keys_each(struct backoffice *backoffice, const char *mid, uint32_t outlet,
                       int64_t after, size_t limit, key_each each, void *context);

enum { API_KEY_ROWS = 3 };
extern const struct api_route api_key_rows[API_KEY_ROWS];
