/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts line by line: what stands on a slip for a card, for a code and for a refusal, in 32
 * columns of Chinese and English, with the card number as first six and last four. S65 S74 S77
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/base/mask.h"
#include "payment/kind.h"
#include "payment/receipt.h"
#include "payment/response_code.h"

#define RULE "--------------------------------"

static struct receipt made;

static struct payment sale(enum payment_means means)
{
    struct payment p = {
        .key = {.tid = "10000017", .batch = 12, .stan = 345},
        .type = PAYMENT_SALE,
        .state = PAYMENT_APPROVED,
        .means = means,
        .entry = means == PAYMENT_CARD ? PAYMENT_ENTRY_SWIPE : PAYMENT_ENTRY_CODE,
        .pin_entered = means == PAYMENT_CARD,
        .mid = "898310153110001",
        .operator_id = "01",
        .amount_minor = 12800,
        .currency = CURRENCY_CNY,
        .response_code = "00",
        .rrn = "633015000001",
        .auth_code = "A1B2C3",
    };
    memcpy(p.pan_masked, means == PAYMENT_CARD ? "620000******0005" : "281234********3456",
           means == PAYMENT_CARD ? 17 : 19);
    memcpy(p.issuer, means == PAYMENT_CARD ? "通宝银行" : "模拟钱包", sizeof "通宝银行");
    return p;
}

static struct receipt_context context_of(enum receipt_copy copy)
{
    struct civil when = {2026, 11, 23, 12, 30, 15};
    return (struct receipt_context){
        .merchant_name = "巷口面馆 Corner Noodles", .copy = copy, .local_ms = civil_to_ms(when)};
}

static void make(const struct payment *p, const struct receipt_context *context)
{
    assert_int_equal(receipt_make(p, context, &made).code, ERR_OK);
}

static void lines_are(const char *const *expected, size_t count)
{
    for (size_t i = 0; i < count && i < made.count; i++) {
        if (strcmp(made.line[i].text, expected[i]) != 0) print_error("line %zu\n", i);
        assert_string_equal(made.line[i].text, expected[i]);
    }
    assert_int_equal(made.count, count);
}
#define LINES_ARE(expected) lines_are(expected, ARRAY_LEN(expected))

static bool has_line(const char *text)
{
    for (size_t i = 0; i < made.count; i++)
        if (strcmp(made.line[i].text, text) == 0) return true;
    return false;
}

static void a_card_with_a_pin_merchant_copy(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "POS 签购单 SALES SLIP",
        "商户存根           MERCHANT COPY",
        RULE,
        "商户名称 MERCHANT NAME",
        "  巷口面馆 Corner Noodles",
        "商户编号 898310153110001",
        "终端编号 10000017   操作员 01",
        RULE,
        "发卡行                  通宝银行",
        "卡号 CARD NO",
        "  620000******0005 /S",
        "交易类型 TXN TYPE      消费/SALE",
        "有效期 EXP ****",
        "批次号 000012  凭证号 000345",
        "授权码 A1B2C3",
        "参考号 633015000001",
        "日期/时间 2026/11/23 12:30:15",
        "金额 AMOUNT  RMB          128.00",
        RULE,
        "已凭密码确认",
        "NO SIGNATURE REQUIRED",
    };
    struct payment p = sale(PAYMENT_CARD);
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    make(&p, &c);
    LINES_ARE(expected);
    assert_int_equal(made.line[0].style, RECEIPT_CENTRE);
    assert_int_equal(made.line[2].style, RECEIPT_RULE);
    assert_int_equal(made.line[17].style, RECEIPT_STRONG);
}

static void a_card_cardholder_copy(void **state)
{
    (void)state;
    struct payment p = sale(PAYMENT_CARD);
    struct receipt_context c = context_of(RECEIPT_CARDHOLDER_COPY);
    make(&p, &c);
    assert_string_equal(made.line[1].text, "持卡人存根       CARDHOLDER COPY");
    assert_string_equal(made.line[made.count - 1].text, "请妥善保管 PLEASE KEEP");
    assert_false(has_line("持卡人签名 CARDHOLDER SIGNATURE"));
}

