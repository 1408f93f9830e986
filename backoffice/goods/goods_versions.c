/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of goods and what levels say of them, in versions. */
#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/goods/goods.h"

static const char *const migration[] = {
    /* level: of enum parameters_level; document: of price_list.h at a merchant, of goods.h else */
    "CREATE TABLE goods_version(id INTEGER PRIMARY KEY AUTOINCREMENT, level INTEGER NOT NULL,"
    " subject TEXT NOT NULL, version INTEGER NOT NULL, count INTEGER NOT NULL,"
    " document BLOB NOT NULL, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL,"
    " UNIQUE(level, subject, version)) STRICT;"
    "CREATE TRIGGER goods_version_stands BEFORE UPDATE ON goods_version"
    " BEGIN SELECT RAISE(ABORT, 'a version is not changed'); END;"
    "CREATE TRIGGER goods_version_stays BEFORE DELETE ON goods_version"
    " BEGIN SELECT RAISE(ABORT, 'versions are kept'); END;"
    /* key: the versions that are in it, ",3,17,"; can be thrown away and computed again */
    "CREATE TABLE goods_folded(mid TEXT NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL,"
    " document BLOB NOT NULL, PRIMARY KEY(mid, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX goods_folded_digest ON goods_folded(mid, digest);",
};

const struct store_schema goods_schema = {"goods", migration, ARRAY_LEN(migration)};

bool goods_level(enum parameters_level level)
{
    return level == PARAMETERS_MERCHANT || level == PARAMETERS_REGION || level == PARAMETERS_OUTLET;
}

/* ---- reading ---- */

static err read_version(struct store_statement *row, struct goods_version *v,
                        struct writer *document)
{
    *v = (struct goods_version){.id = store_read_int(row)};
    v->level = (enum parameters_level)store_read_int(row);
    store_read_text_into(row, v->subject, sizeof v->subject);
    v->version = store_read_int(row);
    v->count = store_read_int(row);
    v->at_ms = store_read_int(row);
    store_read_text_into(row, v->actor, sizeof v->actor);
    store_read_text_into(row, v->reason, sizeof v->reason);
    struct bytes blob = store_read_blob(row);
    if (document != NULL) write_bytes(document, blob);
    TRY(store_read_finish(row));
    return document != NULL && document->fault != ERR_OK ? ERR(CORRUPT) : OK;
}

err goods_find(struct desk *desk, enum parameters_level level, const char *subject, int64_t version,
               struct goods_version *ret_version, struct writer *document)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(desk->config.store,
                        "SELECT id, level, subject, version, count, at_ms, actor, reason, document"
                        " FROM goods_version WHERE level = ?1 AND subject = ?2"
                        " AND (?3 = 0 OR version = ?3) ORDER BY version DESC LIMIT 1",
                        &query));
    store_bind_int(query, level);
    store_bind_text(query, bytes_text(subject));
    store_bind_int(query, version);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_version(query, ret_version, document);
    store_reset(query);
    return read;
}

err goods_versions(struct desk *desk, enum parameters_level level, const char *subject,
                   int64_t before, goods_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        "SELECT id, level, subject, version, count, at_ms, actor, reason, x''"
                        " FROM goods_version WHERE level = ?1 AND subject = ?2"
                        " AND (?3 = 0 OR version < ?3) ORDER BY version DESC LIMIT ?4",
                        &rows));
    store_bind_int(rows, level);
    store_bind_text(rows, bytes_text(subject));
    store_bind_int(rows, before);
    store_bind_int(rows, GOODS_VERSIONS_LISTED);
    for (;;) {
        struct goods_version v;
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_version(rows, &v, NULL);
        if (!FAILED(done)) done = each(context, &v);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

/* ---- writing ---- */

static err insert(struct desk *desk, const struct goods_version *v, struct bytes document)
{
    struct store_statement *put;
    TRY(store_statement(desk->config.store,
                        "INSERT INTO goods_version(level, subject, version, count, document, at_ms,"
                        " actor, reason) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                        &put));
    store_bind_int(put, v->level);
    store_bind_text(put, bytes_text(v->subject));
    store_bind_int(put, v->version);
    store_bind_int(put, v->count);
    store_bind_blob(put, document);
    store_bind_int(put, v->at_ms);
    store_bind_text(put, bytes_text(v->actor));
    store_bind_text(put, bytes_text(v->reason));
    return store_run(put);
}

/* Folds with the version before the one that is replaced are nobody's any more: whoever is still
 * fetching has the replaced one. */
static err forget_folds(struct desk *desk, const struct goods_version *now)
{
    struct store_statement *drop;
    TRY(store_statement(desk->config.store,
                        "DELETE FROM goods_folded WHERE EXISTS(SELECT 1 FROM goods_version WHERE"
                        " level = ? AND subject = ? AND version = ? AND"
                        " goods_folded.key LIKE '%,' || id || ',%')",
                        &drop));
    store_bind_int(drop, now->level);
    store_bind_text(drop, bytes_text(now->subject));
    store_bind_int(drop, now->version - 2);
    return store_run(drop);
}

err goods_put(struct desk *desk, struct store_tx *tx, const struct goods_version *version,
              struct bytes document, int64_t seen, const char *actor,
              struct goods_version *ret_version)
{
    struct goods_version before = {.id = 0}, v = *version;
    char subject[48], detail[PARAMETERS_REASON_MAX + 64];
    ENSURE(tx->store == desk->config.store && goods_level(v.level));
    ENSURE(document.len > 0 && document.len <= PRICE_LIST_MAX);
    err found = goods_find(desk, v.level, v.subject, 0, &before, NULL);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    if (before.version != seen) return ERR(STATE);
    v.version = before.version + 1;
    v.at_ms = desk_now_ms(desk);
    snprintf(v.actor, sizeof v.actor, "%.80s", actor);
    TRY(insert(desk, &v, document));
    if (v.version > 2) TRY(forget_folds(desk, &v));
    snprintf(subject, sizeof subject, "%s/%s", parameters_level_word(v.level), v.subject);
    snprintf(detail, sizeof detail, "version %lld, %lld rows: %s", (long long)v.version,
             (long long)v.count, v.reason);
    TRY(desk_audit(desk, tx, actor, "goods_set", subject, detail));
    return goods_find(desk, v.level, v.subject, v.version, ret_version, NULL);
}
