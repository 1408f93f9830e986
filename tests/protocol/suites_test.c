/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The suites that a terminal's profile may choose, between real programs (S62, S63, S120): for
 * each, a vault is provisioned for it, a cashier signs in and takes a swiped card, an inserted one
 * and a tap (S61, S75, S76; where the machine permits a reader of our own), and the card network
 * approves; then a terminal of the same suite with its keys in our hands shows
 * what the host refuses: a wrong MAC, a serial number for the second time, an earlier one, and that
 * of another device. None of it is paid for twice. One base key is made by the hsm, the other comes
 * of a ceremony.
 */
#include <signal.h>
#include <sys/stat.h>

#include "cli/page.h"
#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "lib/wire/json.h"
#include "lib/wire/reader_host.h"
#include "lib/wire/rpc.h"
#include "tests/protocol/pos.h"

enum { SCREEN_MS = 15000, ORDER_MS = 5000, ORDER_MAX = 32 << 10 };

static struct host host;
static char pin[16];

static void ran(const struct said *said)
{
    if (said->status != 0) fail_msg("status %d: %s", said->status, said->complaint);
}

static void base_key(const char *suite, const char *block)
{
    static struct said said;
    const char *option = block != NULL ? "--block" : NULL;
    programs_run(&host.children, &said, "tongbao", "admin", "base-key", "--state", host.admin,
                 "--hsm", host.hsm_socket, "--suite", suite, option, block, NULL);
    ran(&said);
    programs_run(&host.children, &said, "tongbao", "admin", "base-key", "--state", host.admin,
                 "--hsm", host.hsm_socket, "--suite", suite, option, block, NULL);
    assert_int_not_equal(said.status, 0); /* once */
}

/* A block that is none of this hsm's is refused before a terminal could hang on it. */
static void a_strange_base_key_is_refused(void)
{
    static struct said said;
    const char *file = host_path(host.directory, "base.block");
    assert_ok(file_write(file, FILE_PUBLIC,
                         BYTES("D0112B0AX00E00000011223344556677889900112233445566778899001122334"
                               "4556677889900112233445566778899001122334455667788\n")));
    programs_run(&host.children, &said, "tongbao", "admin", "base-key", "--state", host.admin,
                 "--hsm", host.hsm_socket, "--suite", "dukpt-aes", "--block", file, NULL);
    assert_int_not_equal(said.status, 0);
    assert_non_null(strstr(said.complaint, "hsm refuses"));
}

/* ---- a base key of a ceremony ---- */

/* A custodian's three lines: name, component, and its check value as it stands on his paper. */
static void custodian(struct writer *w, const char *name, const char *component)
{
    CLEANUP(crypto_close) struct crypto crypto = {0};
    CLEANUP(key_wipe) struct key key = {0};
    uint8_t value[16], kcv[KEY_CHECK_BYTES];
    size_t len;
    assert_ok(crypto_open(random_system(), &crypto));
    assert_ok(hex_decode(bytes_text(component), value, sizeof value, &len));
    assert_ok(key_make(KEY_TDES, KEY_USAGE_BASE_DERIVATION, bytes_of(value, len), &key));
    assert_ok(key_check_value(&crypto, &key, kcv));
    write_format(w, "%s\n%s\n", name, component);
    write_hex_upper(w, BYTES_OF(kcv));
    write_bytes(w, BYTES("\n"));
}

/* Two custodians at the hsm's console, which does not serve meanwhile: the block that it writes. */
static void hold_ceremony(const char *file)
{
    static struct said said;
    char typed[256], fd[16];
    int ends[2];
    struct writer w = writer_over(typed, sizeof typed);
    custodian(&w, "Li Hua", "0123456789ABCDEF0123456789ABCDEF");
    custodian(&w, "Wang Fang", "FEDCBA98765432100011223344556677");
    write_bytes(&w, BYTES("\n\n")); /* nobody else; no check value is known beforehand */
    assert_int_equal(w.fault, ERR_OK);
    assert_int_equal(pipe(ends), 0); /* passed on: the one program that is told its number reads */
    assert_int_equal(write(ends[1], typed, w.len), (ssize_t)w.len);
    close(ends[1]);
    snprintf(fd, sizeof fd, "%d", ends[0]);
    child_kill(host.process_hsm);
    programs_run(&host.children, &said, "tongbao-hsm", "--state", host.hsm, "--development",
                 "--ceremony", "base-tdes", "--console-fd", fd, NULL);
    close(ends[0]);
    ran(&said);
    assert_ok(file_write(file, FILE_PUBLIC, bytes_text(said.out)));
    const char *const hsm[] = {"--state",       host.hsm,        "--socket",
                               host.hsm_socket, "--development", NULL};
    assert_ok(children_start(&host.children, "tongbao-hsm", hsm, true, &host.process_hsm));
}

