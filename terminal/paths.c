/* SPDX-License-Identifier: Apache-2.0 */
/* Which network is in use: the rules of paths.h, without a line or a clock of its own. */
#include "terminal/paths.h"

void paths_begin(struct paths *paths, size_t count)
{
    ENSURE(count >= 1 && count <= PATHS_MAX);
    *paths = (struct paths){.count = count, .back_at_us = INT64_MAX, .back_ms = PATH_BACK_MS};
    for (size_t i = 0; i < count; i++)
        paths->facts[i] = (struct network_facts){.kind = NETWORK_ETHERNET};
}

static bool usable(const struct paths *p, size_t path)
{
    return !p->facts[path].down;
}

/* The path that is wanted most of those whose link is not down; the one in use where all are. */
static size_t wanted(const struct paths *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (usable(p, i)) return i;
    return p->at;
}

static void forget_failures(struct paths *p)
{
    for (size_t i = 0; i < p->count; i++) p->failed[i] = false;
}

/* After another one came into use: when something better is tried again. */
static void set_back(struct paths *p, int64_t now_us)
{
    p->back_at_us = wanted(p) < p->at ? now_us + p->back_ms * 1000 : INT64_MAX;
}

bool paths_learn(struct paths *p, size_t path, const struct network_facts *facts, int64_t now_us)
{
    ENSURE(path < p->count);
    bool came_up = p->facts[path].down && !facts->down;
    p->facts[path] = *facts;
    if (came_up) p->failed[path] = false;
    if (!usable(p, p->at)) return wanted(p) != p->at;
    /* A link that has just come up is no failure of before: it is due after the least pause. */
    if (came_up && path < p->at) p->back_ms = PATH_BACK_MS;
    if (p->back_at_us == INT64_MAX || (came_up && path < p->at)) set_back(p, now_us);
    return false;
}

/* The next one whose link is not down, around the table; the same where there is none. */
static size_t next_of(const struct paths *p)
{
    for (size_t step = 1; step < p->count; step++) {
        size_t next = (p->at + step) % p->count;
        if (usable(p, next)) return next;
    }
    return p->at;
}

bool paths_failed(struct paths *p, int64_t now_us)
{
    size_t next = next_of(p);
    if (next == p->at) return false;
    p->failed[p->at] = true;
    if (p->going_back)
        p->back_ms = p->back_ms * 2 > PATH_BACK_MAX_MS ? PATH_BACK_MAX_MS : p->back_ms * 2;
    p->going_back = false;
    p->at = next;
    set_back(p, now_us);
    bool fresh = !p->failed[next];
    if (!fresh) forget_failures(p); /* another round, after the pause of the line */
    return fresh;
}

void paths_worked(struct paths *p, int64_t now_us)
{
    forget_failures(p);
    if (p->going_back) p->back_ms = PATH_BACK_MS;
    p->going_back = false;
    if (p->back_at_us == INT64_MAX) set_back(p, now_us);
}

bool paths_back(struct paths *p, int64_t now_us)
{
    size_t best = wanted(p);
    if (now_us < p->back_at_us) return false;
    p->back_at_us = INT64_MAX;
    if (best >= p->at) return false;
    p->at = best;
    p->going_back = true;
    return true;
}

/* ---- as an option ---- */

static err parse_path(struct bytes text, struct network_path *out)
{
    size_t at = text.len;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '@') at = i;
    *out = (struct network_path){0};
    if (at == 0) return ERR(CONFIG);
    err e = bytes_to_text(bytes_of(text.at, at), out->file, sizeof out->file);
    if (!FAILED(e) && at < text.len)
        e = bytes_to_text(bytes_of(text.at + at + 1, text.len - at - 1), out->from,
                          sizeof out->from);
    return FAILED(e) || (at < text.len && out->from[0] == '\0') ? ERR(CONFIG) : OK;
}

err network_paths_parse(const char *text, struct network_path ret_paths[PATHS_MAX],
                        size_t *ret_count)
{
    size_t count = 0;
    for (const char *at = text; at != NULL; count++) {
        const char *comma = strchr(at, ',');
        size_t len = comma == NULL ? strlen(at) : (size_t)(comma - at);
        if (count == PATHS_MAX) return ERR(CONFIG);
        TRY(parse_path(bytes_of(at, len), &ret_paths[count]));
        at = comma == NULL ? NULL : comma + 1;
    }
    for (size_t i = 0; i < count; i++)
        if (count > 1 && ret_paths[i].from[0] == '\0') return ERR(CONFIG);
    *ret_count = count;
    return OK;
}
