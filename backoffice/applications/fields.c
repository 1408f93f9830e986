/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an application says, as rows of a field each: written after the hsm was asked, secrets
 * sealed, and read with masks.
 */
#include <assert.h>
#include <stdio.h>

#include "backoffice/applications/application_internal.h"

enum { LABEL_MAX = 64, SEALED_MAX = APPLY_TEXT_MAX + SMALL_SEAL_OVERHEAD };

/* "application.17.identity": a seal opens in its own row and nowhere else. */
static void seal_label(int64_t id, enum apply_field field, char out[static LABEL_MAX])
{
    snprintf(out, LABEL_MAX, "application.%lld.%s", (long long)id, apply_field_row(field)->word);
}

static err ask_key(const struct applications *a, int64_t id, uint8_t key[SMALL_SEAL_KEY_BYTES])
{
    char whose[LABEL_MAX];
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    static_assert((int)PASSWORD_KEYED_BYTES == (int)SMALL_SEAL_KEY_BYTES, "a key of the hsm seals");
    snprintf(whose, sizeof whose, "application.%lld", (long long)id);
    token_digest("seal of application", bytes_text(whose), digest);
    return a->keyed.make(a->keyed.context, bytes_text(whose), digest, key);
}

err application_mark(const struct applications *a, const char *identity,
                     uint8_t ret_mark[TOKEN_HASH_BYTES])
{
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    static_assert((int)PASSWORD_KEYED_BYTES == (int)TOKEN_HASH_BYTES, "a mark is a keyed hash");
    token_digest("identity of applicant", bytes_text(identity), digest);
    return a->keyed.make(a->keyed.context, BYTES("applicant"), digest, ret_mark);
}

void application_entry_wipe(struct application_entry *entry)
{
    explicit_bzero(entry, sizeof *entry);
}

err application_enter(const struct applications *a, int64_t id, const struct apply_typed *typed,
                      size_t count, struct application_entry *ret)
{
    CLEANUP(application_entry_wipe) struct application_entry e = {.set = 0};
    bool secrets = false;
    for (size_t i = 0; i < count; i++) {
        enum apply_field field = typed[i].field;
        bool secret = apply_field_row(field)->secret;
        if (secret && typed[i].text.len == 0) continue;
        if (FAILED(apply_normalise(field, typed[i].text, e.text[field]))) e.bad |= 1u << field;
        else e.set |= 1u << field;
        secrets = secrets || secret;
    }
    if (secrets && e.bad == 0) TRY(ask_key(a, id, e.key));
    if (e.bad == 0 && e.set & 1u << APPLY_IDENTITY)
        TRY(application_mark(a, e.text[APPLY_IDENTITY], e.mark));
    *ret = e;
    return OK;
}

/* ---- writing ---- */

static err put(const struct applications *as, struct store_tx *tx, int64_t id,
               enum apply_field field, const struct application_entry *entry)
{
    struct store_statement *insert;
    char shown[APPLY_TEXT_MAX + 1], label[LABEL_MAX];
    uint8_t sealed[SEALED_MAX];
    struct writer w = writer_over(sealed, sizeof sealed);
    struct bytes text = bytes_text(entry->text[field]);
    apply_mask(field, entry->text[field], shown);
    seal_label(id, field, label);
    if (apply_field_row(field)->secret)
        small_seal(&as->random, entry->key, bytes_text(label), text, &w);
    ENSURE(w.fault == ERR_OK);
    TRY(store_statement(tx->store,
                        "INSERT INTO application_value(application, field, text, sealed, born)"
                        " VALUES(?, ?, ?, ?, ?) ON CONFLICT(application, field) DO UPDATE SET"
                        " text = excluded.text, sealed = excluded.sealed, born = excluded.born",
                        &insert));
    store_bind_int(insert, id);
    store_bind_int(insert, (int64_t)field);
    store_bind_text(insert, bytes_text(shown));
    store_bind_blob(insert, writer_view(&w));
    store_bind_int(insert, field == APPLY_IDENTITY ? apply_born(entry->text[field]) : 0);
    return store_run(insert);
}

static err clear(struct store_tx *tx, int64_t id, enum apply_field field)
{
    struct store_statement *remove;
    TRY(store_statement(
        tx->store, "DELETE FROM application_value WHERE application = ? AND field = ?", &remove));
    store_bind_int(remove, id);
    store_bind_int(remove, (int64_t)field);
    return store_run(remove);
}

static err put_mark(struct store_tx *tx, int64_t id, const uint8_t mark[TOKEN_HASH_BYTES])
{
    struct store_statement *update;
    TRY(store_statement(tx->store, "UPDATE application SET mark = ? WHERE id = ?", &update));
    store_bind_blob(update, bytes_of(mark, TOKEN_HASH_BYTES));
    store_bind_int(update, id);
    return store_run(update);
}

/* One line of the timeline for any number of savings in a row. */
static err saved_last(struct store *store, const struct application *a,
                      const struct application_actor *actor, bool *ret_is)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT 1 FROM application_event WHERE application = ? AND number = ? AND"
                        " event = ? AND actor = ?",
                        &query));
    store_bind_int(query, a->id);
    store_bind_int(query, a->version);
    store_bind_int(query, LIFE_SAVE);
    store_bind_text(query, bytes_text(actor->text));
    TRY(store_step(query, ret_is));
    store_reset(query);
    return OK;
}

