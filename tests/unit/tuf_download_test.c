/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files: only what has every announced hash and the announced length is written; what is there and
 * right is not fetched again; names and hashes in URLs. The rows are those of the published
 * conformance suite, and some of ours. S119.
 */
#include "tests/unit/tuf_repository.h"

static struct repository r;
static struct repository_device d;

static int begin(void **state)
{
    (void)state;
    repository_begin(&r, &d);
    assert_verdict(device_init(&d), TUF_ACCEPTED);
    return 0;
}

static int end(void **state)
{
    (void)state;
    repository_end(&r, &d);
    return 0;
}

static void assert_file(const char *path, const char *content)
{
    const struct repository_published *p = device_file(&d, path);
    assert_non_null(p);
    assert_int_equal(p->len, strlen(content));
    assert_memory_equal(p->text, content, p->len);
}

static struct repository_file *listed(size_t i)
{
    return &repository_role(&r, "targets")->files[i];
}

/* What a mirror could put in the place of every copy of a file. */
static void replace(const char *path, const char *content)
{
    for (size_t i = 0; i < r.published_count; i++) {
        size_t len = strlen(r.published[i].name), end = strlen(path);
        if (len < end || strcmp(r.published[i].name + len - end, path) != 0) continue;
        repository_serve(&r, r.published[i].name, content, strlen(content));
    }
}

static void a_file_is_fetched_once(void **state)
{
    (void)state;
    repository_add_file(&r, "targets", "target_file.txt", "target file contents");
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_int_equal(d.file_count, 0);
    assert_verdict(device_download(&d, "target_file.txt", NULL), TUF_ACCEPTED);
    assert_file("target_file.txt", "target file contents");
    assert_verdict(device_download(&d, "target_file.txt", NULL), TUF_UNCHANGED);
    assert_string_equal(r.log, "2.root.json timestamp.json");
    /* What was spoiled here meanwhile is fetched again. */
    d.files[0].text[0] = 'T';
    assert_verdict(device_download(&d, "target_file.txt", NULL), TUF_ACCEPTED);
    assert_file("target_file.txt", "target file contents");
}

static void a_file_in_a_folder(void **state)
{
    (void)state;
    repository_add_file(&r, "targets", "path/to/a/file.txt", "in a folder");
    repository_publish_all(&r);
    assert_verdict(device_download(&d, "path/to/a/file.txt", NULL), TUF_ACCEPTED);
    assert_file("path/to/a/file.txt", "in a folder");
    assert_non_null(strstr(r.log, " path/to/a/"));
    assert_string_equal(d.files[0].name, "path%2Fto%2Fa%2Ffile.txt");
}

static void a_file_that_was_replaced_is_refused(void **state)
{
    (void)state;
    repository_add_file(&r, "targets", "another.txt", "content");
    repository_add_file(&r, "targets", "file.txt", "file contents");
    repository_publish_all(&r);
    assert_verdict(device_download(&d, "file.txt", NULL), TUF_ACCEPTED);
    replace("file.txt", "malicious data");
    replace("another.txt", "cxntent"); /* as long as the right one */
    assert_verdict(device_download(&d, "file.txt", NULL), TUF_UNCHANGED);
    assert_verdict(device_download(&d, "another.txt", NULL), TUF_HASH);
    replace("another.txt", "conten");
    assert_verdict(device_download(&d, "another.txt", NULL), TUF_HASH);
    replace("another.txt", "content that has no end");
    assert_verdict(device_download(&d, "another.txt", NULL), TUF_HASH);
    assert_int_equal(d.file_count, 1);
    assert_file("file.txt", "file contents");
}

static void a_file_that_changes(void **state)
{
    (void)state;
    static char content[11][32], new_content[11][32], path[11][32];
    repository_add_file(&r, "targets", "file", "at first");
    repository_publish_all(&r);
    assert_verdict(device_download(&d, "file", NULL), TUF_ACCEPTED);
    for (size_t i = 0; i < 11; i++) {
        snprintf(content[i], sizeof content[i], "modified %zu", i);
        snprintf(new_content[i], sizeof new_content[i], "new %zu", i);
        snprintf(path[i], sizeof path[i], "new-%zu", i % 5);
        repository_add_file(&r, "targets", "file", content[i]);
        repository_add_file(&r, "targets", path[i], new_content[i]);
        repository_publish_all(&r);
        if (i % 5 != 0) continue;
        assert_verdict(device_download(&d, "file", NULL), TUF_ACCEPTED);
        assert_file("file", content[i]);
        assert_verdict(device_download(&d, path[i], NULL), TUF_ACCEPTED);
        assert_file(path[i], new_content[i]);
        assert_int_equal(d.file_count, 2);
    }
}

