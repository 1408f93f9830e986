/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 设置: language, security, about. 设置 -> 安全设置 -> 密码设置 holds what an operator can do with
 * his own password; other people's passwords are the supervisor's and come later.
 */
#include "terminal/menu.h"

static err security(struct terminal *t, struct procedure *p);
static err passwords(struct terminal *t, struct procedure *p);
static err language(struct terminal *t, struct procedure *p);
static err about(struct terminal *t, struct procedure *p);

/* clang-format off */
static const struct menu_entry settings_entries[] = {
    {"security", TEXT_ENTRY_SECURITY, "lock",     0, security},
    {"language", TEXT_ENTRY_LANGUAGE, "settings", 0, language},
    {"about",    TEXT_ENTRY_ABOUT,    "info",     0, about},
};

static const struct menu_entry security_entries[] = {
    {"passwords", TEXT_ENTRY_PASSWORDS, "lock", 0, passwords},
};

static const struct menu_entry passwords_entries[] = {
    {"change", TEXT_ENTRY_CHANGE_PASSWORD, "lock", 0, password_change},
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

static err language(struct terminal *t, struct procedure *p)
{
    struct records next = t->records;
    next.language = next.language == LANGUAGE_ZH ? LANGUAGE_EN : LANGUAGE_ZH;
    TRY(records_save(&t->records, &next, "", NULL, "", ""));
    PROCEDURE_DONE(t, p);
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
