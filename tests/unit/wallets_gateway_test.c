/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gateway between a real hsm, an acquirer and providers that are slow, silent, doubled, wrong
 * or forged. S77: pending to success, to time-out, to reversal, and no double charge.
 */
#include "tests/unit/wallets_rig.h"

#include "wallets/wechatpay.h"

#define RRN "633300000001"

#define ALI_PAID                                                      \
    "{\"code\":\"10000\",\"msg\":\"Success\",\"out_trade_no\":\"" RRN \
    "\",\"trade_no\":\"2026112922001001234567\",\"total_amount\":\"12.34\"}"
#define ALI_WAITS  "{\"code\":\"10003\",\"msg\":\" order success pay inprocess\"}"
#define ALI_ABSENT "{\"code\":\"40004\",\"sub_code\":\"ACQ.TRADE_NOT_EXIST\"}"
#define ALI_STATE(state, total)                                                  \
    "{\"code\":\"10000\",\"out_trade_no\":\"" RRN "\",\"trade_status\":\"" state \
    "\",\"total_amount\":\"" total "\"}"
#define WX_STATE(state, total)                                                           \
    "{\"mchid\":\"" WX_MCH_ID "\",\"out_trade_no\":\"" RRN "\",\"trade_state\":\"" state \
    "\",\"transaction_id\":\"4200001234567890\",\"amount\":{\"total\":" total            \
    ",\"currency\":\"CNY\"}}"

/* ---- payments ---- */

static void a_code_is_charged_and_approved(void **state)
{
    (void)state;
    rig_pay(RRN, 1234, ALIPAY_CODE);
    struct asked a = rig_asked(WALLET_ALIPAY, "method=alipay.trade.pay");
    assert_true(rig_request_has(&a, "281234567890123456"));
    rig_alipay_says(&a, "alipay.trade.pay", ALI_PAID);
    assert_string_equal(rig.said[0].answer.issuer, "wallet A");
    assert_string_equal(rig.said[0].answer.auth_code, "234567");
    assert_int_equal(rig.said[0].answer.card_class, PAYMENT_CLASS_WALLET);
    assert_int_equal(rig.said[0].answer.mti, 0x0210);
    rig_hears(RRN, "00");

    rig_pay(RRN, 1234, WECHAT_CODE);
    a = rig_asked(WALLET_WECHATPAY, "/v3/pay/transactions/codepay");
    rig_wechat_says(&a, 200, WX_STATE("SUCCESS", "1234"));
    assert_string_equal(rig.said[0].answer.issuer, "wallet W");
    rig_hears(RRN, "00");
}

#define ALI_PAID_AT(member, at)                   \
    "{\"code\":\"10000\",\"out_trade_no\":\"" RRN \
    "\",\"trade_status\":\"TRADE_SUCCESS\",\"total_amount\":\"12.34\",\"" member "\":\"" at "\"}"
#define WX_PAID_AT(at)                                                                       \
    "{\"mchid\":\"" WX_MCH_ID "\",\"out_trade_no\":\"" RRN                                   \
    "\",\"trade_state\":\"SUCCESS\",\"success_time\":\"" at "\",\"amount\":{\"total\":1234," \
    "\"currency\":\"CNY\"}}"

/* S111: the file of the day that it stands in is the provider's, by the provider's clock: whatever
 * the time is when it is heard of. What says no moment names no day. */
