/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * box: a loudspeaker of its own on the counter, which says that money has come (S90).
 *
 * Each announcement is a line of JSON, repeated until the box has acknowledged its number:
 *
 *   to the box    {"number":17,"amount":12800,"language":"zh","text":"收款到账一百二十八元"}
 *   from the box  {"number":17}
 *
 * Numbers are those of payments and only grow: a box says what is above the last number that it has
 * said, and acknowledges everything, so no payment is said twice however often the line breaks. An
 * announcement that comes too late says nothing to anybody: after BOX_LATE_MS it is given up.
 *
 * Pure: what is to be sent comes out, what the box said and time go in.
 */

#include "lib/base/writer.h"

enum { BOX_WAITING = 8, BOX_TEXT = 640, BOX_AGAIN_MS = 1000, BOX_LATE_MS = 30000, BOX_LINE = 64 };

struct box_announcement {
    int64_t number, amount_minor, since_ms;
    bool english;
    char text[BOX_TEXT];
};

struct box {
    size_t first, count;
    struct box_announcement waiting[BOX_WAITING];
    int64_t due_ms;
    size_t heard; /* of a line from the box */
    char line[BOX_LINE];
};

/* The oldest gives way when BOX_WAITING are unacknowledged: nobody listens. */
void box_add(struct box *box, const struct box_announcement *announcement, int64_t now_ms);

/* The line is open (again): what is unacknowledged is due. */
void box_opened(struct box *box, int64_t now_ms);
void box_taken(struct box *box, struct bytes bytes, int64_t now_ms);

/* What is due is written to `out`; *ret_ms is when to call again. False: nothing is waiting. */
bool box_tick(struct box *box, int64_t now_ms, struct writer *out, int64_t *ret_ms);
