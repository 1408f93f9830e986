/* SPDX-License-Identifier: Apache-2.0 */
/* Members: enrolled, found, changed. What they agree to is consent.c's. */
#include "loyalty/member.h"

#include "loyalty/internal.h"
#include "loyalty/programme.h"

/* clang-format off */
static const char *const member_migration[] = {
    "CREATE TABLE member(id TEXT PRIMARY KEY, merchant TEXT NOT NULL, state INTEGER NOT NULL,"
    " version INTEGER NOT NULL, code TEXT UNIQUE, phone_index BLOB, tail_index BLOB,"
    " phone_sealed BLOB, name_sealed BLOB, birthday INTEGER NOT NULL, card_index BLOB,"
    " tier INTEGER NOT NULL, joined_ms INTEGER NOT NULL, outlet INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX member_phone ON member(merchant, phone_index)"
    " WHERE phone_index IS NOT NULL;"
    "CREATE UNIQUE INDEX member_card ON member(merchant, card_index) WHERE card_index IS NOT NULL;"
    "CREATE INDEX member_tail ON member(merchant, tail_index) WHERE tail_index IS NOT NULL;"
    "CREATE TABLE consent(id INTEGER PRIMARY KEY, member TEXT NOT NULL, kind INTEGER NOT NULL,"
    " text_version TEXT NOT NULL, given_ms INTEGER NOT NULL, outlet INTEGER NOT NULL,"
    " withdrawn_ms INTEGER) STRICT;"
    "CREATE UNIQUE INDEX consent_in_force ON consent(member, kind) WHERE withdrawn_ms IS NULL;"
    "CREATE INDEX consent_member ON consent(member);",
};
/* clang-format on */

const struct store_schema loyalty_member_schema = {"loyalty_member", member_migration,
                                                   ARRAY_LEN(member_migration)};

bool loyalty_birthday_ok(int64_t birthday)
{
    static const int64_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (birthday == 0) return true;
    int64_t month = birthday / 100, day = birthday % 100;
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

static void bind_blob_or_null(struct store_statement *s, struct bytes blob)
{
    if (blob.len == 0) store_bind_null(s);
    else store_bind_blob(s, blob);
}

static enum loyalty_verdict judge(const struct loyalty_enrolment *e)
{
    if (!e->consent[LOYALTY_CONSENT_PROGRAMME]) return LOYALTY_NO_CONSENT;
    if (e->card_index.len > 0 && !e->consent[LOYALTY_CONSENT_CARD]) return LOYALTY_NO_CONSENT;
    return loyalty_birthday_ok(e->birthday) ? LOYALTY_DONE : LOYALTY_AMOUNT;
}

/* Who has this telephone number or card, or "" in `id`. */
static err known_as(struct store *store, const struct loyalty_enrolment *e, char *id)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT id FROM member WHERE merchant = ?1 AND phone_index = ?2"
                        " UNION ALL SELECT id FROM member WHERE merchant = ?1 AND card_index = ?3"
                        " LIMIT 1",
                        &query));
    store_bind_text(query, e->merchant);
    bind_blob_or_null(query, e->phone_index);
    bind_blob_or_null(query, e->card_index);
    bool row = false;
    id[0] = '\0';
    TRY(store_step(query, &row));
    if (!row) return OK;
    store_read_text_into(query, id, LOYALTY_ID_LEN + 1);
    return loyalty_row_end(query);
}

static err insert_member(struct store *store, const struct loyalty_enrolment *e, const char *id,
                         const char *code)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO member(id, merchant, state, version, code, phone_index,"
                        " tail_index, phone_sealed, name_sealed, birthday, card_index, tier,"
                        " joined_ms, outlet) VALUES(?, ?, 1, 1, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(id));
    store_bind_text(s, e->merchant);
    store_bind_text(s, bytes_text(code));
    bind_blob_or_null(s, e->phone_index);
    bind_blob_or_null(s, e->tail_index);
    bind_blob_or_null(s, e->phone_sealed);
    bind_blob_or_null(s, e->name_sealed);
    store_bind_int(s, e->birthday);
    bind_blob_or_null(s, e->card_index);
    store_bind_int(s, e->at_ms);
    store_bind_int(s, e->outlet);
    return store_run(s);
}

