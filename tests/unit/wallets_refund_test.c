/* SPDX-License-Identifier: Apache-2.0 */
/* Refunds and voids through the gateway: once, whatever is repeated, lost or asked too late; and
 * what providers say without being asked. S77, S84. */
#include "tests/unit/wallets_rig.h"

#include "lib/crypto/cipher.h"

#define RRN      "633300000001"
#define REFUND   "633300000009"
#define WX_ORDER "/v3/pay/transactions/out-trade-no/" RRN

#define ALI_TRADE(state)                                                         \
    "{\"code\":\"10000\",\"out_trade_no\":\"" RRN "\",\"trade_status\":\"" state \
    "\",\"total_amount\":\"12.34\"}"
#define ALI_REFUND(change)                                                    \
    "{\"code\":\"10000\",\"out_trade_no\":\"" RRN "\",\"trade_no\":\"2026\"," \
    "\"refund_fee\":\"5.00\",\"fund_change\":\"" change "\"}"
#define ALI_REFUNDED(amount)                                                        \
    "{\"code\":\"10000\",\"out_trade_no\":\"" RRN "\",\"out_request_no\":\"" REFUND \
    "\",\"refund_amount\":\"" amount "\",\"refund_status\":\"REFUND_SUCCESS\"}"
#define ALI_NO_REFUND "{\"code\":\"10000\",\"msg\":\"Success\"}"
#define ALI_ABSENT    "{\"code\":\"40004\",\"sub_code\":\"ACQ.TRADE_NOT_EXIST\"}"
#define WX_TRADE(state)                                                                  \
    "{\"mchid\":\"" WX_MCH_ID "\",\"out_trade_no\":\"" RRN "\",\"trade_state\":\"" state \
    "\",\"amount\":{\"total\":1234,\"currency\":\"CNY\"}}"
#define WX_REFUND(status)                                                                 \
    "{\"out_refund_no\":\"" REFUND "\",\"out_trade_no\":\"" RRN "\",\"status\":\"" status \
    "\",\"amount\":{\"refund\":500,\"total\":1234,\"currency\":\"CNY\"}}"

static void a_refund_goes_where_its_payment_went(void **state)
{
    (void)state;
    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 500);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_TRADE("TRADE_SUCCESS"));
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.refund");
    assert_true(rig_request_has(&a, REFUND) && rig_request_has(&a, RRN));
    assert_true(rig_request_has(&a, "5.00"));
    rig_alipay_says(&a, "alipay.trade.refund", ALI_REFUND("Y"));
    assert_int_equal(rig.said[0].answer.mti, 0x0230);
    rig_hears(REFUND, "00");

    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 500);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_ABSENT);
    a = rig_asked(WALLET_WECHATPAY, WX_ORDER);
    rig_wechat_says(&a, 200, WX_TRADE("REFUND")); /* part of it has gone back before */
    a = rig_asked(WALLET_WECHATPAY, "/v3/refund/domestic/refunds");
    assert_true(rig_request_has(&a, "\"refund\":500,\"total\":1234"));
    rig_wechat_says(&a, 200, WX_REFUND("PROCESSING"));
    rig_hears(REFUND, "00");
}

static void a_void_gives_the_whole_back(void **state)
{
    (void)state;
    rig_give_back(PAYMENT_VOID, REFUND, RRN, 1234);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_TRADE("TRADE_SUCCESS"));
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.refund");
    assert_true(rig_request_has(&a, "12.34"));
    rig_alipay_says(&a, "alipay.trade.refund", ALI_REFUND("Y"));
    assert_int_equal(rig.said[0].answer.mti, 0x0210);
    rig_hears(REFUND, "00");
}

