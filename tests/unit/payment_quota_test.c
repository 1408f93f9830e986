/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits as a table and as sums: each side of every limit, what takes the place of what, days and
 * months in Beijing, a clock that is put back, what a text may not say, and notices both ways. S86
 */
#include "lib/base/clock.h"
#include "payment/quota.h"
#include "payment/response_code.h"
#include "tests/unit/payment_rig.h"

#include <stdio.h>

#define assert_ok(e)         assert_int_equal((e).code, ERR_OK)
#define assert_err(e, wrong) assert_int_equal((e).code, wrong)

static struct quota_table table;

static void parse(const char *text)
{
    struct quota_fault fault = {0};
    err parsed = quota_table_parse(bytes_text(text), &table, &fault);
    if (FAILED(parsed)) print_message("line %u: %s\n", fault.line, fault.why);
    assert_ok(parsed);
}

static const struct quota_place credit = {QUOTA_CARD_CREDIT, QUOTA_ENTRY_CHIP, 20000};

/* "" when it is allowed, otherwise code, notice. */
static const char *judge(size_t class, const struct quota_sums *sums,
                         const struct quota_place *place, int64_t minor)
{
    static char text[PAYMENT_NOTICE_MAX + 8];
    char notice[PAYMENT_NOTICE_MAX + 1];
    struct quota_notice n;
    const struct quota_taken taken = {sums, sums};
    if (quota_allows(&table, class, &taken, place, minor, true, &n)) return "";
    quota_notice_write(&n, notice);
    snprintf(text, sizeof text, "%s %s", quota_code(&n), notice);
    return text;
}

/* Micro merchants: 1,000.00 a day and 10,000.00 a month from credit cards, to the fen. */
static void each_side_of_the_defaults(void **state)
{
    (void)state;
    struct quota_sums sums = {0};
    quota_table_default(&table);
    size_t micro = quota_class(&table, "micro");
    assert_int_not_equal(micro, 0);
    assert_string_equal(judge(micro, &sums, &credit, 100000), "");
    assert_string_equal(judge(micro, &sums, &credit, 100001), "61 DCAa00001000000000100000");
    quota_add(&sums, &credit, 1, 99999);
    assert_string_equal(judge(micro, &sums, &credit, 1), "");
    assert_string_equal(judge(micro, &sums, &credit, 2), "61 DCAa00001000000000000001");
    quota_add(&sums, &credit, 1, 1);
    assert_string_equal(judge(micro, &sums, &credit, 1), "61 DCAa00001000000000000000");
    const struct quota_place debit = {QUOTA_CARD_DEBIT, QUOTA_ENTRY_CHIP, 20000};
    assert_string_equal(judge(micro, &sums, &debit, 5000000), ""); /* it is about credit cards */
    assert_string_equal(judge(0, &sums, &credit, 5000000), "");    /* and about micro merchants */
    struct quota_place day = credit;
    for (int i = 0; i < 9; i++) { /* nine more days of the month, each to its limit */
        day.day++;
        assert_string_equal(judge(micro, &sums, &day, 100000), "");
        quota_add(&sums, &day, 1, 100000);
    }
    day.day++;
    assert_string_equal(judge(micro, &sums, &day, 1), "61 MCAa00010000000000000000");
    quota_add(&sums, &day, -1, 0);
    day.day = credit.day + 40;
    assert_string_equal(judge(micro, &sums, &day, 100000), "");
}

/* S144: of one person it is what all his shops took; what is his alone is not theirs. */
static void a_person_has_one_limit(void **state)
{
    (void)state;
    struct quota_sums shop = {0}, other = {0}, both = {0};
    struct quota_notice n;
    const struct quota_taken taken = {&shop, &both};
    parse("limits 1\nclass a\nevery credit any day amount 900.00\n"
          "every credit any day amount 1000.00 person\n"
          "every credit any month count 3 person\n");
    quota_add(&other, &credit, 1, 70000);
    quota_merge(&both, &other);
    assert_true(quota_allows(&table, 0, &taken, &credit, 30000, true, &n));
    assert_false(quota_allows(&table, 0, &taken, &credit, 30001, true, &n));
    assert_true(n.person && n.most == 100000 && n.left == 30000);
    quota_add(&shop, &credit, 1, 20000);
    both = shop;
    quota_merge(&both, &other);
    assert_false(quota_allows(&table, 0, &taken, &credit, 10001, true, &n));
    assert_int_equal(n.left, 10000);
    /* Another day: the month's counts go on, and who took nothing today turns to it. */
    struct quota_place next = credit;
    next.day++;
    quota_add(&shop, &next, 1, 90000);
    both = other;
    quota_merge(&both, &shop);
    assert_int_equal(both.day, next.day);
    assert_int_equal(both.in[QUOTA_DAY - 1][0][0].minor, 90000);
    assert_int_equal(both.in[QUOTA_MONTH - 1][0][0].minor, 180000);
    assert_false(quota_allows(&table, 0, &taken, &next, 1, true, &n));
    assert_true(n.person && n.period == QUOTA_MONTH && n.unit == QUOTA_COUNT && n.left == 0);
}

