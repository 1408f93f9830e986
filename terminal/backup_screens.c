/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 设备备份: what a supervisor sees of backups: how old the last one is, one made now, the owner's
 * key, a test of the last one, and the way back from one. Every refusal says what to do instead.
 */
#include "terminal/core.h"
#include "terminal/first_start.h"
#include "terminal/secure_backup.h"

/* ---- words ---- */

static enum text_id outcome_text(enum backup_outcome outcome)
{
    static const enum text_id texts[] = {
        [BACKUP_WRITTEN] = TEXT_BACKUP_DONE,
        [BACKUP_NO_PLACE] = TEXT_BACKUP_NO_PLACE,
        [BACKUP_MEDIUM_FULL] = TEXT_BACKUP_MEDIUM_FULL,
        [BACKUP_VAULT] = TEXT_BACKUP_VAULT_FAULT,
        [BACKUP_UNREADABLE] = TEXT_BACKUP_UNREADABLE,
        [BACKUP_ON_ITS_WAY] = TEXT_BACKUP_ON_ITS_WAY,
        [BACKUP_REFUSED] = TEXT_BACKUP_OFFICE_REFUSED,
    };
    return texts[outcome];
}

static enum text_id refusal_text(uint8_t verdict)
{
    static const enum text_id texts[VAULT_RESTORE_VERDICTS] = {
        [VAULT_RESTORE_NO_BUNDLE] = TEXT_BACKUP_REFUSED_FORMAT,
        [VAULT_RESTORE_NEWER] = TEXT_BACKUP_REFUSED_NEWER,
        [VAULT_RESTORE_OTHER_TERMINAL] = TEXT_BACKUP_REFUSED_OTHER,
        [VAULT_RESTORE_NOT_SIGNED] = TEXT_BACKUP_REFUSED_SIGN,
        [VAULT_RESTORE_NO_KEY] = TEXT_BACKUP_REFUSED_KEY,
        [VAULT_RESTORE_WRONG_KEY] = TEXT_BACKUP_REFUSED_KEY,
        [VAULT_RESTORE_TRUNCATED] = TEXT_BACKUP_REFUSED_SHORT,
        [VAULT_RESTORE_OLDER] = TEXT_BACKUP_REFUSED_OLDER,
    };
    bool known = verdict < VAULT_RESTORE_VERDICTS && texts[verdict] != 0;
    return known ? texts[verdict] : TEXT_BACKUP_REFUSED_DAMAGED;
}

/* Why a restore, or a test of one, did not go well. */
static void notice_result(struct terminal *t, const struct restore_result *result)
{
    char number[24];
    struct writer w = writer_over(number, sizeof number - 1);
    write_format(&w, "%llu", (unsigned long long)result->number);
    number[w.len] = '\0';
    switch (result->outcome) {
    case RESTORE_DONE:
        NOTICE(t, SCREEN_SUCCESS, TEXT_BACKUP_TESTED, number_text(result->payments).text);
        return;
    case RESTORE_REFUSED:
        NOTICE(t, SCREEN_ERROR, refusal_text(result->verdict), number);
        return;
    case RESTORE_VAULT:
        NOTICE(t, SCREEN_ERROR, TEXT_BACKUP_VAULT_FAULT, vault_status_text(result->status));
        return;
    case RESTORE_GONE:
        NOTICE(t, SCREEN_ERROR, TEXT_BACKUP_LIST_NONE, t->config.support);
        return;
    case RESTORE_HAS_DATA:
        NOTICE(t, SCREEN_WARNING, TEXT_BACKUP_HAS_DATA);
        return;
    case RESTORE_NEWER:
        NOTICE(t, SCREEN_ERROR, TEXT_BACKUP_REFUSED_NEWER);
        return;
    case RESTORE_BAD_ROWS:
        NOTICE(t, SCREEN_ERROR, TEXT_BACKUP_REFUSED_DAMAGED);
        return;
    }
}

void backup_say(struct terminal *t)
{
    bool concerned = permission_of(t->role, PERMISSION_OPERATORS) == PERMISSION_YES;
    if (!backup_possible(t) || !concerned || !backup_stale(t) || t->records.last_number == 0)
        return;
    int64_t days = backup_age_days(t);
    if (days < 0) SAY(t, SCREEN_WARNING, TEXT_MAIN_BACKUP_NEVER);
    else SAY(t, SCREEN_WARNING, TEXT_MAIN_BACKUP_OLD, number_text(days).text);
}

/* ---- the owner's key ---- */

static bool owner_has(struct terminal *t)
{
    struct vault_backup_owner owner = {0};
    return secure_backup_owner(t, false, &owner) == VAULT_OK && owner.has;
}

