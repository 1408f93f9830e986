/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S76: the contactless kernel: the derived card's transcripts to the byte, and a card that goes
 * away, falls silent or is not alone at each command.
 */
#include "tests/unit/emv_tap_rig.h"

static struct tap_rig rig;
static struct tap_card card;
static uint8_t ca_modulus[256];

/* ---- the derived card ---- */

static void add_authority(const json_t *json)
{
    const json_t *ca = json_object_get(json, "ca");
    struct bytes modulus = hex_at(ca, "modulus");
    memcpy(ca_modulus, modulus.at, modulus.len);
    rig_add_ca_key(&rig.base, hex_at(ca, "rid"), hex_at(ca, "index"),
                   bytes_of(ca_modulus, modulus.len), hex_at(ca, "exponent"),
                   text_at(ca, "expiry"));
}

static const json_t *start_transcript(const json_t *json, const char *name)
{
    const json_t *t = json_object_get(json_object_get(json, "transactions"), name);
    assert_non_null(t);
    const json_t *terminal = json_object_get(t, "terminal_data");
    tap_start(&rig);
    rig.base.setup.payment.amount_minor = emv_amount_of(hex_at(terminal, "9F02"));
    memcpy(rig.base.number, hex_at(terminal, "9F37").at, 4);
    assert_bytes(hex_at(terminal, "9A"), BYTES_OF(rig.base.date));
    if (hex_at(terminal, "9F66").at[0] == 0x26) rig.base.setup.terminal.capabilities[0] = 0xC0;
    rig_add_application(&rig.base, &(struct rig_application){TAP_USUAL});
    add_authority(json);
    (void)tap_begin(&rig);
    return t;
}

/* Every row, the command to the byte; the answer of row `changed` with one byte turned. */
static void play(const json_t *t, size_t changed)
{
    const json_t *rows = json_object_get(t, "apdus");
    for (size_t i = 0; i < json_array_size(rows) && rig.k.want == EMV_WANT_APDU; i++) {
        const json_t *row = json_array_get(rows, i);
        uint8_t answer[300];
        struct bytes given = hex_at(row, "r");
        memcpy(answer, given.at, given.len);
        if (i == changed) answer[given.len / 2] ^= 1;
        assert_bytes(emv_tap_command(&rig.k), hex_at(row, "c"));
        (void)tap_respond(&rig, bytes_of(answer, given.len));
    }
}

enum { NOTHING_CHANGED = 99, DDA_FAILED = 0x08 };

/* What the file says of the answer: the kind of cryptogram, and whether its signature is good. */
static void assert_expected(const json_t *t)
{
    const json_t *expect = json_object_get(t, "expect");
    tap_assert_data(&rig, 0x9F27, text_at(expect, "cid"));
    assert_int_equal(json_is_true(json_object_get(expect, "fdda_ok")),
                     (rig.k.tvr[0] & DDA_FAILED) == 0);
}

static void transcript_online(void **state)
{
    (void)state;
    json_t *json = card_vectors();
    const json_t *t = start_transcript(json, "quickpass_online_arqc");
    play(t, NOTHING_CHANGED);
    assert_int_equal(rig.k.want, EMV_WANT_ONLINE);
    assert_expected(t);
    tap_assert_data(&rig, 0x9F26, text_at(t, "arqc"));
    tap_assert_data(&rig, 0x9F10, text_at(t, "iad"));
    tap_assert_data(&rig, 0x95, "0000000000");
    assert_int_equal(rig.k.tap.cvm, EMV_TAP_CVM_NONE);
    assert_int_equal(tap_host(&rig, "00"), EMV_DONE);
    tap_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
    assert_false(rig.k.outcome.reverse);
    vector_file_end(json);
}

static void transcript_offline(void **state)
{
    (void)state;
    json_t *json = card_vectors();
    const json_t *t = start_transcript(json, "quickpass_offline_tc");
    play(t, NOTHING_CHANGED);
    tap_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
    assert_expected(t);
    assert_memory_equal(rig.k.tvr, "\0\0\0\0\0", 5);
    tap_assert_data(&rig, 0x8A, "5931");
    assert_int_equal(rig.k.tap.message, EMV_MESSAGE_APPROVED);
    vector_file_end(json);
}

