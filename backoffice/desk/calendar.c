/* SPDX-License-Identifier: Apache-2.0 */
/* What ends, in the order in which it does, and the notices on the way there. */
#include "backoffice/desk/calendar.h"

#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/notices.h"
#include "lib/auth/policy.h"
#include "registry/policy.h"
#include "registry/rotation.h"

/* From the last warning to the first, so that the nearest is found first. */
static const int levels[] = {7, 30, 90};

static int level_of(int64_t end_ms, int64_t now_ms)
{
    if (end_ms <= now_ms) return -1;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (end_ms - now_ms <= levels[i] * DAY_MS) return levels[i];
    return 0;
}

/* What the engine says of a review, as a level: at 30 and 7 days, on the day, 7 days after. */
static int review_level_of(const struct policy *policy, int64_t since_ms, int64_t now_ms)
{
    static const int reminders[] = {0, 30, 7, -1, -7};
    return reminders[policy_review(policy, since_ms, now_ms, 0).reminder];
}

static err own(struct desk *desk, calendar_each each, void *context)
{
    for (size_t i = 0; i < DESK_EXPIRIES_MAX && desk->config.expiry[i].kind != NULL; i++) {
        const struct desk_expiry *e = &desk->config.expiry[i];
        TRY(each(context, &(struct calendar_entry){e->kind, "", false, e->end_ms,
                                                   level_of(e->end_ms, desk_now_ms(desk))}));
    }
    return OK;
}

static err terminals(struct desk *desk, calendar_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        "SELECT tid, certificate_end_ms FROM terminal WHERE certificate_end_ms > 0"
                        " ORDER BY certificate_end_ms LIMIT ?",
                        &rows));
    store_bind_int(rows, CALENDAR_LISTED_MAX);
    for (;;) {
        bool row = false;
        char tid[DESK_TID_LEN + 1];
        TRY(store_step(rows, &row));
        if (!row) return OK;
        store_read_text_into(rows, tid, sizeof tid);
        struct calendar_entry entry = {"terminal_certificate", tid, false, store_read_int(rows), 0};
        entry.level = level_of(entry.end_ms, desk_now_ms(desk));
        err done = store_read_finish(rows);
        if (!FAILED(done)) done = each(context, &entry);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

/* ---- what is to be reviewed ---- */

struct walk {
    struct desk *desk;
    calendar_each each;
    void *context;
};

static err give_review(const struct walk *walk, const char *kind, const char *subject,
                       const struct policy *policy, int64_t since_ms)
{
    return walk->each(
        walk->context,
        &(struct calendar_entry){kind, subject, true, since_ms + policy->review_after_days * DAY_MS,
                                 review_level_of(policy, since_ms, desk_now_ms(walk->desk))});
}

static err policy_one(void *context, const char *model, int64_t published_ms)
{
    struct policy policy = policy_of_model(BYTES("CONSOLE"), POLICY_STAFF);
    policy.review_after_days = CALENDAR_POLICY_DAYS;
    policy.expires = false;
    return give_review(context, "policy_review", model, &policy, published_ms);
}

/* Keys that are of no known age were due long ago. */
static err zone_keys(const struct walk *walk)
{
    struct registry_zone_keys keys;
    struct policy policy = policy_of_model(BYTES("CONSOLE"), POLICY_STAFF);
    int64_t number, since_ms;
    err found = registry_find_zone_keys(walk->desk->config.registry, REGISTRY_CARD_NETWORK, &keys);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    TRY(registry_zone_age(walk->desk->config.registry, REGISTRY_CARD_NETWORK, &number, &since_ms));
    policy.review_after_days = REGISTRY_ZONE_DAYS;
    policy.expires = false;
    return give_review(walk, "zone_keys", "card network", &policy, since_ms);
}

/* Whose password is oldest first; `most` -1: all of them. */
static err passwords(const struct walk *walk, enum account_kind kind, int most)
{
    struct store_statement *rows;
    const struct policy policy =
        policy_of_model(BYTES("CONSOLE"), kind == ACCOUNT_STAFF ? POLICY_STAFF : POLICY_OWNER);
    if (policy.review_after_days == 0) return OK;
    TRY(store_statement(walk->desk->config.store,
                        "SELECT login, password_ms FROM account WHERE kind = ? AND status = 2"
                        " AND password <> '' ORDER BY password_ms, id LIMIT ?",
                        &rows));
    store_bind_int(rows, (int64_t)kind);
    store_bind_int(rows, most);
    for (;;) {
        bool row = false;
        struct account account = {.kind = kind};
        char subject[ACCOUNT_SUBJECT_MAX];
        TRY(store_step(rows, &row));
        if (!row) return OK;
        store_read_text_into(rows, account.login, sizeof account.login);
        int64_t since_ms = store_read_int(rows);
        err done = store_read_finish(rows);
        account_subject(&account, subject);
        if (!FAILED(done)) done = give_review(walk, "password_review", subject, &policy, since_ms);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

static err all(struct desk *desk, int most, calendar_each each, void *context)
{
    struct walk walk = {desk, each, context};
    TRY(own(desk, each, context));
    TRY(terminals(desk, each, context));
    TRY(registry_policies_each(desk->config.registry, policy_one, &walk));
    TRY(zone_keys(&walk));
    TRY(passwords(&walk, ACCOUNT_STAFF, most));
    return passwords(&walk, ACCOUNT_OWNER, most);
}

err calendar_list(struct desk *desk, calendar_each each, void *context)
{
    return all(desk, CALENDAR_LISTED_MAX, each, context);
}

/* True for the first time. */
static err remember(struct desk *desk, const struct calendar_entry *entry, bool *ret_new)
{
    struct store_statement *insert;
    TRY(store_statement(desk->config.store,
                        "INSERT OR IGNORE INTO expiry_told(kind, subject, end_ms, days, told_ms)"
                        " VALUES(?, ?, ?, ?, ?)",
                        &insert));
    store_bind_text(insert, bytes_text(entry->kind));
    store_bind_text(insert, bytes_text(entry->subject));
    store_bind_int(insert, entry->end_ms);
    store_bind_int(insert, entry->level);
    store_bind_int(insert, desk_now_ms(desk));
    TRY(store_run(insert));
    *ret_new = store_changes(desk->config.store) == 1;
    return OK;
}

static err tell(void *context, const struct calendar_entry *entry)
{
    struct desk *desk = context;
    bool fresh = false;
    char detail[NOTICE_DETAIL_MAX + 1];
    if (entry->level == 0) return OK;
    TRY(remember(desk, entry, &fresh));
    if (!fresh) return OK;
    struct civil end = civil_from_ms(entry->end_ms + CLOCK_CHINA_OFFSET_MS);
    snprintf(detail, sizeof detail, "%s %04d-%02d-%02d %.30s", entry->kind, end.year, end.month,
             end.day, entry->review ? entry->subject : "");
    if (entry->review)
        return notice_desk(desk, entry->level < 0 ? "review_due" : "review", "", detail,
                           entry->level == -7);
    return notice_desk(desk, entry->level < 0 ? "expired" : "expires", entry->subject, detail,
                       entry->level <= 7);
}

err calendar_check(struct desk *desk)
{
    int64_t hour = desk_now_ms(desk) / HOUR_MS;
    if (hour == desk->calendar_hour) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(all(desk, -1, tell, desk));
    TRY(store_commit(&tx));
    desk->calendar_hour = hour;
    return OK;
}
