/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices beside us: addresses, a printer on TCP and one on a serial line (a pseudo-terminal),
 * pulled plugs, full queues; and what a scanner types when it plays a keyboard (S175).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/input.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "lib/wire/keyboard.h"
#include "lib/wire/peripheral.h"
#include "lib/wire/socket.h"

struct seen {
    struct loop *loop;
    int64_t now_us;
    unsigned opened, lost;
    char why[80], text[256];
    size_t len;
};

static int64_t fake_us(void *context)
{
    return ((struct seen *)context)->now_us;
}

static void on_opened(void *context)
{
    ((struct seen *)context)->opened++;
}

static void on_taken(void *context, struct bytes bytes)
{
    struct seen *seen = context;
    assert_true(bytes.len < sizeof seen->text - seen->len);
    memcpy(seen->text + seen->len, bytes.at, bytes.len);
    seen->len += bytes.len;
}

static void on_lost(void *context, const char *why)
{
    struct seen *seen = context;
    seen->lost++;
    (void)snprintf(seen->why, sizeof seen->why, "%s", why);
}

static struct peripheral device; /* too large for a stack */

static int begin(void **state)
{
    static struct seen seen;
    memset(&seen, 0, sizeof seen);
    memset(&device, 0, sizeof device);
    const struct loop_options options = {
        .clock = {.context = &seen, .monotonic_us = fake_us, .now_ms = NULL}};
    assert_int_equal(loop_create(&options, &seen.loop).code, ERR_OK);
    *state = &seen;
    return 0;
}

static int end(void **state)
{
    struct seen *seen = *state;
    peripheral_close(&device);
    loop_destroy(seen->loop);
    return 0;
}

static void open_device(struct seen *seen, const char *text)
{
    struct peripheral_address address;
    const struct peripheral_events events = {on_opened, on_taken, on_lost, seen};
    assert_int_equal(peripheral_parse(text, &address).code, ERR_OK);
    assert_int_equal(peripheral_open(seen->loop, &address, &events, &device).code, ERR_OK);
}

static void turn(struct seen *seen)
{
    assert_int_equal(loop_once(seen->loop, 100).code, ERR_OK);
}

static void addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *path;
        enum peripheral_kind kind;
        unsigned port, baud;
    } good[] = {
        {"tcp:127.0.0.1:9100", "127.0.0.1", PERIPHERAL_TCP, 9100, 9600},
        {"tcp:::1:9100", "::1", PERIPHERAL_TCP, 9100, 9600},
        {"serial:/dev/ttyS0", "/dev/ttyS0", PERIPHERAL_SERIAL, 0, 9600},
        {"serial:/dev/ttyUSB0,115200", "/dev/ttyUSB0", PERIPHERAL_SERIAL, 0, 115200},
        {"usb:/dev/usb/lp0", "/dev/usb/lp0", PERIPHERAL_FILE, 0, 9600},
        {"keys:/dev/input/event3", "/dev/input/event3", PERIPHERAL_KEYS, 0, 9600},
        {"hid:/dev/hidraw0", "/dev/hidraw0", PERIPHERAL_HID, 0, 9600},
    };
    static const char *const bad[] = {"",
                                      "/dev/usb/lp0",
                                      "usb:",
                                      "usb:lp0",
                                      "tcp:127.0.0.1",
                                      "tcp:127.0.0.1:0",
                                      "tcp:127.0.0.1:65536",
                                      "tcp::9100",
                                      "tcp:127.0.0.1:91x0",
                                      "serial:/dev/ttyS0,9601",
                                      "serial:/dev/ttyS0,",
                                      "hid:",
                                      "hid:hidraw0",
                                      "lpt:/dev/lp0"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct peripheral_address a;
        assert_int_equal(peripheral_parse(good[i].text, &a).code, ERR_OK);
        assert_string_equal(a.path, good[i].path);
        assert_int_equal(a.kind, good[i].kind);
        assert_int_equal(a.port, good[i].port);
        assert_int_equal(a.baud, good[i].baud);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct peripheral_address a = {.baud = 7}, before = a;
        assert_int_equal(peripheral_parse(bad[i], &a).code, ERR_CONFIG);
        assert_memory_equal(&a, &before, sizeof a);
    }
}