static void the_day_is_the_providers(void **state)
{
    (void)state;
    static const struct {
        const char *body, *day;
    } alipay[] = {{ALI_PAID_AT("gmt_payment", "2026-11-29 22:59:59"), "1129"},
                  {ALI_PAID_AT("gmt_payment", "2026-11-29 23:00:00"), "1130"},
                  {ALI_PAID_AT("gmt_payment", "2026-11-31 33:00:00"), ""},
                  {ALI_PAID, ""}},
      wechat[] = {{WX_PAID_AT("2026-12-31T22:59:59+08:00"), "1231"},
                  {WX_PAID_AT("2026-12-31T23:00:00+08:00"), "0101"},
                  {WX_PAID_AT("2026-12-31T15:00:00Z"), "0101"},
                  {WX_PAID_AT("tonight"), ""}};
    for (size_t i = 0; i < ARRAY_LEN(alipay); i++) {
        rig_pay(RRN, 1234, ALIPAY_CODE);
        struct asked a = rig_asked(WALLET_ALIPAY, "method=alipay.trade.pay");
        rig_alipay_says(&a, "alipay.trade.pay", alipay[i].body);
        assert_string_equal(rig.said[0].answer.settlement_date, alipay[i].day);
        rig_hears(RRN, "00");
        rig_pay(RRN, 1234, WECHAT_CODE);
        a = rig_asked(WALLET_WECHATPAY, "codepay");
        rig_wechat_says(&a, 200, wechat[i].body);
        assert_string_equal(rig.said[0].answer.settlement_date, wechat[i].day);
        rig_hears(RRN, "00");
    }
    rig_look(RRN, 1234);
    struct asked a = rig_asked(WALLET_WECHATPAY, "out-trade-no"); /* whose it was last */
    rig_wechat_says(&a, 200, WX_PAID_AT("2026-11-29T23:30:00+08:00"));
    assert_string_equal(rig.said[0].answer.settlement_date, "1130");
    rig_hears(RRN, "00");
}

static void a_customer_who_types_a_password_is_asked_about(void **state)
{
    (void)state;
    rig_pay(RRN, 1234, ALIPAY_CODE);
    struct asked a = rig_asked(WALLET_ALIPAY, "method=alipay.trade.pay");
    rig_alipay_says(&a, "alipay.trade.pay", ALI_WAITS);
    rig_hears(RRN, "09");
    for (int i = 0; i < 3; i++) {
        rig_look(RRN, 1234);
        a = rig_asked(WALLET_ALIPAY, "method=alipay.trade.query");
        assert_false(rig_request_has(&a, "281234567890123456"));
        rig_alipay_says(&a, "alipay.trade.query", ALI_STATE("WAIT_BUYER_PAY", "12.34"));
        rig_hears(RRN, "09");
    }
    rig_look(RRN, 1234);
    a = rig_asked(WALLET_ALIPAY, "method=alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_STATE("TRADE_SUCCESS", "12.34"));
    rig_hears(RRN, "00");
}

/* What is not a signed answer to this question is no answer: it is asked about, never approved. */
static void nothing_but_the_answer_approves(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        ALI_STATE("TRADE_SUCCESS", "12.35"),
        "{\"code\":\"10000\",\"out_trade_no\":\"633300000002\",\"total_amount\":\"12.34\"}",
        "{\"code\":\"10000\",\"total_amount\":\"12.34\"}",
        "{\"code\":\"10000\",\"out_trade_no\":\"" RRN "\",\"total_amount\":\"12.340\"}",
        "{\"code\":\"10000\",\"out_trade_no\":\"" RRN "\",\"total_amount\":12.34}",
        "{\"code\":\"20000\",\"sub_code\":\"aop.ACQ.SYSTEM_ERROR\"}",
        "{\"code\":\"40004\",\"sub_code\":\"ACQ.SOMETHING_NEW\"}",
        "{\"code\":\"99999\"}",
        "{}",
        "[]",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        rig_pay(RRN, 1234, ALIPAY_CODE);
        struct asked a = rig_asked(WALLET_ALIPAY, "method=alipay.trade.pay");
        rig_alipay_says(&a, "alipay.trade.pay", bodies[i]);
        rig_hears(RRN, "09");
    }
    static const char *const wechat[] = {
        WX_STATE("SUCCESS", "1235"),
        "{\"mchid\":\"" WX_MCH_ID
        "\",\"out_trade_no\":\"633300000002\",\"trade_state\":\"SUCCESS\","
        "\"amount\":{\"total\":1234}}",
        "{\"mchid\":\"1900000002\",\"out_trade_no\":\"" RRN "\",\"trade_state\":\"SUCCESS\","
        "\"amount\":{\"total\":1234}}",
        "{\"mchid\":\"" WX_MCH_ID "\",\"out_trade_no\":\"" RRN "\",\"trade_state\":\"SUCCESS\","
        "\"amount\":{\"total\":1234,\"currency\":\"USD\"}}",
        "{\"mchid\":\"" WX_MCH_ID "\",\"out_trade_no\":\"" RRN "\",\"trade_state\":\"SUCCESS\"}",
        "{\"code\":\"SYSTEM_ERROR\"}",
        "",
    };
    for (size_t i = 0; i < ARRAY_LEN(wechat); i++) {
        rig_pay(RRN, 1234, WECHAT_CODE);
        struct asked a = rig_asked(WALLET_WECHATPAY, "codepay");
        rig_wechat_says(&a, 200, wechat[i]);
        rig_hears(RRN, "09");
    }
}

