/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry: every value has its form, every key one owner, every change its audit record (S71),
 * and a reader in another process learns that something changed.
 */
#include "registry/registry.h"
#include "tests/unit/scratch.h"

#define BLOCK16 "D0016D0AB00E0000"
#define OTHER16 "D0016P0AE00E0000"

static struct scratch scratch;
static struct registry *registry;
static const struct registry_actor actor = {{(const uint8_t *)"admin", 5}, 1700000000000};

static int make_registry(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return FAILED(
        registry_open(scratch_path(&scratch, "registry.db"), STORE_CREATE, NULL, &registry));
}

static int drop_registry(void **state)
{
    (void)state;
    registry_close(registry);
    scratch_remove(&scratch);
    return 0;
}

static struct registry_merchant shop(void)
{
    return (struct registry_merchant){.mid = "898310153110001",
                                      .name_zh = "开源茶馆",
                                      .name_en = "Open Source Tea House",
                                      .fee_plan = 1,
                                      .status = REGISTRY_ACTIVE};
}

static struct registry_terminal counter(void)
{
    return (struct registry_terminal){
        .tid = "10000017",
        .serial = "TB-000017",
        .model = "TB-1",
        .mid = "898310153110001",
        .outlet = 1,
        .suite = REGISTRY_TONGBAO,
        .status = REGISTRY_ACTIVE,
        .fingerprint = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        .master_block = BLOCK16,
        .first_batch = 1};
}

static void with_shop(void)
{
    struct registry_merchant merchant = shop();
    assert_ok(registry_add_merchant(registry, &actor, &merchant));
}

