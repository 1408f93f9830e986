/* SPDX-License-Identifier: Apache-2.0 */
/* All known terminals in one array, by their numbers: found by halving, searched by walking. */
#include "backoffice/devices/fleet_internal.h"

#include <stdlib.h>

#include "backoffice/devices/tree.h"

static const char *const presences[FLEET_PRESENCES] = {NULL, "new", "online", "away", "offline"};

const char *fleet_presence_word(enum fleet_presence presence)
{
    ENSURE(presence >= FLEET_NEW && presence < FLEET_PRESENCES);
    return presences[presence];
}

enum fleet_presence fleet_presence_named(struct bytes word)
{
    for (enum fleet_presence at = FLEET_NEW; at < FLEET_PRESENCES; at++)
        if (bytes_equal(word, bytes_text(presences[at]))) return at;
    return 0;
}

enum fleet_presence fleet_presence(const struct fleet_device *d, int64_t now_ms)
{
    bool lately = now_ms - d->heard_ms < FLEET_MISSED * (int64_t)DEVICE_BEAT_MS;
    if (d->heard_ms == 0) return FLEET_NEW;
    if (!lately) return FLEET_OFFLINE;
    return d->connected ? FLEET_ONLINE : FLEET_AWAY;
}

bool fleet_has_trouble(const struct fleet_device *d)
{
    return d->state.told_ms != 0 &&
           (d->state.paper >= DEVICE_PAPER_OUT || d->state.battery < FLEET_LOW_BATTERY);
}

/* ---- finding ---- */

size_t fleet_place(const struct fleet *fleet, const char *tid)
{
    size_t from = 0, to = fleet->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(fleet->device[middle].tid, tid) < 0) from = middle + 1;
        else to = middle;
    }
    return from;
}

struct fleet_device *fleet_at(const struct fleet *fleet, const char *tid)
{
    size_t at = fleet_place(fleet, tid);
    bool found = at < fleet->count && strcmp(fleet->device[at].tid, tid) == 0;
    return found ? &fleet->device[at] : NULL;
}

const struct fleet_device *fleet_find(const struct fleet *fleet, const char *tid)
{
    return fleet_at(fleet, tid);
}

size_t fleet_count(const struct fleet *fleet)
{
    return fleet->count;
}

static struct fleet_shop *shop_at(const struct fleet *fleet, const char *mid)
{
    size_t from = 0, to = fleet->shops;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(fleet->shop[middle].mid, mid);
        if (order == 0) return &fleet->shop[middle];
        if (order < 0) from = middle + 1;
        else to = middle;
    }
    return NULL;
}

void fleet_merchant(const struct fleet *fleet, const char *mid, const char **ret_zh,
                    const char **ret_en)
{
    const struct fleet_shop *shop = shop_at(fleet, mid);
    *ret_zh = shop == NULL ? "" : shop->name_zh;
    *ret_en = shop == NULL ? "" : shop->name_en;
}

/* ---- opening, and the clock ---- */

err fleet_open(struct store *store, struct registry *registry, struct fleet **ret_fleet)
{
    struct fleet *fleet = calloc(1, sizeof *fleet);
    if (fleet == NULL) return ERR(NO_MEMORY);
    *fleet = (struct fleet){
        .store = store, .registry = registry, .changes = calloc(1, sizeof *fleet->changes)};
    err e = fleet->changes == NULL ? ERR(NO_MEMORY) : fleet_read_begin(fleet);
    while (!FAILED(e) && fleet_reads(fleet)) e = fleet_read_on(fleet);
    if (!FAILED(e)) e = fleet_rows_load(fleet);
    if (FAILED(e)) fleet_close(fleet);
    else *ret_fleet = fleet;
    return e;
}

void fleet_close(struct fleet *fleet)
{
    if (fleet == NULL) return;
    fleet_read_end(fleet);
    free(fleet->device);
    free(fleet->shop);
    free(fleet->changes);
    free(fleet);
}

struct fleet_changes *fleet_changes_of(const struct fleet *fleet)
{
    return fleet->changes;
}

void fleet_touch(struct fleet *fleet, const char *tid)
{
    fleet_changes_add(fleet->changes, tid);
}

