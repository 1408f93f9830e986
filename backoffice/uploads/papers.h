/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * papers: what a merchant shows us so that something registered of him becomes something else
 * (S142): photos or PDFs, one of each kind, of a change of his contract or of his account.
 */

#include "backoffice/uploads/uploads.h"

/* number (stored), name, word, Chinese, English */
#define PAPER_LIST(X)                                                                   \
    X(1, LICENCE, "licence", "营业执照", "Business licence")                            \
    X(2, IDENTITY, "identity", "负责人身份证", "Identity card of the owner")            \
    X(3, PREMISES, "premises", "租赁合同或产权证明", "Lease, or title to the premises") \
    X(4, ACCOUNT, "account", "开户许可证或银行卡照片", "Proof of the account: permit or card")

enum paper {
#define X(number, name, ...) PAPER_##name = number,
    PAPER_LIST(X)
#undef X
        PAPERS,
};

/* Sets of 1 << enum paper. */
struct paper_wants {
    unsigned takes, needs;
};

/* What a request for another account is shown. */
#define PAPERS_OF_PAYOUT ((struct paper_wants){1u << PAPER_ACCOUNT, 1u << PAPER_ACCOUNT})

const char *paper_word(enum paper paper);
const char *paper_text(enum paper paper, bool english);
enum paper paper_of(struct bytes word); /* 0: none */

/* Is one of `needs` not there yet? */
MUST_USE err papers_lack(struct store *store, enum upload_owner owner, int64_t id, unsigned needs,
                         bool *ret_lack);