static void a_forged_answer_says_nothing(void **state)
{
    (void)state;
    uint64_t before = gateway_counts(rig.g).forged;
    rig_pay(RRN, 1234, ALIPAY_CODE);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
    char sign[400], text[PROVIDER_TEXT_MAX];
    rig_sign(WALLET_WECHATPAY, bytes_text(ALI_PAID), sign); /* somebody else's key */
    snprintf(text, sizeof text, "{\"alipay_trade_pay_response\":%s,\"sign\":\"%s\"}", ALI_PAID,
             sign);
    rig_came(&a, &(struct wallet_raw){.status = 200, .body = bytes_text(text)});
    rig_hears(RRN, "09");
    assert_int_equal(gateway_counts(rig.g).forged, before + 1);

    /* Unsigned, cut short, and not even an object. */
    static const char *const unsigned_bodies[] = {
        "{\"alipay_trade_pay_response\":" ALI_PAID "}",
        "{\"alipay_trade_pay_response\":" ALI_PAID ",\"sign\":\"AAAA\"",
        "{\"alipay_trade_pay_response\":" ALI_PAID ",\"sign\":\"not base64\"}",
        "<html>502 Bad Gateway</html>",
        "",
    };
    for (size_t i = 0; i < ARRAY_LEN(unsigned_bodies); i++) {
        rig_pay(RRN, 1234, ALIPAY_CODE);
        a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
        rig_came(&a, &(struct wallet_raw){.status = 200, .body = bytes_text(unsigned_bodies[i])});
        rig_hears(RRN, "09");
    }
}

static void an_old_or_foreign_signature_of_wechat_says_nothing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        rig_pay(RRN, 1234, WECHAT_CODE);
        struct asked a = rig_asked(WALLET_WECHATPAY, "codepay");
        struct wallet_raw raw = rig_wechat_raw(200, WX_STATE("SUCCESS", "1234"));
        if (i == 0) rig.now_ms += WECHATPAY_SKEW_MS + 1000;
        if (i == 1) raw.nonce[0] ^= 1;
        if (i == 2) raw.serial[0] = 'X';
        if (i == 3) raw.signature[0] = '\0';
        if (i == 4) raw.body = bytes_text(WX_STATE("SUCCESS", "1234 "));
        rig_came(&a, &raw);
        rig_hears(RRN, "09");
    }
}

static void each_refusal_has_its_code(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *code;
    } alipay[] = {
        {"{\"code\":\"40004\",\"sub_code\":\"ACQ.PAYMENT_AUTH_CODE_INVALID\"}", "14"},
        {"{\"code\":\"40004\",\"sub_code\":\"ACQ.BUYER_BALANCE_NOT_ENOUGH\"}", "51"},
        {"{\"code\":\"40004\",\"sub_code\":\"ACQ.TRADE_HAS_CLOSE\"}", "12"},
        {"{\"code\":\"40002\",\"sub_code\":\"isv.invalid-signature\"}", "30"},
        {"{\"code\":\"40006\"}", "03"},
    };
    for (size_t i = 0; i < ARRAY_LEN(alipay); i++) {
        rig_pay(RRN, 1234, ALIPAY_CODE);
        struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
        rig_alipay_says(&a, "alipay.trade.pay", alipay[i].answer);
        rig_hears(RRN, alipay[i].code);
        rig_forget();
    }
    rig_pay(RRN, 1234, WECHAT_CODE);
    struct asked a = rig_asked(WALLET_WECHATPAY, "codepay");
    rig_wechat_says(&a, 400, "{\"code\":\"AUTH_CODE_INVALID\",\"message\":\"x\"}");
    rig_hears(RRN, "14");
    rig_forget();
    rig_pay(RRN, 1234, WECHAT_CODE);
    a = rig_asked(WALLET_WECHATPAY, "codepay");
    rig_wechat_says(&a, 403, "{\"code\":\"NOT_ENOUGH\",\"message\":\"x\"}");
    rig_hears(RRN, "51");
}

