/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The person at the counter, and the page between person and terminal: looks at the screen and does
 * what a person would, from what the screen offers and not from what the code is known to do.
 * Sometimes he presses the wrong thing.
 */
#include "tests/simulation/world.h"

enum { LAYOUT_KEYS = 12, STUCK_MS = 900000, SETTLES_ONE_IN = 50, REFUNDS_ONE_IN = 6 };

void cashier_wake(struct side_terminal *t, int64_t after_ms)
{
    if (t->cashier.busy) return;
    t->cashier.busy = true;
    event_push(t->world, t->world->now_ms + after_ms, EVENT_CASHIER, t->index, 0,
               (struct bytes){0});
}

static bool one_in(struct side_terminal *t, uint32_t n)
{
    return !t->world->options.calm && world_chance(t->world, n);
}

static void key(struct side_terminal *t, const char *name)
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

static bool choose(struct side_terminal *t, const char *choice)
{
    char name[32];
    if (!offers(terminal_screen(t->terminal), choice)) return false;
    struct writer w = writer_over(name, sizeof name - 1);
    write_format(&w, "choice:%s", choice);
    name[w.len] = '\0';
    key(t, name);
    return true;
}

static void type(struct side_terminal *t, const char *digits)
{
    char name[] = "digit:0";
    for (; *digits != '\0' && t->terminal != NULL; digits++) {
        name[6] = *digits;
        key(t, name);
    }
}

/* ---- secrets, through the panel channel -------------------------------------------------------
 */

static bool open_panel(struct side_terminal *t)
{
    /* One pair for all pages of a world: the vault's half is new each time, so every channel is. */
    struct panel_pair *pair = &t->world->page_pair;
    uint8_t block[128];
    struct writer w = writer_over(block, sizeof block);
    err opened = terminal_on_panel(t->terminal, BYTES_OF(pair->public_key), &w);
    if (!FAILED(opened))
        opened = panel_channel_open(pair, writer_view(&w), PANEL_SIDE_PANEL, &t->cashier.panel);
    t->cashier.panel_open = !FAILED(opened);
    t->cashier.panel_life = t->vault_life;
    if (opened.code == ERR_CRASHED || t->vault_died)
        side_terminal_did(t, opened.code == ERR_CRASHED ? opened : OK);
    return t->cashier.panel_open;
}

static bool press(struct side_terminal *t, uint8_t position)
{
    uint8_t block[64];
    struct writer w = writer_over(block, sizeof block);
    bool reopen = false;
    err sealed = panel_seal(&t->world->crypto, &t->cashier.panel, bytes_of(&position, 1), &w);
    ENSURE(!FAILED(sealed));
    side_terminal_did(t, terminal_on_entry(t->terminal, terminal_screen(t->terminal)->serial,
                                           writer_view(&w), &reopen));
    if (reopen) t->cashier.panel_open = false;
    return t->terminal != NULL && !reopen;
}

static const char *secret_for(struct side_terminal *t, const struct screen_entry *entry)
{
    static const uint8_t pin = 1, password = 2; /* enum vault_entry_purpose */
    struct cashier *c = &t->cashier;
    if (entry->purpose == pin) return c->card == NULL ? "1234" : c->card->pin;
    if (entry->purpose == password) return c->has_own ? c->password : c->initial;
    return c->password;
}