/* It is of the cipher that its custodians said, and of no other suite. */
static void a_base_key_of_a_ceremony(void)
{
    static struct said said;
    const char *file = host_path(host.directory, "ceremony.block");
    hold_ceremony(file);
    programs_run(&host.children, &said, "tongbao", "admin", "base-key", "--state", host.admin,
                 "--hsm", host.hsm_socket, "--suite", "dukpt-aes", "--block", file, NULL);
    assert_int_not_equal(said.status, 0);
    assert_non_null(strstr(said.complaint, "hsm refuses"));
    base_key("dukpt-tdes", file);
    programs_run(&host.children, &said, "tongbao", "inspect", "keyblock", file, NULL);
    ran(&said);
    assert_non_null(strstr(said.out, "\"usage\":\"B0\""));
    assert_non_null(strstr(said.out, "\"algorithm\":\"T\""));
}

/* ---- virtual chip cards ---- */

static char cards[128];
static struct rpc orders;
static bool chips; /* there is a reader */

static void order(const char *question, struct json_document *document)
{
    static uint8_t text[ORDER_MAX];
    struct bytes answer;
    assert_ok(rpc_call(&orders, bytes_text(question), text, sizeof text, &answer));
    assert_ok(json_parse(answer, ORDER_MAX, document));
}

static void hand(const char *question)
{
    CLEANUP(json_free) struct json_document document = {0};
    order(question, &document);
    assert_false(json_has(document.root, "error"));
}

static void start_cards(void)
{
    static struct said said;
    CLEANUP(json_free) struct json_document document = {0};
    struct child *program;
    char socket[128];
    snprintf(cards, sizeof cards, "%s/cards", host.directory);
    snprintf(socket, sizeof socket, "%s/cards.sock", host.directory);
    const char *const arguments[] = {"--directory", cards, "--socket", socket, NULL};
    assert_ok(children_start(&host.children, "tongbao-cards", arguments, true, &program));
    assert_ok(rpc_connect(&orders, socket, ORDER_MS, ORDER_MAX));
    order("{\"ask\":\"chips\"}", &document);
    assert_ok(json_bool(document.root, "reader", &chips));
    if (!chips)
        print_message("no chip cards: tongbao-cards has no reader here; its log says why\n");
    programs_run(&host.children, &said, "tongbao", "admin", "parameters", "publish",
                 "simulators/parameters/demo.parameters", "--state", host.admin, NULL);
    ran(&said);
}

static int start(void **state)
{
    (void)state;
    host_prepare(&host);
    a_strange_base_key_is_refused();
    base_key("dukpt-aes", NULL);
    a_base_key_of_a_ceremony();
    host_start_acquirer(&host);
    start_cards();
    assert_int_equal(mkdir(host_path(host.directory, "web"), 0700), 0);
    assert_ok(file_write(host_path(host.directory, "web/index.html"), FILE_PUBLIC,
                         BYTES("<!doctype html><title>Tongbao</title>")));
    snprintf(pin, sizeof pin, "246810");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    rpc_close(&orders);
    host_stop(&host);
    return 0;
}

/* ---- a device and its cashier ---- */

struct device {
    char vault[160], terminal[160], socket[160], initial[24];
    struct child *process_vault, *process_terminal;
    struct page *page;
};

