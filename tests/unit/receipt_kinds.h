/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every kind of slip there is, for the tests that compare them as bytes and as pictures: each kind
 * of payment by each means, and each sheet of several payments, in both copies and on both papers.
 *
 * slips_each() makes them one after the other: what a slip's golden file holds is in the order in
 * which it is called. A new kind of payment is here by itself, from payment_kinds().
 */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "payment/kind.h"
#include "payment/receipt.h"
#include "terminal/device/strokes.h"

/* Of a merchant whose number nobody would take for a card's. */
#define SLIP_MID  "898310153110100"
#define SLIP_NAME "巷口面馆 Corner Noodles"
/* 48 columns: the longest that the registry lets a merchant have is 40. */
#define SLIP_NAME_LONGEST "虹桥路一二三四五六七八九十号小馆(总店)HONGQIAO 01"

enum { SLIP_STROKE_POINTS = 60 };

/* A slip on one paper. `group` names its golden file, `copy` the part of it. */
struct slip {
    const char *group;
    const char *part; /* "merchant", "cardholder", or empty: there is only one */
    struct receipt receipt;
};

typedef void slip_take(const struct slip *slip, void *context);

struct slips {
    slip_take *take;
    void *context;
    struct slip slip;
};

static int64_t slip_local_ms(void)
{
    return civil_to_ms((struct civil){2026, 11, 23, 12, 30, 15});
}

static const unsigned slip_papers[] = {RECEIPT_COLUMNS, RECEIPT_COLUMNS_WIDE};

/* ---- payments ---- */

static struct payment slip_payment(enum payment_type type, enum payment_means means)
{
    struct payment p = {
        .key = {.tid = "10000017", .batch = 12, .stan = 345},
        .type = type,
        .state = PAYMENT_APPROVED,
        .means = means,
        .mid = SLIP_MID,
        .operator_id = "01",
        .amount_minor = 12800,
        .currency = CURRENCY_CNY,
        .response_code = "00",
    };
    const char *rrn = "633015000001", *auth = "A1B2C3", *masked = "", *issuer = "模拟钱包";
    if (means == PAYMENT_CARD) {
        p.entry = PAYMENT_ENTRY_CHIP;
        masked = "620000******0005";
        issuer = "通宝银行";
        memcpy(p.card_sequence, "001", 4);
    } else if (means == PAYMENT_CASH) {
        rrn = auth = issuer = "";
    } else {
        p.entry = PAYMENT_ENTRY_CODE;
        if (means == PAYMENT_CODE) masked = "281234********3456";
    }
    memcpy(p.rrn, rrn, strlen(rrn) + 1);
    memcpy(p.auth_code, auth, strlen(auth) + 1);
    memcpy(p.pan_masked, masked, strlen(masked) + 1);
    memcpy(p.issuer, issuer, strlen(issuer) + 1);
    if (type == PAYMENT_INSTALMENT) p.plan = (struct payment_plan){.months = 3, .fee_minor = 96};
    switch (payment_type_row(type)->link) {
    case PAYMENT_LINK_NONE:
        break;
    case PAYMENT_LINK_VOUCHER:
        p.original = (struct payment_original){.batch = 12, .stan = 344, .date = "1123"};
        break;
    case PAYMENT_LINK_REFERENCE:
        p.original = (struct payment_original){.batch = 11, .stan = 210, .date = "1122"};
        if (means != PAYMENT_CASH) memcpy(p.original.rrn, "632609000210", 13);
        break;
    case PAYMENT_LINK_AUTHORISATION:
        p.original = (struct payment_original){.date = "1120", .auth_code = "Z9Y8X7"};
        break;
    }
    return p;
}