static void make_owner(struct terminal *t)
{
    struct vault_backup_owner owner = {0};
    t->secret_len = 0;
    enum vault_status status = secure_backup_owner(t, true, &owner);
    if (status != VAULT_OK || owner.sealed.len > sizeof t->secret) {
        NOTICE(t, SCREEN_ERROR, TEXT_BACKUP_VAULT_FAULT, vault_status_text(status));
        return;
    }
    memcpy(t->secret, owner.sealed.at, owner.sealed.len);
    t->secret_len = owner.sealed.len;
}

static void show_owner_ask(struct terminal *t)
{
    screen_begin(t, "backup.owner_ask", TEXT_BACKUP_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_BACKUP_OWNER_ASK);
    if (owner_has(t)) SAY(t, SCREEN_WARNING, TEXT_BACKUP_OWNER_AGAIN);
    screen_choice(t, "yes", TEXT_ENTRY_YES, SCREEN_PRIMARY, NULL, true);
    screen_show(t);
}

static void show_owner(struct terminal *t)
{
    struct screen *s = &t->screen;
    screen_begin(t, "backup.owner", TEXT_BACKUP_TITLE);
    SAY(t, SCREEN_WARNING, TEXT_BACKUP_OWNER_ONCE);
    memcpy(s->secret.sealed, t->secret, t->secret_len);
    s->secret.len = t->secret_len;
    text_fill(TEXT_BACKUP_OWNER_LABEL, s->language, NULL, s->secret.label, sizeof s->secret.label);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, 0); /* it takes a while to write down forty digits */
    screen_show(t);
}

static err owner_key(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_owner_ask(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    } while (!choice_is(t, "yes"));
    make_owner(t);
    if (t->secret_len > 0) TRY(audit(t, "backup_owner_made", t->operator_id, ""));
    while (t->secret_len > 0) {
        show_owner(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "ok") || key_is(t, "cancel")) t->secret_len = 0;
    }
    PROCEDURE_END(t, p);
}

/* ---- the way back ---- */

static void show_list(struct terminal *t)
{
    char key[] = "row_0";
    screen_begin(t, "backup.list", TEXT_BACKUP_TITLE);
    screen_notice(t);
    for (size_t i = 0; i < t->backup.found_count; i++) {
        const struct backup_found *found = &t->backup.found[i];
        char number[24];
        struct writer w = writer_over(number, sizeof number - 1);
        write_format(&w, "%llu", (unsigned long long)found->number);
        number[w.len] = '\0';
        key[4] = (char)('0' + i);
        screen_choice(t, key, TEXT_BACKUP_TITLE, SCREEN_LIST, "restore", true);
        struct screen_choice *row = &t->screen.choice[t->screen.choice_count - 1];
        text_fill(TEXT_BACKUP_ROW, t->records.language,
                  (const char *const[]){time_text(found->made_ms + CLOCK_CHINA_OFFSET_MS).text,
                                        number, found->serial, number_text(found->payments).text,
                                        NULL},
                  row->text, sizeof row->text);
    }
    if (t->backup.found_count == 0)
        SAY(t, SCREEN_WARNING, TEXT_BACKUP_LIST_NONE, t->config.support);
    if (cloud_possible(t))
        screen_choice(t, "office", TEXT_ENTRY_BACKUP_OFFICE, SCREEN_LIST, "restore", true);
    screen_show(t);
}

static void show_one(struct terminal *t, const struct backup_found *found)
{
    screen_begin(t, "backup.one", TEXT_BACKUP_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_BIG, TEXT_ABOUT_SERIAL, found->serial);
    SAY(t, SCREEN_NORMAL, TEXT_BACKUP_RESTORE_ABOUT);
    if (found->for_device)
        screen_choice(t, "device", TEXT_ENTRY_BACKUP_BY_DEVICE, SCREEN_PRIMARY, NULL, true);
    if (found->for_owner)
        screen_choice(t, "owner", TEXT_ENTRY_BACKUP_BY_OWNER, SCREEN_PRIMARY, NULL, true);
    bool desk = found->for_acquirer && t->backup.from_spool;
    if (desk)
        screen_choice(t, "desk", TEXT_ENTRY_BACKUP_BY_DESK,
                      found->for_owner || found->for_device ? SCREEN_PLAIN : SCREEN_PRIMARY, NULL,
                      true);
    if (!found->for_device && !found->for_owner && !desk)
        SAY(t, SCREEN_WARNING, TEXT_BACKUP_NO_WAY, t->config.support);
    screen_show(t);
}

