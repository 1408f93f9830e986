/* SPDX-License-Identifier: Apache-2.0 */
/* Trade and town of merchants (S79): what codes say of them, replaced whole, refused by name. */
#include "registry/place.h"
#include "tests/unit/scratch.h"

#define MID "898310153110001"

static struct registry *registry;
static struct store_anchor *anchor;
static const struct registry_actor actor = {BYTES("test"), 1790000000000};

static int set_up(void **state)
{
    (void)state;
    const struct registry_merchant merchant = {.mid = MID,
                                               .name_zh = "通宝茶馆",
                                               .name_en = "TONGBAO TEA",
                                               .fee_plan = 1,
                                               .status = REGISTRY_ACTIVE};
    assert_ok(store_anchor_open("registry-places", &anchor));
    assert_ok(registry_open("registry-places", STORE_MEMORY, NULL, &registry));
    assert_ok(registry_add_merchant(registry, &actor, &merchant));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    registry_close(registry);
    store_anchor_close(anchor);
    return 0;
}

static const struct registry_place tea = {
    .mid = MID, .category = "5812", .city = "SHANGHAI", .postal = "200000", .country = "CN"};

static void expect(const char *category, const char *city, const char *postal, const char *country)
{
    struct registry_place place;
    assert_ok(registry_find_place(registry, BYTES(MID), &place));
    assert_string_equal(place.mid, MID);
    assert_string_equal(place.category, category);
    assert_string_equal(place.city, city);
    assert_string_equal(place.postal, postal);
    assert_string_equal(place.country, country);
}

static void it_is_replaced_whole(void **state)
{
    (void)state;
    bool changed;
    struct registry_place other = tea;
    expect("0000", "CHINA", "", "CN");
    assert_ok(registry_changed(registry, &changed));
    assert_ok(registry_set_place(registry, &actor, &tea));
    expect("5812", "SHANGHAI", "200000", "CN");
    assert_ok(registry_changed(registry, &changed));
    assert_true(changed);
    snprintf(other.category, sizeof other.category, "5411");
    snprintf(other.city, sizeof other.city, "MACAU");
    other.postal[0] = '\0';
    snprintf(other.country, sizeof other.country, "MO");
    assert_ok(registry_set_place(registry, &actor, &other));
    expect("5411", "MACAU", "", "MO");
    struct audit_report report;
    assert_ok(audit_verify(registry_store(registry), &report));
}

static void what_has_not_its_form_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct registry_place place;
        const char *what;
    } rows[] = {
        {{MID, "581", "SHANGHAI", "", "CN"}, "category"},
        {{MID, "58a2", "SHANGHAI", "", "CN"}, "category"},
        {{MID, "5812", "", "", "CN"}, "city"},
        {{MID, "5812", "\xe4\xb8\x8a\xe6\xb5\xb7", "", "CN"}, "city"},
        {{MID, "5812", " SHANGHAI", "", "CN"}, "city"},
        {{MID, "5812", "SHANGHAI ", "", "CN"}, "city"},
        {{MID, "5812", "SHANGHAI", "20000a", "CN"}, "postal code"},
        {{MID, "5812", "SHANGHAI", " 200000", "CN"}, "postal code"},
        {{MID, "5812", "SHANGHAI", "200000", "cn"}, "country"},
        {{MID, "5812", "SHANGHAI", "200000", "C"}, "country"},
    };
    assert_ok(registry_set_place(registry, &actor, &tea));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(registry_set_place(registry, &actor, &rows[i].place).code, ERR_FORMAT);
        if (strstr(registry_error_text(registry), rows[i].what) == NULL)
            fail_msg("%s: %s", rows[i].what, registry_error_text(registry));
    }
    struct registry_place nobody = tea;
    snprintf(nobody.mid, sizeof nobody.mid, "898310153110002");
    assert_int_equal(registry_set_place(registry, &actor, &nobody).code, ERR_NOT_FOUND);
    expect("5812", "SHANGHAI", "200000", "CN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(it_is_replaced_whole),
        TEST(what_has_not_its_form_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
