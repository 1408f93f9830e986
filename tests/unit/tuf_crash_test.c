/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power goes at each write of an update in turn, before it or after it. What is there then is a
 * state that the next update goes on from, to the same end; no version ever goes back. S119.
 */
#include "tests/unit/tuf_repository.h"

#include "lib/base/file.h"

static struct repository r;
static struct repository_device d;

static const char *const names[] = {"root", "timestamp", "snapshot", "targets", "A"};

/* A device that has version 1 of all, and a repository with newer ones of all. */
static void begin(void)
{
    repository_begin(&r, &d);
    repository_delegate(&r, "targets", "A", 8, "*", false);
    repository_publish(&r, "A");
    repository_publish_again(&r, "targets");
    repository_publish_again(&r, "snapshot");
    repository_publish_again(&r, "timestamp");
    assert_verdict(device_init(&d), TUF_ACCEPTED);
    assert_verdict(device_download(&d, "image", NULL), TUF_NO_TARGET);
    repository_add_file(&r, "A", "image", "the new image");
    repository_publish(&r, "root");
    repository_set_keys(repository_role(&r, "timestamp"), (size_t[]){9}, 1);
    repository_set_signers(repository_role(&r, "timestamp"), (size_t[]){9}, 1);
    repository_publish(&r, "root");
    repository_publish(&r, "A");
    repository_publish_all(&r);
    d.writes = 0;
}

static void power_cuts(void **state)
{
    (void)state;
    begin();
    assert_verdict(device_download(&d, "image", NULL), TUF_ACCEPTED);
    int writes = d.writes;
    assert_int_equal(writes, 7); /* two roots, timestamp, snapshot, two lists, the image */
    repository_end(&r, &d);
    for (int i = 0; i < 2 * writes; i++) {
        int64_t before[ARRAY_LEN(names)];
        begin();
        d.cut_at = i / 2;
        d.cut_after = i % 2 == 1;
        assert_verdict(device_download(&d, "image", NULL), TUF_STORE);
        for (size_t n = 0; n < ARRAY_LEN(names); n++) before[n] = device_version(&d, names[n]);
        d.cut_at = -1;
        d.dead = false;
        enum tuf_verdict again = device_download(&d, "image", NULL);
        assert_true(again == TUF_ACCEPTED || (again == TUF_UNCHANGED && i == 2 * writes - 1));
        for (size_t n = 0; n < ARRAY_LEN(names); n++) {
            assert_true(before[n] >= 1 && before[n] <= device_version(&d, names[n]));
            assert_int_equal(device_version(&d, names[n]), n == 0 ? 3 : 2);
        }
        assert_memory_equal(device_file(&d, "image")->text, "the new image", 13);
        repository_end(&r, &d);
    }
}

/* Between two steps the repository may go on, or try to go back. */
static void power_cuts_and_an_older_repository(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        struct repository_published old;
        begin();
        const struct repository_published *p = device_kept(&d, "timestamp.json");
        old = *p;
        old.text = malloc(p->len);
        memcpy(old.text, p->text, p->len);
        d.cut_at = i / 2;
        d.cut_after = i % 2 == 1;
        assert_verdict(device_download(&d, "image", NULL), TUF_STORE);
        d.cut_at = -1;
        d.dead = false;
        bool seen = device_version(&d, "timestamp") == 2;
        repository_serve(&r, "timestamp.json", old.text, old.len);
        free(old.text);
        /* Its key was taken back: to whom the new root came it is nobody's. */
        assert_verdict(device_refresh(&d), TUF_UNSIGNED);
        assert_int_equal(device_version(&d, "timestamp"), seen ? 2 : 1);
        repository_end(&r, &d);
    }
}

/* Whatever is in a kept file, an update ends: with what is right, or with a reason. */
static void spoiled_files(void **state)
{
    (void)state;
    static const char *const files[] = {"timestamp.json", "snapshot.json", "targets.json",
                                        "A.json"};
    for (size_t f = 0; f < ARRAY_LEN(files); f++)
        for (int how = 0; how < 3; how++) {
            begin();
            assert_verdict(device_download(&d, "image", NULL), TUF_ACCEPTED);
            struct repository_published *p = device_kept(&d, files[f]);
            if (how == 0) p->len = 0;
            if (how == 1) p->len /= 2;
            if (how == 2) p->text[p->len / 2] ^= 1;
            assert_verdict(device_download(&d, "image", NULL), TUF_UNCHANGED);
            assert_int_equal(device_version(&d, "timestamp"), 2);
            repository_end(&r, &d);
        }
}

/* The real files: a new one is not whole yet when the power goes, and is in nobody's way. */
static void files_of_a_directory(void **state)
{
    (void)state;
    struct scratch scratch;
    uint8_t block[64];
    size_t len = 0;
    scratch_make(&scratch);
    struct tuf_local local = tuf_local_directory(scratch.directory);
    assert_err(local.read(local.context, "root.json", block, sizeof block, &len), NOT_FOUND);
    assert_ok(local.write(local.context, "root.json", BYTES("one")));
    assert_ok(file_write(scratch_path(&scratch, "root.json.new"), FILE_PUBLIC, BYTES("tw")));
    assert_ok(local.read(local.context, "root.json", block, sizeof block, &len));
    assert_memory_equal(block, "one", len);
    assert_ok(local.write(local.context, "root.json", BYTES("three")));
    assert_ok(local.read(local.context, "root.json", block, sizeof block, &len));
    assert_int_equal(len, 5);
    assert_err(local.read(local.context, "root.json", block, 4, &len), LENGTH);
    assert_err(file_read(scratch_path(&scratch, "root.json.new"), FILE_PUBLIC, block, 64, &len),
               NOT_FOUND);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_cuts),
        cmocka_unit_test(power_cuts_and_an_older_repository),
        cmocka_unit_test(spoiled_files),
        cmocka_unit_test(files_of_a_directory),
    };
    return cmocka_run_group_tests(tests, repository_open, repository_close);
}
