/* SPDX-License-Identifier: Apache-2.0 */
/* PINs and passwords: the page between a person and the vault, which alone reads what is pressed.
 */
#include "tests/simulation/world.h"

enum { LAYOUT_KEYS = 12 };

/* enum vault_entry_purpose, as the page knows it */
enum { ENTRY_PIN = 1, ENTRY_PASSWORD = 2, ENTRY_APPROVER = 6, ENTRY_OWNER = 9 };

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

/*
 * On his first day a person cannot know whether his own password was taken when the power went, so
 * he tries the sheet's and his own in turn.
 */
static const char *password_of(const struct cashier *c)
{
    const struct person *p = c->at;
    return p->has_own || !c->by_sheet ? p->password : p->initial;
}

static const char *secret_for(const struct side_terminal *t, const struct screen_entry *entry)
{
    const struct cashier *c = &t->cashier;
    if (entry->purpose == ENTRY_PIN) return customer_pin(t);
    if (entry->purpose == ENTRY_OWNER) return replaced_digits();
    if (entry->purpose == ENTRY_APPROVER) return c->supervisor.password;
    return entry->purpose == ENTRY_PASSWORD ? password_of(c) : c->at->password;
}

void keypad_enter(struct side_terminal *t)
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
    char secret[48];
    err fits = bytes_to_text(bytes_text(secret_for(t, &s->entry)), secret, sizeof secret);
    ENSURE(!FAILED(fits));
    bool wrong = s->entry.purpose == ENTRY_PIN && cashier_slips(t, 40);
    for (const char *d = secret; *d != '\0'; d++) {
        const uint8_t *at = memchr(layout, wrong ? '9' : *d, sizeof layout);
        ENSURE(at != NULL);
        if (!press(t, (uint8_t)(at - layout))) return;
    }
    (void)press(t, cashier_slips(t, 200) ? 'X' : 'O');
}
