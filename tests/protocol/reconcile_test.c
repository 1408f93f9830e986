/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A day's end with the real programs (S111, S86): payments, the networks' file of the day, `tongbao
 * admin reconcile`; what was altered in the file is refused, what differs becomes work items that
 * are worked on over the control socket; a dispute from the network's file to its outcome (S108);
 * and a limit that is published while the host runs.
 */
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/crypto/crypto.h"
#include "payment/clearing.h"
#include "tests/protocol/pos.h"

static struct host host;
static struct pos pos;
static struct said said;
static char day[11], file[160], altered[160];

static int start(void **state)
{
    (void)state;
    host_start(&host);
    pos_make(&pos, &host, "10000018", PAYMENT_PROFILE_TONGBAO);
    pos_connect(&pos, &host);
    pos_sign_in(&pos);
    snprintf(file, sizeof file, "%s/clearing.txt", host.directory);
    snprintf(altered, sizeof altered, "%s/altered.txt", host.directory);
    const struct clock clock = clock_system();
    clearing_day_text(clearing_day(clock_now_ms(&clock)), day);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pos_free(&pos);
    host_stop(&host);
    return 0;
}

static void ask_file(void)
{
    programs_run(&host.children, &said, "tongbao-simulators", "--state", host.networks,
                 "--clearing", day, "--to", file, NULL);
    if (said.status != 0) fail_msg("%s", said.complaint);
}

/* The fold is a moment behind the journal: then it is asked again, as it says. */
static void reconcile(const char *which, const char *on, bool dry)
{
    for (int i = 0; i < 100; i++) {
        programs_run(&host.children, &said, "tongbao", "admin", "reconcile", "--day", on, "--file",
                     which, "--state", host.acquirer, "--control", host.control, "--actor", "wang",
                     dry ? "--dry-run" : NULL, NULL);
        if (strstr(said.complaint, "ask again in a moment") == NULL) return;
        programs_pause();
    }
}

static void work(const char *verb, const char *option, const char *text)
{
    programs_run(&host.children, &said, "tongbao", "admin", "work-items", verb, "1", "--control",
                 host.control, "--actor", "wang", option, text, NULL);
}

/* The file with one row less, sealed anew: the network has lost a payment. */
static void lose_a_row(void)
{
    static uint8_t block[1 << 16], out[1 << 16];
    struct clearing_head head = {PAYMENT_ROUTE_CARD_NETWORK, 0, CURRENCY_CNY};
    struct clearing_row rows[64];
    struct clearing_sums sums, less = {0};
    struct clearing_fault fault;
    size_t len = 0, count = 0;
    assert_ok(clearing_day_parse(bytes_text(day), &head.day));
    assert_ok(file_read(file, FILE_PUBLIC, block, sizeof block, &len));
    assert_ok(clearing_parse(bytes_of(block, len), &head, crypto_sha256, rows, 64, &count, &sums,
                             &fault));
    struct writer w = writer_over(out, sizeof out);
    clearing_write_head(&w, &head);
    for (size_t i = 1; i < count; i++) {
        clearing_write_row(&w, &rows[i]);
        assert_ok(clearing_add(&less, &rows[i]));
    }
    clearing_write_end(&w, &less, crypto_sha256);
    assert_ok(file_write(altered, FILE_PUBLIC, writer_view(&w)));
}

/* The file as it is when its transfer stopped: refused at each kind of place, nothing is taken. */
static void cut_short(void)
{
    static uint8_t block[1 << 16];
    size_t len = 0;
    assert_ok(file_read(file, FILE_PUBLIC, block, sizeof block, &len));
    const size_t ends[] = {0, 1, len / 2, len - 1};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        assert_ok(file_write(altered, FILE_PUBLIC, bytes_of(block, ends[i])));
        reconcile(altered, day, false);
        assert_int_equal(said.status, 1);
        assert_non_null(strstr(said.complaint, i == 0 ? "is empty" : "ask for it again"));
    }
    programs_run(&host.children, &said, "tongbao", "admin", "work-items", "open", "--state",
                 host.acquirer, NULL);
    assert_int_equal(said.status, 0);
    assert_string_equal(said.out, "");
}