/* The one-time password of operator 01, as the vault says it once. */
static void take_initial(struct device *d, const char *said)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct json_t *list;
    struct bytes id;
    size_t count;
    assert_ok(json_parse(bytes_text(said), 4096, &document));
    assert_ok(json_list(document.root, "passwords", 8, &list, &count));
    for (size_t i = 0; i < count; i++) {
        assert_ok(json_text(json_at(list, i), "operator", 2, &id));
        if (bytes_equal(id, BYTES("01")))
            assert_ok(json_text_copy(json_at(list, i), "password", d->initial, sizeof d->initial));
    }
    assert_int_not_equal(d->initial[0], '\0');
}

static void make_device(struct device *d, const char *suite, const char *tid)
{
    static struct said said;
    char file[192], told[4096] = "";
    snprintf(d->vault, sizeof d->vault, "%s/vault-%s", host.directory, suite);
    snprintf(d->terminal, sizeof d->terminal, "%s/terminal-%s", host.directory, suite);
    snprintf(d->socket, sizeof d->socket, "%s/%s.sock", host.directory, suite);
    snprintf(file, sizeof file, "%s/provision.json", d->vault);
    programs_run(&host.children, &said, "tongbao-vault", "--state", d->vault, "--initialise",
                 "--serial", tid, "--model", "TB-1", NULL);
    ran(&said);
    programs_run(&host.children, &said, "tongbao", "admin", "provision", "--state", host.admin,
                 "--hsm", host.hsm_socket, "--tid", tid, "--mid", HOST_MID, "--serial", tid,
                 "--device", d->vault, "--suite", suite, NULL);
    ran(&said);
    const char *const take[] = {"--state",      d->vault, "--provision", file,
                                "--secrets-fd", "@",      NULL};
    assert_ok(children_run(&host.children, "tongbao-vault", take, told, sizeof told));
    take_initial(d, told);
}

static void start_device(struct device *d)
{
    char address[32], url[64];
    snprintf(address, sizeof address, "127.0.0.1:%ld", host.port);
    char service[READER_HOST_PATH_MAX];
    assert_ok(reader_host_socket(cards, service, sizeof service));
    const char *const vault[] = {"--state",
                                 d->vault,
                                 "--socket",
                                 d->socket,
                                 "--reader",
                                 host.tray,
                                 chips ? "--card-reader" : NULL,
                                 READER_HOST_NAME,
                                 "--card-service",
                                 service,
                                 NULL};
    assert_ok(children_start(&host.children, "tongbao-vault", vault, true, &d->process_vault));
    const char *const terminal[] = {
        "--state", d->terminal, "--vault", d->socket, "--host",
        address,   "--http",    "0",       "--web",   host_path(host.directory, "web"),
        "--tray",  host.tray,   NULL};
    assert_ok(
        children_start(&host.children, "tongbao-terminal", terminal, true, &d->process_terminal));
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/",
             child_ready_number(d->process_terminal, "port"));
    assert_ok(page_open(url, &d->page));
}

static void shows(struct device *d, const char *id)
{
    if (!FAILED(page_wait(d->page, id, SCREEN_MS))) return;
    char text[512];
    struct writer w = writer_over(text, sizeof text - 1);
    page_describe(d->page, &w);
    text[w.len] = '\0';
    fail_msg("not %s: %s", id, text);
}

static void key(struct device *d, const char *name, const char *then)
{
    assert_ok(page_key(d->page, name));
    shows(d, then);
}

static void secret(struct device *d, const char *digits, const char *then)
{
    assert_ok(page_secret(d->page, digits));
    shows(d, then);
}

static const char own[] = "7093185264"; /* no run, no repeat and no date */

static void log_in(struct device *d)
{
    shows(d, "login.operator");
    assert_ok(page_digits(d->page, "01"));
    key(d, "ok", "login.password");
    secret(d, d->initial, "login.first");
    key(d, "choice:continue", "password.new");
    secret(d, own, "password.repeat");
    secret(d, own, "password.review");
    key(d, "choice:save", "password.saved");
    key(d, "ok", "tip.show");
    key(d, "ok", "main.menu");
    key(d, "choice:sign_in", "sign_in.done");
    key(d, "ok", "main.menu");
}

static void sell(struct device *d, const char *amount)
{
    long status;
    key(d, "choice:sale", "sale.amount");
    assert_ok(page_digits(d->page, amount));
    key(d, "ok", "sale.present");
    assert_ok(page_post(d->page, "/api/tray/card", "application/json", BYTES("{\"name\":\"good\"}"),
                        &status));
    assert_int_equal(status, 204);
    shows(d, "sale.pin");
    assert_ok(page_secret(d->page, pin));
    shows(d, "sale.approved");
    key(d, "cancel", "main.menu");
}

