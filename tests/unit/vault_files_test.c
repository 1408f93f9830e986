/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program adds to the vault: its files (S62), provisioning from JSON with the initial
 * passwords told once (S30, S33), and the tray as a card reader.
 */
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "tests/unit/vault_rig.h"
#include "vault/device_file.h"
#include "vault/virtual_reader.h"

static int set_up(void **state)
{
    struct scratch *scratch = calloc(1, sizeof *scratch);
    scratch_make(scratch);
    *state = scratch;
    return 0;
}

static int tear_down(void **state)
{
    scratch_remove(*state);
    free(*state);
    return 0;
}

static void test_device_key(void **state)
{
    struct scratch *scratch = *state;
    struct random random = random_system();
    struct vault_fault fault = {{0}};
    uint8_t key[VAULT_DEVICE_KEY_BYTES] = {0}, again[VAULT_DEVICE_KEY_BYTES] = {0};
    assert_err(device_key_read(scratch->directory, key, &fault), NOT_FOUND);
    assert_non_null(strstr(fault.text, "--initialise"));
    assert_ok(device_key_make(scratch->directory, &random, key, &fault));
    assert_ok(device_key_make(scratch->directory, &random, again, &fault)); /* the same: it stays */
    assert_memory_equal(key, again, sizeof key);
    assert_ok(device_key_read(scratch->directory, again, &fault));
    assert_memory_equal(key, again, sizeof key);
    const char *path = scratch_path(scratch, "device.key");
    assert_int_equal(chmod(path, 0640), 0);
    assert_err(device_key_read(scratch->directory, again, &fault), DENIED);
    assert_non_null(strstr(fault.text, "chmod 600"));
    assert_ok(file_write(path, FILE_PRIVATE, BYTES("short")));
    assert_err(device_key_read(scratch->directory, again, &fault), FORMAT);
}

/* The JSON that `admin provision` would write; `change` replaces the member `name`. */
static void write_provision(const struct vault_provision *p, const char *path, const char *name,
                            const char *change)
{
    const struct {
        const char *name;
        struct bytes value;
        bool hex;
    } members[] = {{"tid", p->tid, false},
                   {"mid", p->mid, false},
                   {"merchant_zh", p->merchant_zh, false},
                   {"merchant_en", p->merchant_en, false},
                   {"certificate", p->certificate, false},
                   {"authority", p->authority, false},
                   {"hsm_public", p->hsm_public, true},
                   {"master_key", p->master_key, true},
                   {"kcv", p->kcv, true},
                   {"recovery_key", p->recovery_key, true},
                   {"recovery_kcv", p->recovery_kcv, true},
                   {"policy_signer", p->policy_signer, true},
                   {"policy", p->policy, false}};
    char text[16384];
    struct writer w = writer_over(text, sizeof text);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        if (name != NULL && strcmp(name, members[i].name) == 0) {
            if (change != NULL) json_member_string(&j, name, change);
        } else if (members[i].hex) {
            json_member_hex(&j, members[i].name, members[i].value);
        } else {
            json_member_text(&j, members[i].name, members[i].value);
        }
    }
    json_object_end(&j);
    assert_ok(file_write(path, FILE_PRIVATE, writer_view(&w)));
}

static void check_told(struct rig *rig, int fd)
{
    static const char *const ids[] = {"00", "01", "99"};
    char told[512];
    ssize_t len = read(fd, told, sizeof told);
    assert_true(len > 0 && told[len - 1] == '\n');
    struct json_document document = {0};
    struct json_t *list = NULL;
    size_t count = 0;
    assert_ok(json_parse(bytes_of(told, (size_t)len), sizeof told, &document));
    assert_ok(json_list(document.root, "passwords", 8, &list, &count));
    assert_int_equal(count, ARRAY_LEN(ids));
    rig_panel(rig);
    for (size_t i = 0; i < count; i++) {
        char id[3], password[ONE_TIME_DIGITS + 1];
        assert_ok(json_text_copy(json_at(list, i), "operator", id, sizeof id));
        assert_ok(json_text_copy(json_at(list, i), "password", password, sizeof password));
        assert_string_equal(id, ids[i]);
        assert_int_equal(rig_login(rig, (uint8_t)strtol(id, NULL, 10), password).verdict,
                         VAULT_LOGIN_MUST_CHANGE);
        assert_true(rig_never_shown(rig, password)); /* S32: only a hash is left */
    }
    json_free(&document);
}

