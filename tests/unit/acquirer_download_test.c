/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S118: parameters of chip cards from the registry to a terminal, in parts that fit field 62; who
 * is reminded of them, and what the host keeps of what is in force.
 */
#include "payment/download.h"
#include "registry/parameters.h"
#include "tests/unit/acquirer_peers.h"

static struct rig rig;

static int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

static uint8_t document[1500];

static void publish(const char *model, uint32_t number, size_t len)
{
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    struct registry_parameters head = {.number = number, .digest = {(uint8_t)number}};
    memcpy(head.model, model, strlen(model) + 1);
    for (size_t i = 0; i < len; i++) document[i] = (uint8_t)(i * 7 + number);
    assert_ok(registry_publish_parameters(rig.registry, &actor, &head, bytes_of(document, len)));
    rig_pass(&rig, 1100); /* looked at each second */
}

/* One question; the answer's code and field 62, and what the header asks for. */
struct said {
    char code[3];
    unsigned request;
    size_t len;
    uint8_t field[PAYMENT_FIELD_62_MAX];
};

static struct said ask(struct rig_terminal *t, const char *code, struct bytes field)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct said said = {.code = ""};
    struct payment_sign_in in = {.mid = RIG_MID, .stan = ++t->stan, .batch = t->batch};
    memcpy(in.tid, t->tid, 9);
    memcpy(in.code, code, 4);
    in.delivery = field;
    assert_ok(payment_sign_in_request(t->profile, &in, &arena, &m));
    rig_send(&rig, t, rig_frame(&rig, t, &m, false, out));
    struct iso8583_frame_header header;
    struct bytes raw;
    const struct rig_item *item = &rig.to_terminal.item[0];
    assert_ok(iso8583_frame_split(bytes_of(item->at, item->len), &header, &raw));
    said.request = iso8583_frame_request(&header);
    rig_answer_to(&rig, t, &m);
    assert_ok(bytes_to_text(iso8583_get(&m, 39), said.code, sizeof said.code));
    struct bytes answer = iso8583_get(&m, 62);
    said.len = answer.len;
    if (answer.len > 0) memcpy(said.field, answer.at, answer.len);
    rig_took(&rig.to_terminal);
    return said;
}

static struct said status_of(struct rig_terminal *t, uint32_t number)
{
    uint8_t block[16];
    struct writer w = writer_over(block, sizeof block);
    payment_download_write_ask(&w, "372", &(struct payment_download_ask){.number = number});
    return ask(t, "372", writer_view(&w));
}

static struct said part_of(struct rig_terminal *t, uint32_t number, uint32_t offset)
{
    uint8_t block[16];
    struct writer w = writer_over(block, sizeof block);
    payment_download_write_ask(&w, "370", &(struct payment_download_ask){number, offset, {0}});
    return ask(t, "370", writer_view(&w));
}

static struct said end_of(struct rig_terminal *t, uint32_t number, uint8_t digest)
{
    uint8_t block[64];
    struct writer w = writer_over(block, sizeof block);
    payment_download_write_ask(&w, "371", &(struct payment_download_ask){number, 0, {digest}});
    return ask(t, "371", writer_view(&w));
}

static void assert_said(struct said said, const char *code, const char *field)
{
    assert_string_equal(said.code, code);
    assert_int_equal(said.len, strlen(field));
    assert_memory_equal(said.field, field, said.len);
}

static unsigned echo_asks_for(struct rig_terminal *t)
{
    return ask(t, "301", (struct bytes){0}).request;
}

static void in_parts_to_the_last_byte(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    assert_said(status_of(&t, 0), "00", "0");
    publish("", 4, 1100);
    assert_said(status_of(&t, 0), "00", "10000000004001100");
    uint8_t got[1500];
    size_t len = 0;
    for (char flag = '2'; flag == '2';) {
        struct said part = part_of(&t, 4, (uint32_t)len);
        assert_string_equal(part.code, "00");
        assert_true(part.len <= PAYMENT_FIELD_62_MAX && part.len > 1);
        flag = (char)part.field[0];
        memcpy(got + len, part.field + 1, part.len - 1);
        len += part.len - 1;
        assert_int_equal(flag, len == 1100 ? '3' : '2');
    }
    assert_int_equal(len, 1100);
    assert_memory_equal(got, document, len);
    assert_string_equal(part_of(&t, 4, 1100).code, "30");
    assert_said(part_of(&t, 3, 0), "00", "0");
}

/* Both profiles; whole multiples of a part have no empty last one. */
static void the_other_profile(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_CUP);
    publish("", 1, 2 * PAYMENT_PART_MAX);
    assert_int_equal(part_of(&t, 1, 0).field[0], '2');
    struct said last = part_of(&t, 1, PAYMENT_PART_MAX);
    assert_int_equal(last.field[0], '3');
    assert_int_equal(last.len, PAYMENT_FIELD_62_MAX);
}

