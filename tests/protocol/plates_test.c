/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plate from its printing to the books, with real programs (S79): `tongbao admin plate` has it
 * signed and drawn, phones scan it and type amounts, the wallet asks the acquirer, a limit refuses
 * by name, a restart forgets nothing, a closed plate takes nothing; takings and books say it all.
 * The same with Alipay and WeChat Pay through tongbao-wallets, which is killed on the way.
 */
#include <jansson.h>

#include "lib/base/clock.h"
#include "lib/qr/image.h"
#include "lib/wire/rpc.h"
#include "payment/clearing.h"
#include "tests/protocol/counter.h"

static struct host host;
static struct counter counter;

static int set_up(void **state)
{
    (void)state;
    host_start(&host);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    host_stop(&host);
    return 0;
}

static json_t *ask_tray(const char *question)
{
    static uint8_t block[64 << 10];
    struct rpc rpc;
    struct bytes answer;
    assert_ok(rpc_connect(&rpc, host.tray, 5000, sizeof block));
    assert_ok(rpc_call(&rpc, bytes_text(question), block, sizeof block, &answer));
    rpc_close(&rpc);
    json_t *root = json_loadb((const char *)answer.at, answer.len, 0, NULL);
    assert_non_null(root);
    return root;
}

static const char *member(const json_t *root, const char *name)
{
    const char *text = json_string_value(json_object_get(root, name));
    assert_non_null(text);
    return text;
}

/* The phone scans, types, and waits for what the acquirer says; its code and why. */
static const char *pays(const char *phone, const char *text, int64_t fen, char why[128])
{
    static char code[4];
    char question[1024], reference[16];
    snprintf(question, sizeof question,
             "{\"ask\":\"scan\",\"phone\":\"%s\",\"text\":\"%s\",\"amount\":%lld}", phone, text,
             (long long)fen);
    json_t *scanned = ask_tray(question);
    assert_string_equal(member(scanned, "outcome"), "asked");
    snprintf(reference, sizeof reference, "%s", member(scanned, "reference"));
    json_decref(scanned);
    snprintf(question, sizeof question, "{\"ask\":\"scanned\",\"reference\":\"%s\"}", reference);
    for (int tries = 0; tries < 500; tries++, programs_pause()) {
        json_t *end = ask_tray(question);
        bool over = strcmp(member(end, "outcome"), "asked") != 0;
        snprintf(code, sizeof code, "%s", member(end, "code"));
        snprintf(why, 128, "%s", member(end, "why"));
        json_decref(end);
        if (over) return code;
    }
    fail_msg("no answer for a plate");
    return code;
}

static void printed(struct children *children, struct said *said, char text[256])
{
    programs_run(children, said, "tongbao", "admin", "plate", "add", "--state", host.admin, "--hsm",
                 host.hsm_socket, "--mid", HOST_MID, "--class", "D", "--day", "800.00", "--png",
                 host_path(host.directory, "plate.png"), NULL);
    if (said->status != 0) print_error("%s\n", said->complaint);
    assert_int_equal(said->status, 0);
    assert_non_null(strstr(said->out, "P0000001"));
    const char *at = strstr(said->out, "000201");
    assert_non_null(at);
    snprintf(text, 256, "%.*s", (int)strcspn(at, "\n"), at);
}

