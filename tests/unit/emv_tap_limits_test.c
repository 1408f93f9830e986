/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S76: what an amount makes of a tap before any card is there: 0.01 below each limit, at it and
 * above it, and what the terminal qualifiers (9F66) say then.
 */
#include "tests/unit/emv_tap_rig.h"

static struct tap_rig rig;

enum { ONLINE = 0x80, CVM = 0x40 };

static void check(int64_t amount_minor, bool allowed, uint8_t wanted)
{
    rig.base.setup.payment.amount_minor = amount_minor;
    enum emv_want want = tap_begin(&rig);
    if (!allowed) {
        tap_assert_end(&rig, EMV_TERMINATED, EMV_REASON_LIMIT);
        assert_true(rig.k.tap.insert);
        assert_int_equal(rig.k.tap.message, EMV_MESSAGE_INSERT);
        return;
    }
    assert_int_equal(want, EMV_WANT_APDU);
    if (rig.k.combination[0].ttq[1] != wanted)
        fail_msg("%lld: %02X and not %02X", (long long)amount_minor, rig.k.combination[0].ttq[1],
                 wanted);
}

static void start(const struct rig_application *a, const char *free_limit)
{
    tap_start(&rig);
    rig_add_application(&rig.base, a);
    if (free_limit == NULL) return;
    uint8_t block[16];
    struct writer w = writer_over(block, sizeof block);
    tlv_write(&w, 0xDF8105, hex(free_limit));
    rig_append(&rig.base, 0xE5, writer_view(&w));
}

static void every_boundary(void **state)
{
    (void)state;
    start(&(struct rig_application){TAP_USUAL}, NULL);
    check(1, true, 0);
    check(9999, true, 0);
    check(10000, true, 0); /* at the floor limit: still without the host */
    check(10001, true, ONLINE);
    check(99999, true, ONLINE);
    check(100000, true, ONLINE | CVM); /* at the CVM limit: verified */
    check(100001, true, ONLINE | CVM);
    check(499999, true, ONLINE | CVM);
    check(500000, false, 0); /* at the limit: not by tap */
    check(500001, false, 0);
}

static void the_terminal_s_own_limit_for_small_amounts(void **state)
{
    (void)state;
    start(&(struct rig_application){TAP_USUAL}, "000000005000");
    check(4999, true, 0);
    check(5000, true, CVM);
    check(5001, true, CVM);
    /* Above the application's, it changes nothing. */
    start(&(struct rig_application){TAP_USUAL}, "000000200000");
    check(99999, true, ONLINE);
    check(100000, true, ONLINE | CVM);
    /* At zero, every tap is verified. */
    start(&(struct rig_application){TAP_USUAL}, "000000000000");
    check(1, true, CVM);
}

static void not_offered(void **state)
{
    (void)state;
    start(&(struct rig_application){.aid = "A000000333010101"}, NULL);
    check(1, false, 0);
    rig.base.setup.terminal.capabilities[0] &= (uint8_t)~0x20; /* nowhere to insert it */
    (void)tap_begin(&rig);
    assert_false(rig.k.tap.insert);
    assert_int_equal(rig.k.tap.message, EMV_MESSAGE_OTHER_CARD);
}

static void zero_and_forced(void **state)
{
    (void)state;
    start(&(struct rig_application){TAP_USUAL}, NULL);
    check(0, true, ONLINE);
    rig.base.setup.payment.force_online = true;
    check(1, true, ONLINE);
    rig.base.setup.payment.force_online = false;
    rig.base.setup.terminal.type = 0x21; /* always online */
    check(1, true, ONLINE);
    rig.base.setup.terminal.type = 0x23; /* never online */
    check(0, false, 0);
    check(10001, true, 0);
    assert_int_equal(rig.k.combination[0].ttq[0] & 0x08, 0x08);
}

/* What the terminal can stands in the first byte; the derived card's transcripts have 36 and 26. */
static void abilities(void **state)
{
    (void)state;
    static const struct {
        uint8_t reader, methods;
        bool no_pin;
        uint8_t said;
    } row[] = {{0xE0, 0xF8, false, 0x36}, {0xC0, 0xF8, false, 0x26}, {0xE0, 0xB8, false, 0x32},
               {0xE0, 0xD8, false, 0x34}, {0xE0, 0xF8, true, 0x32},  {0xC0, 0x00, false, 0x20}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(&(struct rig_application){TAP_USUAL, .no_online_pin = row[i].no_pin}, NULL);
        rig.base.setup.terminal.capabilities[0] = row[i].reader;
        rig.base.setup.terminal.capabilities[1] = row[i].methods;
        check(500, true, 0);
        const uint8_t expected[4] = {row[i].said, 0, 0, 0x80};
        assert_memory_equal(rig.k.combination[0].ttq, expected, 4);
    }
}

/* Limits are of an application: one may be tapped and the other not. */
static void each_application_has_its_own(void **state)
{
    (void)state;
    start(&(struct rig_application){TAP_USUAL}, NULL);
    rig_add_application(&rig.base, &(struct rig_application){.aid = "A000000333010102",
                                                             .tap_floor = "000000000000",
                                                             .tap_limit = "000000000501",
                                                             .tap_cvm = "000000000500"});
    check(500, true, 0);
    assert_true(rig.k.combination[1].allowed);
    assert_int_equal(rig.k.combination[1].ttq[1], ONLINE | CVM);
    check(501, true, 0);
    assert_false(rig.k.combination[1].allowed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_boundary),
        cmocka_unit_test(the_terminal_s_own_limit_for_small_amounts),
        cmocka_unit_test(not_offered),
        cmocka_unit_test(zero_and_forced),
        cmocka_unit_test(abilities),
        cmocka_unit_test(each_application_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
