/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * member_seal: telephone numbers and names of members at rest, and the indexes by which they are
 * found again (loyalty/member.h).
 *
 * Both hang on the hsm: the key that seals is made by it for each merchant, and an index is what it
 * makes of merchant, kind and text, so whoever copies loyalty.db can neither read a number nor try
 * all of them. The label of a seal names merchant and column and not the row: a member's id is made
 * after his number is sealed. What seals here never leaves the merchant's own rows.
 *
 * Errors: REFUSED (the hsm is away), and of opening MAC (another key, altered).
 */

#include "backoffice/core.h"
#include "loyalty/member.h"
#include "registry/contact.h"

enum { MEMBER_NAME_MAX = 60 /* bytes of UTF-8: 20 Chinese characters */, MEMBER_TAIL = 4 };

/* A telephone number and a name in the clear: wiped by whoever has it (member_plain_wipe). */
struct member_plain {
    char phone[CONTACT_PHONE_MAX], name[MEMBER_NAME_MAX + 1]; /* "" when there is none */
};

/* One value, one spelling: digits, without "+86". False when it is no telephone number. */
bool member_phone_read(struct bytes text, char out[static CONTACT_PHONE_MAX]);

struct member_sealed {
    uint8_t phone_index[LOYALTY_INDEX_LEN], tail_index[LOYALTY_INDEX_LEN];
    uint8_t phone[LOYALTY_SEALED_MAX], name[LOYALTY_SEALED_MAX];
    size_t phone_len, name_len; /* 0: none */
};
MUST_USE err member_seal(struct backoffice *b, const char *mid, const struct member_plain *plain,
                         struct member_sealed *out);
MUST_USE err member_open(struct backoffice *b, const struct loyalty_member *member,
                         struct member_plain *out);
void member_plain_wipe(struct member_plain *plain); /* for CLEANUP */

/* Of a whole number, or of its last four digits. */
MUST_USE err member_index(struct backoffice *b, const char *mid, enum loyalty_find by,
                          const char *digits, uint8_t out[static LOYALTY_INDEX_LEN]);
