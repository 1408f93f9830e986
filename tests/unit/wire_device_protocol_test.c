/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device channel's messages: every question, answer and tell as it is written, and read back by
 * the other end; what is refused, and by which name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lib/wire/device_protocol.h"

#define MAC   "00000000000000000000000000000000"
#define GRANT "0123456789ABCDEF0123456789ABCDEF"
#define TOKEN "000102030405060708090A0B0C0D0E0F"

static uint8_t block[1024];

static const char *text_of(void (*write)(struct writer *w, const struct device_message *m),
                           const struct device_message *m)
{
    struct writer w = writer_over(block, sizeof block - 1);
    write(&w, m);
    assert_int_equal(w.fault, ERR_OK);
    block[w.len] = '\0';
    return (const char *)block;
}

static enum device_verdict read_ask(const char *json, bool greeted, struct device_message *out)
{
    struct json_document document = {0};
    enum device_verdict verdict = device_read_ask(bytes_text(json), greeted, &document, out);
    json_free(&document);
    return verdict;
}

static enum device_verdict read_heard(const char *json, enum device_ask asked,
                                      struct device_message *out)
{
    struct json_document document = {0};
    enum device_verdict verdict = device_read_heard(bytes_text(json), asked, &document, out);
    out->policy = (struct bytes){0}; /* its view ends here */
    json_free(&document);
    return verdict;
}

