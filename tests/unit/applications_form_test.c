/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of an application (S129): one spelling for what people type, and a refusal with a way
 * on for each field, in both languages. Identity numbers and credit codes were computed by another
 * program.
 */
#include "backoffice/applications/form.h"
#include "backoffice/applications/regions.h"
#include "backoffice/applications/trades.h"
#include "tests/unit/scratch.h"

static void what_is_typed_has_one_spelling(void **state)
{
    (void)state;
    static const struct {
        enum apply_field field;
        const char *typed, *becomes; /* NULL: refused */
    } rows[] = {
        {APPLY_TYPE, "micro", "micro"},
        {APPLY_TYPE, "bank", NULL},
        {APPLY_NEEDS, "print counter print", "counter print"},
        {APPLY_NEEDS, "counter,print", NULL},
        {APPLY_TURNOVER, "1,000,000.00", "1000000.00"},
        {APPLY_TURNOVER, "１０００", "1000.00"},
        {APPLY_TURNOVER, "-1", NULL},
        {APPLY_TURNOVER, "1.234", NULL},
        {APPLY_TURNOVER, "much", NULL},
        {APPLY_SHOP, "  开源茶馆  ", "开源茶馆"},
        {APPLY_SHOP, "茶", NULL},
        {APPLY_SHOP, "十四个字的店铺名称就太长了一", NULL},
        {APPLY_SHOP, "Tea\nHouse", NULL},
        {APPLY_SHOP, "\xE8\x8C", NULL},
        {APPLY_SHOP, "<b>茶</b>", "<b>茶</b>"},
        {APPLY_TRADE, "5812", "5812"},
        {APPLY_TRADE, "58120", NULL},
        {APPLY_TRADE, "0000", NULL},
        {APPLY_REGION, "110108", "110108"},
        {APPLY_REGION, "1101o8", NULL},
        {APPLY_REGION, "999900", NULL},
        {APPLY_REGION, "110000", NULL},
        {APPLY_ADDRESS, "中关村街1", NULL},
        {APPLY_ADDRESS, "中关村街1号", "中关村街1号"},
        {APPLY_OWNER, "王　小明", "王 小明"},
        {APPLY_IDENTITY, "110108198005062314", "110108198005062314"},
        {APPLY_IDENTITY, "110108 19800506 204x", "11010819800506204X"},
        {APPLY_IDENTITY, "440301199402290035", NULL}, /* 29 February of a year without one */
        {APPLY_IDENTITY, "330102196802290057", "330102196802290057"},
        {APPLY_IDENTITY, "110108198005062315", NULL},
        {APPLY_IDENTITY, "11010819800506231", NULL},
        {APPLY_IDENTITY_ENDS, "2030-02-28", "2030-02-28"},
        {APPLY_IDENTITY_ENDS, "2030-02-30", NULL},
        {APPLY_IDENTITY_ENDS, "2030/02/28", NULL},
        {APPLY_IDENTITY_ENDS, "长期", "long-term"},
        {APPLY_LICENCE, "92110108ma00abcd1q", "92110108MA00ABCD1Q"},
        {APPLY_LICENCE, "91310104MA1FY2KE35", "91310104MA1FY2KE35"},
        {APPLY_LICENCE, "91310104MA1FY2KE36", NULL},
        {APPLY_LICENCE, "9131O104MA1FY2KE35", NULL}, /* a letter that is none of the alphabet */
        {APPLY_PHONE, "139 0000 1234", "13900001234"},
        {APPLY_PHONE, "12900001234", NULL},
        {APPLY_PHONE, "1390000123", NULL},
        {APPLY_ACCOUNT, "1109 0744 8810 567", "110907448810567"},
        {APPLY_ACCOUNT, "1234567", NULL},
        {APPLY_ACCOUNT, "12345678a", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char out[APPLY_TEXT_MAX + 1] = "untouched";
        err e = apply_normalise(rows[i].field, bytes_text(rows[i].typed), out);
        if (FAILED(e) != (rows[i].becomes == NULL)) fail_msg("%s: %s", rows[i].typed, err_name(e));
        assert_string_equal(out, rows[i].becomes == NULL ? "untouched" : rows[i].becomes);
    }
}

static void one_digit_wrong_is_found(void **state)
{
    (void)state;
    static const char *const good[] = {"110108198005062314", "92110108MA00ABCD1Q"};
    static const enum apply_field fields[] = {APPLY_IDENTITY, APPLY_LICENCE};
    char out[APPLY_TEXT_MAX + 1];
    unsigned refused = 0;
    for (size_t n = 0; n < ARRAY_LEN(good); n++) {
        for (size_t i = 0; i < 18; i++) {
            char spoilt[19];
            memcpy(spoilt, good[n], sizeof spoilt);
            if (spoilt[i] < '0' || spoilt[i] > '9') continue;
            spoilt[i] = spoilt[i] == '9' ? '0' : (char)(spoilt[i] + 1);
            if (FAILED(apply_normalise(fields[n], bytes_text(spoilt), out))) refused++;
        }
    }
    assert_int_equal(refused, 18 + 11);
}

static void masks_show_little(void **state)
{
    (void)state;
    char out[APPLY_TEXT_MAX + 1];
    apply_mask(APPLY_IDENTITY, "110108198005062314", out);
    assert_string_equal(out, "110***********2314");
    apply_mask(APPLY_ACCOUNT, "110907448810567", out);
    assert_string_equal(out, "****0567");
    apply_mask(APPLY_ACCOUNT, "12345678", out);
    assert_string_equal(out, "****");
    apply_mask(APPLY_ACCOUNT, "", out);
    assert_string_equal(out, "");
    apply_mask(APPLY_SHOP, "开源茶馆", out);
    assert_string_equal(out, "开源茶馆");
}

static void a_licence_is_asked_of_who_has_one(void **state)
{
    (void)state;
    struct apply_form form = {.born = 0};
    uint32_t licence = 1u << APPLY_LICENCE | 1u << APPLY_LICENCE_ENDS;
    assert_int_equal(apply_missing(&form) & licence, licence);
    snprintf(form.text[APPLY_TYPE], APPLY_TEXT_MAX + 1, "micro");
    assert_int_equal(apply_missing(&form) & licence, 0);
    assert_true(apply_missing(&form) & 1u << APPLY_BANK);
    snprintf(form.text[APPLY_SHOP], APPLY_TEXT_MAX + 1, "开源公司");
    assert_false(apply_name_fits(&form));
    snprintf(form.text[APPLY_TYPE], APPLY_TEXT_MAX + 1, "company");
    assert_true(apply_name_fits(&form));
    assert_int_equal(apply_missing(&form) & licence, licence);
}

/* Every city stands behind its province, no code stands twice, and all have words. */
static void lists_are_whole(void **state)
{
    (void)state;
    size_t count = 0;
    const struct region *r = regions(&count);
    assert_true(count > 31 + 330);
    for (size_t i = 0; i < count; i++) {
        assert_true(r[i].zh[0] != '\0' && r[i].en[0] != '\0');
        if (i > 0) assert_true(r[i].code > r[i - 1].code);
        assert_int_equal(region_province(&r[i])->code, r[i].code / 100 * 100);
        if (!region_is_province(&r[i])) continue;
        assert_true(i + 1 < count && !region_is_province(&r[i + 1]));
    }
    const struct trade *t = trades(&count);
    enum trade_group last = TRADE_FOOD;
    for (size_t i = 0; i < count; i++) {
        char word[32];
        assert_int_equal(strlen(t[i].code), 4);
        assert_true(bytes_all_digits(bytes_text(t[i].code)));
        assert_ptr_equal(trade_of(t[i].code), &t[i]);
        assert_true(t[i].zh[0] != '\0' && t[i].en[0] != '\0' && t[i].group >= last);
        last = t[i].group;
        snprintf(word, sizeof word, "%.*s", (int)strcspn(t[i].words, " "), t[i].words);
        assert_true(trade_is_named(&t[i], word));
        assert_false(trade_is_named(&t[i], "王小明"));
    }
}

static void a_name_says_where_and_what(void **state)
{
    (void)state;
    static const struct {
        const char *shop, *trade, *region, *address;
        unsigned lacks;
    } rows[] = {
        {"杭州晨光小面馆", "5812", "330100", "文三路1号", 0},
        {"浙江晨光小面馆", "5812", "330106", "文三路1号", 0},
        {"西湖区晨光面馆", "5812", "330106", "西湖区文三路1号", 0},
        {"西湖区晨光面馆", "5812", "330106", "文三路1号附近", NAME_LACKS_REGION},
        {"杭州晨光王小明", "5812", "330100", "文三路1号", NAME_LACKS_TRADE},
        {"杭州面馆", "5812", "330100", "文三路1号", NAME_LACKS_LENGTH},
        {"晨光", "5812", "330100", "文三路1号",
         NAME_LACKS_REGION | NAME_LACKS_TRADE | NAME_LACKS_LENGTH},
        {"晨光", "", "330100", "文三路1号", 0}, /* nothing to hold it against yet */
        {"晨光", "5812", "", "文三路1号", 0},
        {"", "5812", "330100", "文三路1号", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct apply_form form = {.born = 0};
        snprintf(form.text[APPLY_SHOP], APPLY_TEXT_MAX + 1, "%s", rows[i].shop);
        snprintf(form.text[APPLY_TRADE], APPLY_TEXT_MAX + 1, "%s", rows[i].trade);
        snprintf(form.text[APPLY_REGION], APPLY_TEXT_MAX + 1, "%s", rows[i].region);
        snprintf(form.text[APPLY_ADDRESS], APPLY_TEXT_MAX + 1, "%s", rows[i].address);
        if (apply_name_lacks(&form) != rows[i].lacks) fail_msg("%zu: %s", i, rows[i].shop);
    }
}

static void every_field_has_its_words(void **state)
{
    (void)state;
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++) {
        const struct apply_field_row *row = apply_field_row(f);
        assert_int_equal(apply_field_of(bytes_text(row->word)), f);
        assert_true(row->step >= 1 && row->step <= APPLY_STEPS);
        assert_true(row->zh[0] != '\0' && row->en[0] != '\0');
        assert_true(row->rule_zh[0] != '\0' && row->rule_en[0] != '\0');
    }
    assert_int_equal(apply_field_of(BYTES("owned")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_typed_has_one_spelling),
        cmocka_unit_test(one_digit_wrong_is_found),
        cmocka_unit_test(masks_show_little),
        cmocka_unit_test(a_licence_is_asked_of_who_has_one),
        cmocka_unit_test(every_field_has_its_words),
        cmocka_unit_test(lists_are_whole),
        cmocka_unit_test(a_name_says_where_and_what),
    };
    return cmocka_run_group_tests_name("applications_form", tests, NULL, NULL);
}
