/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payments over TLS between real programs: a foreign terminal of the plain profile, our own
 * profile, repeats, reversals, and what a listener on the wires and a thief of the disks would see.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "tests/protocol/pos.h"

static struct host host;
static struct pos own, foreign;

/* ---- what goes over the wires: a relay that keeps everything ---- */

enum { KEPT_MAX = 1 << 20 };

struct relay {
    int listener;
    long port, to_port;
    pthread_t thread;
    uint8_t kept[KEPT_MAX];
    size_t len;
    int stop[2];
};

static struct relay terminal_relay, network_relay;

static int connect_local(long port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0) return fd;
    close(fd);
    return -1;
}

/* One read from `from` to `to`. False when the connection is over. */
static bool pass(struct relay *r, int from, int to)
{
    uint8_t block[4096];
    ssize_t got = read(from, block, sizeof block);
    if (got <= 0) return false;
    size_t room = KEPT_MAX - r->len, keep = (size_t)got < room ? (size_t)got : room;
    memcpy(r->kept + r->len, block, keep);
    r->len += keep;
    return write(to, block, (size_t)got) == got;
}

static void *relay_run(void *context)
{
    struct relay *r = context;
    int in = -1, out = -1;
    for (;;) {
        struct pollfd p[4] = {{.fd = r->stop[0], .events = POLLIN},
                              {.fd = in < 0 ? r->listener : -1, .events = POLLIN},
                              {.fd = in, .events = POLLIN},
                              {.fd = out, .events = POLLIN}};
        if (poll(p, 4, -1) < 0 || p[0].revents != 0) break;
        bool over = false;
        if (p[1].revents != 0) {
            in = accept(r->listener, NULL, NULL);
            out = connect_local(r->to_port);
            continue;
        }
        if (p[2].revents != 0) over = !pass(r, in, out);
        if (!over && p[3].revents != 0) over = !pass(r, out, in);
        if (!over) continue;
        close(in);
        close(out);
        in = out = -1;
    }
    close(in);
    close(out);
    return NULL;
}

static void relay_start(struct relay *r, long to_port)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t len = sizeof a;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    r->to_port = to_port;
    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(r->listener, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(r->listener, 4), 0);
    assert_int_equal(getsockname(r->listener, (struct sockaddr *)&a, &len), 0);
    r->port = ntohs(a.sin_port);
    assert_int_equal(pipe(r->stop), 0);
    assert_int_equal(pthread_create(&r->thread, NULL, relay_run, r), 0);
}

static void relay_stop(struct relay *r)
{
    assert_int_equal(write(r->stop[1], "x", 1), 1);
    pthread_join(r->thread, NULL);
    close(r->listener);
    close(r->stop[0]);
    close(r->stop[1]);
}

/* ---- payments ---- */

/* S176: a terminal that knows only the plain profile signs in, pays and reverses. */
static void a_foreign_terminal_pays(void **state)
{
    (void)state;
    int64_t before = host_network_minor(&host, "card_network_minor");
    pos_connect(&foreign, &host);
    pos_sign_in(&foreign);
    struct payment p = pos_sale(&foreign, 12800);
    pos_exchange(&foreign, pos_request(&foreign, &p));
    assert_int_equal(foreign.answer.mti, 0x0210);
    assert_string_equal(pos_code(&foreign), "00");
    assert_true(pos_mac_good(&foreign));
    assert_string_equal(pos_field(&foreign, 4), "000000012800");
    assert_int_equal(iso8583_get(&foreign.answer, 37).len, 12);
    assert_int_equal(iso8583_get(&foreign.answer, 38).len, 6);
    assert_false(iso8583_has(&foreign.answer, 35));
    assert_false(iso8583_has(&foreign.answer, 52));
    assert_int_equal(host_network_minor(&host, "card_network_minor"), before + 12800);

    pos_exchange(&foreign, pos_reversal(&foreign, &p));
    assert_int_equal(foreign.answer.mti, 0x0410);
    assert_string_equal(pos_code(&foreign), "00");
    assert_true(pos_mac_good(&foreign));
    for (int i = 0; host_network_minor(&host, "card_network_minor") != before && i < 200; i++)
        programs_pause();
    assert_int_equal(host_network_minor(&host, "card_network_minor"), before);
    pos_exchange(&foreign,
                 pos_reversal(&foreign, &p)); /* told twice: the same, no further effect */
    assert_string_equal(pos_code(&foreign), "00");
    assert_int_equal(host_network_minor(&host, "card_network_minor"), before);
}