static void hashes(void **state)
{
    (void)state;
    static const struct {
        bool sha256, sha512, unknown;
        enum tuf_verdict verdict;
    } rows[] = {{true, false, false, TUF_ACCEPTED}, {false, true, false, TUF_ACCEPTED},
                {true, true, false, TUF_ACCEPTED},  {true, false, true, TUF_ACCEPTED},
                {false, false, true, TUF_NO_HASH},  {false, false, false, TUF_MALFORMED}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        end(NULL);
        begin(NULL);
        repository_add_file(&r, "targets", "file", "content");
        listed(0)->no_sha256 = !rows[i].sha256;
        listed(0)->sha512 = rows[i].sha512;
        listed(0)->unknown_hash = rows[i].unknown;
        repository_publish_all(&r);
        assert_verdict(device_download(&d, "file", NULL), rows[i].verdict);
        assert_int_equal(d.file_count, rows[i].verdict == TUF_ACCEPTED ? 1 : 0);
    }
}

/* Both hashes count: one that is right does not speak for the other. */
static void every_hash_that_is_known_counts(void **state)
{
    (void)state;
    static const char wanted[] = "content";
    struct tuf_entry entry = {.length = 7, .sha256 = true, .sha512 = true};
    crypto_sha256(BYTES("content"), entry.hash256);
    assert_verdict(tuf_entry_matches(&entry, bytes_text(wanted)), TUF_HASH);
}

static void a_length_that_is_wrong(void **state)
{
    (void)state;
    repository_add_file(&r, "targets", "file", "content");
    for (int64_t length = 0; length < 12; length++) {
        listed(0)->length = length;
        repository_publish_all(&r);
        assert_verdict(device_download(&d, "file", NULL), length == 7 ? TUF_ACCEPTED : TUF_HASH);
        if (length == 7) d.file_count = 0, free(d.files[0].text);
    }
    listed(0)->length = (int64_t)TUF_FILE_BYTES + 1;
    repository_publish_all(&r);
    assert_verdict(device_download(&d, "file", NULL), TUF_TOO_LONG);
    assert_int_equal(d.file_count, 0);
}

static void an_empty_file(void **state)
{
    (void)state;
    repository_add_file(&r, "targets", "empty", "");
    repository_publish_all(&r);
    assert_verdict(device_download(&d, "empty", NULL), TUF_ACCEPTED);
    assert_file("empty", "");
}

static void what_is_said_beside(void **state)
{
    (void)state;
    struct tuf_target target;
    repository_add_file(&r, "targets", "image", "content");
    listed(0)->custom = "{\"model\":\"T1\",\"version\":12}";
    repository_publish_all(&r);
    assert_verdict(device_download(&d, "image", &target), TUF_ACCEPTED);
    assert_string_equal(target.custom, "{\"model\":\"T1\",\"version\":12}");
    assert_string_equal(target.role, "targets");
    assert_int_equal(target.role_version, 2);
}

static void without_consistent_snapshots(void **state)
{
    (void)state;
    end(NULL);
    repository_begin(&r, &d);
    r.consistent = false;
    repository_add_file(&r, "targets", "dir/a file", "content");
    repository_publish_again(&r, "root");
    repository_publish_all(&r);
    assert_verdict(device_init(&d), TUF_ACCEPTED);
    assert_verdict(device_download(&d, "dir/a file", NULL), TUF_MISSING);
    assert_non_null(strstr(r.log, " dir/a%20file"));
    repository_serve(&r, "dir/a%20file", "content", 7);
    assert_verdict(device_download(&d, "dir/a file", NULL), TUF_ACCEPTED);
}

static void names_that_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "..", "a/../b", "/a"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_verdict(device_download(&d, names[i], NULL), TUF_NAME);
    char local[TUF_LOCAL_NAME_BYTES], long_path[TUF_PATH_BYTES + 1];
    tuf_local_target_name("image.new", local); /* another file's name while it is written */
    assert_string_equal(local, "image%2Enew");
    memset(long_path, '/', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    tuf_local_target_name(long_path, local);
    assert_int_equal(strlen(local), 64);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        ROW(a_file_is_fetched_once),
        ROW(a_file_in_a_folder),
        ROW(a_file_that_was_replaced_is_refused),
        ROW(a_file_that_changes),
        ROW(hashes),
        ROW(every_hash_that_is_known_counts),
        ROW(a_length_that_is_wrong),
        ROW(an_empty_file),
        ROW(what_is_said_beside),
        ROW(without_consistent_snapshots),
        ROW(names_that_are_refused),
    };
    return cmocka_run_group_tests(tests, repository_open, repository_close);
}
