/* SPDX-License-Identifier: Apache-2.0 */
/* SMS as bytes (S185): requests, their signature against a value made by another program, answers.
 */
#include "tests/unit/scratch.h"

#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/wire/sms.h"

#define ID "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

static void a_request_is_these_bytes(void **state)
{
    (void)state;
    uint8_t block[SMS_BODY_MAX];
    struct writer w = writer_over(block, sizeof block);
    const struct sms_message message = {"0f1e2d3c", "+8613800138000", BYTES("验证码 482913")};
    struct bytes body;
    assert_ok(sms_write(&w, &message));
    assert_ok(writer_finish(&w, &body));
    static const char expected[] =
        "{\"id\":\"0f1e2d3c\",\"to\":\"+8613800138000\",\"text\":\"验证码 482913\"}";
    assert_int_equal(body.len, sizeof expected - 1);
    assert_memory_equal(body.at, expected, body.len);

    /* Python: hmac.new(bytes(range(32)), b"1790000000." + body, hashlib.sha256) */
    struct sms_key key = {{0}, {0}};
    char signature[SMS_SIGNATURE_MAX + 1];
    for (unsigned i = 0; i < sizeof key.signing; i++) key.signing[i] = (uint8_t)i;
    assert_ok(sms_sign(&key, 1790000000, body, signature));
    assert_string_equal(signature, "v1,3B8RdeJmBj3B2Evemps0tdinGZqmaCOg3k8i7HKkbQs=");
    block[body.len - 3] ^= 1;
    assert_ok(sms_sign(&key, 1790000000, body, signature));
    assert_string_not_equal(signature, "v1,3B8RdeJmBj3B2Evemps0tdinGZqmaCOg3k8i7HKkbQs=");
}

