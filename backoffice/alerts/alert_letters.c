/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told of what, when, and who is next. */
#include "backoffice/alerts/alert_letters.h"

#include <stdio.h>

#include "backoffice/messages/outbox.h"

enum {
    HOUR_MS = 3600 * 1000,
    RETRY_MS = 5 * 60 * 1000, /* the outbox took it by no way */
    GROUPS = 16,              /* worked off in one go; the rest in the next second */
};

/* Alerts that are due for the same person. */
struct group {
    char chain[16];
    int64_t step, urgent, alerts, gravest; /* gravest: the id of one */
};

static err read_groups(struct store *store, int64_t now_ms, struct group out[GROUPS],
                       size_t *ret_count)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        "SELECT chain, step, severity = 3, count(*),"
                        " min((3 - severity) * 1000000000000 + id) FROM alert"
                        " WHERE due_ms > 0 AND due_ms <= ? AND state = 1"
                        " GROUP BY 1, 2, 3 ORDER BY 3 DESC, 5 LIMIT ?",
                        &rows));
    store_bind_int(rows, now_ms);
    store_bind_int(rows, GROUPS);
    for (*ret_count = 0;; ++*ret_count) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        struct group *g = &out[*ret_count];
        store_read_text_into(rows, g->chain, sizeof g->chain);
        g->step = store_read_int(rows);
        g->urgent = store_read_int(rows);
        g->alerts = store_read_int(rows);
        g->gravest = store_read_int(rows) % INT64_C(1000000000000);
        err read = store_read_finish(rows);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
    }
}

static void bind_group(struct store_statement *s, const struct group *g, int64_t now_ms)
{
    store_bind_text(s, bytes_text(g->chain));
    store_bind_int(s, g->step);
    store_bind_int(s, g->urgent);
    store_bind_int(s, now_ms);
}

#define OF_GROUP                                                                              \
    " WHERE chain = ?1 AND step = ?2 AND (severity = 3) = ?3 AND due_ms > 0 AND due_ms <= ?4" \
    " AND state = 1"

static err put_off(struct store *store, const struct group *g, int64_t now_ms, int64_t until_ms)
{
    struct store_statement *update;
    TRY(store_statement(store, "UPDATE alert SET due_ms = ?5" OF_GROUP, &update));
    bind_group(update, g, now_ms);
    store_bind_int(update, until_ms);
    return store_run(update);
}

/* Nobody of this list is left: the acquirer's people are next, or nobody. */
static err next_list(struct store *store, const struct group *g, int64_t now_ms)
{
    struct store_statement *update;
    if (g->chain[0] == '\0') return put_off(store, g, now_ms, 0);
    TRY(store_statement(store, "UPDATE alert SET chain = '', step = 0" OF_GROUP, &update));
    bind_group(update, g, now_ms);
    return store_run(update);
}

static err told(struct store *store, const struct group *g, int64_t now_ms)
{
    struct store_statement *s;
    TRY(store_statement(
        store, "INSERT INTO alert_letter(chain, step, urgent, at_ms) VALUES(?, ?, ?, ?)", &s));
    bind_group(s, g, now_ms);
    TRY(store_run(s));
    TRY(store_statement(store,
                        "UPDATE alert SET told = told + 1, step = step + 1, due_ms = CASE WHEN"
                        " escalate_ms > 0 THEN ?4 + escalate_ms ELSE 0 END" OF_GROUP,
                        &s));
    bind_group(s, g, now_ms);
    return store_run(s);
}

/* When this person may get another letter; 0: now. */
static err busy_until(struct store *store, const struct group *g, int64_t now_ms,
                      int64_t *ret_until_ms)
{
    struct store_statement *query;
    bool row = false;
    *ret_until_ms = 0;
    TRY(store_statement(store,
                        "SELECT at_ms FROM alert_letter WHERE chain = ?1 AND step = ?2"
                        " AND urgent = ?3 AND at_ms > ?4 ORDER BY at_ms DESC LIMIT 1 OFFSET ?5",
                        &query));
    bind_group(query, g, now_ms - HOUR_MS);
    store_bind_int(query, ALERT_LETTERS_AN_HOUR - 1);
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_until_ms = store_read_int(query) + HOUR_MS;
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

/* ---- the letter ---- */

/* The ways of the gravest one, as far as this person has them; any way when there is none. */
static err ways_of(struct store *store, int64_t id, unsigned *ret_ways)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, "SELECT ways FROM alert WHERE id = ?", &query));
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    *ret_ways = row ? (unsigned)store_read_int(query) : 0;
    if (row) store_reset(query);
    return OK;
}

