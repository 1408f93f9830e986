/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao bench codec`: how long it takes to decode, and to set and encode, one sale.
 *
 * The message is the one by which codecs are compared in this field: a 0200 of 20 fields with a
 * 19-digit card number and 138 bytes of chip data, 273 bytes in packed decimal. Decoding includes
 * the wiping of the arena, because nobody may leave it out; encoding includes setting every field.
 * The figure is the median of several rounds, so that one visit of another process does not count.
 *
 * The chip data is walked alone, too: that is what a kernel does with every answer of a card.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "lib/base/clock.h"
#include "lib/base/tlv.h"
#include "lib/iso8583/dialect.h"

/* A round is shorter than a time slice, so most rounds run undisturbed even on a busy machine. */
enum { ROUNDS = 401, MESSAGES = 2000, WIRE_SIZE = 273, CHIP_OBJECTS = 20 };

/* Twenty EMV tags with values that mean nothing; no card number stands among them. */
static const uint8_t chip_data[138] = {
    0x9F, 0x26, 8,    1,    2,    3,    4,    5,    6,    7,    8,    0x9F, 0x27, 1,    0x80, 0x9F,
    0x10, 19,   7,    1,    1,    3,    0xA0, 0,    0,    1,    10,   1,    0,    0,    0,    0,
    0,    1,    2,    3,    4,    0x9F, 0x37, 4,    1,    2,    3,    4,    0x9F, 0x36, 2,    0,
    1,    0x95, 5,    0,    0,    0,    0x80, 0,    0x9A, 3,    0x26, 0x11, 0x22, 0x9C, 1,    0,
    0x9F, 2,    6,    0,    0,    0,    1,    0x23, 0x45, 0x5F, 0x2A, 2,    1,    0x56, 0x82, 2,
    0x7C, 0,    0x9F, 0x1A, 2,    1,    0x56, 0x9F, 3,    6,    0,    0,    0,    0,    0,    0,
    0x9F, 0x33, 3,    0xE0, 0xF9, 0xC8, 0x9F, 0x34, 3,    2,    3,    0,    0x9F, 0x35, 1,    0x22,
    0x84, 8,    0xA0, 0,    0,    3,    0x33, 1,    1,    2,    0x9F, 9,    2,    0,    0x20, 0x9F,
    0x41, 3,    0,    0,    1,    0x5F, 0x34, 1,    1,    0};

static void set_sale(struct iso8583_message *m)
{
    iso8583_start(m, 0x0200);
    iso8583_set(m, 2, BYTES("6222020000000000017"));
    iso8583_set(m, 3, BYTES("000000"));
    iso8583_set(m, 4, BYTES("000000012345"));
    iso8583_set(m, 7, BYTES("1122093120"));
    iso8583_set(m, 11, BYTES("000042"));
    iso8583_set(m, 12, BYTES("093120"));
    iso8583_set(m, 13, BYTES("1122"));
    iso8583_set(m, 14, BYTES("3012"));
    iso8583_set(m, 22, BYTES("051"));
    iso8583_set(m, 23, BYTES("001"));
    iso8583_set(m, 25, BYTES("00"));
    iso8583_set(m, 35, BYTES("6222020000000000017=30122201000000000"));
    iso8583_set(m, 37, BYTES("000002093120"));
    iso8583_set(m, 41, BYTES("10000001"));
    iso8583_set(m, 42, BYTES("898310058120001"));
    iso8583_set(m, 49, BYTES("156"));
    iso8583_set(m, 52, BYTES("\x94\x47\x4F\xD2\x0F\x3E\xAC\xB0"));
    iso8583_set(m, 55, BYTES_OF(chip_data));
    iso8583_set(m, 60, BYTES("22000001000600"));
    iso8583_set(m, 64, BYTES("8CE6EFDF"));
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t median_ns(int64_t *round_us)
{
    qsort(round_us, ROUNDS, sizeof *round_us, by_size);
    return round_us[ROUNDS / 2] * 1000 / MESSAGES;
}

static int64_t measure_encode(const struct clock *clock, uint8_t *wire)
{
    int64_t round_us[ROUNDS];
    for (size_t round = 0; round < ROUNDS; round++) {
        int64_t start_us = clock_monotonic_us(clock);
        for (size_t i = 0; i < MESSAGES; i++) {
            struct iso8583_message m;
            struct iso8583_fault fault;
            struct writer w = writer_over(wire, ISO8583_FRAME_MAX);
            set_sale(&m);
            err e = iso8583_encode(&iso8583_dialect_cup, &m, &w, &fault);
            ENSURE(!FAILED(e) && w.len == WIRE_SIZE);
        }
        round_us[round] = clock_monotonic_us(clock) - start_us;
    }
    return median_ns(round_us);
}

static int64_t measure_decode(const struct clock *clock, const uint8_t *wire)
{
    uint8_t block[ISO8583_ARENA_MAX];
    int64_t round_us[ROUNDS];
    struct arena arena = arena_over(block, sizeof block);
    for (size_t round = 0; round < ROUNDS; round++) {
        int64_t start_us = clock_monotonic_us(clock);
        for (size_t i = 0; i < MESSAGES; i++) {
            struct iso8583_message m;
            struct iso8583_fault fault;
            err e =
                iso8583_decode(&iso8583_dialect_cup, bytes_of(wire, WIRE_SIZE), &arena, &m, &fault);
            ENSURE(!FAILED(e) && m.field[2].len == 19);
            arena_reset(&arena);
        }
        round_us[round] = clock_monotonic_us(clock) - start_us;
    }
    return median_ns(round_us);
}

static int64_t measure_walk(const struct clock *clock)
{
    int64_t round_us[ROUNDS];
    for (size_t round = 0; round < ROUNDS; round++) {
        int64_t start_us = clock_monotonic_us(clock);
        for (size_t i = 0; i < MESSAGES; i++) {
            struct tlv_walk walk = tlv_walk_over(BYTES_OF(chip_data));
            struct tlv object;
            size_t objects = 0, bytes = 0;
            while (tlv_next(&walk, &object)) {
                objects++;
                bytes += object.value.len;
            }
            ENSURE(!FAILED(tlv_finish(&walk)) && objects == CHIP_OBJECTS && bytes > 0);
        }
        round_us[round] = clock_monotonic_us(clock) - start_us;
    }
    return median_ns(round_us);
}

int bench_codec_main(int argc, char **argv)
{
    bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (argc > 1 && !json && !help) {
        fprintf(stderr, "tongbao bench codec: unknown argument '%s'; it takes --json only\n",
                argv[1]);
        return 2;
    }
    if (help) {
        printf("usage: tongbao bench codec [--json]\n"
               "Decodes and encodes a 0200 of 20 fields (273 bytes) and prints nanoseconds.\n");
        return 0;
    }
    struct clock clock = clock_system();
    uint8_t wire[ISO8583_FRAME_MAX];
    int64_t encode_ns = measure_encode(&clock, wire);
    int64_t decode_ns = measure_decode(&clock, wire);
    int64_t walk_ns = measure_walk(&clock);
    if (json)
        printf("{\"decode_ns\":%lld,\"encode_ns\":%lld,\"tlv_walk_ns\":%lld}\n",
               (long long)decode_ns, (long long)encode_ns, (long long)walk_ns);
    else
        printf("a 0200 of 20 fields, %d bytes packed, median of %d rounds of %d messages:\n"
               "decode  %lld ns (digits, lengths, pads and end checked, arena wiped)\n"
               "encode  %lld ns (every field set and packed)\n"
               "walk    %lld ns (BER-TLV of field 55, %zu bytes, %d objects)\n",
               WIRE_SIZE, ROUNDS, MESSAGES, (long long)decode_ns, (long long)encode_ns,
               (long long)walk_ns, sizeof chip_data, CHIP_OBJECTS);
    return 0;
}