/* The longest that each of its fields can be. */
static struct payment slip_longest(enum payment_type type, enum payment_means means)
{
    struct payment p = slip_payment(type, means);
    p.key = (struct payment_key){"99999999", 999999, 999999};
    p.amount_minor = MONEY_FIELD_MAX;
    if (means == PAYMENT_CARD) memcpy(p.pan_masked, "622209*********6620", 20);
    if (means != PAYMENT_CASH) memcpy(p.issuer, "一二三四五六七八", sizeof "一二三四五六七八");
    if (type == PAYMENT_INSTALMENT)
        p.plan = (struct payment_plan){.months = 24, .fee_minor = MONEY_FIELD_MAX};
    if (means == PAYMENT_CASH && type == PAYMENT_SALE) p.given_minor = MONEY_FIELD_MAX;
    if (payment_linked(type))
        p.original = (struct payment_original){999999, 999999, "1231", "999999999999", "WWWWWW", 0};
    return p;
}

/* Is there a slip of it? What moves no money has none. */
static bool slip_of_kind(const struct payment_kind *kind)
{
    return payment_moves(kind->type);
}

/* What cash can do; no message tells it, so no row of payment_kinds() has it. */
static const enum payment_type slip_cash[] = {PAYMENT_SALE, PAYMENT_VOID, PAYMENT_REFUND};

/* ---- one slip on both papers, in the copies asked for ---- */

enum slip_copies { SLIP_BOTH, SLIP_MERCHANT, SLIP_CARDHOLDER };

static void slip_make(struct slips *all, const char *group, const struct payment *p,
                      struct receipt_context context, enum slip_copies copies)
{
    if (context.merchant_name == NULL) context.merchant_name = SLIP_NAME;
    if (context.local_ms == 0) context.local_ms = slip_local_ms();
    for (int copy = RECEIPT_MERCHANT_COPY; copy <= RECEIPT_CARDHOLDER_COPY; copy++) {
        if (copies == SLIP_MERCHANT && copy != RECEIPT_MERCHANT_COPY) continue;
        if (copies == SLIP_CARDHOLDER && copy != RECEIPT_CARDHOLDER_COPY) continue;
        for (size_t i = 0; i < ARRAY_LEN(slip_papers); i++) {
            context.copy = (enum receipt_copy)copy;
            context.columns = slip_papers[i];
            assert_int_equal(receipt_make(p, &context, &all->slip.receipt).code, ERR_OK);
            all->slip.group = group;
            all->slip.part = copy == RECEIPT_MERCHANT_COPY ? "merchant" : "cardholder";
            all->take(&all->slip, all->context);
        }
    }
}

/* "PRE-AUTH" by card: "kind_pre_auth_card". */
static void slip_kind_name(char *out, size_t size, enum payment_type type, enum payment_means means)
{
    static const char *const names[] = {[PAYMENT_CARD] = "card",
                                        [PAYMENT_CODE] = "code",
                                        [PAYMENT_SHOWN] = "shown",
                                        [PAYMENT_POINTS] = "points",
                                        [PAYMENT_CASH] = "cash"};
    snprintf(out, size, "kind %s %s", payment_type_row(type)->en, names[means]);
    for (char *at = out; *at != '\0'; at++) {
        if (*at == ' ' || *at == '-') *at = '_';
        if (*at >= 'A' && *at <= 'Z') *at = (char)(*at - 'A' + 'a');
    }
}

static void slips_of_kinds(struct slips *all)
{
    size_t count;
    char name[64];
    const struct payment_kind *kinds = payment_kinds(&count);
    for (size_t i = 0; i < count; i++) {
        if (!slip_of_kind(&kinds[i])) continue;
        struct payment p = slip_payment(kinds[i].type, kinds[i].means);
        slip_kind_name(name, sizeof name, p.type, p.means);
        slip_make(all, name, &p, (struct receipt_context){0}, SLIP_BOTH);
    }
    for (size_t i = 0; i < ARRAY_LEN(slip_cash); i++) {
        struct payment p = slip_payment(slip_cash[i], PAYMENT_CASH);
        if (p.type == PAYMENT_SALE) p.given_minor = 15000;
        slip_kind_name(name, sizeof name, p.type, p.means);
        slip_make(all, name, &p, (struct receipt_context){0}, SLIP_BOTH);
    }
}

/* ---- what else can be on the slip of a payment ---- */

