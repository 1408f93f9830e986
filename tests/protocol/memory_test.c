/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S195: what a terminal and its vault take of a small machine's memory: a cashier logs in, sells by
 * card and by code, looks at every receipt, hears every amount, logs out and in again; then the
 * most that both ever had resident is read from the kernel. The highest of the one and the highest
 * of the other are added, as if they had come in the same moment: a log-in (Argon2id takes 19 MiB
 * in the vault) while the terminal does the most it ever does.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "cli/page.h"
#include "cli/stage.h"
#include "tests/protocol/host.h"

enum {
    LIMIT_KB = 40 * 1024,
    SCREEN_MS = 5000,
    SALES = 6,
    LOG_INS = 3,
    CAMERAS = 8,
    PICTURE_MAX = 2 << 20, /* QR_PNG_MAX */
    ANSWER_MAX = 1 << 20,
    CLIP_BYTES = 32000, /* a second of 16 kHz, 16 bits */
};

static struct scratch place;
static struct stage stage;
static struct children gathered;
static struct page *page;
static char url[64];
static uint8_t block[ANSWER_MAX];

/* Ten digits that are no run, no repeat and no date; and the PIN of the tray's good card. */
static const char own_password[] = "7093185264", pin[] = "246810";

/* ---- what the terminal finds beside its programs ---- */

static void write_file(const char *name, struct bytes b)
{
    int fd = open(scratch_path(&place, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, b.at, b.len), b.len);
    close(fd);
}

/* A second of silence for each word of what is said: 16 kHz, mono, 16 bits. */
static void write_clips(void)
{
    const struct bytes header =
        BYTES("RIFF\x24\x7D\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\x3E\0\0\0\x7D\0\0\2\0\x10\0"
              "data\0\x7D\0\0");
    static const char *const names[] = {"received", "9",     "hundred", "8", "ten",
                                        "7",        "point", "6",       "5", "yuan"};
    memset(block, 0, header.len + CLIP_BYTES);
    memcpy(block, header.at, header.len);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char name[64];
        snprintf(name, sizeof name, "speech/zh_%s.wav", names[i]);
        write_file(name, bytes_of(block, header.len + CLIP_BYTES));
    }
}

/* Pages and clips are beside the directory of the programs, as in build/. */
static void furnish(void)
{
    static const char *const directories[] = {"speech", "web", "web/terminal"};
    scratch_make(&place);
    programs_gather(&gathered, place.directory);
    for (size_t i = 0; i < ARRAY_LEN(directories); i++)
        assert_int_equal(mkdir(scratch_path(&place, directories[i]), 0700), 0);
    write_file("web/terminal/index.html", BYTES("<!doctype html><title>Tongbao</title>"));
    write_clips();
}

static const char *initial_password(void)
{
    for (size_t i = 0; i < stage.passwords; i++)
        if (strcmp(stage.password[i].operator_id, "01") == 0) return stage.password[i].password;
    fail_msg("operator 01 has no password");
    return "";
}

static int start(void **state)
{
    (void)state;
    struct process_fault fault = {""};
    furnish();
    err e = stage_start(&stage, gathered.programs, "/tmp", 0, NULL, &fault);
    if (FAILED(e)) fail_msg("%s", fault.text);
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/", stage.terminal_port);
    assert_ok(page_open(url, &page));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    page_close(page);
    stage_stop(&stage, false);
    programs_remove(place.directory);
    return 0;
}

/* ---- a cashier ---- */

static void shows(const char *id)
{
    if (FAILED(page_wait(page, id, SCREEN_MS))) fail_msg("%s is shown, not %s", page_id(page), id);
}

static void key(const char *name, const char *then)
{
    assert_ok(page_key(page, name));
    shows(then);
}

static void secret(const char *digits, const char *then)
{
    assert_ok(page_secret(page, digits));
    shows(then);
}

static void log_in(const char *password, const char *then)
{
    shows("login.operator");
    assert_ok(page_digits(page, "01"));
    key("ok", "login.password");
    secret(password, then);
}

static void get(const char *format, int64_t number, const char *magic)
{
    char path[64];
    struct writer w = writer_over(block, sizeof block);
    snprintf(path, sizeof path, "/api/%s/%lld.%s", format[0] == 'w' ? "speech" : "receipt",
             (long long)number, format);
    assert_ok(page_get(page, path, &w));
    assert_true(w.len > 8);
    assert_memory_equal(block, magic, strlen(magic));
}

static void begin_sale(void)
{
    key("choice:sale", "sale.amount");
    assert_ok(page_digits(page, "987"));
    key("point", "sale.amount");
    assert_ok(page_digits(page, "65"));
    key("ok", "sale.present");
}

static void leave_sale(void)
{
    key("cancel", "sale.amount");
    key("cancel", "main.menu");
}

/* The picture, what the printer gets, and the amount as it is spoken. */
static void end_sale(void)
{
    struct json_t *receipt;
    int64_t number;
    shows("sale.approved");
    assert_ok(json_member(page_screen(page), "receipt", &receipt));
    assert_ok(json_int(receipt, "number", 1, INT64_MAX, &number));
    get("png", number, "\x89PNG");
    get("escpos", number, "\x1b@");
    get("wav", number, "RIFF");
    key("cancel", "main.menu");
}