void fleet_stale(struct fleet *fleet)
{
    fleet->stale = true;
}

err fleet_tick(struct fleet *fleet, int64_t now_ms)
{
    bool due = fleet->stale && (now_ms - fleet->read_ms >= FLEET_READ_MS ||
                                now_ms < fleet->read_ms /* the clock was set back */);
    if (due && !fleet_reads(fleet)) {
        fleet->stale = false;
        fleet->read_ms = now_ms;
        TRY(fleet_read_begin(fleet));
        TRY(fleet_read_on(fleet)); /* of a small fleet that is all of it */
    }
    return fleet_rows_write(fleet);
}

err fleet_write(struct fleet *fleet)
{
    while (fleet->dirty > 0) TRY(fleet_rows_write(fleet));
    return OK;
}

/* ---- what happens ---- */

static void mark(struct fleet *fleet, struct fleet_device *d)
{
    if (!d->dirty) fleet->dirty++;
    d->dirty = true;
    fleet_changes_add(fleet->changes, d->tid);
}

err fleet_came(struct fleet *fleet, const struct registry_terminal *terminal, const char *version,
               int64_t now_ms)
{
    struct fleet_device *d = fleet_at(fleet, terminal->tid);
    if (d == NULL) TRY(fleet_add(fleet, terminal->tid, &d));
    fleet_copy(d, terminal);
    TRY(bytes_to_text(bytes_text(version), d->state.version, sizeof d->state.version));
    d->connected = true;
    d->heard_ms = now_ms;
    mark(fleet, d);
    return OK;
}

void fleet_left(struct fleet *fleet, const char *tid, int64_t now_ms)
{
    struct fleet_device *d = fleet_at(fleet, tid);
    if (d == NULL) return;
    d->connected = false;
    d->heard_ms = now_ms;
    mark(fleet, d);
}

/* Not worth a row: the next beat is. */
void fleet_heard(struct fleet *fleet, const char *tid, int64_t now_ms)
{
    struct fleet_device *d = fleet_at(fleet, tid);
    if (d != NULL && d->connected) d->heard_ms = now_ms;
}

void fleet_take(struct fleet *fleet, const char *tid, const struct device_message *said,
                int64_t now_ms)
{
    struct fleet_device *d = fleet_at(fleet, tid);
    if (d == NULL) return;
    d->heard_ms = now_ms;
    d->state = (struct fleet_state){
        .told_ms = now_ms,
        .last_payment_ms = said->last_payment_ms,
        .unsent = (uint32_t)said->unsent,
        .parameters = (uint32_t)said->parameters,
        .battery = (uint8_t)said->battery,
        .paper = said->paper,
        .hold = said->hold,
        .link = said->link,
        .signed_in = said->signed_in != 0,
    };
    memcpy(d->state.operator_id, said->operator_id, sizeof d->state.operator_id);
    memcpy(d->state.version, said->version, sizeof d->state.version);
    mark(fleet, d);
}

/* ---- searching ---- */

static uint8_t folded(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
}

/* `text` has `part` in it, whatever the case of its ASCII letters; `part` is folded. */
static bool has(const char *text, const char *part)
{
    for (; *text != '\0'; text++) {
        size_t i = 0;
        while (part[i] != '\0' && folded((uint8_t)text[i]) == (uint8_t)part[i]) i++;
        if (part[i] == '\0') return true;
    }
    return part[0] == '\0';
}

static void fold(const char *text, char out[FLEET_TEXT_MAX + 1])
{
    size_t i = 0;
    for (; text[i] != '\0' && i < FLEET_TEXT_MAX; i++) out[i] = (char)folded((uint8_t)text[i]);
    out[i] = '\0';
}

/* Shops first, once each: then a device only looks up whether its own does. */
static bool match_shops(struct fleet *fleet, const char *part)
{
    bool any = false;
    for (size_t i = 0; i < fleet->shops; i++) {
        struct fleet_shop *shop = &fleet->shop[i];
        shop->matches = has(shop->name_zh, part) || has(shop->name_en, part);
        any = any || shop->matches;
    }
    return any;
}

struct filter {
    const struct fleet_query *query;
    char part[FLEET_TEXT_MAX + 1];
    bool shops; /* some have the text in their names */
};