/* Two strokes that cross, packed. */
static struct bytes slip_strokes(void)
{
    static uint8_t packed[STROKES_MAX];
    uint8_t points[4 * (2 * SLIP_STROKE_POINTS + 1)];
    struct writer w = writer_over(points, sizeof points), out = writer_over(packed, sizeof packed);
    for (unsigned i = 0; i < SLIP_STROKE_POINTS; i++) {
        write_be(&w, 100 + 10 * i, 2);
        write_be(&w, 50 + 5 * i, 2);
    }
    write_be(&w, 0xffffffff, 4);
    for (unsigned i = 0; i < SLIP_STROKE_POINTS; i++) {
        write_be(&w, 700 - 10 * i, 2);
        write_be(&w, 60 + 5 * i, 2);
    }
    assert_int_equal(w.fault, ERR_OK);
    assert_int_equal(strokes_pack(writer_view(&w), &out).code, ERR_OK);
    return writer_view(&out);
}

/* Twelve different goods, each with the longest name there is; `price` of one, of which there are
 * `quantity`. */
static struct basket slip_basket_full(int64_t price, int64_t quantity)
{
    struct basket full = {.count = BASKET_LINES};
    for (size_t i = 0; i < BASKET_LINES; i++) {
        snprintf(full.line[i].name, BASKET_NAME, "一二三四五六七八九十一二三四%02zu号", i);
        full.line[i].price_minor = price;
        full.line[i].quantity = quantity;
    }
    return full;
}

/* PAYMENT_ENTRY_CHIP is on the slip of its kind; of PAYMENT_ENTRY_UNKNOWN and PAYMENT_ENTRY_PLATE
 * no terminal prints one. */
static void slips_of_entries(struct slips *all)
{
    static const struct {
        enum payment_entry entry;
        const char *name;
    } entries[] = {{PAYMENT_ENTRY_SWIPE, "entry_swipe"},
                   {PAYMENT_ENTRY_FALLBACK, "entry_fallback"},
                   {PAYMENT_ENTRY_CONTACTLESS, "entry_contactless"},
                   {PAYMENT_ENTRY_CODE, "entry_code"},
                   {PAYMENT_ENTRY_MANUAL, "entry_manual"}};
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        struct payment p = slip_payment(PAYMENT_SALE, PAYMENT_CARD);
        bool tap = entries[i].entry == PAYMENT_ENTRY_CONTACTLESS;
        p.entry = entries[i].entry;
        p.card_sequence[0] = '\0';
        p.pin_entered = p.entry == PAYMENT_ENTRY_SWIPE;
        slip_make(all, entries[i].name, &p, (struct receipt_context){.signature_free = tap},
                  SLIP_MERCHANT);
    }
}

static void slips_of_marks(struct slips *all)
{
    struct payment p = slip_payment(PAYMENT_SALE, PAYMENT_CARD);
    slip_make(all, "reprint", &p, (struct receipt_context){.reprint = true}, SLIP_BOTH);
    slip_make(all, "restored", &p, (struct receipt_context){.reprint = true, .restored = true},
              SLIP_BOTH);
    slip_make(all, "training", &p, (struct receipt_context){.training = true}, SLIP_BOTH);
    slip_make(all, "signed", &p, (struct receipt_context){.strokes = slip_strokes()},
              SLIP_MERCHANT);
    memcpy(p.response_code, "51", 3);
    slip_make(all, "declined_card", &p, (struct receipt_context){.declined = true}, SLIP_BOTH);
    slip_make(all, "declined_training", &p,
              (struct receipt_context){.declined = true, .training = true}, SLIP_CARDHOLDER);
    p = slip_payment(PAYMENT_SALE, PAYMENT_CODE);
    memcpy(p.response_code, "98", 3);
    p.auth_code[0] = p.rrn[0] = '\0';
    slip_make(all, "declined_code", &p, (struct receipt_context){.declined = true},
              SLIP_CARDHOLDER);
    /* 8A Y1, 9F26 a certificate, 9F36 the card's counter */
    static const uint8_t chip[] = {0x8a, 2,    'Y',  '1',  0x9f, 0x26, 8,    0x01, 0x23, 0x45,
                                   0x67, 0x89, 0xab, 0xcd, 0xef, 0x9f, 0x36, 2,    0x00, 0x2a};
    p = slip_payment(PAYMENT_SALE, PAYMENT_CARD);
    p.auth_code[0] = p.rrn[0] = '\0';
    assert_int_equal(payment_chip_take(BYTES_OF(chip), &p.chip).code, ERR_OK);
    slip_make(all, "offline", &p, (struct receipt_context){0}, SLIP_BOTH);
}

