/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A terminal and the devices beside it, on real lines: a printer, a display and a speaker box on
 * TCP, a scanner on a serial line (a pseudo-terminal) or as a HID device (a socket). S90, S175.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "lib/wire/socket.h"
#include "terminal/peripherals.h"
#include "tests/unit/hid_readers.h"
#include "tests/unit/terminal_rig.h"

struct far_end {
    int listener, fd;
    char address[48];
    size_t len;
    uint8_t got[32 * 1024]; /* everything, ever */
};

struct counter { /* the counter of a shop */
    struct rig *rig;
    struct loop *loop;
    struct peripherals *devices;
    struct far_end printer, display, box, scanner;
    struct hid_port hid;
    struct hid_calls hid_calls;
    int64_t now_us;
    bool mute;       /* the printer answers nothing */
    size_t answered; /* bytes of the printer's that were looked at */
    uint8_t paper;   /* what it answers to DLE EOT 4 */
    bool stuck;      /* GS r 1 waits */
    unsigned through;
};

static struct counter shop;

static int64_t shop_us(void *context)
{
    return ((const struct counter *)context)->now_us;
}

static void on_done(void *context, err e)
{
    (void)context;
    GOOD(e);
}

static void on_show(void *context, const struct screen *screen)
{
    rig_show(context, screen);
    peripherals_show(shop.devices, screen);
}

static void on_speak(void *context, const struct speech *speech)
{
    rig_speak(context, speech);
    peripherals_speak(shop.devices, speech, terminal_payment(shop.rig->terminal)->amount_minor);
}

static void on_receipt(void *context, const struct terminal_receipt *receipt)
{
    rig_receipt(context, receipt);
    peripherals_print(shop.devices, receipt);
}

static void on_drawer(void *context)
{
    (void)context;
    peripherals_drawer(shop.devices);
}

static void listen_at(struct far_end *end)
{
    uint16_t port;
    end->fd = -1;
    GOOD(socket_listen_tcp("127.0.0.1", 0, &end->listener, &port));
    snprintf(end->address, sizeof end->address, "tcp:127.0.0.1:%u", port);
}

static void take(struct far_end *end)
{
    size_t len = 0;
    if (end->fd < 0 && end->listener > 0 && FAILED(socket_accept(end->listener, &end->fd)))
        end->fd = -1;
    if (end->fd < 0 || end->listener <= 0) return;
    while (!FAILED(socket_read(end->fd, end->got + end->len, sizeof end->got - end->len, &len)))
        end->len += len;
}

static void say(struct far_end *end, const char *bytes, size_t len)
{
    assert_int_equal(write(end->fd, bytes, len), (ssize_t)len);
}

/* The printer answers what it was asked, in the order in which it was. */
static void be_printer(void)
{
    struct far_end *p = &shop.printer;
    for (; shop.answered + 3 <= p->len; shop.answered++) {
        const uint8_t *at = p->got + shop.answered;
        if (shop.mute) continue;
        if (memcmp(at, "\x10\x04\x04", 3) == 0) say(p, (const char *)&shop.paper, 1);
        if (memcmp(at, "\x1dr\x01", 3) == 0) {
            shop.through++;
            if (!shop.stuck) say(p, "\0", 1);
        }
    }
}

/* Until nothing moves any more. */
static void turn(void)
{
    for (int i = 0; i < 12; i++) {
        GOOD(loop_once(shop.loop, 2));
        take(&shop.printer);
        take(&shop.display);
        take(&shop.box);
        be_printer();
    }
}

static void pass_ms(int64_t ms)
{
    for (; ms > 0; ms -= 500) {
        shop.now_us += 500 * 1000;
        turn();
    }
}

