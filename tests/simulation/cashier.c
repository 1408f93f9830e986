/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The person at the counter: looks at the screen and does what a person would for the errand that
 * he is at (errands.c), from what the screen offers and not from what the code is known to do.
 * Sometimes he presses the wrong thing.
 */
#include <stdio.h>

#include "tests/simulation/world.h"

enum { STUCK_MS = 900000 };

void cashier_wake(struct side_terminal *t, int64_t after_ms)
{
    if (t->cashier.busy) return;
    t->cashier.busy = true;
    event_push(t->world, t->world->now_ms + after_ms, EVENT_CASHIER, t->index, 0,
               (struct bytes){0});
}

bool cashier_slips(struct side_terminal *t, uint32_t one_in)
{
    return !t->world->options.calm && world_chance(t->world, one_in);
}

void cashier_key(struct side_terminal *t, const char *name)
{
    struct terminal_key pressed = {.serial = terminal_screen(t->terminal)->serial};
    err fits = bytes_to_text(bytes_text(name), pressed.name, sizeof pressed.name);
    ENSURE(!FAILED(fits));
    side_terminal_did(t, terminal_on_key(t->terminal, &pressed));
}

static bool offers(const struct screen *s, const char *choice)
{
    for (size_t i = 0; i < s->choice_count; i++)
        if (s->choice[i].enabled && strcmp(s->choice[i].key, choice) == 0) return true;
    return false;
}

bool cashier_choose(struct side_terminal *t, const char *choice)
{
    char name[32];
    if (!offers(terminal_screen(t->terminal), choice)) return false;
    struct writer w = writer_over(name, sizeof name - 1);
    write_format(&w, "choice:%s", choice);
    name[w.len] = '\0';
    cashier_key(t, name);
    return true;
}

static bool begins(const char *id, const char *prefix)
{
    return strncmp(id, prefix, strlen(prefix)) == 0;
}

static bool ends(const char *id, const char *suffix)
{
    size_t len = strlen(id), tail = strlen(suffix);
    return len >= tail && strcmp(id + len - tail, suffix) == 0;
}

/* ---- logging in -------------------------------------------------------------------------------
 */

/* The supervisor has his first day before the cashier, who will need his password. */
static void log_in(struct side_terminal *t)
{
    struct cashier *c = &t->cashier;
    c->at = c->supervisor.has_own && !t->restoring ? &c->self : &c->supervisor;
    c->by_sheet = !c->by_sheet;
    cashier_key(t, "cancel"); /* what somebody has left there */
    if (t->terminal == NULL) return;
    cashier_key(t, c->at == &c->self ? "digit:01" : "digit:00");
    if (t->terminal != NULL) cashier_key(t, "ok");
}

/* ---- the main screen --------------------------------------------------------------------------
 */

static void main_screen(struct side_terminal *t)
{
    struct world *w = t->world;
    t->cashier.at->has_own = true; /* or he would not be here */
    errand_end(t);
    if (cashier_choose(t, "refusal")) return; /* a slip in doubt: he prints it again */
    /* At the end of the day what is unsent still needs keys to be sent with. */
    bool owes = terminal_screen(t->terminal)->status.unsent > 0 || replaced_behind(t);
    if (w->healing && owes && cashier_choose(t, "sign_in")) return;
    if (errand_begin(t)) return;
    if (t->terminal != NULL && !w->healing) (void)cashier_choose(t, "sign_in");
}

/* ---- everything else --------------------------------------------------------------------------
 */

/* What no errand has a step for: what the screen offers, the likeliest first. */
static void go_on(struct side_terminal *t)
{
    static const char *const wishes[] = {"sign_in", "retry",  "continue", "start",  "done",
                                         "save",    "unlock", "keep",     "settle", "deliver",
                                         "0",       "yes",    "order",    "paper"};
    const struct screen *s = terminal_screen(t->terminal);
    if (errand_step(t) || errand_give_back(t)) return;
    bool asks = ends(s->id, ".ask") || ends(s->id, ".menu") || ends(s->id, ".list") ||
                begins(s->id, "shift.") || begins(s->id, "report.");
    if (asks && cashier_choose(t, "leave")) return; /* from training */
    if (asks) {
        cashier_key(t, s->keys & SCREEN_KEY_CANCEL ? "cancel" : "ok");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++)
        if (cashier_choose(t, wishes[i])) return;
    if (s->keys & SCREEN_KEY_OK) cashier_key(t, "ok");
    else if (s->keys & SCREEN_KEY_CANCEL && s->wait[0] == '\0') cashier_key(t, "cancel");
}

static void act(struct side_terminal *t)
{
    const struct screen *s = terminal_screen(t->terminal);
    if (s->entry.purpose != 0) {
        keypad_enter(t);
    } else if (replaced_act(t)) {
        return;
    } else if (strcmp(s->id, "main.menu") == 0) {
        main_screen(t);
        cashier_wake(t, 5000);
    } else if ((s->card || s->scan) && s->field.kind == SCREEN_FIELD_NONE) {
        customer_present(t);
    } else if (s->qr[0] != '\0') {
        if (cashier_slips(t, 60)) cashier_key(t, "cancel");
        else customer_scans(t);
        cashier_wake(t, 2000);
    } else if (s->wait[0] != '\0') {
        if (cashier_slips(t, 100)) cashier_key(t, "cancel");
        cashier_wake(t, 2000);
    } else if (strcmp(s->id, "login.operator") == 0) {
        log_in(t);
    } else if (s->field.kind != SCREEN_FIELD_NONE && errand_answer(t)) {
        return;
    } else if (cashier_slips(t, 300)) {
        cashier_key(t, "cancel");
    } else {
        go_on(t);
    }
}

/* How long the same screen has been there. */
static bool stuck(struct side_terminal *t, const char *id)
{
    struct world *w = t->world;
    if (id != t->cashier.screen_id) t->cashier.since_ms = w->now_ms;
    t->cashier.screen_id = id;
    if (w->now_ms - t->cashier.since_ms <= STUCK_MS || w->healing) return false;
    world_fail(w, "terminal %u shows '%s' for a quarter of an hour", t->index, id);
    return true;
}

void cashier_act(struct side_terminal *t)
{
    struct world *w = t->world;
    t->cashier.busy = false;
    if (t->terminal == NULL) return;
    const char *id = terminal_screen(t->terminal)->id;
    if (id == NULL || stuck(t, id)) return;
    const struct screen *seen = terminal_screen(t->terminal);
    if (w->options.verbose)
        fprintf(stderr, "counter %u: %s %s\n", t->index, id,
                seen->line_count > 0 ? seen->line[0].text : "");
    bool over = (!begins(id, "sale.") && strcmp(id, "balance.wait") != 0) ||
                strcmp(id, "sale.approved") == 0 || strcmp(id, "sale.declined") == 0 ||
                strcmp(id, "sale.reversed") == 0 || strcmp(id, "sale.offline") == 0;
    if (over && t->card_place != 0) customer_takes_card(t);
    if (t->terminal == NULL) return;
    if (strcmp(id, "sale.approved") == 0 || strcmp(id, "sale.offline") == 0) errand_keep_slip(t);
    act(t);
    if (t->terminal != NULL) cashier_wake(t, w->healing ? 30000 : 5000);
}