/* A rule for plates is none for other codes. */
static void static_codes_take_five_hundred(void **state)
{
    (void)state;
    parse("limits 3\nclass standard\nevery any static payment amount 500.00\n");
    const struct quota_place place = {QUOTA_CARD_WALLET, QUOTA_ENTRY_STATIC, 20000};
    assert_string_equal(judge(0, NULL, &place, 50000), "");
    assert_string_equal(judge(0, NULL, &place, 50001), "61 PAXA00000500000000050000");
    const struct quota_place shown = {QUOTA_CARD_WALLET, QUOTA_ENTRY_CODE, 20000};
    assert_string_equal(judge(0, NULL, &shown, 50001), "");
}

/* A count, a limit of nothing, and a class whose own rule takes the place of everybody's. */
static void counts_and_classes(void **state)
{
    (void)state;
    struct quota_sums sums = {0};
    parse("limits 7\nclass usual\nclass raised\n"
          "every any any payment amount 1000\n"
          "every any contactless day count 2 # taps\n"
          "every foreign any payment amount 0\n"
          "raised any any payment amount 5000.00\n");
    assert_int_equal(table.version, 7);
    const struct quota_place tap = {QUOTA_CARD_DEBIT, QUOTA_ENTRY_CONTACTLESS, 20000};
    assert_string_equal(judge(0, &sums, &tap, 100000), "");
    assert_string_equal(judge(0, &sums, &tap, 100001), "61 PAAA00001000000000100000");
    assert_string_equal(judge(1, &sums, &tap, 500000), "");
    assert_string_equal(judge(1, &sums, &tap, 500001), "61 PAAA00005000000000500000");
    quota_add(&sums, &tap, 1, 1);
    assert_string_equal(judge(0, &sums, &tap, 1), "");
    quota_add(&sums, &tap, 1, 1);
    assert_string_equal(judge(0, &sums, &tap, 1), "65 DACN00000000020000000000");
    assert_string_equal(judge(0, &sums, &credit, 1), "");
    quota_add(&sums, &tap, -1, 1); /* one of them is reversed */
    assert_string_equal(judge(0, &sums, &tap, 1), "");
    const struct quota_place foreign = {QUOTA_CARD_FOREIGN, QUOTA_ENTRY_CHIP, 20000};
    assert_string_equal(judge(1, &sums, &foreign, 1), "57 PFAA00000000000000000000");
    const struct quota_taken taken = {&sums, &sums};
    struct quota_notice n;
    assert_true(quota_allows(&table, 0, &taken, &tap, 1, false, &n));
    quota_add(&sums, &tap, 1, 1);
    assert_true(quota_allows(&table, 0, &taken, &tap, 1, false, &n)); /* a hold: its amount alone */
    assert_false(quota_allows(&table, 0, &taken, &tap, 100001, false, &n));
}

static int32_t day_at(int year, int month, int day, int hour, int second)
{
    return quota_day(civil_to_ms((struct civil){year, month, day, hour, 0, second}));
}

/* Beijing's midnight is 16:00 UTC. A day belongs to its month, whatever the year is like. */
static void days_are_beijings(void **state)
{
    (void)state;
    assert_int_equal(day_at(2026, 1, 1, 16, 0), day_at(2026, 1, 1, 15, 0) + 1);
    int64_t last = civil_to_ms((struct civil){2028, 2, 29, 15, 59, 59}) + 999;
    assert_int_equal(quota_month(quota_day(last)), 2028 * 12 + 1);
    assert_int_equal(quota_month(quota_day(last + 1)), 2028 * 12 + 2);
    assert_int_equal(quota_month(day_at(2026, 12, 31, 16, 0)), 2027 * 12);
}

