/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nobody can get lost: thousands of random touches (S4), every screen left alone (S5), every
 * precondition against every entry of every menu (S8).
 */
#include "lib/base/random.h"
#include "terminal/menu.h"
#include "tests/unit/terminal_rig.h"

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Screens that there is nothing behind. */
static bool is_root(const char *id)
{
    return strcmp(id, "login.operator") == 0 || starts_with(id, "boot.") ||
           starts_with(id, "fault.");
}

/* ---- S4 ---- */

static void touch_cancel(struct rig *rig)
{
    const char *before = rig_id(rig);
    size_t depth = rig->terminal->depth;
    if (!(terminal_screen(rig->terminal)->keys & SCREEN_KEY_CANCEL)) {
        assert_true(starts_with(before, "boot.check") || strcmp(before, "lock.locked") == 0);
        return;
    }
    GOOD(rig_key(rig, "cancel"));
    if (!is_root(before))
        assert_true(strcmp(before, rig_id(rig)) != 0 || rig->terminal->depth != depth);
}

static void touch_choice(struct rig *rig, const struct random *random)
{
    const struct screen *s = terminal_screen(rig->terminal);
    char key[32];
    if (s->choice_count == 0) return;
    snprintf(key, sizeof key, "choice:%s",
             s->choice[random_below(random, (uint32_t)s->choice_count)].key);
    GOOD(rig_key(rig, key));
}

static void touch_entry(struct rig *rig, const struct random *random)
{
    const struct screen *s = terminal_screen(rig->terminal);
    const char *who = s->id[0] == 'l' ? rig->terminal->typed : rig->terminal->operator_id;
    const char *right = rig->password[strcmp(who, "00") == 0 ? 0 : strcmp(who, "02") == 0 ? 2 : 1];
    bool reopen;
    switch (random_below(random, 4)) {
    case 0:
        GOOD(terminal_on_entry(rig->terminal, 0, BYTES("X"), &reopen));
        break;
    case 1:
        GOOD(rig_enter(rig, "12"));
        break;
    default:
        rig->wrong_tries = 0;
        if (s->entry.purpose == VAULT_ENTRY_PASSWORD) GOOD(rig_enter(rig, right));
        else GOOD(rig_enter(rig, random_below(random, 2) ? "8264" : "7391"));
    }
}

static void touch_digits(struct rig *rig, const struct random *random)
{
    static const char *const keys[] = {"digit:0",  "digit:1", "digit:2", "digit:00",
                                       "digit:9",  "point",   "clear",   "backspace",
                                       "language", "help",    "nonsense"};
    if (strcmp(rig_id(rig), "login.operator") == 0)
        GOOD(rig_keys(rig,
                      random_below(random, 3) ? "clear digit:0 digit:1" : "clear digit:0 digit:0"));
    else GOOD(rig_key(rig, keys[random_below(random, ARRAY_LEN(keys))]));
}

static void world_changes(struct rig *rig, const struct random *random)
{
    static const enum rig_mood moods[] = {RIG_ANSWER,  RIG_ANSWER, RIG_ANSWER,     RIG_SILENT,
                                          RIG_DEAF,    RIG_DROP,   RIG_WRONG_STAN, RIG_BAD_MAC,
                                          RIG_GARBAGE, RIG_ANSWER, RIG_WRONG_BATCH};
    rig->mood = moods[random_below(random, ARRAY_LEN(moods))];
    rig->reachable = random_below(random, 5) != 0;
    rig->refuse_reversal = random_below(random, 4) == 0;
    rig->silent_sign_in = random_below(random, 8) == 0;
    memcpy(rig->code, random_below(random, 3) ? "00" : "51", 3);
    if (random_below(random, 4) == 0) rig->online = false;
    GOOD(rig_pump(rig));
}

static void one_touch(struct rig *rig, const struct random *random)
{
    switch (random_below(random, 12)) {
    case 0:
        touch_cancel(rig);
        break;
    case 1:
    case 2:
        GOOD(rig_key(rig, "ok"));
        break;
    case 3:
    case 4:
    case 5:
        touch_choice(rig, random);
        break;
    case 6:
        rig_card(rig, (uint8_t)random_below(random, 5), random_below(random, 2));
        GOOD(rig_advance(rig, 300));
        break;
    case 7:
        GOOD(terminal_on_code(rig->terminal, BYTES("280000000000000000")));
        GOOD(rig_pump(rig));
        break;
    case 8:
        GOOD(rig_advance(rig, random_below(random, 70000)));
        break;
    case 9:
        world_changes(rig, random);
        break;
    default:
        touch_digits(rig, random);
    }
    if (terminal_screen(rig->terminal)->entry.purpose != 0 && random_below(random, 2))
        touch_entry(rig, random);
}

