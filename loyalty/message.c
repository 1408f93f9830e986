/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to members: who gets one, and when it may go. */
#include "loyalty/message.h"

#include "lib/base/clock.h"
#include "loyalty/internal.h"
#include "loyalty/programme.h"

/* clang-format off */
static const char *const message_migration[] = {
    "CREATE TABLE message_plan(merchant TEXT NOT NULL, key BLOB NOT NULL, text TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(merchant, key))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE message(id INTEGER PRIMARY KEY, merchant TEXT NOT NULL, member TEXT NOT NULL,"
    " text TEXT NOT NULL, token TEXT NOT NULL UNIQUE, planned_ms INTEGER NOT NULL,"
    " due_ms INTEGER NOT NULL, state INTEGER NOT NULL) STRICT;"
    "CREATE INDEX message_due ON message(due_ms, id) WHERE state = 1;"
    "CREATE INDEX message_member ON message(member, planned_ms);",
};
/* clang-format on */

const struct store_schema loyalty_message_schema = {"loyalty_message", message_migration,
                                                    ARRAY_LEN(message_migration)};

enum message_state { MESSAGE_WAITING = 1, MESSAGE_HANDED, MESSAGE_DROPPED }; /* on disk */

/* When something may go that would go now: now, or at the end of the quiet hours. */
static int64_t due(const struct loyalty_programme *p, int64_t at_ms)
{
    int64_t from = p->quiet_from_minute, until = p->quiet_until_minute;
    int64_t local_ms = at_ms + CLOCK_CHINA_OFFSET_MS;
    int64_t day_ms = local_ms / LOYALTY_DAY_MS * LOYALTY_DAY_MS;
    int64_t minute = (local_ms - day_ms) / 60000;
    bool over_midnight = until < from;
    bool quiet =
        over_midnight ? minute >= from || minute < until : minute >= from && minute < until;
    if (from == until || !quiet) return at_ms;
    int64_t end_ms = day_ms + until * 60000;
    if (over_midnight && minute >= from) end_ms += LOYALTY_DAY_MS;
    return end_ms - CLOCK_CHINA_OFFSET_MS;
}

static err planned_before(struct store *store, const struct loyalty_message_plan *plan,
                          bool *ret_found, int64_t *ret_count)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT count FROM message_plan WHERE merchant = ? AND key = ?",
                        &query));
    store_bind_text(query, plan->merchant);
    store_bind_blob(query, plan->key);
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    *ret_count = store_read_int(query);
    return loyalty_row_end(query);
}

/* The next member above `id` who belongs to the segment and may be written to. */
static err next_member(struct store *store, const struct loyalty_message_plan *plan,
                       const struct loyalty_programme *programme, char *id, bool *ret_found)
{
    const struct loyalty_segment *s = &plan->segment;
    struct store_statement *query;
    TRY(store_statement(
        store,
        "SELECT m.id FROM member AS m WHERE m.merchant = ?1 AND m.id > ?2 AND m.state = 1 AND"
        " m.phone_sealed IS NOT NULL AND (?3 = 0 OR ?3 >> m.tier & 1 = 1)"
        " AND (?4 = 0 OR m.birthday / 100 = ?4) AND EXISTS (SELECT 1 FROM consent AS c WHERE"
        " c.member = m.id AND c.kind = 2 AND c.withdrawn_ms IS NULL)"
        " AND (?5 = 0 OR EXISTS (SELECT 1 FROM purchase AS p WHERE p.member = m.id AND"
        " p.at_ms >= ?5)) AND (?6 = 0 OR NOT EXISTS (SELECT 1 FROM purchase AS p WHERE"
        " p.member = m.id AND p.at_ms >= ?6)) AND (?7 = 0 OR (SELECT coalesce(sum(p.amount_minor -"
        " p.refunded_minor), 0) FROM purchase AS p WHERE p.member = m.id AND p.at_ms > ?8) >= ?7)"
        " AND (SELECT count(*) FROM message AS x WHERE x.member = m.id AND x.state <> 3 AND"
        " x.planned_ms > ?9) < ?10 ORDER BY m.id LIMIT 1",
        &query));
    static_assert((int)LOYALTY_CONSENT_MESSAGES == 2 && (int)LOYALTY_ACTIVE == 1 &&
                      (int)MESSAGE_DROPPED == 3,
                  "in the statement");
    store_bind_text(query, plan->merchant);
    store_bind_text(query, bytes_text(id));
    store_bind_int(query, s->tiers);
    store_bind_int(query, s->birth_month);
    store_bind_int(query, s->visited_from_ms);
    store_bind_int(query, s->not_since_ms);
    store_bind_int(query, s->spent_from_minor);
    store_bind_int(query, plan->at_ms - 365 * LOYALTY_DAY_MS);
    store_bind_int(query, plan->at_ms - 7 * LOYALTY_DAY_MS);
    store_bind_int(query, programme->messages_a_week);
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    store_read_text_into(query, id, LOYALTY_ID_LEN + 1);
    return loyalty_row_end(query);
}

static err insert_message(struct store *store, const struct random *random,
                          const struct loyalty_message_plan *plan, const char *member,
                          int64_t due_ms)
{
    char token[LOYALTY_UNSUBSCRIBE_LEN + 1];
    struct store_statement *s;
    loyalty_random_text(random, token, LOYALTY_UNSUBSCRIBE_LEN);
    TRY(store_statement(store,
                        "INSERT INTO message(merchant, member, text, token, planned_ms, due_ms,"
                        " state) VALUES(?, ?, ?, ?, ?, ?, 1)",
                        &s));
    store_bind_text(s, plan->merchant);
    store_bind_text(s, bytes_text(member));
    store_bind_text(s, plan->text);
    store_bind_text(s, bytes_text(token));
    store_bind_int(s, plan->at_ms);
    store_bind_int(s, due_ms);
    return store_run(s);
}