static void a_wrong_pin_is_declined(void **state)
{
    (void)state;
    struct payment p = pos_sale(&foreign, 500);
    memcpy(foreign.pin, "111111", 7);
    pos_exchange(&foreign, pos_request(&foreign, &p));
    assert_string_equal(pos_code(&foreign), "55");
    assert_true(pos_mac_good(&foreign));
    memcpy(foreign.pin, "246810", 7);
    pos_pays(&foreign, 500);
}

/* S87: the same request again gets the recorded answer, and the card is charged once. */
static void a_repeat_gets_the_same_answer(void **state)
{
    (void)state;
    static const unsigned fields[] = {3, 4, 11, 12, 13, 37, 38, 39, 41, 42, 49, 60, 63};
    char first[ARRAY_LEN(fields)][64];
    int64_t before = host_network_minor(&host, "card_network_minor");
    pos_connect(&own, &host);
    pos_sign_in(&own);
    struct payment p = pos_sale(&own, 6600);
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_equal(pos_code(&own), "00");
    assert_true(pos_mac_good(&own));
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        snprintf(first[i], sizeof first[i], "%s", pos_field(&own, fields[i]));
    for (int again = 0; again < 3; again++) {
        if (again == 2) pos_connect(&own, &host); /* over another connection */
        pos_exchange(&own, pos_request(&own, &p));
        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
            assert_string_equal(pos_field(&own, fields[i]), first[i]);
        assert_true(pos_mac_good(&own));
    }
    assert_int_equal(host_network_minor(&host, "card_network_minor"), before + 6600);
}

/* S87, S88: a payment that was reversed stays so, whatever comes late. */
static void a_reversal_outlives_late_copies(void **state)
{
    (void)state;
    int64_t before = host_network_minor(&host, "card_network_minor");
    struct payment p = pos_sale(&own, 3300);
    pos_exchange(&own, pos_reversal(&own, &p)); /* overtakes its original */
    assert_string_equal(pos_code(&own), "25");
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_not_equal(pos_code(&own), "00");
    assert_int_equal(host_network_minor(&host, "card_network_minor"), before);

    p = pos_sale(&own, 3400);
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_equal(pos_code(&own), "00");
    pos_exchange(&own, pos_reversal(&own, &p));
    assert_string_equal(pos_code(&own), "00");
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_equal(pos_code(&own), "98");
    for (int i = 0; host_network_minor(&host, "card_network_minor") != before && i < 200; i++)
        programs_pause();
    assert_int_equal(host_network_minor(&host, "card_network_minor"), before);
    pos_pays(&own, 100);
}

/* S62: new working keys at every sign-in; the old ones are worth nothing. */
static void old_keys_are_refused(void **state)
{
    (void)state;
    struct working_keys old = own.keys;
    pos_sign_in(&own);
    assert_false(bytes_equal(secret_view(&old.mac.value), secret_view(&own.keys.mac.value)));
    assert_false(bytes_equal(secret_view(&old.pin.value), secret_view(&own.keys.pin.value)));
    struct working_keys fresh = own.keys;
    own.keys = old;
    struct payment p = pos_sale(&own, 700);
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_equal(pos_code(&own), "A0");
    own.keys = fresh;
    pos_pays(&own, 700);
}

/* S187: what was answered before a restart is answered after it. */
static void the_host_survives_a_restart(void **state)
{
    (void)state;
    struct payment p = pos_sale(&own, 4400);
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_equal(pos_code(&own), "00");
    char rrn[16];
    snprintf(rrn, sizeof rrn, "%s", pos_field(&own, 37));
    host_stop_acquirer(&host);
    host_start_acquirer(&host);
    pos_connect(&own, &host); /* the working keys have survived as well */
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_equal(pos_code(&own), "00");
    assert_string_equal(pos_field(&own, 37), rrn);
    pos_pays(&own, 4500);
}