/* By its chip, with a PIN for the issuer, and a telephone that has verified its owner. */
static void sell_chips(struct device *d)
{
    if (!chips) return;
    key(d, "choice:sale", "sale.amount");
    assert_ok(page_digits(d->page, "14"));
    key(d, "ok", "sale.present");
    hand("{\"ask\":\"insert\",\"card\":\"debit\"}");
    shows(d, "sale.pin");
    assert_ok(page_secret(d->page, pin));
    shows(d, "sale.approved");
    hand("{\"ask\":\"remove\"}");
    key(d, "cancel", "main.menu");
    key(d, "choice:sale", "sale.amount");
    assert_ok(page_digits(d->page, "9"));
    key(d, "ok", "sale.present");
    hand("{\"ask\":\"tap\",\"card\":\"phone\"}");
    shows(d, "sale.approved");
    hand("{\"ask\":\"remove\"}"); /* a vault that is started anew would find it in the field */
    key(d, "cancel", "main.menu");
}

static void kill_device(struct device *d)
{
    page_close(d->page);
    child_kill(d->process_terminal);
    child_kill(d->process_vault);
}

/* Twice, with everything at the counter killed in between: its keys go on where they were. */
static void a_cashier_sells(const char *suite, const char *tid)
{
    struct device d = {.page = NULL};
    int64_t before = host_network_minor(&host, "card_network_minor");
    make_device(&d, suite, tid);
    start_device(&d);
    log_in(&d);
    sell(&d, "12");
    sell_chips(&d);
    kill_device(&d);
    start_device(&d);
    shows(&d, "login.operator");
    assert_ok(page_digits(d.page, "01"));
    key(&d, "ok", "login.password");
    secret(&d, own, "tip.show");
    key(&d, "ok", "main.menu");
    sell(&d, "13");
    assert_int_equal(host_network_minor(&host, "card_network_minor") - before,
                     chips ? 2500 + 2300 : 2500);
    kill_device(&d);
}

/* ---- what the host refuses ---- */

/* Sends it, and what comes is this code; then nothing has been charged. */
static void refused(struct pos *pos, struct bytes frame, const char *code)
{
    int64_t before = host_network_minor(&host, "card_network_minor");
    pos_exchange(pos, frame);
    assert_string_equal(pos_code(pos), code);
    assert_int_equal(host_network_minor(&host, "card_network_minor"), before);
}

/* One bit of the amount, under the MAC of the other. */
static void a_wrong_mac_is_refused(struct pos *pos)
{
    struct payment p = pos_sale(pos, 700);
    int64_t before = host_audits(&host, "mac_failed", pos->tid);
    struct bytes frame = pos_request(pos, &p);
    pos->frame[frame.len - 1] ^= 1;
    refused(pos, frame, "A0");
    host_await_audit(&host, "mac_failed", pos->tid, before);
    pos_pays(pos, 700);
}

static void a_number_is_used_once(struct pos *pos, struct pos *other)
{
    static uint8_t kept[CLIENT_FRAME_MAX];
    struct payment p = pos_sale(pos, 900);
    int64_t before = host_audits(&host, "ksn_replayed", pos->tid);
    struct bytes frame = pos_request(pos, &p);
    memcpy(kept, frame.at, frame.len);
    size_t len = frame.len;
    pos_exchange(pos, frame);
    assert_string_equal(pos_code(pos), "00");
    assert_true(pos_mac_good(pos));
    refused(pos, bytes_of(kept, len), "94");
    assert_false(pos_mac_good(pos)); /* its keys are used: there is none to make one with */
    host_await_audit(&host, "ksn_replayed", pos->tid, before);

    /* Backward: the number before the last one that was used, never seen by the host. */
    p = pos_sale(pos, 901);
    frame = pos_request(pos, &p);
    memcpy(kept, frame.at, frame.len);
    pos_pays(pos, 902);
    refused(pos, bytes_of(kept, frame.len), "94");

    /* Another device's number, and keys: the line's own terminal has others. */
    before = host_audits(&host, "ksn_of_another_device", pos->tid);
    struct pos mixed = *pos;
    mixed.device = other->device;
    p = pos_sale(&mixed, 903);
    frame = pos_request(&mixed, &p);
    memcpy(pos->frame, frame.at, frame.len);
    refused(pos, bytes_of(pos->frame, frame.len), "97");
    host_await_audit(&host, "ksn_of_another_device", pos->tid, before);
    explicit_bzero(&mixed, sizeof mixed);
    pos->stan++;

    /* And a restart of the host forgets none of it. */
    host_stop_acquirer(&host);
    host_start_acquirer(&host);
    pos_connect(pos, &host);
    refused(pos, bytes_of(kept, len), "94");
    pos_pays(pos, 904);
}