/* Whatever state the walk has ended in, this leads out of it. */
static void come_home(struct rig *rig)
{
    rig->mood = RIG_ANSWER;
    rig->reachable = true;
    rig->refuse_reversal = rig->silent_sign_in = false;
    rig->wrong_tries = 0;
    rig_off(rig);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    if (strcmp(rig_id(rig), "lock.locked") == 0) {
        GOOD(rig_key(rig, "choice:supervisor"));
        GOOD(rig_enter(rig, rig->password[0]));
    }
    if (strcmp(rig_id(rig), "main.menu") == 0) /* he had locked it himself */
        GOOD(rig_keys(rig, "cancel choice:log_out"));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", rig->password[1]));
    AT(rig, "main.menu");
    if (!rig->terminal->records.signed_in) GOOD(rig_keys(rig, "choice:sign_in ok"));
    GOOD(rig_advance(rig, 120000));
    rig_check_books(rig);
}

static void test_random_walk(void **state)
{
    (void)state;
    size_t screens = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct random_seeded source;
        random_seed(&source, seed);
        struct random random = random_from_seed(&source);
        struct rig *rig = rig_ready();
        for (int i = 0; i < 300 && rig->rows < RIG_ROWS - 10; i++) {
            one_touch(rig, &random);
            rig->transcript[0] = '\0';
        }
        screens += (size_t)rig->shows;
        come_home(rig);
        rig_free(rig);
    }
    assert_true(screens > 5000);
}

/* ---- S5 ---- */

static void test_idle(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *screen;
    } paths[] = {
        {"choice:sale", "sale.amount"},
        {"choice:sale digit:1", "sale.amount"},
        {"choice:sale digit:1 ok", "sale.present"},
        {"choice:records", "records.menu"},
        {"choice:records choice:query", "query.list"},
        {"choice:records choice:query choice:row_1", "query.detail"},
        {"choice:records choice:reprint_last", "reprint.done"},
        {"choice:records choice:reprint_any", "reprint.number"},
        {"choice:records choice:report", "report.list"},
        {"choice:records choice:report choice:id_01", "report.operator"},
        {"choice:manage", "manage.menu"},
        {"choice:manage choice:sign_in", "sign_in.done"},
        {"choice:manage choice:sign_out", "sign_out.ask"},
        {"choice:settings", "settings.menu"},
        {"choice:settings choice:security", "settings.security"},
        {"choice:settings choice:security choice:passwords", "settings.passwords"},
        {"choice:settings choice:security choice:passwords choice:change", "password.current"},
        {"choice:settings choice:passwords choice:change", "password.current"},
        {"choice:settings choice:security choice:duress", "duress.about"},
        {"choice:settings choice:security choice:keypad", "settings.keypad"},
        {"choice:settings choice:network", "settings.network"},
        {"choice:settings choice:about", "settings.about"},
        {"cancel", "session.leave"},
    };
    struct rig *rig = rig_ready();
    GOOD(rig_sale(rig));
    assert_int_equal(terminal_screen(rig->terminal)->countdown, TERMINAL_RESULT_S);
    GOOD(rig_advance(rig, (TERMINAL_RESULT_S + 1) * 1000));
    AT(rig, "main.menu");
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        GOOD(rig_keys(rig, paths[i].keys));
        AT(rig, paths[i].screen);
        unsigned countdown = terminal_screen(rig->terminal)->countdown;
        assert_true(countdown > 0 && countdown <= TERMINAL_IDLE_S);
        GOOD(rig_advance(rig, (countdown - 1) * 1000));
        AT(rig, paths[i].screen);
        GOOD(rig_advance(rig, 1500));
        if (strcmp(rig_id(rig), "sale.timeout") == 0) /* a customer's step says what it came to */
            GOOD(rig_advance(rig, (TERMINAL_RESULT_S + 1) * 1000));
        AT(rig, "main.menu");
        assert_int_equal(terminal_screen(rig->terminal)->countdown, 0); /* it stands there */
    }
    /* A touch begins the time anew; a minute that changes on the clock does not. */
    GOOD(rig_key(rig, "choice:sale"));
    GOOD(rig_advance(rig, 50000));
    GOOD(rig_key(rig, "digit:1"));
    GOOD(rig_advance(rig, 50000));
    AT(rig, "sale.amount");
    GOOD(rig_advance(rig, 11000));
    AT(rig, "main.menu");
    /* The log-in goes back to its first screen. */
    GOOD(rig_keys(rig, "cancel choice:log_out digit:0 digit:1 ok"));
    AT(rig, "login.password");
    GOOD(rig_advance(rig, 61000));
    AT(rig, "login.operator");
    rig_check_books(rig);
    rig_free(rig);
}