static void sell_by_card(void)
{
    long status;
    begin_sale();
    assert_ok(page_post(page, "/api/tray/card", "application/json", BYTES("{\"name\":\"good\"}"),
                        &status));
    assert_int_equal(status, 204);
    shows("sale.pin");
    assert_ok(page_secret(page, pin));
    end_sale();
}

static void sell_by_code(void)
{
    long status;
    struct writer picture = writer_over(block, sizeof block);
    begin_sale();
    assert_ok(page_get(page, "/api/tray/phone.png?name=good", &picture));
    assert_ok(page_post(page, "/api/scan", "image/png", writer_view(&picture), &status));
    assert_int_equal(status, 204);
    end_sale();
}

/* The largest that a page may send, which is no picture; on a connection that stays. */
static void hold_nonsense(void)
{
    static struct page *camera[CAMERAS];
    static uint8_t nonsense[PICTURE_MAX];
    memset(nonsense, 0xa5, sizeof nonsense);
    begin_sale();
    for (size_t i = 0; i < CAMERAS; i++) {
        long status;
        assert_ok(page_open(url, &camera[i]));
        assert_ok(page_post(camera[i], "/api/scan", "image/png", BYTES_OF(nonsense), &status));
        assert_int_equal(status, 422);
    }
    for (size_t i = 0; i < CAMERAS; i++) page_close(camera[i]);
    leave_sale();
}

/* ---- what they take ---- */

/* A line of /proc/PID/status in kB: "VmHWM" is the most that ever was resident. */
static long status_kb(const struct child *child, const char *name)
{
    char path[64], line[256];
    long kb = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)child->pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (kb < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0) kb = strtol(line + strlen(name) + 1, NULL, 10);
    fclose(file);
    assert_true(kb > 0);
    return kb;
}

static void print_memory(const char *when)
{
    const struct child *const both[] = {stage.process_terminal, stage.process_vault};
    for (size_t i = 0; i < ARRAY_LEN(both); i++)
        print_message("%s: %s has %ld kB resident, %ld kB at the most, %ld kB of it its own\n",
                      when, both[i]->name, status_kb(both[i], "VmRSS"), status_kb(both[i], "VmHWM"),
                      status_kb(both[i], "RssAnon"));
}

static void a_cashier_works(void **state)
{
    (void)state;
    shows("login.operator");
    print_memory("fresh");
    log_in(initial_password(), "login.first");
    key("choice:continue", "password.new");
    secret(own_password, "password.repeat");
    secret(own_password, "password.review");
    key("choice:save", "password.saved");
    key("ok", "tip.show");
    key("ok", "main.menu");
    print_memory("logged in");
    key("choice:sign_in", "sign_in.done");
    key("ok", "main.menu");
    for (int i = 0; i < SALES; i++) {
        sell_by_card();
        sell_by_code();
    }
    print_memory("sold");
    hold_nonsense();
    print_memory("nonsense scanned");
    for (int i = 0; i < LOG_INS; i++) {
        key("cancel", "session.leave");
        assert_ok(page_key(page, "choice:log_out"));
        log_in(own_password, "main.menu|tip.show");
        if (strcmp(page_id(page), "tip.show") == 0) key("ok", "main.menu");
    }
    print_memory("in again");
}

static void terminal_and_vault_stay_small(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    print_message("skipped: a sanitizer keeps memory of its own, which is not the programs'\n");
    skip();
#endif
    long kb = status_kb(stage.process_terminal, "VmHWM") + status_kb(stage.process_vault, "VmHWM");
    print_message("terminal and vault: %ld kB at the most, limit %d\n", kb, LIMIT_KB);
    assert_true(kb < LIMIT_KB);
}

static void a_receipt_without_a_picture_is_still_a_receipt(void **state)
{
    (void)state;
    char program[512], away[512];
    long status;
    struct writer w = writer_over(block, sizeof block);
    snprintf(program, sizeof program, "%s/tongbao-pictures", gathered.programs);
    snprintf(away, sizeof away, "%.500s.away", program);
    assert_int_equal(rename(program, away), 0);
    assert_err(page_get(page, "/api/receipt/1.png", &w), NOT_FOUND);
    get("escpos", 1, "\x1b@");
    begin_sale();
    assert_ok(page_post(page, "/api/scan", "image/png", BYTES("none"), &status));
    assert_int_equal(status, 503);
    assert_true(host_stored(stage.children.directory, BYTES("pictures_failed")));
    assert_int_equal(rename(away, program), 0);
    assert_ok(page_post(page, "/api/scan", "image/png", BYTES("none"), &status));
    assert_int_equal(status, 422);
    leave_sale();
    get("png", 1, "\x89PNG");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cashier_works),
        cmocka_unit_test(a_receipt_without_a_picture_is_still_a_receipt),
        cmocka_unit_test(terminal_and_vault_stay_small),
    };
    return cmocka_run_group_tests_name("protocol: memory", tests, start, stop);
}
