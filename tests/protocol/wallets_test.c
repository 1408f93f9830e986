/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payments by code with real programs: acquirer, gateway to the wallets and the wallets' simulators
 * (S77). An answer is lost and the gateway killed in between, answers come twice, late, of
 * another amount or with a bad signature, certificates are replaced: what the terminal and the
 * journal have at last is what the wallet has, once.
 */
#include <jansson.h>

#include "lib/base/file.h"
#include "lib/wire/rpc.h"
#include "tests/protocol/counter.h"
#include "tests/protocol/pos.h"

enum { WAIT_MS = 20000, PAUSE_MS = 20 };

static struct counter counter;
static struct host host;
static struct pos pos;

static int start(void **state)
{
    (void)state;
    counter_open(&counter);
    counter_host(&counter, &host);
    pos_make(&pos, &host, "10000031", PAYMENT_PROFILE_TONGBAO);
    pos_connect(&pos, &host);
    pos_sign_in(&pos);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pos_free(&pos);
    counter_close(&counter);
    return 0;
}

/* ---- the customer and his wallet ---- */

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
    if (json_object_get(root, "error") != NULL) fail_msg("%s", question);
    return root;
}

/* What it has been paid and has not given back. */
static int64_t has(const char *wallet)
{
    char name[32];
    snprintf(name, sizeof name, "%s_minor", wallet);
    json_t *accounts = ask_tray("{\"ask\":\"accounts\"}");
    int64_t minor = json_integer_value(json_object_get(accounts, name));
    json_decref(accounts);
    return minor;
}

static void code_of(const char *wallet, char code[24])
{
    char question[96];
    snprintf(question, sizeof question, "{\"ask\":\"code\",\"phone\":\"good\",\"wallet\":\"%s\"}",
             wallet);
    json_t *shown = ask_tray(question);
    snprintf(code, 24, "%s", json_string_value(json_object_get(shown, "code")));
    json_decref(shown);
}

static void go_wrong(const char *wallet, const char *fault, int count, int delay_ms)
{
    char question[160];
    snprintf(question, sizeof question,
             "{\"ask\":\"fault\",\"channel\":\"%s\",\"fault\":\"%s\",\"count\":%d,\"delay_ms\":%d}",
             wallet, fault, count, delay_ms);
    json_decref(ask_tray(question));
}

static void rotate(const char *wallet, const char *stage)
{
    char question[64];
    snprintf(question, sizeof question, "{\"ask\":\"rotate\",\"wallet\":\"%s\"}", wallet);
    json_t *said = ask_tray(question);
    assert_string_equal(json_string_value(json_object_get(said, "stage")), stage);
    json_decref(said);
}

/* ---- the till ---- */

/* A sale with a fresh code, until the host reaches its wallets: 91 meanwhile. */
static struct payment offers(const char *wallet, int64_t amount_minor)
{
    char code[24];
    for (int i = 0; i < WAIT_MS / PAUSE_MS; i++, programs_pause()) {
        struct payment sale = pos_code_sale(&pos, amount_minor);
        code_of(wallet, code);
        if (!pos_try_exchange(&pos, pos_code_request(&pos, &sale, code), WAIT_MS)) break;
        assert_int_equal(pos.answer.mti, 0x0210);
        if (strcmp(pos_code(&pos), "91") != 0) return sale;
    }
    fail_msg("%s: no answer to a sale", wallet);
    return (struct payment){.state = PAYMENT_CREATED};
}

/* One that is approved, with what a refund says of it. */
static struct payment sells(const char *wallet, int64_t amount_minor)
{
    struct payment sale = offers(wallet, amount_minor);
    assert_string_equal(pos_code(&pos), "00");
    assert_true(pos_mac_good(&pos));
    snprintf(sale.rrn, sizeof sale.rrn, "%.12s", pos_field(&pos, 37));
    snprintf(sale.local_date, sizeof sale.local_date, "%.4s", pos_field(&pos, 13));
    return sale;
}

static struct payment refund_of(const struct payment *sale, int64_t amount_minor)
{
    struct payment p = pos_code_sale(&pos, amount_minor);
    p.type = PAYMENT_REFUND;
    p.original.batch = sale->key.batch;
    p.original.stan = sale->key.stan;
    memcpy(p.original.rrn, sale->rrn, sizeof p.original.rrn);
    memcpy(p.original.date, sale->local_date, sizeof p.original.date);
    return p;
}

