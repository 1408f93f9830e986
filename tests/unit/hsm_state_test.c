/* SPDX-License-Identifier: Apache-2.0 */
/* The master key on disk: made once, found again, refused with a reason and a remedy. S62,
 * S190. */
#include "hsm/state.h"

#include <sys/stat.h>

#include "lib/base/file.h"
#include "tests/unit/scratch.h"

struct fixture {
    struct crypto crypto;
    struct scratch scratch;
    struct process_fault fault;
    char passphrase[160];
};

static int make(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_ok(crypto_open(random_system(), &f->crypto));
    scratch_make(&f->scratch);
    snprintf(f->passphrase, sizeof f->passphrase, "%s/passphrase", f->scratch.directory);
    assert_ok(file_write(f->passphrase, FILE_PRIVATE, BYTES("correct horse battery\n")));
    *state = f;
    return 0;
}

static int unmake(void **state)
{
    struct fixture *f = *state;
    scratch_remove(&f->scratch);
    crypto_close(&f->crypto);
    free(f);
    return 0;
}

static err load(struct fixture *f, const char *passphrase, bool development, bool initialise,
                struct hsm_master *ret_master)
{
    const struct hsm_state_options options = {f->scratch.directory, passphrase, development,
                                              initialise, NULL};
    bool made;
    return hsm_state_load(&options, &f->crypto, ret_master, &made, &f->fault);
}

static void assert_remedy(const struct fixture *f, const char *words)
{
    if (strstr(f->fault.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", f->fault.text, words);
}

static void made_when_asked_and_found_again(void **state)
{
    struct fixture *f = *state;
    struct hsm_master master = {0}, again = {0};
    assert_err(load(f, f->passphrase, false, false, &master), NOT_FOUND);
    assert_remedy(f, "--initialise");
    assert_ok(load(f, f->passphrase, false, true, &master));
    assert_ok(load(f, f->passphrase, false, false, &again));
    assert_memory_equal(&master, &again, sizeof master);
    assert_false(again.development);
    assert_err(load(f, f->passphrase, false, true, &again), EXISTS);
    assert_remedy(f, "leave --initialise out");
    struct stat s;
    assert_int_equal(stat(scratch_path(&f->scratch, "master.sealed"), &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
}

/* A key that custodians made is the one that is sealed; where there is one, they are not asked. */
static void the_key_of_a_ceremony(void **state)
{
    struct fixture *f = *state;
    struct hsm_master master = {0}, again = {0};
    struct key key = {0};
    bool made;
    key_generate(&f->crypto, KEY_AES256, KEY_USAGE_MASTER, &key);
    const struct hsm_state_options options = {f->scratch.directory, f->passphrase, false, true,
                                              &key};
    assert_ok(hsm_state_absent(&options, &f->fault));
    assert_ok(hsm_state_load(&options, &f->crypto, &master, &made, &f->fault));
    assert_true(made);
    assert_ok(load(f, f->passphrase, false, false, &again));
    assert_memory_equal(&again.key, &key, sizeof key);
    assert_memory_equal(&again, &master, sizeof again);
    assert_err(hsm_state_absent(&options, &f->fault), EXISTS);
    assert_remedy(f, "useless");
}

static void development_needs_no_asking(void **state)
{
    struct fixture *f = *state;
    struct hsm_master master = {0}, again = {0};
    assert_err(load(f, NULL, false, true, &master), CONFIG);
    assert_remedy(f, "--passphrase-file");
    assert_ok(load(f, NULL, true, false, &master));
    assert_true(master.development);
    assert_ok(load(f, NULL, true, false, &again));
    assert_memory_equal(&master, &again, sizeof master);
    assert_err(load(f, f->passphrase, true, false, &again), KEY);
    assert_remedy(f, "leave --passphrase-file out");
    unlink(scratch_path(&f->scratch, "master.key"));
    assert_err(load(f, NULL, true, false, &again), NOT_FOUND);
    assert_remedy(f, "restore it");
}

static void wrong_or_open_passphrase_files(void **state)
{
    struct fixture *f = *state;
    struct hsm_master master = {0};
    assert_ok(load(f, f->passphrase, false, true, &master));
    assert_int_equal(chmod(f->passphrase, 0644), 0);
    assert_err(load(f, f->passphrase, false, false, &master), DENIED);
    assert_remedy(f, "chmod 600");
    assert_ok(file_write(f->passphrase, FILE_PRIVATE, BYTES("correct horse batterz\n")));
    assert_err(load(f, f->passphrase, false, false, &master), MAC);
    assert_remedy(f, "passphrase");
    assert_ok(file_write(f->passphrase, FILE_PRIVATE, BYTES("short\n")));
    assert_err(load(f, f->passphrase, false, false, &master), CONFIG);
    assert_remedy(f, "longer");
}

static void altered_files(void **state)
{
    struct fixture *f = *state;
    struct hsm_master master = {0};
    uint8_t sealed[256];
    size_t len;
    assert_ok(load(f, NULL, true, false, &master));
    const char *path = scratch_path(&f->scratch, "master.sealed");
    assert_ok(file_read(path, FILE_PRIVATE, sealed, sizeof sealed, &len));
    for (size_t at = 0; at < len; at++) {
        sealed[at] ^= 0x40;
        assert_ok(file_write(path, FILE_PRIVATE, bytes_of(sealed, len)));
        assert_true(FAILED(load(f, NULL, true, false, &master)));
        sealed[at] ^= 0x40;
    }
    assert_ok(file_write(path, FILE_PRIVATE, bytes_of(sealed, len - 1)));
    assert_true(FAILED(load(f, NULL, true, false, &master)));
    assert_ok(file_write(path, FILE_PRIVATE, bytes_of(sealed, len)));
    assert_ok(load(f, NULL, true, false, &master));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(made_when_asked_and_found_again, make, unmake),
        cmocka_unit_test_setup_teardown(the_key_of_a_ceremony, make, unmake),
        cmocka_unit_test_setup_teardown(development_needs_no_asking, make, unmake),
        cmocka_unit_test_setup_teardown(wrong_or_open_passphrase_files, make, unmake),
        cmocka_unit_test_setup_teardown(altered_files, make, unmake),
    };
    return cmocka_run_group_tests_name("hsm_state", tests, NULL, NULL);
}