/* A reversal has keys of its own as well, and its answer a MAC under them. */
static void a_reversal_is_taken(struct pos *pos)
{
    struct payment p = pos_sale(pos, 1100);
    int64_t before = host_network_minor(&host, "card_network_minor");
    pos_exchange(pos, pos_request(pos, &p));
    assert_string_equal(pos_code(pos), "00");
    pos_exchange(pos, pos_reversal(pos, &p));
    assert_int_equal(pos->answer.mti, 0x0410);
    assert_string_equal(pos_code(pos), "00");
    assert_true(pos_mac_good(pos));
    for (int waited = 0; waited < SCREEN_MS; waited += 20) { /* the host owes it to the network */
        if (host_network_minor(&host, "card_network_minor") == before) return;
        programs_pause();
    }
    fail_msg("the network was not told");
}

/* It has lost its keys: under its number it gets others, and those that it had are nobody's. */
static void it_is_provisioned_anew(struct pos *pos)
{
    static uint8_t kept[CLIENT_FRAME_MAX];
    uint8_t old[PAYMENT_KSN_MAX];
    struct payment p = pos_sale(pos, 1600);
    struct bytes frame = pos_request(pos, &p);
    memcpy(kept, frame.at, frame.len);
    memcpy(old, pos->ksn, sizeof old);
    pos_make_again(pos, &host);
    assert_memory_not_equal(pos->ksn, old, pos->ksn_len);
    host_stop_acquirer(&host); /* it reads the registry each second, and when it starts */
    host_start_acquirer(&host);
    pos_connect(pos, &host);
    pos_sign_in(pos);
    int64_t before = host_audits(&host, "ksn_of_another_device", pos->tid);
    refused(pos, bytes_of(kept, frame.len), "97");
    host_await_audit(&host, "ksn_of_another_device", pos->tid, before);
    pos_pays(pos, 1700);
}

static void a_host_refuses(enum payment_profile profile, const char *tid, const char *other_tid)
{
    static struct pos pos, other;
    pos_make(&pos, &host, tid, profile);
    pos_make(&other, &host, other_tid, profile);
    pos_connect(&pos, &host);
    pos_sign_in(&pos);
    pos_pays(&pos, 1500);
    a_wrong_mac_is_refused(&pos);
    a_reversal_is_taken(&pos);
    if (payment_profile(profile)->ksn_len > 0) {
        a_number_is_used_once(&pos, &other);
        it_is_provisioned_anew(&pos);
    }
    pos_free(&pos);
    pos_free(&other);
}

static void sm4(void **state)
{
    (void)state;
    a_cashier_sells("sm4", "30000014");
    a_host_refuses(PAYMENT_PROFILE_SM4, "30000022", "30000030");
}

static void dukpt_aes(void **state)
{
    (void)state;
    a_cashier_sells("dukpt-aes", "30000048");
    a_host_refuses(PAYMENT_PROFILE_DUKPT_AES, "30000055", "30000063");
}

static void dukpt_tdes(void **state)
{
    (void)state;
    a_cashier_sells("dukpt-tdes", "30000071");
    a_host_refuses(PAYMENT_PROFILE_DUKPT_TDES, "30000089", "30000097");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sm4),
        cmocka_unit_test(dukpt_aes),
        cmocka_unit_test(dukpt_tdes),
    };
    return cmocka_run_group_tests_name("suites", tests, start, stop);
}