static void ask_owner(struct terminal *t)
{
    t->ask = (struct entry_ask){.id = "backup.key",
                                .title = TEXT_BACKUP_TITLE,
                                .label = TEXT_BACKUP_OWNER_LABEL,
                                .hint = TEXT_BACKUP_OWNER_ENTER,
                                .purpose = VAULT_ENTRY_OWNER};
}

/* ---- by the people of the desk ---- */

static void ask_desk(struct terminal *t, const struct backup_found *found)
{
    struct restore_result result;
    restore_ask(t, found->name, &result);
    if (result.outcome != RESTORE_DONE) notice_result(t, &result);
}

static enum text_id desk_text(const struct cloud_ask *ask)
{
    if (strcmp(ask->reason, "limit") == 0) return TEXT_BACKUP_DESK_LIMIT;
    if (strcmp(ask->reason, "not_found") == 0) return TEXT_BACKUP_DESK_GONE;
    return TEXT_BACKUP_DESK_REFUSED;
}

static void show_desk(struct terminal *t)
{
    const struct cloud_ask *ask = &t->backup.cloud.ask;
    screen_begin(t, "backup.desk", TEXT_BACKUP_TITLE);
    screen_notice(t);
    if (ask->state == CLOUD_GRANTED) {
        SAY(t, SCREEN_SUCCESS, TEXT_BACKUP_DESK_GRANTED);
        SAY(t, SCREEN_NORMAL, TEXT_BACKUP_RESTORE_ABOUT);
        screen_choice(t, "restore", TEXT_ENTRY_BACKUP_FETCH, SCREEN_PRIMARY, NULL, true);
    } else if (ask->state == CLOUD_ASKING) {
        SAY(t, SCREEN_BIG, TEXT_BACKUP_DESK_CALL, t->config.support);
        SAY(t, SCREEN_NORMAL, TEXT_ABOUT_SERIAL, t->facts.serial);
        SAY(t, SCREEN_NORMAL, TEXT_BACKUP_DESK_WAITS);
        if (!network_trusted(t)) SAY(t, SCREEN_WARNING, TEXT_BACKUP_NETWORK);
    } else {
        if (ask->state == CLOUD_REFUSED) SAY(t, SCREEN_ERROR, desk_text(ask), t->config.support);
        screen_choice(t, "again", TEXT_ENTRY_BACKUP_AGAIN, SCREEN_PLAIN, NULL, true);
    }
    screen_idle(t, 0); /* people look after it, which takes its time */
    screen_show(t);
}

err restore_by_desk(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->chosen;
    notice_clear(t);
    ask_desk(t, &t->backup.found[p->local[0]]);
    for (;;) {
        show_desk(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "again")) ask_desk(t, &t->backup.found[p->local[0]]);
        else if (choice_is(t, "restore")) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

/* ---- what was restored ---- */

static void show_restored(struct terminal *t, int64_t payments, int64_t sealed)
{
    screen_begin(t, "backup.restored", TEXT_BACKUP_TITLE);
    SAY(t, SCREEN_SUCCESS, TEXT_BACKUP_RESTORED, number_text(payments).text);
    SAY(t, SCREEN_WARNING, TEXT_BACKUP_UNTIL,
        time_text(t->backup.restored_ms + CLOCK_CHINA_OFFSET_MS).text);
    if (sealed > 0) SAY(t, SCREEN_WARNING, TEXT_BACKUP_SEALED, number_text(sealed).text);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, 0);
    screen_show(t);
}

static err restore_now(struct terminal *t, struct procedure *p, enum vault_restore_key key)
{
    const struct backup_found *found = &t->backup.found[p->local[0]];
    struct restore_result result;
    TRY(restore_read(t, found->name, key, true, &result));
    p->local[1] = result.outcome == RESTORE_DONE;
    t->backup.restored_ms = found->made_ms;
    p->local[2] = result.payments << 16 | (result.sealed & 0xFFFF);
    if (p->local[1]) TRY(first_steps_restored(t));
    if (p->local[1]) return manage_event(t, "restored", t->operator_id, found->serial);
    notice_result(t, &result);
    return audit(t, "restore_refused", found->serial, vault_restore_text(result.verdict));
}

/* The one whose place in the list is t->chosen. */
err restore_one(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->chosen;
    while (!p->local[1]) {
        show_one(t, &t->backup.found[p->local[0]]);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "device")) TRY(restore_now(t, p, VAULT_RESTORE_BY_DEVICE));
        else if (choice_is(t, "owner")) {
            ask_owner(t);
            PROCEDURE_CALL(t, p, entry_take);
            if (t->outcome == OUTCOME_DONE) TRY(restore_now(t, p, VAULT_RESTORE_BY_OWNER));
        } else if (choice_is(t, "desk")) {
            t->chosen = p->local[0];
            PROCEDURE_CALL(t, p, restore_by_desk);
            if (t->outcome == OUTCOME_DONE) TRY(restore_now(t, p, VAULT_RESTORE_BY_GRANT));
        }
    }
    do {
        show_restored(t, p->local[2] >> 16, p->local[2] & 0xFFFF);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    t->backup.from_spool = false;
    cloud_leave(t);
    return restore_begin_anew(t);
    PROCEDURE_END(t, p);
}

