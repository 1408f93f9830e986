/* SPDX-License-Identifier: Apache-2.0 */
/* Opening loyalty.db, new ids, and the words of verdicts. */
#include "loyalty/loyalty.h"

#include "loyalty/campaign_internal.h"

static const struct store_schema *const schema[] = {
    &loyalty_book_schema,   &loyalty_made_schema,       &loyalty_programme_schema,
    &loyalty_member_schema, &loyalty_points_schema,     &loyalty_campaign_schema,
    &loyalty_coupon_schema, &loyalty_redemption_schema, &loyalty_escrow_schema,
    &loyalty_value_schema,  &loyalty_message_schema,
};

err loyalty_open(const char *path, const struct store_options *options, struct store_fault *fault,
                 struct store **ret_store)
{
    struct store *store = NULL;
    TRY(store_open(path, options, fault, &store));
    for (size_t i = 0; i < ARRAY_LEN(schema); i++) {
        err e = store_migrate(store, schema[i]);
        if (!FAILED(e)) continue;
        if (fault != NULL) *fault = store_fault_of(store);
        store_close(store);
        return e;
    }
    *ret_store = store;
    return OK;
}

/* clang-format off */
static const char *const made_migration[] = {
    "CREATE TABLE made(merchant TEXT NOT NULL, key BLOB NOT NULL, id TEXT NOT NULL,"
    " version INTEGER NOT NULL, PRIMARY KEY(merchant, key)) STRICT, WITHOUT ROWID;",
};
/* clang-format on */

const struct store_schema loyalty_made_schema = {"loyalty_made", made_migration,
                                                 ARRAY_LEN(made_migration)};

err loyalty_made(struct store *store, struct bytes merchant, struct bytes key,
                 struct loyalty_made *out)
{
    struct loyalty_made made = {.found = false};
    struct store_statement *query;
    if (key.len > 0) {
        TRY(store_statement(store, "SELECT id, version FROM made WHERE merchant = ? AND key = ?",
                            &query));
        store_bind_text(query, merchant);
        store_bind_blob(query, key);
        TRY(store_step(query, &made.found));
        if (made.found) {
            store_read_text_into(query, made.id, sizeof made.id);
            made.version = store_read_int(query);
            TRY(loyalty_row_end(query));
        }
    }
    *out = made;
    return OK;
}

err loyalty_made_note(struct store *store, struct bytes merchant, struct bytes key, const char *id,
                      int64_t version)
{
    struct store_statement *s;
    ENSURE(store_in_tx(store) && key.len <= LOYALTY_ASKING_MAX);
    if (key.len == 0) return OK;
    TRY(store_statement(store, "INSERT INTO made(merchant, key, id, version) VALUES(?, ?, ?, ?)",
                        &s));
    store_bind_text(s, merchant);
    store_bind_blob(s, key);
    store_bind_text(s, bytes_text(id));
    store_bind_int(s, version);
    return store_run(s);
}

err loyalty_row_end(struct store_statement *query)
{
    err e = store_read_finish(query);
    store_reset(query);
    return e;
}

void loyalty_random_text(const struct random *random, char *out, size_t len)
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* 32 of them */
    uint8_t byte[64];
    ENSURE(len <= sizeof byte);
    random_fill(random, byte, len);
    for (size_t i = 0; i < len; i++) out[i] = letters[byte[i] & 31];
    out[len] = '\0';
}

void loyalty_id(const struct random *random, char letter, char out[static LOYALTY_ID_LEN + 1])
{
    out[0] = letter;
    loyalty_random_text(random, out + 1, LOYALTY_ID_LEN - 1);
}

const char *loyalty_verdict_name(enum loyalty_verdict verdict)
{
    static const char *const name[LOYALTY_VERDICTS] = {
#define X(id, word, english, chinese) word,
        LOYALTY_VERDICT_LIST(X)
#undef X
    };
    ENSURE(verdict < LOYALTY_VERDICTS);
    return name[verdict];
}

const char *loyalty_verdict_text(enum loyalty_verdict verdict, bool chinese)
{
    static const char *const text[LOYALTY_VERDICTS][2] = {
#define X(id, word, english, chinese) {english, chinese},
        LOYALTY_VERDICT_LIST(X)
#undef X
    };
    ENSURE(verdict < LOYALTY_VERDICTS);
    return text[verdict][chinese];
}
