/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power goes at each of more than 500 points of a device's life of updates: before a record is
 * replaced, after it, and while an image of 64 kB is written, at every 256 bytes. Each time the
 * device starts, with an image that is signed and not older than what was healthy last; and the
 * story goes on to the same end; whether images come whole, or are made of what stands in a slot.
 * S119.
 */
#include "tests/unit/scratch.h"

#include "lib/tuf/delta.h"
#include "update/slots.h"

enum { SOFTWARE = 64 * 1024, IMAGE = IMAGE_HEAD_BYTES + SOFTWARE, PIECE = 256, VERSIONS = 5 };

static struct document_key key;
static uint8_t images[VERSIONS][IMAGE], looked_at[IMAGE], patched[IMAGE];

/* From each version to each later one; none is longer than a piece. */
static struct {
    uint8_t at[4 * PIECE];
    size_t len;
} deltas[VERSIONS][VERSIONS];
static bool by_deltas;
static unsigned long applied, whole;

/* What survives the power. */
struct device {
    uint8_t slot[SLOT_COUNT][IMAGE], record[SLOTS_RECORD_BYTES];
    size_t slot_len[SLOT_COUNT], record_len;
    uint64_t floor;     /* the vault's */
    long cut_at, point; /* the point at which the power goes, -1: never; the next one */
    bool dead;
};

static struct device device;

static bool cut(struct device *d)
{
    if (d->point++ == d->cut_at) d->dead = true;
    return d->dead;
}

static err read_slot(void *context, enum slot slot, void *block, size_t max, size_t *ret_len)
{
    struct device *d = context;
    if (d->dead) return ERR(CRASHED);
    if (d->slot_len[slot] == 0) return ERR(NOT_FOUND);
    if (d->slot_len[slot] > max) return ERR(LENGTH);
    memcpy(block, d->slot[slot], d->slot_len[slot]);
    *ret_len = d->slot_len[slot];
    return OK;
}

/* In place, piece by piece: what was there before stands behind what has been written. */
static err write_slot(void *context, enum slot slot, struct bytes content)
{
    struct device *d = context;
    for (size_t at = 0; at < content.len; at += PIECE) {
        size_t len = content.len - at < PIECE ? content.len - at : PIECE;
        if (cut(d)) return ERR(CRASHED);
        memcpy(d->slot[slot] + at, content.at + at, len);
        if (at + len > d->slot_len[slot]) d->slot_len[slot] = at + len;
    }
    d->slot_len[slot] = content.len;
    return OK;
}

static err load(void *context, void *block, size_t max, size_t *ret_len)
{
    struct device *d = context;
    if (d->dead) return ERR(CRASHED);
    if (d->record_len == 0) return ERR(NOT_FOUND);
    if (d->record_len > max) return ERR(LENGTH);
    memcpy(block, d->record, d->record_len);
    *ret_len = d->record_len;
    return OK;
}

/* In one step; the power goes before it or after it. */
static err store(void *context, struct bytes record)
{
    struct device *d = context;
    if (cut(d)) return ERR(CRASHED);
    memcpy(d->record, record.at, record.len);
    d->record_len = record.len;
    return cut(d) ? ERR(CRASHED) : OK;
}

/* The vault has power of its own: cut before it hears, or before its answer is here. */
static err keep_floor(void *context, uint64_t version, uint64_t *ret_floor)
{
    struct device *d = context;
    if (version > d->floor) {
        if (cut(d)) return ERR(CRASHED);
        d->floor = version;
        if (cut(d)) return ERR(CRASHED);
    }
    if (d->dead) return ERR(REFUSED);
    *ret_floor = d->floor;
    return OK;
}

static void wake(struct slots *slots)
{
    const struct slots_ports ports = {keep_floor, &device, read_slot, write_slot,
                                      load,       store,   &device};
    device.dead = false;
    assert_ok(slots_open(&ports, &key, "T1", looked_at, sizeof looked_at, slots));
}

/* ---- the story ---- */

/* Versions 1 to 4; 3 is never healthy. */
static bool is_healthy(uint64_t version)
{
    return version != 3;
}

/* A start and what follows from it. False: the power has gone. */
static bool start_once(uint64_t *healthy)
{
    struct slots slots;
    struct image image = {0};
    enum slot slot;
    wake(&slots);
    err e = slots_start(&slots, &slot, &image);
    if (device.dead) return false;
    assert_ok(e); /* it always starts */
    /* What runs is never below what the vault has seen, and what was healthy is told to it. */
    assert_true(image.version >= device.floor);
    if (image.version == *healthy) assert_int_equal(device.floor, *healthy);
    assert_true(image.version >= *healthy);
    assert_memory_equal(image.software.at, images[image.version] + IMAGE_HEAD_BYTES, SOFTWARE);
    if (image.version == *healthy) return true;
    if (is_healthy(image.version)) {
        e = slots_confirm(&slots, slot);
        if (device.dead) return false; /* confirmed or not: look() sees which */
        assert_ok(e);
        *healthy = image.version;
    }
    return !device.dead; /* one that is not healthy says nothing: its watchdog restarts it */
}

/* The image as it comes to this device: made of what stands in a slot where a delta leads from
 * that, as update/fetch.c does it; a slot that tore is nothing that one leads from. */
static struct bytes fetch_version(uint64_t version)
{
    for (enum slot slot = 0; by_deltas && slot < SLOT_COUNT; slot++)
        for (uint64_t from = 1; from < version; from++) {
            size_t len = 0;
            err e = delta_apply(bytes_of(deltas[from][version].at, deltas[from][version].len),
                                bytes_of(device.slot[slot], device.slot_len[slot]), patched, IMAGE,
                                &len);
            if (FAILED(e)) continue;
            assert_int_equal(len, IMAGE);
            assert_memory_equal(patched, images[version], IMAGE);
            applied++;
            return BYTES_OF(patched);
        }
    whole++;
    return BYTES_OF(images[version]);
}

