/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending: what must be there, whether it was sent before, and the decision table. The decision
 * stays with the version of its rules and a digest of what it was made from (S130).
 */
#include <assert.h>
#include <stdio.h>

#include "backoffice/applications/application_internal.h"
#include "backoffice/applications/checks.h"
#include "backoffice/applications/documents.h"

static int32_t today_of(int64_t now_ms)
{
    struct civil c = civil_from_ms(now_ms + CLOCK_CHINA_OFFSET_MS);
    return c.year * 10000 + c.month * 100 + c.day;
}

/* Two questions of the tables about this person. Bound: the mark, and itself. */
static err count_by(struct store *store, const char *sql, int64_t id, int64_t *ret_count)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, sql, &query));
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    ENSURE(row);
    *ret_count = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

/* Live: neither a draft nor ended. */
#define OTHERS                                                                            \
    "SELECT count(*) FROM application mine JOIN application a ON a.mark = mine.mark AND"  \
    " a.id <> mine.id JOIN application_value v ON v.application = a.id WHERE mine.id = ?" \
    " AND mine.mark <> x'' AND a.state NOT IN (1, 7, 9, 10) AND "

static_assert(APPLICATION_DRAFT == 1 && APPLICATION_REJECTED == 7 && APPLICATION_WITHDRAWN == 9 &&
                  APPLICATION_EXPIRED == 10 && APPLY_TYPE == 1 && APPLY_SHOP == 4,
              "as the texts say");

static err find_others(struct store *store, int64_t id, struct eligibility_question *q,
                       bool *ret_twice)
{
    int64_t listed = 0, micro = 0, same = 0;
    TRY(count_by(store,
                 "SELECT count(*) FROM application a JOIN application_listed l ON l.mark = a.mark"
                 " WHERE a.id = ?",
                 id, &listed));
    TRY(count_by(store, OTHERS "v.field = 1 AND v.text = 'micro'", id, &micro));
    TRY(count_by(store,
                 OTHERS "v.field = 4 AND v.text = (SELECT text FROM application_value w WHERE"
                        " w.application = mine.id AND w.field = 4)",
                 id, &same));
    q->black_listed = listed > 0;
    q->micro_merchants = (uint32_t)micro;
    *ret_twice = same > 0;
    return OK;
}

/* The inputs as one text: who looks at a decision later can tell whether they were these. */
static void digest_of(const struct eligibility_question *q, uint8_t out[TOKEN_HASH_BYTES])
{
    char text[200];
    int len = snprintf(text, sizeof text, "%d|%d|%u|%lld|%d|%d|%d|%d|%u", q->today, (int)q->type,
                       q->needs, (long long)q->turnover_minor, q->born, q->identity_ends,
                       q->licence_ends, q->black_listed, q->micro_merchants);
    token_digest("application decision", bytes_of(text, (size_t)len), out);
}

/* A finding of a row that leads to another offer, whatever else was found. */
static bool wants_other(const struct eligibility_decision *d)
{
    for (enum eligibility_rule rule = ELIGIBILITY_TYPE; rule < ELIGIBILITY_RULES; rule++)
        if (d->findings & 1u << rule && eligibility_rule_outcome(rule) == ELIGIBLE_OTHER)
            return true;
    return false;
}

static enum application_event event_of(const struct application *a,
                                       enum eligibility_outcome outcome, bool other)
{
    if (outcome == ELIGIBLE_MEND) return LIFE_HOLD;
    if (outcome == ELIGIBLE_NO) return LIFE_REFUSE;
    return other && !a->offered ? LIFE_OFFER : LIFE_SEND;
}

static err follow_decision(const struct applications *as, struct store_tx *tx,
                           struct application *a, const struct application_actor *actor,
                           struct application_fact *fact, enum application_verdict *ret)
{
    const struct application_actor rule = application_actor_named("rules", WHO_RULE, 0);
    bool other = wants_other(&fact->decision);
    enum application_event event = event_of(a, fact->decision.outcome, other);
    if (event == LIFE_REFUSE) fact->reason = REASON_RULE;
    if (event == LIFE_SEND) a->product = other ? PRODUCT_OTHER : PRODUCT_FREE;
    TRY(application_move(as, tx, a, event, event == LIFE_SEND ? actor : &rule, fact, ret));
    if (*ret == APPLY_VERDICT_OK && event == LIFE_SEND) return checks_begin(as, tx, a);
    if (*ret != APPLY_VERDICT_OK) return OK;
    *ret = event == LIFE_HOLD     ? APPLY_VERDICT_HELD
           : event == LIFE_REFUSE ? APPLY_VERDICT_REFUSED
                                  : APPLY_VERDICT_OFFERED;
    return OK;
}