static void a_plate_takes_money(void **state)
{
    (void)state;
    static struct said said;
    static uint8_t png[QR_DRAWN_MAX], drawn[QR_TEXT_MAX];
    char text[256], why[128];
    size_t len = 0, drawn_len = 0;
    printed(&host.children, &said, text);
    FILE *file = fopen(host_path(host.directory, "plate.png"), "r");
    assert_non_null(file);
    len = fread(png, 1, sizeof png, file);
    fclose(file);
    assert_ok(qr_image_read(bytes_of(png, len), drawn, sizeof drawn, &drawn_len));
    assert_true(bytes_equal(bytes_of(drawn, drawn_len), bytes_text(text)));

    assert_string_equal(pays("good", text, 12345, why), "00");
    assert_string_equal(pays("good", text, 40000, why), "61");
    assert_string_equal(why, "day of a customer at plates of class D: 500.00");
    assert_string_equal(pays("good", text, 37655, why), "00"); /* 500.00 to the fen */
    assert_int_equal(host_network_minor(&host, "wallet_minor"), 50000);
    host_stop_acquirer(&host);
    host_start_acquirer(&host);
    for (int tries = 0; host_count(&host, "wallet") == 0; tries++, programs_pause())
        assert_true(tries < 500);
    assert_string_equal(pays("good", text, 1, why), "61");
    assert_string_equal(pays("asks", text, 30001, why), "61");
    assert_string_equal(why, "day of this plate of class D: 800.00");
    assert_string_equal(pays("asks", text, 30000, why), "00");

    programs_run(&host.children, &said, "tongbao", "admin", "plate", "close", "P0000001", "--state",
                 host.admin, NULL);
    assert_int_equal(said.status, 0);
    assert_string_equal(pays("never", text, 1, why), "03");
    programs_run(&host.children, &said, "tongbao", "admin", "plate", "list", "--state", host.admin,
                 NULL);
    assert_non_null(strstr(said.out, "closed"));
    programs_run(&host.children, &said, "tongbao", "admin", "plate", "takings", "--acquirer",
                 host.acquirer, NULL);
    assert_non_null(strstr(said.out, "P0000001       3 payments         800.00  7 asked"));
    programs_run(&host.children, &said, "tongbao", "admin", "payments", "--state", host.acquirer,
                 NULL);
    assert_non_null(strstr(said.out, "P0000001"));
    assert_int_equal(host_network_minor(&host, "wallet_minor"), 80000);
    programs_run(&host.children, &said, "tongbao", "admin", "rebuild", "--check", "--state",
                 host.acquirer, NULL);
    assert_int_equal(said.status, 0);
}

/* ---- Alipay and WeChat Pay ---- */

static int counter_set_up(void **state)
{
    (void)state;
    counter_open(&counter);
    counter_host(&counter, &host);
    return 0;
}

static int counter_tear_down(void **state)
{
    (void)state;
    counter_close(&counter);
    return 0;
}