static void transcript_declined(void **state)
{
    (void)state;
    json_t *json = card_vectors();
    const json_t *t = start_transcript(json, "quickpass_declined_aac");
    play(t, NOTHING_CHANGED);
    assert_expected(t);
    tap_assert_end(&rig, EMV_DECLINED, EMV_REASON_BY_CARD);
    assert_false(rig.k.outcome.reverse);
    vector_file_end(json);
}

/* The card asks for the host when its signature fails, and that is where both of these go. */
static void transcripts_with_a_bad_signature(void **state)
{
    (void)state;
    static const char *const name[] = {"quickpass_bad_fdda", "quickpass_fdda_version_00"};
    json_t *json = card_vectors();
    for (size_t i = 0; i < 2; i++) {
        const json_t *t = start_transcript(json, name[i]);
        play(t, NOTHING_CHANGED);
        assert_expected(t);
        assert_int_equal(rig.k.want, EMV_WANT_ONLINE);
        assert_int_equal(rig.k.tvr[0], DDA_FAILED);
        tap_assert_data(&rig, 0x95, "0000000000"); /* what the cryptogram covers */
        (void)tap_event(&rig, EMV_EVENT_NO_HOST);
        tap_assert_end(&rig, EMV_DECLINED, EMV_REASON_NO_HOST);
        assert_true(rig.k.outcome.reverse);
    }
    vector_file_end(json);
}

/* A byte changed anywhere between options and last record: never an approval by the card alone. */
static void changed_answers_are_noticed(void **state)
{
    (void)state;
    json_t *json = card_vectors();
    for (size_t changed = 2; changed <= 6; changed++) {
        play(start_transcript(json, "quickpass_offline_tc"), changed);
        bool approved = rig.k.want == EMV_DONE && rig.k.outcome.result == EMV_APPROVED_OFFLINE;
        assert_false(approved);
    }
    vector_file_end(json);
}

/* An offline terminal has nobody to ask: the same card is declined. */
static void a_bad_signature_without_a_host(void **state)
{
    (void)state;
    json_t *json = card_vectors();
    const json_t *rows = json_object_get(start_transcript(json, "quickpass_bad_fdda"), "apdus");
    rig.base.setup.terminal.type = 0x23;
    (void)tap_begin(&rig);
    for (size_t i = 0; i < json_array_size(rows); i++)
        (void)tap_respond(&rig, hex_at(json_array_get(rows, i), "r"));
    tap_assert_end(&rig, EMV_DECLINED, EMV_REASON_SIGNATURE);
    vector_file_end(json);
}

/* ---- the card goes ---- */

static void start(int64_t amount_minor)
{
    tap_start_usual(&rig, &card, amount_minor);
}

static enum emv_want tap(void)
{
    (void)tap_begin(&rig);
    return tap_run(&rig, &card);
}