/* F-11: a clock that jumps ahead and comes back opens no second day, and loses no month. */
static void a_clock_goes_back(void **state)
{
    (void)state;
    struct quota_sums sums = {0};
    quota_table_default(&table);
    size_t micro = quota_class(&table, "micro");
    struct quota_place place = credit;
    quota_add(&sums, &place, 1, 100000);
    place.day = quota_day_of(&sums, credit.day + 1);
    assert_string_equal(judge(micro, &sums, &place, 100000), "");
    quota_add(&sums, &place, 1, 100000);
    place.day = quota_day_of(&sums, credit.day); /* the clock is right again */
    assert_int_equal(place.day, credit.day + 1);
    assert_string_equal(judge(micro, &sums, &place, 1), "61 DCAa00001000000000000000");
    /* What was counted yesterday and is reversed today leaves the month alone with the day. */
    quota_add(&sums, &credit, -1, 100000);
    assert_int_equal(sums.in[QUOTA_DAY - 1][0][0].minor, 100000);
    assert_int_equal(sums.in[QUOTA_MONTH - 1][0][0].minor, 100000);
    assert_int_equal(sums.in[QUOTA_MONTH - 1][QUOTA_CARD_CREDIT][QUOTA_ENTRY_CHIP].minor, 100000);
    struct quota_place old = credit;
    old.day -= 40;
    quota_add(&sums, &old, -1, 100000); /* of a month that is over */
    assert_int_equal(sums.in[QUOTA_MONTH - 1][0][0].minor, 100000);
}

/* The text is read back as it was written; each fault is named with its line. */
static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line;
        const char *why;
    } bad[] = {
        {"", 0, "no class of risk"},
        {"limits 1\n", 1, "no class of risk"},
        {"class a\n", 1, "first line"},
        {"limits x\n", 1, "first line"},
        {"limits 4294967296\n", 1, "first line"},
        {"# only\n\nlimits 1 2\n", 3, "first line"},
        {"limits 1\nclass A\n", 2, "named by"},
        {"limits 1\nclass every\n", 2, "named by"},
        {"limits 1\nclass abcdefghijklmnopq\n", 2, "named by"},
        {"limits 1\nclass a\nclass a\n", 3, "twice"},
        {"limits 1\nclass a\na any any day amount 1\nclass b\n", 4, "before the rules"},
        {"limits 1\nclass a\nb any any day amount 1\n", 3, "no such class"},
        {"limits 1\nclass a\na gold any day amount 1\n", 3, "a card is"},
        {"limits 1\nclass a\na any ear day amount 1\n", 3, "an entry is"},
        {"limits 1\nclass a\na any any year amount 1\n", 3, "a period is"},
        {"limits 1\nclass a\na any any day weight 1\n", 3, "a limit is"},
        {"limits 1\nclass a\na any any day amount -1\n", 3, "an amount is"},
        {"limits 1\nclass a\na any any day amount 100000000.00\n", 3, "an amount is"},
        {"limits 1\nclass a\na any any payment count 1\n", 3, "an amount is"},
        {"limits 1\nclass a\na any any day count 1.5\n", 3, "an amount is"},
        {"limits 1\nclass a\na any any day amount\n", 3, "a rule is"},
        {"limits 1\nclass a\na any any day amount 1 2\n", 3, "behind the limit"},
        {"limits 1\nclass a\na any any payment amount 1 person\n", 3, "behind the limit"},
        {"limits 1\nclass a\na any any day amount 1 person x\n", 3, "seven words"},
        {"limits 1\nclass a\na any any day count 1\na any any day count 2\n", 4, "limited twice"},
    };
    struct quota_fault fault;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct quota_table before, after;
        memset(&before, 0x5a, sizeof before);
        memcpy(&after, &before, sizeof after);
        assert_err(quota_table_parse(bytes_text(bad[i].text), &after, &fault), ERR_FORMAT);
        assert_memory_equal(&after, &before, sizeof after);
        assert_int_equal(fault.line, bad[i].line);
        if (strstr(fault.why, bad[i].why) == NULL) fail_msg("row %zu: %s", i, fault.why);
    }
    char written[2048];
    struct writer w = writer_over(written, sizeof written);
    quota_table_default(&table);
    quota_table_write(&table, &w);
    assert_true(bytes_equal(writer_view(&w), quota_default_text()));
}