/* A payment under way is never given up for being left alone. */
static void test_waiting_does_not_idle(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->mood = RIG_SILENT;
    GOOD(rig_sale(rig));
    assert_int_equal(terminal_screen(rig->terminal)->countdown, 0);
    assert_int_equal(terminal_screen(rig->terminal)->wait_seconds, 60);
    GOOD(rig_advance(rig, 59000));
    AT(rig, "sale.wait");
    GOOD(rig_advance(rig, 10000));
    AT(rig, "sale.reversed");
    rig_check_books(rig);
    rig_free(rig);
}

/* ---- S8 ---- */

static const struct {
    enum need need;
    const char *screen;
} needs[] = {{NEED_PROVISION, "need.provision"},   {NEED_CASHIER, "need.cashier"},
             {NEED_MANAGER, "need.manager"},       {NEED_SUPERVISOR, "need.supervisor"},
             {NEED_TRUSTED, "need.trusted"},       {NEED_SIGN_IN, "need.sign_in"},
             {NEED_BATCH, "need.batch"},           {NEED_PAPER, "need.paper"},
             {NEED_RECORD, "need.record"},         {NEED_IDLE, "need.idle"},
             {NEED_DELIVERED, "need.delivered"},   {NEED_ADMINISTRATOR, "need.administrator"},
             {NEED_SETTLED, "need.settled"},       {NEED_SETTLEMENT, "need.settlement"},
             {NEED_OPEN_BATCH, "need.open_batch"}, {NEED_ORDER, "need.order"},
             {NEED_CAUGHT_UP, "need.caught_up"}};

static void force(struct rig *rig, enum need need)
{
    struct terminal_devices no_paper = {.battery = 50, .paper = SCREEN_PAPER_OUT};
    switch (need) {
    case NEED_PROVISION:
        rig->terminal->facts.provisioned = false;
        break;
    case NEED_CASHIER:
        rig->terminal->role = VAULT_ROLE_SUPERVISOR;
        break;
    case NEED_MANAGER: /* a cashier is no manager and no supervisor */
    case NEED_SUPERVISOR:
    case NEED_ADMINISTRATOR:
        break;
    case NEED_TRUSTED:
        rig->terminal->role = VAULT_ROLE_SUPERVISOR;
        GOOD(terminal_on_network(
            rig->terminal, 0,
            &(struct network_facts){.kind = NETWORK_WIFI, .security = NETWORK_OPEN}));
        break;
    case NEED_SIGN_IN:
        rig->terminal->records.signed_in = false;
        break;
    case NEED_BATCH:
        rig->terminal->config.batch_max = 1;
        rig->terminal->settle.when_full = false;
        break;
    case NEED_PAPER:
        GOOD(terminal_on_devices(rig->terminal, &no_paper));
        break;
    case NEED_RECORD:
        rig->terminal->records.batch_approved = 0;
        break;
    case NEED_DELIVERED:
        rig->terminal->records.offline = 1;
        break;
    case NEED_IDLE:
        rig->mood = RIG_SILENT;
        rig->refuse_reversal = true;
        GOOD(rig_sale(rig));
        GOOD(rig_keys(rig, "cancel cancel"));
        break;
    case NEED_SETTLED:
        rig->settling.at = 1;
        rig->settling.mood = RIG_SILENT;
        GOOD(rig_keys(rig, "choice:manage choice:settle choice:yes cancel cancel"));
        break;
    case NEED_ORDER:
        GOOD(rig_keys(rig, "choice:sale digit:3 ok choice:split digit:1 ok choice:cash ok ok"));
        GOOD(rig_key(rig, "cancel"));
        break;
    case NEED_CAUGHT_UP:
        GOOD(catch_up_begin(rig->store, RIG_START_MS, false, 0));
        GOOD(catch_up_load(&rig->terminal->records, &rig->terminal->catch_up));
        break;
    case NEED_SETTLEMENT: /* there was none yet */
        break;
    case NEED_OPEN_BATCH:
        GOOD(rig_keys(rig, "choice:manage choice:settle choice:yes ok cancel"));
        break;
    }
}

