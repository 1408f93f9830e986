/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stripe reader on a serial line (a pseudo-terminal), as the vault's driver sees it: swipes that
 * are whole, cut, of one track, before anybody asked, and what is left of them (S74, S175).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/hid_readers.h"
#include "vault/stripe_reader.h"

#define TRACK_1 "%B6220000000000005^CARDHOLDER/TEST^30122011000000000?"
#define TRACK_2 ";6220000000000005=30122011000000000?"

static struct stripe_reader reader;
static struct loop *loop;
static int64_t now_us;
static int master;

static int64_t fake_us(void *context)
{
    (void)context;
    return now_us;
}

static int begin(void **state)
{
    (void)state;
    static const struct log silent;
    static char address[64];
    const struct clock clock = {.monotonic_us = fake_us};
    const struct loop_options options = {.clock = clock};
    memset(&reader, 0, sizeof reader);
    master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    (void)snprintf(address, sizeof address, "serial:%s", ptsname(master));
    assert_int_equal(loop_create(&options, &loop).code, ERR_OK);
    assert_int_equal(stripe_reader_name(&reader, address).code, ERR_OK);
    assert_int_equal(stripe_reader_open(&reader, loop, clock, &silent).code, ERR_OK);
    for (int i = 0; i < 3; i++) assert_int_equal(loop_once(loop, 10).code, ERR_OK);
    return 0;
}

static int end(void **state)
{
    (void)state;
    stripe_reader_close(&reader);
    loop_destroy(loop);
    close(master);
    return 0;
}

static void swipe(const char *text)
{
    assert_int_equal(write(master, text, strlen(text)), (ssize_t)strlen(text));
    for (int i = 0; i < 3; i++) assert_int_equal(loop_once(loop, 10).code, ERR_OK);
}

static struct vault_swipe polled(void)
{
    struct vault_swipe out = {0};
    struct vault_reader driver = stripe_reader_driver(&reader);
    assert_int_equal(driver.poll(driver.context, &out).code, ERR_OK);
    return out;
}

static void a_card_is_swiped(void **state)
{
    (void)state;
    assert_false(polled().present);
    swipe(TRACK_1 TRACK_2 "\r\n");
    struct vault_swipe got = polled();
    assert_true(got.present);
    assert_string_equal(got.track1, TRACK_1);
    assert_string_equal(got.track2, TRACK_2);
    assert_false(polled().present); /* once */
    static const struct vault_swipe nothing;
    assert_memory_equal(&reader.swipe, &nothing, sizeof nothing);
    swipe(TRACK_2 "\r");
    got = polled();
    assert_string_equal(got.track1, "");
    assert_string_equal(got.track2, TRACK_2);
}

static void what_is_no_card(void **state)
{
    (void)state;
    static const char *const bad[] = {"%E?;E?\r", ";6220000000000005=3012\r", "hello\r", "?;%?\r"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        swipe(bad[i]);
        struct vault_swipe got = polled();
        assert_true(got.present); /* "unreadable", and not silence */
        assert_true(strstr(got.track2, "6220") == NULL);
    }
    char longer[VAULT_TRACK_TEXT_MAX + 8];
    memset(longer, '1', sizeof longer);
    longer[0] = ';';
    memcpy(longer + sizeof longer - 3, "?\r", 3);
    swipe(longer);
    struct vault_swipe got = polled();
    assert_true(got.present);
    assert_string_equal(got.track2, "");
}

static void a_swipe_that_nobody_asked_for(void **state)
{
    (void)state;
    struct vault_reader driver = stripe_reader_driver(&reader);
    swipe(TRACK_2 "\r");
    driver.arm(driver.context);
    assert_false(polled().present);
    swipe(";62200000"); /* half of one, and the reader is armed anew */
    driver.arm(driver.context);
    swipe("00000005=3012?\r");
    assert_string_equal(polled().track2, "");
}