static void a_day_is_reconciled(void **state)
{
    (void)state;
    pos_pays(&pos, 12800);
    pos_pays(&pos, 100);
    struct payment back = pos_sale(&pos, 6600);
    pos_exchange(&pos, pos_request(&pos, &back));
    assert_string_equal(pos_code(&pos), "00");
    pos_exchange(&pos, pos_reversal(&pos, &back));
    assert_string_equal(pos_code(&pos), "00");
    for (int i = 0; i < 100 && host_count(&host, "reversals") > 0; i++) programs_pause();
    assert_int_equal(host_count(&host, "reversals"), 0);
    ask_file();
    reconcile(file, day, true); /* fees by the tariff of the networks and by ours: the same */
    if (said.status != 0) fail_msg("%s", said.complaint);
    assert_non_null(strstr(said.out, "3 rows of the network, 3 matched, 0 differences"));
    assert_non_null(strstr(said.out, "stands here: 12900 fen; there: 12900 fen"));
    assert_non_null(strstr(said.out, "not yet settled 2"));

    reconcile(file, "2026-01-01", false);
    assert_int_equal(said.status, 1);
    assert_non_null(strstr(said.complaint, "it is of another day"));
    cut_short();
    lose_a_row();
    reconcile(altered, day, false);
    if (said.status != 0) fail_msg("%s", said.complaint);
    assert_non_null(strstr(said.out, "1 differences"));
    reconcile(file, day, false);
    assert_int_equal(said.status, 1);
    assert_non_null(strstr(said.complaint, "this day of this network is reconciled"));
}

static void settle(const char *which, const char *option, const char *value)
{
    programs_run(&host.children, &said, "tongbao", "admin", "network-settled", "--day", day,
                 "--file", which, "--state", host.acquirer, "--control", host.control, "--actor",
                 "wang", option, value, NULL);
}

static void networks(const char *json)
{
    programs_run(&host.children, &said, "tongbao", "admin", "networks", "--state", host.acquirer,
                 json, NULL);
    if (said.status != 0) fail_msg("%s", said.complaint);
}

/* S66: what the network has paid is booked once; the payment that it has lost stays owed. */
static void the_network_has_paid(void **state)
{
    (void)state;
    settle(file, NULL, NULL); /* not the file by which the day was reconciled */
    assert_int_equal(said.status, 1);
    assert_non_null(strstr(said.complaint, "by another file"));
    settle(altered, "--received", "much");
    assert_int_equal(said.status, 1);
    settle(altered, NULL, NULL);
    if (said.status != 0) fail_msg("%s", said.complaint);
    assert_non_null(strstr(said.out, "order 1"));
    assert_non_null(strstr(said.out, "gross 1.00"));
    settle(altered, NULL, NULL);
    assert_int_equal(said.status, 1);
    assert_non_null(strstr(said.complaint, "settled by order 1"));
    for (int i = 0; i < 100; i++) { /* the fold is a moment behind */
        networks("--json");
        if (strstr(said.out, "\"receivable_minor\":12800,") != NULL) break;
        programs_pause();
    }
    assert_non_null(strstr(said.out, "\"receivable_minor\":12800,"));
    assert_non_null(strstr(said.out, "\"gross_minor\":100,"));
    networks(NULL);
    assert_non_null(strstr(said.out, "it owes 128.00"));
    programs_run(&host.children, &said, "tongbao", "admin", "trial-balance", "--state",
                 host.acquirer, NULL);
    assert_int_equal(said.status, 0);
}