static void a_code(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "POS 签购单 SALES SLIP",
        "商户存根           MERCHANT COPY",
        RULE,
        "商户名称 MERCHANT NAME",
        "  巷口面馆 Corner Noodles",
        "商户编号 898310153110001",
        "终端编号 10000017   操作员 01",
        RULE,
        "付款方式                模拟钱包",
        "付款码 PAYMENT CODE",
        "  281234********3456",
        "交易类型 TXN TYPE  扫码消费/SALE",
        "批次号 000012  凭证号 000345",
        "授权码 A1B2C3",
        "参考号 633015000001",
        "日期/时间 2026/11/23 12:30:15",
        "金额 AMOUNT  RMB          128.00",
        RULE,
        "扫码付款 无需签名",
        "NO SIGNATURE REQUIRED",
    };
    struct payment p = sale(PAYMENT_CODE);
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    make(&p, &c);
    LINES_ARE(expected);
}

/* S78: whose account it was is known to the customer's wallet alone. */
static void a_code_that_was_shown_has_no_account(void **state)
{
    (void)state;
    struct payment p = sale(PAYMENT_SHOWN);
    p.pan_masked[0] = '\0';
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    make(&p, &c);
    assert_true(has_line("收款码 CODE SHOWN BY MERCHANT"));
    assert_true(has_line("交易类型 TXN TYPE  扫码消费/SALE"));
    assert_true(has_line("扫码付款 无需签名"));
    assert_false(has_line("付款码 PAYMENT CODE"));
    assert_false(has_line("卡号 CARD NO"));
}

static void a_card_without_a_pin_asks_for_a_signature(void **state)
{
    (void)state;
    struct payment p = sale(PAYMENT_CARD);
    p.pin_entered = false;
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    make(&p, &c);
    assert_true(has_line("持卡人签名 CARDHOLDER SIGNATURE"));
    assert_string_equal(made.line[made.count - 1].text, "I ACKNOWLEDGE THIS PAYMENT");
    assert_false(has_line("NO SIGNATURE REQUIRED"));
}

static void a_reprint_says_so(void **state)
{
    (void)state;
    struct payment p = sale(PAYMENT_CARD);
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    make(&p, &c);
    size_t first = made.count;
    assert_false(has_line("*** 重打印 DUPLICATE ***"));
    c.reprint = true;
    make(&p, &c);
    assert_int_equal(made.count, first + 1);
    assert_string_equal(made.line[2].text, "*** 重打印 DUPLICATE ***");
    assert_int_equal(made.line[2].style, RECEIPT_CENTRE);
}

static void a_refusal_is_no_proof_of_payment(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "交易失败凭条 NOT PAID",
        "商户存根           MERCHANT COPY",
        RULE,
        "商户名称 MERCHANT NAME",
        "  巷口面馆 Corner Noodles",
        "商户编号 898310153110001",
        "终端编号 10000017   操作员 01",
        RULE,
        "发卡行                  通宝银行",
        "卡号 CARD NO",
        "  620000******0005 /S",
        "交易类型 TXN TYPE      消费/SALE",
        "有效期 EXP ****",
        "批次号 000012  凭证号 000345",
        "参考号 633015000001",
        "日期/时间 2026/11/23 12:30:15",
        "金额 AMOUNT  RMB          128.00",
        RULE,
        "应答码 51",
        "  可用余额不足",
        "  insufficient funds",
    };
    struct payment p = sale(PAYMENT_CARD);
    memcpy(p.response_code, "51", 3);
    p.auth_code[0] = '\0';
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    c.declined = true;
    make(&p, &c);
    LINES_ARE(expected);
}

