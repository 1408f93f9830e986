/* SPDX-License-Identifier: Apache-2.0 */
/* One slip at a time, and no slip twice. */
#include "terminal/device/spool.h"

/* DLE EOT 4: the paper, at once. GS r 1: the same, after all that was sent before. GS a 0: no
 * status that nobody asked for. */
static const uint8_t ask_paper[] = {0x10, 0x04, 4};
static const uint8_t ask_through[] = {0x1d, 'r', 1};
static const uint8_t no_more[] = {0x1d, 'a', 0};

void spool_begin(struct spool *spool, const struct spool_ports *ports)
{
    spool->ports = *ports;
    spool->state = SPOOL_ABSENT;
}

static void turn_to(struct spool *s, enum spool_state state, bool low)
{
    if (s->state == state && s->low == low) return;
    s->state = state;
    s->low = low;
    s->ports.changed(s->ports.context);
}

static void ask(struct spool *s, int64_t now_ms, int64_t again_ms)
{
    s->asked++;
    s->due_ms = now_ms + again_ms;
    s->ports.send(s->ports.context, BYTES_OF(ask_paper));
}

static struct spool_job *first(struct spool *s)
{
    return &s->job[s->first];
}

/* The first job is over, one way or the other. */
static void end_job(struct spool *s, enum spool_end end)
{
    int64_t number = first(s)->number;
    explicit_bzero(first(s), sizeof *first(s));
    s->first = (s->first + 1) % SPOOL_JOBS;
    s->count--;
    s->begun = s->cut = false;
    s->ports.ended(s->ports.context, number, end);
}

static void next_job(struct spool *s, int64_t now_ms)
{
    if (s->state != SPOOL_READY || s->count == 0) return;
    s->begun = true;
    s->since_ms = now_ms;
    s->due_ms = now_ms + SPOOL_WATCH_MS;
    turn_to(s, SPOOL_BUSY, s->low);
    s->ports.send(s->ports.context, bytes_of(first(s)->at, first(s)->len));
    if (!s->mute) s->ports.send(s->ports.context, BYTES_OF(ask_through));
}

static void rest(struct spool *s, bool low, int64_t now_ms)
{
    s->due_ms = now_ms + SPOOL_LOOK_MS;
    turn_to(s, SPOOL_READY, low);
    next_job(s, now_ms);
}

void spool_opened(struct spool *spool, int64_t now_ms)
{
    spool->asked = spool->wrong = 0;
    spool->mute = false;
    spool->ports.send(spool->ports.context, BYTES_OF(no_more));
    ask(spool, now_ms, SPOOL_ANSWER_MS);
    turn_to(spool, SPOOL_ASKING, false);
}

void spool_lost(struct spool *spool)
{
    if (spool->begun) end_job(spool, SPOOL_UNSURE);
    turn_to(spool, SPOOL_ABSENT, false);
}

/* ---- what the printer says ---- */

/* The answer to DLE EOT 4 */
static void paper_is(struct spool *s, uint8_t answer, int64_t now_ms)
{
    enum { LOW = 0x0c, OUT = 0x60 };
    bool low = answer & LOW, out = answer & OUT;
    if (out) {
        if (s->begun) s->cut = true;
        s->due_ms = now_ms + SPOOL_WATCH_MS;
        turn_to(s, SPOOL_PAPER_OUT, low);
    } else if (s->begun) {
        turn_to(s, SPOOL_BUSY, low); /* it goes on where it stopped */
    } else {
        rest(s, low, now_ms);
    }
}

/* The answer to GS r 1: everything before it is on paper, if there was any. */
static void is_through(struct spool *s, uint8_t answer, int64_t now_ms)
{
    enum { OUT = 0x0c };
    end_job(s, s->cut || (answer & OUT) ? SPOOL_UNSURE : SPOOL_PRINTED);
    if (answer & OUT) turn_to(s, SPOOL_PAPER_OUT, s->low);
    else rest(s, s->low, now_ms);
}

