/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 设置: security, passwords, network, language, about. One's own password is three touches from the
 * main screen (S3): 设置 -> 密码设置 -> 修改密码, or 设置 -> 安全设置 -> 修改密码. Other people's
 * are under 管理 -> 柜员管理.
 */
#include "terminal/menu.h"

static err security(struct terminal *t, struct procedure *p);
static err passwords(struct terminal *t, struct procedure *p);
static err keypad(struct terminal *t, struct procedure *p);
static err network(struct terminal *t, struct procedure *p);
static err language(struct terminal *t, struct procedure *p);
static err about(struct terminal *t, struct procedure *p);

/* clang-format off */
static const struct menu_entry settings_entries[] = {
    {"security", TEXT_ENTRY_SECURITY, "shield",   0, security},
    {"passwords", TEXT_ENTRY_PASSWORDS, "lock",   0, passwords},
    {"network",  TEXT_ENTRY_NETWORK,  "network",  0, network},
    {"language", TEXT_ENTRY_LANGUAGE, "settings", 0, language},
    {"about",    TEXT_ENTRY_ABOUT,    "info",     0, about},
};

static const struct menu_entry security_entries[] = {
    {"passwords", TEXT_ENTRY_PASSWORDS,       "lock",   0,                              passwords},
    {"change",    TEXT_ENTRY_CHANGE_PASSWORD, "lock",   0,                              password_change},
    {"duress",    TEXT_ENTRY_DURESS,          "shield", 0,                              duress_set},
    {"phones",    TEXT_ENTRY_PHONES,          "phone",  NEED_SUPERVISOR | NEED_TRUSTED, phones},
    {"keypad",    TEXT_ENTRY_KEYPAD,          "keypad", 0,                              keypad},
};

static const struct menu_entry passwords_entries[] = {
    {"change", TEXT_ENTRY_CHANGE_PASSWORD, "lock",   0, password_change},
    {"duress", TEXT_ENTRY_DURESS,          "shield", 0, duress_set},
};

const struct menu menu_settings = {"settings.menu", TEXT_SETTINGS_TITLE, SCREEN_LIST, ARRAY_LEN(settings_entries), settings_entries};
const struct menu menu_security = {"settings.security", TEXT_SECURITY_TITLE, SCREEN_LIST, ARRAY_LEN(security_entries), security_entries};
const struct menu menu_passwords = {"settings.passwords", TEXT_PASSWORDS_TITLE, SCREEN_LIST, ARRAY_LEN(passwords_entries), passwords_entries};
/* clang-format on */

err settings(struct terminal *t, struct procedure *p)
{
    t->menu = &menu_settings;
    return menu_run(t, p);
}

static err security(struct terminal *t, struct procedure *p)
{
    t->menu = &menu_security;
    return menu_run(t, p);
}

static err passwords(struct terminal *t, struct procedure *p)
{
    t->menu = &menu_passwords;
    return menu_run(t, p);
}

/* ---- the keypad of secrets (S73) ---- */

/* clang-format off */
static const struct {
    const char *key;
    enum text_id name, row;
} keypads[] = {
    [KEYPAD_STANDARD] = {"standard", TEXT_KEYPAD_STANDARD_NAME, TEXT_KEYPAD_STANDARD},
    [KEYPAD_PRIVATE]  = {"private",  TEXT_KEYPAD_PRIVATE_NAME,  TEXT_KEYPAD_PRIVATE},
    [KEYPAD_FIXED]    = {"fixed",    TEXT_KEYPAD_FIXED_NAME,    TEXT_KEYPAD_FIXED},
};
_Static_assert(ARRAY_LEN(keypads) == KEYPAD_MODES, "a row for each");
/* clang-format on */

static void show_keypad(struct terminal *t)
{
    screen_begin(t, "settings.keypad", TEXT_KEYPAD_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_KEYPAD_NOW,
        text(keypads[t->records.keypad].name, t->records.language));
    SAY(t, SCREEN_HINT, TEXT_KEYPAD_ALIKE);
    for (size_t i = 0; i < ARRAY_LEN(keypads); i++)
        screen_choice(t, keypads[i].key, keypads[i].row, SCREEN_LIST, "keypad", true);
    screen_show(t);
}

/* For every entry from the next one on. */
static err take_keypad(struct terminal *t)
{
    struct records next = t->records;
    size_t i = 0;
    while (i < ARRAY_LEN(keypads) && !choice_is(t, keypads[i].key)) i++;
    if (i == ARRAY_LEN(keypads)) return OK;
    next.keypad = (enum keypad_mode)i;
    TRY(records_save(&t->records, &next, t->operator_id, "keypad", "", keypads[i].key));
    NOTICE(t, SCREEN_SUCCESS, TEXT_KEYPAD_SAVED);
    return OK;
}

