/* SPDX-License-Identifier: Apache-2.0 */
/* Items, one after another, as a state of globals and locals and what main items make of it. */
#include "lib/wire/hid_descriptor.h"

#include "lib/base/reader.h"

enum {
    USAGES_MAX = 64, /* ranges before one main item */
    NESTING_MAX = 16,
    PUSHED_MAX = 4,
};

/* The first byte of an item, without the size of what follows it (6.2.2.4 to 6.2.2.8). */
enum item {
    ITEM_INPUT = 0x80,
    ITEM_OUTPUT = 0x90,
    ITEM_FEATURE = 0xb0,
    ITEM_COLLECTION = 0xa0,
    ITEM_COLLECTION_END = 0xc0,
    ITEM_USAGE_PAGE = 0x04,
    ITEM_REPORT_SIZE = 0x74,
    ITEM_REPORT_ID = 0x84,
    ITEM_REPORT_COUNT = 0x94,
    ITEM_PUSH = 0xa4,
    ITEM_POP = 0xb4,
    ITEM_USAGE = 0x08,
    ITEM_USAGE_MINIMUM = 0x18,
    ITEM_USAGE_MAXIMUM = 0x28,
    ITEM_DELIMITER = 0xa8,
    ITEM_LONG = 0xfe, /* whole */
};

enum { INPUT_CONSTANT = 1, INPUT_VARIABLE = 2, APPLICATION = 1 };

struct globals {
    uint32_t page, size, count;
    uint8_t report;
};

struct range {
    uint32_t first, last;
    bool brief; /* without a page: it takes the one that is in force at the main item */
};

struct parser {
    struct hid_descriptor *d;
    struct globals now, pushed[PUSHED_MAX];
    size_t pushes, ranges, depth;
    struct range range[USAGES_MAX];
    bool minimum_open; /* a usage minimum that waits for its maximum */
    uint32_t application;
};

static err add_usage(struct parser *p, uint32_t usage, size_t size)
{
    if (p->ranges == USAGES_MAX) return ERR(FULL);
    p->range[p->ranges++] = (struct range){usage, usage, size < 4};
    return OK;
}

static err end_range(struct parser *p, uint32_t last, size_t size)
{
    if (!p->minimum_open) return ERR(FORMAT);
    struct range *range = &p->range[p->ranges - 1];
    if (last < range->first || range->brief != (size < 4)) return ERR(FORMAT);
    p->minimum_open = false;
    range->last = last;
    return OK;
}

static void complete_usages(struct parser *p)
{
    for (size_t i = 0; i < p->ranges; i++) {
        if (!p->range[i].brief) continue;
        p->range[i].first |= p->now.page << 16;
        p->range[i].last |= p->now.page << 16;
    }
}

static err report_of(struct parser *p, size_t *ret_place)
{
    struct hid_descriptor *d = p->d;
    size_t i = 0;
    while (i < d->report_count && d->report[i].report != p->now.report) i++;
    if (i == HID_REPORTS_MAX) return ERR(FULL);
    if (i == d->report_count) d->report[d->report_count++].report = p->now.report;
    *ret_place = i;
    return OK;
}

static err add_field(struct parser *p, struct range range, uint32_t bit, uint32_t count)
{
    struct hid_descriptor *d = p->d;
    if (d->field_count == HID_FIELDS_MAX) return ERR(FULL);
    d->field[d->field_count++] = (struct hid_field){.first = range.first,
                                                    .last = range.last,
                                                    .application = p->application,
                                                    .bit = bit,
                                                    .size = p->now.size,
                                                    .count = count,
                                                    .report = p->now.report};
    return OK;
}

/* Each range takes as many values as it has usages, the last one all that are left; an array is
 * one field of whatever range. */
static err input(struct parser *p, uint32_t flags)
{
    const struct globals *g = &p->now;
    size_t place;
    if (g->size == 0 && g->count != 0 && (flags & INPUT_CONSTANT) == 0) return ERR(FORMAT);
    uint64_t bits = (uint64_t)g->size * g->count;
    TRY(report_of(p, &place));
    uint32_t bit = p->d->report[place].bits, left = g->count;
    if (bits + bit > (uint64_t)HID_REPORT_MAX * 8) return ERR(LENGTH);
    p->d->report[place].bits = bit + (uint32_t)bits;
    if ((flags & INPUT_CONSTANT) != 0) return OK;
    bool variable = (flags & INPUT_VARIABLE) != 0;
    for (size_t i = 0; i < p->ranges && left > 0; i++) {
        uint32_t count = p->range[i].last - p->range[i].first;
        if (count >= left || i + 1 == p->ranges || !variable) count = left;
        else count++;
        TRY(add_field(p, p->range[i], bit, count));
        bit += count * g->size;
        left -= count;
    }
    return OK;
}

static err collection(struct parser *p, uint32_t kind)
{
    if (p->depth == NESTING_MAX) return ERR(FULL);
    if (p->depth++ > 0) return OK;
    p->application = kind == APPLICATION && p->ranges > 0 ? p->range[0].first : 0;
    return OK;
}