/* 32 classes and 256 rules fit; one more is refused by name. */
static void the_table_is_bounded(void **state)
{
    (void)state;
    static char text[1 << 15];
    struct writer w = writer_over(text, sizeof text);
    struct quota_fault fault;
    write_format(&w, "limits 1\n");
    for (int i = 0; i < QUOTA_CLASSES_MAX; i++) write_format(&w, "class c%d\n", i);
    size_t classes_end = w.len;
    write_format(&w, "class one_more\n");
    assert_err(quota_table_parse(writer_view(&w), &table, &fault), ERR_FORMAT);
    assert_string_equal(fault.why, "more than 32 classes");
    w.len = classes_end;
    for (int i = 0; i < QUOTA_RULES_MAX; i++)
        write_format(&w, "c%d %s %s day amount 1\n", i % 32,
                     quota_card_name((enum quota_card)(i / 32 % QUOTA_CARDS)),
                     quota_entry_name((enum quota_entry)(i / 32 / QUOTA_CARDS)));
    assert_ok(quota_table_parse(writer_view(&w), &table, &fault));
    assert_int_equal(table.rules, QUOTA_RULES_MAX);
    write_format(&w, "every any any day amount 1\n");
    assert_err(quota_table_parse(writer_view(&w), &table, &fault), ERR_FORMAT);
    assert_string_equal(fault.why, "more than 256 rules");
}

static void notices(void **state)
{
    (void)state;
    struct quota_notice n;
    assert_ok(quota_notice_read("MCCN00000000200000000003", &n));
    assert_int_equal(n.period, QUOTA_MONTH);
    assert_int_equal(n.card, QUOTA_CARD_CREDIT);
    assert_int_equal(n.entry, QUOTA_ENTRY_CONTACTLESS);
    assert_int_equal(n.unit, QUOTA_COUNT);
    assert_int_equal(n.most, 20);
    assert_int_equal(n.left, 3);
    assert_false(n.person);
    assert_ok(quota_notice_read("DCAa00001000000000012345", &n));
    assert_true(n.person && n.unit == QUOTA_AMOUNT && n.left == 12345);
    static const char *const bad[] = {
        "",
        "MCCN0000000020000000000",   /* short */
        "MCCN000000002000000000033", /* long */
        "YCCN00000000200000000003",
        "MXCN00000000200000000003",
        "MC?N00000000200000000003",
        "MCCA0000000a200000000003",
        "MCCA00000000200000000021", /* more is left than there is */
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_err(quota_notice_read(bad[i], &n), ERR_FORMAT);
    static const char *const codes[] = {"57", "61", "65"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        assert_int_equal(response_code(codes[i])->class, RESPONSE_DECLINE);
}

/* In field 44 of our own profile, there and back; the plain profile says the code alone. */
static void a_notice_travels(void **state)
{
    (void)state;
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct iso8583_message m;
    struct payment p = rig_sale(PAYMENT_CARD), got = p;
    memcpy(p.response_code, "61", 3);
    memcpy(p.notice, "DCAa00001000000000100000", PAYMENT_NOTICE_MAX + 1);
    struct arena arena = arena_over(block, sizeof block);
    assert_ok(payment_response_message(PAYMENT_PROFILE_TONGBAO, &p, 0x0210, &arena, &m));
    assert_ok(payment_apply_response(&m, 0x0210, &got));
    assert_string_equal(got.notice, p.notice);
    p.notice[0] = '\0';
    arena = arena_over(block, sizeof block);
    assert_ok(payment_response_message(PAYMENT_PROFILE_TONGBAO, &p, 0x0210, &arena, &m));
    assert_false(iso8583_has(&m, 44));
    assert_ok(payment_apply_response(&m, 0x0210, &got));
    assert_string_equal(got.notice, "");
    memcpy(p.notice, "DCAa00001000000000100000", PAYMENT_NOTICE_MAX + 1);
    arena = arena_over(block, sizeof block);
    assert_ok(payment_response_message(PAYMENT_PROFILE_CUP, &p, 0x0210, &arena, &m));
    assert_false(iso8583_has(&m, 44));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_side_of_the_defaults),
        cmocka_unit_test(a_person_has_one_limit),
        cmocka_unit_test(static_codes_take_five_hundred),
        cmocka_unit_test(counts_and_classes),
        cmocka_unit_test(days_are_beijings),
        cmocka_unit_test(a_clock_goes_back),
        cmocka_unit_test(texts),
        cmocka_unit_test(the_table_is_bounded),
        cmocka_unit_test(notices),
        cmocka_unit_test(a_notice_travels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
