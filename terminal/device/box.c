/* SPDX-License-Identifier: Apache-2.0 */
/* One announcement at a time, until it is acknowledged or too late. */
#include "terminal/device/box.h"

#include "lib/wire/json.h"

static struct box_announcement *first(struct box *b)
{
    return &b->waiting[b->first];
}

static void drop_first(struct box *b, int64_t now_ms)
{
    b->first = (b->first + 1) % BOX_WAITING;
    b->count--;
    b->due_ms = now_ms;
}

void box_add(struct box *box, const struct box_announcement *announcement, int64_t now_ms)
{
    if (box->count == BOX_WAITING) drop_first(box, now_ms);
    struct box_announcement *a = &box->waiting[(box->first + box->count++) % BOX_WAITING];
    *a = *announcement;
    a->since_ms = now_ms;
    if (box->count == 1) box->due_ms = now_ms;
}

void box_opened(struct box *box, int64_t now_ms)
{
    box->heard = 0;
    box->due_ms = now_ms;
}

/* A whole line of the box; what is no acknowledgement of the first one changes nothing. */
static void acknowledge(struct box *b, int64_t now_ms)
{
    CLEANUP(json_free) struct json_document document = {0};
    int64_t number;
    if (FAILED(json_parse(bytes_of(b->line, b->heard), BOX_LINE, &document))) return;
    if (FAILED(json_int(document.root, "number", 1, INT64_MAX, &number))) return;
    if (b->count > 0 && first(b)->number == number) drop_first(b, now_ms);
}

void box_taken(struct box *box, struct bytes bytes, int64_t now_ms)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.at[i] == '\n') {
            acknowledge(box, now_ms);
            box->heard = 0;
        } else if (box->heard < sizeof box->line) {
            box->line[box->heard++] = (char)bytes.at[i]; /* a longer line is no JSON when cut */
        }
    }
}

static void say(const struct box_announcement *a, struct writer *out)
{
    struct json_out j = json_out_over(out);
    json_object_begin(&j);
    json_member_int(&j, "number", a->number);
    json_member_int(&j, "amount", a->amount_minor);
    json_member_string(&j, "language", a->english ? "en" : "zh");
    json_member_string(&j, "text", a->text);
    json_object_end(&j);
    write_bytes(out, BYTES("\n"));
}

bool box_tick(struct box *box, int64_t now_ms, struct writer *out, int64_t *ret_ms)
{
    while (box->count > 0 && now_ms - first(box)->since_ms >= BOX_LATE_MS) drop_first(box, now_ms);
    if (box->count == 0) return false;
    if (now_ms >= box->due_ms) {
        say(first(box), out);
        box->due_ms = now_ms + BOX_AGAIN_MS;
    }
    *ret_ms = box->due_ms;
    return true;
}