static void slips_of_contents(struct slips *all)
{
    struct payment p = slip_payment(PAYMENT_SALE, PAYMENT_CARD);
    struct basket basket = {0};
    p.tip_minor = 1800;
    slip_make(all, "tip", &p, (struct receipt_context){0}, SLIP_BOTH);
    assert_int_equal(basket_add(&basket, "牛肉面", 2600).code, ERR_OK);
    assert_int_equal(basket_add(&basket, "牛肉面", 2600).code, ERR_OK);
    assert_int_equal(basket_add(&basket, "小笼包 Xiaolongbao", 5800).code, ERR_OK);
    slip_make(all, "tip_and_basket", &p, (struct receipt_context){.basket = &basket}, SLIP_BOTH);
    p = slip_payment(PAYMENT_SALE, PAYMENT_SHOWN);
    basket = slip_basket_full(833333333, 100);
    p.amount_minor = basket_minor(&basket);
    slip_make(all, "basket_full", &p, (struct receipt_context){.basket = &basket}, SLIP_CARDHOLDER);
    p = slip_payment(PAYMENT_INSTALMENT, PAYMENT_CARD);
    p.plan.by_merchant = true;
    slip_make(all, "instalments_by_merchant", &p, (struct receipt_context){0}, SLIP_MERCHANT);
}

static void slips_longest(struct slips *all)
{
    static const struct {
        enum payment_type type;
        enum payment_means means;
        const char *name;
    } longest[] = {{PAYMENT_SALE, PAYMENT_CARD, "longest_sale"},
                   {PAYMENT_COMPLETION_VOID, PAYMENT_CARD, "longest_completion_void"},
                   {PAYMENT_INSTALMENT, PAYMENT_CARD, "longest_instalments"},
                   {PAYMENT_SALE, PAYMENT_CASH, "longest_cash"}};
    for (size_t i = 0; i < ARRAY_LEN(longest); i++) {
        struct payment p = slip_longest(longest[i].type, longest[i].means);
        if (p.type == PAYMENT_SALE && p.means == PAYMENT_CARD) p.tip_minor = MONEY_FIELD_MAX - 1;
        slip_make(all, longest[i].name, &p,
                  (struct receipt_context){.merchant_name = SLIP_NAME_LONGEST, .reprint = true},
                  SLIP_MERCHANT);
    }
}

/* ---- sheets of several payments ---- */

static void sheet_take(struct slips *all, const char *group, const char *part)
{
    all->slip.group = group;
    all->slip.part = part;
    all->take(&all->slip, all->context);
}

static struct receipt_report slip_report(enum receipt_report_kind kind_of)
{
    return (struct receipt_report){
        .kind_of = kind_of,
        .number = 7,
        .merchant_name = SLIP_NAME,
        .mid = SLIP_MID,
        .tid = "10000017",
        .operator_id = "01",
        .batch = 12,
        .from_local_ms = slip_local_ms() - INT64_C(4) * 3600 * 1000,
        .to_local_ms = slip_local_ms(),
        .kinds = 5,
        .kind = {{.type = PAYMENT_SALE, .means = PAYMENT_CARD, .count = 12, .minor = 345600},
                 {.type = PAYMENT_SALE, .means = PAYMENT_CODE, .count = 3, .minor = 9900},
                 {.type = PAYMENT_SALE, .means = PAYMENT_CASH, .count = 4, .minor = 12800},
                 {.type = PAYMENT_VOID, .means = PAYMENT_CARD, .count = 1, .minor = 12800},
                 {.type = PAYMENT_PREAUTH, .means = PAYMENT_CARD, .count = 1, .minor = 100000}},
        .tip_minor = 1280,
        .declined = 2,
        .reversed = 1,
        .open = 1,
        .counted_minor = -1,
    };
}