static enum application_verdict judge_name(const struct apply_form *form)
{
    if (!apply_name_fits(form)) return APPLY_VERDICT_NAME;
    return apply_name_lacks(form) != 0 ? APPLY_VERDICT_SHOP_NAME : APPLY_VERDICT_OK;
}

err application_send(const struct applications *as, struct store_tx *tx, struct application *a,
                     const struct application_actor *actor, enum application_verdict *ret_verdict,
                     uint32_t *ret_missing)
{
    struct apply_form form;
    uint8_t digest[TOKEN_HASH_BYTES];
    struct application_fact fact = {.digest = digest};
    size_t versions = 0;
    uint32_t papers = 0;
    bool twice = false, sent = a->state == APPLICATION_SENT || a->state == APPLICATION_CHECKING ||
                               a->state == APPLICATION_REVIEW;
    *ret_verdict = sent ? APPLY_VERDICT_OK : APPLY_VERDICT_NOT_NOW;
    *ret_missing = 0;
    if (sent || application_next(a->state, LIFE_SEND) == 0) return OK;
    const struct eligibility_rules *rules = eligibility_versions(&versions) + versions - 1;
    TRY(application_form(tx->store, a->id, &form));
    *ret_missing = apply_missing(&form);
    struct eligibility_question q = {.today = today_of(clock_now_ms(&as->clock)),
                                     .type = apply_type(&form),
                                     .needs = apply_needs(&form),
                                     .turnover_minor = apply_turnover(&form),
                                     .born = form.born,
                                     .identity_ends = apply_until(&form, APPLY_IDENTITY_ENDS),
                                     .licence_ends = apply_until(&form, APPLY_LICENCE_ENDS)};
    TRY(find_others(tx->store, a->id, &q, &twice));
    TRY(documents_missing(as, a->id, &form, &papers));
    enum application_verdict name = judge_name(&form);
    *ret_verdict = *ret_missing != 0          ? APPLY_VERDICT_LACKS
                   : a->phone_ms == 0         ? APPLY_VERDICT_PHONE
                   : name != APPLY_VERDICT_OK ? name
                   : papers != 0              ? APPLY_VERDICT_DOCUMENTS
                   : twice                    ? APPLY_VERDICT_TWICE
                                              : APPLY_VERDICT_OK;
    if (*ret_verdict != APPLY_VERDICT_OK) return OK;
    TRY(eligibility_decide(rules, &q, &fact.decision));
    digest_of(&q, digest);
    return follow_decision(as, tx, a, actor, &fact, ret_verdict);
}

err application_appeal(const struct applications *as, struct store_tx *tx, struct application *a,
                       const struct application_actor *actor, struct bytes note,
                       enum application_verdict *ret_verdict)
{
    const struct application_fact fact = {.note = note};
    bool rejected = a->state == APPLICATION_REJECTED;
    *ret_verdict = !rejected                                ? APPLY_VERDICT_NOT_NOW
                   : a->appealed                            ? APPLY_VERDICT_APPEALED
                   : clock_now_ms(&as->clock) >= a->ends_ms ? APPLY_VERDICT_LATE
                   : note.len == 0                          ? APPLY_VERDICT_REASON
                                                            : APPLY_VERDICT_OK;
    if (*ret_verdict != APPLY_VERDICT_OK) return OK;
    return application_move(as, tx, a, LIFE_APPEAL, actor, &fact, ret_verdict);
}

err application_list_person(struct store_tx *tx, const uint8_t mark[TOKEN_HASH_BYTES], bool listed,
                            int64_t now_ms)
{
    struct store_statement *change;
    if (!listed) {
        TRY(store_statement(tx->store, "DELETE FROM application_listed WHERE mark = ?", &change));
        store_bind_blob(change, bytes_of(mark, TOKEN_HASH_BYTES));
        return store_run(change);
    }
    TRY(store_statement(tx->store, "INSERT OR IGNORE INTO application_listed VALUES(?, ?)",
                        &change));
    store_bind_blob(change, bytes_of(mark, TOKEN_HASH_BYTES));
    store_bind_int(change, now_ms);
    return store_run(change);
}
