/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect backup` over a bundle that a vault has made (S164): its head in words without a
 * key, nothing of what is in it, what is cut off or altered refused, and with the acquirer's
 * certificate whether it is genuine.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "cli/commands.h"
#include "lib/base/file.h"
#include "tests/unit/scratch.h"
#include "tests/unit/vault_backup_rig.h"

static char out[1 << 16];

/* Standard output and standard error together. */
static int inspect(const char *path, const char *authority)
{
    char *argv[] = {
        "inspect", "backup", (char *)(uintptr_t)path, "--authority", (char *)(uintptr_t)authority,
        NULL};
    fflush(NULL);
    int saved_out = dup(1), saved_err = dup(2), fd = memfd_create("out", 0);
    dup2(fd, 1);
    dup2(fd, 2);
    int status = inspect_main(authority == NULL ? 3 : 5, argv);
    fflush(NULL);
    dup2(saved_out, 1);
    dup2(saved_err, 2);
    close(saved_out);
    close(saved_err);
    ssize_t len = pread(fd, out, sizeof out - 1, 0);
    out[len > 0 ? len : 0] = '\0';
    close(fd);
    return status;
}

static bool said(const char *text)
{
    if (strstr(out, text) != NULL) return true;
    print_message("missing: %s\nin: %s\n", text, out);
    return false;
}

static void write_file(const char *path, const void *at, size_t len)
{
    assert_ok(file_write(path, FILE_PUBLIC, bytes_of(at, len)));
}

static void the_head_in_words(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(401), *stranger = rig_shop(402);
    static struct bundle b;
    struct scratch scratch;
    char path[128], ca[128], other[128];
    bundle_make(rig, &b);
    scratch_make(&scratch);
    snprintf(path, sizeof path, "%s", scratch_path(&scratch, "bundle"));
    snprintf(ca, sizeof ca, "%s", scratch_path(&scratch, "ca"));
    snprintf(other, sizeof other, "%s", scratch_path(&scratch, "other"));
    write_file(path, b.at, b.len);
    write_file(ca, rig->authority, strlen(rig->authority));
    write_file(other, stranger->authority, strlen(stranger->authority));
    assert_int_equal(inspect(path, NULL), 0);
    assert_true(said("\"number\":1,\"made\":\"2026-08-29T"));
    assert_true(said("\"serial\":\"" RIG_SERIAL "\"") && said("\"terminal\":\"" RIG_TID "\""));
    assert_true(said("\"contents\":{\"operators\":7,\"settings\":1,\"payments\":2}"));
    assert_true(said("\"opened_by\":[\"device\",\"acquirer\"]"));
    assert_true(said("\"verified\":\"no: give the acquirer"));
    assert_null(strstr(out, "128.00"));
    assert_int_equal(inspect(path, ca), 0);
    assert_true(said("\"verified\":\"yes\""));
    assert_int_equal(inspect(path, other), 1);
    assert_true(said("NOT genuine"));

    b.at[b.start[2] + 20] ^= 1;
    write_file(path, b.at, b.len);
    assert_int_equal(inspect(path, NULL), 0); /* needs a key or the signature to be noticed */
    assert_int_equal(inspect(path, ca), 1);
    write_file(path, b.at, b.start[b.parts - 1]);
    assert_int_equal(inspect(path, NULL), 1);
    assert_true(said("copy it again"));
    b.at[9] = 9;
    write_file(path, b.at, b.len);
    assert_int_equal(inspect(path, NULL), 1);
    assert_true(said("newer version"));
    scratch_remove(&scratch);
    rig_free(stranger);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_head_in_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