/* One of each question, with the bytes that the channel was agreed with. */
static const struct {
    struct device_message m;
    const char *json;
} questions[] = {
    {{.ask = DEVICE_HELLO,
      .serial = "TB1-0000017",
      .model = "TB-1",
      .version = "0.1.0",
      .policy_version = 4,
      .first_login_ms = 5,
      .anchor = {[7] = 9}},
     "{\"id\":7,\"ask\":\"hello\",\"serial\":\"TB1-0000017\",\"model\":\"TB-1\",\"version\":"
     "\"0.1.0\",\"policy\":4,\"first_login_ms\":5,\"epoch\":\"0000000000000009" MAC "\"}"},
    {{.ask = DEVICE_RECOVER,
      .operator_id = "01",
      .way = 1,
      .challenge = {0xab, 0xcd},
      .challenge_len = 2},
     "{\"id\":7,\"ask\":\"recover\",\"operator\":\"01\",\"way\":\"sms\",\"challenge\":\"ABCD\"}"},
    {{.ask = DEVICE_RECOVER_END,
      .operator_id = "01",
      .challenge = {0xab, 0xcd},
      .challenge_len = 2},
     "{\"id\":7,\"ask\":\"recover_end\",\"operator\":\"01\",\"challenge\":\"ABCD\"}"},
    {{.ask = DEVICE_EVENT,
      .has = DEVICE_HAS_NUMBER,
      .kind = "password_set",
      .operator_id = "01",
      .number = 3,
      .at_ms = 1903321800000},
     "{\"id\":7,\"ask\":\"event\",\"kind\":\"password_set\",\"operator\":\"01\",\"detail\":\"\","
     "\"number\":3,\"at_ms\":1903321800000}"},
    {{.ask = DEVICE_PAIR,
      .challenge = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
      .challenge_len = DEVICE_TOKEN},
     "{\"id\":7,\"ask\":\"pair\",\"token\":\"" TOKEN "\"}"},
    {{.ask = DEVICE_PAIR_END,
      .has = DEVICE_HAS_TOKEN,
      .challenge = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
      .challenge_len = DEVICE_TOKEN,
      .pair = 2},
     "{\"id\":7,\"ask\":\"pair_end\",\"token\":\"" TOKEN "\",\"pair\":2}"},
    {{.ask = DEVICE_APPROVE, .operator_id = "01", .challenge = {0xab, 0xcd}, .challenge_len = 2},
     "{\"id\":7,\"ask\":\"approve\",\"operator\":\"01\",\"challenge\":\"ABCD\"}"},
    {{.ask = DEVICE_PLACE,
      .has = DEVICE_HAS_POSITION,
      .link = 2,
      .network = "Shop",
      .latitude_e6 = 31230416,
      .longitude_e6 = -121473701,
      .accuracy_m = 20,
      .at_ms = 9},
     "{\"id\":7,\"ask\":\"place\",\"kind\":\"wifi\",\"name\":\"Shop\",\"latitude_e6\":31230416,"
     "\"longitude_e6\":-121473701,\"accuracy_m\":20,\"at_ms\":9}"},
    {{.ask = DEVICE_DONE, .number = 3, .progress = DEVICE_VERIFIED},
     "{\"id\":7,\"ask\":\"done\",\"number\":3,\"state\":\"verified\"}"},
    {{.ask = DEVICE_LAST_WORDS,
      .terminal = "10000017",
      .detail = "case",
      .number = 4,
      .at_ms = 9,
      .words = "3045",
      .policy = BYTES("PEM")},
     "{\"id\":7,\"ask\":\"last_words\",\"detail\":\"case\",\"at_ms\":9,\"number\":4,\"terminal\":"
     "\"10000017\",\"certificate\":\"PEM\",\"words\":\"3045\"}"},
    {{.ask = DEVICE_STATE,
      .version = "0.1.0",
      .operator_id = "01",
      .battery = 64,
      .paper = DEVICE_PAPER_LOW,
      .hold = DEVICE_LOST,
      .link = 2,
      .signed_in = 1,
      .unsent = 3,
      .last_payment_ms = 8,
      .parameters = 5,
      .at_ms = 9},
     "{\"id\":7,\"ask\":\"state\",\"version\":\"0.1.0\",\"operator\":\"01\",\"at_ms\":9,"
     "\"battery\":64,\"paper\":\"low\",\"hold\":\"lost\",\"link\":\"wifi\",\"signed_in\":1,"
     "\"unsent\":3,\"last_payment_ms\":8,\"parameters\":5}"},
    {{.ask = DEVICE_PART,
      .kind = "logs",
      .number = 3,
      .part = 1,
      .parts = 2,
      .policy = BYTES("AAEC")},
     "{\"id\":7,\"ask\":\"part\",\"kind\":\"logs\",\"number\":3,\"part\":1,\"of\":2,"
     "\"bytes\":\"AAEC\"}"},
    {{.ask = DEVICE_ACTIVATE,
      .serial = "TB1-0000017",
      .model = "TB-1",
      .words = "3045",
      .policy = BYTES("PEM"),
      .transport = {1},
      .proof_way = DEVICE_BY_TAIL,
      .step = DEVICE_STEP_BIND,
      .code = "L0A062"},
     "{\"id\":7,\"ask\":\"activate\",\"serial\":\"TB1-0000017\",\"model\":\"TB-1\",\"words\":"
     "\"3045\",\"request\":\"PEM\",\"transport\":\"0100000000000000" MAC "0000000000000000\","
     "\"way\":\"tail\",\"step\":\"bind\",\"code\":\"L0A062\"}"},
    {{.ask = DEVICE_RENEW, .terminal = "10000017", .policy = BYTES("PEM")},
     "{\"id\":7,\"ask\":\"renew\",\"terminal\":\"10000017\",\"certificate\":\"PEM\"}"},
    {{.ask = DEVICE_INSTALLED,
      .number = 6,
      .waiting = 7,
      .refused = 5,
      .software = DEVICE_HEALTHY,
      .text = "no line"},
     "{\"id\":7,\"ask\":\"installed\",\"number\":6,\"text\":\"no line\",\"waiting\":7,"
     "\"refused\":5,\"software\":\"healthy\"}"},
    {{.ask = DEVICE_BACKUP, .digest = {0xab}, .size = 9000},
     "{\"id\":7,\"ask\":\"backup\",\"digest\":\"AB00000000000000" MAC
     "0000000000000000\",\"size\":9000}"},
    {{.ask = DEVICE_BACKUP_PART, .digest = {0xab}, .part = 2, .policy = BYTES("AAEC")},
     "{\"id\":7,\"ask\":\"backup_part\",\"part\":2,\"bytes\":\"AAEC\",\"digest\":"
     "\"AB00000000000000" MAC "0000000000000000\"}"},
    {{.ask = DEVICE_BACKUP_FIND, .part = 1}, "{\"id\":7,\"ask\":\"backup_find\",\"part\":1}"},
    {{.ask = DEVICE_BACKUP_FETCH, .digest = {0xab}, .part = 2},
     "{\"id\":7,\"ask\":\"backup_fetch\",\"part\":2,\"digest\":\"AB00000000000000" MAC
     "0000000000000000\"}"},
    {{.ask = DEVICE_APPLIED,
      .has = DEVICE_HAS_REASON,
      .number = 3,
      .progress = DEVICE_DENIED,
      .reason = "old"},
     "{\"id\":7,\"ask\":\"applied\",\"reason\":\"old\",\"number\":3,\"state\":\"refused\"}"},
    {{.ask = DEVICE_RESTORE_ASK, .digest = {0xab}, .nonce = {1}, .mac = {0xcd}, .transport = {2}},
     "{\"id\":7,\"ask\":\"restore_ask\",\"transport\":\"0200000000000000" MAC
     "0000000000000000\",\"nonce\":\"01000000000000000000000000000000\",\"mac\":"
     "\"CD000000000000000000000000000000\",\"digest\":\"AB00000000000000" MAC
     "0000000000000000\"}"},
    {{.ask = DEVICE_GOODS_FETCH, .digest = {0xab}, .part = 2},
     "{\"id\":7,\"ask\":\"goods_fetch\",\"part\":2,\"digest\":\"AB00000000000000" MAC
     "0000000000000000\"}"},
};