/* Until `version` has been dealt with: runs, or was given up. */
static bool update_to(uint64_t version, uint64_t *healthy)
{
    struct slots slots;
    wake(&slots);
    err e = slots_install(&slots, fetch_version(version));
    if (device.dead) return false;
    bool known = e.code == ERR_OK || e.code == ERR_RANGE || e.code == ERR_EXISTS ||
                 e.code == ERR_DENIED || e.code == ERR_BUSY;
    assert_true(known);
    for (int i = 0; i < SLOTS_TRIES + 1; i++)
        if (!start_once(healthy)) return false;
    assert_int_equal(*healthy, is_healthy(version) ? version : version - 1);
    return true;
}

static void begin(void)
{
    device = (struct device){.cut_at = -1};
    memcpy(device.slot[SLOT_A], images[1], IMAGE);
    device.slot_len[SLOT_A] = IMAGE;
}

/* The first version, then 2, 3 (which fails), 4. */
static bool live(uint64_t *step, uint64_t *healthy)
{
    for (; *step < VERSIONS; ++*step)
        if (!update_to(*step, healthy)) return false;
    return true;
}

/* What the power's going has left undecided: whether the last confirmation was recorded. */
static void look(uint64_t *healthy)
{
    struct slots slots;
    device.cut_at = -1;
    wake(&slots);
    if (slots.record.floor > *healthy) *healthy = slots.record.floor;
}

static void kill_at_each_point(void)
{
    uint64_t step = 2, healthy = 1;
    begin();
    assert_true(live(&step, &healthy));
    assert_int_equal(healthy, 4);
    long points = device.point;
    assert_true(points > 500);
    for (long at = 0; at < points; at++) {
        begin();
        step = 2;
        healthy = 1;
        device.cut_at = at;
        assert_false(live(&step, &healthy));
        uint64_t before = healthy;
        look(&healthy);
        assert_true(healthy == before || healthy == before + 1 || (before == 2 && healthy == 4));
        /* It starts, at once and as often as one likes. */
        for (int i = 0; i < 2; i++) assert_true(start_once(&healthy));
        assert_true(live(&step, &healthy));
        assert_int_equal(healthy, 4);
    }
    print_message("the power went at %ld points\n", points);
}

static void killed_at_each_point(void **state)
{
    (void)state;
    by_deltas = false;
    kill_at_each_point();
    assert_int_equal(applied, 0);
}

static void killed_at_each_point_of_deltas(void **state)
{
    (void)state;
    by_deltas = true;
    whole = 0;
    kill_at_each_point();
    print_message("%lu images were made by deltas, %lu came whole\n", applied, whole);
    assert_true(applied > 500);
    assert_int_equal(whole, 0); /* what runs is never torn: a delta leads from it */
    by_deltas = false;
}

/* A newer image is written over one that waits to be tried. What tore is nobody's failure: nothing
 * is refused for it, and the newer one can be taken again. */
static void killed_while_one_waits(void **state)
{
    (void)state;
    long points = 0;
    for (long at = 0; at == 0 || at < points; at++) {
        struct slots slots;
        struct image image;
        enum slot slot;
        begin();
        wake(&slots);
        assert_ok(slots_install(&slots, BYTES_OF(images[2])));
        device.point = 0;
        if (at == 0) assert_ok(slots_install(&slots, BYTES_OF(images[4])));
        if (at == 0) points = device.point;
        begin();
        wake(&slots);
        assert_ok(slots_install(&slots, BYTES_OF(images[2])));
        device.point = 0;
        device.cut_at = at;
        assert_err(slots_install(&slots, BYTES_OF(images[4])), CRASHED);
        device.cut_at = -1;
        wake(&slots);
        assert_ok(slots_start(&slots, &slot, &image));
        assert_true(image.version == 1 || image.version == (at == 0 ? 2 : 4));
        assert_int_equal(slots.record.refused, 0);
        err again = slots_install(&slots, BYTES_OF(images[4]));
        /* Before the first record it is the old one that is being tried. */
        assert_true(!FAILED(again) || again.code == ERR_BUSY);
    }
    assert_true(points > SOFTWARE / PIECE);
}

int main(void)
{
    assert_ok(document_key_generate(DOCUMENT_ED25519, &key));
    for (uint64_t version = 1; version < VERSIONS; version++) {
        static uint8_t software[SOFTWARE];
        struct writer w = writer_over(images[version], IMAGE);
        for (size_t i = 0; i < SOFTWARE; i++) software[i] = (uint8_t)(i * 31 + version * 7);
        assert_ok(image_write(version, "T1", BYTES_OF(software), &key, &w));
    }
    for (uint64_t from = 1; from < VERSIONS; from++)
        for (uint64_t to = from + 1; to < VERSIONS; to++) {
            struct writer w = writer_over(deltas[from][to].at, sizeof deltas[from][to].at);
            assert_ok(delta_write(BYTES_OF(images[from]), BYTES_OF(images[to]), &w));
            deltas[from][to].len = w.len;
        }
    const struct CMUnitTest tests[] = {cmocka_unit_test(killed_at_each_point),
                                       cmocka_unit_test(killed_at_each_point_of_deltas),
                                       cmocka_unit_test(killed_while_one_waits)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    document_key_free(&key);
    return failed;
}
