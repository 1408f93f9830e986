/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host meets from peers that are broken, lost or hostile. Each case has its answer and its
 * audit record, and after each the next good payment goes through. S60, S63, S87, S193
 */
#include <sqlite3.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/crypto/identity.h"
#include "lib/iso8583/frame.h"
#include "tests/protocol/pos.h"

static struct host host;
static struct pos own, foreign;

enum { SHORT_MS = 3000 };
#define DAY_MS INT64_C(86400000)

/* ---- frames that are none ---- */

static struct bytes framed(uint8_t *block, const char *prefix, struct bytes body)
{
    memcpy(block, prefix, 2);
    memcpy(block + 2, body.at, body.len);
    return bytes_of(block, 2 + body.len);
}

/* Sends bytes on a fresh connection, and expects to be cut off, with an audit record. */
static void cut_off(struct bytes sent)
{
    int64_t before = host_audits(&host, "connection_fault", own.tid);
    pos_connect(&own, &host);
    client_send_raw(&own.client, sent);
    assert_true(client_closed(&own.client, SHORT_MS));
    host_await_audit(&host, "connection_fault", own.tid, before);
    pos_connect(&own, &host);
    pos_pays(&own, 100);
}

static void too_long_a_frame_is_cut_off(void **state)
{
    (void)state;
    uint8_t block[64];
    cut_off(framed(block, "\xff\xff", BYTES("hello")));
}

static void an_empty_frame_is_cut_off(void **state)
{
    (void)state;
    uint8_t block[64];
    cut_off(framed(block, "\0\0", BYTES("hello")));
}

/* A slow peer: a frame that is begun and never completed costs a second, not a connection. */
static void an_unfinished_frame_is_cut_off(void **state)
{
    (void)state;
    uint8_t block[64];
    cut_off(framed(block, "\0\x40", BYTES("\x60\0\3")));
}

/* A peer that goes in the middle of a frame. */
static void a_frame_cut_short_is_noted(void **state)
{
    (void)state;
    uint8_t block[64];
    int64_t before = host_audits(&host, "connection_fault", own.tid);
    pos_connect(&own, &host);
    client_send_raw(&own.client, framed(block, "\0\x40", BYTES("\x60\0\3")));
    client_close(&own.client);
    host_await_audit(&host, "connection_fault", own.tid, before);
    pos_connect(&own, &host);
    pos_pays(&own, 100);
}

/* ---- messages that are none ---- */

/* Every way to cut a good request short: the answer is 30, and the connection lives. */
static void a_message_cut_short_is_refused(void **state)
{
    (void)state;
    int64_t before = host_audits(&host, "malformed", own.tid);
    struct payment p = pos_sale(&own, 900);
    struct bytes whole = pos_request(&own, &p);
    uint8_t kept[CLIENT_FRAME_MAX];
    memcpy(kept, whole.at, whole.len);
    size_t cuts[] = {whole.len - 1, whole.len / 2, ISO8583_FRAME_HEADER_SIZE + 10 + 3};
    for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
        pos_exchange(&own, bytes_of(kept, cuts[i]));
        assert_int_equal(own.answer.mti, 0x0210);
        assert_string_equal(pos_code(&own), "30");
    }
    host_await_audit(&host, "malformed", own.tid, before + 2);
    pos_pays(&own, 900);
}

static void a_message_with_a_tail_is_refused(void **state)
{
    (void)state;
    struct payment p = pos_sale(&own, 900);
    uint8_t longer[CLIENT_FRAME_MAX];
    struct bytes whole = pos_request(&own, &p);
    memcpy(longer, whole.at, whole.len);
    longer[whole.len] = 0;
    pos_exchange(&own, bytes_of(longer, whole.len + 1));
    assert_string_equal(pos_code(&own), "30");
    pos_pays(&own, 900);
}

/* Noise behind a TPDU gets no answer, or none that means anything, and in the end no connection. */
static void noise_is_cut_off_after_a_while(void **state)
{
    (void)state;
    int64_t before = host_audits(&host, "malformed", own.tid);
    pos_connect(&own, &host);
    for (int i = 0; i < 8; i++)
        client_send(&own.client, BYTES("\x60\0\3\0\0\x60\x31\0\x31\x10\x10\xde\xad\xbe\xef"));
    assert_true(client_closed(&own.client, SHORT_MS));
    host_await_audit(&host, "malformed", own.tid, before);
    pos_connect(&own, &host);
    pos_pays(&own, 100);
}

