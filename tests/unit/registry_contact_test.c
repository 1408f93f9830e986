/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contacts of a merchant: where codes and notices go (S34, S44). What is not an address is
 * refused, a change makes a contact new, and what is shown of one does not tell it.
 */
#include "registry/contact.h"
#include "tests/unit/scratch.h"

static struct scratch scratch;
static struct registry *registry;
static const struct registry_actor actor = {{(const uint8_t *)"admin", 5}, 1700000000000};

static int make_registry(void **state)
{
    (void)state;
    scratch_make(&scratch);
    const char *path = scratch_path(&scratch, "registry.db");
    if (FAILED(registry_open(path, STORE_CREATE, NULL, &registry))) return -1;
    const struct registry_merchant merchant = {"898310153110001", "开源茶馆", "Tea House", 1,
                                               REGISTRY_ACTIVE};
    return FAILED(registry_add_merchant(registry, &actor, &merchant));
}

static int drop_registry(void **state)
{
    (void)state;
    registry_close(registry);
    scratch_remove(&scratch);
    return 0;
}

static struct registry_contact owner(void)
{
    return (struct registry_contact){.mid = "898310153110001",
                                     .number = 1,
                                     .name_zh = "王小明",
                                     .pinyin = "wang xiaoming",
                                     .phone = "13800005678",
                                     .mail = "wang@example.com"};
}

static size_t count(void)
{
    struct registry_contact c[CONTACTS_MAX];
    size_t n = 99;
    assert_ok(registry_contacts(registry, BYTES("898310153110001"), c, &n));
    return n;
}

static void contacts_are_kept_in_order(void **state)
{
    (void)state;
    struct registry_contact c = owner(), out[CONTACTS_MAX];
    size_t n = 0;
    c.number = 2;
    c.mail[0] = '\0';
    c.english = true;
    assert_ok(registry_set_contact(registry, &actor, &c));
    c = owner();
    assert_ok(registry_set_contact(registry, &actor, &c));
    assert_ok(registry_contacts(registry, BYTES("898310153110001"), out, &n));
    assert_int_equal(n, 2);
    assert_string_equal(out[0].mail, "wang@example.com");
    assert_string_equal(out[0].pinyin, "wang xiaoming");
    assert_string_equal(out[1].mail, "");
    assert_true(out[1].english);
    assert_int_equal(out[0].since_ms, actor.at_ms);
    assert_ok(registry_remove_contact(registry, &actor, BYTES("898310153110001"), 2));
    assert_err(registry_remove_contact(registry, &actor, BYTES("898310153110001"), 2), NOT_FOUND);
    assert_int_equal(count(), 1);
}

static void a_change_makes_it_new(void **state)
{
    (void)state;
    struct registry_contact c = owner(), out[CONTACTS_MAX];
    size_t n = 0;
    assert_ok(registry_set_contact(registry, &actor, &c));
    const struct registry_actor later = {actor.name, actor.at_ms + 5000};
    memcpy(c.phone, "13900001234", 12);
    assert_ok(registry_set_contact(registry, &later, &c));
    assert_ok(registry_contacts(registry, BYTES("898310153110001"), out, &n));
    assert_int_equal(n, 1);
    assert_string_equal(out[0].phone, "13900001234");
    assert_int_equal(out[0].since_ms, later.at_ms);
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const mails[] = {"wang",
                                        "@example.com",
                                        "wang@",
                                        "wang@example",
                                        "wang@example.",
                                        "wang@.com",
                                        "a@b@example.com",
                                        "wang\r\nBcc:x@example.com",
                                        "wang <w@example.com>",
                                        "w@exa_mple.com",
                                        "w,x@example.com"};
    static const char *const phones[] = {"123456", "1380000567x", "+8613800005678", "138 0000"};
    for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
        struct registry_contact c = owner();
        snprintf(c.mail, sizeof c.mail, "%s", mails[i]);
        assert_err(registry_set_contact(registry, &actor, &c), FORMAT);
    }
    for (size_t i = 0; i < ARRAY_LEN(phones); i++) {
        struct registry_contact c = owner();
        snprintf(c.phone, sizeof c.phone, "%s", phones[i]);
        assert_err(registry_set_contact(registry, &actor, &c), FORMAT);
    }
    struct registry_contact none = owner(), nobody = owner(), ninth = owner(), loud = owner();
    none.phone[0] = none.mail[0] = '\0';
    assert_err(registry_set_contact(registry, &actor, &none), FORMAT);
    nobody.mid[0] = '9';
    assert_err(registry_set_contact(registry, &actor, &nobody), NOT_FOUND);
    ninth.number = 9;
    assert_err(registry_set_contact(registry, &actor, &ninth), FORMAT);
    memcpy(loud.pinyin, "Wang", 5);
    assert_err(registry_set_contact(registry, &actor, &loud), FORMAT);
    assert_int_equal(count(), 0);
}

static void masks_do_not_tell(void **state)
{
    (void)state;
    char out[CONTACT_MASK_MAX];
    contact_mask_phone("13800005678", out);
    assert_string_equal(out, "138****5678");
    contact_mask_phone("8613800005678", out);
    assert_string_equal(out, "86138****5678");
    contact_mask_phone("5551234", out);
    assert_string_equal(out, "****34");
    contact_mask_phone("", out);
    assert_string_equal(out, "");
    contact_mask_mail("wang@example.com", out);
    assert_string_equal(out, "w***@example.com");
    contact_mask_mail("", out);
    assert_string_equal(out, "");
    contact_mask_name("王小明", out);
    assert_string_equal(out, "王**");
    contact_mask_name("Wang", out);
    assert_string_equal(out, "W***");
}

int main(void)
{
#define WITH_REGISTRY(test) cmocka_unit_test_setup_teardown(test, make_registry, drop_registry)
    const struct CMUnitTest tests[] = {
        WITH_REGISTRY(contacts_are_kept_in_order),
        WITH_REGISTRY(a_change_makes_it_new),
        WITH_REGISTRY(what_is_no_address_is_refused),
        cmocka_unit_test(masks_do_not_tell),
    };
    return cmocka_run_group_tests_name("registry_contact", tests, NULL, NULL);
}
