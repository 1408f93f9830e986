/* SPDX-License-Identifier: Apache-2.0 */
/* Records of passwords (S27): salted, peppered, bound to their owner; damaged ones are refused. */
#include "lib/auth/normalise.h"
#include "lib/auth/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const uint8_t pepper_a[PASSWORD_PEPPER_BYTES] = {1, 2, 3};
static const uint8_t pepper_b[PASSWORD_PEPPER_BYTES] = {1, 2, 4};
static struct random_seeded source;
static struct random source_random;

static int set_up(void **state)
{
    (void)state;
    random_seed(&source, 7);
    source_random = random_from_seed(&source);
    return 0;
}

static struct password_owner owner_of(const uint8_t pepper[PASSWORD_PEPPER_BYTES],
                                      struct bytes context)
{
    return (struct password_owner){bytes_of(pepper, PASSWORD_PEPPER_BYTES), context};
}

static bool verifies(struct password_owner owner, struct bytes password, const char *record)
{
    bool right = false;
    assert_int_equal(password_verify(owner, password, bytes_text(record), &right).code, ERR_OK);
    return right;
}

static void make(struct password_owner owner, struct bytes password, char *record)
{
    assert_int_equal(
        password_hash(password_cost_quick(), &source_random, owner, password, record).code, ERR_OK);
}

/* S27: only the same password, pepper and owner verify; two records of one password differ. */
static void test_only_the_same_verifies(void **state)
{
    (void)state;
    struct password_owner own = owner_of(pepper_a, BYTES("operator 01"));
    char record[PASSWORD_RECORD_MAX], again[PASSWORD_RECORD_MAX];
    make(own, BYTES("739516"), record);
    make(own, BYTES("739516"), again);
    assert_string_not_equal(record, again);
    assert_true(verifies(own, BYTES("739516"), record));
    assert_true(verifies(own, BYTES("739516"), again));
    assert_false(verifies(own, BYTES("739517"), record));
    assert_false(verifies(own, BYTES("73951"), record));
    assert_false(verifies(own, BYTES("7395160"), record));
    assert_false(verifies(own, BYTES(""), record));
    assert_false(verifies(owner_of(pepper_b, BYTES("operator 01")), BYTES("739516"), record));
    assert_false(verifies(owner_of(pepper_a, BYTES("operator 02")), BYTES("739516"), record));
    /* The border between owner and password is part of what is hashed. */
    assert_false(verifies(owner_of(pepper_a, BYTES("operator 0")), BYTES("1739516"), record));
    assert_null(strstr(record, "739516"));
}

/* Nothing is cut: passwords that differ in their last byte only, or behind a NUL, differ. */
static void test_nothing_is_cut(void **state)
{
    (void)state;
    struct password_owner own = owner_of(pepper_a, BYTES("x"));
    static uint8_t password[PASSWORD_MAX + 1], other[PASSWORD_MAX];
    char record[PASSWORD_RECORD_MAX];
    memset(password, 'a', sizeof password);
    memset(other, 'a', sizeof other);
    other[PASSWORD_MAX - 1] = 'b';
    make(own, bytes_of(password, PASSWORD_MAX), record);
    assert_true(verifies(own, bytes_of(password, PASSWORD_MAX), record));
    assert_false(verifies(own, BYTES_OF(other), record));
    password[10] = other[10] = 0;
    make(own, bytes_of(password, 20), record);
    assert_false(verifies(own, bytes_of(password, 10), record));

    char unmoved[PASSWORD_RECORD_MAX] = "unmoved";
    assert_int_equal(
        password_hash(password_cost_quick(), &source_random, own, BYTES_OF(password), unmoved).code,
        ERR_LENGTH);
    assert_int_equal(
        password_hash(password_cost_quick(), &source_random, own, BYTES(""), unmoved).code,
        ERR_LENGTH);
    assert_int_equal(
        password_hash((struct password_cost){7, 1}, &source_random, own, BYTES("1234"), unmoved)
            .code,
        ERR_RANGE);
    assert_string_equal(unmoved, "unmoved");
}

/* A character of `size` bytes whose last byte says which one; none of them changes in NFKC. */
static void put_character(uint8_t *at, size_t size, uint32_t which)
{
    static const uint32_t first[] = {0, 'A', 0x400, 0x4E00, 0x1F600};
    uint32_t point = first[size] + which % 16;
    if (size == 1) at[0] = (uint8_t)point;
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size; size > 1 && i-- > 0; point >>= 6)
        at[i] = i == 0 ? (uint8_t)(lead[size] | point) : (uint8_t)(0x80 | (point & 0x3F));
}

/* Two texts that both are passwords and differ in the byte at `offset` and nowhere else. */
static size_t a_pair(size_t offset, uint8_t a[PASSWORD_MAX], uint8_t b[PASSWORD_MAX])
{
    size_t count = offset < 128 ? offset + 1 : 128, len = 0, differs = PASSWORD_MAX;
    size_t wide = offset + 1 - count; /* bytes to spend beyond one for each character */
    for (size_t i = 0; i < count; i++) {
        size_t more = wide < 3 ? wide : 3;
        put_character(a + len, 1 + more, (uint32_t)random_below(&source_random, 16));
        wide -= more;
        len += 1 + more;
        if (len == offset + 1) differs = offset;
    }
    assert_int_equal(differs, offset);
    memcpy(b, a, len);
    b[differs] ^= 1;
    if (random_below(&source_random, 2) == 1 && offset < 127) a[len] = b[len] = 'z', len++;
    return len;
}