/* S63: no bit of a request may be turned over. Every fifth byte, another bit in each. */
static void no_flipped_bit_is_accepted(void **state)
{
    (void)state;
    int64_t charged = host_network_minor(&host, "card_network_minor");
    struct payment p = pos_sale(&own, 8800);
    struct bytes whole = pos_request(&own, &p);
    uint8_t kept[CLIENT_FRAME_MAX];
    size_t len = whole.len;
    int64_t paid = 0, refused = 0;
    memcpy(kept, whole.at, len);
    for (size_t at = ISO8583_FRAME_HEADER_SIZE + 2; at < len; at += 5) {
        kept[at] ^= (uint8_t)(1 << at % 8);
        pos_exchange(&own, bytes_of(kept, len));
        kept[at] ^= (uint8_t)(1 << at % 8);
        assert_string_not_equal(pos_code(&own), "00");
        if (++refused % 2 != 0) continue;
        /* Three bad MACs running, or eight undecodable messages, would end this too early. */
        pos_connect(&own, &host);
        pos_pays(&own, 1);
        paid++;
    }
    assert_true(refused > 30);
    assert_int_equal(host_network_minor(&host, "card_network_minor"), charged + paid);
    pos_exchange(&own, bytes_of(kept, len)); /* the message itself was good all the time */
    assert_string_equal(pos_code(&own), "00");
}

static void a_bad_mac_is_refused_and_noted(void **state)
{
    (void)state;
    int64_t before = host_audits(&host, "mac_failed", own.tid);
    struct payment p = pos_sale(&own, 700);
    struct bytes frame = pos_request(&own, &p);
    own.frame[frame.len - 1] ^= 1;
    pos_exchange(&own, frame);
    assert_string_equal(pos_code(&own), "A0");
    host_await_audit(&host, "mac_failed", own.tid, before);
    pos_pays(&own, 700);
}

static void another_amount_under_the_old_mac_is_refused(void **state)
{
    (void)state;
    int64_t charged = host_network_minor(&host, "card_network_minor");
    struct payment p = pos_sale(&own, 100);
    struct bytes frame = pos_request(&own, &p);
    uint8_t *amount = memmem(own.frame, frame.len, "\0\0\0\0\x01\0", 6);
    assert_non_null(amount);
    amount[4] = 0x99; /* 99.00 instead of 1.00 */
    pos_exchange(&own, frame);
    assert_string_equal(pos_code(&own), "A0");
    assert_int_equal(host_network_minor(&host, "card_network_minor"), charged);
    pos_pays(&own, 100);
}

/* Three bad MACs running: the keys differ, and only a sign-in helps. */
static void three_bad_macs_cost_the_keys(void **state)
{
    (void)state;
    int64_t before = host_audits(&host, "keys_dropped", own.tid);
    for (int i = 0; i < 3; i++) {
        struct payment p = pos_sale(&own, 700);
        struct bytes frame = pos_request(&own, &p);
        own.frame[frame.len - 1] ^= 1;
        pos_exchange(&own, frame);
        assert_string_equal(pos_code(&own), "A0");
    }
    host_await_audit(&host, "keys_dropped", own.tid, before);
    struct payment p = pos_sale(&own, 700);
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_equal(pos_code(&own), "77");
    pos_sign_in(&own);
    pos_pays(&own, 700);
}

/* S87: one key, one payment. */
static void a_key_with_another_amount_is_refused(void **state)
{
    (void)state;
    int64_t before = host_audits(&host, "key_reused", own.tid);
    struct payment p = pos_sale(&own, 1000);
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_equal(pos_code(&own), "00");
    int64_t charged = host_network_minor(&host, "card_network_minor");
    p.amount_minor = 1001;
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_equal(pos_code(&own), "94");
    assert_int_equal(host_network_minor(&host, "card_network_minor"), charged);
    host_await_audit(&host, "key_reused", own.tid, before);
    pos_pays(&own, 1001);
}

static void a_wrong_batch_is_refused(void **state)
{
    (void)state;
    struct payment p = pos_sale(&own, 1000);
    p.key.batch = own.batch + 1;
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_equal(pos_code(&own), "77");
    pos_pays(&own, 1000);
}