static void test_provisioning_by_files(void **state)
{
    struct scratch *scratch = *state;
    struct rig *rig = rig_new(31);
    struct vault_fault fault = {{0}};
    uint8_t csr[IDENTITY_PEM_MAX], hex[64], device[TRANSPORT_KEY_BYTES];
    size_t csr_len = 0, len = 0;
    int ends[2];
    assert_err(device_initialise(rig->vault, scratch->directory, BYTES("no spaces"), BYTES("TB-1"),
                                 &fault),
               FORMAT);
    assert_ok(device_initialise(rig->vault, scratch->directory, BYTES(RIG_SERIAL), BYTES("TB-1"),
                                &fault));
    assert_err(
        device_initialise(rig->vault, scratch->directory, BYTES(RIG_SERIAL), BYTES("TB-1"), &fault),
        EXISTS);
    assert_string_equal(vault_serial(rig->vault), RIG_SERIAL);
    assert_ok(
        file_read(scratch_path(scratch, "device.csr"), FILE_PUBLIC, csr, sizeof csr, &csr_len));
    assert_ok(
        file_read(scratch_path(scratch, "device.public"), FILE_PUBLIC, hex, sizeof hex, &len));
    assert_ok(hex_decode(bytes_of(hex, len), device, sizeof device, &len));
    assert_int_equal(len, TRANSPORT_KEY_BYTES);
    key_generate(&rig->crypto, KEY_AES128, KEY_USAGE_TERMINAL_MASTER, &rig->master);
    key_generate(&rig->crypto, KEY_HMAC_SHA256, KEY_USAGE_RECOVERY, &rig->recovery);
    struct vault_provision p = rig_make_provision(rig, bytes_of(csr, csr_len), device);

    const char *path = scratch_path(scratch, "provision.json");
    assert_int_equal(pipe(ends), 0);
    assert_err(device_provision(rig->vault, path, ends[1], &fault), NOT_FOUND);
    static const struct {
        const char *name, *change;
    } wrong[] = {{"tid", "1"},
                 {"tid", NULL},
                 {"kcv", "00"},
                 {"kcv", "xx000000"},
                 {"master_key", "00"},
                 {"hsm_public", "0011"},
                 {"mid", ""},
                 {"certificate", "none"},
                 {"authority", NULL},
                 {"recovery_key", NULL},
                 {"recovery_key", "00"},
                 {"recovery_kcv", "00000000"},
                 {"policy_signer", "00"},
                 {"policy", NULL},
                 {"policy", "tongbao-policy 1"}};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        write_provision(&p, path, wrong[i].name, wrong[i].change);
        fault.text[0] = '\0';
        assert_true(FAILED(device_provision(rig->vault, path, ends[1], &fault)));
        assert_true(fault.text[0] != '\0');
        assert_false(vault_is_provisioned(rig->vault));
    }
    assert_ok(file_write(path, FILE_PRIVATE, BYTES("{\"tid\":\"10000017\"} and more")));
    assert_err(device_provision(rig->vault, path, ends[1], &fault), FORMAT);
    write_provision(&p, path, NULL, NULL);
    assert_ok(device_provision(rig->vault, path, ends[1], &fault));
    assert_true(vault_is_provisioned(rig->vault));
    check_told(rig, ends[0]);
    assert_err(device_provision(rig->vault, path, ends[1], &fault), EXISTS);
    close(ends[0]);
    close(ends[1]);
    rig_free(rig);
}

static void test_tray_answers(void **state)
{
    (void)state;
    struct vault_swipe swipe = {0};
    assert_ok(virtual_reader_parse(BYTES("{}"), &swipe));
    assert_false(swipe.present);
    assert_ok(virtual_reader_parse(BYTES("{\"track2\":\";1=2?\",\"track1\":\"%B?\"}"), &swipe));
    assert_true(swipe.present);
    assert_string_equal(swipe.track2, ";1=2?");
    assert_string_equal(swipe.track1, "%B?");
    static const char *const wrong[] = {"",
                                        "[]x",
                                        "{\"track2\":17}",
                                        "{\"error\":\"no such reader\"}",
                                        "{\"track2\":\"a\",\"track2\":\"b\"}",
                                        "{\"track2\":\"a\\u0000b\"}"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_true(FAILED(virtual_reader_parse(bytes_text(wrong[i]), &swipe)));
    char long_track[256];
    snprintf(long_track, sizeof long_track, "{\"track2\":\"%0120d\"}", 0);
    assert_err(virtual_reader_parse(bytes_text(long_track), &swipe), LENGTH);

    /* Nobody there: an err at each poll, never a wait. */
    struct virtual_reader reader;
    assert_ok(virtual_reader_open(&reader, "/nonexistent/tray.sock"));
    assert_ok(virtual_reader_name(&reader, RIG_SERIAL));
    struct vault_reader driver = virtual_reader_driver(&reader);
    assert_err(driver.poll(driver.context, &swipe), REFUSED);
    virtual_reader_close(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_device_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_provisioning_by_files, set_up, tear_down),
        cmocka_unit_test(test_tray_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