static err enqueue(struct backoffice *b, struct store_tx *tx, const struct alert_person *person,
                   enum channel channel, const struct alert *alert, const struct group *g,
                   int64_t now_ms, bool *ret_taken)
{
    char at[TEMPLATE_MOMENT_LEN + 1], count[24];
    struct outbox_answer answer;
    template_moment(alert->first_ms, at);
    snprintf(count, sizeof count, "%lld", (long long)(g->alerts > 999999 ? 999999 : g->alerts));
    struct bytes what = bytes_text(person->english ? alert->rule->en : alert->rule->zh);
    struct bytes object = bytes_text(alert->object[0] == '\0' ? "-" : alert->object);
    const struct template_field one[] = {
        {"what", what}, {"object", object}, {"at", bytes_text(at)}};
    const struct template_field many[] = {
        {"count", bytes_text(count)}, {"what", what}, {"at", bytes_text(at)}};
    const struct outbox_message message = {
        .channel = channel,
        .contact = channel == CHANNEL_MAIL ? person->mail : person->phone,
        .template = g->alerts == 1 ? TEMPLATE_ALERT : TEMPLATE_ALERTS,
        .language = person->english ? LANGUAGE_EN : LANGUAGE_ZH,
        .fields = g->alerts == 1 ? one : many,
        .field_count = ARRAY_LEN(one),
        .purpose = alert->rule->name,
        .not_after_ms = now_ms + 24 * (int64_t)HOUR_MS,
    };
    TRY(outbox_enqueue(b->outbox, tx, &message, &answer));
    *ret_taken = *ret_taken || answer.verdict == OUTBOX_TAKEN;
    return OK;
}

static err write_letter(struct backoffice *b, struct store_tx *tx,
                        const struct alert_person *person, const struct group *g, int64_t now_ms,
                        bool *ret_taken)
{
    const struct alert_reader all = {"", 0};
    struct alert alert;
    unsigned ways = 0, has = 0;
    TRY(alert_find(b->store, &all, g->gravest, &alert));
    TRY(ways_of(b->store, g->gravest, &ways));
    if (person->phone[0] != '\0') has |= ALERT_BY_SMS;
    if (person->mail[0] != '\0') has |= ALERT_BY_MAIL;
    if ((ways & has) != 0) has &= ways;
    if (has & ALERT_BY_SMS) TRY(enqueue(b, tx, person, CHANNEL_SMS, &alert, g, now_ms, ret_taken));
    if (has & ALERT_BY_MAIL)
        TRY(enqueue(b, tx, person, CHANNEL_MAIL, &alert, g, now_ms, ret_taken));
    return OK;
}

static err tell(struct backoffice *b, struct store_tx *tx, const struct group *g, int64_t now_ms)
{
    struct alert_person people[ALERT_PEOPLE_MAX];
    size_t count = 0;
    int64_t busy_ms = 0;
    bool taken = false;
    TRY(alert_people_of(b->store, b->registry, g->chain, people, &count));
    if (g->step >= (int64_t)count) return next_list(b->store, g, now_ms);
    const struct alert_person *person = &people[g->step];
    int64_t quiet_ms = g->urgent ? 0 : alert_quiet_until(person, now_ms);
    if (quiet_ms > 0) return put_off(b->store, g, now_ms, quiet_ms);
    TRY(busy_until(b->store, g, now_ms, &busy_ms));
    if (busy_ms > 0) return put_off(b->store, g, now_ms, busy_ms);
    TRY(write_letter(b, tx, person, g, now_ms, &taken));
    return taken ? told(b->store, g, now_ms) : put_off(b->store, g, now_ms, now_ms + RETRY_MS);
}

err alert_letters_send(struct backoffice *b, int64_t now_ms)
{
    struct group groups[GROUPS];
    size_t count = 0;
    if (b->outbox == NULL) return OK;
    TRY(read_groups(b->store, now_ms, groups, &count));
    for (size_t i = 0; i < count; i++) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        TRY(store_begin(b->store, &tx));
        TRY(tell(b, &tx, &groups[i], now_ms));
        TRY(store_commit(&tx));
    }
    return OK;
}