/* Our own profile has no field for a card number: who sends one leaks it, and hears of it. */
static void a_card_number_in_clear_is_refused(void **state)
{
    (void)state;
    int64_t before = host_audits(&host, "card_data_in_clear", own.tid);
    struct iso8583_message m;
    uint8_t block[CLIENT_FRAME_MAX];
    struct iso8583_frame_header header = iso8583_frame_header_new(0x0003, 0x0000);
    struct iso8583_fault fault;
    struct writer w = writer_over(block, sizeof block);
    char pan[20];
    assert_ok(bytes_to_text(bytes_of(own.track2, strcspn(own.track2, "=")), pan, sizeof pan));
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 2, bytes_text(pan));
    iso8583_set(&m, 3, BYTES("000000"));
    iso8583_set(&m, 41, bytes_text(own.tid));
    iso8583_frame_write(&header, &w);
    assert_ok(iso8583_encode(&iso8583_dialect_cup, &m, &w, &fault));
    pos_exchange(&own, writer_view(&w));
    assert_string_equal(pos_code(&own), "30");
    host_await_audit(&host, "card_data_in_clear", own.tid, before);
    assert_false(host_stored(host.directory, bytes_text(pan)));
    pos_pays(&own, 1000);
}

/* ---- who it is ---- */

/* S60: no session, and an audit record that says why. */
static void refused(const struct client_identity *identity)
{
    struct client c = {.fd = -1};
    int64_t before = host_audits(&host, "wrong_certificate", NULL);
    if (client_open(&c, host.port, identity)) assert_true(client_closed(&c, SHORT_MS));
    client_close(&c);
    host_await_audit(&host, "wrong_certificate", NULL, before);
    pos_pays(&own, 100);
}

static void without_a_certificate_there_is_no_session(void **state)
{
    (void)state;
    refused(&(struct client_identity){.authority = own.authority});
}

struct issued {
    char authority[POS_PEM_MAX], certificate[POS_PEM_MAX], key[POS_PEM_MAX];
};

static void write_text(char *out, size_t size, struct bytes from)
{
    assert_ok(bytes_to_text(from, out, size));
}

/* A certificate for `name`: of the host's authority, or of one that only bears its name. */
static void issue(struct issued *out, const char *name, bool by_host, int64_t not_after_ms)
{
    struct clock clock = clock_system();
    int64_t now = clock_now_ms(&clock);
    CLEANUP(identity_key_free) struct identity_key authority = {NULL}, key = {NULL};
    uint8_t block[3][IDENTITY_PEM_MAX];
    size_t len;
    struct bytes authority_pem = bytes_text(own.authority);
    if (by_host) {
        assert_ok(file_read(host_path(host.admin, "ca.key"), FILE_PRIVATE, block[0],
                            sizeof block[0], &len));
        assert_ok(identity_key_read(bytes_of(block[0], len), &authority));
    } else {
        struct writer w = writer_over(block[0], sizeof block[0]);
        assert_ok(identity_key_generate(&authority));
        assert_ok(identity_make_authority(&authority, BYTES("Tongbao host authority"),
                                          now - 30 * DAY_MS, now + DAY_MS, &w));
        authority_pem = writer_view(&w);
    }
    struct writer pem = writer_over(block[1], sizeof block[1]);
    struct writer w = writer_over(block[2], sizeof block[2]);
    assert_ok(identity_key_generate(&key));
    assert_ok(identity_key_write(&key, &pem));
    const struct identity_subject subject = {.common_name = bytes_text(name),
                                             .role = IDENTITY_CLIENT,
                                             .not_before_ms = now - 20 * DAY_MS,
                                             .not_after_ms = not_after_ms};
    assert_ok(identity_issue(&authority, authority_pem, writer_view(&pem), &subject, &w));
    write_text(out->key, sizeof out->key, writer_view(&pem));
    write_text(out->certificate, sizeof out->certificate, writer_view(&w));
}

static int64_t in_days(int64_t days)
{
    struct clock clock = clock_system();
    return clock_now_ms(&clock) + days * DAY_MS;
}

static void a_certificate_of_another_authority_is_refused(void **state)
{
    (void)state;
    static struct issued i;
    issue(&i, own.tid, false, in_days(1));
    refused(&(struct client_identity){own.authority, i.certificate, i.key});
}

static void an_expired_certificate_is_refused(void **state)
{
    (void)state;
    static struct issued i;
    issue(&i, own.tid, true, in_days(-1));
    refused(&(struct client_identity){own.authority, i.certificate, i.key});
}

/* A certificate of ours for a terminal that is not registered. */
static void an_unknown_terminal_is_told_so(void **state)
{
    (void)state;
    static struct issued i;
    struct pos stranger = own;
    int64_t before = host_audits(&host, "unknown_terminal", "99999999");
    issue(&i, "99999999", true, in_days(1));
    memcpy(stranger.tid, "99999999", 9);
    stranger.client = (struct client){.fd = -1};
    const struct client_identity identity = {own.authority, i.certificate, i.key};
    assert_true(client_open(&stranger.client, host.port, &identity));
    struct payment p = pos_sale(&stranger, 100);
    pos_exchange(&stranger, pos_request(&stranger, &p));
    assert_string_equal(pos_code(&stranger), "97");
    client_close(&stranger.client);
    host_await_audit(&host, "unknown_terminal", "99999999", before);
    pos_pays(&own, 100);
}