static void how_the_card_was_read(void **state)
{
    (void)state;
    static const struct {
        enum payment_entry entry;
        const char *line;
    } entries[] = {
        {PAYMENT_ENTRY_SWIPE, "  620000******0005 /S"},
        {PAYMENT_ENTRY_CHIP, "  620000******0005 /I"},
        {PAYMENT_ENTRY_CONTACTLESS, "  620000******0005 /C"},
        {PAYMENT_ENTRY_MANUAL, "  620000******0005 /M"},
        {PAYMENT_ENTRY_UNKNOWN, "  620000******0005"},
    };
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        struct payment p = sale(PAYMENT_CARD);
        p.entry = entries[i].entry;
        memcpy(p.card_sequence, "001", 4);
        make(&p, &c);
        assert_true(has_line(entries[i].line));
        assert_true(has_line("有效期 EXP ****   卡序号 001"));
    }
}

/* Every kind of slip with names and amounts at their longest: nothing is cut, nothing sticks out.
 */
static void check_paper(void)
{
    uint8_t masked[RECEIPT_LINE_BYTES];
    for (size_t i = 0; i < made.count; i++) {
        struct bytes text = bytes_text(made.line[i].text);
        if (receipt_columns(made.line[i].text) > made.columns)
            print_error("too wide: %s\n", made.line[i].text);
        assert_true(receipt_columns(made.line[i].text) <= made.columns);
        /* No card number anywhere (S65); a merchant number is no card, whatever its digits say. */
        bool merchant = strncmp(made.line[i].text, "商户编号", strlen("商户编号")) == 0;
        assert_false(!merchant && mask_cards(text, masked));
    }
    assert_true(made.count <= RECEIPT_LINES);
}

static void no_slip_is_wider_than_its_paper(void **state)
{
    (void)state;
    static const char *const issuers[] = {"", "通宝银行", "ABCDEFGHIJKLMNOPQRSTUVWX",
                                          "一二三四五六七八"};
    static const char *const names[] = {
        "A", "Corner Noodles", "四川省成都市锦江区春熙路巷口手工面馆总店",
        "中a国b银c行d特e约f商g户h测i试j店k铺", "A merchant whose name has exactly forty."};
    size_t codes, kinds = 0;
    const struct response_code *table = response_code_table(&codes);
    for (unsigned kind = 0; kind < 64; kind++) {
        for (size_t i = 0; i < ARRAY_LEN(issuers) * ARRAY_LEN(names); i++) {
            struct payment p = sale(kind & 1 ? PAYMENT_CARD : PAYMENT_CODE);
            struct receipt_context c =
                context_of(kind & 2 ? RECEIPT_MERCHANT_COPY : RECEIPT_CARDHOLDER_COPY);
            c.reprint = kind & 4;
            c.declined = kind & 8;
            p.pin_entered = kind & 16;
            c.columns = kind & 32 ? RECEIPT_COLUMNS_WIDE : RECEIPT_COLUMNS;
            c.merchant_name = names[i % ARRAY_LEN(names)];
            p.amount_minor = kind & 4 ? MONEY_FIELD_MAX : 1;
            const char *issuer = issuers[i / ARRAY_LEN(names)];
            memcpy(p.issuer, issuer, strlen(issuer) + 1);
            memcpy(p.response_code, table[(kind + i) % codes].code, 3);
            make(&p, &c);
            check_paper();
            kinds++;
        }
    }
    assert_int_equal(kinds, 1280);
}

/* S180: paper of 80 mm has 48 columns, and they are used. */
static void wide_paper_has_its_values_at_the_edge(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "POS 签购单 SALES SLIP",
        "商户存根                           MERCHANT COPY",
        "------------------------------------------------",
        "商户名称 MERCHANT NAME",
        "  巷口面馆 Corner Noodles",
        "商户编号 898310153110001",
        "终端编号 10000017   操作员 01",
        "------------------------------------------------",
        "发卡行                                  通宝银行",
        "卡号 CARD NO                 620000******0005 /S",
        "交易类型 TXN TYPE                      消费/SALE",
        "有效期 EXP ****",
        "批次号 000012  凭证号 000345",
        "授权码 A1B2C3",
        "参考号 633015000001",
        "日期/时间 2026/11/23 12:30:15",
        "金额 AMOUNT  RMB                          128.00",
        "------------------------------------------------",
        "已凭密码确认",
        "NO SIGNATURE REQUIRED",
    };
    struct payment p = sale(PAYMENT_CARD);
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    c.columns = RECEIPT_COLUMNS_WIDE;
    make(&p, &c);
    LINES_ARE(expected);
}