/* Every kind there is by every means, with sums of the longest. */
static size_t slip_kinds_longest(struct receipt_kind kind[static RECEIPT_KINDS])
{
    size_t count, made = 0;
    const struct payment_kind *kinds = payment_kinds(&count);
    for (size_t i = 0; i < count + ARRAY_LEN(slip_cash); i++) {
        bool cash = i >= count;
        if (!cash && !slip_of_kind(&kinds[i])) continue;
        assert_true(made < RECEIPT_KINDS);
        kind[made++] = (struct receipt_kind){.type = cash ? slip_cash[i - count] : kinds[i].type,
                                             .means = cash ? PAYMENT_CASH : kinds[i].means,
                                             .card_class = PAYMENT_CLASS_FOREIGN,
                                             .count = 99999,
                                             .minor = MONEY_FIELD_MAX};
    }
    return made;
}

static struct receipt_report slip_report_longest(void)
{
    struct receipt_report r = slip_report(RECEIPT_REPORT_Z);
    r.merchant_name = SLIP_NAME_LONGEST;
    r.number = 999999;
    r.reprint = r.cash = true;
    r.kinds = slip_kinds_longest(r.kind);
    r.float_minor = r.cash_minor = MONEY_FIELD_MAX;
    r.counted_minor = MONEY_FIELD_MAX;
    r.declined = r.reversed = r.open = 99999;
    return r;
}

