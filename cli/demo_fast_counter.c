/* SPDX-License-Identifier: Apache-2.0 */
/* The cashier: logs in and signs in, sells by card and by code, refunds now and then, settles. */
#include <stdio.h>

#include "cli/demo_fast.h"
#include "cli/story.h"

static err show(struct fast *f, const char *id)
{
    err done = page_wait(f->page, id, FAST_ANSWER_MS);
    return FAILED(done) ? fast_failed(f, done, "a screen was awaited: %s", id) : OK;
}

static err touch(struct fast *f, const char *key, const char *then)
{
    TRY(page_key(f->page, key));
    return show(f, then);
}

static bool shows(const struct fast *f, const char *id)
{
    return strcmp(page_id(f->page), id) == 0;
}

/* Tips, and what the terminal reminds of behind a log-in, to the main menu or to nobody in. */
static err past_reminders(struct fast *f)
{
    static const char after[] =
        "main.menu|login.operator|tip.show|remind.certificate|remind.review";
    TRY(show(f, after));
    while (!shows(f, "main.menu") && !shows(f, "login.operator")) {
        bool review = shows(f, "remind.review");
        if (review)
            fast_say(f, FAST_REVIEW, "the cashier is asked for another password, and keeps his");
        else if (shows(f, "remind.certificate"))
            fast_say(f, FAST_REMINDED, "the terminal's certificate ends soon");
        TRY(touch(f, review ? "choice:keep" : "ok", after));
    }
    return OK;
}

/* The supervisor changes the one of the sheet, and is not needed again but for his yes. */
static err seat_supervisor(struct fast *f)
{
    struct story s = {.stage = f->stage, .page = f->page, .quiet = true};
    const char *initial = "";
    for (size_t i = 0; i < f->stage->passwords; i++)
        if (strcmp(f->stage->password[i].operator_id, "00") == 0)
            initial = f->stage->password[i].password;
    story_choose_password(POLICY_SUPERVISOR, f->chief_password);
    TRY(story_log_out(&s));
    TRY(page_digits(f->page, "00"));
    TRY(touch(f, "ok", "login.password"));
    TRY(page_secret(f->page, initial));
    TRY(show(f, "login.first"));
    TRY(touch(f, "choice:continue", "password.new"));
    TRY(page_secret(f->page, f->chief_password));
    TRY(show(f, "password.repeat"));
    TRY(page_secret(f->page, f->chief_password));
    TRY(show(f, "password.review"));
    TRY(touch(f, "choice:save", "password.saved"));
    TRY(page_key(f->page, "ok"));
    TRY(past_reminders(f));
    if (shows(f, "login.operator")) return OK;
    err out = story_log_out(&s);
    return FAILED(out) ? fast_failed(f, out, "the supervisor does not get out") : OK;
}

err fast_counter_begin(struct fast *f)
{
    struct story s = {.stage = f->stage, .quiet = true, .block = f->block};
    story_choose_password(POLICY_CASHIER, s.own);
    err done = story_first_day(&s);
    f->page = s.page;
    if (!FAILED(done)) done = bytes_to_text(bytes_text(s.own), f->password, sizeof f->password);
    if (!FAILED(done)) done = bytes_to_text(bytes_text(s.pin), f->pin, sizeof f->pin);
    explicit_bzero(&s, sizeof s);
    if (FAILED(done)) return fast_failed(f, done, "the terminal's first day");
    return seat_supervisor(f);
}

/* Whatever a night has left on the screen. */
static err to_menu(struct fast *f)
{
    TRY(show(f, "*"));
    for (int i = 0; i < 8; i++) {
        if (shows(f, "main.menu")) return OK;
        if (shows(f, "login.operator")) {
            TRY(page_digits(f->page, "01"));
            TRY(touch(f, "ok", "login.password"));
            TRY(page_secret(f->page, f->password));
            TRY(past_reminders(f));
        } else if (shows(f, "lock.locked")) {
            TRY(touch(f, "choice:unlock", "lock.password"));
            TRY(page_secret(f->page, f->password));
            TRY(past_reminders(f));
        } else if (shows(f, "tip.show")) {
            TRY(past_reminders(f));
        } else {
            return fast_failed(f, ERR(STATE), "the cashier does not know this screen");
        }
    }
    return fast_failed(f, ERR(STATE), "the cashier does not find the main menu");
}