static void what_is_no_message_is_refused(void **state)
{
    (void)state;
    static char megabyte[1 << 20];
    memset(megabyte, 'a', sizeof megabyte);
    const struct {
        struct sms_message message;
        const char *error;
    } rows[] = {
        {{ID, "13800138000", BYTES("a")}, "FORMAT"},
        {{ID, "+013800138000", BYTES("a")}, "FORMAT"},
        {{ID, "+1234567", BYTES("a")}, "FORMAT"},
        {{ID, "+1234567890123456", BYTES("a")}, "FORMAT"},
        {{ID, "+86138\r\n00138000", BYTES("a")}, "FORMAT"},
        {{ID, "+8613800138000", BYTES("")}, "FORMAT"},
        {{ID, "+8613800138000", BYTES("a\0b")}, "FORMAT"},
        {{ID, "+8613800138000", BYTES("a\rb")}, "FORMAT"},
        {{ID, "+8613800138000", BYTES("\xff")}, "FORMAT"},
        {{ID, "+8613800138000", BYTES_OF(megabyte)}, "LENGTH"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t block[SMS_BODY_MAX];
        struct writer w = writer_over(block, sizeof block);
        assert_string_equal(err_name(sms_write(&w, &rows[i].message)), rows[i].error);
        assert_int_equal(w.len, 0);
    }
    assert_true(sms_number_valid(BYTES("+12345678")));
    assert_true(sms_number_valid(BYTES("+123456789012345")));
}

static void an_answer_means_one_thing(void **state)
{
    (void)state;
    const struct {
        int status;
        const char *answer;
        enum outbound_outcome outcome;
        const char *reason;
        int64_t cost_fen;
    } rows[] = {
        {200, "{\"id\":\"" ID "\",\"status\":\"accepted\",\"cost\":5}", OUTBOUND_TAKEN, "OK", 5},
        {200, "{\"id\":\"" ID "\",\"status\":\"duplicate\",\"cost\":5}", OUTBOUND_TAKEN, "OK", 5},
        {200, "{\"id\":\"" ID "\",\"status\":\"refused\",\"cost\":0}", OUTBOUND_REFUSED, "DENIED",
         0},
        {200, "{\"id\":\"" ID "\",\"status\":\"later\",\"cost\":0}", OUTBOUND_LATER, "BUSY", 0},
        /* What is not understood says nothing about what was sent: the same id again finds out. */
        {200, "{\"id\":\"another\",\"status\":\"accepted\",\"cost\":5}", OUTBOUND_LATER, "FORMAT",
         0},
        {200, "{\"id\":\"" ID "\",\"status\":\"sent\",\"cost\":5}", OUTBOUND_LATER, "FORMAT", 0},
        {200, "{\"id\":\"" ID "\",\"status\":\"accepted\"}", OUTBOUND_LATER, "FORMAT", 0},
        {200, "{\"id\":\"" ID "\",\"status\":\"accepted\",\"cost\":-1}", OUTBOUND_LATER, "FORMAT",
         0},
        {200, "{\"id\":\"" ID "\",\"status\":\"accepted\",\"cost\":10001}", OUTBOUND_LATER,
         "FORMAT", 0},
        {200, "{\"id\":\"" ID "\",\"status\":\"accepted\",\"cost\":5,\"x\":1}", OUTBOUND_LATER,
         "FORMAT", 0},
        {200,
         "{\"id\":\"" ID "\",\"status\":\"accepted\",\"cost\":5}"
         "{\"id\":\"" ID "\",\"status\":\"accepted\",\"cost\":5}",
         OUTBOUND_LATER, "FORMAT", 0},
        {200, "", OUTBOUND_LATER, "FORMAT", 0},
        {200, "<html>", OUTBOUND_LATER, "FORMAT", 0},
        {200, "[]", OUTBOUND_LATER, "FORMAT", 0},
        /* An answer behind another status is not read. */
        {500, "{\"id\":\"" ID "\",\"status\":\"accepted\",\"cost\":5}", OUTBOUND_LATER, "IO", 0},
        {302, "", OUTBOUND_LATER, "CONFIG", 0},
        {404, "", OUTBOUND_LATER, "CONFIG", 0},
        {401, "", OUTBOUND_LATER, "DENIED", 0},
        {403, "", OUTBOUND_LATER, "DENIED", 0},
        {429, "", OUTBOUND_LATER, "BUSY", 0},
        {400, "", OUTBOUND_REFUSED, "FORMAT", 0},
        {413, "", OUTBOUND_REFUSED, "LENGTH", 0},
        {422, "", OUTBOUND_REFUSED, "FORMAT", 0},
        {0, "", OUTBOUND_LATER, "IO", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct outbound_result result;
        sms_judge(rows[i].status, bytes_text(rows[i].answer), ID, &result);
        assert_int_equal(result.outcome, rows[i].outcome);
        assert_string_equal(err_name(result.reason), rows[i].reason);
        assert_int_equal(result.cost_fen, rows[i].cost_fen);
        assert_int_equal(result.reply, rows[i].status);
    }
}

static void a_key_is_made_once_and_read_strictly(void **state)
{
    (void)state;
    struct scratch scratch;
    struct sms_key made, read;
    struct stat about;
    struct random random = random_system();
    scratch_make(&scratch);
    const char *path = scratch_path(&scratch, "sms.key");
    assert_err(sms_key_read(path, &read), NOT_FOUND);
    assert_ok(sms_key_make(&random, path, &made));
    assert_ok(sms_key_read(path, &read));
    assert_memory_equal(&made, &read, sizeof made);
    assert_int_equal(strlen(read.bearer), SMS_BEARER_LEN);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    static const char *const wrong[] = {
        "", "{}", "{\"bearer\":\"short\",\"signing\":\"00\"}",
        /* a bearer that would end its header */
        "{\"bearer\":\"aaaaaaaaaaaaaaaaaaaa\\r\\nX-Evil: aaaaaaaaaaaaa\",\"signing\":"
        "\"000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F\"}"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct sms_key before = read;
        assert_ok(file_write(path, FILE_PRIVATE, bytes_text(wrong[i])));
        assert_true(FAILED(sms_key_read(path, &read)));
        assert_memory_equal(&before, &read, sizeof read);
    }
    assert_int_equal(chmod(path, 0644), 0);
    assert_err(sms_key_read(path, &read), DENIED);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_these_bytes),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(an_answer_means_one_thing),
        cmocka_unit_test(a_key_is_made_once_and_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
