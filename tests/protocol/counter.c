/* SPDX-License-Identifier: Apache-2.0 */
/* A stage, and the road of a cashier through the screens. */
#include "tests/protocol/counter.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/base/file.h"

enum { SCREEN_MS = 10000 };

/* Pages are beside the directory of the programs, as in build/. */
static void furnish(struct counter *c)
{
    static const char *const directories[] = {"web", "web/terminal"};
    scratch_make(&c->place);
    programs_gather(&c->gathered, c->place.directory);
    for (size_t i = 0; i < ARRAY_LEN(directories); i++)
        assert_int_equal(mkdir(scratch_path(&c->place, directories[i]), 0700), 0);
    assert_ok(file_write(scratch_path(&c->place, "web/terminal/index.html"), FILE_PUBLIC,
                         BYTES("<!doctype html><title>Tongbao</title>")));
}

static void open_with(struct counter *c, bool updating)
{
    struct process_fault fault = {""};
    *c = (struct counter){.page = NULL};
    furnish(c);
    const char *programs = c->gathered.programs;
    err e = updating ? stage_start_updating(&c->stage, programs, "/tmp", 0, NULL, &fault)
                     : stage_start(&c->stage, programs, "/tmp", 0, NULL, &fault);
    if (FAILED(e)) fail_msg("%s", fault.text);
    counter_look(c);
}

void counter_open(struct counter *c)
{
    open_with(c, false);
}

void counter_open_updating(struct counter *c)
{
    open_with(c, true);
}

void counter_close(struct counter *c)
{
    static const char *const words[] = {"ERROR: AddressSanitizer", "runtime error:", "ENSURE("};
    page_close(c->page);
    children_stop(&c->stage.children);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (host_stored(c->stage.children.directory, bytes_text(words[i])))
            fail_msg("%s: see the logs in %s", words[i], c->stage.children.directory);
    stage_stop(&c->stage, false);
    programs_remove(c->place.directory);
}

void counter_look(struct counter *c)
{
    char url[64];
    page_close(c->page);
    c->page = NULL;
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/", c->stage.terminal_port);
    assert_ok(page_open(url, &c->page));
}

void counter_restart(struct counter *c, struct child *child)
{
    struct process_fault fault = {""};
    bool terminal = child == c->stage.process_terminal;
    err done = stage_restart(&c->stage, child, &fault);
    if (FAILED(done)) fail_msg("%s", fault.text);
    if (terminal) counter_look(c);
}

void counter_host(const struct counter *c, struct host *ret_host)
{
    const struct stage *s = &c->stage;
    struct host h = {.children = s->children, .port = s->acquirer_port};
    snprintf(h.directory, sizeof h.directory, "%.63s", s->directory);
    snprintf(h.admin, sizeof h.admin, "%.127s", s->admin);
    snprintf(h.hsm_socket, sizeof h.hsm_socket, "%.127s", s->hsm_socket);
    snprintf(h.tray, sizeof h.tray, "%.127s", s->tray);
    snprintf(h.acquirer, sizeof h.acquirer, "%.127s", s->acquirer);
    snprintf(h.authority, sizeof h.authority, "%.110s/ca.pem", s->admin);
    *ret_host = h;
}

void counter_passwords(struct counter *c, const char *said)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct stage *stage = &c->stage;
    struct json_t *list;
    assert_ok(json_parse(bytes_text(said), 4096, &document));
    assert_ok(json_list(document.root, "passwords", STAGE_PASSWORDS_MAX, &list, &stage->passwords));
    for (size_t i = 0; i < stage->passwords; i++) {
        struct stage_password *p = &stage->password[i];
        const struct json_t *row = json_at(list, i);
        assert_ok(json_text_copy(row, "operator", p->operator_id, sizeof p->operator_id));
        assert_ok(json_text_copy(row, "password", p->password, sizeof p->password));
    }
}

/* A program that was just started anew may close the connection of before in our hands. */
void counter_shows(struct counter *c, const char *id)
{
    err waited = OK;
    for (int again = 0; again < 3; again++) {
        waited = page_wait(c->page, id, SCREEN_MS);
        if (!FAILED(waited)) return;
    }
    uint8_t block[4096];
    struct writer w = writer_over(block, sizeof block);
    page_describe(c->page, &w);
    fail_msg("%s is wanted (%s); there is %.*s", id, err_name(waited), (int)w.len, (char *)block);
}