static err sign_in(struct fast *f)
{
    TRY(touch(f, "choice:sign_in", "sign_in.done"));
    return touch(f, "ok", "main.menu");
}

/* From the main menu to a customer who is to pay. */
static err ask_for(struct fast *f, int64_t minor)
{
    char amount[24];
    struct story s = {.stage = f->stage, .page = f->page, .quiet = true, .block = f->block};
    snprintf(amount, sizeof amount, "%lld.%02d", (long long)minor / 100, (int)(minor % 100));
    err done = story_begin_sale(&s, amount);
    return FAILED(done) ? fast_failed(f, done, "a sale of %s", amount) : OK;
}

static err by_card(struct fast *f)
{
    long status;
    TRY(page_post(f->page, "/api/tray/card", "application/json", BYTES("{\"name\":\"good\"}"),
                  &status));
    if (status != 204) return fast_failed(f, ERR(STATE), "the card cannot be swiped");
    TRY(fast_moment(f)); /* the reader is looked at five times a second */
    TRY(show(f, "sale.pin"));
    return page_secret(f->page, f->pin);
}

static err by_code(struct fast *f)
{
    long status;
    struct writer picture = writer_over(f->block, FAST_BLOCK);
    TRY(page_get(f->page, "/api/tray/phone.png?name=good", &picture));
    TRY(page_post(f->page, "/api/scan", "image/png", writer_view(&picture), &status));
    return status == 204 ? OK : fast_failed(f, ERR(STATE), "the code cannot be scanned");
}

static err sell(struct fast *f, int64_t minor, err (*pay)(struct fast *f))
{
    TRY(ask_for(f, minor));
    TRY(pay(f));
    TRY(show(f, "sale.approved|sale.declined"));
    if (!shows(f, "sale.approved")) return fast_failed(f, ERR(STATE), "a sale is declined");
    f->payments++;
    f->sold_minor += minor;
    f->uncleared = true;
    return touch(f, "cancel", "main.menu");
}

/* The reference by which the sale just now can be refunded later. */
static err note_reference(struct fast *f)
{
    struct story s = {.stage = f->stage, .page = f->page, .quiet = true, .block = f->block};
    err done = story_newest(&s, "QUERY_RRN", f->reference, sizeof f->reference - 1);
    return FAILED(done) ? fast_failed(f, done, "the list of payments") : OK;
}

err fast_counter_trade(struct fast *f)
{
    int64_t before = f->sold_minor;
    TRY(to_menu(f));
    if (f->day > 0) TRY(sign_in(f));
    /* What the virtual card and telephone have lasts for a year of such sales. */
    TRY(sell(f, 800 + random_below(&f->random, 3200), by_card));
    TRY(sell(f, 500 + random_below(&f->random, 2500), by_code));
    if (f->day % 7 == 2) TRY(note_reference(f));
    int64_t sold = f->sold_minor - before;
    fast_say(f, FAST_TRADE, "2 sales, %lld.%02d", (long long)sold / 100, (int)(sold % 100));
    return OK;
}

/* S104: a part of what was paid by code goes back, with the supervisor's yes. */
err fast_counter_refund(struct fast *f)
{
    const char *yes = f->chief_password;
    TRY(touch(f, "choice:refund", "refund.by"));
    TRY(touch(f, "choice:code", "refund.reference"));
    TRY(page_digits(f->page, f->reference));
    TRY(touch(f, "ok", "refund.amount"));
    TRY(page_digits(f->page, "3"));
    TRY(touch(f, "ok", "approve.password"));
    TRY(page_secret(f->page, yes));
    TRY(show(f, "sale.approved|sale.declined"));
    if (!shows(f, "sale.approved")) return fast_failed(f, ERR(STATE), "a refund is declined");
    f->payments++;
    f->refunded_minor += 300;
    TRY(touch(f, "ok", "main.menu"));
    fast_say(f, FAST_REFUND, "3.00 of a sale by code, the supervisor agrees");
    return OK;
}

