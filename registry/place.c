/* SPDX-License-Identifier: Apache-2.0 */
/* Trade and town of merchants: one row each, and what holds without it. */
#include "registry/place.h"

#include "registry/internal.h"

static const char *const place_migration[] = {
    "CREATE TABLE merchant_place(mid TEXT PRIMARY KEY REFERENCES merchant(mid),"
    " category TEXT NOT NULL, city TEXT NOT NULL, postal TEXT NOT NULL, country TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;",
};

const struct store_schema registry_place_schema = {"registry_place", place_migration,
                                                   ARRAY_LEN(place_migration)};

#define DIGITS "0123456789"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool all_of(const char *text, const char *set)
{
    return strspn(text, set) == strlen(text);
}

/* Neither begins nor ends in a space: a wallet would show it otherwise than it is signed. */
static bool is_line(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        if (text[i] < 0x20 || text[i] > 0x7e) return false;
    return len > 0 && text[0] != ' ' && text[len - 1] != ' ';
}

static err check(struct registry *registry, const struct registry_place *p)
{
    const struct {
        bool right;
        const char *what, *form;
    } checks[] = {
        {strlen(p->category) == 4 && all_of(p->category, DIGITS), "category",
         "must be four digits"},
        {is_line(p->city), "city", "must be 1 to 15 letters of ASCII, such as SHANGHAI"},
        {p->postal[0] == '\0' || (is_line(p->postal) && all_of(p->postal, DIGITS UPPER " -")),
         "postal code", "must be at most ten digits and capital letters"},
        {strlen(p->country) == 2 && all_of(p->country, UPPER), "country",
         "must be two capital letters, such as CN"},
    };
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        if (!checks[i].right)
            return store_refuse(registry->store, ERR(FORMAT), checks[i].what, checks[i].form);
    return OK;
}

static err put(struct registry *registry, const struct registry_place *p)
{
    struct store_statement *put;
    TRY(store_statement(registry->store,
                        "INSERT INTO merchant_place(mid, category, city, postal, country)"
                        " VALUES(?, ?, ?, ?, ?) ON CONFLICT(mid) DO UPDATE SET"
                        " category = excluded.category, city = excluded.city,"
                        " postal = excluded.postal, country = excluded.country",
                        &put));
    store_bind_text(put, bytes_text(p->mid));
    store_bind_text(put, bytes_text(p->category));
    store_bind_text(put, bytes_text(p->city));
    store_bind_text(put, bytes_text(p->postal));
    store_bind_text(put, bytes_text(p->country));
    err failure = store_run(put);
    if (failure.code == ERR_NOT_FOUND)
        return store_refuse(registry->store, failure, "merchant", p->mid);
    return failure;
}

err registry_set_place(struct registry *registry, const struct registry_actor *actor,
                       const struct registry_place *place)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    ENSURE(actor->name.len > 0 && actor->name.len <= REGISTRY_ACTOR_MAX);
    TRY(check(registry, place));
    TRY(store_begin(registry->store, &tx));
    TRY(put(registry, place));
    TRY(audit_append(&tx,
                     &(struct audit_entry){actor->at_ms, actor->name, BYTES("place_set"),
                                           bytes_text(place->mid), bytes_text(place->category)}));
    return store_commit(&tx);
}

err registry_find_place(struct registry *registry, struct bytes mid,
                        struct registry_place *ret_place)
{
    struct registry_place place = {.category = "0000", .city = "CHINA", .country = "CN"};
    struct store_statement *query;
    bool row = false;
    TRY(bytes_to_text(mid, place.mid, sizeof place.mid));
    TRY(store_statement(registry->store,
                        "SELECT category, city, postal, country FROM merchant_place WHERE mid = ?",
                        &query));
    store_bind_text(query, mid);
    TRY(store_step(query, &row));
    if (row) {
        store_read_text_into(query, place.category, sizeof place.category);
        store_read_text_into(query, place.city, sizeof place.city);
        store_read_text_into(query, place.postal, sizeof place.postal);
        store_read_text_into(query, place.country, sizeof place.country);
        TRY(store_read_finish(query));
    }
    store_reset(query);
    *ret_place = place;
    return OK;
}
