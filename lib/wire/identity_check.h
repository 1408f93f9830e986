/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * identity_check: does this name belong to this identity number and telephone (three elements), and
 * to this account (four)? And of a company: do its name, its licence and this account belong
 * together? What both ends of a provider's interface write and read. Requests are
 * signed as an SMS gateway's are (sms.h), and answers the same way: an answer decides whether
 * somebody gets a terminal, so TLS alone is not taken for its author.
 *
 *   POST <url>/v1/checks   {"id":"<id>","elements":3|4,"name":"...","identity":"...","phone":"...",
 *                           "account":"..."}                               account: of four alone
 *                          {"id":"<id>","elements":3,"name":"<the company's>","licence":"...",
 *                           "account":"..."}       no person's number or telephone beside it
 *     200 {"id":"<the same>","result":"right"|"wrong"|"unknown"|"later"}
 *         Tongbao-Timestamp, Tongbao-Signature: of this answer
 *     409 an id that it has, with another content
 *
 * "unknown": whoever keeps the register has no such person. "later": too much is asked just now;
 * nothing was looked up. An id that the provider has is answered as the first time. Whatever is not
 * understood is no answer, and the same thing is asked again under the next id.
 *
 * Secrets  identity, licence and account stand in the body of the request and nowhere else: not in
 * the address, a header, the answer or the log of either side
 */

#include "lib/base/writer.h"
#include "lib/wire/sms.h"

enum {
    IDENTITY_CHECK_NAME_MAX = 120, /* bytes of UTF-8 */
    IDENTITY_CHECK_IDENTITY_LEN = 18,
    IDENTITY_CHECK_LICENCE_LEN = 18,
    IDENTITY_CHECK_PHONE_LEN = 11,
    IDENTITY_CHECK_ACCOUNT_MAX = 32,
    IDENTITY_CHECK_BODY_MAX = 1024, /* every byte of the name escaped in six, and the rest */
    IDENTITY_CHECK_ANSWER_MAX = 256,
};

enum identity_elements { IDENTITY_THREE = 3, IDENTITY_FOUR = 4 };

/* Views; secrets among them. */
struct identity_question {
    const char *id; /* as in outbound.h */
    enum identity_elements elements;
    const char *name, *identity, *phone, *account; /* account: of four */
    /* Unified social credit code; not NULL: it is a company that is asked about, by three elements
     * (name, licence, account), and identity and phone are not looked at. */
    const char *licence;
};

#define IDENTITY_RESULT_LIST(X) \
    X(RIGHT, "right")           \
    X(WRONG, "wrong")           \
    X(UNKNOWN, "unknown")       \
    X(LATER, "later")

enum identity_result {
#define X(name, word) IDENTITY_##name,
    IDENTITY_RESULT_LIST(X)
#undef X
        IDENTITY_RESULTS
};

const char *identity_result_word(enum identity_result result);

/* The body of a request. Errors: FORMAT (a number that cannot be what it stands for),
 * LENGTH, FULL. */
MUST_USE err identity_check_write(struct writer *w, const struct identity_question *question);

/* Headers as they came; NULL for one that did not. */
struct identity_answer {
    int status;
    const char *timestamp, *signature;
    struct bytes body;
};

/*
 * What was answered to `id`. Errors: BUSY (a status of 429 or 503), CONFLICT (409), REFUSED
 * (another status), MAC (not signed with this key for this minute), FORMAT (no answer to this id).
 */
MUST_USE err identity_check_read(const struct sms_key *key, int64_t now_s,
                                 const struct identity_answer *answer, const char *id,
                                 enum identity_result *ret_result);