/*
 * CR-05: of 10,000 pairs that differ at byte 72, 128 or 511 only, neither opens the record of the
 * other. Argon2id takes the digest of the whole, so the cheapest cost shows it.
 */
static void test_pairs_that_differ_in_one_byte(void **state)
{
    (void)state;
    static const size_t offsets[] = {72, 128, 511, 71, 127};
    struct password_owner own = owner_of(pepper_a, BYTES("x"));
    for (size_t i = 0; i < 10000; i++) {
        uint8_t a[PASSWORD_MAX], b[PASSWORD_MAX];
        char record[PASSWORD_RECORD_MAX];
        struct password_text one, two;
        size_t len = a_pair(offsets[i % ARRAY_LEN(offsets)], a, b);
        assert_int_equal(password_normalise(bytes_of(a, len), &one), POLICY_OK);
        assert_int_equal(password_normalise(bytes_of(b, len), &two), POLICY_OK);
        assert_int_equal(one.len, len);
        make(own, password_text_view(&one), record);
        if (verifies(own, password_text_view(&two), record)) fail_msg("pair %zu", i);
        if (i % 100 == 0) assert_true(verifies(own, password_text_view(&one), record));
    }
}

/* A damaged record is CORRUPT, whatever is damaged; it is never slow, and never right. */
static void test_damaged_records(void **state)
{
    (void)state;
    struct password_owner own = owner_of(pepper_a, BYTES("x"));
    char record[PASSWORD_RECORD_MAX], damaged[PASSWORD_RECORD_MAX + 1];
    make(own, BYTES("739516"), record);
    size_t len = strlen(record);
    for (size_t cut = 0; cut < len; cut++) {
        bool right = false;
        assert_int_equal(password_verify(own, BYTES("739516"), bytes_of(record, cut), &right).code,
                         ERR_CORRUPT);
    }
    for (size_t i = 0; i < len; i++) {
        bool right = false;
        memcpy(damaged, record, len + 1);
        damaged[i] = damaged[i] == '!' ? '?' : '!';
        assert_true(FAILED(password_verify(own, BYTES("739516"), bytes_text(damaged), &right)));
        assert_false(right);
    }
    static const char *const refused[] = {
        "$argon2id$v=19$m=4294967,t=1,p=1,keyid=1$",
        "$argon2id$v=19$m=8,t=17,p=1,keyid=1$",
        "$argon2id$v=19$m=8,t=0,p=1,keyid=1$",
        "$argon2id$v=19$m=08,t=1,p=1,keyid=1$",
        "$argon2id$v=19$m=99999999999,t=1,p=1,keyid=1$",
        "$argon2id$v=19$m=,t=1,p=1,keyid=1$",
        "$argon2i$v=19$m=8,t=1,p=1,keyid=1$",
    };
    const char *tail = strstr(record, "keyid=1$") + 8;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        bool right = false;
        char text[256];
        snprintf(text, sizeof text, "%s%s", refused[i], tail);
        assert_int_equal(password_verify(own, BYTES("739516"), bytes_text(text), &right).code,
                         ERR_CORRUPT);
    }
    char text[256];
    bool right = false;
    snprintf(text, sizeof text, "$argon2id$v=19$m=8,t=1,p=1,keyid=2$%s", tail);
    assert_int_equal(password_verify(own, BYTES("739516"), bytes_text(text), &right).code, ERR_KEY);
}

/* CR-08: what a program stores has the full cost, and cheaper records are found. */
static void test_cost(void **state)
{
    (void)state;
    struct password_owner own = owner_of(pepper_a, BYTES("x"));
    char record[PASSWORD_RECORD_MAX], quick[PASSWORD_RECORD_MAX];
    assert_int_equal(
        password_hash(password_cost_full(), &source_random, own, BYTES("739516"), record).code,
        ERR_OK);
    assert_non_null(strstr(record, "$m=19456,t=2,p=1,"));
    assert_true(verifies(own, BYTES("739516"), record));
    make(own, BYTES("739516"), quick);
    assert_true(password_outdated(bytes_text(quick), password_cost_full()));
    assert_false(password_outdated(bytes_text(record), password_cost_full()));
    assert_false(password_outdated(bytes_text(record), password_cost_quick()));
}

static void test_known_answer(void **state)
{
    (void)state;
    assert_int_equal(password_self_test().code, ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_same_verifies),
        cmocka_unit_test(test_nothing_is_cut),
        cmocka_unit_test(test_damaged_records),
        cmocka_unit_test(test_cost),
        cmocka_unit_test(test_known_answer),
        cmocka_unit_test(test_pairs_that_differ_in_one_byte),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
