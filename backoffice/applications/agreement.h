/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * agreement: what an approved applicant signs (S135). A text in versions, in which his plan's fees
 * stand rule by rule, with the version of each; signed by a code that was sent to his telephone.
 * What is kept is the version of the text, the rules that stood in it, the digest of the whole text
 * in both languages, and when: so it can be drawn again and compared.
 *
 * He signs what he has read: the digest comes with the signature, and when a fee has changed
 * meanwhile it is another one and is refused (CHANGED). A fee of a kind that is not among the
 * signed rules is not his to pay: agreement_covers().
 */

#include "backoffice/applications/application.h"
#include "lib/base/writer.h"

enum {
    AGREEMENT_TEXT_MAX = 8192,
    AGREEMENT_RULES_MAX = 8,
    AGREEMENT_DIGEST_TEXT = 2 * TOKEN_HASH_BYTES,
};

struct agreement {
    uint32_t version; /* of the text */
    uint32_t plan;    /* of fees: ledger/fee.h */
    uint32_t rule[AGREEMENT_RULES_MAX];
    size_t rules;
    uint8_t digest[TOKEN_HASH_BYTES]; /* of the text in both languages */
    int64_t signed_ms;                /* 0: not signed */
};

extern const struct store_schema agreement_schema;

/* What would be signed now. */
MUST_USE err agreement_now(const struct applications *applications,
                           const struct application *application, struct agreement *ret_agreement);

/* The text that stands for it, in paragraphs separated by line breaks. */
MUST_USE err agreement_write(const struct applications *applications,
                             const struct application *application,
                             const struct agreement *agreement, bool english, struct writer *w);

/* "debit cards: 0.38 %, at most 20.00 yuan (rule 201)": as it stands in a text. */
struct fee_rule;
void agreement_write_fee(struct writer *w, const struct fee_rule *rule, bool english);

/* As a page sends it back, in hexadecimal. All zeros, which is no text's, when it is none. */
void agreement_read_digest(struct bytes hex, uint8_t out[TOKEN_HASH_BYTES]);

/* NOT_FOUND when it was not signed. */
MUST_USE err agreement_find(struct store *store, int64_t application, struct agreement *ret);

/* May this rule of ledger/fee.h or ledger/terms.h be charged to who has signed this? */
bool agreement_covers(const struct agreement *agreement, uint32_t rule);

/* And everything that this plan would charge for a payment of now, of whatever class? */
bool agreement_covers_plan(const struct agreement *agreement, uint32_t plan, int64_t at_ms);

/* `said`: the hash of the code (codes.h). `digest`: of what was shown. CODE and CODE_ENDED spend a
 * try: commit in any case. */
MUST_USE err agreement_sign(const struct applications *applications, struct store_tx *tx,
                            struct application *application, const uint8_t said[TOKEN_HASH_BYTES],
                            const uint8_t digest[TOKEN_HASH_BYTES],
                            enum application_verdict *ret_verdict);