/* Not there yet, then there, then gone, then there again: said once each, and bytes both ways. */
static void a_printer_on_the_network(void **state)
{
    struct seen *seen = *state;
    uint16_t port;
    int listener, printer;
    char text[64], got[16];
    assert_int_equal(socket_listen_tcp("127.0.0.1", 0, &listener, &port).code, ERR_OK);
    assert_int_equal(close(listener), 0); /* a port where nobody is */
    (void)snprintf(text, sizeof text, "tcp:127.0.0.1:%u", port);
    open_device(seen, text);
    assert_int_equal(peripheral_send(&device, BYTES("x")).code, ERR_CLOSED);
    for (int i = 0; i < 10 && seen->lost == 0; i++) turn(seen);
    assert_int_equal(seen->lost, 1);
    assert_int_equal(seen->opened, 0);

    assert_int_equal(socket_listen_tcp("127.0.0.1", port, &listener, &port).code, ERR_OK);
    seen->now_us += (PERIPHERAL_AGAIN_MS + 1) * INT64_C(1000);
    for (int i = 0; i < 10 && seen->opened == 0; i++) turn(seen);
    assert_int_equal(seen->opened, 1);
    do printer = accept(listener, NULL, NULL);
    while (printer < 0);
    assert_int_equal(peripheral_send(&device, BYTES("\x1b@hello")).code, ERR_OK);
    assert_false(peripheral_idle(&device));
    for (int i = 0; i < 10 && !peripheral_idle(&device); i++) turn(seen);
    assert_int_equal(read(printer, got, sizeof got), 7);
    assert_memory_equal(got, "\x1b@hello", 7);
    assert_int_equal(write(printer, "\x12", 1), 1);
    for (int i = 0; i < 10 && seen->len == 0; i++) turn(seen);
    assert_int_equal(seen->text[0], 0x12);

    assert_int_equal(close(printer), 0);
    for (int i = 0; i < 10 && seen->lost == 1; i++) turn(seen);
    assert_int_equal(seen->lost, 2);
    assert_false(peripheral_is_open(&device));
    seen->now_us += (PERIPHERAL_AGAIN_MS + 1) * INT64_C(1000);
    for (int i = 0; i < 10 && seen->opened == 1; i++) turn(seen);
    assert_int_equal(seen->opened, 2);
    assert_int_equal(close(listener), 0);
}

/* A printer that takes nothing: what has no room is refused whole. */
static void a_queue_that_is_full(void **state)
{
    struct seen *seen = *state;
    static uint8_t block[PERIPHERAL_QUEUE + 1];
    uint16_t port;
    int listener;
    char text[64];
    assert_int_equal(socket_listen_tcp("127.0.0.1", 0, &listener, &port).code, ERR_OK);
    (void)snprintf(text, sizeof text, "tcp:127.0.0.1:%u", port);
    open_device(seen, text);
    for (int i = 0; i < 10 && seen->opened == 0; i++) turn(seen);
    assert_int_equal(peripheral_send(&device, bytes_of(block, sizeof block)).code, ERR_FULL);
    assert_true(peripheral_idle(&device));
    assert_int_equal(peripheral_send(&device, bytes_of(block, PERIPHERAL_QUEUE)).code, ERR_OK);
    assert_int_equal(peripheral_send(&device, BYTES("x")).code, ERR_FULL);
    assert_int_equal(close(listener), 0);
}

static void a_printer_on_a_serial_line(void **state)
{
    struct seen *seen = *state;
    struct termios line;
    char text[64], got[16];
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    (void)snprintf(text, sizeof text, "serial:%s,19200", ptsname(master));
    open_device(seen, text);
    for (int i = 0; i < 10 && seen->opened == 0; i++) turn(seen);
    assert_int_equal(seen->opened, 1);
    assert_int_equal(tcgetattr(master, &line), 0);
    assert_int_equal(cfgetospeed(&line), B19200);
    /* Raw: neither an echo nor a carriage return is added. */
    assert_int_equal(peripheral_send(&device, BYTES("a\nb")).code, ERR_OK);
    for (int i = 0; i < 10 && !peripheral_idle(&device); i++) turn(seen);
    assert_int_equal(read(master, got, sizeof got), 3);
    assert_memory_equal(got, "a\nb", 3);
    assert_int_equal(write(master, "6901\r", 5), 5);
    for (int i = 0; i < 10 && seen->len < 5; i++) turn(seen);
    assert_memory_equal(seen->text, "6901\r", 5);
    assert_int_equal(close(master), 0);
    for (int i = 0; i < 10 && seen->lost == 0; i++) turn(seen);
    assert_int_equal(seen->lost, 1);
}

static void a_device_that_is_not_there(void **state)
{
    struct seen *seen = *state;
    open_device(seen, "usb:/dev/no-such-printer");
    turn(seen);
    assert_int_equal(seen->lost, 1);
    for (int i = 0; i < 3; i++) { /* said once, tried again and again */
        seen->now_us += (PERIPHERAL_AGAIN_MS + 1) * INT64_C(1000);
        turn(seen);
    }
    assert_int_equal(seen->lost, 1);
    peripheral_close(&device);
    peripheral_close(&device);
}

