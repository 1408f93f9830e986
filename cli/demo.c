/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao demo`: everything on this machine, for a browser or, with --once, without one. */
#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/demo_fast.h"
#include "cli/demo_story.h"
#include "cli/stage.h"
#include "lib/base/file.h"
#include "lib/wire/json.h"
#include "lib/wire/rpc.h"

/* An answer about the chip cards; it is there at once, or there is no tongbao-cards. */
enum { CHIPS_MAX = 32 << 10, CHIPS_WAIT_MS = 1000, HALF_A_YEAR = 182 };

struct settings {
    const char *ready_file;
    int64_t port, days;
    bool once, keep, quiet, fast, json;
};

static void say_step(const char *step)
{
    printf("  starting %s\n", step);
    (void)fflush(stdout);
}

static const char *role_of(const char *operator_id)
{
    if (strcmp(operator_id, "00") == 0) return "supervisor  主管";
    if (strcmp(operator_id, "99") == 0) return "administrator  系统管理员";
    return "cashier  收银员";
}

/* Past stdio, whose buffers would keep it. */
static void say_and_wipe(struct writer *w)
{
    (void)fflush(stdout);
    for (size_t said = 0; said < w->len;) {
        ssize_t done = write(STDOUT_FILENO, w->at + said, w->len - said);
        if (done <= 0) break;
        said += (size_t)done;
    }
    explicit_bzero(w->at, w->max);
}

/* Links that set up an account: each is good once. */
static void say_consoles(const struct stage *stage, struct writer *w)
{
    write_format(w,
                 "\nConsoles: staff at http://localhost:%ld/staff/ and the owner at"
                 " http://localhost:%ld/\nEach account begins with its link, once:\n\n",
                 stage->backoffice_port, stage->backoffice_port);
    for (size_t i = 0; i < STAGE_ACCOUNTS; i++)
        write_format(w, "  %-6s %s\n         %s\n", stage->account[i].login, stage->account[i].what,
                     stage->account[i].link);
}

/* Whether there is a reader for chip cards: where there is none, why. */
static void say_chips(const struct stage *stage, struct writer *w)
{
    static uint8_t answer[CHIPS_MAX];
    CLEANUP(json_free) struct json_document document = {0};
    CLEANUP(rpc_close) struct rpc rpc = {.fd = -1};
    struct bytes said;
    struct json_t *why = NULL;
    bool reader = false;
    char text[160] = "tongbao-cards does not answer: cards can only be swiped";
    err done = rpc_connect(&rpc, stage->cards_socket, CHIPS_WAIT_MS, CHIPS_MAX);
    if (!FAILED(done))
        done = rpc_call(&rpc, BYTES("{\"ask\":\"chips\"}"), answer, sizeof answer, &said);
    if (!FAILED(done)) done = json_parse(said, CHIPS_MAX, &document);
    if (!FAILED(done)) done = json_bool(document.root, "reader", &reader);
    if (!FAILED(done) && reader) return;
    if (!FAILED(done)) done = json_member(document.root, "why", &why);
    if (!FAILED(done)) done = json_text_copy(why, "en", text, sizeof text);
    write_format(w, "Chip cards: %s.\n", text);
}

static void say_where(const struct stage *stage)
{
    uint8_t block[4096];
    struct writer w = writer_over(block, sizeof block);
    write_format(&w, "\nOpen  http://127.0.0.1:%ld/  in a browser on this machine.\n\n",
                 stage->terminal_port);
    write_format(
        &w,
        "Log in to the terminal with an operator number and the password that was made for it.\n"
        "Each password works once; the terminal then asks for one of your own (6 to 12 digits).\n\n");
    for (size_t i = 0; i < stage->passwords; i++)
        write_format(&w, "  operator %s   password %s   %s\n", stage->password[i].operator_id,
                     stage->password[i].password, role_of(stage->password[i].operator_id));
    write_format(
        &w,
        "\nThen sign in (签到), choose 消费, enter an amount, and hold a virtual card or phone to it.\n"
        "The good card's PIN is on the card.\n");
    say_chips(stage, &w);
    say_consoles(stage, &w);
    write_format(&w,
                 "\nThe terminal's manual, with these passwords under its fold: %s\n"
                 "Databases and logs of this run: %s\n"
                 "Ctrl-C stops everything and removes them.\n\n",
                 stage->manual, stage->directory);
    say_and_wipe(&w);
}

/* For programs that drive the demo: where it is, and the passwords, readable by this user alone. */
static err write_ready_file(const struct stage *stage, const char *path)
{
    uint8_t block[4096];
    char url[64], consoles[64], address[40], authority[200];
    struct bytes text;
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/", stage->terminal_port);
    json_object_begin(&j);
    json_member_string(&j, "terminal", url);
    json_member_string(&j, "directory", stage->directory);
    json_member_string(&j, "tray", stage->tray);
    json_member_string(&j, "manual", stage->manual);
    json_member_string(&j, "network", stage->network);
    snprintf(consoles, sizeof consoles, "http://localhost:%ld/", stage->backoffice_port);
    json_member_string(&j, "consoles", consoles);
    /* What another terminal is started with. */
    snprintf(address, sizeof address, "127.0.0.1:%ld", stage->acquirer_port);
    json_member_string(&j, "acquirer", address);
    snprintf(address, sizeof address, "127.0.0.1:%ld", stage->device_port);
    json_member_string(&j, "manage", address);
    snprintf(authority, sizeof authority, "%s/ca.pem", stage->admin);
    json_member_string(&j, "authority", authority);
    json_member_object(&j, "links");
    for (size_t k = 0; k < STAGE_ACCOUNTS; k++)
        json_member_string(&j, stage->account[k].login, stage->account[k].link);
    json_object_end(&j);
    json_member_object(&j, "passwords");
    for (size_t i = 0; i < stage->passwords; i++)
        json_member_string(&j, stage->password[i].operator_id, stage->password[i].password);
    json_object_end(&j);
    json_object_end(&j);
    TRY(writer_finish(&w, &text));
    err written = file_write(path, FILE_PRIVATE, text);
    explicit_bzero(block, sizeof block);
    return written;
}

static int serve(struct stage *stage, const struct settings *s)
{
    if (s->ready_file != NULL) {
        err written = write_ready_file(stage, s->ready_file);
        if (FAILED(written)) {
            fprintf(stderr, "tongbao demo: %s: %s\n", s->ready_file, err_text(written));
            return PROCESS_EXIT_FAILED;
        }
    }
    if (!s->quiet) say_where(stage);
    stage_forget(stage); /* whoever wanted the passwords has them */
    struct child *gone = children_watch(&stage->children);
    if (gone == NULL) return 0;
    fprintf(stderr, "tongbao demo: %s has ended; the others are stopped\n", gone->name);
    child_print_log(gone);
    return PROCESS_EXIT_FAILED;
}

static int live_fast(struct stage *stage, const struct settings *s)
{
    struct process_fault fault = {""};
    children_hold_signals();
    err started = stage_start_turned(stage, FAST_CERTIFICATE_DAYS, NULL, NULL, NULL, &fault);
    if (FAILED(started)) {
        fprintf(stderr, "tongbao demo: %s\n",
                fault.text[0] != '\0' ? fault.text : err_text(started));
        return PROCESS_EXIT_FAILED;
    }
    int status = demo_fast(stage, s->days, s->json);
    stage_stop(stage, s->keep);
    if (s->keep) printf("kept: %s\n", stage->directory);
    return status;
}

int demo_main(int argc, char **argv)
{
    struct settings s = {.days = HALF_A_YEAR};
    const struct process_option options[] = {
        {"once", NULL, "walk the story without a browser, print each step, and end",
         .flag = &s.once},
        {"fast", NULL, "live half a year under a clock that is turned, print it, and end",
         .flag = &s.fast},
        {"days", "N", "with --fast: so many days; 182 unless said", .number = &s.days, .min = 1,
         .max = 366},
        {"json", NULL, "with --fast: what happened as lines of JSON", .flag = &s.json},
        {"port", "PORT", "of the terminal's page; a free one unless said", .number = &s.port,
         .max = 65535},
        {"ready-file", "FILE", "write address and passwords there as JSON (mode 600)",
         .text = &s.ready_file},
        {"no-browser", NULL, "print nothing for people: another program drives it",
         .flag = &s.quiet},
        {"keep", NULL, "leave databases and logs in place at the end", .flag = &s.keep},
    };
    const struct process_program about = {
        .name = "tongbao demo",
        .version = TONGBAO_VERSION,
        .summary = "Starts a terminal, its host and the world around them on this machine.",
        .options = options,
        .option_count = ARRAY_LEN(options)};
    int status = process_options(&about, argc, argv, NULL);
    if (status >= 0) return status;

    static struct stage stage;
    struct process_fault fault = {""};
    if (s.fast) return live_fast(&stage, &s);
    if (!s.quiet) printf("Tongbao demo: keys and passwords are made for this run alone.\n");
    children_hold_signals();
    err started =
        stage_start_updating(&stage, NULL, NULL, (long)s.port, s.quiet ? NULL : say_step, &fault);
    if (FAILED(started)) {
        fprintf(stderr, "tongbao demo: %s\n",
                fault.text[0] != '\0' ? fault.text : err_text(started));
        if (s.port != 0)
            fprintf(stderr,
                    "Is port %ld taken? Choose another --port, or say none: then a free one "
                    "is found.\n",
                    (long)s.port);
        return PROCESS_EXIT_FAILED;
    }
    if (FAILED(stage_print_manual(&stage, &fault))) {
        fprintf(stderr, "tongbao demo: %s\n", fault.text);
        status = PROCESS_EXIT_FAILED;
    } else {
        status = s.once ? demo_story(&stage) : serve(&stage, &s);
    }
    stage_stop(&stage, s.keep);
    if (s.keep) printf("kept: %s\n", stage.directory);
    return status;
}
