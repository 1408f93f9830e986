/* SPDX-License-Identifier: Apache-2.0 */
/* The list of a merchant or of the acquirer, and quiet hours. */
#include "backoffice/alerts/alert_people.h"

#include "lib/base/clock.h"

#define DAY_MS INT64_C(86400000)

static err from_registry(struct registry *registry, const char *mid,
                         struct alert_person people[ALERT_PEOPLE_MAX], size_t *ret_count)
{
    struct registry_contact contact[CONTACTS_MAX];
    size_t count = 0;
    TRY(registry_contacts(registry, bytes_text(mid), contact, &count));
    for (size_t i = 0; i < count; i++) {
        struct alert_person *p = &people[i];
        *p = (struct alert_person){.english = contact[i].english,
                                   .quiet_from = ALERT_QUIET_FROM,
                                   .quiet_to = ALERT_QUIET_TO};
        memcpy(p->name, contact[i].name_zh, sizeof p->name);
        memcpy(p->phone, contact[i].phone, sizeof p->phone);
        memcpy(p->mail, contact[i].mail, sizeof p->mail);
    }
    *ret_count = count;
    return OK;
}

static err read_person(struct store_statement *row, struct alert_person *p)
{
    store_read_text_into(row, p->name, sizeof p->name);
    store_read_text_into(row, p->phone, sizeof p->phone);
    store_read_text_into(row, p->mail, sizeof p->mail);
    p->english = store_read_int(row) != 0;
    p->quiet_from = (int)store_read_int(row);
    p->quiet_to = (int)store_read_int(row);
    return store_read_finish(row);
}

err alert_people_of(struct store *store, struct registry *registry, const char *mid,
                    struct alert_person ret_people[ALERT_PEOPLE_MAX], size_t *ret_count)
{
    struct store_statement *rows;
    size_t count = 0;
    bool row = true;
    TRY(store_statement(store,
                        "SELECT name, phone, mail, english, quiet_from, quiet_to FROM alert_person"
                        " WHERE mid = ? ORDER BY place LIMIT ?",
                        &rows));
    store_bind_text(rows, bytes_text(mid));
    store_bind_int(rows, ALERT_PEOPLE_MAX);
    for (;;) {
        TRY(store_step(rows, &row));
        if (!row) break;
        err read = read_person(rows, &ret_people[count]);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
        count++;
    }
    *ret_count = count;
    if (count > 0 || mid[0] == '\0' || registry == NULL) return OK;
    return from_registry(registry, mid, ret_people, ret_count);
}

static err put(struct store_tx *tx, const char *mid, size_t place, const struct alert_person *p)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store,
                        "INSERT INTO alert_person(mid, place, name, phone, mail, english,"
                        " quiet_from, quiet_to) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_text(insert, bytes_text(mid));
    store_bind_int(insert, (int64_t)place);
    store_bind_text(insert, bytes_text(p->name));
    store_bind_text(insert, bytes_text(p->phone));
    store_bind_text(insert, bytes_text(p->mail));
    store_bind_int(insert, p->english);
    store_bind_int(insert, p->quiet_from);
    store_bind_int(insert, p->quiet_to);
    return store_run(insert);
}

err alert_people_version(struct store *store, const char *mid, int64_t *ret_version)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, "SELECT version FROM alert_list WHERE mid = ?", &query));
    store_bind_text(query, bytes_text(mid));
    TRY(store_step(query, &row));
    *ret_version = row ? store_read_int(query) : 0;
    if (row) store_reset(query);
    return OK;
}

static err next_version(struct store_tx *tx, const char *mid, int64_t seen)
{
    struct store_statement *put_version;
    int64_t now = 0;
    TRY(alert_people_version(tx->store, mid, &now));
    if (now != seen) return ERR(STATE);
    TRY(store_statement(tx->store, "INSERT OR REPLACE INTO alert_list(mid, version) VALUES(?, ?)",
                        &put_version));
    store_bind_text(put_version, bytes_text(mid));
    store_bind_int(put_version, now + 1);
    return store_run(put_version);
}

err alert_people_set(struct store_tx *tx, const char *mid, int64_t seen,
                     const struct alert_person *people, size_t count)
{
    struct store_statement *drop;
    ENSURE(count <= ALERT_PEOPLE_MAX);
    TRY(next_version(tx, mid, seen));
    TRY(store_statement(tx->store, "DELETE FROM alert_person WHERE mid = ?", &drop));
    store_bind_text(drop, bytes_text(mid));
    TRY(store_run(drop));
    for (size_t i = 0; i < count; i++) TRY(put(tx, mid, i + 1, &people[i]));
    return OK;
}

int64_t alert_quiet_until(const struct alert_person *p, int64_t now_ms)
{
    int64_t local = now_ms + CLOCK_CHINA_OFFSET_MS, day = local - local % DAY_MS;
    int64_t minute = local % DAY_MS / 60000;
    bool over_night = p->quiet_from > p->quiet_to;
    bool quiet = over_night ? minute >= p->quiet_from || minute < p->quiet_to
                            : minute >= p->quiet_from && minute < p->quiet_to;
    if (!quiet) return 0;
    if (over_night && minute >= p->quiet_from) day += DAY_MS;
    return day + p->quiet_to * INT64_C(60000) - CLOCK_CHINA_OFFSET_MS;
}