static err insert_consents(struct store *store, const struct loyalty_enrolment *e, const char *id)
{
    for (int kind = LOYALTY_CONSENT_PROGRAMME; kind < LOYALTY_CONSENTS; kind++) {
        if (!e->consent[kind]) continue;
        struct loyalty_consent_change change = {.id = bytes_text(id),
                                                .consent = (enum loyalty_consent)kind,
                                                .text_version = e->text_version,
                                                .outlet = e->outlet,
                                                .at_ms = e->at_ms};
        TRY(loyalty_consent_insert(store, &change));
    }
    return OK;
}

static void check_shapes(const struct loyalty_enrolment *e)
{
    bool with = e->phone_index.len > 0;
    size_t index_len = with ? LOYALTY_INDEX_LEN : 0;
    ENSURE(e->phone_index.len == index_len && e->tail_index.len == index_len);
    ENSURE((e->phone_sealed.len > 0) == with && e->phone_sealed.len <= LOYALTY_SEALED_MAX);
    ENSURE(e->name_sealed.len <= LOYALTY_SEALED_MAX);
    ENSURE(e->card_index.len == 0 || e->card_index.len == LOYALTY_INDEX_LEN);
    ENSURE(e->text_version.len > 0 && e->text_version.len <= LOYALTY_TEXT_MAX);
}

err loyalty_enrol(struct store *store, const struct random *random,
                  const struct loyalty_enrolment *e, enum loyalty_verdict *ret_verdict,
                  char ret_id[static LOYALTY_ID_LEN + 1])
{
    check_shapes(e);
    enum loyalty_verdict verdict = judge(e);
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_programme programme;
    TRY(loyalty_programme(store, e->merchant, &verdict, &programme));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    char id[LOYALTY_ID_LEN + 1], code[LOYALTY_CODE_LEN + 1];
    struct loyalty_made made;
    TRY(loyalty_made(store, e->merchant, e->key, &made));
    if (made.found) {
        memcpy(ret_id, made.id, sizeof made.id);
        DECIDE(ret_verdict, LOYALTY_REPEATED);
    }
    TRY(known_as(store, e, id));
    if (id[0] != '\0') {
        memcpy(ret_id, id, sizeof id);
        DECIDE(ret_verdict, LOYALTY_KNOWN);
    }
    loyalty_id(random, 'm', id);
    loyalty_random_text(random, code, LOYALTY_CODE_LEN);
    TRY(insert_member(store, e, id, code));
    TRY(insert_consents(store, e, id));
    TRY(loyalty_made_note(store, e->merchant, e->key, id, 1));
    TRY(store_commit(&tx));
    memcpy(ret_id, id, sizeof id);
    DECIDE(ret_verdict, LOYALTY_DONE);
}

/* ---- finding ----------------------------------------------------------------------------------
 */

static err find_statement(struct store *store, enum loyalty_find by, struct store_statement **ret)
{
    switch (by) {
    case LOYALTY_BY_PHONE:
        return store_statement(
            store, "SELECT id FROM member WHERE merchant = ? AND phone_index = ? AND state = 1",
            ret);
    case LOYALTY_BY_TAIL:
        return store_statement(store,
                               "SELECT id FROM member WHERE merchant = ? AND tail_index = ? AND"
                               " state = 1 ORDER BY joined_ms DESC, id LIMIT 10",
                               ret);
    case LOYALTY_BY_CARD:
        return store_statement(
            store, "SELECT id FROM member WHERE merchant = ? AND card_index = ? AND state = 1",
            ret);
    case LOYALTY_BY_CODE:
        return store_statement(
            store, "SELECT id FROM member WHERE merchant = ? AND code = ? AND state = 1", ret);
    }
    ENSURE(false);
    return OK;
}