static void silence_is_pending_and_no_connection_is_a_refusal(void **state)
{
    (void)state;
    rig_pay(RRN, 1234, ALIPAY_CODE);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
    rig_failed(&a, ERR(TIMEOUT));
    rig_hears(RRN, "09");
    rig_forget();
    rig_pay(RRN, 1234, ALIPAY_CODE);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
    rig_failed(&a, ERR(REFUSED)); /* nothing was said over it */
    rig_hears(RRN, "91");
    rig_look(RRN, 1234);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_failed(&a, ERR(REFUSED));
    rig_hears(RRN, "09");
}

/* A question that is refused says nothing of the payment: it may have been made. So does a refusal
 * of a payment that was asked for before, of which nobody has heard. Found by the simulation, seed
 * 300005: the customer was charged and the payment declined. */
static void a_question_that_is_refused_decides_nothing(void **state)
{
    (void)state;
    static const char *const refusals[] = {
        "{\"code\":\"20001\"}", "{\"code\":\"40003\"}", "{\"code\":\"40006\"}",
        "{\"code\":\"40004\",\"sub_code\":\"ACQ.INVALID_PARAMETER\"}"};
    rig_pay(RRN, 1234, ALIPAY_CODE);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
    rig_failed(&a, ERR(TIMEOUT));
    rig_hears(RRN, "09");
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        rig_look(RRN, 1234);
        a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
        rig_alipay_says(&a, "alipay.trade.query", refusals[i]);
        rig_hears(RRN, "09");
        rig_pay(RRN, 1234, ALIPAY_CODE);
        a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
        rig_alipay_says(&a, "alipay.trade.pay", refusals[i]);
        rig_hears(RRN, "09");
    }
    rig_pay(RRN, 1234, ALIPAY_CODE);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
    rig_failed(&a, ERR(REFUSED)); /* the first try has been said over a line */
    rig_hears(RRN, "09");
    rig_forget();
    rig_pay(RRN, 1234, WECHAT_CODE);
    a = rig_asked(WALLET_WECHATPAY, "codepay");
    rig_failed(&a, ERR(TIMEOUT));
    rig_hears(RRN, "09");
    rig_look(RRN, 1234);
    a = rig_asked(WALLET_WECHATPAY, "/out-trade-no/");
    rig_wechat_says(&a, 403, "{\"code\":\"NO_AUTH\",\"message\":\"x\"}");
    rig_hears(RRN, "09");
    rig_look(RRN, 1234); /* what the payment's state says does decide */
    a = rig_asked(WALLET_WECHATPAY, "/out-trade-no/");
    rig_wechat_says(&a, 200, WX_STATE("PAYERROR", "1234"));
    rig_hears(RRN, "05");
}

/* A payment that was refused is not charged when its question comes a second time. */
static void what_was_refused_stays_refused(void **state)
{
    (void)state;
    rig_pay(RRN, 1234, ALIPAY_CODE);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
    rig_alipay_says(&a, "alipay.trade.pay", "{\"code\":\"40006\"}");
    rig_hears(RRN, "03");
    rig_pay(RRN, 1234, ALIPAY_CODE);
    assert_int_equal(rig.asks, 0);
    rig_hears(RRN, "03");
}

/* An answer that comes twice, or after its question has gone, has no question to be an answer to.
 */
static void a_late_or_doubled_answer_changes_nothing(void **state)
{
    (void)state;
    rig_pay(RRN, 1234, ALIPAY_CODE);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
    rig_alipay_says(&a, "alipay.trade.pay", ALI_WAITS);
    rig_hears(RRN, "09");
    rig_alipay_says(&a, "alipay.trade.pay", ALI_PAID);
    rig_hears_nothing();
    gateway_on_answer(rig.g, "no number", OK, &(struct wallet_raw){.status = 200});
    gateway_on_answer(rig.g, "", OK, &(struct wallet_raw){.status = 200});
    gateway_on_answer(rig.g, "99999999999", OK, &(struct wallet_raw){.status = 200});
    rig_hears_nothing();
}