static err insert_plan(struct store *store, const struct loyalty_message_plan *plan, int64_t count)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO message_plan(merchant, key, text, at_ms, count)"
                        " VALUES(?, ?, ?, ?, ?)",
                        &s));
    store_bind_text(s, plan->merchant);
    store_bind_blob(s, plan->key);
    store_bind_text(s, plan->text);
    store_bind_int(s, plan->at_ms);
    store_bind_int(s, count);
    return store_run(s);
}

err loyalty_message_plan(struct store *store, const struct random *random,
                         const struct loyalty_message_plan *plan, enum loyalty_verdict *ret_verdict,
                         int64_t *ret_count)
{
    ENSURE(loyalty_key_ok(plan->key));
    ENSURE(plan->text.len > 0 && plan->text.len <= LOYALTY_MESSAGE_TEXT_MAX);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_programme programme;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    bool found = false;
    int64_t count = 0;
    TRY(loyalty_programme(store, plan->merchant, &verdict, &programme));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(planned_before(store, plan, &found, ret_count));
    if (found) DECIDE(ret_verdict, LOYALTY_REPEATED);
    char id[LOYALTY_ID_LEN + 1] = "";
    for (;; count++) {
        TRY(next_member(store, plan, &programme, id, &found));
        if (!found) break;
        TRY(insert_message(store, random, plan, id, due(&programme, plan->at_ms)));
    }
    if (count == 0) DECIDE(ret_verdict, LOYALTY_NOBODY);
    TRY(insert_plan(store, plan, count));
    TRY(store_commit(&tx));
    *ret_count = count;
    DECIDE(ret_verdict, LOYALTY_DONE);
}

/* ---- sending ----------------------------------------------------------------------------------
 */

static err next_due(struct store *store, int64_t at_ms, bool *ret_found,
                    struct loyalty_message *out)
{
    struct store_statement *query;
    struct loyalty_message m = {0};
    TRY(store_statement(store,
                        "SELECT id, merchant, member, text, token FROM message WHERE state = 1 AND"
                        " due_ms <= ? ORDER BY due_ms, id LIMIT 1",
                        &query));
    store_bind_int(query, at_ms);
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    m.id = store_read_int(query);
    store_read_text_into(query, m.merchant, sizeof m.merchant);
    store_read_text_into(query, m.member, sizeof m.member);
    store_read_text_into(query, m.text, sizeof m.text);
    store_read_text_into(query, m.token, sizeof m.token);
    TRY(loyalty_row_end(query));
    *out = m;
    return OK;
}

static err set_message(struct store *store, int64_t id, enum message_state state, int64_t due_ms)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE message SET state = ?, due_ms = ? WHERE id = ?", &s));
    store_bind_int(s, state);
    store_bind_int(s, due_ms);
    store_bind_int(s, id);
    return store_run(s);
}

/* What becomes of one that is due: handed over, dropped, or put off. */
static err judge(struct store *store, const struct loyalty_message *m, int64_t at_ms,
                 enum message_state *ret_state, int64_t *ret_due_ms)
{
    struct loyalty_programme programme;
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    bool counts = false;
    *ret_due_ms = at_ms;
    TRY(loyalty_member_counts(store, bytes_text(m->merchant), bytes_text(m->member), &counts,
                              &member));
    *ret_state = MESSAGE_DROPPED;
    if (!counts || !member.consent[LOYALTY_CONSENT_MESSAGES]) return OK;
    TRY(loyalty_programme(store, bytes_text(m->merchant), &verdict, &programme));
    if (verdict != LOYALTY_DONE) return OK;
    *ret_due_ms = due(&programme, at_ms);
    *ret_state = *ret_due_ms > at_ms ? MESSAGE_WAITING : MESSAGE_HANDED;
    return OK;
}

err loyalty_message_take(struct store *store, int64_t at_ms, bool *ret_found,
                         struct loyalty_message *out)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_message m = {0};
    enum message_state state = MESSAGE_DROPPED;
    bool found = true;
    while (found && state != MESSAGE_HANDED) {
        int64_t due_ms = 0;
        TRY(next_due(store, at_ms, &found, &m));
        if (!found) break;
        TRY(judge(store, &m, at_ms, &state, &due_ms));
        TRY(set_message(store, m.id, state, due_ms));
    }
    TRY(store_commit(&tx));
    if (found) *out = m;
    *ret_found = found;
    return OK;
}

err loyalty_unsubscribe(struct store *store, struct bytes token, int64_t at_ms,
                        enum loyalty_verdict *ret_verdict)
{
    struct store_statement *query;
    char merchant[LOYALTY_MERCHANT_MAX + 1], member[LOYALTY_ID_LEN + 1];
    TRY(store_statement(store, "SELECT merchant, member FROM message WHERE token = ?", &query));
    store_bind_text(query, token);
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) DECIDE(ret_verdict, LOYALTY_NO_MEMBER);
    store_read_text_into(query, merchant, sizeof merchant);
    store_read_text_into(query, member, sizeof member);
    TRY(loyalty_row_end(query));
    struct loyalty_consent_change change = {.merchant = bytes_text(merchant),
                                            .id = bytes_text(member),
                                            .consent = LOYALTY_CONSENT_MESSAGES,
                                            .given = false,
                                            .at_ms = at_ms};
    return loyalty_consent_set(store, &change, ret_verdict);
}