static void every_question_is_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        struct device_message m = questions[i].m, heard = {0};
        m.id = 7;
        assert_int_equal(m.ask, (int)i + 1); /* in their order, all of them */
        assert_string_equal(text_of(device_write_ask, &m), questions[i].json);
        assert_int_equal(read_ask(questions[i].json, true, &heard), DEVICE_UNDERSTOOD);
        assert_int_equal(heard.policy.len, m.policy.len); /* its view has ended */
        heard.policy = m.policy;
        assert_memory_equal(&heard, &m, sizeof m);
    }
    assert_int_equal(ARRAY_LEN(questions) + 1, DEVICE_ASKS);
}

static const struct {
    struct device_message m;
    const char *json;
} tells[] = {
    {{.tell = DEVICE_GRANT_TOLD,
      .operator_id = "01",
      .challenge = {0xab, 0xcd},
      .challenge_len = 2,
      .grant = {1, 0x23}},
     "{\"tell\":\"grant\",\"operator\":\"01\",\"challenge\":\"ABCD\",\"grant\":"
     "\"01230000000000000000000000000000\"}"},
    {{.tell = DEVICE_REFUSED_TOLD,
      .operator_id = "01",
      .challenge = {0xab, 0xcd},
      .challenge_len = 2,
      .reason = "desk"},
     "{\"tell\":\"refused\",\"operator\":\"01\",\"challenge\":\"ABCD\",\"reason\":\"desk\"}"},
    {{.tell = DEVICE_REISSUE_TOLD,
      .operator_id = "00",
      .challenge = {0xab, 0xcd},
      .challenge_len = 2,
      .grant = {1, 0x23}},
     "{\"tell\":\"reissue\",\"operator\":\"00\",\"challenge\":\"ABCD\",\"grant\":"
     "\"01230000000000000000000000000000\"}"},
    {{.tell = DEVICE_DIAGNOSE_TOLD, .challenge = {0xab}, .challenge_len = 1},
     "{\"tell\":\"diagnose\",\"challenge\":\"AB\"}"},
    {{.tell = DEVICE_COMMAND_TOLD,
      .number = 3,
      .command = DEVICE_LOCK,
      .text = "Call 138",
      .nonce = {1},
      .mac = {0xab}},
     "{\"tell\":\"command\",\"number\":3,\"command\":\"lock\",\"text\":\"Call 138\","
     "\"nonce\":\"01000000000000000000000000000000\",\"mac\":"
     "\"AB000000000000000000000000000000\"}"},
    {{.tell = DEVICE_UPDATE_TOLD, .policy = BYTES("signed"), .text = "02:00-05:00"},
     "{\"tell\":\"update\",\"document\":\"signed\",\"text\":\"02:00-05:00\"}"},
    {{.tell = DEVICE_PARAMETERS_TOLD,
      .number = 3,
      .policy = BYTES("text"),
      .nonce = {1},
      .mac = {0xab}},
     "{\"tell\":\"parameters\",\"document\":\"text\",\"number\":3,"
     "\"nonce\":\"01000000000000000000000000000000\",\"mac\":"
     "\"AB000000000000000000000000000000\"}"},
    {{.tell = DEVICE_HOUSE_TOLD, .house = DEVICE_HOUSE_WALLETS},
     "{\"tell\":\"house\",\"house\":\"wallets\"}"},
    {{.tell = DEVICE_RESTORE_TOLD, .digest = {0xab}},
     "{\"tell\":\"restore\",\"digest\":\"AB00000000000000" MAC "0000000000000000\"}"},
    {{.tell = DEVICE_POLICY_TOLD, .policy = BYTES("text")},
     "{\"tell\":\"policy\",\"document\":\"text\"}"},
};