/* ---- taking back ---- */

static void what_is_undecided_is_taken_back(void **state)
{
    (void)state;
    rig_pay(RRN, 1234, ALIPAY_CODE);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
    rig_take_back(PAYMENT_SALE, RRN, 1234); /* while it is on its way: not yet */
    rig_hears_nothing();
    assert_int_equal(rig.asks, 0);
    rig_failed(&a, ERR(TIMEOUT));
    rig_hears(RRN, "09");
    static const char retry[] =
        "{\"code\":\"10000\",\"out_trade_no\":\"" RRN "\",\"retry_flag\":\"Y\"}";
    static const char done[] = "{\"code\":\"10000\",\"out_trade_no\":\"" RRN
                               "\",\"retry_flag\":\"N\",\"action\":\"refund\"}";
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.cancel");
    rig_alipay_says(&a, "alipay.trade.cancel", retry);
    rig_hears_nothing();
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.cancel");
    rig_alipay_says(&a, "alipay.trade.cancel", ALI_ABSENT); /* it may still come */
    rig_hears_nothing();
    for (int i = 0; i < 2; i++) {
        rig_take_back(PAYMENT_SALE, RRN, 1234);
        a = rig_asked(WALLET_ALIPAY, "alipay.trade.cancel");
        rig_alipay_says(&a, "alipay.trade.cancel", done);
        assert_int_equal(rig.said[0].answer.mti, 0x0410);
        rig_hears(RRN, "00");
    }
    rig_wait(GATEWAY_SETTLE_MS);
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.cancel");
    rig_alipay_says(&a, "alipay.trade.cancel", ALI_ABSENT);
    rig_hears(RRN, "25");
}

static void wechat_takes_nothing_back_in_the_first_seconds(void **state)
{
    (void)state;
    rig_pay(RRN, 1234, WECHAT_CODE);
    struct asked a = rig_asked(WALLET_WECHATPAY, "codepay");
    rig_failed(&a, ERR(TIMEOUT));
    rig_hears(RRN, "09");
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    assert_int_equal(rig.asks, 0);
    rig_wait(GATEWAY_SETTLE_MS);
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    a = rig_asked(WALLET_WECHATPAY, "/out-trade-no/" RRN "/reverse");
    rig_wechat_says(&a, 200, "{\"recall\":\"Y\"}");
    rig_hears_nothing();
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    a = rig_asked(WALLET_WECHATPAY, "/reverse");
    rig_wechat_says(&a, 204, "");
    rig_hears(RRN, "00");
}

/* After a restart nobody remembers: each provider is asked, then the wallet behind. */
static void a_payment_that_nobody_remembers_is_taken_back_everywhere(void **state)
{
    (void)state;
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.cancel");
    rig_alipay_says(&a, "alipay.trade.cancel", ALI_ABSENT);
    rig_hears_nothing(); /* whoever was here before may have sent it a second ago */
    rig_wait(GATEWAY_SETTLE_MS);
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.cancel");
    rig_alipay_says(&a, "alipay.trade.cancel", ALI_ABSENT);
    a = rig_asked(WALLET_WECHATPAY, "/reverse");
    rig_wechat_says(&a, 404, "{\"code\":\"ORDER_NOT_EXIST\"}");
    rig_hears_nothing();
    assert_int_equal(rig.handed_on, 1);
    /* One of them not knowing is enough to acknowledge nothing. */
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.cancel");
    rig_failed(&a, ERR(TIMEOUT));
    rig_hears_nothing();
    assert_int_equal(rig.handed_on, 1);
}