static struct filter filter_of(struct fleet *fleet, const struct fleet_query *q)
{
    struct filter f = {.query = q};
    fold(q->text, f.part);
    f.shops = f.part[0] != '\0' && match_shops(fleet, f.part);
    return f;
}

static bool text_found(const struct fleet *fleet, const struct filter *f,
                       const struct fleet_device *d)
{
    bool serial =
        f->query->whole_serial ? strcasecmp(d->serial, f->part) == 0 : has(d->serial, f->part);
    if (f->part[0] == '\0' || has(d->tid, f->part) || serial || has(d->model, f->part)) return true;
    const struct fleet_shop *shop = f->shops ? shop_at(fleet, d->mid) : NULL;
    return shop != NULL && shop->matches;
}

static bool is_or_any(const char *wanted, const char *value)
{
    return wanted[0] == '\0' || strcmp(wanted, value) == 0;
}

static bool status_found(const struct fleet_query *q, const struct fleet_device *d)
{
    return q->status == 0 ? d->status != REGISTRY_CLOSED : d->status == q->status;
}

static bool state_found(const struct fleet_query *q, const struct fleet_device *d)
{
    return d->state.hold >= q->hold && (!q->unsent || d->state.unsent > 0) &&
           (!q->trouble || fleet_has_trouble(d)) && (!q->connected || d->connected) &&
           is_or_any(q->version, d->state.version);
}

/* All but the presence. */
static bool found(const struct fleet *fleet, const struct filter *f, const struct fleet_device *d)
{
    const struct fleet_query *q = f->query;
    return is_or_any(q->mid, d->mid) && (q->outlet == 0 || q->outlet == d->outlet) &&
           (q->outlets == NULL || tree_outlets_has(q->outlets, d->outlet)) && status_found(q, d) &&
           state_found(q, d) && is_or_any(q->model, d->model) && text_found(fleet, f, d);
}

/* All devices with a number above `after`, or those of a set: that one is walked then, and each of
 * its devices found by halving. */
struct walk {
    const struct fleet *fleet;
    const struct fleet_set *set;
    size_t at;
};

static struct walk walk_of(const struct fleet *fleet, const struct fleet_query *q)
{
    struct walk w = {fleet, q->set, 0};
    if (w.set == NULL) {
        w.at = fleet_place(fleet, q->after);
        if (w.at < fleet->count && strcmp(fleet->device[w.at].tid, q->after) == 0) w.at++;
        return w;
    }
    while (w.at < w.set->count && strcmp(w.set->tid[w.at], q->after) <= 0) w.at++;
    return w;
}

static const struct fleet_device *walk_on(struct walk *w)
{
    if (w->set == NULL) return w->at < w->fleet->count ? &w->fleet->device[w->at++] : NULL;
    while (w->at < w->set->count) {
        const struct fleet_device *d = fleet_at(w->fleet, w->set->tid[w->at++]);
        if (d != NULL) return d;
    }
    return NULL;
}

err fleet_search(struct fleet *fleet, const struct fleet_query *query, int64_t now_ms,
                 fleet_each each, void *context)
{
    struct filter f = filter_of(fleet, query);
    struct walk walk = walk_of(fleet, query);
    const struct fleet_device *d;
    size_t given = 0;
    while (given < query->limit && (d = walk_on(&walk)) != NULL) {
        if (query->presence != 0 && fleet_presence(d, now_ms) != query->presence) continue;
        if (!found(fleet, &f, d)) continue;
        TRY(each(context, d));
        given++;
    }
    return OK;
}

struct fleet_counts fleet_counts_of(struct fleet *fleet, const struct fleet_query *query,
                                    int64_t now_ms)
{
    struct fleet_counts counts = {0};
    struct filter f = filter_of(fleet, query);
    const struct fleet_device *d;
    struct walk walk = {fleet, query->set, 0};
    while ((d = walk_on(&walk)) != NULL) {
        if (!found(fleet, &f, d)) continue;
        counts.all++;
        counts.presence[fleet_presence(d, now_ms)]++;
        counts.locked += d->state.hold != DEVICE_FREE;
        counts.unsent += d->state.unsent > 0;
        counts.trouble += fleet_has_trouble(d);
    }
    return counts;
}
