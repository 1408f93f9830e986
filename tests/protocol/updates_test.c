/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao updates` with a real hsm, and what it publishes taken by tongbao-update over HTTP: keys
 * of custodians, thresholds, versions that come after one another, every role's keys changed under
 * way, and everything that is refused, with nothing published by it. S119.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "tests/protocol/updates_rig.h"

static int begin(void **state)
{
    (void)state;
    rig_begin();
    below(metadata_dir, sizeof metadata_dir, "metadata");
    below(target_dir, sizeof target_dir, "targets");
    assert_int_equal(mkdir(metadata_dir, 0700), 0);
    assert_int_equal(mkdir(target_dir, 0700), 0);
    return 0;
}

static int device(const char *command, const char *name)
{
    programs_run(&children, &said, "tongbao-update", "--plain-http-here", "--metadata-dir",
                 metadata_dir, "--metadata-url", metadata_url, "--target-base-url", target_url,
                 "--target-dir", target_dir, "--target-name", name, command,
                 strcmp(command, "init") == 0 ? root : NULL, NULL);
    return said.status;
}

static void assert_downloads(const char *name, const char *content)
{
    char path[FILE_PATH_MAX], block[256];
    size_t len = 0;
    assert_done(device("download", name));
    assert_ok(file_path(target_dir, name, path, sizeof path));
    assert_ok(file_read(path, FILE_PUBLIC, block, sizeof block, &len));
    assert_int_equal(len, strlen(content));
    assert_memory_equal(block, content, len);
}

static void keys_are_made(void **state)
{
    (void)state;
    for (size_t i = 0; i < CUSTODIANS; i++) make_key(i);
    struct stat about;
    assert_int_equal(stat(key_file[0], &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    const char *const again[] = {"updates", "--out", key_file[0], "--passphrase-fd",
                                 "@",       "key",   NULL};
    assert_string_equal(
        err_name(children_feed(&children, "tongbao", again, bytes_text(passphrases[0]))), "FORMAT");
    char path[160];
    below(path, sizeof path, "short.key");
    const char *const brief[] = {"updates", "--out", path, "--passphrase-fd", "@", "key", NULL};
    assert_string_equal(err_name(children_feed(&children, "tongbao", brief, BYTES("short\n"))),
                        "FORMAT");
    assert_int_equal(stat(path, &about), -1);
}

static void begins_when_enough_have_signed(void **state)
{
    (void)state;
    char roots[256], lists[256];
    join(roots, 0, 3);
    join(lists, 3, 2);
    assert_int_equal(UPDATES("show"), 1);
    assert_complaint("is no repository", "不是仓库");
    assert_int_equal(UPDATES("--root-publics", roots, "--root-threshold", "4", "--targets-publics",
                             lists, "--targets-threshold", "1", "init"),
                     1);
    assert_complaint("a threshold is at least 1", "门限");
    assert_int_equal(UPDATES("--root-publics", "xx", "--root-threshold", "1", "--targets-publics",
                             lists, "--targets-threshold", "1", "init"),
                     1);
    assert_complaint("64 hexadecimal digits", "十六进制");
    assert_done(UPDATES("--root-publics", roots, "--root-threshold", "2", "--targets-publics",
                        lists, "--targets-threshold", "2", "init"));
    add("TB-1.image", "software 1");
    assert_int_equal(UPDATES("publish"), 1);
    assert_complaint("not published: root is signed by fewer keys", "未发布");
    signed_by(0);
    signed_by(0); /* twice is once */
    assert_int_equal(UPDATES("publish"), 1);
    signed_by(1);
    assert_int_equal(UPDATES("publish"), 1);
    assert_complaint("not published: targets is signed by fewer keys", "未发布");
    signed_by(3);
    assert_string_equal(err_name(sign(5, passphrases[5])), "FORMAT"); /* of no role */
    assert_string_equal(err_name(sign(4, passphrases[3])), "FORMAT"); /* another passphrase */
    struct stat about;
    assert_int_equal(stat(root, &about), -1); /* nothing of it is there until all of it is */
    signed_by(4);
    assert_done(UPDATES("publish"));
    assert_done(device("init", "-"));
    assert_downloads("TB-1.image", "software 1");
    assert_int_equal(UPDATES("publish"), 1);
    assert_complaint("nothing to publish", "没有待发布");
    assert_int_equal(UPDATES("--root-publics", roots, "--root-threshold", "2", "--targets-publics",
                             lists, "--targets-threshold", "2", "init"),
                     1);
    assert_complaint("has begun already", "已经初始化");
}

static void a_version_comes_after_another(void **state)
{
    (void)state;
    add("TB-1.image", "software 2");
    signed_by(3);
    assert_int_equal(UPDATES("publish"), 1);
    assert_downloads("TB-1.image", "software 1");
    /* What is drafted anew is signed anew. */
    add("TB-1.image", "software 3");
    signed_by(4);
    assert_int_equal(UPDATES("publish"), 1);
    signed_by(3);
    assert_done(UPDATES("publish"));
    assert_downloads("TB-1.image", "software 3");
    add("other.image", "something");
    assert_done(UPDATES("discard"));
    assert_int_equal(UPDATES("publish"), 1);
    assert_int_equal(device("download", "other.image"), 1);
    assert_done(UPDATES("refresh"));
    assert_done(device("refresh", "-"));
    assert_done(UPDATES("show"));
    assert_non_null(strstr(said.out, "TB-1.image"));
    assert_int_equal(UPDATES("--name", "nothing", "remove"), 1);
    assert_complaint("there is no file", "没有该文件");
    assert_int_equal(UPDATES("--name", "../x", "--in", key_file[0], "add"), 1);
    assert_complaint("a name has letters", "名称只能");
}

/* Each role's keys are changed; a device that was away for all of it follows. */
static void keys_change_under_way(void **state)
{
    (void)state;
    char list[256];
    static const char *const online[] = {"timestamp", "snapshot"};
    for (size_t i = 0; i < ARRAY_LEN(online); i++) {
        assert_done(UPDATES("--role", online[i], "rotate"));
        assert_int_equal(UPDATES("refresh"), 1);
        assert_complaint("are being changed", "正在更换");
        signed_by(0);
        signed_by(2);
        assert_done(UPDATES("publish"));
        assert_done(device("refresh", "-"));
        assert_done(UPDATES("refresh"));
    }
    join(list, 4, 2); /* 3 goes, 5 comes */
    assert_done(UPDATES("--role", "targets", "--publics", list, "--threshold", "2", "rotate"));
    signed_by(1);
    signed_by(2);
    signed_by(4);
    assert_int_equal(UPDATES("publish"), 1);
    signed_by(5);
    assert_done(UPDATES("publish"));
    assert_downloads("TB-1.image", "software 3");
    /* The root's own: by two of yesterday's and two of today's. */
    join(list, 1, 3);
    assert_done(UPDATES("--role", "root", "--publics", list, "--threshold", "3", "rotate"));
    signed_by(1);
    signed_by(2);
    assert_int_equal(UPDATES("publish"), 1);
    signed_by(3);
    assert_done(UPDATES("publish"));
    assert_done(UPDATES("--role", "director", "rotate"));
    signed_by(4);
    signed_by(5);
    assert_done(UPDATES("publish"));
    assert_done(device("refresh", "-"));
    /* Who was there at the first root only. */
    programs_remove(metadata_dir);
    assert_int_equal(mkdir(metadata_dir, 0700), 0);
    assert_done(device("init", "-"));
    add("TB-1.image", "software 4");
    signed_by(4);
    signed_by(5);
    assert_done(UPDATES("publish"));
    assert_downloads("TB-1.image", "software 4");
    assert_int_equal(UPDATES("--role", "cook", "rotate"), 1);
    assert_complaint("no such role", "没有这个角色");
}

/* What was good for a day is announced to be so, and is refused after it by every device. */
static void what_expires_is_renewed(void **state)
{
    (void)state;
    assert_done(UPDATES("--role", "root", "--days", "1", "renew"));
    for (size_t i = 1; i < 4; i++) signed_by(i);
    assert_done(UPDATES("publish"));
    assert_done(UPDATES("show"));
    assert_non_null(strstr(said.out, "soon (即将到期)"));
    assert_done(UPDATES("--role", "root", "renew"));
    for (size_t i = 1; i < 4; i++) signed_by(i);
    assert_done(UPDATES("publish"));
    assert_done(UPDATES("show"));
    assert_null(strstr(said.out, "soon (即将到期)"));
    assert_done(device("refresh", "-"));
}

/* ---- cut off ---- */

enum { STEPS = 9 };

static void copy_file(const char *from_dir, const char *to_dir, const char *name)
{
    char from[FILE_PATH_MAX], to[FILE_PATH_MAX];
    static uint8_t block[FILE_MAX];
    size_t len = 0;
    assert_ok(file_path(from_dir, name, from, sizeof from));
    assert_ok(file_path(to_dir, name, to, sizeof to));
    assert_ok(file_read(from, FILE_PUBLIC, block, sizeof block, &len));
    assert_ok(file_write(to, FILE_PUBLIC, bytes_of(block, len)));
}

static void copy_tree(const char *from, const char *to)
{
    char command_from[200];
    snprintf(command_from, sizeof command_from, "%s/.", from);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execlp("cp", "cp", "-a", "-T", command_from, to, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* The version of a role's file that is in `after` and not in `before`. */
static void add_new(const char *before, const char *after, const char *role, char steps[STEPS][80],
                    size_t *count)
{
    struct stat about;
    char path[300];
    for (int version = 1; version < 64; version++) {
        snprintf(path, sizeof path, "%s/metadata/%d.%s.json", before, version, role);
        if (stat(path, &about) == 0) continue;
        snprintf(path, sizeof path, "%s/metadata/%d.%s.json", after, version, role);
        if (stat(path, &about) == 0)
            snprintf(steps[(*count)++], 80, "metadata/%d.%s.json", version, role);
    }
}

/* What a publication adds or replaces, in its order; what it removes has a minus sign. */
static size_t list_steps(const char *before, const char *after, char steps[STEPS][80])
{
    static const char *const last[] = {"online.keys", "-pending/root.json",
                                       "-pending/targets.json"};
    size_t count = 0;
    add_new(before, after, "targets", steps, &count);
    add_new(before, after, "snapshot", steps, &count);
    snprintf(steps[count++], 80, "metadata/timestamp.json");
    add_new(before, after, "root", steps, &count);
    for (size_t i = 0; i < ARRAY_LEN(last); i++) snprintf(steps[count++], 80, "%s", last[i]);
    return count;
}

/* Targets and timestamp change their keys in one publication, which is cut off after each of its
 * steps: every device goes on, whichever root it knows, and publishing again ends it. */
static void cut_off_after_each_step(void **state)
{
    (void)state;
    char list[256], before[128], after[128], steps[STEPS][80];
    below(before, sizeof before, "before");
    below(after, sizeof after, "after");
    join(list, 3, 3);
    assert_done(UPDATES("--role", "targets", "--publics", list, "--threshold", "2", "rotate"));
    assert_done(UPDATES("--role", "timestamp", "rotate"));
    for (size_t i = 1; i < 6; i++) signed_by(i);
    copy_tree(repository, before);
    assert_done(UPDATES("publish"));
    copy_tree(repository, after);
    size_t count = list_steps(before, after, steps);
    assert_int_equal(count, 7);
    for (size_t cut = 0; cut <= count; cut++) {
        programs_remove(repository);
        copy_tree(before, repository);
        for (size_t i = 0; i < cut; i++) {
            char path[300];
            snprintf(path, sizeof path, "%s/%s", repository, steps[i] + (steps[i][0] == '-'));
            if (steps[i][0] == '-') assert_ok(file_remove(path));
            else copy_file(after, repository, steps[i]);
        }
        programs_remove(metadata_dir);
        assert_int_equal(mkdir(metadata_dir, 0700), 0);
        assert_done(device("init", "-"));
        assert_downloads("TB-1.image", "software 4");
        if (UPDATES("publish") != 0) assert_complaint("nothing to publish", "没有待发布");
        assert_downloads("TB-1.image", "software 4");
        assert_int_equal(UPDATES("publish"), 1);
        assert_complaint("nothing to publish", "没有待发布");
        assert_done(UPDATES("refresh"));
        assert_downloads("TB-1.image", "software 4");
    }
}

/* An hsm with another master key signs nothing, and nothing of it is seen. */
static void without_its_hsm_nothing_is_published(void **state)
{
    (void)state;
    add("TB-1.image", "software 5");
    signed_by(4);
    signed_by(5);
    child_kill(hsm);
    assert_int_equal(UPDATES("publish"), 1);
    assert_complaint("hsm", "tongbao-hsm");
    char state_dir[160];
    below(state_dir, sizeof state_dir, "other-hsm");
    const char *const other[] = {"--state",      state_dir,       "--socket", hsm_socket,
                                 "--initialise", "--development", NULL};
    assert_ok(children_start(&children, "tongbao-hsm", other, true, &hsm));
    assert_int_equal(UPDATES("publish"), 1);
    if (strstr(said.complaint, "hsm refuses") == NULL) fail_msg("%s", said.complaint);
    assert_downloads("TB-1.image", "software 4");
    child_kill(hsm);
    below(state_dir, sizeof state_dir, "hsm");
    const char *const own[] = {"--state", state_dir, "--socket", hsm_socket, "--development", NULL};
    assert_ok(children_start(&children, "tongbao-hsm", own, true, &hsm));
    assert_done(UPDATES("publish"));
    assert_downloads("TB-1.image", "software 5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_made),
        cmocka_unit_test(begins_when_enough_have_signed),
        cmocka_unit_test(a_version_comes_after_another),
        cmocka_unit_test(keys_change_under_way),
        cmocka_unit_test(what_expires_is_renewed),
        cmocka_unit_test(cut_off_after_each_step),
        cmocka_unit_test(without_its_hsm_nothing_is_published),
    };
    return cmocka_run_group_tests(tests, begin, rig_end);
}