static void an_item_is_closed(void **state)
{
    (void)state;
    programs_run(&host.children, &said, "tongbao", "admin", "work-items", "open", "--state",
                 host.acquirer, NULL);
    assert_int_equal(said.status, 0);
    assert_non_null(strstr(said.out, "network_lacks"));
    assert_non_null(strstr(said.out, "nobody has it"));
    work("assign", "--to", "li");
    if (said.status != 0) fail_msg("%s", said.complaint);
    work("note", "--text", "已发函询问");
    assert_int_equal(said.status, 0);
    work("close", "--text", "the network has sent it on the next day");
    assert_int_equal(said.status, 0);
    work("close", "--text", "again");
    assert_int_equal(said.status, 1);
    assert_non_null(strstr(said.complaint, "closed: the network has sent it"));
    programs_run(&host.children, &said, "tongbao", "admin", "work-items", "show", "1", "--state",
                 host.acquirer, NULL);
    assert_non_null(strstr(said.out, "已发函询问"));
    assert_non_null(strstr(said.out, "close   by wang: the network has sent it on the next day"));
    programs_run(&host.children, &said, "tongbao", "admin", "work-items", "open", "--state",
                 host.acquirer, NULL);
    assert_string_equal(said.out, "");
    programs_run(&host.children, &said, "tongbao", "admin", "work-items", "show", "2", "--state",
                 host.acquirer, NULL);
    assert_int_equal(said.status, 1);
}

/* `tongbao admin disputes` with --control and --actor. */
static void dispute(const char *verb, const char *number, const char *option, const char *value,
                    const char *other, const char *text)
{
    programs_run(&host.children, &said, "tongbao", "admin", "disputes", verb,
                 number == NULL ? "--control" : number, number == NULL ? host.control : "--control",
                 number == NULL ? "--actor" : host.control, number == NULL ? "wang" : "--actor",
                 number == NULL ? option : "wang", number == NULL ? value : option,
                 number == NULL ? other : value, number == NULL ? text : other,
                 number == NULL ? NULL : text, NULL);
}

static void cases_file(const char *rrn)
{
    char text[512];
    uint8_t digest[32];
    struct writer w = writer_over(text, sizeof text);
    write_format(&w, "cases 1 card_network\nCB-7 chargeback %s not_recognised 500 2099-03-16\n",
                 rrn);
    crypto_sha256(writer_view(&w), digest);
    write_bytes(&w, BYTES("end 1 "));
    write_hex(&w, BYTES_OF(digest));
    write_bytes(&w, BYTES("\n"));
    assert_ok(file_write(altered, FILE_PUBLIC, writer_view(&w)));
}

static void list_disputes(const char *all)
{
    programs_run(&host.children, &said, "tongbao", "admin", "disputes", "list", "--state",
                 host.acquirer, all, NULL);
    assert_int_equal(said.status, 0);
}

/* S108: from the network's file over evidence and answer to an outcome that costs money; opened by
 * hand and won. */