/* ---- keys ---- */

struct typist {
    struct keyboard keyboard;
    struct seen seen;
    int64_t at_us;
    unsigned lines;
};

static void on_line(void *context, struct bytes line)
{
    struct typist *t = context;
    t->lines++;
    t->seen.len = 0;
    on_taken(&t->seen, line);
    t->seen.text[t->seen.len] = '\0';
}

static void key(struct typist *t, unsigned code, int value)
{
    struct input_event event = {.type = EV_KEY, .code = (uint16_t)code, .value = value};
    event.input_event_sec = t->at_us / 1000000;
    event.input_event_usec = t->at_us % 1000000;
    t->at_us += 2000;
    /* In two pieces, as a read may cut it. */
    keyboard_take(&t->keyboard, bytes_of(&event, 7), on_line, t);
    keyboard_take(&t->keyboard, bytes_of((const uint8_t *)&event + 7, sizeof event - 7), on_line,
                  t);
}

static void type(struct typist *t, const char *text)
{
    static const char plain[] = "1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./ ";
    static const char shifted[] = "!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"~|ZXCVBNM<>? ";
    static const uint8_t codes[] = {2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 16, 17, 18, 19,
                                    20, 21, 22, 23, 24, 25, 26, 27, 30, 31, 32, 33, 34, 35, 36, 37,
                                    38, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 57};
    for (; *text != '\0'; text++) {
        const char *at = strchr(plain, *text);
        bool shift = at == NULL;
        size_t place = (size_t)(shift ? strchr(shifted, *text) - shifted : at - plain);
        if (shift) key(t, KEY_LEFTSHIFT, 1);
        key(t, codes[place], 1);
        key(t, codes[place], 0);
        if (shift) key(t, KEY_LEFTSHIFT, 0);
    }
}

static void what_a_scanner_types(void **state)
{
    (void)state;
    static struct typist t;
    memset(&t, 0, sizeof t);
    type(&t, "281234567890123456");
    assert_int_equal(t.lines, 0);
    key(&t, KEY_ENTER, 1);
    key(&t, KEY_ENTER, 0);
    assert_int_equal(t.lines, 1);
    assert_string_equal(t.seen.text, "281234567890123456");
    type(&t, "https://Example.test/a?b=1&c=%20;{x}~|\"_+^");
    key(&t, KEY_KPENTER, 1);
    assert_int_equal(t.lines, 2);
    assert_string_equal(t.seen.text, "https://Example.test/a?b=1&c=%20;{x}~|\"_+^");
    key(&t, KEY_ENTER, 1); /* nothing was typed */
    assert_int_equal(t.lines, 2);
    /* What was typed is nowhere any more. */
    for (size_t i = 0; i < sizeof t.keyboard.line; i++) assert_int_equal(t.keyboard.line[i], 0);
}

static void what_is_no_code(void **state)
{
    (void)state;
    static struct typist t;
    memset(&t, 0, sizeof t);
    type(&t, "12"); /* its end was lost: not joined to the next one */
    t.at_us += (KEYBOARD_GAP_MS + 1) * INT64_C(1000);
    type(&t, "34");
    key(&t, KEY_ENTER, 1);
    assert_string_equal(t.seen.text, "34");
    type(&t, "56");
    key(&t, KEY_F1, 1); /* a key without a character spoils the line, and that line only */
    key(&t, KEY_ENTER, 1);
    assert_int_equal(t.lines, 1);
    for (int i = 0; i < KEYBOARD_LINE_MAX + 1; i++) type(&t, "9");
    key(&t, KEY_ENTER, 1);
    assert_int_equal(t.lines, 1);
    type(&t, "78");
    t.at_us -= 3600 * INT64_C(1000000); /* the clock went back: begun anew */
    type(&t, "90");
    key(&t, KEY_ENTER, 1);
    assert_int_equal(t.lines, 2);
    assert_string_equal(t.seen.text, "90");
    struct input_event other = {.type = EV_SYN};
    keyboard_take(&t.keyboard, bytes_of(&other, sizeof other), on_line, &t);
    key(&t, 0x2ff, 1);
    keyboard_wipe(&t.keyboard);
    assert_int_equal(t.keyboard.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test_setup_teardown(a_printer_on_the_network, begin, end),
        cmocka_unit_test_setup_teardown(a_queue_that_is_full, begin, end),
        cmocka_unit_test_setup_teardown(a_printer_on_a_serial_line, begin, end),
        cmocka_unit_test_setup_teardown(a_device_that_is_not_there, begin, end),
        cmocka_unit_test(what_a_scanner_types),
        cmocka_unit_test(what_is_no_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