/* S60: a listener on either wire learns no card number, track or PIN. */
static void the_wires_tell_nothing(void **state)
{
    (void)state;
    relay_start(&terminal_relay, host.port);
    long port = host.port;
    host.port = terminal_relay.port;
    pos_connect(&own, &host);
    host.port = port;
    pos_sign_in(&own);
    for (int i = 0; i < 20; i++) pos_pays(&own, 100 + i);
    client_close(&own.client);
    relay_stop(&terminal_relay);
    assert_true(terminal_relay.len > 20 * 300);
    assert_true(network_relay.len > 20 * 300);
}

/* A number of digits in each way in which a wire or a file may hold it. */
static bool holds_digits(struct bytes in, const char *digits)
{
    if (memmem(in.at, in.len, digits, strlen(digits)) != NULL) return true;
    for (size_t shift = 0; shift < 2; shift++) { /* packed, from either nibble on */
        uint8_t packed[16];
        size_t len = (strlen(digits) - shift) / 2;
        for (size_t i = 0; i < len; i++)
            packed[i] =
                (uint8_t)((digits[shift + 2 * i] - '0') << 4 | (digits[shift + 2 * i + 1] - '0'));
        if (memmem(in.at, in.len, packed, len) != NULL) return true;
    }
    return false;
}

static void no_secret_in_what_was_kept(void **state)
{
    (void)state;
    char pan[20];
    assert_ok(bytes_to_text(bytes_of(own.track2, strcspn(own.track2, "=")), pan, sizeof pan));
    const struct bytes kept[] = {bytes_of(terminal_relay.kept, terminal_relay.len),
                                 bytes_of(network_relay.kept, network_relay.len)};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        assert_false(holds_digits(kept[i], pan));
        assert_false(holds_digits(kept[i], strchr(own.track2, '=') + 1)); /* the rest of track 2 */
        assert_null(memmem(kept[i].at, kept[i].len, own.pin, strlen(own.pin)));
        assert_null(memmem(kept[i].at, kept[i].len, "\x06\x24\x68\x10", 4)); /* clear PIN blocks */
        assert_null(memmem(kept[i].at, kept[i].len, "\x46\x24\x68\x10", 4));
    }
    /* The network's messages are readable: the search would have found a number. */
    assert_non_null(memmem(kept[1].at, kept[1].len, own.tid, strlen(own.tid)));
}

/* S64, S65: nor do databases and logs hold one, also after payments of the plain profile. */
static void no_secret_in_any_file(void **state)
{
    (void)state;
    char pan[20];
    assert_ok(bytes_to_text(bytes_of(own.track2, strcspn(own.track2, "=")), pan, sizeof pan));
    assert_false(host_stored(host.directory, bytes_text(pan)));
    assert_false(host_stored(host.directory, bytes_text(own.track2)));
    assert_true(host_stored(host.acquirer, BYTES("620000*"))); /* masked ones are there */
}

/* Sends a message of a settlement as a terminal of the plain profile has it, field by field. */
static void settle_exchange(uint16_t mti, const char *code, const char *field_48)
{
    char stan[8], trade[16];
    struct iso8583_message m;
    snprintf(stan, sizeof stan, "%06u", ++foreign.stan % 1000000);
    snprintf(trade, sizeof trade, "00%06u%s", foreign.batch % 1000000, code);
    iso8583_start(&m, mti);
    iso8583_set(&m, 11, bytes_text(stan));
    iso8583_set(&m, 41, bytes_text(foreign.tid));
    iso8583_set(&m, 42, BYTES(HOST_MID));
    iso8583_set(&m, 48, bytes_text(field_48));
    iso8583_set(&m, 60, bytes_text(trade));
    if (mti == 0x0500) {
        iso8583_set(&m, 49, BYTES("156"));
        iso8583_set(&m, 63, BYTES("01 "));
    }
    pos_exchange(&foreign, pos_encode(&foreign, &m));
    assert_int_equal(foreign.answer.mti, mti + 0x10);
}

#define NO_FOREIGN_CARDS "0000000000000000000000000000000"

