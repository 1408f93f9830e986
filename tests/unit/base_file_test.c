/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: what is written is read, others' eyes are noticed, failures change nothing. */
#include "lib/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/tongbao-file-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(directory) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    char path[FILE_PATH_MAX];
    static const char *const names[] = {"key", "link"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!FAILED(file_path(directory, names[i], path, sizeof path))) (void)unlink(path);
    return rmdir(directory);
}

static void test_write_and_read(void **state)
{
    (void)state;
    char path[FILE_PATH_MAX], link_path[FILE_PATH_MAX], block[8];
    size_t len = 99;
    struct stat about;
    assert_int_equal(file_path(directory, "key", path, sizeof path).code, ERR_OK);
    assert_int_equal(file_path(directory, "link", link_path, sizeof link_path).code, ERR_OK);
    assert_int_equal(file_read(path, FILE_PRIVATE, block, 8, &len).code, ERR_NOT_FOUND);
    assert_int_equal(file_write(path, FILE_PUBLIC, BYTES("old")).code, ERR_OK);
    assert_int_equal(file_write(path, FILE_PRIVATE, BYTES("12345678")).code, ERR_OK);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(file_read(path, FILE_PRIVATE, block, 7, &len).code, ERR_LENGTH);
    assert_int_equal(len, 99);
    assert_int_equal(file_read(path, FILE_PRIVATE, block, 8, &len).code, ERR_OK);
    assert_int_equal(len, 8);
    assert_memory_equal(block, "12345678", 8);

    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(file_read(path, FILE_PRIVATE, block, 8, &len).code, ERR_DENIED);
    assert_int_equal(file_read(path, FILE_PUBLIC, block, 8, &len).code, ERR_OK);
    assert_int_equal(symlink(path, link_path), 0);
    assert_int_equal(file_read(link_path, FILE_PUBLIC, block, 8, &len).code, ERR_CONFIG);
    assert_int_equal(file_read(directory, FILE_PUBLIC, block, 8, &len).code, ERR_CONFIG);

    assert_int_equal(file_remove(link_path).code, ERR_OK); /* the link, not what it leads to */
    assert_int_equal(file_read(path, FILE_PUBLIC, block, 8, &len).code, ERR_OK);
    assert_int_equal(file_remove(path).code, ERR_OK);
    assert_int_equal(file_remove(path).code, ERR_NOT_FOUND);
    assert_true(FAILED(file_remove(directory)));
}

static void test_what_cannot_be_written(void **state)
{
    (void)state;
    char path[FILE_PATH_MAX], tiny[8];
    assert_int_equal(file_path(directory, "no/such", path, sizeof path).code, ERR_OK);
    assert_int_equal(file_write(path, FILE_PRIVATE, BYTES("x")).code, ERR_NOT_FOUND);
    assert_int_equal(file_path(directory, "key", tiny, sizeof tiny).code, ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_and_read),
        cmocka_unit_test(test_what_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