static void a_payment_that_nobody_remembers_is_looked_for(void **state)
{
    (void)state;
    rig_look(RRN, 1234);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_ABSENT);
    a = rig_asked(WALLET_WECHATPAY, "/v3/pay/transactions/out-trade-no/" RRN "?mchid=" WX_MCH_ID);
    assert_string_equal(a.request.method, "GET");
    rig_wechat_says(&a, 200, WX_STATE("SUCCESS", "1234"));
    rig_hears(RRN, "00");
    gateway_close(rig.g);
    rig_open(false); /* nobody behind us */
    rig_look(RRN, 1234);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_ABSENT);
    a = rig_asked(WALLET_WECHATPAY, "/out-trade-no/");
    rig_wechat_says(&a, 404, "{\"code\":\"ORDER_NOT_EXIST\"}");
    rig_hears(RRN, "25");
}

/* S85: a member's points are none of a wallet's provider: to whoever keeps them, and taken back. */
static void points_are_handed_on(void **state)
{
    (void)state;
    rig.means = PAYMENT_POINTS;
    struct payment p = rig_payment(PAYMENT_REDEEM, RRN, 1234);
    rig_send(PAYMENT_NETWORK_REQUEST, &p, "8600000000012");
    memcpy(p.reversal_reason, "98", 3);
    rig_send(PAYMENT_NETWORK_REVERSAL, &p, NULL);
    assert_int_equal(rig.asks, 0);
    assert_int_equal(rig.handed_on, 2);
    rig_hears_nothing();
}

static void a_code_without_a_driver_is_handed_on(void **state)
{
    (void)state;
    rig_pay(RRN, 1234, OTHER_CODE);
    rig_look(RRN, 1234);
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    assert_int_equal(rig.asks, 0);
    assert_int_equal(rig.handed_on, 3);
    rig_hears_nothing();
    gateway_close(rig.g);
    rig_open(false);
    rig_pay(RRN, 1234, OTHER_CODE);
    rig_hears(RRN, "14");
}

/* The acquirer's answer to what the wallet behind us has asked: a payment at a plate. */
static void an_answer_of_the_acquirer_goes_to_the_wallet_behind(void **state)
{
    (void)state;
    static const uint16_t types[] = {0x0210, 0x0230, 0x0410};
    for (unsigned i = 0; i < ARRAY_LEN(types); i++) {
        static const uint8_t place[ISO8583_MAC_SIZE];
        uint8_t block[256];
        struct iso8583_message m;
        struct iso8583_fault fault;
        struct writer w = writer_over(block, sizeof block);
        iso8583_start(&m, types[i]);
        iso8583_set(&m, 37, BYTES(RRN));
        iso8583_set(&m, 39, BYTES("00"));
        iso8583_set(&m, 64, BYTES_OF(place));
        assert_ok(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault));
        gateway_on_message(rig.g, writer_view(&w));
        assert_int_equal(rig.handed_on, i + 1);
    }
    assert_int_equal(rig.commands + rig.asks + rig.saids, 0);
}

/* ---- the other ends ---- */

static void a_question_with_a_wrong_mac_has_no_answer(void **state)
{
    (void)state;
    struct payment p = rig_payment(PAYMENT_SALE, RRN, 1234);
    struct text right = rig.zone_mac;
    rig.zone_mac = make_key(rig.f, HSM_KEY_ZONE_MAC, HSM_SUITE_TONGBAO);
    rig_send(PAYMENT_NETWORK_REQUEST, &p, ALIPAY_CODE);
    rig.zone_mac = right;
    assert_int_equal(rig.asks, 0);
    rig_hears_nothing();
    gateway_on_message(rig.g, BYTES("0200 is no message"));
    gateway_on_message(rig.g, (struct bytes){0});
    rig_hears_nothing();
}

static void without_an_hsm_nothing_is_said(void **state)
{
    (void)state;
    rig_pay(RRN, 1234, ALIPAY_CODE);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
    rig.hsm_deaf = true;
    rig_alipay_says(&a, "alipay.trade.pay", ALI_PAID);
    gateway_on_hsm_state(rig.g, false);
    rig.commands = 0;
    rig.hsm_deaf = false;
    rig_hears_nothing();
    gateway_on_hsm_state(rig.g, true);
    rig_look(RRN, 1234);
    a = rig_asked(WALLET_ALIPAY, "alipay.trade.query");
    rig_alipay_says(&a, "alipay.trade.query", ALI_STATE("TRADE_SUCCESS", "12.34"));
    rig_hears(RRN, "00");
}

