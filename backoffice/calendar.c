/* SPDX-License-Identifier: Apache-2.0 */
/* What ends, in the order in which it does, and the notices on the way there. */
#include "backoffice/calendar.h"

#include <stdio.h>

#include "backoffice/desk_internal.h"
#include "backoffice/notices.h"

/* From the last warning to the first, so that the nearest is found first. */
static const int levels[] = {7, 30, 90};

static int level_of(int64_t end_ms, int64_t now_ms)
{
    if (end_ms <= now_ms) return -1;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (end_ms - now_ms <= levels[i] * DAY_MS) return levels[i];
    return 0;
}

static err own(struct desk *desk, calendar_each each, void *context)
{
    for (size_t i = 0; i < DESK_EXPIRIES_MAX && desk->config.expiry[i].kind != NULL; i++) {
        const struct desk_expiry *e = &desk->config.expiry[i];
        TRY(each(context, &(struct calendar_entry){e->kind, "", e->end_ms,
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
        struct calendar_entry entry = {"terminal_certificate", tid, store_read_int(rows), 0};
        entry.level = level_of(entry.end_ms, desk_now_ms(desk));
        err done = store_read_finish(rows);
        if (!FAILED(done)) done = each(context, &entry);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

err calendar_list(struct desk *desk, calendar_each each, void *context)
{
    TRY(own(desk, each, context));
    return terminals(desk, each, context);
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
    snprintf(detail, sizeof detail, "%s %04d-%02d-%02d", entry->kind, end.year, end.month, end.day);
    return notice_desk(desk, entry->level < 0 ? "expired" : "expires", entry->subject, detail,
                       entry->level <= 7);
}

err calendar_check(struct desk *desk)
{
    int64_t hour = desk_now_ms(desk) / HOUR_MS;
    if (hour == desk->calendar_hour) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(calendar_list(desk, tell, desk));
    TRY(store_commit(&tx));
    desk->calendar_hour = hour;
    return OK;
}