void fast_counter_close(struct fast *f)
{
    page_close(f->page);
    f->page = NULL;
    child_end(f->stage->process_terminal); /* the updater, which ends what it has started */
    child_kill(f->stage->process_vault);
}

err fast_counter_again(struct fast *f)
{
    char url[64];
    page_close(f->page);
    f->page = NULL;
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/", f->stage->terminal_port);
    err done = page_open(url, &f->page);
    if (FAILED(done)) return fast_failed(f, done, "the terminal's page is not there");
    return show(f, "login.operator|lock.locked");
}

err fast_counter_open(struct fast *f)
{
    struct process_fault fault = {""};
    err done = stage_restart(f->stage, f->stage->process_vault, &fault);
    if (!FAILED(done)) done = stage_restart(f->stage, f->stage->process_terminal, &fault);
    if (FAILED(done)) return fast_failed(f, done, "the terminal does not start: %s", fault.text);
    return fast_counter_again(f);
}

err fast_counter_settle(struct fast *f)
{
    uint8_t block[1024];
    TRY(touch(f, "choice:manage", "manage.menu"));
    TRY(touch(f, "choice:settle", "settle.ask"));
    TRY(touch(f, "choice:yes", "settle.done"));
    struct writer w = writer_over(block, sizeof block - 1);
    page_describe(f->page, &w);
    block[w.len] = '\0';
    if (strstr((char *)block, "结算成功") == NULL &&
        strstr((char *)block, "totals are equal") == NULL)
        return fast_failed(f, ERR(CONFLICT), "the totals differ");
    f->settlements++;
    TRY(touch(f, "ok", "manage.menu"));
    TRY(touch(f, "cancel", "main.menu"));
    fast_say(f, FAST_SETTLED, "terminal and host agree");
    err out = story_log_out(&(struct story){.stage = f->stage, .page = f->page, .quiet = true});
    return FAILED(out) ? fast_failed(f, out, "the cashier does not get out") : OK;
}

/* The line of this name, as the screen has it. */
static err read_line(struct fast *f, const char *name, char *out, size_t size)
{
    struct json_t *lines = NULL;
    struct bytes id;
    size_t count = 0;
    TRY(json_list(page_screen(f->page), "lines", 32, &lines, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(json_text(json_at(lines, i), "id", 64, &id));
        if (bytes_equal(id, bytes_text(name)))
            return json_text_copy(json_at(lines, i), "text", out, size);
    }
    return fast_failed(f, ERR(NOT_FOUND), "the screen has no line %s", name);
}

/* S166: into nothing; what is in it is counted. */
err fast_counter_test_backup(struct fast *f)
{
    char said[160];
    TRY(show(f, "login.operator"));
    TRY(page_digits(f->page, "00"));
    TRY(touch(f, "ok", "login.password"));
    TRY(page_secret(f->page, f->chief_password));
    TRY(past_reminders(f));
    TRY(touch(f, "choice:manage", "manage.menu"));
    TRY(touch(f, "choice:backup", "backup.menu"));
    TRY(touch(f, "choice:test", "backup.menu"));
    TRY(read_line(f, "BACKUP_TESTED", said, sizeof said));
    fast_say(f, FAST_TESTED, "the supervisor has the newest backup opened: %s", said);
    TRY(touch(f, "cancel", "manage.menu"));
    TRY(touch(f, "cancel", "main.menu"));
    err out = story_log_out(&(struct story){.stage = f->stage, .page = f->page, .quiet = true});
    return FAILED(out) ? fast_failed(f, out, "the supervisor does not get out") : OK;
}