/* Its answer is lost: it is looked up, and repeated under its number, until it is decided. */
static void a_refund_is_made_once_and_decided(void **state)
{
    (void)state;
    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 500);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_failed(&a, ERR(TIMEOUT));
    rig_hears_nothing();
    rig_wait(GATEWAY_AGAIN_MS);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_TRADE("TRADE_SUCCESS"));
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.refund");
    rig_failed(&a, ERR(TIMEOUT));
    rig_wait(GATEWAY_AGAIN_MS - 1);
    assert_int_equal(rig.asks, 0);
    rig_wait(1);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.fastpay.refund.query");
    rig_alipay_says(&a, "alipay.trade.fastpay.refund.query", ALI_NO_REFUND);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.refund");
    rig_alipay_says(&a, "alipay.trade.refund", ALI_REFUND("N")); /* made before? */
    rig_wait(GATEWAY_AGAIN_MS);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.fastpay.refund.query");
    rig_alipay_says(&a, "alipay.trade.fastpay.refund.query", ALI_REFUNDED("5.00"));
    rig_hears(REFUND, "00");
}

static void an_undecided_refund_is_given_up_without_a_word(void **state)
{
    (void)state;
    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 500);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_TRADE("TRADE_SUCCESS"));
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.refund");
    unsigned tries = 0;
    rig_failed(&a, ERR(TIMEOUT));
    while (rig.g->task[0].phase == TASK_PAUSING) {
        rig_wait(GATEWAY_AGAIN_MS);
        a = rig_asked(WALLET_ALIPAY, "alipay.trade.fastpay.refund.query");
        rig_failed(&a, ERR(TIMEOUT));
        assert_true(++tries < 20);
    }
    assert_true(tries >= 10);
    rig_hears_nothing();
    /* The acquirer takes it back: only what was never made is acknowledged. */
    rig_take_back(PAYMENT_REFUND, REFUND, 500);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.fastpay.refund.query");
    assert_true(rig_request_has(&a, RRN));
    rig_alipay_says(&a, "alipay.trade.fastpay.refund.query", ALI_REFUNDED("5.00"));
    rig_hears(REFUND, "22");
    rig_take_back(PAYMENT_REFUND, REFUND, 500);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.fastpay.refund.query");
    rig_alipay_says(&a, "alipay.trade.fastpay.refund.query", ALI_REFUNDED("4.00"));
    rig_hears_nothing();
    rig_take_back(PAYMENT_REFUND, REFUND, 500);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.fastpay.refund.query");
    rig_alipay_says(&a, "alipay.trade.fastpay.refund.query", ALI_NO_REFUND);
    rig_hears(REFUND, "25");
}

static void a_refund_that_cannot_be_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *trade, *refund, *code;
    } rows[] = {
        {ALI_TRADE("WAIT_BUYER_PAY"), NULL, "12"},
        {ALI_TRADE("TRADE_SUCCESS"),
         "{\"code\":\"40004\",\"sub_code\":\"ACQ.SELLER_BALANCE_NOT_ENOUGH\"}", "51"},
        {ALI_TRADE("TRADE_SUCCESS"),
         "{\"code\":\"40004\",\"sub_code\":\"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL\"}", "61"},
        {ALI_TRADE("TRADE_FINISHED"),
         "{\"code\":\"40004\",\"sub_code\":\"ACQ.TRADE_HAS_FINISHED\"}", "22"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rig_forget();
        rig_give_back(PAYMENT_REFUND, REFUND, RRN, 500);
        struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
        rig_alipay_says(&a, "alipay.trade.query", rows[i].trade);
        if (rows[i].refund != NULL) {
            a = rig_asked(WALLET_ALIPAY, "alipay.trade.refund");
            rig_alipay_says(&a, "alipay.trade.refund", rows[i].refund);
        }
        rig_hears(REFUND, rows[i].code);
    }
    rig_forget();
    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 1235); /* more than there was */
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_TRADE("TRADE_SUCCESS"));
    assert_int_equal(rig.asks, 0);
    rig_hears(REFUND, "61");
}