static void slips_of_reports(struct slips *all)
{
    static const struct {
        const char *name;
        enum receipt_report_kind kind_of;
        bool cash, reprint;
        int64_t counted_minor;
    } rows[] = {{"operator_report", RECEIPT_REPORT_SIGN_IN, false, false, -1},
                {"x_report", RECEIPT_REPORT_X, true, false, -1},
                {"z_equal", RECEIPT_REPORT_Z, true, false, 32800},
                {"z_over", RECEIPT_REPORT_Z, true, false, 33000},
                {"z_short", RECEIPT_REPORT_Z, true, true, 32000},
                {"z_not_counted", RECEIPT_REPORT_Z, true, false, -1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct receipt_report report = slip_report(rows[i].kind_of);
        report.cash = rows[i].cash;
        report.reprint = rows[i].reprint;
        report.float_minor = 20000;
        report.cash_minor = 12800;
        report.counted_minor = rows[i].counted_minor;
        for (size_t k = 0; k < ARRAY_LEN(slip_papers); k++) {
            report.columns = slip_papers[k];
            assert_int_equal(receipt_report(&report, &all->slip.receipt).code, ERR_OK);
            sheet_take(all, rows[i].name, "");
        }
    }
    struct receipt_report report = slip_report_longest();
    for (size_t k = 0; k < ARRAY_LEN(slip_papers); k++) {
        report.columns = slip_papers[k];
        assert_int_equal(receipt_report(&report, &all->slip.receipt).code, ERR_OK);
        sheet_take(all, "longest_z", "");
    }
}

static void slips_of_orders(struct slips *all)
{
    struct payment part[] = {
        slip_payment(PAYMENT_SALE, PAYMENT_CASH), slip_payment(PAYMENT_SALE, PAYMENT_CARD),
        slip_payment(PAYMENT_SALE, PAYMENT_CODE), slip_payment(PAYMENT_SALE, PAYMENT_SHOWN)};
    const struct payment *const parts[] = {&part[0], &part[1], &part[2], &part[3]};
    struct basket basket = {0};
    struct receipt_order order = {.merchant_name = SLIP_NAME,
                                  .mid = SLIP_MID,
                                  .tid = "10000017",
                                  .operator_id = "01",
                                  .number = 7,
                                  .local_ms = slip_local_ms()};
    for (size_t i = 0; i < ARRAY_LEN(part); i++) {
        part[i].key.stan += (uint32_t)i;
        order.total_minor += part[i].amount_minor;
    }
    assert_int_equal(basket_add(&basket, "牛肉面", 40000).code, ERR_OK);
    assert_int_equal(basket_add(&basket, "小笼包 Xiaolongbao", 6200).code, ERR_OK);
    for (int with = 0; with < 2; with++) {
        order.basket = with ? &basket : NULL;
        order.tip_minor = with ? 5000 : 0;
        for (size_t k = 0; k < ARRAY_LEN(slip_papers); k++) {
            order.columns = slip_papers[k];
            assert_int_equal(
                receipt_order(&order, parts, ARRAY_LEN(parts), &all->slip.receipt).code, ERR_OK);
            sheet_take(all, with ? "order_basket" : "order", "");
        }
    }
}

static struct receipt_settlement slip_settlement(enum payment_settle_flag flag)
{
    return (struct receipt_settlement){
        .merchant_name = SLIP_NAME,
        .mid = SLIP_MID,
        .tid = "10000017",
        .operator_id = "01",
        .batch = 12,
        .local_ms = slip_local_ms(),
        .flag = flag,
        .totals =
            {.side = {[PAYMENT_SIDE_DEBIT] = {15, 355500}, [PAYMENT_SIDE_CREDIT] = {1, 12800}}},
        .kinds = 4,
        .kind = {{PAYMENT_SALE, PAYMENT_CARD, PAYMENT_CLASS_DEBIT, 8, 245600},
                 {PAYMENT_SALE, PAYMENT_CARD, PAYMENT_CLASS_CREDIT, 4, 100000},
                 {PAYMENT_SALE, PAYMENT_CODE, PAYMENT_CLASS_WALLET, 3, 9900},
                 {PAYMENT_VOID, PAYMENT_CARD, PAYMENT_CLASS_DEBIT, 1, 12800}},
    };
}

/* PAYMENT_SETTLE_ASKED is before there is a sheet. */
static void slips_of_settlements(struct slips *all)
{
    static const struct {
        const char *name;
        enum payment_settle_flag flag;
        bool reprint, automatic, training;
    } rows[] = {{"settlement_equal", PAYMENT_SETTLE_EQUAL, false, false, false},
                {"settlement_different", PAYMENT_SETTLE_DIFFERENT, true, false, false},
                {"settlement_error", PAYMENT_SETTLE_ERROR, false, true, false},
                {"settlement_training", PAYMENT_SETTLE_EQUAL, false, false, true}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct receipt_settlement s = slip_settlement(rows[i].flag);
        s.reprint = rows[i].reprint;
        s.training = rows[i].training;
        if (rows[i].automatic) s.operator_id = "";
        if (rows[i].reprint) s.kind[1].card_class = PAYMENT_CLASS_FOREIGN; /* 外卡 */
        for (size_t k = 0; k < ARRAY_LEN(slip_papers); k++) {
            s.columns = slip_papers[k];
            assert_int_equal(receipt_settlement(&s, &all->slip.receipt).code, ERR_OK);
            sheet_take(all, rows[i].name, "");
        }
    }
}

static void slips_of_longest_settlement(struct slips *all)
{
    struct receipt_settlement s = slip_settlement(PAYMENT_SETTLE_DIFFERENT);
    s.merchant_name = SLIP_NAME_LONGEST;
    s.reprint = true;
    s.kinds = slip_kinds_longest(s.kind) - ARRAY_LEN(slip_cash); /* no host hears of cash */
    s.totals.side[PAYMENT_SIDE_DEBIT] = (struct payment_sum){999999, MONEY_FIELD_MAX};
    s.totals.side[PAYMENT_SIDE_CREDIT] = (struct payment_sum){999999, MONEY_FIELD_MAX};
    for (size_t k = 0; k < ARRAY_LEN(slip_papers); k++) {
        s.columns = slip_papers[k];
        assert_int_equal(receipt_settlement(&s, &all->slip.receipt).code, ERR_OK);
        sheet_take(all, "longest_settlement", "");
    }
}

/* As many as a sheet has room for, of all kinds, the last of them of the longest amount. */
static void slips_of_details(struct slips *all)
{
    struct payment payments[RECEIPT_DETAILS];
    const struct payment *listed[RECEIPT_DETAILS];
    struct receipt_settlement s = slip_settlement(PAYMENT_SETTLE_EQUAL);
    size_t count, made = 0;
    const struct payment_kind *kinds = payment_kinds(&count);
    for (size_t i = 0; i < count && made < RECEIPT_DETAILS; i++) {
        if (!slip_of_kind(&kinds[i])) continue;
        payments[made] = slip_payment(kinds[i].type, kinds[i].means);
        payments[made].key.stan = 345 + (uint32_t)made;
        listed[made] = &payments[made];
        made++;
    }
    payments[made - 1].amount_minor = MONEY_FIELD_MAX;
    for (size_t k = 0; k < ARRAY_LEN(slip_papers); k++) {
        s.columns = slip_papers[k];
        assert_int_equal(receipt_details(&s, listed, made, &all->slip.receipt).code, ERR_OK);
        sheet_take(all, "details", "");
    }
    for (size_t k = 0; k < ARRAY_LEN(slip_papers); k++) {
        s.columns = slip_papers[k];
        assert_int_equal(receipt_details(&s, listed, 0, &all->slip.receipt).code, ERR_OK);
        sheet_take(all, "details_empty", "");
    }
}

/* All of them. `take` gets each slip on each paper; those of one group follow one another. */
static void slips_each(slip_take *take, void *context)
{
    static struct slips all;
    all = (struct slips){.take = take, .context = context};
    slips_of_kinds(&all);
    slips_of_entries(&all);
    slips_of_marks(&all);
    slips_of_contents(&all);
    slips_longest(&all);
    slips_of_reports(&all);
    slips_of_orders(&all);
    slips_of_settlements(&all);
    slips_of_longest_settlement(&all);
    slips_of_details(&all);
}

/* ---- golden files: tests/vectors/receipts/GROUP.WHAT, all slips of a group in one ---- */

enum { GOLDEN_MAX = 128 * 1024 };

static void golden_path(char out[static 128], const char *group, const char *what)
{
    snprintf(out, 128, "tests/vectors/receipts/%s.%s", group, what);
}

/* The golden text of a group; `made` becomes it where TERMINAL_GOLDEN is set. */
static struct bytes golden_text(const char *group, const char *what, struct bytes made)
{
    static uint8_t text[GOLDEN_MAX];
    char path[128];
    golden_path(path, group, what);
    if (getenv("TERMINAL_GOLDEN") != NULL) {
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        assert_int_equal(fwrite(made.at, 1, made.len, out), made.len);
        assert_int_equal(fclose(out), 0);
    }
    FILE *file = fopen(path, "r");
    if (file == NULL) print_error("%s is missing: TERMINAL_GOLDEN=write writes it\n", path);
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text, file);
    assert_int_equal(fclose(file), 0);
    assert_true(len < sizeof text);
    return bytes_of(text, len);
}

/* No golden file is left of a slip that there is no more. */
static void golden_count_is(const char *what, size_t groups)
{
    size_t seen = 0;
    DIR *folder = opendir("tests/vectors/receipts");
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        const char *dot = strrchr(entry->d_name, '.');
        seen += dot != NULL && strcmp(dot + 1, what) == 0;
    }
    closedir(folder);
    assert_int_equal(seen, groups);
}

/* "== 58 mm merchant" */
static void golden_heading(struct writer *w, const struct slip *slip)
{
    write_format(w, "== %s mm%s%s\n", slip->receipt.columns == RECEIPT_COLUMNS ? "58" : "80",
                 slip->part[0] != '\0' ? " " : "", slip->part);
}