err loyalty_find(struct store *store, struct bytes merchant, enum loyalty_find by,
                 struct bytes value, struct loyalty_found *out)
{
    struct loyalty_found found = {0};
    struct store_statement *query;
    TRY(find_statement(store, by, &query));
    store_bind_text(query, merchant);
    if (by == LOYALTY_BY_CODE) store_bind_text(query, value);
    else store_bind_blob(query, value);
    for (;;) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        ENSURE(found.count < LOYALTY_FOUND_MAX);
        store_read_text_into(query, found.id[found.count++], LOYALTY_ID_LEN + 1);
        TRY(store_read_finish(query));
    }
    *out = found;
    return OK;
}

/* ---- one of them ------------------------------------------------------------------------------
 */

static err read_consents(struct store *store, struct loyalty_member *member)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT kind FROM consent WHERE member = ? AND withdrawn_ms IS NULL",
                        &query));
    store_bind_text(query, bytes_text(member->id));
    for (;;) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) return OK;
        int64_t kind = store_read_int(query);
        TRY(store_read_finish(query));
        if (kind < LOYALTY_CONSENT_PROGRAMME || kind >= LOYALTY_CONSENTS)
            return store_refuse(store, ERR(CORRUPT), "a consent makes no sense", NULL);
        member->consent[kind] = true;
    }
}

/* A column of text or bytes that may be NULL. */
static size_t read_sealed(struct store_statement *row, uint8_t *to)
{
    if (store_read_null(row)) return 0;
    return store_read_blob_up_to(row, to, LOYALTY_SEALED_MAX);
}

err loyalty_member(struct store *store, struct bytes merchant, struct bytes id,
                   enum loyalty_verdict *ret_verdict, struct loyalty_member *out)
{
    struct loyalty_member m = {{0}};
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT id, merchant, coalesce(code, ''), state, version, birthday, tier,"
                        " joined_ms, outlet, phone_index IS NOT NULL, card_index IS NOT NULL,"
                        " phone_sealed, name_sealed FROM member WHERE id = ? AND merchant = ?",
                        &query));
    store_bind_text(query, id);
    store_bind_text(query, merchant);
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) DECIDE(ret_verdict, LOYALTY_NO_MEMBER);
    store_read_text_into(query, m.id, sizeof m.id);
    store_read_text_into(query, m.merchant, sizeof m.merchant);
    store_read_text_into(query, m.code, sizeof m.code);
    m.state = (enum loyalty_state)store_read_int(query);
    m.version = store_read_int(query);
    m.birthday = store_read_int(query);
    m.tier = store_read_int(query);
    m.joined_ms = store_read_int(query);
    m.outlet = (uint32_t)store_read_int(query);
    m.has_phone = store_read_int(query) != 0;
    m.has_card = store_read_int(query) != 0;
    m.phone_len = read_sealed(query, m.phone_sealed);
    m.name_len = read_sealed(query, m.name_sealed);
    TRY(loyalty_row_end(query));
    TRY(read_consents(store, &m));
    *out = m;
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_member_counts(struct store *store, struct bytes merchant, struct bytes id, bool *ret,
                          struct loyalty_member *out)
{
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_member(store, merchant, id, &verdict, out));
    *ret = verdict == LOYALTY_DONE && out->state == LOYALTY_ACTIVE;
    return OK;
}

err loyalty_member_change(struct store *store, const struct loyalty_change *change,
                          enum loyalty_verdict *ret_verdict)
{
    ENSURE(change->name_sealed.len <= LOYALTY_SEALED_MAX);
    if (!loyalty_birthday_ok(change->birthday)) DECIDE(ret_verdict, LOYALTY_AMOUNT);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_member now = {{0}};
    bool counts = false;
    TRY(loyalty_member_counts(store, change->merchant, change->id, &counts, &now));
    if (!counts) DECIDE(ret_verdict, LOYALTY_NO_MEMBER);
    if (now.version != change->version) DECIDE(ret_verdict, LOYALTY_CHANGED);
    struct store_statement *s;
    TRY(store_statement(store,
                        "UPDATE member SET version = version + 1, name_sealed = ?, birthday = ?"
                        " WHERE id = ?",
                        &s));
    bind_blob_or_null(s, change->name_sealed);
    store_bind_int(s, change->birthday);
    store_bind_text(s, change->id);
    TRY(store_run(s));
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}
