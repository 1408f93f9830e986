/* SPDX-License-Identifier: Apache-2.0 */
/* A binary fuse filter by peeling: each entry in turn gets a place that no entry after it names. */
#include "lib/auth/blocklist_build.h"

#include <math.h>
#include <stdlib.h>

enum { TRIES = 100, FIRST_ROOM = 1 << 12, SIZED_MIN = 16 };

err blocklist_words_add(struct blocklist_words *words, struct bytes word)
{
    uint8_t lower[BLOCKLIST_WORD_MAX];
    if (word.len < BLOCKLIST_WORD_MIN || word.len > BLOCKLIST_WORD_MAX) return OK;
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.at[i];
        lower[i] = (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    if (words->len == words->max) {
        size_t max = words->max == 0 ? FIRST_ROOM : words->max * 2;
        uint64_t *at = realloc(words->at, max * sizeof *at);
        if (at == NULL) return ERR(NO_MEMORY);
        words->at = at;
        words->max = max;
    }
    words->at[words->len++] = blocklist_word(bytes_of(lower, word.len));
    return OK;
}

void blocklist_words_free(struct blocklist_words *words)
{
    free(words->at);
    *words = (struct blocklist_words){0};
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

void blocklist_words_sort(struct blocklist_words *words)
{
    if (words->len == 0) return;
    qsort(words->at, words->len, sizeof *words->at, by_value);
    size_t kept = 0;
    for (size_t i = 0; i < words->len; i++)
        if (i == 0 || words->at[i] != words->at[i - 1]) words->at[kept++] = words->at[i];
    words->len = words->sorted = kept;
}

bool blocklist_words_has(const struct blocklist_words *words, struct bytes word)
{
    uint64_t hash = blocklist_word(word);
    return words->sorted > 0 &&
           bsearch(&hash, words->at, words->sorted, sizeof hash, by_value) != NULL;
}

/* The sizes that the paper found by experiment for three places. */
static struct blocklist sized(size_t entries)
{
    double n = (double)(entries < SIZED_MIN ? SIZED_MIN : entries);
    double factor = fmax(1.125, 0.875 + 0.25 * log(1e6) / log(n));
    struct blocklist b = {.entries = (uint32_t)entries};
    b.segment = UINT32_C(1) << (unsigned)floor(log(n) / log(3.33) + 2.25);
    uint32_t places = (uint32_t)(n * factor);
    uint32_t segments = (places + b.segment - 1) / b.segment;
    if (segments < 3) segments = 3;
    b.starts = (segments - 2) * b.segment;
    b.fingerprints = segments * b.segment;
    return b;
}

/* In the order that is the reverse of taking out: what an entry's place gets is final. */
static void assign(const struct blocklist *b, const uint64_t *order, const uint32_t *place,
                   size_t peeled, uint16_t *fingerprint)
{
    for (size_t i = peeled; i-- > 0;) {
        struct blocklist_place p = blocklist_place(b, order[i]);
        uint16_t value = p.fingerprint;
        for (size_t k = 0; k < 3; k++)
            if (p.at[k] != place[i]) value ^= fingerprint[p.at[k]];
        fingerprint[place[i]] = value;
    }
}

/* What peeling needs, for as many places and entries as there are. */
struct work {
    uint32_t *count;   /* by place: how many entries are left that name it */
    uint64_t *of;      /* by place: these entries, added up by XOR */
    uint32_t *free_at; /* places that one entry names: a stack */
    uint64_t *order;   /* entries as they were taken out */
    uint32_t *place;   /* and the place that each has to itself */
};

static void work_free(struct work *work)
{
    free(work->count), free(work->of), free(work->free_at), free(work->order), free(work->place);
}

static bool work_make(struct work *work, size_t places, size_t entries)
{
    work->count = calloc(places, sizeof *work->count);
    work->of = calloc(places, sizeof *work->of);
    work->free_at = calloc(places, sizeof *work->free_at);
    work->order = calloc(entries, sizeof *work->order);
    work->place = calloc(entries, sizeof *work->place);
    return work->count != NULL && work->of != NULL && work->free_at != NULL &&
           work->order != NULL && work->place != NULL;
}

/*
 * Peels: a place that only one entry names can be given that entry's value last, so the entry is
 * taken out and its other places looked at anew. False when some are left over.
 */
static bool peel(const struct blocklist *b, const struct blocklist_words *h, struct work *work)
{
    size_t peeled = 0, waiting = 0;
    memset(work->count, 0, b->fingerprints * sizeof *work->count);
    memset(work->of, 0, b->fingerprints * sizeof *work->of);
    for (size_t i = 0; i < h->len; i++) {
        struct blocklist_place p = blocklist_place(b, h->at[i]);
        for (size_t k = 0; k < 3; k++) work->count[p.at[k]]++, work->of[p.at[k]] ^= h->at[i];
    }
    for (uint32_t at = 0; at < b->fingerprints; at++)
        if (work->count[at] == 1) work->free_at[waiting++] = at;
    while (waiting > 0) {
        uint32_t at = work->free_at[--waiting];
        if (work->count[at] != 1) continue;
        uint64_t word = work->of[at];
        work->order[peeled] = word, work->place[peeled++] = at;
        struct blocklist_place p = blocklist_place(b, word);
        for (size_t k = 0; k < 3; k++) {
            work->of[p.at[k]] ^= word;
            if (--work->count[p.at[k]] == 1) work->free_at[waiting++] = p.at[k];
        }
    }
    return peeled == h->len;
}

err blocklist_build(struct blocklist_words *words, struct blocklist *ret_filter,
                    uint16_t **ret_fingerprint)
{
    CLEANUP(work_free) struct work work = {0};
    blocklist_words_sort(words);
    ENSURE(words->len > 0);
    struct blocklist b = sized(words->len);
    if (!work_make(&work, b.fingerprints, words->len)) return ERR(NO_MEMORY);
    unsigned tried = 0;
    do {
        if (tried++ == TRIES) return ERR(STATE);
        b.seed = blocklist_mix(tried);
    } while (!peel(&b, words, &work));
    uint16_t *fingerprint = calloc(b.fingerprints, sizeof *fingerprint);
    if (fingerprint == NULL) return ERR(NO_MEMORY);
    assign(&b, work.order, work.place, words->len, fingerprint);
    b.fingerprint = fingerprint;
    *ret_filter = b;
    *ret_fingerprint = fingerprint;
    return OK;
}