/* `hid`: what the scanner is as a HID device; nothing: it is on a serial line. */
static void open_shop_with(unsigned paper_mm, struct bytes hid)
{
    memset(&shop, 0, sizeof shop);
    shop.hid.descriptor = hid;
    shop.hid_calls = hid_port_calls(&shop.hid);
    shop.paper = 0x12;
    shop.rig = rig_ready();
    const struct clock clock = {.monotonic_us = shop_us, .context = &shop};
    const struct loop_options loop = {.clock = clock};
    GOOD(loop_create(&loop, &shop.loop));
    listen_at(&shop.printer);
    listen_at(&shop.display);
    listen_at(&shop.box);
    shop.scanner.fd = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(grantpt(shop.scanner.fd) == 0 && unlockpt(shop.scanner.fd) == 0);
    snprintf(shop.scanner.address, sizeof shop.scanner.address, "serial:%s",
             ptsname(shop.scanner.fd));
    if (hid.len > 0)
        snprintf(shop.scanner.address, sizeof shop.scanner.address, "hid:/dev/hidraw0");
    static const struct log silent;
    const char *bad = NULL;
    const struct peripherals_options options = {.printer = shop.printer.address,
                                                .scanner = shop.scanner.address,
                                                .display = shop.display.address,
                                                .box = shop.box.address,
                                                .paper_mm = paper_mm,
                                                .hid = &shop.hid_calls,
                                                .loop = shop.loop,
                                                .clock = clock,
                                                .log = &silent,
                                                .done = on_done};
    GOOD(peripherals_open(&options, &bad, &shop.devices));
    struct terminal *t = shop.rig->terminal;
    t->config.paper_columns = peripherals_columns(shop.devices);
    t->ports.show = on_show;
    t->ports.speak = on_speak;
    t->ports.receipt = on_receipt;
    t->ports.drawer = on_drawer;
    peripherals_serve(shop.devices, t);
    turn();
}

static void open_shop(unsigned paper_mm)
{
    open_shop_with(paper_mm, (struct bytes){0});
}

static void close_shop(void)
{
    hid_port_unplug(&shop.hid);
    peripherals_close(shop.devices);
    loop_destroy(shop.loop);
    struct far_end *const ends[] = {&shop.printer, &shop.display, &shop.box, &shop.scanner};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        if (ends[i]->fd >= 0) close(ends[i]->fd);
        if (ends[i]->listener > 0) close(ends[i]->listener);
    }
    rig_check_books(shop.rig);
    rig_free(shop.rig);
}

static size_t times(const struct far_end *end, const char *what)
{
    size_t count = 0, len = strlen(what);
    for (size_t i = 0; i + len <= end->len; i++)
        if (memcmp(end->got + i, what, len) == 0) count++;
    return count;
}

static void two_slips_and_the_drawer(void **state)
{
    (void)state;
    open_shop(58);
    GOOD(rig_sale(shop.rig));
    turn();
    assert_int_equal(times(&shop.printer, "MERCHANT COPY"), 1);
    assert_int_equal(times(&shop.printer, "CARDHOLDER COPY"), 1);
    assert_int_equal(shop.through, 2);
    assert_int_equal(terminal_screen(shop.rig->terminal)->status.paper, SCREEN_PAPER_OK);
    GOOD(rig_keys(shop.rig, "ok choice:sale digit:5 ok choice:cash ok")); /* cash opens it */
    turn();
    assert_int_equal(times(&shop.printer, "\x1bp"), 1);
    close_shop();
}

/* S180 */
static void wide_paper(void **state)
{
    (void)state;
    open_shop(80);
    GOOD(rig_sale(shop.rig));
    turn();
    assert_int_equal(times(&shop.printer, "------------------------------------------------\n"), 6);
    close_shop();
}

static int64_t slips_owed(void)
{
    int64_t owed;
    GOOD(store_query_int(shop.rig->store, "SELECT count(*) FROM order_slip WHERE owed = 2", &owed));
    return owed;
}

/* S84: an order's slip is owed until the printer has said that it is out: not while it waits for
 * paper. */