/* A download is no session: another connection goes on where this one broke. */
static void goes_on_over_another_connection(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    publish("", 1, 600);
    assert_int_equal(part_of(&t, 1, 0).field[0], '2');
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    struct said rest = part_of(&t, 1, PAYMENT_PART_MAX);
    assert_int_equal(rest.field[0], '3');
    assert_memory_equal(rest.field + 1, document + PAYMENT_PART_MAX, 600 - PAYMENT_PART_MAX);
    publish("", 2, 600); /* in mid-download: the rest of the old one is not there any more */
    assert_said(part_of(&t, 1, PAYMENT_PART_MAX), "00", "0");
    assert_said(status_of(&t, 0), "00", "10000000002000600");
}

static void only_after_sign_in(void **state)
{
    (void)state;
    struct rig_terminal t = rig_connect(&rig, RIG_TID, PAYMENT_PROFILE_TONGBAO);
    publish("", 1, 600);
    assert_said(status_of(&t, 0), "77", "");
    assert_said(part_of(&t, 1, 0), "77", "");
    assert_said(end_of(&t, 1, 1), "77", "");
    assert_int_equal(echo_asks_for(&t), ISO8583_REQUEST_NONE);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    publish("", 1, 600);
    assert_said(ask(&t, "372", BYTES("100")), "30", "");
    assert_said(ask(&t, "370", BYTES("0000000001")), "30", "");
    assert_said(ask(&t, "371", BYTES("0000000001")), "30", "");
    assert_said(ask(&t, "370", (struct bytes){0}), "30", "");
    assert_said(part_of(&t, 1, 600), "30", "");
    assert_said(part_of(&t, 1, 999999), "30", "");
    assert_said(ask(&t, "380", BYTES("0000000001")), "40", ""); /* not our way */
}

/* The header of every answer reminds, until the terminal says that it has the newest. */
static void who_is_reminded(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    assert_int_equal(echo_asks_for(&t), ISO8583_REQUEST_NONE);
    publish("", 3, 600);
    assert_int_equal(echo_asks_for(&t), ISO8583_REQUEST_CHIP_PARAMETERS);
    rig_sell(&rig, &t, PAYMENT_CODE, 100);
    rig_issuer(&rig, "00");
    assert_int_equal(rig.to_terminal.item[0].at[7] & 0x0f, ISO8583_REQUEST_CHIP_PARAMETERS);
    rig_expect(&rig, &t, 0x0210, "00");
    assert_said(end_of(&t, 3, 3), "00", "");
    assert_int_equal(echo_asks_for(&t), ISO8583_REQUEST_NONE);
    assert_int_equal(rig_audited("parameters_in_force"), 1);
    assert_int_equal(rig_audited("parameters_not_ours"), 0);

    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    assert_int_equal(echo_asks_for(&t), ISO8583_REQUEST_NONE); /* it is in the store */
    assert_said(status_of(&t, 0), "00", "10000000003000600");  /* a device that lost its own */
    assert_int_equal(echo_asks_for(&t), ISO8583_REQUEST_CHIP_PARAMETERS);
    assert_said(end_of(&t, 3, 99), "00", ""); /* another document with this number */
    assert_int_equal(rig_audited("parameters_not_ours"), 1);
}

/* S124: what the one before it had is nothing to a device that took its place while we were down.
 */
static void another_device_is_reminded(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    struct registry_terminal row;
    char print[REGISTRY_FINGERPRINT_LEN + 1] = "";
    publish("", 3, 600);
    assert_ok(registry_find_terminal(rig.registry, bytes_text(t.tid), &row));
    for (char digit = 'a'; digit <= 'b'; digit++) {
        memset(print, digit, REGISTRY_FINGERPRINT_LEN);
        assert_ok(registry_set_terminal_keys(rig.registry, &actor, bytes_text(t.tid),
                                             bytes_text(print), bytes_text(row.master_block),
                                             bytes_text(row.recovery_block)));
        rig_restart(&rig);
        assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
        assert_int_equal(echo_asks_for(&t), ISO8583_REQUEST_CHIP_PARAMETERS);
        assert_said(end_of(&t, 3, 3), "00", "");
        assert_int_equal(echo_asks_for(&t), ISO8583_REQUEST_NONE);
    }
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    assert_int_equal(echo_asks_for(&t), ISO8583_REQUEST_NONE);
}

static void the_models_own_document(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID); /* a TB-1 */
    publish("TB-2", 1, 600);
    assert_said(status_of(&t, 0), "00", "0");
    publish("", 2, 700);
    publish("TB-1", 3, 800);
    assert_said(status_of(&t, 2), "00", "10000000003000800");
    assert_said(part_of(&t, 2, 0), "00", "0"); /* not this terminal's */
}

int main(void)
{
#define RIG_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        RIG_TEST(in_parts_to_the_last_byte),
        RIG_TEST(the_other_profile),
        RIG_TEST(goes_on_over_another_connection),
        RIG_TEST(only_after_sign_in),
        RIG_TEST(nonsense_is_refused),
        RIG_TEST(who_is_reminded),
        RIG_TEST(another_device_is_reminded),
        RIG_TEST(the_models_own_document),
    };
    return cmocka_run_group_tests_name("acquirer_download", tests, NULL, NULL);
}