/* How often the journal has this payment in this state. */
static int rows(const struct payment *p, const char *state)
{
    static struct said said;
    char key[24], wanted[48];
    int count = 0;
    payment_key_text(&p->key, key);
    snprintf(wanted, sizeof wanted, "%s  %s ", key, state);
    programs_run(&counter.gathered, &said, "tongbao", "admin", "payments", "--state", host.acquirer,
                 "--last", "60", NULL);
    assert_int_equal(said.status, 0);
    for (const char *at = said.out; (at = strstr(at, wanted)) != NULL; at++) count++;
    return count;
}

static void await_has(const char *wallet, int64_t minor)
{
    for (int i = 0; i < WAIT_MS / PAUSE_MS && has(wallet) != minor; i++) programs_pause();
    assert_int_equal(has(wallet), minor);
}

/* A new line; the host lets go of the old one when it sees its end. */
static void calls_again(void)
{
    for (int i = 0; i < WAIT_MS / PAUSE_MS; i++, programs_pause())
        if (pos_try_connect(&pos, host.port) && pos_try_sign_in(&pos, 1000)) return;
    fail_msg("the host does not answer");
}

static void reverses(const struct payment *p)
{
    if (!pos_try_exchange(&pos, pos_reversal(&pos, p), WAIT_MS)) fail_msg("no answer");
    assert_int_equal(pos.answer.mti, 0x0410);
}

/* Until the host says `code` to this reversal; it may say "not yet" (22), and nothing else. */
static void wanted_back(const struct payment *p, const char *code)
{
    for (int i = 0; i < WAIT_MS / PAUSE_MS; i++, programs_pause()) {
        reverses(p);
        if (strcmp(pos_code(&pos), code) == 0) return;
        assert_string_equal(pos_code(&pos), "22");
    }
    fail_msg("a refund was never decided: %s", pos_code(&pos));
}

/* ---- an answer that is lost ---- */

/* The refund is made, its answer is on its way, and whoever waits for it dies. */
static void a_refund_without_an_answer_is_made_once(void **state)
{
    (void)state;
    static const char *const wallets[] = {"alipay", "wechat"};
    for (size_t i = 0; i < ARRAY_LEN(wallets); i++) {
        const char *wallet = wallets[i];
        int64_t before = has(wallet);
        struct payment sale = sells(wallet, 10000);
        assert_int_equal(has(wallet), before + 10000);
        struct payment refund = refund_of(&sale, 3000);
        go_wrong(wallet, "slow", 2, 4000); /* the look at the sale, and the refund itself */
        assert_false(pos_try_exchange(&pos, pos_code_request(&pos, &refund, ""), 100));
        await_has(wallet, before + 7000);
        child_kill(counter.stage.process_wallets);
        assert_int_equal(rows(&refund, "PENDING"), 1);
        assert_int_equal(rows(&refund, "APPROVED"), 0);

        /* Nobody knows how it stands: the terminal, which has given up its line meanwhile, hears no
         * more than that. */
        calls_again();
        reverses(&refund);
        assert_string_equal(pos_code(&pos), "22");
        go_wrong(wallet, "none", 0, 0);
        counter_restart(&counter, counter.stage.process_wallets);
        wanted_back(&refund, "12"); /* it was made, and stays */
        assert_int_equal(rows(&refund, "APPROVED"), 1);
        assert_int_equal(rows(&refund, "DECLINED"), 0);
        assert_int_equal(has(wallet), before + 7000);

        /* What is left can be given back, and no more. */
        struct payment more = refund_of(&sale, 7001);
        pos_exchange(&pos, pos_code_request(&pos, &more, ""));
        assert_string_equal(pos_code(&pos), "B2");
        struct payment rest = refund_of(&sale, 7000);
        if (!pos_try_exchange(&pos, pos_code_request(&pos, &rest, ""), WAIT_MS))
            fail_msg("no answer");
        assert_string_equal(pos_code(&pos), "00");
        assert_int_equal(has(wallet), before);
    }
}

/* ---- answers that are wrong ---- */