/* The screen that stands in the way of an entry, or NULL: the need that was forced, or the role. */
static const char *obstacle(const struct menu_entry *entry, size_t forced)
{
    bool supervisor = needs[forced].need == NEED_CASHIER || needs[forced].need == NEED_TRUSTED;
    bool first = needs[forced].need == NEED_PROVISION; /* said before anybody's role is */
    if (entry->needs & NEED_ADMINISTRATOR && !(first && entry->needs & NEED_PROVISION))
        return "need.administrator";
    bool settled = needs[forced].need == NEED_OPEN_BATCH; /* so it must sign in anew */
    bool anew = settled || needs[forced].need == NEED_CAUGHT_UP;
    if (entry->needs & needs[forced].need) return needs[forced].screen;
    if (anew && entry->needs & NEED_SIGN_IN) return "need.sign_in";
    if (!settled && entry->needs & NEED_SETTLEMENT) return "need.settlement";
    if (supervisor) return entry->needs & NEED_CASHIER ? "need.cashier" : NULL;
    if (entry->needs & NEED_MANAGER) return "need.manager";
    return entry->needs & NEED_SUPERVISOR ? "need.supervisor" : NULL;
}

/* A place for backups that is never there: so that what needs one is in the menu. */
static err no_snapshot(void *context, struct store **ret_store)
{
    (void)context, (void)ret_store;
    return ERR(NOT_FOUND);
}

static err no_file(void *context, const char *name)
{
    (void)context, (void)name;
    return ERR(NOT_FOUND);
}

static void check_entry(const struct menu *menu, const char *path, const struct menu_entry *entry)
{
    for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
        struct rig *rig = rig_new();
        char key[40];
        rig->backup = (struct backup_ports){.snapshot = no_snapshot, .create = no_file};
        (void)rig_make_ready(rig);
        GOOD(rig_sale(rig));
        GOOD(rig_key(rig, "ok"));
        force(rig, needs[i].need);
        AT(rig, "main.menu");
        GOOD(rig_keys(rig, path));
        AT(rig, menu->id);
        snprintf(key, sizeof key, "choice:%s", entry->key);
        GOOD(rig_key(rig, key));
        if (entry->run == NULL) {
            AT(rig, menu->id); /* grey: does nothing */
            assert_true(rig_has_choice(rig, entry->key, false));
        } else if (obstacle(entry, i) != NULL) {
            AT(rig, obstacle(entry, i));
            assert_non_null(terminal_screen(rig->terminal)->line[0].text);
            GOOD(rig_key(rig, "cancel"));
            AT(rig, menu->id);
        } else {
            assert_false(starts_with(rig_id(rig), "need."));
        }
        rig_free(rig);
    }
}

/* Supervisor and administrator, who may not trade, are told so (S48). */
static void test_every_need_of_every_entry(void **state)
{
    (void)state;
    static const struct {
        const struct menu *menu;
        const char *path;
    } menus[] = {{&menu_main, ""},
                 {&menu_records, "choice:records"},
                 {&menu_manage, "choice:manage"},
                 {&menu_settings, "choice:settings"},
                 {&menu_security, "choice:settings choice:security"},
                 {&menu_passwords, "choice:settings choice:security choice:passwords"}};
    for (size_t i = 0; i < ARRAY_LEN(menus); i++)
        for (size_t j = 0; j < menus[i].menu->count; j++)
            check_entry(menus[i].menu, menus[i].path, &menus[i].menu->entry[j]);
}

/* The action that is offered puts it right, and the entry then goes on by itself. */
static void test_need_is_fixed(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    force(rig, NEED_SIGN_IN);
    GOOD(rig_keys(rig, "choice:sale choice:sign_in ok"));
    AT(rig, "sale.amount");
    GOOD(rig_key(rig, "cancel"));
    force(rig, NEED_PAPER);
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.paper");
    GOOD(terminal_on_devices(rig->terminal, &(struct terminal_devices){.battery = 50}));
    GOOD(rig_key(rig, "choice:retry"));
    AT(rig, "sale.amount");
    GOOD(rig_key(rig, "cancel"));
    force(rig, NEED_CASHIER);
    GOOD(rig_keys(rig, "choice:sale choice:log_out"));
    AT(rig, "login.operator");
    rig_free(rig);

    /* A full batch: settled, and a new sign-in begins another. */
    rig = rig_ready();
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "ok"));
    force(rig, NEED_BATCH);
    uint32_t batch = rig->terminal->records.batch;
    GOOD(rig_keys(rig, "choice:sale choice:settle choice:yes ok"));
    AT(rig, "need.sign_in");
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    AT(rig, "sale.amount");
    assert_int_equal(rig->terminal->records.batch, batch + 1);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_walk),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_waiting_does_not_idle),
        cmocka_unit_test(test_every_need_of_every_entry),
        cmocka_unit_test(test_need_is_fixed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