/* Providers hear the requests that wait and break off, until none waits: how often it was 09. */
static unsigned all_break_off(void)
{
    unsigned undecided = 0;
    for (rig.room = GATEWAY_TRANSFERS_MAX;;) {
        static struct asked asked[ASKED_MAX];
        gateway_tick(rig.g);
        unsigned count = rig.asks;
        if (count == 0) return undecided;
        memcpy(asked, rig.asked, count * sizeof *asked);
        rig.asks = 0;
        for (unsigned i = 0; i < count; i++) {
            rig_failed(&asked[i], ERR(TIMEOUT));
            for (; rig.saids > 0; rig.saids--, undecided++)
                assert_string_equal(rig.said[rig.saids - 1].answer.response_code, "09");
        }
    }
}

/* More questions than there are places for: the next has no answer, so that the acquirer takes it
 * back; those that have a place are all answered, and then there is room for everybody. */
static void a_full_gateway_is_silent_and_goes_on(void **state)
{
    (void)state;
    char rrn[13];
    rig.room = 0;
    for (unsigned i = 0; i < GATEWAY_TASKS_MAX; i++) {
        snprintf(rrn, sizeof rrn, "6333%08u", i + 10);
        rig_pay(rrn, 1234, ALIPAY_CODE);
    }
    rig_pay(RRN, 1234, ALIPAY_CODE);
    rig_take_back(PAYMENT_SALE, RRN, 1234);
    rig_hears_nothing();
    assert_int_equal(all_break_off(), GATEWAY_TASKS_MAX);
    rig_take_back(PAYMENT_SALE, RRN, 1234); /* the acquirer asks again: it never reached anybody */
    assert_true(rig.asks == 1);
    rig_failed(&rig.asked[--rig.asks], ERR(TIMEOUT));
    rig.saids = 0;
    rig_pay("633300000002", 1234, WECHAT_CODE);
    struct asked a = rig_asked(WALLET_WECHATPAY, "codepay");
    rig_failed(&a, ERR(TIMEOUT));
    rig_hears("633300000002", "09");
}

static void requests_wait_for_a_free_transfer(void **state)
{
    (void)state;
    rig.room = 1;
    rig_pay(RRN, 1234, ALIPAY_CODE);
    rig_pay("633300000002", 1234, WECHAT_CODE);
    struct asked a = rig_asked(WALLET_ALIPAY, "alipay.trade.pay");
    rig_alipay_says(&a, "alipay.trade.pay", ALI_PAID);
    rig_hears(RRN, "00");
    a = rig_asked(WALLET_WECHATPAY, "codepay");
    assert_true(rig_request_has(&a, WECHAT_CODE));
    rig_failed(&a, ERR(TIMEOUT));
    rig_hears("633300000002", "09");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, rig_end)
        TEST(a_code_is_charged_and_approved),
        TEST(the_day_is_the_providers),
        TEST(a_customer_who_types_a_password_is_asked_about),
        TEST(nothing_but_the_answer_approves),
        TEST(a_forged_answer_says_nothing),
        TEST(an_old_or_foreign_signature_of_wechat_says_nothing),
        TEST(each_refusal_has_its_code),
        TEST(silence_is_pending_and_no_connection_is_a_refusal),
        TEST(a_question_that_is_refused_decides_nothing),
        TEST(what_was_refused_stays_refused),
        TEST(a_late_or_doubled_answer_changes_nothing),
        TEST(what_is_undecided_is_taken_back),
        TEST(wechat_takes_nothing_back_in_the_first_seconds),
        TEST(a_payment_that_nobody_remembers_is_taken_back_everywhere),
        TEST(a_payment_that_nobody_remembers_is_looked_for),
        TEST(points_are_handed_on),
        TEST(a_code_without_a_driver_is_handed_on),
        TEST(an_answer_of_the_acquirer_goes_to_the_wallet_behind),
        TEST(a_question_with_a_wrong_mac_has_no_answer),
        TEST(without_an_hsm_nothing_is_said),
        TEST(requests_wait_for_a_free_transfer),
        TEST(a_full_gateway_is_silent_and_goes_on),
    };
    return cmocka_run_group_tests(tests, rig_make, rig_unmake);
}