/* S104: totals that differ lead to an upload, equal ones close the batch, once, over a restart of
 * the host; the lists of the host say how. */
static void a_batch_is_settled(void **state)
{
    (void)state;
    static struct said said;
    uint32_t batch = foreign.batch;
    pos_connect(&foreign, &host);
    settle_exchange(0x0500, "201",
                    "000000000000000000000000000000"
                    "0" NO_FOREIGN_CARDS);
    assert_string_equal(pos_code(&foreign), "00");
    assert_int_equal(pos_field(&foreign, 48)[30], '2'); /* it has paid since the sign-in */
    settle_exchange(0x0320, "202", "0000");
    assert_string_equal(pos_code(&foreign), "00");
    pos_sign_in(&foreign);
    assert_int_equal(foreign.batch, batch + 1);
    pos_pays(&foreign, 1234);
    static const char totals[] = "000000001234001000000000000000"
                                 "0" NO_FOREIGN_CARDS;
    for (int i = 0; i < 2; i++) { /* the second asks a host that has been started again */
        settle_exchange(0x0500, "201", totals);
        assert_string_equal(pos_code(&foreign), "00");
        assert_int_equal(pos_field(&foreign, 48)[30], '1');
        if (i > 0) break;
        host_stop_acquirer(&host);
        host_start_acquirer(&host);
        pos_connect(&foreign, &host);
    }
    programs_run(&host.children, &said, "tongbao", "admin", "batches", "--json", "--state",
                 host.acquirer, NULL);
    assert_int_equal(said.status, 0);
    assert_non_null(strstr(said.out, "\"closed\":\"upload\""));
    assert_non_null(strstr(said.out, "\"closed\":\"equal\""));
    assert_null(strstr(strstr(said.out, "\"equal\"") + 1, "\"equal\""));
    programs_run(&host.children, &said, "tongbao", "admin", "work-items", "--json", "--state",
                 host.acquirer, NULL);
    assert_int_equal(said.status, 0);
    assert_non_null(strstr(said.out, "\"kind\":\"host_only\""));
}

/* S69: and in the end all sides have the same sum. */
static void the_books_agree(void **state)
{
    (void)state;
    static struct said said;
    client_close(&own.client);
    client_close(&foreign.client);
    for (int i = 0; host_count(&host, "fold_seq") != host_count(&host, "journal_seq") && i < 500;
         i++)
        programs_pause();
    programs_run(&host.children, &said, "tongbao", "admin", "trial-balance", "--state",
                 host.acquirer, NULL);
    assert_int_equal(said.status, 0);
    assert_non_null(strstr(said.out, "in balance"));
    assert_non_null(strstr(said.out, " 0 holds open"));
    programs_run(&host.children, &said, "tongbao", "admin", "rebuild", "--check", "--state",
                 host.acquirer, NULL);
    if (said.status != 0) fail_msg("%s%s", said.out, said.complaint);
}

static int start(void **state)
{
    (void)state;
    host_prepare(&host);
    relay_start(&network_relay, host.network_port);
    host.network_by = network_relay.port;
    host_start_acquirer(&host);
    pos_make(&own, &host, "10000017", PAYMENT_PROFILE_TONGBAO);
    /* S120: its master key comes under its RSA key. */
    pos_make_by_rsa(&foreign, &host, "20000025");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pos_free(&own);
    pos_free(&foreign);
    host_stop(&host);
    relay_stop(&network_relay);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_foreign_terminal_pays),
        cmocka_unit_test(a_wrong_pin_is_declined),
        cmocka_unit_test(a_repeat_gets_the_same_answer),
        cmocka_unit_test(a_reversal_outlives_late_copies),
        cmocka_unit_test(old_keys_are_refused),
        cmocka_unit_test(the_host_survives_a_restart),
        cmocka_unit_test(the_wires_tell_nothing),
        cmocka_unit_test(no_secret_in_what_was_kept),
        cmocka_unit_test(no_secret_in_any_file),
        cmocka_unit_test(a_batch_is_settled),
        cmocka_unit_test(the_books_agree),
    };
    return cmocka_run_group_tests_name("protocol: payments", tests, start, stop);
}
