/* SPDX-License-Identifier: Apache-2.0 */
/* A campaign to bytes and back, a line for each element. */
#include "offer/encode.h"

static void write_text(struct writer *w, const char *text)
{
    write_prefixed(w, 1, bytes_text(text));
}

static void write_minor(struct writer *w, int64_t minor)
{
    write_be(w, (uint64_t)minor, 8);
}

static void write_shops(struct writer *w, const struct offer_campaign *c)
{
    write_be(w, c->shop_count, 1);
    for (size_t i = 0; i < c->shop_count; i++) write_be(w, c->shop[i], 4);
}

void offer_campaign_write(struct writer *w, const struct offer_campaign *c)
{
    ENSURE(offer_campaign_check(c) == OFFER_SOUND);
    write_be(w, OFFER_FORMAT, 1);
    write_text(w, c->id);
    write_be(w, c->version, 4);
    write_text(w, c->name_zh);
    write_text(w, c->name_en);
    write_be(w, c->kind, 1);
    write_be(w, c->measure, 1);
    write_minor(w, c->off_minor);
    write_be(w, c->each_minimum, 1);
    write_be(w, c->rate_ppm, 4);
    write_be(w, c->rounding, 1);
    write_minor(w, c->low_minor);
    write_minor(w, c->high_minor);
    write_minor(w, c->cap_minor);
    write_minor(w, c->minimum_minor);
    write_be(w, c->stamps_every, 4);
    write_be(w, c->birthday, 1);
    write_minor(w, c->from_ms);
    write_minor(w, c->until_ms);
    write_be(w, c->weekdays, 1);
    write_be(w, c->from_minute, 2);
    write_be(w, c->until_minute, 2);
    write_shops(w, c);
    write_be(w, c->members_only, 1);
    write_be(w, c->tiers, 1);
    write_be(w, c->per_member_day, 4);
    write_be(w, c->per_member, 4);
    write_minor(w, c->budget_minor);
    write_minor(w, c->budget_count);
    write_be(w, c->group, 1);
    write_be(w, c->stacking, 1);
}

/* A NUL inside would make another text of it. */
static void read_text(struct reader *r, char *to, size_t size)
{
    struct bytes text = read_prefixed(r, 1, size - 1);
    if (text.len > 0 && memchr(text.at, 0, text.len) != NULL) {
        reader_fail(r, ERR_FORMAT);
        return;
    }
    if (text.len > 0) memcpy(to, text.at, text.len);
    to[text.len] = '\0';
}

static int64_t read_minor(struct reader *r)
{
    uint64_t minor = read_be(r, 8);
    if (minor > INT64_MAX) reader_fail(r, ERR_RANGE);
    return minor > INT64_MAX ? 0 : (int64_t)minor;
}

static bool read_truth(struct reader *r)
{
    uint64_t truth = read_be(r, 1);
    if (truth > 1) reader_fail(r, ERR_RANGE);
    return truth == 1;
}

static void read_shops(struct reader *r, struct offer_campaign *c)
{
    uint64_t count = read_be(r, 1);
    if (count > OFFER_SHOPS_MAX) {
        reader_fail(r, ERR_LENGTH);
        return;
    }
    c->shop_count = (uint16_t)count;
    for (size_t i = 0; i < count; i++) c->shop[i] = (uint32_t)read_be(r, 4);
}

err offer_campaign_read(struct bytes encoded, struct offer_campaign *out)
{
    struct reader r = reader_over(encoded);
    struct offer_campaign c = {{0}};
    uint64_t format = read_be(&r, 1);
    if (r.fault == ERR_OK && format != OFFER_FORMAT) return ERR(NEWER);
    read_text(&r, c.id, sizeof c.id);
    c.version = (uint32_t)read_be(&r, 4);
    read_text(&r, c.name_zh, sizeof c.name_zh);
    read_text(&r, c.name_en, sizeof c.name_en);
    c.kind = (enum offer_kind)read_be(&r, 1);
    c.measure = (enum offer_measure)read_be(&r, 1);
    c.off_minor = read_minor(&r);
    c.each_minimum = read_truth(&r);
    c.rate_ppm = (uint32_t)read_be(&r, 4);
    c.rounding = (enum offer_rounding)read_be(&r, 1);
    c.low_minor = read_minor(&r);
    c.high_minor = read_minor(&r);
    c.cap_minor = read_minor(&r);
    c.minimum_minor = read_minor(&r);
    c.stamps_every = (uint32_t)read_be(&r, 4);
    c.birthday = (enum offer_birthday)read_be(&r, 1);
    c.from_ms = read_minor(&r);
    c.until_ms = read_minor(&r);
    c.weekdays = (uint8_t)read_be(&r, 1);
    c.from_minute = (uint16_t)read_be(&r, 2);
    c.until_minute = (uint16_t)read_be(&r, 2);
    read_shops(&r, &c);
    c.members_only = read_truth(&r);
    c.tiers = (uint8_t)read_be(&r, 1);
    c.per_member_day = (uint32_t)read_be(&r, 4);
    c.per_member = (uint32_t)read_be(&r, 4);
    c.budget_minor = read_minor(&r);
    c.budget_count = read_minor(&r);
    c.group = (uint8_t)read_be(&r, 1);
    c.stacking = (enum offer_stacking)read_be(&r, 1);
    TRY(reader_finish(&r));
    if (offer_campaign_check(&c) != OFFER_SOUND) return ERR(FORMAT);
    *out = c;
    return OK;
}