static err write_all(const struct applications *as, struct store_tx *tx, struct application *a,
                     const struct application_entry *entry)
{
    struct apply_form before;
    TRY(application_form(tx->store, a->id, &before));
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++) {
        if (!(entry->set & 1u << f)) continue;
        if (entry->text[f][0] == '\0') TRY(clear(tx, a->id, f));
        else TRY(put(as, tx, a->id, f, entry));
    }
    if (entry->set & 1u << APPLY_IDENTITY) TRY(put_mark(tx, a->id, entry->mark));
    bool phone = (entry->set & 1u << APPLY_PHONE) &&
                 strcmp(before.text[APPLY_PHONE], entry->text[APPLY_PHONE]) != 0;
    if (phone) a->phone_ms = 0;
    a->offered = false; /* what was offered was offered for what was said before */
    return OK;
}

err application_save(const struct applications *as, struct store_tx *tx, struct application *a,
                     const struct application_actor *actor, const struct application_entry *entry,
                     enum application_verdict *ret_verdict)
{
    bool merges = false;
    *ret_verdict = entry->bad != 0                              ? APPLY_VERDICT_FIELD
                   : !application_may(LIFE_SAVE, actor->who)    ? APPLY_VERDICT_NOT_YOU
                   : application_next(a->state, LIFE_SAVE) == 0 ? APPLY_VERDICT_NOT_NOW
                                                                : APPLY_VERDICT_OK;
    if (*ret_verdict != APPLY_VERDICT_OK || entry->set == 0) return OK;
    TRY(write_all(as, tx, a, entry));
    TRY(saved_last(tx->store, a, actor, &merges));
    if (!merges) return application_move(as, tx, a, LIFE_SAVE, actor, NULL, ret_verdict);
    a->changed_ms = clock_now_ms(&as->clock);
    a->ends_ms = a->changed_ms + APPLICATION_DAYS * INT64_C(86400000);
    return application_write(tx, a);
}

/* ---- reading ---- */

err application_person(struct store *store, int64_t id, char ret[2 * TOKEN_HASH_BYTES + 1])
{
    struct store_statement *query;
    bool row = false;
    char person[2 * TOKEN_HASH_BYTES + 1] = "";
    TRY(store_statement(store, "SELECT lower(hex(mark)) FROM application WHERE id = ?", &query));
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(query, person, sizeof person);
    err read = store_read_finish(query);
    store_reset(query);
    TRY(read);
    memcpy(ret, person, sizeof person);
    return OK;
}

err application_form(struct store *store, int64_t id, struct apply_form *ret)
{
    struct store_statement *rows;
    struct apply_form form = {.born = 0};
    TRY(store_statement(
        store, "SELECT field, text, born FROM application_value WHERE application = ?", &rows));
    store_bind_int(rows, id);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) break;
        int64_t field = store_read_int(rows);
        bool known = field > 0 && field < APPLY_FIELDS;
        if (!known) continue; /* of a newer version */
        store_read_text_into(rows, form.text[field], sizeof form.text[field]);
        int64_t born = store_read_int(rows);
        if (field == APPLY_IDENTITY) form.born = (int32_t)born;
        err read = store_read_finish(rows);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
    }
    *ret = form;
    return OK;
}

err application_open_secret(const struct applications *a, int64_t id, enum apply_field field,
                            char out[static APPLY_TEXT_MAX + 1])
{
    struct store_statement *query;
    char label[LABEL_MAX];
    uint8_t key[SMALL_SEAL_KEY_BYTES], sealed[SEALED_MAX];
    bool row = false;
    ENSURE(apply_field_row(field)->secret);
    TRY(store_statement(a->store,
                        "SELECT sealed FROM application_value WHERE application = ? AND field = ?",
                        &query));
    store_bind_int(query, id);
    store_bind_int(query, (int64_t)field);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    size_t len = store_read_blob_up_to(query, sealed, sizeof sealed);
    err e = store_read_finish(query);
    store_reset(query);
    if (!FAILED(e) && len <= SMALL_SEAL_OVERHEAD) e = ERR(CORRUPT);
    if (!FAILED(e)) e = ask_key(a, id, key);
    if (FAILED(e)) return e;
    seal_label(id, field, label);
    e = small_open(key, bytes_text(label), bytes_of(sealed, len), out, len - SMALL_SEAL_OVERHEAD);
    explicit_bzero(key, sizeof key);
    if (!FAILED(e)) out[len - SMALL_SEAL_OVERHEAD] = '\0';
    return e;
}

err application_shop(struct store *store, int64_t id, char out[static APPLY_TEXT_MAX + 1])
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(
        store, "SELECT text FROM application_value WHERE application = ? AND field = 4", &query));
    static_assert(APPLY_SHOP == 4, "in the text above");
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    out[0] = '\0';
    if (!row) return OK;
    store_read_text_into(query, out, APPLY_TEXT_MAX + 1);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}