void counter_key(struct counter *c, const char *key, const char *then)
{
    assert_ok(page_key(c->page, key));
    counter_shows(c, then);
}

static void secret(struct counter *c, const char *digits, const char *then)
{
    assert_ok(page_secret(c->page, digits));
    counter_shows(c, then);
}

bool counter_says(const struct counter *c, const char *id)
{
    struct json_t *lines;
    size_t count;
    struct bytes text;
    assert_ok(json_list(page_screen(c->page), "lines", 64, &lines, &count));
    for (size_t i = 0; i < count; i++)
        if (!FAILED(json_text(json_at(lines, i), "id", 64, &text)) &&
            bytes_equal(text, bytes_text(id)))
            return true;
    return false;
}

static void log_in(struct counter *c, const char *password, const char *then)
{
    counter_shows(c, "login.operator");
    assert_ok(page_digits(c->page, "01"));
    counter_key(c, "ok", "login.password");
    secret(c, password, then);
}

static const char *initial_password(const struct stage *stage)
{
    for (size_t i = 0; i < stage->passwords; i++)
        if (strcmp(stage->password[i].operator_id, "01") == 0) return stage->password[i].password;
    fail_msg("operator 01 has no password");
    return "";
}

void counter_log_in_first(struct counter *c)
{
    log_in(c, initial_password(&c->stage), "login.first");
    counter_key(c, "choice:continue", "password.new");
    secret(c, COUNTER_PASSWORD, "password.repeat");
    secret(c, COUNTER_PASSWORD, "password.review");
    counter_key(c, "choice:save", "password.saved");
    counter_key(c, "ok", "tip.show");
    counter_key(c, "ok", "main.menu");
}

void counter_log_in(struct counter *c)
{
    log_in(c, COUNTER_PASSWORD, "main.menu|tip.show");
    if (strcmp(page_id(c->page), "tip.show") == 0) counter_key(c, "ok", "main.menu");
}

void counter_sign_in(struct counter *c)
{
    counter_key(c, "choice:manage", "manage.menu");
    counter_key(c, "choice:sign_in", "sign_in.done");
    counter_key(c, "ok", "manage.menu");
    counter_key(c, "cancel", "main.menu");
}

void counter_sells(struct counter *c)
{
    long status;
    counter_key(c, "choice:sale", "sale.amount");
    assert_ok(page_digits(c->page, "128"));
    counter_key(c, "ok", "sale.present");
    assert_ok(page_post(c->page, "/api/tray/card", "application/json", BYTES("{\"name\":\"good\"}"),
                        &status));
    assert_int_equal(status, 204);
    counter_shows(c, "sale.pin");
    secret(c, COUNTER_PIN, "sale.approved");
    counter_key(c, "cancel", "main.menu");
}

/* ---- audit ---- */

struct wanted {
    const char *event, *detail;
    int64_t count;
};

static err count_record(void *context, const struct audit_record *record)
{
    struct wanted *w = context;
    const struct bytes detail = record->entry.detail;
    bool event = bytes_equal(record->entry.event, bytes_text(w->event));
    bool part =
        w->detail == NULL || memmem(detail.at, detail.len, w->detail, strlen(w->detail)) != NULL;
    w->count += event && part;
    return OK;
}

int64_t counter_audits(const char *directory, const char *file, const char *event,
                       const char *detail)
{
    struct wanted wanted = {event, detail, 0};
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 2000};
    assert_ok(store_open(host_path(directory, file), &options, NULL, &store));
    assert_ok(audit_read(store, 1, count_record, &wanted));
    store_close(store);
    return wanted.count;
}

void counter_office_does(struct counter *c, const char *sql)
{
    const struct store_options options = {.mode = STORE_OPEN, .busy_ms = 5000};
    struct store *store = NULL;
    child_kill(c->stage.process_backoffice);
    assert_ok(store_open(host_path(c->stage.backoffice, "backoffice.db"), &options, NULL, &store));
    assert_ok(store_exec(store, sql));
    store_close(store);
    counter_restart(c, c->stage.process_backoffice);
}