/* Refused after a try of which nobody has heard: that one may have been made, or still come. */
static void a_refusal_after_a_lost_try_is_not_believed_at_once(void **state)
{
    (void)state;
    static const char refused[] = "{\"code\":\"40006\"}";
    rig_forget();
    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 500);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_TRADE("TRADE_SUCCESS"));
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.refund");
    rig_failed(&a, ERR(TIMEOUT));
    rig_wait(GATEWAY_AGAIN_MS);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.fastpay.refund.query");
    rig_alipay_says(&a, "alipay.trade.fastpay.refund.query", ALI_NO_REFUND);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.refund");
    rig_alipay_says(&a, "alipay.trade.refund", refused);
    for (int waited = 2 * GATEWAY_AGAIN_MS; waited <= GATEWAY_AGAIN_MS + GATEWAY_SETTLE_MS;
         waited += GATEWAY_AGAIN_MS) {
        rig_hears_nothing();
        rig_wait(GATEWAY_AGAIN_MS);
        a = rig_asked(WALLET_ALIPAY, "alipay.trade.fastpay.refund.query");
        /* That the question is refused says nothing either. */
        bool asked = waited == 2 * GATEWAY_AGAIN_MS;
        rig_alipay_says(&a, "alipay.trade.fastpay.refund.query", asked ? refused : ALI_NO_REFUND);
    }
    rig_hears(REFUND, "03");

    /* The acquirer's books say so: should the question come once more, that stays the answer. */
    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 500);
    assert_int_equal(rig.asks, 0);
    rig_hears(REFUND, "03");
}

/* A question about the original that is refused, before anything was begun, is an answer. */
static void a_merchant_who_may_not_ask_is_told(void **state)
{
    (void)state;
    rig_forget();
    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 500);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", "{\"code\":\"40006\"}");
    rig_hears(REFUND, "03");
}

static void take_back_refund(const char *original)
{
    struct payment p = rig_payment(PAYMENT_REFUND, REFUND, 500);
    snprintf(p.original.rrn, sizeof p.original.rrn, "%s", original);
    snprintf(p.reversal_reason, sizeof p.reversal_reason, "98");
    rig_send(PAYMENT_NETWORK_REVERSAL, &p, NULL);
}

/* After a restart nobody remembers; the reversal names the original, so each is asked. */
static void a_forgotten_refund_is_looked_for(void **state)
{
    (void)state;
    rig_wait(GATEWAY_SETTLE_MS);
    take_back_refund(RRN);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.fastpay.refund.query");
    assert_true(rig_request_has(&a, RRN) && rig_request_has(&a, REFUND));
    rig_alipay_says(&a, "alipay.trade.fastpay.refund.query", ALI_ABSENT);
    a = rig_asked(WALLET_WECHATPAY, "/v3/refund/domestic/refunds/" REFUND);
    rig_wechat_says(&a, 200, WX_REFUND("SUCCESS"));
    rig_hears(REFUND, "22"); /* it was made, and stays */

    take_back_refund(RRN);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.fastpay.refund.query");
    rig_alipay_says(&a, "alipay.trade.fastpay.refund.query", ALI_NO_REFUND);
    a = rig_asked(WALLET_WECHATPAY, "/v3/refund/domestic/refunds/" REFUND);
    rig_wechat_says(&a, 404, "{\"code\":\"RESOURCE_NOT_EXISTS\"}");
    rig_hears_nothing();
    assert_int_equal(rig.handed_on, 1); /* maybe it is the other wallet's */

    take_back_refund(""); /* of whom, nobody says */
    assert_int_equal(rig.asks, 0);
    assert_int_equal(rig.handed_on, 1);
    rig_hears_nothing();
}

