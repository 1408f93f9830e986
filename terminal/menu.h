/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Menus: what stands on them, what each entry needs, and the procedure behind it. */

#include "terminal/core.h"

struct menu_entry {
    const char *key;
    enum text_id text;
    const char *icon;
    unsigned needs;         /* of enum need; checked when the entry is taken */
    procedure_function run; /* NULL: not in this version, shown in grey */
};

struct menu {
    const char *id;
    enum text_id title;
    enum screen_choice_style style; /* TILE or LIST */
    size_t count;
    const struct menu_entry *entry;
};

/* Puts the entries on the screen. */
void menu_choices(struct terminal *t, const struct menu *menu);

/* The entry that was taken, or NULL. */
const struct menu_entry *menu_taken(const struct terminal *t, const struct menu *menu);

/* Runs t->entry: first what it needs, then itself. */
err menu_start(struct terminal *t, struct procedure *p);

/* Shows t->menu and runs what is chosen until Cancel. */
err menu_run(struct terminal *t, struct procedure *p);

/* All menus, for the test that walks every entry against every precondition. */
extern const struct menu menu_main, menu_records, menu_manage, menu_settings, menu_security,
    menu_passwords;