static void enter_secret(struct side_terminal *t)
{
    const struct screen *s = terminal_screen(t->terminal);
    uint8_t layout[LAYOUT_KEYS];
    if (!t->cashier.panel_open || t->cashier.panel_life != t->vault_life ||
        s->entry.layout_len == 0) {
        cashier_wake(t, open_panel(t) ? 100 : 3000);
        return;
    }
    struct writer w = writer_over(layout, sizeof layout);
    if (FAILED(panel_open(&t->world->crypto, &t->cashier.panel,
                          bytes_of(s->entry.layout, s->entry.layout_len), &w)) ||
        w.len != sizeof layout) {
        t->cashier.panel_open = false;
        cashier_wake(t, 100);
        return;
    }
    char secret[24];
    err fits = bytes_to_text(bytes_text(secret_for(t, &s->entry)), secret, sizeof secret);
    ENSURE(!FAILED(fits));
    bool wrong = s->entry.purpose == 1 && one_in(t, 40); /* a slip of the finger */
    for (const char *d = secret; *d != '\0'; d++) {
        const uint8_t *at = memchr(layout, wrong ? '9' : *d, sizeof layout);
        ENSURE(at != NULL);
        if (!press(t, (uint8_t)(at - layout))) return;
    }
    (void)press(t, one_in(t, 200) ? 'X' : 'O');
}

/* ---- paying -----------------------------------------------------------------------------------
 */

static void present(struct side_terminal *t)
{
    struct world *w = t->world;
    const struct screen *s = terminal_screen(t->terminal);
    size_t count;
    if (t->cashier.by_code && s->scan) {
        const struct virtual_phone *phones = virtual_phones(&count);
        if (w->network == NULL) return;
        char code[20];
        network_payment_code(w->network, &phones[random_below(&w->chance, (uint32_t)count)], code);
        side_terminal_did(t, terminal_on_code(t->terminal, bytes_text(code)));
    } else if (s->card) {
        const struct virtual_card *cards = virtual_cards(&count);
        uint32_t drawn =
            random_below(&w->chance, 4) != 0 ? 0 : random_below(&w->chance, (uint32_t)count);
        bool again = t->cashier.refunding && t->cashier.paid_with != NULL;
        t->cashier.card = again ? t->cashier.paid_with : &cards[drawn];
        struct writer track = writer_over(t->swipe.track2, sizeof t->swipe.track2 - 1);
        err made = virtual_card_track2(t->cashier.card, w->now_ms, &track);
        ENSURE(!FAILED(made));
        t->swipe.track2[track.len] = '\0';
        t->swipe.present = true;
    }
    cashier_wake(t, 3000); /* in case nothing comes of it */
}

static void begin_payment(struct side_terminal *t)
{
    struct world *w = t->world;
    /* At the end of the day what is unsent still needs keys to be sent with. */
    if (w->healing && terminal_screen(t->terminal)->status.unsent > 0) (void)choose(t, "sign_in");
    t->cashier.settling = (w->healing || world_chance(w, SETTLES_ONE_IN)) &&
                          !terminal_settled(t->terminal) && choose(t, "manage");
    if (t->cashier.settling || w->healing || w->payments_started >= w->options.payments) return;
    t->cashier.refunding =
        t->cashier.voucher != 0 && world_chance(w, REFUNDS_ONE_IN) && choose(t, "refund");
    if (t->cashier.refunding) {
        w->payments_started++;
        return;
    }
    if (!choose(t, "sale")) {
        (void)choose(t, "sign_in");
        return;
    }
    w->payments_started++;
    t->cashier.amount_minor = 1 + random_below(&w->chance, 100000);
    t->cashier.by_code = random_below(&w->chance, 3) == 0;
    t->cashier.card = NULL;
}

/* A third of it at most; each slip is asked about once, whatever comes of it. */
static void refund(struct side_terminal *t)
{
    struct cashier *c = &t->cashier;
    const struct screen *s = terminal_screen(t->terminal);
    char digits[16];
    bool number = strcmp(s->id, "refund.number") == 0;
    if (strcmp(s->id, "refund.by") == 0 && c->refunding && choose(t, "voucher")) return;
    if (number && c->voucher == 0) c->refunding = false;
    if (!c->refunding || s->field.value[0] != '\0') {
        key(t, "cancel");
        return;
    }
    int64_t yuan = 1 + random_below(&t->world->chance, (uint32_t)(c->paid_minor / 300) + 1);
    struct writer w = writer_over(digits, sizeof digits - 1);
    write_format(&w, "%lld", number ? (long long)c->voucher : (long long)yuan);
    digits[w.len] = '\0';
    if (number) c->voucher = 0;
    type(t, digits);
    if (t->terminal != NULL) key(t, "ok");
}