static void taken_away_at_each_command(void **state)
{
    (void)state;
    static const struct {
        enum emv_event_kind kind;
        enum emv_reason reason;
    } how[] = {{EMV_EVENT_REMOVED, EMV_REASON_REMOVED},
               {EMV_EVENT_TIMEOUT, EMV_REASON_TIMEOUT},
               {EMV_EVENT_SEVERAL, EMV_REASON_SEVERAL}};
    for (size_t h = 0; h < ARRAY_LEN(how); h++)
        for (unsigned at = 0; at < 4; at++) {
            start(500);
            (void)tap_begin(&rig);
            for (unsigned i = 0; i < at; i++)
                (void)tap_respond(&rig, tap_card_answer(&card, emv_tap_command(&rig.k)));
            assert_int_equal(rig.k.want, EMV_WANT_APDU);
            (void)tap_event(&rig, how[h].kind);
            tap_assert_end(&rig, EMV_TERMINATED, how[h].reason);
            assert_true(rig.k.outcome.try_again);
            assert_false(rig.k.outcome.reverse);
            assert_int_equal(rig.k.tap.start, EMV_START_B);
            /* Once more, the same amount, and from the beginning. */
            (void)emv_tap_again(&rig.k);
            assert_int_equal(tap_run(&rig, &card), EMV_WANT_ONLINE);
            tap_assert_data(&rig, 0x9F02, "000000000500");
        }
    /* Behind the last record it has nothing more to say. */
    for (size_t h = 0; h < ARRAY_LEN(how); h++) {
        start(100000);
        card.qualifiers = "8000";
        assert_int_equal(tap(), EMV_WANT_PIN);
        assert_int_equal(tap_event(&rig, how[h].kind), EMV_WANT_PIN);
        (void)tap_event(&rig, EMV_EVENT_PIN);
        assert_int_equal(tap_event(&rig, how[h].kind), EMV_WANT_ONLINE);
        (void)tap_host(&rig, "00");
        (void)tap_event(&rig, how[h].kind);
        tap_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
    }
}

static void every_status_at_each_command(void **state)
{
    (void)state;
    static const char *const sw[] = {"9000", "6283", "6300", "6581", "6700", "6982", "6983",
                                     "6984", "6985", "6986", "6A81", "6A82", "6A83", "6A88",
                                     "6C05", "6D00", "6F00", "6105", "FFFF", "90"};
    for (unsigned at = 0; at < 4; at++)
        for (size_t s = 0; s < ARRAY_LEN(sw); s++) {
            start(500);
            (void)tap_begin(&rig);
            for (unsigned i = 0; i < at; i++)
                (void)tap_respond(&rig, tap_card_answer(&card, emv_tap_command(&rig.k)));
            (void)tap_respond(&rig, hex(sw[s]));
            (void)tap_run(&rig, &card);
            bool approved = rig.k.want == EMV_DONE && rig.k.outcome.result != EMV_TERMINATED;
            assert_false(approved);
        }
}

static void events_that_do_not_fit_change_nothing(void **state)
{
    (void)state;
    start(500);
    (void)tap_begin(&rig);
    static struct emv_tap before;
    before = rig.k;
    for (unsigned kind = EMV_EVENT_CHOSEN; kind <= EMV_EVENT_NO_HOST; kind++)
        assert_int_equal(tap_event(&rig, (enum emv_event_kind)kind), EMV_WANT_APDU);
    assert_memory_equal(&before, &rig.k, sizeof before);
    assert_int_equal(tap_run(&rig, &card), EMV_WANT_ONLINE);
    assert_int_equal(tap_event(&rig, EMV_EVENT_CANCEL), EMV_WANT_ONLINE);
    assert_int_equal(tap_event(&rig, EMV_EVENT_RESPONSE), EMV_WANT_ONLINE);
}

static void nothing_stays(void **state)
{
    (void)state;
    start(500);
    (void)tap();
    (void)tap_host(&rig, "00");
    assert_non_null(memmem(&rig.k, sizeof rig.k, hex("6200000000000005").at, 8));
    emv_tap_wipe(&rig.k);
    assert_null(memmem(&rig.k, sizeof rig.k, hex("6200000000000005").at, 8));
    assert_int_equal(rig.k.want, EMV_DONE);
    assert_string_equal(emv_tap_step_text(EMV_TAP_OPTIONS), "OPTIONS");
    assert_string_equal(emv_tap_step_text(EMV_TAP_STEPS), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transcript_online),
        cmocka_unit_test(transcript_offline),
        cmocka_unit_test(transcript_declined),
        cmocka_unit_test(transcripts_with_a_bad_signature),
        cmocka_unit_test(changed_answers_are_noticed),
        cmocka_unit_test(a_bad_signature_without_a_host),
        cmocka_unit_test(taken_away_at_each_command),
        cmocka_unit_test(every_status_at_each_command),
        cmocka_unit_test(events_that_do_not_fit_change_nothing),
        cmocka_unit_test(nothing_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