static void tells_are_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(tells); i++) {
        struct device_message m = tells[i].m, heard = {0};
        assert_string_equal(text_of(device_write_tell, &m), tells[i].json);
        assert_int_equal(read_heard(tells[i].json, DEVICE_NO_ASK, &heard), DEVICE_UNDERSTOOD);
        m.policy = (struct bytes){0};
        assert_memory_equal(&heard, &m, sizeof m);
    }
    struct device_message heard = {0};
    struct device_message pair = {.tell = DEVICE_PAIR_KEY_TOLD,
                                  .challenge_len = DEVICE_TOKEN,
                                  .phone_key = {4},
                                  .label = "Wang"};
    assert_int_equal(read_heard(text_of(device_write_tell, &pair), DEVICE_NO_ASK, &heard),
                     DEVICE_UNDERSTOOD);
    assert_memory_equal(&heard, &pair, sizeof pair);
    struct device_message approval = {
        .tell = DEVICE_APPROVAL_TOLD, .challenge_len = 32, .pair = 2, .signature = {9}};
    assert_int_equal(read_heard(text_of(device_write_tell, &approval), DEVICE_NO_ASK, &heard),
                     DEVICE_UNDERSTOOD);
    assert_memory_equal(&heard, &approval, sizeof approval);
}

static void answers_are_read(void **state)
{
    (void)state;
    static const struct {
        enum device_ask asked;
        const char *json;
        enum device_status status;
    } good[] = {
        {DEVICE_HELLO, "{\"id\":1,\"status\":\"ok\"}", DEVICE_OK},
        {DEVICE_BACKUP, "{\"id\":1,\"status\":\"ok\",\"part\":3}", DEVICE_OK},
        {DEVICE_BACKUP_PART, "{\"id\":1,\"status\":\"refused\",\"reason\":\"digest\"}",
         DEVICE_REFUSED},
        {DEVICE_BACKUP_FIND, "{\"id\":1,\"status\":\"ok\"}", DEVICE_OK},
        {DEVICE_BACKUP_FETCH, "{\"id\":1,\"status\":\"ok\",\"bytes\":\"AAEC\"}", DEVICE_OK},
        {DEVICE_HELLO, "{\"id\":1,\"status\":\"ok\",\"policy\":\"text\"}", DEVICE_OK},
        {DEVICE_RECOVER,
         "{\"id\":1,\"status\":\"sent\",\"contact\":\"138****5678\",\"seconds\":300}", DEVICE_SENT},
        {DEVICE_RECOVER, "{\"id\":1,\"status\":\"ticket\",\"number\":\"R-000123\"}", DEVICE_TICKET},
        {DEVICE_RECOVER, "{\"id\":1,\"status\":\"limit\",\"seconds\":3600}", DEVICE_LIMIT},
        {DEVICE_RECOVER, "{\"id\":1,\"status\":\"no_contact\"}", DEVICE_NO_CONTACT},
        {DEVICE_RECOVER, "{\"id\":1,\"status\":\"something new\"}", DEVICE_REFUSED},
        {DEVICE_PAIR, "{\"id\":1,\"status\":\"ok\",\"url\":\"http://localhost/pair#x\"}",
         DEVICE_OK},
        {DEVICE_RENEW, "{\"id\":1,\"status\":\"ok\",\"renewed\":\"PEM\"}", DEVICE_OK},
        {DEVICE_RENEW, "{\"id\":1,\"status\":\"refused\"}", DEVICE_REFUSED},
        {DEVICE_APPROVE, "{\"id\":1,\"status\":\"asked\",\"seconds\":90}", DEVICE_ASKED},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct device_message heard = {0};
        assert_int_equal(read_heard(good[i].json, good[i].asked, &heard), DEVICE_UNDERSTOOD);
        assert_int_equal(heard.tell, DEVICE_NO_TELL);
        assert_int_equal(heard.status, good[i].status);
    }
}