/* Whole words where a line has a place to end; Chinese, and words as long as a line, anywhere. */
static void words_stay_whole(void **state)
{
    (void)state;
    static const struct {
        const char *name, *first, *second;
    } cases[] = {
        {"the noodles at the corner of Rose Lane", "  the noodles at the corner of", "  Rose Lane"},
        {"the noodles at the corner of a Rose Lane", "  the noodles at the corner of a",
         "  Rose Lane"},
        {"牛肉面小馆 at the corner of Rosemary", "  牛肉面小馆 at the corner of", "  Rosemary"},
        {"虹桥路一二三四五六七小馆HONGQIAO", "  虹桥路一二三四五六七小馆", "  HONGQIAO"},
        {"一二三四五六七八九十一二三四五六七", "  一二三四五六七八九十一二三四五", "  六七"},
        {"abcdefghijklmnopqrstuvwxyzABCDEFGHIJ", "  abcdefghijklmnopqrstuvwxyzABCD", "  EFGHIJ"},
    };
    struct payment p = sale(PAYMENT_CARD);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
        c.merchant_name = cases[i].name;
        make(&p, &c);
        assert_string_equal(made.line[4].text, cases[i].first);
        assert_string_equal(made.line[5].text, cases[i].second);
        assert_string_equal(made.line[6].text, "商户编号 898310153110001");
    }
}

static void every_refusal_fits(void **state)
{
    (void)state;
    size_t codes;
    const struct response_code *table = response_code_table(&codes);
    struct receipt_context c = context_of(RECEIPT_CARDHOLDER_COPY);
    c.declined = true;
    for (size_t i = 0; i < codes; i++) {
        struct payment p = sale(PAYMENT_CARD);
        memcpy(p.response_code, table[i].code, 3);
        make(&p, &c);
        check_paper();
    }
    struct payment p = sale(PAYMENT_CODE); /* of a code there is no card to speak of */
    memcpy(p.response_code, "14", 3);
    make(&p, &c);
    check_paper();
    assert_string_equal(made.line[made.count - 3].text, "  付款码已过期或已经用过");
}

static void a_long_name_goes_on_in_the_next_line(void **state)
{
    (void)state;
    struct payment p = sale(PAYMENT_CARD);
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    c.merchant_name = "四川省成都市锦江区春熙路巷口手工面馆总店";
    make(&p, &c);
    assert_string_equal(made.line[4].text, "  四川省成都市锦江区春熙路巷口手");
    assert_string_equal(made.line[5].text, "  工面馆总店");
    assert_string_equal(made.line[6].text, "商户编号 898310153110001");
    /* A wide character that would stand half outside goes down whole. */
    c.merchant_name = "a四川省成都市锦江区春熙路巷口手工";
    make(&p, &c);
    assert_string_equal(made.line[4].text, "  a四川省成都市锦江区春熙路巷口");
    assert_string_equal(made.line[5].text, "  手工");
}

/* Four bytes a character and one column each: the longest a line can be in bytes. */
static void characters_of_many_bytes_stay_inside_their_line(void **state)
{
    (void)state;
    char name[40 * 4 + 1];
    for (size_t i = 0; i < 40; i++) memcpy(name + 4 * i, "\xf0\x9d\x90\x80", 5); /* U+1D400 */
    struct payment p = sale(PAYMENT_CARD);
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    c.merchant_name = name;
    make(&p, &c);
    size_t bytes = 0;
    for (size_t i = 4; strncmp(made.line[i].text, "  \xf0", 3) == 0; i++)
        bytes += strlen(made.line[i].text) - 2;
    assert_int_equal(bytes, 40 * 4);
    check_paper();
}