static void the_plug_is_pulled(void **state)
{
    (void)state;
    swipe(TRACK_2 "\r");
    close(master);
    for (int i = 0; i < 3; i++) assert_int_equal(loop_once(loop, 10).code, ERR_OK);
    assert_false(polled().present);
    master = posix_openpt(O_RDWR | O_NOCTTY);
}

static void addresses(void **state)
{
    (void)state;
    struct stripe_reader other = {0};
    assert_int_equal(stripe_reader_name(&other, "tcp:127.0.0.1:9100").code, ERR_CONFIG);
    assert_int_equal(stripe_reader_name(&other, "/dev/ttyS0").code, ERR_CONFIG);
    assert_int_equal(stripe_reader_name(&other, "keys:/dev/input/event3").code, ERR_OK);
    assert_int_equal(stripe_reader_name(&other, "hid:/dev/hidraw0").code, ERR_OK);
}

static void turns(void)
{
    for (int i = 0; i < 3; i++) assert_int_equal(loop_once(loop, 0).code, ERR_OK);
}

/* A HID reader is plugged in after a scanner was: a swipe, an unreadable one, nonsense, and a
 * swipe that nobody asked for; pulled out, nothing is left of it. */
static void a_hid_reader(void **state)
{
    (void)state;
    static const struct log silent;
    static struct hid_port port;
    const struct hid_calls calls = hid_port_calls(&port);
    const struct clock clock = {.monotonic_us = fake_us};
    const struct loop_options options = {.clock = clock};
    uint8_t report[HID_STRIPE_REPORT];
    memset(&reader, 0, sizeof reader);
    reader.hid_calls = &calls;
    assert_int_equal(loop_create(&options, &loop).code, ERR_OK);
    assert_int_equal(stripe_reader_name(&reader, "hid:/dev/hidraw0").code, ERR_OK);
    assert_int_equal(stripe_reader_open(&reader, loop, clock, &silent).code, ERR_OK);
    port.descriptor = BYTES_OF(hid_scanner_descriptor);
    turns();
    assert_int_equal(port.opened, 1);
    assert_false(peripheral_is_open(&reader.line));
    port.descriptor = BYTES_OF(hid_stripe_descriptor);
    now_us += (PERIPHERAL_AGAIN_MS + 1) * INT64_C(1000);
    turns();
    assert_true(peripheral_is_open(&reader.line));

    hid_stripe_report(report, TRACK_1, TRACK_2, "");
    hid_port_report(&port, report, sizeof report);
    turns();
    struct vault_swipe got = polled();
    assert_true(got.present);
    assert_string_equal(got.track1, TRACK_1);
    assert_string_equal(got.track2, TRACK_2);
    assert_false(polled().present);

    report[4] = 1; /* its track 2 could not be decoded */
    hid_port_report(&port, report, sizeof report);
    turns();
    got = polled();
    assert_true(got.present); /* "unreadable", and not silence */
    assert_string_equal(got.track2, "");

    report[0] = 200; /* longer than there is room for: nothing of it is a swipe */
    hid_port_report(&port, report, sizeof report);
    turns();
    assert_false(polled().present);
    assert_int_equal(reader.hid.dropped[HID_BAD_COUNT], 1);

    struct vault_reader driver = stripe_reader_driver(&reader);
    hid_stripe_report(report, TRACK_1, TRACK_2, "");
    hid_port_report(&port, report, sizeof report);
    turns();
    driver.arm(driver.context);
    assert_false(polled().present);
    hid_port_report(&port, report, sizeof report);
    turns();
    hid_port_unplug(&port);
    turns();
    assert_false(polled().present);
    stripe_reader_close(&reader);
    loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_card_is_swiped, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_card, begin, end),
        cmocka_unit_test_setup_teardown(a_swipe_that_nobody_asked_for, begin, end),
        cmocka_unit_test_setup_teardown(the_plug_is_pulled, begin, end),
        cmocka_unit_test(addresses),
        cmocka_unit_test(a_hid_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