/* What is no message has a name, and leaves what was there untouched. */
static void what_is_refused_has_a_name(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum device_ask asked;
        enum device_verdict verdict;
    } heard_rows[] = {
        {"{\"id\":1,\"status\":\"ok\"}", DEVICE_NO_ASK, DEVICE_UNASKED},
        {"", DEVICE_HELLO, DEVICE_MALFORMED},
        {"[]", DEVICE_HELLO, DEVICE_MEMBER},
        {"{\"id\":1}", DEVICE_HELLO, DEVICE_MEMBER},
        {"{\"id\":0,\"status\":\"ok\"}", DEVICE_HELLO, DEVICE_MEMBER},
        {"{\"id\":1,\"status\":\"ok\",\"grant\":\"00\"}", DEVICE_HELLO, DEVICE_MEMBER},
        {"{\"id\":1,\"status\":\"ok\",\"anchor\":\"00\"}", DEVICE_HELLO, DEVICE_MEMBER},
        {"{\"id\":1,\"status\":\"ok\",\"contact\":\"138\"}", DEVICE_EVENT, DEVICE_MEMBER},
        {"{\"id\":1,\"status\":\"sent\",\"seconds\":-1}", DEVICE_RECOVER, DEVICE_MEMBER},
        {"{\"id\":1,\"status\":\"ticket\",\"number\":\"R-0000000000000123\"}", DEVICE_RECOVER,
         DEVICE_MEMBER},
        {"{\"id\":1,\"status\":\"ok\"}{}", DEVICE_HELLO, DEVICE_MALFORMED},
        {"{\"tell\":\"nothing known\"}", DEVICE_HELLO, DEVICE_UNKNOWN},
        {"{\"tell\":7}", DEVICE_HELLO, DEVICE_MALFORMED},
        {"{\"tell\":\"grant\",\"operator\":\"1\",\"challenge\":\"ABCD\",\"grant\":\"" GRANT "\"}",
         DEVICE_HELLO, DEVICE_MEMBER},
        {"{\"tell\":\"grant\",\"operator\":\"01\",\"challenge\":\"ABCD\",\"grant\":\"AB\"}",
         DEVICE_HELLO, DEVICE_MEMBER},
        {"{\"tell\":\"grant\",\"operator\":\"01\",\"challenge\":\"ABCD\"}", DEVICE_HELLO,
         DEVICE_MEMBER},
        {"{\"tell\":\"grant\",\"operator\":\"01\",\"challenge\":\"ABCD\",\"grant\":\"" GRANT
         "\",\"id\":1}",
         DEVICE_HELLO, DEVICE_MEMBER},
        {"{\"tell\":\"pair_key\",\"token\":\"AB\",\"key\":\"04\",\"label\":\"x\"}", DEVICE_HELLO,
         DEVICE_MEMBER},
        {"{\"tell\":\"approval\",\"challenge\":\"AB\",\"pair\":256,\"signature\":\"00\"}",
         DEVICE_HELLO, DEVICE_MEMBER},
    };
    static const struct {
        const char *json;
        bool greeted;
        enum device_verdict verdict;
    } ask_rows[] = {
        {"", true, DEVICE_MALFORMED},
        {"{\"id\":2}", true, DEVICE_MALFORMED},
        {"{\"ask\":\"pair_end\"}", true, DEVICE_MALFORMED},
        {"{\"id\":2,\"ask\":\"nothing\"}", true, DEVICE_UNKNOWN},
        {"{\"id\":2,\"ask\":\"pair_end\"}", false, DEVICE_EARLY},
        {"{\"id\":2,\"ask\":\"done\",\"number\":3,\"state\":\"\"}", true, DEVICE_MEMBER},
        {"{\"id\":2,\"ask\":\"place\",\"kind\":\"wifi\",\"name\":\"\",\"at_ms\":1,"
         "\"latitude_e6\":1}",
         true, DEVICE_MEMBER},
        {"{\"id\":2,\"ask\":\"pair\"}", true, DEVICE_MEMBER},
        {"{\"id\":2,\"ask\":\"pair_end\",\"pair\":1}", true, DEVICE_MEMBER},
        {"{\"id\":2,\"ask\":\"pair\",\"token\":\"00\"}", true, DEVICE_MEMBER},
        {"{\"id\":2,\"ask\":\"pair\",\"token\":\"" TOKEN "\",\"url\":\"x\"}", true, DEVICE_MEMBER},
    };
    for (size_t i = 0; i < ARRAY_LEN(heard_rows); i++) {
        struct device_message heard = {.id = 99};
        assert_int_equal(read_heard(heard_rows[i].json, heard_rows[i].asked, &heard),
                         heard_rows[i].verdict);
        assert_int_equal(heard.id, 99);
    }
    for (size_t i = 0; i < ARRAY_LEN(ask_rows); i++) {
        struct device_message heard = {.id = 99};
        assert_int_equal(read_ask(ask_rows[i].json, ask_rows[i].greeted, &heard),
                         ask_rows[i].verdict);
        assert_int_equal(heard.id, 99);
    }
    for (enum device_verdict at = 0; at < DEVICE_VERDICTS; at++)
        assert_true(strlen(device_verdict_text(at)) > 0);
}

/* S170: which of them may not travel over a network that nobody trusts. */
static void what_is_personal_says_so(void **state)
{
    (void)state;
    assert_true(device_ask_is_personal(DEVICE_RECOVER));
    assert_true(device_ask_is_personal(DEVICE_PAIR));
    assert_true(device_ask_is_personal(DEVICE_APPROVE));
    assert_false(device_ask_is_personal(DEVICE_HELLO));
    assert_false(device_ask_is_personal(DEVICE_EVENT));
    assert_true(device_tell_is_personal(DEVICE_GRANT_TOLD));
    assert_true(device_tell_is_personal(DEVICE_APPROVAL_TOLD));
    assert_false(device_tell_is_personal(DEVICE_POLICY_TOLD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_question_is_written_and_read),
        cmocka_unit_test(tells_are_written_and_read),
        cmocka_unit_test(answers_are_read),
        cmocka_unit_test(what_is_refused_has_a_name),
        cmocka_unit_test(what_is_personal_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