/* What the acquirer has given up is not done when it comes late, whatever was said of it before. */
static void what_was_taken_back_is_not_done_later(void **state)
{
    (void)state;
    rig_wait(GATEWAY_SETTLE_MS);
    take_back_refund(RRN);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.fastpay.refund.query");
    rig_alipay_says(&a, "alipay.trade.fastpay.refund.query", ALI_NO_REFUND);
    a = rig_asked(WALLET_WECHATPAY, "/v3/refund/domestic/refunds/" REFUND);
    rig_wechat_says(&a, 404, "{\"code\":\"RESOURCE_NOT_EXISTS\"}");
    assert_int_equal(rig.handed_on, 1);
    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 500);
    assert_int_equal(rig.asks, 0);
    rig_hears_nothing();

    rig_take_back(PAYMENT_SALE, RRN, 1234);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.cancel");
    rig_alipay_says(&a, "alipay.trade.cancel", ALI_ABSENT);
    a = rig_asked(WALLET_WECHATPAY, "/reverse");
    rig_wechat_says(&a, 404, "{\"code\":\"ORDER_NOT_EXIST\"}");
    assert_int_equal(rig.handed_on, 2);
    rig_pay(RRN, 1234, ALIPAY_CODE);
    assert_int_equal(rig.asks, 0);
    assert_int_equal(rig.handed_on, 2);
    rig_hears_nothing();
}

/* A refund between two of its tries is neither absent nor made. */
static void a_refund_that_is_being_made_is_not_denied(void **state)
{
    (void)state;
    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 500);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_failed(&a, ERR(TIMEOUT));
    rig_wait(GATEWAY_AGAIN_MS - 1);
    take_back_refund(RRN);
    assert_int_equal(rig.asks, 0);
    rig_hears_nothing();
    rig_wait(1);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_TRADE("TRADE_SUCCESS"));
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.refund");
    rig_alipay_says(&a, "alipay.trade.refund", ALI_REFUND("Y"));
    rig_hears(REFUND, "00");
}

#define ALI_TOO_OLD "{\"code\":\"40004\",\"sub_code\":\"ACQ.TRADE_CANCEL_TIME_OUT\"}"
#define ALI_BACK                                                              \
    "{\"code\":\"10000\",\"out_trade_no\":\"" RRN "\",\"trade_no\":\"2026\"," \
    "\"refund_fee\":\"12.34\",\"fund_change\":\"Y\"}"
#define WX_BACK                                                                              \
    "{\"out_refund_no\":\"" RRN "\",\"out_trade_no\":\"" RRN "\",\"status\":\"PROCESSING\"," \
    "\"amount\":{\"refund\":1234,\"total\":1234,\"currency\":\"CNY\"}}"

static void take_back_old(const char *state_at_alipay)
{
    rig_wait(GATEWAY_SETTLE_MS);
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.cancel");
    rig_alipay_says(&a, "alipay.trade.cancel", ALI_TOO_OLD);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", state_at_alipay);
}

/* Nobody could be reached for a week: Alipay cancels for a day, WeChat Pay takes back for seven.
 * After that a payment is given back, under its own number, by whoever has it. */
static void what_is_too_old_to_be_cancelled_is_given_back(void **state)
{
    (void)state;
    take_back_old(ALI_TRADE("TRADE_SUCCESS"));
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.refund");
    rig_alipay_says(&a, "alipay.trade.refund", ALI_BACK);
    take_back_old(ALI_TRADE("TRADE_CLOSED"));
    a = rig_asked(WALLET_WECHATPAY, "/reverse"); /* nobody knows whose it was */
    rig_wechat_says(&a, 400, "{\"code\":\"INVALID_REQUEST\"}");
    a = rig_asked(WALLET_WECHATPAY, WX_ORDER);
    rig_wechat_says(&a, 200, WX_TRADE("SUCCESS"));
    a = rig_asked(WALLET_WECHATPAY, "/v3/refund/domestic/refunds");
    assert_true(rig_request_has(&a, "\"out_refund_no\":\"" RRN "\""));
    rig_wechat_says(&a, 200, WX_BACK);
    rig_hears_nothing();
    assert_int_equal(rig.handed_on, 0);
}

/* ---- notices ---- */

