/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of a merchant's papers, and whether all of them are there. */
#include "backoffice/uploads/papers.h"

static const struct {
    const char *word, *zh, *en;
} papers[PAPERS] = {
#define X(number, name, word, zh, en) [number] = {word, zh, en},
    PAPER_LIST(X)
#undef X
};

const char *paper_word(enum paper paper)
{
    ENSURE(paper > 0 && paper < PAPERS);
    return papers[paper].word;
}

const char *paper_text(enum paper paper, bool english)
{
    ENSURE(paper > 0 && paper < PAPERS);
    return english ? papers[paper].en : papers[paper].zh;
}

enum paper paper_of(struct bytes word)
{
    for (enum paper p = PAPER_LICENCE; p < PAPERS; p++)
        if (bytes_equal(word, bytes_text(papers[p].word))) return p;
    return (enum paper)0;
}

err papers_lack(struct store *store, enum upload_owner owner, int64_t id, unsigned needs,
                bool *ret_lack)
{
    struct upload d[UPLOADS_MAX];
    size_t count = 0;
    TRY(uploads_of(store, owner, id, d, &count));
    for (size_t i = 0; i < count; i++) needs &= ~(1u << d[i].kind);
    *ret_lack = needs != 0;
    return OK;
}