err restore_list(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    for (;;) {
        TRY(backup_find(t, t->backup.found, BACKUP_FOUND_MAX, &t->backup.found_count));
        show_list(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "office")) {
            PROCEDURE_CALL(t, p, restore_from_office);
            continue;
        }
        bool row = t->event.kind == EVENT_KEY && strncmp(t->event.key, "choice:row_", 11) == 0;
        t->chosen = row ? t->event.key[11] - '0' : -1;
        if (t->chosen >= 0 && t->chosen < (int64_t)t->backup.found_count)
            PROCEDURE_CALL(t, p, restore_one);
    }
    PROCEDURE_END(t, p);
}

/* ---- the first screen ---- */

/* The newest that this device can open, into nothing. */
static err test_last(struct terminal *t)
{
    struct restore_result result = {.outcome = RESTORE_GONE};
    size_t count = 0;
    TRY(backup_find(t, t->backup.found, BACKUP_FOUND_MAX, &count));
    for (size_t i = 0; i < count; i++) {
        if (!t->backup.found[i].for_device) continue;
        TRY(restore_read(t, t->backup.found[i].name, VAULT_RESTORE_BY_DEVICE, false, &result));
        break;
    }
    notice_result(t, &result);
    bool good = result.outcome == RESTORE_DONE;
    return audit(t, good ? "backup_tested" : "backup_test_failed", t->operator_id,
                 vault_restore_text(result.verdict));
}

static void show_menu(struct terminal *t)
{
    screen_begin(t, "backup.menu", TEXT_BACKUP_TITLE);
    screen_notice(t);
    if (t->backup.job.open) SAY(t, SCREEN_NORMAL, TEXT_BACKUP_WRITING);
    else if (t->backup.outcome != BACKUP_NOTHING && !t->notice.set)
        SAY(t, t->backup.outcome == BACKUP_WRITTEN ? SCREEN_SUCCESS : SCREEN_ERROR,
            outcome_text(t->backup.outcome), "");
    if (t->backup.made_ms == 0) SAY(t, SCREEN_NORMAL, TEXT_BACKUP_NEVER);
    else
        SAY(t, SCREEN_NORMAL, TEXT_BACKUP_MADE,
            time_text(t->backup.made_ms + CLOCK_CHINA_OFFSET_MS).text,
            number_text(backup_age_days(t)).text);
    if (t->backup.office_ms > 0)
        SAY(t, SCREEN_NORMAL, TEXT_BACKUP_AT_OFFICE,
            time_text(t->backup.office_ms + CLOCK_CHINA_OFFSET_MS).text);
    SAY(t, SCREEN_NORMAL, owner_has(t) ? TEXT_BACKUP_OWNER_HAS : TEXT_BACKUP_OWNER_NONE);
    SAY(t, SCREEN_HINT, TEXT_BACKUP_ABOUT);
    screen_choice(t, "now", TEXT_ENTRY_BACKUP_NOW, SCREEN_LIST, "backup", !t->backup.job.open);
    screen_choice(t, "test", TEXT_ENTRY_BACKUP_TEST, SCREEN_LIST, "check",
                  t->backup.made_ms > 0 && !t->backup.job.open && t->ports.backup.create != NULL);
    screen_choice(t, "owner", TEXT_ENTRY_BACKUP_OWNER, SCREEN_LIST, "lock", true);
    screen_choice(t, "restore", TEXT_ENTRY_BACKUP_RESTORE, SCREEN_LIST, "restore",
                  !t->backup.job.open);
    screen_show(t);
}

static err begin_now(struct terminal *t)
{
    TRY(backup_start(t));
    if (!t->backup.job.open && t->backup.outcome == BACKUP_NOTHING)
        NOTICE(t, SCREEN_WARNING, TEXT_BACKUP_WAITS);
    return OK;
}

err backup_menu(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    t->backup.outcome = BACKUP_NOTHING;
    for (;;) {
        show_menu(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "now")) TRY(begin_now(t));
        else if (choice_is(t, "test")) TRY(test_last(t));
        else if (choice_is(t, "owner")) PROCEDURE_CALL(t, p, owner_key);
        else if (choice_is(t, "restore")) PROCEDURE_CALL(t, p, restore_list);
    }
    PROCEDURE_END(t, p);
}