static void columns_of_mixed_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t columns;
    } texts[] = {
        {"", 0},
        {"abc", 3},
        {"消费", 4},
        {"消费/SALE", 9},
        {"￥128.00", 8},
        {"「店」", 6},
        {"한글", 4},
        {"ｆｕｌｌ", 8},
        {"é", 1},
        {"·", 1},
        {"\xf0\xa0\x80\x80", 2}, /* U+20000, a rare character */
        {"\xe6\xb6", 2},         /* cut in the middle: a column for each byte that says nothing */
        {"\xff", 1},
        {"a\xc3", 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (receipt_columns(texts[i].text) != texts[i].columns) print_error("%s\n", texts[i].text);
        assert_int_equal(receipt_columns(texts[i].text), texts[i].columns);
    }
}

/* A shift in which everything happened that messages know, and cash: a line is missing from no
 * sheet, and there is room for kinds to come. */
static void a_report_has_room_for_every_kind(void **state)
{
    (void)state;
    size_t count;
    const struct payment_kind *kind = payment_kinds(&count);
    static struct receipt_report report;
    report = (struct receipt_report){.kind_of = RECEIPT_REPORT_Z,
                                     .number = 999999,
                                     .merchant_name = "四川省成都市锦江区春熙路巷口手工面馆总店",
                                     .mid = "898310153110001",
                                     .tid = "10000017",
                                     .operator_id = "01",
                                     .batch = 999999,
                                     .declined = 999,
                                     .reversed = 99,
                                     .open = 9};
    assert_true(count + 8 <= RECEIPT_KINDS);
    for (size_t i = 0; i < RECEIPT_KINDS; i++) {
        struct receipt_kind *k = &report.kind[report.kinds++];
        *k = (struct receipt_kind){.type = kind[i % count].type, .means = kind[i % count].means};
        if (i >= count) k->means = PAYMENT_CASH;
        k->count = 9999;
        k->minor = 999999999999;
    }
    assert_int_equal(receipt_report(&report, &made).code, ERR_OK);
    check_paper();
    report.columns = RECEIPT_COLUMNS_WIDE;
    assert_int_equal(receipt_report(&report, &made).code, ERR_OK);
    check_paper();
}

/* S82 S92: the fullest basket of the longest names, and a tip, on both papers: nothing is wider
 * than the paper, the sum of a line stands at its edge, and the sheet holds all of it. */
static void a_full_basket_fits_both_papers(void **state)
{
    (void)state;
    static const unsigned papers[] = {RECEIPT_COLUMNS, RECEIPT_COLUMNS_WIDE};
    struct basket basket = {.count = BASKET_LINES};
    for (size_t i = 0; i < BASKET_LINES; i++) {
        struct basket_line *line = &basket.line[i];
        for (size_t at = 0; at < 15; at++) memcpy(line->name + 3 * at, "面", 4);
        snprintf(line->name + 45, 4, "%02zu", i);
        line->price_minor = 100 + (int64_t)i;
        line->quantity = i == 0 ? 1 : BASKET_QUANTITY;
    }
    for (size_t i = 0; i < ARRAY_LEN(papers); i++) {
        struct payment p = sale(PAYMENT_CARD);
        struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
        p.amount_minor = 14080;
        p.tip_minor = 1280;
        c.columns = papers[i];
        c.basket = &basket;
        make(&p, &c);
        size_t sums = 0;
        for (size_t k = 0; k < made.count; k++) {
            const char *text = made.line[k].text;
            assert_true(receipt_columns(text) <= papers[i]);
            if (strstr(text, "  9999 x 1.") != text) continue;
            sums++;
            assert_int_equal(receipt_columns(text), papers[i]);
        }
        assert_int_equal(sums, BASKET_LINES - 1);
        assert_int_equal(made.line[made.count - 4].style, RECEIPT_STRONG); /* the total */
        assert_non_null(strstr(made.line[made.count - 4].text, "140.80"));
        assert_non_null(strstr(made.line[made.count - 5].text, "12.80"));
        assert_non_null(strstr(made.line[made.count - 6].text, "128.00"));
    }
}

