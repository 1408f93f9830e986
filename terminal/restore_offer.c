/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device in the place of another (S124): before its first sign-in it is asked whether it shall
 * have what the other one had, from the back office or from a medium. Afterwards it would stay in
 * the batch that its host gave it, and what came back would be history.
 */
#include "terminal/first_start.h"

#include "terminal/core.h"

/* ---- from the back office ---- */

static void show_found(struct terminal *t)
{
    const struct cloud_found *found = &t->backup.cloud.found;
    SAY(t, SCREEN_NORMAL, TEXT_BACKUP_AT_OFFICE,
        time_text(found->made_ms + CLOCK_CHINA_OFFSET_MS).text);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_SERIAL, found->serial);
    SAY(t, SCREEN_NORMAL, TEXT_BACKUP_RESTORE_ABOUT);
    if (!network_trusted(t)) SAY(t, SCREEN_WARNING, TEXT_BACKUP_NETWORK);
    screen_choice(t, "fetch", TEXT_ENTRY_BACKUP_FETCH, SCREEN_PRIMARY, NULL, network_trusted(t));
}

static void show_fetching(struct terminal *t)
{
    const struct cloud *c = &t->backup.cloud;
    SAY(t, SCREEN_BIG, TEXT_BACKUP_FETCHING, number_text(c->part).text, number_text(c->parts).text);
    if (!network_trusted(t)) SAY(t, SCREEN_WARNING, TEXT_BACKUP_NETWORK);
}

static void show_office(struct terminal *t)
{
    const struct cloud *c = &t->backup.cloud;
    screen_begin(t, "backup.office", TEXT_BACKUP_TITLE);
    screen_notice(t);
    if (c->progress == CLOUD_UNDER_WAY && c->errand == CLOUD_FETCH) show_fetching(t);
    else if (c->progress == CLOUD_UNDER_WAY) SAY(t, SCREEN_NORMAL, TEXT_BACKUP_ASKING);
    else if (c->has) show_found(t);
    else SAY(t, SCREEN_WARNING, TEXT_BACKUP_OFFICE_NONE, t->config.support);
    if (c->progress == CLOUD_FAILED) {
        SAY(t, SCREEN_ERROR, TEXT_BACKUP_OFFICE_FAILED);
        screen_choice(t, "again", TEXT_ENTRY_BACKUP_AGAIN, SCREEN_PLAIN, NULL, true);
    }
    screen_idle(t, 0); /* a large one takes minutes */
    screen_show(t);
}

/* What was fetched, as the only one there is. */
static err look_at_fetched(struct terminal *t)
{
    struct backup *b = &t->backup;
    size_t count = 0;
    b->from_spool = true;
    TRY(backup_find(t, b->found, BACKUP_FOUND_MAX, &count));
    b->found_count = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(b->found[i].name, cloud_fetched) == 0) b->found[b->found_count++] = b->found[i];
    t->chosen = 0;
    return OK;
}

err restore_from_office(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    cloud_begin(t, CLOUD_FIND);
    for (;;) {
        show_office(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) {
            cloud_leave(t);
            PROCEDURE_BACK(t, p);
        }
        if (choice_is(t, "again")) cloud_begin(t, CLOUD_FIND);
        if (choice_is(t, "fetch")) cloud_begin(t, CLOUD_FETCH);
        p->local[0] = p->local[0] || choice_is(t, "fetch");
        if (!p->local[0] || t->backup.cloud.progress == CLOUD_UNDER_WAY) continue;
        p->local[0] = 0;
        if (t->backup.cloud.progress != CLOUD_DONE) continue;
        TRY(look_at_fetched(t));
        if (t->backup.found_count == 1) PROCEDURE_CALL(t, p, restore_one);
        t->backup.from_spool = false;
    }
    PROCEDURE_END(t, p);
}

/* ---- at the first start ---- */

static void show_offer(struct terminal *t)
{
    const struct cloud_found *found = &t->backup.cloud.found;
    screen_begin(t, "first.restore", TEXT_FIRST_STEPS_TITLE);
    SAY(t, SCREEN_BIG, TEXT_FIRST_REPLACES, found->serial);
    SAY(t, SCREEN_NORMAL, TEXT_FIRST_RESTORE_ABOUT,
        time_text(found->made_ms + CLOCK_CHINA_OFFSET_MS).text);
    screen_choice(t, "restore", TEXT_ENTRY_BACKUP_FETCH, SCREEN_PRIMARY, NULL, true);
    screen_choice(t, "medium", TEXT_ENTRY_BACKUP_MEDIUM, SCREEN_PLAIN, NULL,
                  t->ports.backup.create != NULL);
    screen_choice(t, "none", TEXT_ENTRY_BACKUP_WITHOUT, SCREEN_PLAIN, NULL, true);
    screen_idle(t, 0);
    screen_show(t);
}

/* A supervisor alone may. DONE: nobody wants it. A restore begins the terminal anew. */
err restore_offered(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (t->operator_id[0] == '\0' || t->role != VAULT_ROLE_SUPERVISOR) {
        operator_forget(t);
        PROCEDURE_CALL(t, p, login);
        if (t->role != VAULT_ROLE_SUPERVISOR) PROCEDURE_BACK(t, p);
    }
    for (;;) {
        show_offer(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "none")) PROCEDURE_DONE(t, p);
        if (choice_is(t, "restore")) PROCEDURE_CALL(t, p, restore_from_office);
        else if (choice_is(t, "medium")) PROCEDURE_CALL(t, p, restore_list);
    }
    PROCEDURE_END(t, p);
}