/* Its certificate is good, and it says that it is another terminal. */
static void another_terminals_number_is_refused(void **state)
{
    (void)state;
    int64_t before = host_audits(&host, "wrong_identity", own.tid);
    struct payment p = pos_sale(&own, 100);
    memcpy(p.key.tid, foreign.tid, sizeof p.key.tid);
    pos_exchange(&own, pos_request(&own, &p));
    assert_string_equal(pos_code(&own), "97");
    host_await_audit(&host, "wrong_identity", own.tid, before);
    pos_pays(&own, 100);
}

/* The newer connection of one identity takes the place of the older. */
static void a_second_connection_replaces_the_first(void **state)
{
    (void)state;
    struct client first = {.fd = -1};
    struct client_identity identity = pos_identity(&own);
    int64_t before = host_audits(&host, "identity_replaced", own.tid);
    client_close(&own.client);
    assert_true(client_open(&first, host.port, &identity));
    pos_connect(&own, &host);
    assert_true(client_closed(&first, SHORT_MS));
    client_close(&first);
    host_await_audit(&host, "identity_replaced", own.tid, before);
    pos_sign_in(&own);
    pos_pays(&own, 100);
}

/* With the triggers out of the way, as somebody would who has the file. */
static void alter_record(const char *file, int number)
{
    char sql[256];
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    snprintf(sql, sizeof sql,
             "DROP TRIGGER audit_no_update;"
             "UPDATE audit SET detail = 'x' || substr(detail, 2) WHERE seq = %d;",
             number);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_changes(db), 1);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* S71: one byte of one record changed, and the verification names that record. */
static void an_altered_audit_record_is_found(void **state)
{
    (void)state;
    static struct said said;
    pos_connect(&own, &host);
    pos_pays(&own, 100);
    client_close(&own.client);
    host_stop_acquirer(&host);
    const char *file = host_path(host.acquirer, "audit.db");
    programs_run(&host.children, &said, "tongbao", "admin", "audit", "verify", file, host.registry,
                 NULL);
    assert_int_equal(said.status, 0);
    assert_non_null(strstr(said.out, "audit.db: intact"));
    assert_non_null(strstr(said.out, "registry.db: intact"));

    alter_record(file, 5);
    programs_run(&host.children, &said, "tongbao", "admin", "audit", "verify", file, NULL);
    assert_int_equal(said.status, 1);
    assert_non_null(strstr(said.out, "audit.db: record 5: "));
}

static int start(void **state)
{
    (void)state;
    host_start(&host);
    pos_make(&own, &host, "10000017", PAYMENT_PROFILE_TONGBAO);
    pos_make(&foreign, &host, "20000025", PAYMENT_PROFILE_CUP);
    pos_connect(&own, &host);
    pos_sign_in(&own);
    pos_pays(&own, 100);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pos_free(&own);
    pos_free(&foreign);
    host_stop(&host);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_long_a_frame_is_cut_off),
        cmocka_unit_test(an_empty_frame_is_cut_off),
        cmocka_unit_test(an_unfinished_frame_is_cut_off),
        cmocka_unit_test(a_frame_cut_short_is_noted),
        cmocka_unit_test(a_message_cut_short_is_refused),
        cmocka_unit_test(a_message_with_a_tail_is_refused),
        cmocka_unit_test(noise_is_cut_off_after_a_while),
        cmocka_unit_test(a_bad_mac_is_refused_and_noted),
        cmocka_unit_test(another_amount_under_the_old_mac_is_refused),
        cmocka_unit_test(three_bad_macs_cost_the_keys),
        cmocka_unit_test(a_key_with_another_amount_is_refused),
        cmocka_unit_test(a_wrong_batch_is_refused),
        cmocka_unit_test(a_card_number_in_clear_is_refused),
        cmocka_unit_test(without_a_certificate_there_is_no_session),
        cmocka_unit_test(a_certificate_of_another_authority_is_refused),
        cmocka_unit_test(an_expired_certificate_is_refused),
        cmocka_unit_test(an_unknown_terminal_is_told_so),
        cmocka_unit_test(another_terminals_number_is_refused),
        cmocka_unit_test(a_second_connection_replaces_the_first),
        cmocka_unit_test(no_flipped_bit_is_accepted), /* fills the audit log's minute */
        cmocka_unit_test(an_altered_audit_record_is_found),
    };
    return cmocka_run_group_tests_name("protocol: bad input", tests, start, stop);
}
