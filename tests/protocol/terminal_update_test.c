/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole Tongbao whose terminal starts out of a slot: an image that is no terminal is rolled out,
 * fails there, and the terminal that was goes on and says so; the roll-out stops by itself; the
 * terminal is killed, and comes back as it was; then another build is rolled out, and runs; and the
 * disk of the first day, put back, starts nothing any more and says so on a page. S119.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/console.h"
#include "cli/stage_updates.h"
#include "lib/base/file.h"
#include "tests/protocol/counter.h"

enum { PATIENCE = 1500, DISK_FILES = 3, FILE_ROOM = 8 * 1024 * 1024 };

/* What was in the slots on the first day. */
static struct {
    const char *name;
    uint8_t *content;
    size_t len;
} disk[DISK_FILES] = {
    {"slot-a.image", NULL, 0}, {"slot-b.image", NULL, 0}, {"slots.record", NULL, 0}};

static struct counter counter;
static struct console *chief;

static int set_up(void **state)
{
    char origin[64];
    (void)state;
    counter_open_updating(&counter);
    snprintf(origin, sizeof origin, "http://localhost:%ld", counter.stage.backoffice_port);
    assert_ok(console_open(origin, &chief));
    assert_ok(console_set_up(chief, counter.stage.account[1].link));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    console_close(chief);
    counter_close(&counter);
    return 0;
}

static void publish(const char *program, unsigned image, unsigned from)
{
    struct process_fault fault = {""};
    err done = stage_updates_next(&counter.stage, program, image, from, &fault);
    if (FAILED(done)) fail_msg("%s", fault.text);
}

static void roll_out(long expected)
{
    CLEANUP(json_free) struct json_document answer = {0};
    long status = 0;
    assert_ok(console_ask(chief, "/api/v1/updates/rollouts",
                          "{\"name\":\"TB-1.image\",\"stage_hours\":0}", &status, &answer));
    assert_int_equal(status, expected);
}

/* The first of a list has this state, and its number is `image`. */
static bool stands(const char *path, const char *list, const char *state, const char *number,
                   int64_t image)
{
    CLEANUP(json_free) struct json_document answer = {0};
    struct json_t *rows = NULL;
    struct bytes said;
    int64_t is = 0;
    size_t count = 0;
    long status = 0;
    assert_ok(console_ask(chief, path, NULL, &status, &answer));
    if (status == 429) return false; /* asked too often: it is asked again */
    assert_int_equal(status, 200);
    assert_ok(json_list(answer.root, list, 200, &rows, &count));
    return count > 0 && !FAILED(json_text(json_at(rows, 0), "state", 16, &said)) &&
           bytes_equal(said, bytes_text(state)) &&
           !FAILED(json_int(json_at(rows, 0), number, 0, INT64_MAX, &is)) && is == image;
}

static void await(const char *path, const char *list, const char *state, const char *number,
                  int64_t image)
{
    for (int i = 0; i < PATIENCE; i++) {
        if (i % 10 == 0 && stands(path, list, state, number, image)) return;
        programs_pause();
    }
    child_print_log(counter.stage.process_terminal);
    fail_msg("%s never had one that is %s with %s %lld", path, state, number, (long long)image);
}

static void copy_disk(void)
{
    char path[FILE_PATH_MAX];
    for (int i = 0; i < DISK_FILES; i++) {
        disk[i].content = malloc(FILE_ROOM);
        assert_non_null(disk[i].content);
        assert_ok(file_path(counter.stage.updates->slots, disk[i].name, path, sizeof path));
        err e = file_read(path, FILE_PUBLIC, disk[i].content, FILE_ROOM, &disk[i].len);
        if (e.code != ERR_NOT_FOUND) assert_ok(e);
    }
}

static void put_disk_back(void)
{
    char path[FILE_PATH_MAX];
    for (int i = 0; i < DISK_FILES; i++) {
        assert_ok(file_path(counter.stage.updates->slots, disk[i].name, path, sizeof path));
        if (disk[i].len == 0) (void)!FAILED(file_remove(path));
        else assert_ok(file_write(path, FILE_PUBLIC, bytes_of(disk[i].content, disk[i].len)));
        free(disk[i].content);
    }
}

static void one_that_is_no_terminal(void **state)
{
    (void)state;
    counter_shows(&counter, "login.operator");
    copy_disk();
    publish("tongbao-pictures", 2, 0);
    roll_out(201);
    await("/api/v1/updates/devices", "devices", "rolled_back", "refused", 2);
    assert_true(stands("/api/v1/updates/devices", "devices", "rolled_back", "image", 1));
    await("/api/v1/updates/rollouts", "rollouts", "stopped", "image", 2);
    counter_look(&counter);
    counter_log_in_first(&counter);
    roll_out(409); /* the same version once more */
}

static void killed_it_comes_back(void **state)
{
    (void)state;
    counter_restart(&counter, counter.stage.process_terminal);
    counter_look(&counter);
    counter_shows(&counter, "login.operator");
}

static void another_build_runs(void **state)
{
    (void)state;
    int64_t bytes = 0, of = 0;
    publish("tongbao-terminal-next", 3, 1);
    roll_out(201);
    await("/api/v1/updates/devices", "devices", "confirmed", "image", 3);
    /* It came by its delta: both builds are some megabytes. */
    assert_ok(stage_updates_travelled(&counter.stage, &bytes, &of));
    assert_true(bytes < of / 20);
    counter_look(&counter);
    counter_log_in(&counter);
    counter_sign_in(&counter);
    counter_sells(&counter);
}

/* Everything of the updater but what the vault knows is as it was when version 1 was healthy. */
static void the_disk_of_the_first_day_starts_nothing(void **state)
{
    (void)state;
    const struct stage_updates *u = counter.stage.updates;
    char port[16], url[64];
    static uint8_t text[16 * 1024];
    struct page *page = NULL;
    struct child *updater = NULL;
    child_end(counter.stage.process_terminal);
    put_disk_back();
    snprintf(port, sizeof port, "%ld", counter.stage.terminal_port);
    snprintf(url, sizeof url, "http://127.0.0.1:%s/", port);
    const char *const arguments[] = {"--plain-http-here",
                                     "--metadata-dir",
                                     u->metadata,
                                     "--metadata-url",
                                     u->metadata_url,
                                     "--target-base-url",
                                     u->files_url,
                                     "--target-dir",
                                     u->targets,
                                     "--slots-dir",
                                     u->slots,
                                     "--floor",
                                     counter.stage.floor_socket,
                                     "--image-key",
                                     u->image_public,
                                     "--model",
                                     "TB-1",
                                     "--serial",
                                     counter.stage.serial,
                                     "run",
                                     "--http",
                                     port,
                                     NULL};
    assert_ok(
        children_start(&counter.stage.children, "tongbao-update", arguments, false, &updater));
    assert_ok(page_open(url, &page));
    bool shown = false;
    for (int i = 0; i < PATIENCE && !shown; i++) {
        struct writer w = writer_over(text, sizeof text - 1);
        bool there = !FAILED(page_get(page, "", &w));
        text[there ? w.len : 0] = '\0';
        shown = strstr((const char *)text, "软件版本过旧") != NULL;
        if (!shown) programs_pause();
    }
    if (!shown) child_print_log(updater);
    assert_true(shown);
    assert_non_null(strstr((const char *)text, "The software is too old"));
    page_close(page);
    child_end(updater);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_is_no_terminal),
        cmocka_unit_test(killed_it_comes_back),
        cmocka_unit_test(another_build_runs),
        cmocka_unit_test(the_disk_of_the_first_day_starts_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
