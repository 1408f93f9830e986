/* SPDX-License-Identifier: Apache-2.0 */
/* The best combination: what each gives, sorted; then stacked against alone. */
#include "offer/best.h"

#include <stdlib.h>

/* Larger benefits first, equal ones by id; what gives nothing comes last, by id. */
static int by_benefit(const void *a, const void *b)
{
    const struct offer_line *x = a, *y = b;
    if (x->minor != y->minor) return x->minor < y->minor ? 1 : -1;
    return strcmp(x->campaign->id, y->campaign->id);
}

/* Those taken first, as they were taken; the rest by id. */
static int by_taken(const void *a, const void *b)
{
    const struct offer_line *x = a, *y = b;
    bool x_taken = x->reason == OFFER_TAKEN, y_taken = y->reason == OFFER_TAKEN;
    if (x_taken != y_taken) return x_taken ? -1 : 1;
    return x_taken ? by_benefit(a, b) : strcmp(x->campaign->id, y->campaign->id);
}

static bool stacks(const struct offer_line *line)
{
    return line->campaign->stacking == OFFER_WITH_OTHERS;
}

/* A way to take something off: which lines, as bits, and what they come to. */
struct combination {
    uint32_t lines;
    uint32_t beaten; /* those whose group is in it already */
    int64_t total_minor;
    unsigned count;
    size_t first;
};

static void stacked(const struct offer_result *out, int64_t most_minor, struct combination *best)
{
    bool group_taken[256] = {false};
    *best = (struct combination){0};
    for (size_t i = 0; i < out->count; i++) {
        const struct offer_line *line = &out->line[i];
        if (line->reason != OFFER_TAKEN || !stacks(line)) continue;
        uint8_t group = line->campaign->group;
        if (group != 0 && group_taken[group]) best->beaten |= UINT32_C(1) << i;
        if ((best->beaten >> i & 1) != 0 || best->total_minor == most_minor) continue;
        group_taken[group] = true;
        int64_t left = most_minor - best->total_minor;
        if (best->count == 0) best->first = i;
        best->lines |= UINT32_C(1) << i;
        best->total_minor += line->minor < left ? line->minor : left;
        best->count++;
    }
}

/* The best that stands alone. A single WITH_OTHERS is covered by the stack. */
static void alone(const struct offer_result *out, int64_t most_minor, struct combination *best)
{
    *best = (struct combination){0};
    for (size_t i = 0; i < out->count && best->count == 0; i++) {
        const struct offer_line *line = &out->line[i];
        if (line->reason != OFFER_TAKEN || stacks(line)) continue;
        int64_t minor = line->minor < most_minor ? line->minor : most_minor;
        *best = (struct combination){UINT32_C(1) << i, 0, minor, 1, i};
    }
}

static bool is_better(const struct combination *a, const struct combination *b)
{
    if (a->total_minor != b->total_minor) return a->total_minor > b->total_minor;
    if (a->count != b->count) return a->count < b->count;
    return a->first < b->first;
}

static enum offer_reason why_not(const struct combination *won, size_t i, bool stacks_too,
                                 int64_t most_minor)
{
    if ((won->beaten >> i & 1) != 0) return OFFER_GROUP_BETTER;
    if (won->total_minor == most_minor && stacks_too) return OFFER_NOTHING_LEFT;
    return OFFER_OTHERS_BETTER;
}

/* Writes into each line what was decided; a line keeps its benefit only when it is taken. */
static void settle(struct offer_result *out, const struct combination *won, int64_t most_minor)
{
    int64_t left = won->total_minor;
    bool stack_won = won->count > 0 && stacks(&out->line[won->first]);
    for (size_t i = 0; i < out->count; i++) {
        struct offer_line *line = &out->line[i];
        bool taken = (won->lines >> i & 1) != 0;
        if (!taken && line->reason == OFFER_TAKEN)
            line->reason = most_minor == 0 ? OFFER_NOTHING_LEFT
                                           : why_not(won, i, stack_won && stacks(line), most_minor);
        if (!taken) line->minor = 0;
        else if (line->minor > left) line->minor = left;
        left -= line->minor;
        out->taken += taken;
    }
    ENSURE(left == 0);
}

void offer_best(const struct offer_candidate *candidate, size_t count,
                const struct offer_member *member, const struct offer_sale *sale,
                struct offer_result *out)
{
    ENSURE(count <= OFFER_CANDIDATES_MAX);
    *out = (struct offer_result){.count = count};
    for (size_t i = 0; i < count; i++) {
        struct offer_line *line = &out->line[i];
        line->campaign = candidate[i].campaign;
        line->reason = offer_benefit(&candidate[i], member, sale, &line->minor);
    }
    qsort(out->line, count, sizeof out->line[0], by_benefit);
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            ENSURE(strcmp(out->line[i].campaign->id, out->line[k].campaign->id) != 0);

    int64_t most_minor = sale->price_minor - sale->points_minor - (sale->may_be_free ? 0 : 1);
    if (most_minor < 0) most_minor = 0;
    struct combination stack = {0}, single = {0};
    if (most_minor > 0) {
        stacked(out, most_minor, &stack);
        alone(out, most_minor, &single);
    }
    const struct combination *won = is_better(&stack, &single) ? &stack : &single;
    settle(out, won, most_minor);
    qsort(out->line, count, sizeof out->line[0], by_taken);
    out->total_minor = won->total_minor;
    out->pay_minor = sale->price_minor - out->total_minor;
}
