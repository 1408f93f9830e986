/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S164: the bytes of a device's backup, which come from a stick or over a line: every bundle is cut
 * as it was written; cut short anywhere, or with any bit turned, it is refused or reads as
 * something that writes back to the same bytes; nothing is read past its end.
 */
#include <stdlib.h>

#include "lib/wire/backup_bundle.h"
#include "lib/wire/backup_source.h"
#include "tests/unit/scratch.h"

enum { BUNDLE_MAX = 8192 };

static uint8_t bundle[BUNDLE_MAX];
static size_t bundle_len, head_len;

static int make(void **state)
{
    static const uint8_t public_key[BACKUP_PUBLIC_BYTES] = {1}, sealed[700] = {2};
    struct writer w = writer_over(bundle, sizeof bundle);
    const struct backup_head head = {
        .number = 12,
        .made_ms = 1903321800000,
        .serial = BYTES("TB1-2030-000017"),
        .model = BYTES("TB-1"),
        .tid = BYTES("10000017"),
        .mid = BYTES("898310153110001"),
        .program = BYTES("0.1.0"),
        .sections = 2,
        .section = {{BACKUP_PEOPLE, 0, 3}, {BACKUP_PAYMENT, 38, 12}},
        .wraps = 1,
        .wrap = {{BACKUP_FOR_OWNER, BYTES("12345678"), BYTES("a key that is wrapped")}},
        .sender = BYTES_OF(public_key),
        .stream = bytes_of(public_key, BACKUP_STREAM_BYTES),
        .certificate = BYTES("-----BEGIN CERTIFICATE-----")};
    (void)state;
    backup_write_head(&w, &head);
    head_len = w.len;
    for (uint32_t i = 0; i < 3; i++) backup_write_piece(&w, i, BYTES_OF(sealed));
    backup_write_tail(&w, BYTES("signed by that device"));
    assert_int_equal(w.fault, ERR_OK);
    bundle_len = w.len;
    return 0;
}

/* In memory of exactly its length, so that a sanitizer sees a byte too many. */
static struct bytes exact(const uint8_t *at, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    if (len > 0) memcpy(copy, at, len);
    return bytes_of(copy, len);
}

/* Parts up to the first that is none; how many. */
static size_t cut_all(struct bytes input, err *ret_why)
{
    size_t parts = 0;
    *ret_why = OK;
    while (input.len > 0) {
        struct backup_part part;
        *ret_why = backup_cut(input, &part);
        if (FAILED(*ret_why)) break;
        assert_true(part.whole.at == input.at && part.whole.len > 0);
        assert_true(part.whole.len <= input.len && part.whole.len <= BACKUP_PART_MAX);
        input = bytes_of(input.at + part.whole.len, input.len - part.whole.len);
        parts++;
    }
    return parts;
}

static void cut_as_it_was_written(void **state)
{
    (void)state;
    err why;
    struct backup_part part;
    struct backup_head head;
    assert_int_equal(cut_all(bytes_of(bundle, bundle_len), &why), 5);
    assert_ok(why);
    assert_ok(backup_cut(bytes_of(bundle, bundle_len), &part));
    assert_true(part.kind == BACKUP_HEAD_PART && part.whole.len == head_len);
    assert_ok(backup_read_head(part.whole, &head));
    assert_int_equal(head.number, 12);
    assert_true(bytes_equal(head.serial, BYTES("TB1-2030-000017")));
    assert_int_equal(head.section[1].rows, 12);
}

static void cut_short_anywhere(void **state)
{
    (void)state;
    for (size_t len = 0; len < bundle_len; len++) {
        struct bytes some = exact(bundle, len);
        err why;
        size_t parts = cut_all(some, &why);
        assert_true(parts < 5);
        if (FAILED(why)) assert_int_equal(why.code, ERR_SHORT);
        free((void *)some.at);
    }
}

/* Refused, or what it says is what is written: a value has one form. */
static void look(struct bytes whole)
{
    static uint8_t block[BACKUP_HEAD_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct backup_head head;
    struct backup_part part;
    if (FAILED(backup_cut(whole, &part)) || part.kind != BACKUP_HEAD_PART) return;
    if (FAILED(backup_read_head(part.whole, &head))) return;
    backup_write_head(&w, &head);
    assert_int_equal(w.fault, ERR_OK);
    assert_true(bytes_equal(writer_view(&w), part.whole));
}

static void every_bit_of_the_head(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 8 * head_len; bit++) {
        struct bytes turned = exact(bundle, bundle_len);
        ((uint8_t *)turned.at)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        look(turned);
        err why;
        (void)cut_all(turned, &why);
        free((void *)turned.at);
    }
}

struct memory {
    struct bytes of;
};

static err read_memory(void *context, uint64_t offset, void *block, size_t max, size_t *ret_len)
{
    const struct memory *m = context;
    size_t left = offset < m->of.len ? m->of.len - (size_t)offset : 0;
    *ret_len = left < max ? left : max;
    if (*ret_len > 0) memcpy(block, m->of.at + offset, *ret_len);
    return OK;
}

/* As the back office looks at what a device has sent. */
static void outlined_or_refused(void **state)
{
    (void)state;
    static struct backup_outline outline;
    struct memory memory = {bytes_of(bundle, bundle_len)};
    const struct backup_source source = {read_memory, &memory};
    assert_ok(backup_source_outline(&source, &outline));
    for (size_t len = 0; len < bundle_len; len += 7) {
        memory.of = exact(bundle, len);
        assert_true(FAILED(backup_source_outline(&source, &outline)));
        free((void *)memory.of.at);
    }
    /* More behind its tail, a piece twice, pieces in another order. */
    memory.of = bytes_of(bundle, bundle_len + 1);
    assert_true(FAILED(backup_source_outline(&source, &outline)));
    for (size_t bit = 0; bit < 8 * head_len; bit += 3) {
        struct bytes turned = exact(bundle, bundle_len);
        ((uint8_t *)turned.at)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        memory.of = turned;
        (void)!FAILED(backup_source_outline(&source, &outline));
        free((void *)turned.at);
    }
}

/* A linear congruence: the same each time. */
static void whatever_comes(void **state)
{
    (void)state;
    uint32_t seed = 17;
    for (int round = 0; round < 20000; round++) {
        uint8_t noise[300];
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
        size_t len = noise[0];
        memcpy(noise, bundle, (size_t)(round % 64)); /* as much of a right beginning */
        struct bytes some = exact(noise, len);
        err why;
        (void)cut_all(some, &why);
        look(some);
        free((void *)some.at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_as_it_was_written), cmocka_unit_test(cut_short_anywhere),
        cmocka_unit_test(every_bit_of_the_head), cmocka_unit_test(outlined_or_refused),
        cmocka_unit_test(whatever_comes),
    };
    return cmocka_run_group_tests_name("wire_backup_bundle", tests, make, NULL);
}
