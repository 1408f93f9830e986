/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: the card is pulled, falls silent or answers nothing at each command in turn, and at each
 * question and at the host: there is always a definite outcome, and never one that leaves a payment
 * in doubt that the terminal believes to be over.
 */
#include "tests/unit/emv_fake_card.h"

static struct rig rig;
static struct fake_card card;

/* The longest way: choice, velocity, enciphered PIN, CDA, host, both scripts. */
static void start(void)
{
    fake_start(&card);
    card.aip[0] = 0x7D;
    card.first_cid = 0x80;
    card.cvm = "00000000000000000400";
    card.pin = "1234";
    card.limits = "9F1401039F230105";
    fake_build(&card);
    fake_rig(&card, &rig, &(struct rig_application){.aid = "A000000333010101"});
    rig.setup.payment.amount_minor = 500;
    (void)rig_begin(&rig);
}

static const char field55[] = "910A01020304050607083030"
                              "711286098418000004AABBCCDD9F180400000001720B86098418000004AABBCCDD";

/* Does what is wanted once. False at the end. */
static bool turn(void)
{
    struct emv_event pin = {.kind = EMV_EVENT_PIN, .bytes = BYTES("1234")};
    switch (rig.k.want) {
    case EMV_WANT_APDU:
        (void)rig_answer(&rig, fake_answer(&card, emv_contact_command(&rig.k)));
        return true;
    case EMV_WANT_PIN:
        (void)emv_contact_next(&rig.k, &pin);
        return true;
    case EMV_WANT_ONLINE:
        (void)rig_host(&rig, "00", hex(field55));
        return true;
    case EMV_WANT_CHOICE:
    case EMV_WANT_DOCUMENT:
    case EMV_DONE:
        break;
    }
    return false;
}

static unsigned all_turns(void)
{
    unsigned turns = 0;
    start();
    while (turn()) turns++;
    rig_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
    rig_assert_data(&rig, 0xDF31, "20000000012000000000");
    return turns;
}

/* What the outcome must be when the card goes at this place. */
static void check_lost(enum emv_step step, bool asked_host, bool before_generate,
                       enum emv_reason reason)
{
    const struct emv_outcome *o = &rig.k.outcome;
    assert_int_equal(rig.k.want, EMV_DONE);
    if (step == EMV_STEP_SCRIPT_AFTER) { /* the final TC is given: the payment stands */
        rig_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
        assert_int_equal(rig.k.tvr[4] & 0x10, 0x10);
        rig_assert_data(&rig, 0xDF31, "20000000011100000000");
        assert_false(o->reverse);
        return;
    }
    rig_assert_end(&rig, EMV_TERMINATED, reason);
    assert_int_equal(o->reverse, asked_host);
    assert_false(o->signature);
    bool gone = reason == EMV_REASON_REMOVED || reason == EMV_REASON_TIMEOUT;
    assert_int_equal(o->try_again, gone && before_generate);
    if (reason == EMV_REASON_REMOVED) assert_false(o->fallback);
    else assert_int_equal(o->fallback, step <= EMV_STEP_RECORD);
}

static void lose(enum emv_event_kind kind, struct bytes bytes, enum emv_reason reason)
{
    unsigned turns = all_turns(), online_seen = 0;
    assert_in_range(turns, 20, 60);
    for (unsigned at = 0; at < turns; at++) {
        bool asked_host = false;
        start();
        for (unsigned i = 0; i < at; i++) (void)turn();
        asked_host = rig.k.online_asked;
        online_seen += asked_host;
        enum emv_step step = rig.k.step;
        struct emv_event event = {.kind = kind, .bytes = bytes};
        enum emv_want wanted = rig.k.want;
        (void)emv_contact_next(&rig.k, &event);
        if (kind == EMV_EVENT_RESPONSE && wanted != EMV_WANT_APDU) {
            assert_int_equal(rig.k.want, wanted); /* does not fit: nothing has changed */
            continue;
        }
        check_lost(step, asked_host, step < EMV_STEP_GENERATE_1, reason);
        /* And it stays so, whatever comes after. */
        struct emv_outcome before = rig.k.outcome;
        for (unsigned late = EMV_EVENT_RESPONSE; late <= EMV_EVENT_NO_HOST; late++) {
            struct emv_event more = {.kind = (enum emv_event_kind)late, .bytes = BYTES("\x90\x00")};
            assert_int_equal(emv_contact_next(&rig.k, &more), EMV_DONE);
        }
        assert_memory_equal(&before, &rig.k.outcome, sizeof before);
    }
    assert_true(online_seen > 0);
}

static void pulled_at_each_command(void **state)
{
    (void)state;
    lose(EMV_EVENT_REMOVED, (struct bytes){0}, EMV_REASON_REMOVED);
}

static void silent_at_each_command(void **state)
{
    (void)state;
    lose(EMV_EVENT_TIMEOUT, (struct bytes){0}, EMV_REASON_TIMEOUT);
}

static void nonsense_at_each_command(void **state)
{
    (void)state;
    lose(EMV_EVENT_RESPONSE, BYTES("\x90"), EMV_REASON_BAD_DATA);
}

/* Every status instead of the answer, at each command: always an end, and none approves but by a
 * cryptogram. */
static void every_status_at_each_command(void **state)
{
    (void)state;
    static const char *const sw[] = {"9000", "6283", "6300", "63C0", "6581", "6700", "6881",
                                     "6982", "6983", "6985", "6A81", "6A82", "6A83", "6A88",
                                     "6B00", "6C05", "6D00", "6E00", "6F00", "6105", "FFFF"};
    unsigned turns = all_turns();
    for (unsigned at = 0; at < turns; at++)
        for (size_t s = 0; s < ARRAY_LEN(sw); s++) {
            start();
            for (unsigned i = 0; i < at; i++) (void)turn();
            if (rig.k.want != EMV_WANT_APDU) continue;
            (void)rig_answer(&rig, hex(sw[s]));
            unsigned more = 0;
            while (turn() && more < 200) more++;
            if (rig.k.want == EMV_WANT_CHOICE) continue;
            assert_int_equal(rig.k.want, EMV_DONE);
            bool approved = rig.k.outcome.result == EMV_APPROVED_ONLINE ||
                            rig.k.outcome.result == EMV_APPROVED_OFFLINE;
            if (approved) assert_true(card.generated == 2 && rig.k.given == EMV_TC);
        }
}

/* The machine is wiped: nothing of the card is left in it. */
static void nothing_stays(void **state)
{
    (void)state;
    (void)all_turns();
    assert_non_null(memmem(&rig.k, sizeof rig.k, hex("6200000000000005").at, 8));
    emv_contact_wipe(&rig.k);
    assert_null(memmem(&rig.k, sizeof rig.k, hex("6200000000000005").at, 8));
    assert_int_equal(rig.k.want, EMV_DONE);
}

static void texts(void **state)
{
    (void)state;
    assert_string_equal(emv_result_text(EMV_APPROVED_ONLINE), "approved online");
    assert_string_equal(emv_reason_text(EMV_REASON_REMOVED), "the card was taken out");
    assert_string_equal(emv_step_text(EMV_STEP_GENERATE_2), "GENERATE_2");
    assert_string_equal(emv_reason_text(EMV_REASONS), "unknown");
    assert_string_equal(emv_step_text(EMV_STEPS), "unknown");
    assert_string_equal(emv_result_text((enum emv_result)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pulled_at_each_command),
        cmocka_unit_test(silent_at_each_command),
        cmocka_unit_test(nonsense_at_each_command),
        cmocka_unit_test(every_status_at_each_command),
        cmocka_unit_test(nothing_stays),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
