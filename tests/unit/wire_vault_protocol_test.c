/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of vault and hsm as bytes: each message against bytes that were written by hand from
 * the table in its header, both ways; every shorter and longer one is refused and touches nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/base/hex.h"
#include "lib/wire/hsm_protocol.h"
#include "lib/wire/vault_protocol_chip.h"

#define assert_ok(call) assert_string_equal(err_name(call), "OK")

enum { MESSAGE_MAX = 512 };

struct message {
    uint8_t at[MESSAGE_MAX];
    size_t len;
};

static struct message from_hex(const char *hex)
{
    struct message m = {.len = 0};
    assert_ok(hex_decode(bytes_text(hex), m.at, sizeof m.at, &m.len));
    return m;
}

/*
 * `value` is written as `hex`; `hex` reads as something that is written as `hex` again; and what is
 * cut or goes on is refused with the output as it was.
 */
#define CHECK(hex, write, read, type, ...)                          \
    do {                                                            \
        const struct type value = __VA_ARGS__;                      \
        struct type got, untouched;                                 \
        struct message want = from_hex(hex);                        \
        uint8_t block[MESSAGE_MAX];                                 \
        struct writer w = writer_over(block, sizeof block);         \
        write(&w, &value);                                          \
        assert_int_equal(w.len, want.len);                          \
        assert_memory_equal(block, want.at, want.len);              \
        struct reader r = reader_over(bytes_of(want.at, want.len)); \
        assert_ok(read(&r, &got));                                  \
        w = writer_over(block, sizeof block);                       \
        write(&w, &got);                                            \
        assert_int_equal(w.len, want.len);                          \
        assert_memory_equal(block, want.at, want.len);              \
        memset(&got, 0x5a, sizeof got);                             \
        memset(&untouched, 0x5a, sizeof untouched);                 \
        for (size_t len = 0; len <= want.len + 1; len++) {          \
            if (len == want.len) continue;                          \
            r = reader_over(bytes_of(want.at, len));                \
            assert_true(FAILED(read(&r, &got)));                    \
            assert_memory_equal(&got, &untouched, sizeof got);      \
        }                                                           \
    } while (0)