static int64_t audit_records(void)
{
    struct audit_report report;
    assert_ok(audit_verify(registry_store(registry), &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
    return report.records;
}

static void said(const char *text)
{
    if (strstr(registry_error_text(registry), text) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", registry_error_text(registry), text);
}

static void what_is_added_is_found(void **state)
{
    (void)state;
    struct registry_merchant merchant;
    struct registry_terminal in = counter(), out;
    with_shop();
    assert_ok(registry_add_terminal(registry, &actor, &in));
    assert_ok(registry_find_merchant(registry, BYTES("898310153110001"), &merchant));
    assert_string_equal(merchant.name_zh, "开源茶馆");
    assert_string_equal(merchant.name_en, "Open Source Tea House");
    assert_int_equal(merchant.fee_plan, 1);
    assert_int_equal(merchant.status, REGISTRY_ACTIVE);
    assert_ok(registry_find_terminal(registry, BYTES("10000017"), &out));
    assert_string_equal(out.tid, in.tid);
    assert_string_equal(out.serial, in.serial);
    assert_string_equal(out.model, in.model);
    assert_string_equal(out.mid, in.mid);
    assert_int_equal(out.outlet, 1);
    assert_int_equal(out.suite, REGISTRY_TONGBAO);
    assert_int_equal(out.status, REGISTRY_ACTIVE);
    assert_string_equal(out.fingerprint, in.fingerprint);
    assert_string_equal(out.master_block, BLOCK16);
    assert_int_equal(out.first_batch, 1);
    assert_err(registry_find_terminal(registry, BYTES("10000018"), &out), NOT_FOUND);
    assert_err(registry_find_merchant(registry, BYTES("1"), &merchant), NOT_FOUND);
    assert_int_equal(audit_records(), 2);
}

static void what_is_taken_is_named(void **state)
{
    (void)state;
    struct registry_merchant merchant = shop();
    struct registry_terminal terminal = counter();
    with_shop();
    assert_err(registry_add_merchant(registry, &actor, &merchant), EXISTS);
    said("merchant id");
    assert_ok(registry_add_terminal(registry, &actor, &terminal));
    assert_err(registry_add_terminal(registry, &actor, &terminal), EXISTS);
    said("terminal id");
    memcpy(terminal.tid, "10000018", 8);
    assert_err(registry_add_terminal(registry, &actor, &terminal), EXISTS);
    said("serial number");
    memcpy(terminal.serial, "TB-000018", 9);
    assert_err(registry_add_terminal(registry, &actor, &terminal), EXISTS);
    said("certificate");
    terminal.fingerprint[0] = '1';
    assert_ok(registry_add_terminal(registry, &actor, &terminal));
    assert_err(registry_set_terminal_keys(registry, &actor, BYTES("10000018"),
                                          bytes_text(counter().fingerprint), BYTES(OTHER16),
                                          BYTES("")),
               EXISTS);
    said("certificate");
    struct registry_outlet outlet = {"898310153110001", 1, "again"};
    assert_err(registry_add_outlet(registry, &actor, &outlet), EXISTS);
    said("outlet number");
    assert_int_equal(audit_records(), 3); /* refusals leave nothing half done */
}

/* The keys that passwords hang on: a terminal's may be renewed, the host's own stands. */
static void recovery_and_host_keys(void **state)
{
    (void)state;
    struct registry_terminal terminal = counter(), found;
    char block[REGISTRY_KEY_BLOCK_MAX + 1];
    with_shop();
    memcpy(terminal.recovery_block, "D0016X", 7);
    assert_err(registry_add_terminal(registry, &actor, &terminal), FORMAT);
    said("key block");
    memcpy(terminal.recovery_block, OTHER16, sizeof OTHER16);
    assert_ok(registry_add_terminal(registry, &actor, &terminal));
    assert_ok(registry_find_terminal(registry, bytes_text(terminal.tid), &found));
    assert_string_equal(found.recovery_block, OTHER16);
    assert_ok(registry_set_terminal_keys(registry, &actor, bytes_text(terminal.tid), BYTES(""),
                                         BYTES(OTHER16), BYTES("")));
    assert_ok(registry_find_terminal(registry, bytes_text(terminal.tid), &found));
    assert_string_equal(found.recovery_block, "");

    assert_err(registry_find_host_key(registry, REGISTRY_PEPPER_KEY, block), NOT_FOUND);
    assert_err(registry_add_host_key(registry, &actor, REGISTRY_PEPPER_KEY, BYTES("no block")),
               FORMAT);
    assert_ok(registry_add_host_key(registry, &actor, REGISTRY_PEPPER_KEY, BYTES(OTHER16)));
    assert_err(registry_add_host_key(registry, &actor, REGISTRY_PEPPER_KEY, BYTES(OTHER16)),
               EXISTS);
    said("key of the host");
    assert_ok(registry_find_host_key(registry, REGISTRY_PEPPER_KEY, block));
    assert_string_equal(block, OTHER16);
}

static void terminals_without_a_certificate_may_be_many(void **state)
{
    (void)state;
    struct registry_terminal terminal = counter();
    with_shop();
    terminal.fingerprint[0] = '\0';
    assert_ok(registry_add_terminal(registry, &actor, &terminal));
    memcpy(terminal.tid, "10000018", 8);
    memcpy(terminal.serial, "TB-000018", 9);
    assert_ok(registry_add_terminal(registry, &actor, &terminal));
}

static void nobody_is_referred_to(void **state)
{
    (void)state;
    struct registry_terminal terminal = counter();
    struct registry_outlet outlet = {"898310153110001", 2, "second"};
    assert_err(registry_add_terminal(registry, &actor, &terminal), NOT_FOUND);
    said("merchant or its outlet");
    assert_err(registry_add_outlet(registry, &actor, &outlet), NOT_FOUND);
    with_shop();
    terminal.outlet = 2;
    assert_err(registry_add_terminal(registry, &actor, &terminal), NOT_FOUND);
    assert_ok(registry_add_outlet(registry, &actor, &outlet));
    assert_ok(registry_add_terminal(registry, &actor, &terminal));
    assert_err(registry_set_terminal_status(registry, &actor, BYTES("nobody"), REGISTRY_CLOSED),
               NOT_FOUND);
}

/* One wrong value each; `says` is what the operator reads. */
static void bad_merchant(struct registry_merchant merchant, const char *says)
{
    assert_err(registry_add_merchant(registry, &actor, &merchant), FORMAT);
    said(says);
}

static void a_merchants_form(void **state)
{
    (void)state;
    struct registry_merchant m = shop();
#define BAD_MERCHANT(assignment, says) m = shop(), assignment, bad_merchant(m, says)
    BAD_MERCHANT(m.mid[14] = '\0', "15 digits");
    BAD_MERCHANT(m.mid[3] = 'A', "15 digits");
    BAD_MERCHANT(m.name_zh[0] = '\0', "UTF-8");
    BAD_MERCHANT(m.name_zh[1] = '\n', "UTF-8");
    BAD_MERCHANT(m.name_zh[11] = '\0', "UTF-8");                 /* inside a character */
    BAD_MERCHANT(memcpy(m.name_zh, "\xC0\xAF", 3), "UTF-8");     /* overlong */
    BAD_MERCHANT(memcpy(m.name_zh, "\xED\xA0\x80", 4), "UTF-8"); /* a surrogate */
    BAD_MERCHANT(m.name_en[0] = '\x80', "ASCII");
    BAD_MERCHANT(m.fee_plan = 0, "fee plan");
    BAD_MERCHANT(m.status = 4, "status");
    assert_int_equal(audit_records(), 0);
    m = shop();
    memset(m.name_zh, 'x', REGISTRY_NAME_MAX); /* exactly as long as allowed */
    assert_ok(registry_add_merchant(registry, &actor, &m));
}

static void bad_terminal(struct registry_terminal terminal, const char *says)
{
    assert_err(registry_add_terminal(registry, &actor, &terminal), FORMAT);
    said(says);
}

static void a_terminals_form(void **state)
{
    (void)state;
    struct registry_terminal t = counter();
    with_shop();
#define BAD_TERMINAL(assignment, says) t = counter(), assignment, bad_terminal(t, says)
    BAD_TERMINAL(t.tid[7] = '\0', "8 digits");
    BAD_TERMINAL(t.tid[0] = 'a', "8 digits");
    BAD_TERMINAL(t.serial[0] = '/', "serial number");
    BAD_TERMINAL(t.serial[0] = '\0', "serial number");
    BAD_TERMINAL(t.model[0] = ' ', "model");
    BAD_TERMINAL(t.suite = 3, "suite");
    BAD_TERMINAL(t.suite = REGISTRY_DUKPT_AES, "key serial number");
    BAD_TERMINAL(t.ksn_len = 12, "key serial number");
    BAD_TERMINAL(t.status = 0, "status");
    BAD_TERMINAL(t.first_batch = 1000000, "first batch");
    BAD_TERMINAL(t.fingerprint[63] = '\0', "fingerprint");
    BAD_TERMINAL(t.fingerprint[0] = 'A', "fingerprint");
    BAD_TERMINAL(t.master_block[15] = '\0', "TR-31");
    BAD_TERMINAL(t.master_block[4] = '7', "TR-31");
    BAD_TERMINAL(t.master_block[10] = 'a', "TR-31");
}

static void closed_is_for_good(void **state)
{
    (void)state;
    struct registry_terminal terminal = counter();
    struct registry_merchant merchant;
    with_shop();
    assert_ok(registry_add_terminal(registry, &actor, &terminal));
    assert_ok(
        registry_set_terminal_status(registry, &actor, BYTES("10000017"), REGISTRY_SUSPENDED));
    assert_ok(registry_set_terminal_status(registry, &actor, BYTES("10000017"), REGISTRY_ACTIVE));
    assert_ok(registry_set_terminal_status(registry, &actor, BYTES("10000017"), REGISTRY_CLOSED));
    assert_err(registry_set_terminal_status(registry, &actor, BYTES("10000017"), REGISTRY_ACTIVE),
               STATE);
    said("closed for good");
    assert_ok(registry_find_terminal(registry, BYTES("10000017"), &terminal));
    assert_int_equal(terminal.status, REGISTRY_CLOSED);
    assert_ok(registry_set_merchant_status(registry, &actor, BYTES("898310153110001"),
                                           REGISTRY_SUSPENDED));
    assert_ok(registry_find_merchant(registry, BYTES("898310153110001"), &merchant));
    assert_int_equal(merchant.status, REGISTRY_SUSPENDED);
    assert_int_equal(audit_records(), 2 + 4);
}

static void zone_keys_are_replaced_together(void **state)
{
    (void)state;
    struct registry_zone_keys keys = {REGISTRY_WALLET, BLOCK16, BLOCK16, BLOCK16, BLOCK16}, found;
    assert_err(registry_find_zone_keys(registry, REGISTRY_WALLET, &found), NOT_FOUND);
    assert_ok(registry_set_zone_keys(registry, &actor, &keys));
    memcpy(keys.mac_block, OTHER16, sizeof OTHER16);
    assert_ok(registry_set_zone_keys(registry, &actor, &keys));
    assert_ok(registry_find_zone_keys(registry, REGISTRY_WALLET, &found));
    assert_string_equal(found.mac_block, OTHER16);
    assert_string_equal(found.token_block, BLOCK16);
    keys.zone = 3;
    assert_err(registry_set_zone_keys(registry, &actor, &keys), FORMAT);
    keys.zone = REGISTRY_CARD_NETWORK;
    keys.token_block[0] = '\0';
    assert_err(registry_set_zone_keys(registry, &actor, &keys), FORMAT);
    assert_err(registry_find_zone_keys(registry, REGISTRY_CARD_NETWORK, &found), NOT_FOUND);
}

static err count_terminal(void *context, const struct registry_terminal *terminal)
{
    int *count = context;
    assert_string_equal(terminal->tid, *count == 0 ? "10000017" : "10000018");
    (*count)++;
    return OK;
}

static void a_reader_learns_of_changes(void **state)
{
    (void)state;
    struct registry *reader = NULL;
    struct registry_terminal terminal = counter();
    bool changed = false;
    int count = 0;
    assert_ok(registry_open(scratch_path(&scratch, "registry.db"), STORE_READ_ONLY, NULL, &reader));
    assert_ok(registry_changed(reader, &changed));
    assert_true(changed);
    assert_ok(registry_changed(reader, &changed));
    assert_false(changed);
    with_shop();
    assert_ok(registry_changed(reader, &changed));
    assert_true(changed);
    assert_ok(registry_changed(registry, &changed));
    assert_true(changed);
    assert_ok(registry_add_terminal(registry, &actor, &terminal));
    assert_ok(registry_changed(registry, &changed)); /* by this very handle */
    assert_true(changed);
    memcpy(terminal.tid, "10000018", 8);
    memcpy(terminal.serial, "TB-000018", 9);
    terminal.fingerprint[0] = '1';
    assert_ok(registry_add_terminal(registry, &actor, &terminal));
    assert_ok(registry_terminals(reader, count_terminal, &count));
    assert_int_equal(count, 2);
    assert_err(registry_add_merchant(reader, &actor,
                                     &(struct registry_merchant){.mid = "898310153110002",
                                                                 .name_zh = "x",
                                                                 .name_en = "x",
                                                                 .fee_plan = 1,
                                                                 .status = 1}),
               READ_ONLY);
    registry_close(reader);
}

static void a_missing_registry_says_so(void **state)
{
    (void)state;
    struct store_fault fault = {""};
    struct registry *none = NULL;
    assert_err(registry_open(scratch_path(&scratch, "absent.db"), STORE_READ_ONLY, &fault, &none),
               NOT_FOUND);
    assert_non_null(strstr(fault.text, "absent.db"));
    assert_null(none);
}

/* S120: which device, above the counter; a number is never given again, whatever becomes of it. */
static void serial_numbers_are_given_once(void **state)
{
    (void)state;
    uint8_t aes[REGISTRY_KSN_MAX], tdes[REGISTRY_KSN_MAX], next[REGISTRY_KSN_MAX];
    static const uint8_t id[8] = {0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8};
    static const uint8_t first[] = {0xa1, 0xa2, 0xa3, 0xa4, 0, 0, 0, 1, 0, 0, 0, 0};
    static const uint8_t second[] = {0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0, 0, 0x40, 0, 0, 0, 0};
    static const enum registry_suite all[] = {REGISTRY_TONGBAO, REGISTRY_CUP, REGISTRY_SM4,
                                              REGISTRY_DUKPT_AES, REGISTRY_DUKPT_TDES};
    struct registry_terminal in = counter(), out;
    with_shop();
    assert_ok(registry_new_ksn(registry, &actor, REGISTRY_DUKPT_AES, BYTES_OF(id), aes));
    assert_memory_equal(aes, first, sizeof first);
    assert_ok(registry_new_ksn(registry, &actor, REGISTRY_DUKPT_TDES, BYTES_OF(id), tdes));
    assert_memory_equal(tdes, second, sizeof second);
    assert_ok(store_exec(registry_store(registry), "DELETE FROM serial_device"));
    assert_ok(registry_new_ksn(registry, &actor, REGISTRY_DUKPT_AES, BYTES_OF(id), next));
    assert_int_equal(next[7], 3);
    assert_err(registry_new_ksn(registry, &actor, REGISTRY_SM4, BYTES_OF(id), next), RANGE);
    in.suite = REGISTRY_DUKPT_AES;
    in.ksn_len = sizeof aes;
    memcpy(in.ksn, aes, sizeof aes);
    assert_ok(registry_add_terminal(registry, &actor, &in));
    assert_ok(registry_find_terminal(registry, bytes_text(in.tid), &out));
    assert_int_equal(out.suite, REGISTRY_DUKPT_AES);
    assert_int_equal(out.ksn_len, sizeof aes);
    assert_memory_equal(out.ksn, aes, sizeof aes);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        const struct registry_suite_row *row = registry_suite(all[i]);
        assert_ptr_equal(registry_suite_named(bytes_text(row->name)), row);
    }
    assert_null(registry_suite_named(BYTES("rot13")));
}

int main(void)
{
#define WITH_REGISTRY(test) cmocka_unit_test_setup_teardown(test, make_registry, drop_registry)
    const struct CMUnitTest tests[] = {
        WITH_REGISTRY(what_is_added_is_found),
        WITH_REGISTRY(what_is_taken_is_named),
        WITH_REGISTRY(recovery_and_host_keys),
        WITH_REGISTRY(terminals_without_a_certificate_may_be_many),
        WITH_REGISTRY(nobody_is_referred_to),
        WITH_REGISTRY(a_merchants_form),
        WITH_REGISTRY(a_terminals_form),
        WITH_REGISTRY(closed_is_for_good),
        WITH_REGISTRY(zone_keys_are_replaced_together),
        WITH_REGISTRY(a_reader_learns_of_changes),
        WITH_REGISTRY(a_missing_registry_says_so),
        WITH_REGISTRY(serial_numbers_are_given_once),
    };
    return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