static err keypad(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    for (;;) {
        show_keypad(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        TRY(take_keypad(t));
    }
    PROCEDURE_END(t, p);
}

static err language(struct terminal *t, struct procedure *p)
{
    struct records next = t->records;
    next.language = next.language == LANGUAGE_ZH ? LANGUAGE_EN : LANGUAGE_ZH;
    TRY(records_save(&t->records, &next, "", NULL, "", ""));
    PROCEDURE_DONE(t, p);
}

/* ---- the network ---- */

static enum text_id verdict_text(enum network_verdict verdict)
{
    static const enum text_id texts[NETWORK_VERDICTS] = {
        [NETWORK_VERDICT_UNKNOWN] = TEXT_NETWORK_IS_UNKNOWN,
        [NETWORK_VERDICT_TRUSTED] = TEXT_NETWORK_IS_TRUSTED,
        [NETWORK_VERDICT_OPEN] = TEXT_NETWORK_IS_OPEN,
        [NETWORK_VERDICT_WEP] = TEXT_NETWORK_IS_WEP,
        [NETWORK_VERDICT_CAPTIVE] = TEXT_NETWORK_IS_CAPTIVE,
    };
    return texts[verdict];
}

void network_warn(struct terminal *t)
{
    if (!network_trusted(t))
        SAY(t, SCREEN_WARNING, verdict_text(network_judge(paths_facts(&t->paths))));
    if (t->impostor.here[TERMINAL_LINE_HOST])
        SAY(t, SCREEN_ERROR, TEXT_IMPOSTOR_HOST, t->config.support);
    if (t->impostor.here[TERMINAL_LINE_OFFICE])
        SAY(t, SCREEN_ERROR, TEXT_IMPOSTOR_OFFICE, t->config.support);
}

static const char *online_text(const struct terminal *t, enum screen_network state)
{
    return text(state == SCREEN_ONLINE ? TEXT_NETWORK_CONNECTED : TEXT_NETWORK_NOT_CONNECTED,
                t->records.language);
}

static const char *kind_text(const struct terminal *t, const struct network_facts *facts)
{
    static const enum text_id kinds[] = {TEXT_NETWORK_UNKNOWN_KIND, TEXT_NETWORK_CABLE,
                                         TEXT_NETWORK_WIFI_KIND, TEXT_NETWORK_MOBILE_KIND};
    return text(kinds[facts->kind], t->records.language);
}

/* S172: each way out, in the order in which they are wanted, and which one is in use. */
static void say_paths(struct terminal *t)
{
    for (size_t i = 0; i < t->paths.count; i++) {
        const struct network_facts *facts = &t->paths.facts[i];
        enum text_id state = facts->down        ? TEXT_PATH_DOWN
                             : i == t->paths.at ? TEXT_PATH_IN_USE
                                                : TEXT_PATH_STANDS_BY;
        SAY(t, SCREEN_NORMAL, TEXT_PATH_ROW, kind_text(t, facts), text(state, t->records.language));
    }
}

static void show_network(struct terminal *t)
{
    const struct network_facts *now = paths_facts(&t->paths);
    bool trusted = network_trusted(t);
    screen_begin(t, "settings.network", TEXT_NETWORK_TITLE);
    SAY(t, trusted ? SCREEN_SUCCESS : SCREEN_WARNING, verdict_text(network_judge(now)));
    if (t->paths.count == 1) SAY(t, SCREEN_NORMAL, TEXT_NETWORK_KIND, kind_text(t, now));
    else say_paths(t);
    if (now->name[0] != '\0') SAY(t, SCREEN_NORMAL, TEXT_NETWORK_NAME, now->name);
    SAY(t, SCREEN_NORMAL, TEXT_NETWORK_HOST, online_text(t, t->host.state));
    if (t->manage.wanted)
        SAY(t, SCREEN_NORMAL, TEXT_NETWORK_MANAGE, online_text(t, t->manage.state));
    if (!trusted) {
        SAY(t, SCREEN_NORMAL, TEXT_NETWORK_PAYMENTS);
        SAY(t, SCREEN_NORMAL, TEXT_NETWORK_ADVICE);
    }
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static err network(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_network(t);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}

/* S7: everything that a service call asks for, and no secret. */
static void show_about(struct terminal *t)
{
    const struct secure_facts *f = &t->facts;
    const char *none = text(TEXT_ABOUT_NONE, t->records.language);
    screen_begin(t, "settings.about", TEXT_ABOUT_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_SERIAL, f->serial);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_MODEL, f->model);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_VERSION, t->config.version);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_MERCHANT, f->merchant);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_MID, f->mid);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_TID, f->tid);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_BATCH, padded_text(t->records.batch, 6).text);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_KCV_MASTER, f->kcv_master[0] ? f->kcv_master : none);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_KCV_PIN, f->kcv_pin[0] ? f->kcv_pin : none);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_KCV_MAC, f->kcv_mac[0] ? f->kcv_mac : none);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_KCV_DATA, f->kcv_data[0] ? f->kcv_data : none);
    if (f->first_login_ms > 0)
        SAY(t, SCREEN_NORMAL, TEXT_LOGIN_SINCE,
            time_text(f->first_login_ms + CLOCK_CHINA_OFFSET_MS).text);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static err about(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    (void)secure_status(t);
    do {
        show_about(t);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}
