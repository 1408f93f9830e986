/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the crypto tests share: hex in the source, vector files, a random source that says what it
 * is told. */

#include "lib/base/hex.h"
#include "lib/base/random.h"
#include "lib/crypto/key.h"
#include "tests/unit/vector_file.h"

#define assert_ok(call)           assert_string_equal(err_name(call), "OK")
#define assert_err(call, name)    assert_string_equal(err_name(call), #name)
#define assert_same(got, at, len) assert_memory_equal(got, at, len)

enum { HEX_MAX = 8192 };

/* Bytes of a hex text, in one of a few rotating buffers. Aborts the test on bad hex. */
static inline struct bytes hex(const char *text)
{
    static uint8_t block[8][HEX_MAX];
    static unsigned next;
    uint8_t *out = block[next++ % 8];
    size_t len;
    assert_ok(hex_decode(bytes_text(text), out, HEX_MAX, &len));
    return bytes_of(out, len);
}

static inline void assert_bytes(struct bytes got, struct bytes expected)
{
    assert_int_equal(got.len, expected.len);
    if (expected.len > 0) assert_memory_equal(got.at, expected.at, expected.len);
}

static inline struct key test_key(enum key_algorithm algorithm, enum key_usage usage,
                                  const char *text)
{
    struct key key = {0};
    assert_ok(key_make(algorithm, usage, hex(text), &key));
    return key;
}

/* A file of the shared vectors; vector_file_end() when done with it. */
static inline json_t *vectors(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "../shared/vectors/%s", name);
    return vector_file(path);
}

static inline const char *text_at(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    if (text == NULL) fail_msg("vector has no \"%s\"", member);
    return text;
}

static inline struct bytes hex_at(const json_t *object, const char *member)
{
    return hex(text_at(object, member));
}

/* Gives out a fixed text again and again. */
static inline void fixed_fill(void *context, void *out, size_t len)
{
    const struct bytes *fixed = (const struct bytes *)context;
    for (size_t i = 0; i < len; i++) ((uint8_t *)out)[i] = fixed->at[i % fixed->len];
}

static inline struct random random_fixed(const struct bytes *fixed)
{
    return (struct random){fixed_fill, (void *)fixed};
}