#define VAULT(hex, name, ...) \
    CHECK(hex, vault_write_##name, vault_read_##name, vault_##name, __VA_ARGS__)
#define HSM(hex, name, ...) CHECK(hex, hsm_write_##name, hsm_read_##name, hsm_##name, __VA_ARGS__)

static void test_entries(void **state)
{
    (void)state;
    VAULT("03016302", entry_begin, {VAULT_ENTRY_NEW, 1, 99, VAULT_ENGLISH});
    VAULT("0610010003aabbcc", entry_layout, {6, 16, VAULT_KEYS_TEXT, BYTES("\xaa\xbb\xcc")});
    VAULT("03070000", entry_answer, {VAULT_ENTRY_SHORT, 7, {0}});
    VAULT("04070002abcd", entry_answer, {VAULT_ENTRY_TOO_LONG, 7, BYTES("\xab\xcd")});
}

static void test_log_in_and_password(void **state)
{
    (void)state;
    VAULT("0102030000000400000000000000050000000000000006" /* as it was, then: */
          "0202fff9010003616263",
          login_answer,
          {.verdict = 1,
           .role = 2,
           .tries_left = 3,
           .wait_s = 4,
           .last_login_ms = 5,
           .first_login_ms = 6,
           .reason = VAULT_CHANGE_EXPIRED,
           .review = VAULT_REVIEW_DUE,
           .review_days = -7,
           .duress = 1,
           .approval = BYTES("abc")});
    VAULT("0d000020000006e697a5e69c9f", password_answer, {13, 1u << 13, BYTES("日期")});
    struct vault_person who;
    uint8_t block[4];
    struct writer w = writer_over(block, sizeof block);
    vault_write_person(&w, (struct vault_person){99, VAULT_CHINESE});
    assert_int_equal(w.len, 2);
    assert_memory_equal(block, "\x63\x01", 2);
    struct reader r = reader_over(writer_view(&w));
    assert_ok(vault_read_person(&r, &who));
    assert_int_equal(who.operator_id, 99);
    assert_int_equal(who.language, VAULT_CHINESE);
}

static void test_people(void **state)
{
    (void)state;
    VAULT("630101", duress, {{99, VAULT_CHINESE}, VAULT_DURESS_REMOVE});
    VAULT("010701", operator_set, {VAULT_OPERATOR_ADD, 7, VAULT_ROLE_CASHIER});
    VAULT("040002beef", operator_set_answer, {VAULT_OPERATOR_FULL, BYTES("\xbe\xef")});
    VAULT("00020006726566756e64", approve, {0, VAULT_APPROVE_REFUND, BYTES("refund")});
}

static void test_operators(void **state)
{
    (void)state;
    const struct vault_operator list[] = {
        {.id = 0, .role = VAULT_ROLE_SUPERVISOR, .has_password = 2, .last_login_ms = 258},
        {.id = 7, .role = VAULT_ROLE_CASHIER, .has_password = 1, .locked = 1, .suspended = 1},
    };
    struct message want = from_hex("02"
                                   "00020200000000000000000102"
                                   "07010101010000000000000000");
    uint8_t block[64];
    struct writer w = writer_over(block, sizeof block);
    vault_write_operators(&w, list, ARRAY_LEN(list));
    assert_int_equal(w.len, want.len);
    assert_memory_equal(block, want.at, want.len);
    struct vault_operator got[2];
    size_t count = 0;
    struct reader r = reader_over(writer_view(&w));
    assert_ok(vault_read_operators(&r, got, ARRAY_LEN(got), &count));
    assert_int_equal(count, 2);
    assert_int_equal(got[0].last_login_ms, 258);
    assert_int_equal(got[1].id + got[1].locked + got[1].suspended, 9);
    r = reader_over(writer_view(&w));
    assert_true(FAILED(vault_read_operators(&r, got, 1, &count))); /* no room */
}

static void test_policies(void **state)
{
    (void)state;
    VAULT("0300000009", policy_loaded, {VAULT_POLICY_OLDER, 9});
    VAULT("0201", policy_ask, {VAULT_ROLE_SUPERVISOR, VAULT_CHINESE});
    VAULT("00000009010206200117012c0004610a620a", policy_shown,
          {.version = 9,
           .profile = 1,
           .rules = 2,
           .min = 6,
           .max = 32,
           .keyboard = VAULT_KEYS_TEXT,
           .ways = 0x17,
           .lock_s = 300,
           .lines = BYTES("a\nb\n")});
}

static void test_recovery(void **state)
{
    (void)state;
    VAULT("0704", recovery_ask, {7, VAULT_BY_OFFLINE});
    VAULT("00000312345600000384", recovery_begun,
          {VAULT_RECOVERY_BEGUN, BYTES("\x12\x34\x56"), 900});
    VAULT("0700020102", recovery_proof, {7, BYTES("\x01\x02")});
    VAULT("0104", recovery_ended, {VAULT_PROOF_WRONG, 4});
}

static void test_phones(void **state)
{
    (void)state;
    VAULT("0001a00001b00001c001", pair_finish, {BYTES("\xa0"), BYTES("\xb0"), BYTES("\xc0"), 1});
    VAULT("000006313233343536", pair_answer, {VAULT_PAIR_OK, BYTES("123456")});
    VAULT("030002aabb", approval, {3, BYTES("\xaa\xbb")});

    const struct vault_pair list[] = {{1, BYTES("A"), 2}, {4, BYTES(""), 256}};
    struct message want = from_hex("02"
                                   "01"
                                   "000141"
                                   "0000000000000002"
                                   "04"
                                   "0000"
                                   "0000000000000100");
    uint8_t block[64];
    struct writer w = writer_over(block, sizeof block);
    vault_write_pairs(&w, list, ARRAY_LEN(list));
    assert_int_equal(w.len, want.len);
    assert_memory_equal(block, want.at, want.len);
    struct vault_pair got[2];
    size_t count = 0;
    struct reader r = reader_over(writer_view(&w));
    assert_ok(vault_read_pairs(&r, got, ARRAY_LEN(got), &count));
    assert_int_equal(count, 2);
    assert_int_equal(got[1].added_ms, 256);
    assert_true(bytes_equal(got[0].label, BYTES("A")));
}

static void test_anchors(void **state)
{
    (void)state;
    VAULT("01020304050607080002aabb", anchor_ask, {0x0102030405060708, BYTES("\xaa\xbb")});
    VAULT("00000000000000090002aabb02", anchor, {9, BYTES("\xaa\xbb"), VAULT_ANCHOR_ROLLBACK});
}

static void test_reissue(void **state)
{
    (void)state;
    VAULT("630002aabb0001cc", reissue, {99, BYTES("\xaa\xbb"), BYTES("\xcc")});
    assert_int_equal(VAULT_REISSUE, 42);
}

/* What a terminal needs of STATUS came later: at its end. */
static void test_status(void **state)
{
    (void)state;
    const struct vault_status_answer said = {.provisioned = 1,
                                             .policy_version = 0x01020304,
                                             .rollback = 1,
                                             .parameters_number = 0x0a0b0c0d,
                                             .parameters_digest = BYTES("\xde\xad"),
                                             .suite = BYTES("sm4"),
                                             .offline_count = 3,
                                             .offline_each_minor = 0x0102,
                                             .offline_total_minor = 0x0304,
                                             .offline_days = 7};
    uint8_t block[128];
    struct writer w = writer_over(block, sizeof block);
    vault_write_status_answer(&w, &said);
    assert_int_equal(w.len, 4 + 9 * 2 + 16 + 5 + 4 + 2 + 2 + 2 + 3 + 21);
    assert_memory_equal(block + w.len - 21, "\0\0\0\3\0\0\0\0\0\0\1\2\0\0\0\0\0\0\3\4\7", 21);
    assert_memory_equal(block + w.len - 39,
                        "\x01\x02\x03\x04\x01\x0a\x0b\x0c\x0d\0\2\xde\xad\0\3sm4", 18);
}

/* S89: the host is told of when a card is awaited; what is held goes with its payment. */
static void test_offline(void **state)
{
    (void)state;
    VAULT("0000000000003200009c010702", card_arm, {12800, 156, VAULT_CHINESE, 7, VAULT_HOST_AWAY});
    VAULT("000831303030303031370000000c0000015900000000000032000002aabb", held,
          {{BYTES("10000017"), 12, 345, 12800}, BYTES("\xaa\xbb")});
    assert_int_equal(VAULT_CARD_HOLD, 36);
    assert_int_equal(VAULT_HELD_ENVELOPE, 37);
}

static void test_hsm(void **state)
{
    (void)state;
    HSM("070400014200083130303030303137000131", recovery,
        {7, 4, BYTES("B"), BYTES("10000017"), BYTES("1")});
    HSM("0002aabb0003313233", recovery_answer, {BYTES("\xaa\xbb"), BYTES("123")});
    HSM("00014200016300020102", pepper, {BYTES("B"), BYTES("c"), BYTES("\x01\x02")});
    HSM("010000000000000009000142000831303030303031370001aa", anchor,
        {HSM_ANCHOR_FROM_VAULT, 9, BYTES("B"), BYTES("10000017"), BYTES("\xaa")});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries),  cmocka_unit_test(test_log_in_and_password),
        cmocka_unit_test(test_people),   cmocka_unit_test(test_operators),
        cmocka_unit_test(test_policies), cmocka_unit_test(test_recovery),
        cmocka_unit_test(test_phones),   cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_status),   cmocka_unit_test(test_reissue),
        cmocka_unit_test(test_hsm),      cmocka_unit_test(test_offline),
    };
    return cmocka_run_group_tests_name("wire_vault_protocol", tests, NULL, NULL);
}