static void owed_until_it_is_on_paper(void **state)
{
    (void)state;
    open_shop(58);
    rig_printer_tells(shop.rig);
    for (size_t order = 1; order <= 2; order++) {
        GOOD(rig_keys(shop.rig, "choice:sale digit:3 ok choice:split digit:1 ok choice:cash ok"));
        pass_ms(1000);
        if (order == 2) shop.paper = 0x72;
        pass_ms(12000);
        GOOD(rig_keys(shop.rig, "choice:next ok choice:cash ok choice:next ok"));
        AT(shop.rig, "main.menu");
        assert_int_equal(slips_owed(), 1);
        pass_ms(2000);
        assert_int_equal(slips_owed(), order - 1);
        assert_null(rig_line(shop.rig, "MAIN_UNSURE_ORDER")); /* it waits */
    }
    assert_int_equal(times(&shop.printer, "PAID IN FULL"), 1);
    shop.paper = 0x12;
    pass_ms(4000);
    assert_int_equal(times(&shop.printer, "PAID IN FULL"), 2);
    assert_int_equal(times(&shop.printer, "DUPLICATE"), 0);
    assert_int_equal(slips_owed(), 0);
    close_shop();
}

/* Paper ends in the middle: said on every screen and on the main screen, never printed again by
 * itself; a person prints it again, and the line goes. */
static void paper_out_in_the_middle(void **state)
{
    (void)state;
    open_shop(58);
    shop.stuck = true;
    GOOD(rig_sale(shop.rig));
    turn();
    assert_int_equal(times(&shop.printer, "CARDHOLDER COPY"), 1);
    shop.paper = 0x72;
    pass_ms(3000);
    assert_int_equal(terminal_screen(shop.rig->terminal)->status.paper, SCREEN_PAPER_OUT);
    assert_int_equal(times(&shop.printer, "CARDHOLDER COPY"), 1);
    shop.paper = 0x12;
    shop.stuck = false;
    say(&shop.printer, "\0", 1); /* a new roll: it goes on and is through */
    pass_ms(2000);
    assert_int_equal(times(&shop.printer, "CARDHOLDER COPY"), 1);
    assert_int_equal(times(&shop.printer, "MERCHANT COPY"), 1); /* was not begun: it came */
    GOOD(rig_key(shop.rig, "ok"));
    AT(shop.rig, "main.menu");
    assert_non_null(rig_line(shop.rig, "MAIN_UNSURE_SLIP"));
    GOOD(rig_keys(shop.rig, "choice:records choice:reprint_last"));
    turn();
    assert_int_equal(times(&shop.printer, "CARDHOLDER COPY"), 2);
    assert_int_equal(times(&shop.printer, "DUPLICATE"), 2);
    GOOD(rig_keys(shop.rig, "ok cancel"));
    AT(shop.rig, "main.menu");
    assert_null(rig_line(shop.rig, "MAIN_UNSURE_SLIP"));
    close_shop();
}

/* Its plug is pulled, and it talks nonsense when it comes back: payments go on, slips wait. */
/* A printer that is slow for five sales: what there was room for comes, once each; for what there
 * was none the main screen says so, and it is printed again when somebody asks. */
static void more_slips_than_can_wait(void **state)
{
    (void)state;
    open_shop(58);
    shop.stuck = true;
    for (int i = 0; i < 5; i++) {
        GOOD(rig_sale(shop.rig));
        AT(shop.rig, "sale.approved");
        turn();
        GOOD(rig_key(shop.rig, "ok"));
        AT(shop.rig, "main.menu");
        assert_int_equal(rig_line(shop.rig, "MAIN_UNSURE_SLIP") != NULL, i == 4);
    }
    shop.stuck = false;
    say(&shop.printer, "\0", 1);
    for (int i = 0; i < 10; i++) turn();
    assert_int_equal(times(&shop.printer, "CARDHOLDER COPY"), 4);
    assert_int_equal(times(&shop.printer, "MERCHANT COPY"), 4);
    GOOD(rig_keys(shop.rig, "choice:records choice:reprint_last"));
    turn();
    assert_int_equal(times(&shop.printer, "CARDHOLDER COPY"), 5);
    assert_int_equal(times(&shop.printer, "MERCHANT COPY"), 5);
    GOOD(rig_keys(shop.rig, "ok cancel"));
    AT(shop.rig, "main.menu");
    assert_null(rig_line(shop.rig, "MAIN_UNSURE_SLIP"));
    close_shop();
}

