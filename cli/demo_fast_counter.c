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

err fast_counter_begin(struct fast *f)
{
    struct story s = {.stage = f->stage, .quiet = true, .block = f->block};
    story_choose_password(POLICY_CASHIER, s.own);
    err done = story_first_day(&s);
    f->page = s.page;
    if (!FAILED(done)) done = bytes_to_text(bytes_text(s.own), f->password, sizeof f->password);
    if (!FAILED(done)) done = bytes_to_text(bytes_text(s.pin), f->pin, sizeof f->pin);
    explicit_bzero(&s, sizeof s);
    return FAILED(done) ? fast_failed(f, done, "the terminal's first day") : OK;
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
            TRY(show(f, "main.menu|tip.show"));
        } else if (shows(f, "lock.locked")) {
            TRY(touch(f, "choice:unlock", "lock.password"));
            TRY(page_secret(f->page, f->password));
            TRY(show(f, "main.menu|tip.show|login.operator"));
        } else if (shows(f, "tip.show")) {
            TRY(touch(f, "ok", "main.menu"));
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
    f->sales++;
    f->sold_minor += minor;
    return touch(f, "cancel", "main.menu");
}

err fast_counter_trade(struct fast *f)
{
    int64_t before = f->sold_minor;
    TRY(to_menu(f));
    if (f->day > 0) TRY(sign_in(f));
    TRY(sell(f, 1000 + random_below(&f->random, 20000), by_card));
    TRY(sell(f, 500 + random_below(&f->random, 8000), by_code));
    int64_t sold = f->sold_minor - before;
    fast_say(f, FAST_TRADE, "2 sales, %lld.%02d", (long long)sold / 100, (int)(sold % 100));
    return OK;
}

err fast_counter_settle(struct fast *f)
{
    uint8_t block[1024];
    TRY(to_menu(f));
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
    return OK;
}