static err main_item(struct parser *p, unsigned item, uint32_t data)
{
    err e = OK;
    if (p->minimum_open) return ERR(FORMAT);
    complete_usages(p);
    if (item == ITEM_INPUT) e = input(p, data);
    if (item == ITEM_COLLECTION) e = collection(p, data);
    if (item == ITEM_COLLECTION_END && p->depth-- == 0) e = ERR(FORMAT);
    p->ranges = 0; /* locals are for one main item */
    return e;
}

static err report_id(struct parser *p, uint32_t data)
{
    if (data == 0 || data > UINT8_MAX) return ERR(FORMAT);
    if (!p->d->numbered && p->d->report_count > 0)
        return ERR(FORMAT); /* some have, some have not */
    p->now.report = (uint8_t)data;
    p->d->numbered = true;
    return OK;
}

static err push_or_pop(struct parser *p, bool push)
{
    if (push && p->pushes == PUSHED_MAX) return ERR(FULL);
    if (!push && p->pushes == 0) return ERR(FORMAT);
    if (push) p->pushed[p->pushes++] = p->now;
    else p->now = p->pushed[--p->pushes];
    return OK;
}

static err other_item(struct parser *p, unsigned item, uint32_t data, size_t size)
{
    switch (item) {
    case ITEM_USAGE_PAGE:
        if (data > UINT16_MAX) return ERR(FORMAT);
        p->now.page = data;
        return OK;
    case ITEM_REPORT_SIZE:
        p->now.size = data;
        return OK;
    case ITEM_REPORT_COUNT:
        p->now.count = data;
        return OK;
    case ITEM_REPORT_ID:
        return report_id(p, data);
    case ITEM_PUSH:
    case ITEM_POP:
        return push_or_pop(p, item == ITEM_PUSH);
    case ITEM_USAGE:
        return add_usage(p, data, size);
    case ITEM_USAGE_MINIMUM:
        if (p->minimum_open) return ERR(FORMAT);
        p->minimum_open = true;
        return add_usage(p, data, size);
    case ITEM_USAGE_MAXIMUM:
        return end_range(p, data, size);
    case ITEM_DELIMITER:
        return ERR(UNSUPPORTED);
    default:
        return OK; /* logical and physical extents, units, strings, designators */
    }
}

static err read_item(struct parser *p, struct reader *r)
{
    static const size_t sizes[] = {0, 1, 2, 4};
    unsigned head = (unsigned)read_be(r, 1);
    if (head == ITEM_LONG) {
        size_t len = (size_t)read_be(r, 1);
        (void)read_bytes(r, len + 1); /* its tag, and what nobody has defined */
        return (err){r->fault};
    }
    size_t size = sizes[head & 3];
    struct bytes value = read_bytes(r, size);
    if (r->fault != ERR_OK) return (err){r->fault};
    uint32_t data = 0;
    for (size_t i = value.len; i > 0; i--) data = data << 8 | value.at[i - 1];
    unsigned item = head & 0xfc;
    if ((item & 0x0c) == 0) return main_item(p, item, data);
    return other_item(p, item, data, size);
}

err hid_descriptor_read(struct bytes descriptor, struct hid_descriptor *out)
{
    struct hid_descriptor d = {0};
    struct parser p = {.d = &d};
    struct reader r = reader_over(descriptor);
    if (descriptor.len > HID_DESCRIPTOR_MAX) return ERR(LENGTH);
    while (r.left.len > 0) TRY(read_item(&p, &r));
    if (p.depth != 0 || p.minimum_open || d.report_count == 0) return ERR(FORMAT);
    *out = d;
    return OK;
}

struct hid_place hid_find(const struct hid_descriptor *d, uint32_t application, uint32_t usage,
                          unsigned report)
{
    for (size_t i = 0; i < d->field_count; i++) {
        const struct hid_field *f = &d->field[i];
        uint32_t behind = usage - f->first;
        if (f->application != application || usage < f->first || usage > f->last) continue;
        if ((report != HID_ANY_REPORT && report != f->report) || behind >= f->count) continue;
        return (struct hid_place){.bit = f->bit + behind * f->size,
                                  .size = f->size,
                                  .count = usage == f->last ? f->count - behind : 1,
                                  .report = f->report};
    }
    return (struct hid_place){0};
}

uint32_t hid_next_application(const struct hid_descriptor *d, uint16_t page, size_t *at)
{
    while (*at < d->field_count) {
        uint32_t usage = d->field[(*at)++].application;
        if (usage >> 16 != page) continue;
        while (*at < d->field_count && d->field[*at].application == usage) (*at)++;
        return usage;
    }
    return 0;
}

size_t hid_report_bytes(const struct hid_descriptor *d, uint8_t report)
{
    for (size_t i = 0; i < d->report_count; i++)
        if (d->report[i].report == report) return (d->report[i].bits + 7) / 8;
    return 0;
}

uint32_t hid_value(struct bytes report, const struct hid_place *place, uint32_t index)
{
    ENSURE(index < place->count && place->size <= 32);
    uint32_t value = 0, bit = place->bit + index * place->size;
    ENSURE((uint64_t)bit + place->size <= (uint64_t)report.len * 8);
    for (uint32_t i = 0; i < place->size; i++, bit++)
        value |= (uint32_t)(report.at[bit / 8] >> bit % 8 & 1) << i;
    return value;
}