/* S81: what the cardholder has drawn stands under its heading; a small tap has no such block. */
static void a_signature_and_a_small_tap(void **state)
{
    (void)state;
    static const uint8_t strokes[] = {1, 0, 5, 0, 5};
    struct payment p = sale(PAYMENT_CARD);
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    p.pin_entered = false;
    c.strokes = BYTES_OF(strokes);
    make(&p, &c);
    assert_int_equal(made.strokes_len, sizeof strokes);
    assert_string_equal(made.line[made.strokes_at - 1].text, "持卡人签名 CARDHOLDER SIGNATURE");
    assert_string_equal(made.line[made.strokes_at].text, "本人确认以上交易,同意记入本卡");
    c.copy = RECEIPT_CARDHOLDER_COPY;
    make(&p, &c);
    assert_int_equal(made.strokes_len, 0);
    c = context_of(RECEIPT_MERCHANT_COPY);
    c.signature_free = true;
    make(&p, &c);
    assert_true(has_line("小额免密免签 SMALL TAP"));
    assert_false(has_line("持卡人签名 CARDHOLDER SIGNATURE"));
}

/* S181: nobody takes a slip of training for a payment. */
static void training_says_so(void **state)
{
    (void)state;
    struct payment p = sale(PAYMENT_CARD);
    struct receipt_context c = context_of(RECEIPT_CARDHOLDER_COPY);
    c.training = true;
    make(&p, &c);
    assert_true(has_line("     *** 演示 TRAINING ***"));
    assert_true(has_line("不是付款凭证 NO PROOF OF PAYMENT"));
}

static void what_does_not_fit_is_an_error_and_not_cut(void **state)
{
    (void)state;
    static char name[RECEIPT_LINES * RECEIPT_COLUMNS + 1];
    memset(name, 'x', sizeof name - 1);
    struct payment p = sale(PAYMENT_CARD);
    struct receipt_context c = context_of(RECEIPT_MERCHANT_COPY);
    make(&p, &c);
    static struct receipt before;
    before = made;
    c.merchant_name = name;
    assert_int_equal(receipt_make(&p, &c, &made).code, ERR_FULL);
    assert_memory_equal(&made, &before, sizeof made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_with_a_pin_merchant_copy),
        cmocka_unit_test(a_card_cardholder_copy),
        cmocka_unit_test(a_code),
        cmocka_unit_test(a_code_that_was_shown_has_no_account),
        cmocka_unit_test(a_card_without_a_pin_asks_for_a_signature),
        cmocka_unit_test(a_reprint_says_so),
        cmocka_unit_test(a_refusal_is_no_proof_of_payment),
        cmocka_unit_test(how_the_card_was_read),
        cmocka_unit_test(no_slip_is_wider_than_its_paper),
        cmocka_unit_test(wide_paper_has_its_values_at_the_edge),
        cmocka_unit_test(words_stay_whole),
        cmocka_unit_test(every_refusal_fits),
        cmocka_unit_test(a_long_name_goes_on_in_the_next_line),
        cmocka_unit_test(characters_of_many_bytes_stay_inside_their_line),
        cmocka_unit_test(columns_of_mixed_text),
        cmocka_unit_test(a_report_has_room_for_every_kind),
        cmocka_unit_test(a_full_basket_fits_both_papers),
        cmocka_unit_test(a_signature_and_a_small_tap),
        cmocka_unit_test(training_says_so),
        cmocka_unit_test(what_does_not_fit_is_an_error_and_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