/* Twice, of another amount, under a bad signature, as nonsense, not at all, and later than the
 * gateway waits: the next question decides, and it is charged once. */
static void a_wrong_answer_decides_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *fault;
        int delay_ms;
    } faults[] = {{"doubled", 0}, {"wrong", 0}, {"forged", 0},
                  {"garbage", 0}, {"cut", 0},   {"slow", 11000}};
    static const char *const wallets[] = {"alipay", "wechat"};
    for (size_t w = 0; w < ARRAY_LEN(wallets); w++)
        for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
            if (w > 0 && faults[i].delay_ms > 0) continue; /* once is long enough */
            int64_t before = has(wallets[w]);
            go_wrong(wallets[w], faults[i].fault, 1, faults[i].delay_ms);
            struct payment sale = sells(wallets[w], 1234);
            assert_int_equal(has(wallets[w]), before + 1234);
            assert_int_equal(rows(&sale, "APPROVED"), 1);
        }
}

/* ---- certificates ---- */

static void put_file(json_t *to, const char *member, const char *file)
{
    static char text[16384];
    char path[256];
    size_t len = 0;
    snprintf(path, sizeof path, "%s/%s", counter.stage.networks, file);
    assert_ok(file_read(path, FILE_PUBLIC, text, sizeof text - 1, &len));
    text[len] = '\0';
    assert_int_equal(json_object_set_new(to, member, json_string(text)), 0);
}

/* The hsm takes the key of content encryption, and gives a blob. */
static void put_content(json_t *alipay)
{
    static struct said said;
    char path[256];
    snprintf(path, sizeof path, "%s/alipay.content_key", counter.stage.networks);
    programs_run(&counter.gathered, &said, "tongbao", "admin", "wallet-key", "--hsm",
                 host.hsm_socket, "--content", path, NULL);
    assert_int_equal(said.status, 0);
    json_t *made = json_loads(said.out, 0, NULL);
    json_object_set(alipay, "content", json_object_get(made, "key"));
    json_decref(made);
}

/* The same accounts in certificate mode with content encryption, and with a platform that is asked
 * for its certificates: the file alone decides. */
static void certify(void)
{
    const char *path = counter.stage.wallet_accounts;
    json_t *root = json_load_file(path, 0, NULL), *certificates = json_object();
    assert_non_null(root);
    json_t *alipay = json_object_get(root, "alipay"), *wechat = json_object_get(root, "wechatpay");
    put_file(certificates, "app", "alipay_app_cert.pem");
    put_file(certificates, "alipay", "alipay_cert.pem");
    put_file(certificates, "root", "alipay_root.pem");
    json_object_del(alipay, "public");
    json_object_set_new(alipay, "certificates", certificates);
    put_content(alipay);
    json_object_del(wechat, "public");
    json_object_set_new(wechat, "certificates", json_string("fetched"));
    char *text = json_dumps(root, 0);
    assert_ok(file_write(path, FILE_PRIVATE, bytes_text(text)));
    free(text);
    json_decref(root);
}

static void certificates_are_replaced_under_way(void **state)
{
    (void)state;
    static const char *const wallets[] = {"alipay", "wechat"};
    certify();
    rotate("wechat",
           "announced"); /* the gateway begins with both, and asks once a minute at most */
    counter_restart(&counter, counter.stage.process_wallets);
    for (size_t w = 0; w < ARRAY_LEN(wallets); w++) {
        int64_t before = has(wallets[w]);
        struct payment sale = sells(wallets[w], 500);
        if (w == 0) rotate(wallets[w], "announced");
        sale = sells(wallets[w], 500);
        rotate(wallets[w], "changed"); /* Alipay's new one is downloaded when it is seen */
        sale = sells(wallets[w], 500);
        rotate(wallets[w], "ended");
        sale = sells(wallets[w], 500);
        struct payment refund = refund_of(&sale, 500);
        if (!pos_try_exchange(&pos, pos_code_request(&pos, &refund, ""), WAIT_MS))
            fail_msg("no answer");
        assert_string_equal(pos_code(&pos), "00");
        assert_int_equal(has(wallets[w]), before + 1500);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refund_without_an_answer_is_made_once),
        cmocka_unit_test(a_wrong_answer_decides_nothing),
        cmocka_unit_test(certificates_are_replaced_under_way),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