static void a_printer_in_trouble(void **state)
{
    (void)state;
    open_shop(58);
    assert_false(shop.rig->terminal->devices.printer_fault);
    close(shop.printer.fd);
    shop.printer.fd = -1;
    turn();
    assert_true(shop.rig->terminal->devices.printer_fault);
    GOOD(rig_sale(shop.rig));
    AT(shop.rig, "sale.approved");
    size_t before = shop.printer.len;
    shop.mute = true;
    pass_ms(2500);
    assert_true(shop.printer.fd >= 0);
    say(&shop.printer, "404 Not Found", 13);
    turn();
    assert_true(shop.rig->terminal->devices.printer_fault);
    assert_int_equal(times(&shop.printer, "MERCHANT COPY"), 0);
    shop.mute = false;
    shop.answered = before;
    pass_ms(5000);
    assert_false(shop.rig->terminal->devices.printer_fault);
    assert_int_equal(times(&shop.printer, "MERCHANT COPY"), 1);
    assert_int_equal(times(&shop.printer, "CARDHOLDER COPY"), 1);
    close_shop();
}

static bool displayed(const char *gb18030)
{
    return times(&shop.display, gb18030) > 0;
}

static void what_the_customer_sees(void **state)
{
    (void)state;
    open_shop(58);
    GOOD(rig_keys(shop.rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    turn();
    /* FF; ESC Q A 请付款 PLEASE PAY CR; ESC Q B, the amount at the right edge, CR. */
    assert_true(displayed("\x0c\x1bQA\xc7\xeb\xb8\xb6\xbf\xee PLEASE PAY\r"
                          "\x1bQB            \xa3\xa4"
                          "128.00\r"));
    rig_card(shop.rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(shop.rig, 300));
    turn();
    assert_false(displayed("THANK YOU"));
    GOOD(rig_enter(shop.rig, "135790"));
    AT(shop.rig, "sale.approved");
    turn();
    assert_true(displayed("THANK YOU\r"));
    GOOD(rig_key(shop.rig, "ok"));
    turn();
    assert_int_equal(shop.display.got[shop.display.len - 1], 0x0c); /* nothing any more */
    close_shop();
}

/* S90: said until the box has acknowledged it, under the same number, and never under another. */
static void the_box_is_told_until_it_has_heard(void **state)
{
    (void)state;
    open_shop(58);
    GOOD(rig_sale(shop.rig));
    turn();
    assert_int_equal(times(&shop.box, "\"number\":1,\"amount\":"), 1);
    pass_ms(3000);
    assert_true(times(&shop.box, "\"number\":1,") >= 3);
    close(shop.box.fd); /* the line breaks, and is there again */
    shop.box.fd = -1;
    pass_ms(3000);
    size_t before = times(&shop.box, "\"number\":1,");
    say(&shop.box, "{\"number\":7}\nnonsense\n", 22);
    pass_ms(2000);
    assert_true(times(&shop.box, "\"number\":1,") > before);
    say(&shop.box, "{\"number\":1}\n", 13);
    turn();
    before = times(&shop.box, "\"number\":1,");
    pass_ms(5000);
    assert_int_equal(times(&shop.box, "\"number\":1,"), before);
    assert_int_equal(times(&shop.box, "\"number\":2,"), 0);
    close_shop();
}

/* Nobody listens: it is given up, for a payment of half a minute ago is no news. */
static void what_is_late_is_not_said(void **state)
{
    (void)state;
    open_shop(58);
    close(shop.box.fd);
    close(shop.box.listener);
    shop.box.fd = -1;
    shop.box.listener = 0;
    turn();
    GOOD(rig_sale(shop.rig));
    pass_ms(31000);
    uint16_t port = (uint16_t)strtoul(strrchr(shop.box.address, ':') + 1, NULL, 10);
    GOOD(socket_listen_tcp("127.0.0.1", port, &shop.box.listener, &port));
    pass_ms(5000);
    assert_true(shop.box.fd >= 0);
    assert_int_equal(shop.box.len, 0);
    close_shop();
}

static void a_scanned_code_pays(void **state)
{
    (void)state;
    open_shop(58);
    GOOD(rig_keys(shop.rig, "choice:sale digit:9 point digit:5 ok"));
    assert_int_equal(write(shop.scanner.fd, "28000000000", 11), 11);
    turn();
    assert_int_equal(write(shop.scanner.fd, "0000000\r\n", 9), 9);
    turn();
    GOOD(rig_pump(shop.rig));
    AT(shop.rig, "sale.approved");
    assert_int_equal(shop.rig->sales_seen, 1);
    /* The same code once more, on a screen that wants none: nothing happens. */
    assert_int_equal(write(shop.scanner.fd, "280000000000000000\r", 19), 19);
    turn();
    assert_int_equal(shop.rig->sales_seen, 1);
    close_shop();
}

/* A code in two reports pays; nonsense between them and a plug that is pulled do not; a stripe
 * reader in its place is no scanner. */
static void a_hid_scanner_pays(void **state)
{
    (void)state;
    uint8_t report[HID_SCANNER_REPORT];
    open_shop_with(58, BYTES_OF(hid_scanner_descriptor));
    assert_int_equal(shop.hid.opened, 1);
    GOOD(rig_keys(shop.rig, "choice:sale digit:9 point digit:5 ok"));
    hid_scanner_report(report, "Q", "280000000000000000", false); /* no such identifier */
    hid_port_report(&shop.hid, report, sizeof report);
    hid_port_report(&shop.hid, report, 5);
    hid_scanner_report(report, "]C0", "2800000000000000", true);
    hid_port_report(&shop.hid, report, sizeof report);
    turn();
    hid_port_unplug(&shop.hid);
    turn();
    shop.hid.descriptor = BYTES_OF(hid_stripe_descriptor);
    pass_ms(2500);
    assert_int_equal(shop.hid.opened, 2); /* looked at, and let go */
    shop.hid.descriptor = BYTES_OF(hid_scanner_descriptor);
    pass_ms(2500);
    hid_scanner_report(report, "]C0", "00", false); /* the end of what was lost is no code */
    hid_port_report(&shop.hid, report, sizeof report);
    turn();
    GOOD(rig_pump(shop.rig));
    assert_int_equal(shop.rig->sales_seen, 0);
    hid_scanner_report(report, "]C0", "2800000000000000", true);
    hid_port_report(&shop.hid, report, sizeof report);
    hid_scanner_report(report, "]C0", "00", false);
    hid_port_report(&shop.hid, report, sizeof report);
    turn();
    GOOD(rig_pump(shop.rig));
    AT(shop.rig, "sale.approved");
    assert_int_equal(shop.rig->sales_seen, 1);
    close_shop();
}

static void an_address_that_is_none(void **state)
{
    (void)state;
    struct peripherals *devices = NULL;
    const char *bad = NULL;
    memset(&shop, 0, sizeof shop);
    const struct loop_options loop = {.clock = {.monotonic_us = shop_us, .context = &shop}};
    GOOD(loop_create(&loop, &shop.loop));
    const struct peripherals_options options = {
        .printer = "tcp:127.0.0.1:9100", .display = "/dev/ttyS0", .loop = shop.loop};
    assert_int_equal(peripherals_open(&options, &bad, &devices).code, ERR_CONFIG);
    assert_string_equal(bad, "/dev/ttyS0");
    assert_null(devices);
    const struct peripherals_options hid = {.display = "hid:/dev/hidraw0", .loop = shop.loop};
    assert_int_equal(peripherals_open(&hid, &bad, &devices).code, ERR_CONFIG); /* no reader */
    assert_string_equal(bad, "hid:/dev/hidraw0");
    assert_null(devices);
    loop_destroy(shop.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_slips_and_the_drawer),
        cmocka_unit_test(wide_paper),
        cmocka_unit_test(owed_until_it_is_on_paper),
        cmocka_unit_test(paper_out_in_the_middle),
        cmocka_unit_test(a_printer_in_trouble),
        cmocka_unit_test(more_slips_than_can_wait),
        cmocka_unit_test(what_the_customer_sees),
        cmocka_unit_test(the_box_is_told_until_it_has_heard),
        cmocka_unit_test(what_is_late_is_not_said),
        cmocka_unit_test(a_scanned_code_pays),
        cmocka_unit_test(a_hid_scanner_pays),
        cmocka_unit_test(an_address_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
