/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * spool: slips on their way to an ESC/POS printer, and what the printer says of itself.
 *
 * Before a slip the printer is asked for its paper (DLE EOT 4, answered at once); behind a slip
 * stands a question that it answers when everything before it is on paper (GS r 1). So a slip is
 * known to be printed, and one that paper or plug ran out under is known to be in doubt. A slip in
 * doubt is told (SPOOL_UNSURE) and never printed again by itself: a person looks at it first. Slips
 * that were not begun wait.
 *
 * A printer that answers none of the first questions is taken for one without answers, of which
 * there are many: its slips are done when it has taken the bytes. One that answered once and falls
 * silent, or talks nonsense, is out of order until it answers right again; it is asked every two
 * seconds, and the slips wait.
 *
 * Pure: bytes and time in, bytes and events out. Protocol facts, chapter 6.
 */

#include "lib/base/bytes.h"

enum {
    SPOOL_JOBS = 8,
    SPOOL_JOB_MAX = 12 * 1024, /* a slip of 48 lines, and a signature as dots */
    SPOOL_ANSWER_MS = 1500,    /* for the first answers */
    SPOOL_QUESTIONS = 3,       /* unanswered: a printer without answers */
    SPOOL_LOOK_MS = 10000,     /* an idle printer is looked at */
    SPOOL_WATCH_MS = 1000,     /* while it prints, or has no paper */
    SPOOL_AGAIN_MS = 2000,     /* while it is out of order */
    SPOOL_PRINT_MS = 30000,    /* a slip takes some seconds; silent for longer: out of order */
    SPOOL_NONSENSE = 3,        /* wrong bytes running */
};

enum spool_state {
    SPOOL_ABSENT, /* no plug, no power */
    SPOOL_ASKING,
    SPOOL_READY,
    SPOOL_BUSY,
    SPOOL_PAPER_OUT,
    SPOOL_FAULT,
};

enum spool_end { SPOOL_PRINTED, SPOOL_UNSURE };

struct spool_job {
    int64_t number; /* whose slip it is; told when it ends */
    size_t len;
    uint8_t at[SPOOL_JOB_MAX];
};

struct spool_ports {
    void *context;
    void (*send)(void *context, struct bytes bytes);
    void (*changed)(void *context); /* state or paper is another */
    void (*ended)(void *context, int64_t number, enum spool_end end);
};

struct spool {
    struct spool_ports ports;
    enum spool_state state;
    bool mute;             /* it never answers */
    bool low;              /* not much paper left */
    bool begun, cut;       /* of the first job: its bytes are away; paper ran out meanwhile */
    unsigned asked, wrong; /* questions unanswered, wrong bytes running */
    int64_t due_ms;        /* next question; monotonic */
    int64_t since_ms;      /* when the printer was last heard, or the job begun */
    size_t first, count;   /* ring */
    struct spool_job job[SPOOL_JOBS];
};

/* Zero it first. */
void spool_begin(struct spool *spool, const struct spool_ports *ports);

/* The line to the printer is there, or gone. */
void spool_opened(struct spool *spool, int64_t now_ms);
void spool_lost(struct spool *spool);
/* What the printer has said. */
void spool_taken(struct spool *spool, struct bytes bytes, int64_t now_ms);
/* Everything that was sent has left. */
void spool_written(struct spool *spool, int64_t now_ms);
/* Whatever is due; *ret_ms is when to call again. Returns false when nothing ever will be. */
bool spool_tick(struct spool *spool, int64_t now_ms, int64_t *ret_ms);

/* Errors: FULL (SPOOL_JOBS slips wait), LENGTH (longer than SPOOL_JOB_MAX or empty). */
MUST_USE err spool_add(struct spool *spool, int64_t number, struct bytes slip, int64_t now_ms);

/* Gone, out of order, or so far unasked. */
static inline bool spool_out_of_order(const struct spool *spool)
{
    return spool->state == SPOOL_ABSENT || spool->state == SPOOL_FAULT;
}