static void out_of_order(struct spool *s, int64_t now_ms)
{
    if (s->begun) end_job(s, SPOOL_UNSURE);
    s->due_ms = now_ms + SPOOL_AGAIN_MS;
    turn_to(s, SPOOL_FAULT, false);
}

static void byte_taken(struct spool *s, uint8_t b, int64_t now_ms)
{
    enum { AT_ONCE_MASK = 0x93, AT_ONCE = 0x12, THROUGH_MASK = 0xf0, THROUGH = 0 };
    bool at_once = (b & AT_ONCE_MASK) == AT_ONCE, through = (b & THROUGH_MASK) == THROUGH;
    if (!at_once && !through) {
        if (++s->wrong >= SPOOL_NONSENSE && s->state != SPOOL_FAULT) out_of_order(s, now_ms);
        return;
    }
    if (through && (!s->begun || s->mute)) return; /* of a slip that was given up */
    s->wrong = s->asked = 0;
    s->mute = false;
    s->since_ms = now_ms;
    if (at_once) paper_is(s, b, now_ms);
    else is_through(s, b, now_ms);
}

void spool_taken(struct spool *spool, struct bytes bytes, int64_t now_ms)
{
    /* Nonsense has right bytes in it too: a fault is over when nothing but an answer comes. */
    if (spool->state == SPOOL_FAULT && bytes.len != 1) return;
    for (size_t i = 0; i < bytes.len && spool->state != SPOOL_ABSENT; i++)
        byte_taken(spool, bytes.at[i], now_ms);
}

/* ---- time ---- */

void spool_written(struct spool *spool, int64_t now_ms)
{
    if (!spool->mute || !spool->begun) return;
    end_job(spool, SPOOL_PRINTED);
    rest(spool, false, now_ms);
}

/* Asked again, or only looked at again where no answer ever comes. */
static void look(struct spool *s, int64_t now_ms, int64_t again_ms)
{
    if (s->mute) s->due_ms = now_ms + again_ms;
    else ask(s, now_ms, again_ms);
}

static void due(struct spool *s, int64_t now_ms)
{
    bool silent = s->asked >= SPOOL_QUESTIONS && !s->mute;
    switch (s->state) {
    case SPOOL_ASKING:
        if (!silent) {
            ask(s, now_ms, SPOOL_ANSWER_MS);
            return;
        }
        s->mute = true;
        rest(s, false, now_ms);
        return;
    case SPOOL_READY:
        if (silent) out_of_order(s, now_ms);
        else look(s, now_ms, s->asked == 0 ? SPOOL_LOOK_MS : SPOOL_ANSWER_MS);
        return;
    case SPOOL_BUSY:
    case SPOOL_PAPER_OUT:
        if (now_ms - s->since_ms >= SPOOL_PRINT_MS) out_of_order(s, now_ms);
        else look(s, now_ms, SPOOL_WATCH_MS);
        return;
    case SPOOL_FAULT:
        ask(s, now_ms, SPOOL_AGAIN_MS);
        return;
    case SPOOL_ABSENT:
        return;
    }
}

bool spool_tick(struct spool *spool, int64_t now_ms, int64_t *ret_ms)
{
    if (spool->state == SPOOL_ABSENT) return false;
    if (now_ms >= spool->due_ms) due(spool, now_ms);
    *ret_ms = spool->due_ms;
    return true;
}

err spool_add(struct spool *spool, int64_t number, struct bytes slip, int64_t now_ms)
{
    if (slip.len == 0 || slip.len > SPOOL_JOB_MAX) return ERR(LENGTH);
    if (spool->count == SPOOL_JOBS) return ERR(FULL);
    struct spool_job *job = &spool->job[(spool->first + spool->count++) % SPOOL_JOBS];
    job->number = number;
    job->len = slip.len;
    memcpy(job->at, slip.at, slip.len);
    next_job(spool, now_ms);
    return OK;
}