/* The slip lies on the counter: its voucher can be refunded. */
static void keep_slip(struct side_terminal *t)
{
    const struct payment *p = terminal_payment(t->terminal);
    if (p->type != PAYMENT_SALE || p->state != PAYMENT_APPROVED) return;
    t->cashier.voucher = p->key.stan;
    t->cashier.paid_minor = p->amount_minor;
    t->cashier.paid_with = p->means == PAYMENT_CODE ? NULL : t->cashier.card;
}

static void enter_amount(struct side_terminal *t)
{
    char digits[16];
    const struct screen *s = terminal_screen(t->terminal);
    if (s->field.value[0] != '\0' && strcmp(s->field.value, "0.00") != 0) {
        key(t, "ok");
        return;
    }
    struct writer w = writer_over(digits, sizeof digits - 1);
    write_format(&w, "%lld",
                 (long long)(t->cashier.amount_minor > 0 ? t->cashier.amount_minor : 1));
    digits[w.len] = '\0';
    type(t, digits);
    if (t->terminal != NULL) key(t, "ok");
}

/* Nothing that has a name here: what the screen offers, the likeliest first. */
static void go_on(struct side_terminal *t)
{
    static const char *const wishes[] = {"sign_in", "card", "code",   "retry", "continue", "start",
                                         "done",    "save", "unlock", "keep",  "settle"};
    const struct screen *s = terminal_screen(t->terminal);
    if (strcmp(s->id, "manage.menu") == 0) {
        if (!t->cashier.settling || !choose(t, "settle")) key(t, "cancel");
        return;
    }
    if (strcmp(s->id, "settle.ask") == 0 && t->cashier.settling) {
        t->cashier.settling = false;
        settlement_spoil(t);
        (void)choose(t, "yes");
        return;
    }
    if (t->cashier.by_code && choose(t, "code")) return;
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++)
        if (choose(t, wishes[i])) return;
    if (s->keys & SCREEN_KEY_OK) key(t, "ok");
    else if (s->keys & SCREEN_KEY_CANCEL && s->wait[0] == '\0') key(t, "cancel");
}

void cashier_act(struct side_terminal *t)
{
    struct world *w = t->world;
    t->cashier.busy = false;
    if (t->terminal == NULL) return;
    const struct screen *s = terminal_screen(t->terminal);
    if (s->id == NULL) return;
    if (s->id != t->cashier.screen_id) t->cashier.since_ms = w->now_ms;
    t->cashier.screen_id = s->id;
    if (w->now_ms - t->cashier.since_ms > STUCK_MS && !w->healing) {
        world_fail(w, "terminal %u shows '%s' for a quarter of an hour", t->index, s->id);
        return;
    }
    if (strcmp(s->id, "password.saved") == 0) t->cashier.has_own = true;

    if (strcmp(s->id, "sale.approved") == 0) keep_slip(t);
    if (s->entry.purpose != 0) {
        enter_secret(t);
    } else if (strncmp(s->id, "refund.", 7) == 0) {
        refund(t);
    } else if (s->card || s->scan) {
        present(t);
    } else if (s->wait[0] != '\0') {
        if (one_in(t, 100)) key(t, "cancel");
        cashier_wake(t, 2000);
    } else if (s->field.kind == SCREEN_FIELD_DIGITS) {
        if (s->field.value[0] == '\0') type(t, "01");
        if (t->terminal != NULL) key(t, "ok");
    } else if (s->field.kind == SCREEN_FIELD_AMOUNT) {
        enter_amount(t);
    } else if (offers(s, "sale") || offers(s, "settings")) {
        begin_payment(t);
        cashier_wake(t, 5000);
    } else if (one_in(t, 300)) {
        key(t, "cancel");
    } else {
        go_on(t);
    }
    if (t->terminal != NULL) cashier_wake(t, w->healing ? 30000 : 5000);
}