/* A question of which nothing is wanted but that it is done. */
static void tell_tray(const char *format, ...)
{
    char question[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(question, sizeof question, format, list);
    va_end(list);
    json_t *said = ask_tray(question);
    if (json_object_get(said, "error") != NULL) fail_msg("%s", question);
    json_decref(said);
}

static int64_t has(const char *wallet)
{
    return host_network_minor(&host,
                              strcmp(wallet, "alipay") == 0 ? "alipay_minor" : "wechat_minor");
}

static void scans_with(const char *wallet, const char *text, int64_t fen, char reference[16])
{
    char question[1024];
    snprintf(question, sizeof question,
             "{\"ask\":\"scan\",\"phone\":\"good\",\"text\":\"%s\",\"amount\":%lld,"
             "\"wallet\":\"%s\"}",
             text, (long long)fen, wallet);
    json_t *scanned = ask_tray(question);
    assert_string_equal(member(scanned, "outcome"), "asked");
    snprintf(reference, 16, "%s", member(scanned, "reference"));
    json_decref(scanned);
}

/* What the telephone shows at last; the gateway may have to reach the host first, and a notice that
 * was not heard comes again after fifteen seconds. */
static void ends(const char *reference, const char *wanted)
{
    char question[128], now[16] = "asked";
    snprintf(question, sizeof question, "{\"ask\":\"scanned\",\"reference\":\"%s\"}", reference);
    for (int tries = 0; tries < 3000 && strcmp(now, "asked") == 0; tries++, programs_pause()) {
        json_t *end = ask_tray(question);
        snprintf(now, sizeof now, "%s", member(end, "outcome"));
        json_decref(end);
    }
    assert_string_equal(now, wanted);
}

static void pays_with(const char *wallet, const char *text, int64_t fen, const char *wanted)
{
    char reference[16];
    int64_t before = has(wallet);
    scans_with(wallet, text, fen, reference);
    ends(reference, wanted);
    assert_int_equal(has(wallet), before + (strcmp(wanted, "paid") == 0 ? fen : 0));
}

/* The notice waits for an answer of its provider when the gateway dies. */
static void dies_and_comes_back(const char *text)
{
    char reference[16];
    int64_t before = has("wechat");
    tell_tray("{\"ask\":\"fault\",\"channel\":\"wechat\",\"fault\":\"slow\",\"count\":1,"
              "\"delay_ms\":4000}");
    scans_with("wechat", text, 500, reference);
    child_kill(counter.stage.process_wallets);
    tell_tray("{\"ask\":\"fault\",\"channel\":\"wechat\",\"fault\":\"none\",\"count\":0}");
    counter_restart(&counter, counter.stage.process_wallets);
    ends(reference, "paid");
    assert_int_equal(has("wechat"), before + 500);
}

/* The wallets' file of the day has what the host has, and nothing else. */
static void is_reconciled(struct said *said)
{
    static char file[160], day[11];
    const struct clock clock = clock_system();
    clearing_day_text(clearing_day(clock_now_ms(&clock)), day);
    snprintf(file, sizeof file, "%s/clearing.txt", counter.stage.directory);
    programs_run(&counter.gathered, said, "tongbao-simulators", "--state", counter.stage.networks,
                 "--clearing", day, "--of", "wallet", "--to", file, NULL);
    if (said->status != 0) fail_msg("%s", said->complaint);
    for (int tries = 0; tries < 100; tries++, programs_pause()) {
        programs_run(&counter.gathered, said, "tongbao", "admin", "reconcile", "--day", day,
                     "--file", file, "--state", host.acquirer, "--control", counter.stage.control,
                     "--network", "wallet", "--actor", "wang", NULL);
        if (strstr(said->complaint, "ask again in a moment") == NULL) break;
    }
    if (said->status != 0 || strstr(said->out, "8 matched, 0 differences") == NULL)
        fail_msg("%s%s", said->out, said->complaint);
}

static void other_wallets_pay_a_plate(void **state)
{
    (void)state;
    static struct said said;
    static const struct {
        const char *wallet, *path;
    } wallets[] = {{"alipay", "alipay"}, {"wechat", "wechatpay"}};
    char text[256];
    printed(&counter.gathered, &said, text);
    for (size_t i = 0; i < ARRAY_LEN(wallets); i++) {
        const char *wallet = wallets[i].wallet;
        tell_tray("{\"ask\":\"payee\",\"wallet\":\"%s\",\"merchant\":\"" HOST_MID "\","
                  "\"url\":\"http://127.0.0.1:%ld/notify/%s\"}",
                  wallet, counter.stage.notify_port, wallets[i].path);
        pays_with(wallet, text, 12345, "paid");
        pays_with(wallet, text, 40000, "refused"); /* 500.00 of a customer, and it is back */
        tell_tray("{\"ask\":\"fault\",\"channel\":\"%s_notice\",\"fault\":\"doubled\",\"count\":1}",
                  wallet);
        pays_with(wallet, text, 100, "paid");
    }
    dies_and_comes_back(text);

    programs_run(&counter.gathered, &said, "tongbao", "admin", "plate", "close", "P0000001",
                 "--state", host.admin, NULL);
    assert_int_equal(said.status, 0);
    pays_with("alipay", text, 1, "refused");
    programs_run(&counter.gathered, &said, "tongbao", "admin", "plate", "takings", "--acquirer",
                 host.acquirer, NULL);
    if (strstr(said.out, "P0000001       5 payments         253.90") == NULL)
        fail_msg("%s", said.out);
    is_reconciled(&said); /* five that stand, three that went back */
    programs_run(&counter.gathered, &said, "tongbao", "admin", "rebuild", "--check", "--state",
                 host.acquirer, NULL);
    assert_int_equal(said.status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plate_takes_money, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_wallets_pay_a_plate, counter_set_up,
                                        counter_tear_down),
    };
    return cmocka_run_group_tests_name("plates", tests, NULL, NULL);
}
