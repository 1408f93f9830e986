/* SPDX-License-Identifier: Apache-2.0 */
/* What a person does at a terminal: looks, and touches what is offered. */
#include "tests/crash/cashier.h"

#include <stdio.h>
#include <time.h>

#include "cli/page.h"

enum { SCREEN_MS = 3000, PAUSE_MS = 50, AMOUNT_KEYS = 3, SETTLE_TRIES = 1500 };

static void pause_a_little(void)
{
    const struct timespec pause = {0, PAUSE_MS * 1000000L};
    (void)nanosleep(&pause, NULL);
}

static err open_page(const struct stage *stage, struct page **ret_page)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/", stage->terminal_port);
    return page_open(url, ret_page);
}

err cashier_begin(const struct cashier *c, const char *initial)
{
    struct page *page = NULL;
    const struct {
        const char *screen, *secret, *key;
    } steps[] = {
        {"login.password", initial, NULL},
        {"login.first", NULL, "choice:continue"},
        {"password.new", c->password, NULL},
        {"password.repeat", c->password, NULL},
        {"password.review", NULL, "choice:save"},
        {"password.saved", NULL, "ok"},
        {"tip.show", NULL, "ok"},
    };
    TRY(open_page(c->stage, &page));
    err done = page_wait(page, "login.operator", SCREEN_MS);
    if (!FAILED(done)) done = page_digits(page, "01");
    if (!FAILED(done)) done = page_key(page, "ok");
    for (size_t i = 0; i < ARRAY_LEN(steps) && !FAILED(done); i++) {
        done = page_wait(page, steps[i].screen, SCREEN_MS);
        if (FAILED(done)) break;
        done = steps[i].secret != NULL ? page_secret(page, steps[i].secret)
                                       : page_key(page, steps[i].key);
    }
    if (!FAILED(done)) done = page_wait(page, "main.menu", SCREEN_MS);
    page_close(page);
    return done;
}

/* ---- looking ---- */

static bool offers(const struct page *page, const char *choice)
{
    struct json_t *list;
    size_t count;
    if (FAILED(json_list(page_screen(page), "choices", 64, &list, &count))) return false;
    for (size_t i = 0; i < count; i++) {
        bool enabled = true;
        struct bytes key;
        const struct json_t *one = json_at(list, i);
        if (FAILED(json_text(one, "key", 32, &key)) || !bytes_equal(key, bytes_text(choice)))
            continue;
        if (json_has(one, "enabled") && FAILED(json_bool(one, "enabled", &enabled))) return false;
        return enabled;
    }
    return false;
}

static bool shows(const struct page *page, const char *member)
{
    bool flag = false;
    if (!json_has(page_screen(page), member)) return false;
    return FAILED(json_bool(page_screen(page), member, &flag)) || flag;
}

static bool is(const struct page *page, const char *id)
{
    return strcmp(page_id(page), id) == 0;
}

static int64_t unsent(const struct page *page)
{
    struct json_t *status;
    int64_t count = -1;
    if (FAILED(json_member(page_screen(page), "status", &status))) return -1;
    if (FAILED(json_int(status, "unsent", 0, INT64_MAX, &count))) return -1;
    return count;
}

/* ---- touching ---- */

static err choose(struct page *page, const char *choice)
{
    char key[48];
    snprintf(key, sizeof key, "choice:%s", choice);
    return page_key(page, key);
}

static err present_card(struct page *page)
{
    long status = 0;
    TRY(page_post(page, "/api/tray/card", "application/json", BYTES("{\"name\":\"good\"}"),
                  &status));
    pause_a_little(); /* the reader is polled */
    return status == 204 ? OK : ERR(STATE);
}

static err menu(const struct cashier *c, struct page *page)
{
    if (atomic_load(c->stop)) {
        if (unsent(page) == 0) {
            atomic_store(&c->report->settled, true);
            return OK;
        }
        return choose(page, "sign_in"); /* what is unsent is sent when there are keys again */
    }
    if (!offers(page, "sale")) return choose(page, "sign_in");
    atomic_fetch_add(&c->report->sales, 1);
    return choose(page, "sale");
}

static err enter_secret(const struct cashier *c, struct page *page)
{
    return page_secret(page, is(page, "sale.pin") ? c->pin : c->password);
}

static err enter_amount(struct page *page)
{
    TRY(page_digits(page, "7"));
    return page_key(page, "ok");
}

/* Of what has no name here: first the choices that lead on, then the keys. */
static err go_on(struct page *page)
{
    static const char *const wishes[] = {"sign_in", "retry", "continue", "start", "done"};
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++)
        if (offers(page, wishes[i])) return choose(page, wishes[i]);
    struct json_t *keys;
    size_t count = 0;
    struct bytes name = {0};
    bool ok = false, cancel = false;
    if (FAILED(json_list(page_screen(page), "keys", 16, &keys, &count))) count = 0;
    for (size_t i = 0; i < count; i++) {
        if (FAILED(json_value_text(json_at(keys, i), 32, &name))) continue;
        ok = ok || bytes_equal(name, BYTES("ok"));
        cancel = cancel || bytes_equal(name, BYTES("cancel"));
    }
    if (ok) return page_key(page, "ok");
    if (cancel && !json_has(page_screen(page), "wait")) return page_key(page, "cancel");
    pause_a_little();
    return OK;
}

static err act(const struct cashier *c, struct page *page)
{
    if (json_has(page_screen(page), "entry")) return enter_secret(c, page);
    if (shows(page, "card")) return present_card(page);
    if (json_has(page_screen(page), "wait")) {
        pause_a_little();
        return OK;
    }
    if (is(page, "login.operator")) {
        TRY(page_digits(page, "01"));
        return page_key(page, "ok");
    }
    if (is(page, "sale.amount")) return enter_amount(page);
    if (is(page, "main.menu")) return menu(c, page);
    return go_on(page);
}

int cashier_run(const struct cashier *c)
{
    struct page *page = NULL;
    int tries = 0;
    while (!atomic_load(&c->report->settled)) {
        if (atomic_load(c->stop) && ++tries > SETTLE_TRIES) break;
        err done = page == NULL ? open_page(c->stage, &page) : OK;
        if (!FAILED(done)) done = page_wait(page, "*", SCREEN_MS);
        if (!FAILED(done)) {
            atomic_fetch_add(&c->report->screens, 1);
            snprintf(c->report->last, sizeof c->report->last, "%.60s", page_id(page));
            done = act(c, page);
        }
        if (!FAILED(done)) continue;
        page_close(page); /* a vault or a terminal that was killed wants its page opened anew */
        page = NULL;
        pause_a_little();
    }
    page_close(page);
    return atomic_load(&c->report->settled) ? 0 : 1;
}