static void a_dispute_is_answered(void **state)
{
    (void)state;
    char rrn[13], slip[160], kept[200];
    pos_pays(&pos, 500);
    snprintf(rrn, sizeof rrn, "%.12s", pos_field(&pos, 37));
    cases_file(rrn);
    dispute("import", NULL, "--file", altered, NULL, NULL);
    if (said.status != 0) fail_msg("%s", said.complaint);
    assert_non_null(strstr(said.out, "1 cases: 1 opened, 0 were here, 0 refused"));
    dispute("import", NULL, "--file", altered, NULL, NULL);
    assert_non_null(strstr(said.out, "1 cases: 0 opened, 1 were here, 0 refused"));
    list_disputes(NULL);
    assert_non_null(strstr(said.out, "CB-7"));
    assert_non_null(strstr(said.out, "open "));
    assert_non_null(strstr(said.out, "held by order 2"));
    programs_run(&host.children, &said, "tongbao", "admin", "hold-end", "--order", "2", "--reason",
                 "goodwill", "--control", host.control, "--actor", "wang", NULL);
    assert_int_equal(said.status, 1);
    assert_non_null(strstr(said.complaint, "争议未结"));

    snprintf(slip, sizeof slip, "%s/slip.png", host.directory);
    assert_ok(file_write(slip, FILE_PUBLIC, BYTES("a slip with a signature")));
    dispute("answer", "1", "--text", "signed", NULL, NULL);
    assert_int_equal(said.status, 1);
    assert_non_null(strstr(said.complaint, "evidence: an answer needs some"));
    dispute("evidence", "1", "--file", slip, "--evidence", host.directory);
    if (said.status != 0) fail_msg("%s", said.complaint);
    /* The digest is of Python's hashlib. */
    snprintf(kept, sizeof kept, "%s/%s", host.directory,
             "b4149a1ae97aef6ba62389a8191f005e83ee06cc91de99891466da505a07c381");
    assert_int_equal(access(kept, R_OK), 0);
    dispute("answer", "1", "--text", "the cardholder has signed", NULL, NULL);
    assert_int_equal(said.status, 0);
    dispute("decide", "1", "--outcome", "lost", "--text", "arbitration");
    if (said.status != 0) fail_msg("%s", said.complaint);
    assert_non_null(strstr(said.out, "by money order"));
    programs_run(&host.children, &said, "tongbao", "admin", "disputes", "show", "1", "--state",
                 host.acquirer, NULL);
    assert_non_null(
        strstr(said.out, "b4149a1ae97aef6ba62389a8191f005e83ee06cc91de99891466da505a07c381"));
    assert_non_null(strstr(said.out, "lost by wang: arbitration"));
    list_disputes(NULL);
    assert_null(strstr(said.out, "CB-7"));
    list_disputes("--all");
    assert_non_null(strstr(said.out, "CB-7"));
    programs_run(&host.children, &said, "tongbao", "admin", "disputes", "refused", "--state",
                 host.acquirer, NULL);
    assert_int_equal(said.status, 0);
    assert_string_equal(said.out, ""); /* no card has approved by itself here */
    dispute("bear", NULL, "--rrn", rrn, "--outcome", "ours");
    assert_int_equal(said.status, 2); /* without a reason */
}

static void publish(const char *text, int status)
{
    assert_ok(file_write(altered, FILE_PUBLIC, bytes_text(text)));
    programs_run(&host.children, &said, "tongbao", "admin", "limits", "set", altered, "--state",
                 host.admin, NULL);
    if (said.status != status) fail_msg("%s", said.complaint);
}

/* Within a second of its publication, and named in field 44. */
static void a_limit_is_published(void **state)
{
    (void)state;
    publish("limits 1\nclass usual\nclass small\nsmall any any payment amount 5.00\n", 0);
    publish("limits 1\nclass usual\n", 1);
    assert_non_null(strstr(said.complaint, "as new, or newer"));
    publish("limits 2\nclass usual\nsmall any any day amount 1\n", 1);
    assert_non_null(strstr(said.complaint, "line 3: there is no such class"));
    programs_run(&host.children, &said, "tongbao", "admin", "limits", "class", "tiny", "--state",
                 host.admin, "--mid", HOST_MID, NULL);
    assert_int_equal(said.status, 1);
    programs_run(&host.children, &said, "tongbao", "admin", "limits", "class", "small", "--state",
                 host.admin, "--mid", HOST_MID, NULL);
    if (said.status != 0) fail_msg("%s", said.complaint);
    bool refused = false;
    for (int i = 0; i < 200 && !refused; i++) {
        struct payment p = pos_sale(&pos, 501);
        pos_exchange(&pos, pos_request(&pos, &p));
        refused = strcmp(pos_code(&pos), "61") == 0;
        if (!refused) programs_pause();
    }
    assert_string_equal(pos_code(&pos), "61");
    assert_string_equal(pos_field(&pos, 44), "PAAA00000005000000000500");
    pos_pays(&pos, 500);
    programs_run(&host.children, &said, "tongbao", "admin", "limits", "show", "--state", host.admin,
                 "--mid", HOST_MID, NULL);
    assert_non_null(strstr(said.out, "class small, limits version 1"));
    assert_non_null(strstr(said.out, "5.00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_reconciled),  cmocka_unit_test(the_network_has_paid),
        cmocka_unit_test(an_item_is_closed),    cmocka_unit_test(a_dispute_is_answered),
        cmocka_unit_test(a_limit_is_published),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