static void rig_alipay_notice(const char *number, const char *amount, bool right, char out[2048])
{
    char covered[512], sign[400], escaped[1300];
    snprintf(covered, sizeof covered, "app_id=%s&out_trade_no=%s&total_amount=%s&trade_status=%s",
             APP_ID, number, amount, "TRADE_SUCCESS");
    rig_sign(right ? WALLET_ALIPAY : WALLET_WECHATPAY, bytes_text(covered), sign);
    struct writer w = writer_over(escaped, sizeof escaped);
    wallet_escape(&w, bytes_text(sign));
    snprintf(out, 2048,
             "total_amount=%s&sign_type=RSA2&sign=%.*s&out_trade_no=%s&app_id=%s"
             "&trade_status=TRADE_SUCCESS",
             amount, (int)w.len, escaped, number, APP_ID);
}

static void notice(const char *body)
{
    gateway_on_notice(rig.g, WALLET_ALIPAY, &(struct wallet_raw){.body = bytes_text(body)}, 77);
    rig_pump();
}

static void begin_waiting(void)
{
    rig_pay(RRN, 1234, ALIPAY_CODE);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
    rig_alipay_says(&a, "alipay.trade.pay", "{\"code\":\"10003\"}");
    rig_hears(RRN, "09");
}

static void a_notice_has_the_payment_looked_up_now(void **state)
{
    (void)state;
    char body[2048];
    begin_waiting();
    rig_alipay_notice(RRN, "12.34", true, body);
    notice(body);
    assert_int_equal(rig.noticed_good, 1);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_hears_nothing(); /* the notice itself approves nothing */
    notice(body);
    assert_int_equal(rig.noticed_good, 2);
    assert_int_equal(rig.asks, 0); /* doubled */
    rig_alipay_says(&a, "alipay.trade.query", ALI_TRADE("TRADE_SUCCESS"));
    assert_int_equal(rig.said[0].answer.mti, 0x0210);
    rig_hears(RRN, "00");
    notice(body); /* late */
    assert_int_equal(rig.asks, 0);
    rig_hears_nothing();
}

/* The same notice again, with another amount: what is asked and believed is the provider's answer,
 * of the amount that was to be paid, and with another one nothing is approved. */
static void a_notice_is_doubled_with_another_amount(void **state)
{
    (void)state;
    char body[2048];
    begin_waiting();
    rig_alipay_notice(RRN, "12.34", true, body);
    notice(body);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_notice(RRN, "99.99", true, body);
    notice(body);
    assert_int_equal(rig.asks, 0);
    rig_alipay_says(&a, "alipay.trade.query",
                    "{\"code\":\"10000\",\"out_trade_no\":\"" RRN
                    "\",\"trade_status\":\"TRADE_SUCCESS\",\"total_amount\":\"99.99\"}");
    for (; rig.saids > 0; rig.saids--)
        assert_string_not_equal(rig.said[rig.saids - 1].answer.response_code, "00");
    rig_look(RRN, 1234); /* the acquirer asks as ever, and hears what is true then */
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_TRADE("TRADE_SUCCESS"));
    rig_hears(RRN, "00");
    notice(body); /* and once more, late */
    assert_int_equal(rig.asks, 0);
    rig_hears_nothing();
}

static void a_wrong_notice_changes_nothing(void **state)
{
    (void)state;
    char body[2048];
    begin_waiting();
    rig_alipay_notice(RRN, "12.34", false, body); /* forged */
    notice(body);
    rig_alipay_notice(RRN, "12.34", true, body);
    strstr(body, "TRADE_SUCCESS")[0] = 't'; /* altered */
    notice(body);
    notice("");
    notice("sign=AAAA");
    notice("sign=%zz&app_id=" APP_ID);
    notice("app_id=" APP_ID "&app_id=" APP_ID "&sign=AAAA&out_trade_no=1&total_amount=1");
    assert_int_equal(rig.noticed, 6);
    assert_int_equal(rig.noticed_good, 0);
    rig_alipay_notice(RRN, "12.35", true, body); /* another amount */
    notice(body);
    rig_alipay_notice("633300000002", "12.34", true, body); /* another payment */
    notice(body);
    assert_int_equal(rig.noticed_good, 2);
    assert_int_equal(rig.asks, 0);
    rig_hears_nothing();
}

/* {"resource": ...} with what the provider has sealed, signed like an answer. */
static void wechat_notice(const char *number, int64_t total, const char *key_text)
{
    char text[256], base64[600], body[1024];
    uint8_t sealed[300];
    struct key key = {0};
    int len = snprintf(text, sizeof text,
                       "{\"mchid\":\"" WX_MCH_ID "\",\"out_trade_no\":\"%s\",\"trade_state\":"
                       "\"SUCCESS\",\"amount\":{\"total\":%lld,\"currency\":\"CNY\"}}",
                       number, (long long)total);
    assert_ok(key_make(KEY_AES256, KEY_USAGE_DATA, bytes_text(key_text), &key));
    assert_ok(cipher_gcm_seal(&rig.f->crypto, &key, BYTES("0123456789ab").at, BYTES("transaction"),
                              bytes_of(text, (size_t)len), sealed));
    struct writer w = writer_over(base64, sizeof base64);
    base64_write(&w, bytes_of(sealed, (size_t)len + CIPHER_TAG_BYTES));
    snprintf(body, sizeof body,
             "{\"id\":\"x\",\"event_type\":\"TRANSACTION.SUCCESS\",\"resource\":{\"algorithm\":"
             "\"AEAD_AES_256_GCM\",\"ciphertext\":\"%.*s\",\"associated_data\":\"transaction\","
             "\"nonce\":\"0123456789ab\"}}",
             (int)w.len, base64);
    struct wallet_raw raw = rig_wechat_raw(0, body);
    gateway_on_notice(rig.g, WALLET_WECHATPAY, &raw, 77);
    rig_pump();
}

static void a_sealed_notice_has_the_payment_looked_up_now(void **state)
{
    (void)state;
    rig_pay(RRN, 1234, WECHAT_CODE);
    struct asked a = rig_asked(WALLET_WECHATPAY, "codepay");
    rig_wechat_says(&a, 200, WX_TRADE("USERPAYING"));
    rig_hears(RRN, "09");
    wechat_notice(RRN, 1234, "another key of just 32 bytes....");
    assert_int_equal(rig.noticed, 1);
    assert_int_equal(rig.noticed_good, 0);
    assert_int_equal(rig.asks, 0);
    wechat_notice(RRN, 1235, OPEN_KEY);
    assert_int_equal(rig.asks, 0);
    wechat_notice(RRN, 1234, OPEN_KEY);
    assert_int_equal(rig.noticed_good, 2);
    a = rig_asked(WALLET_WECHATPAY, WX_ORDER);
    rig_wechat_says(&a, 200, WX_TRADE("SUCCESS"));
    rig_hears(RRN, "00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, rig_end)
        TEST(a_refund_goes_where_its_payment_went),
        TEST(a_void_gives_the_whole_back),
        TEST(a_refund_is_made_once_and_decided),
        TEST(an_undecided_refund_is_given_up_without_a_word),
        TEST(a_refund_that_cannot_be_is_refused_by_name),
        TEST(what_was_taken_back_is_not_done_later),
        TEST(a_refund_that_is_being_made_is_not_denied),
        TEST(what_is_too_old_to_be_cancelled_is_given_back),
        TEST(a_refusal_after_a_lost_try_is_not_believed_at_once),
        TEST(a_merchant_who_may_not_ask_is_told),
        TEST(a_forgotten_refund_is_looked_for),
        TEST(a_notice_has_the_payment_looked_up_now),
        TEST(a_notice_is_doubled_with_another_amount),
        TEST(a_wrong_notice_changes_nothing),
        TEST(a_sealed_notice_has_the_payment_looked_up_now),
    };
    return cmocka_run_group_tests(tests, rig_make, rig_unmake);
}
