/* SPDX-License-Identifier: Apache-2.0 */
/* The contacts of merchants: their table, their form, and what of them may be shown. */
#include "registry/contact.h"

#include <stdio.h>

#include "registry/internal.h"

static const char *const contact_migration[] = {
    "CREATE TABLE contact(mid TEXT NOT NULL REFERENCES merchant(mid),"
    " number INTEGER NOT NULL CHECK(number BETWEEN 1 AND 8), name_zh TEXT NOT NULL,"
    " pinyin TEXT NOT NULL, phone TEXT NOT NULL, mail TEXT NOT NULL, english INTEGER NOT NULL,"
    " since_ms INTEGER NOT NULL, PRIMARY KEY(mid, number), CHECK(phone <> '' OR mail <> ''))"
    " STRICT, WITHOUT ROWID;",
};

const struct store_schema registry_contact_schema = {"registry_contact", contact_migration,
                                                     ARRAY_LEN(contact_migration)};

/* ---- form ---- */

static bool all_of(const char *text, const char *set)
{
    return strspn(text, set) == strlen(text);
}

#define DIGITS "0123456789"
#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool contact_phone_valid(const char *phone)
{
    size_t len = strlen(phone);
    return len >= 7 && len < CONTACT_PHONE_MAX && all_of(phone, DIGITS);
}

/*
 * One '@', a name of the plainest characters before it, a domain with a dot behind it. Narrower
 * than RFC 5322 on purpose: what stands here goes into a header and an envelope as it is.
 */
bool contact_mail_valid(const char *mail)
{
    size_t name = strspn(mail, DIGITS LOWER UPPER ".-_+");
    if (name == 0 || mail[name] != '@' || strlen(mail) > CONTACT_MAIL_MAX) return false;
    const char *domain = mail + name + 1, *dot = strrchr(domain, '.');
    return all_of(domain, DIGITS LOWER UPPER ".-") && domain[0] != '.' && dot != NULL &&
           dot[1] != '\0';
}

static bool is_name(struct registry *registry, const struct registry_contact *c)
{
    struct registry_outlet named = {.number = 1};
    static_assert(sizeof named.name == sizeof c->name_zh, "copied whole");
    memcpy(named.name, c->name_zh, sizeof named.name);
    return !FAILED(registry_check_outlet(registry, &named));
}

static err check(struct registry *registry, const struct registry_contact *c)
{
    const struct {
        bool right;
        const char *what, *form;
    } checks[] = {
        {c->number >= 1 && c->number <= CONTACTS_MAX, "contact", "must be a number of 1 to 8"},
        {is_name(registry, c), "contact's name", "must be 1 to 40 bytes of UTF-8"},
        {all_of(c->pinyin, LOWER " ") && c->pinyin[strspn(c->pinyin, " ")] != '\0',
         "contact's pinyin", "must be lower-case letters and spaces"},
        {c->phone[0] != '\0' || c->mail[0] != '\0', "contact",
         "must have a phone number or a mail address"},
        {c->phone[0] == '\0' || contact_phone_valid(c->phone), "contact's phone number",
         "must be 7 to 15 digits"},
        {c->mail[0] == '\0' || contact_mail_valid(c->mail), "contact's mail address",
         "must look like name@example.com"},
    };
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        if (!checks[i].right)
            return store_refuse(registry->store, ERR(FORMAT), checks[i].what, checks[i].form);
    return OK;
}

/* ---- write ---- */

static err put(struct registry *registry, const struct registry_actor *actor,
               const struct registry_contact *c)
{
    struct store_statement *put;
    TRY(store_statement(registry->store,
                        "INSERT INTO contact(mid, number, name_zh, pinyin, phone, mail, english,"
                        " since_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(mid, number) DO"
                        " UPDATE SET name_zh = excluded.name_zh, pinyin = excluded.pinyin,"
                        " phone = excluded.phone, mail = excluded.mail,"
                        " english = excluded.english, since_ms = excluded.since_ms",
                        &put));
    store_bind_text(put, bytes_text(c->mid));
    store_bind_int(put, c->number);
    store_bind_text(put, bytes_text(c->name_zh));
    store_bind_text(put, bytes_text(c->pinyin));
    store_bind_text(put, bytes_text(c->phone));
    store_bind_text(put, bytes_text(c->mail));
    store_bind_int(put, c->english);
    store_bind_int(put, actor->at_ms);
    err failure = store_run(put);
    if (failure.code == ERR_NOT_FOUND)
        return store_refuse(registry->store, failure, "merchant", c->mid);
    return failure;
}

static err record(struct store_tx *tx, const struct registry_actor *actor, const char *event,
                  struct bytes mid, uint32_t number)
{
    char detail[24];
    ENSURE(actor->name.len > 0 && actor->name.len <= REGISTRY_ACTOR_MAX);
    snprintf(detail, sizeof detail, "contact %u", number); /* never the address itself */
    return audit_append(tx, &(struct audit_entry){actor->at_ms, actor->name, bytes_text(event), mid,
                                                  bytes_text(detail)});
}

err registry_set_contact(struct registry *registry, const struct registry_actor *actor,
                         const struct registry_contact *contact)
{
    TRY(check(registry, contact));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(put(registry, actor, contact));
    TRY(record(&tx, actor, "contact_set", bytes_text(contact->mid), contact->number));
    return store_commit(&tx);
}

err registry_remove_contact(struct registry *registry, const struct registry_actor *actor,
                            struct bytes mid, uint32_t number)
{
    struct store_statement *drop;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(store_statement(registry->store, "DELETE FROM contact WHERE mid = ? AND number = ?",
                        &drop));
    store_bind_text(drop, mid);
    store_bind_int(drop, number);
    TRY(store_run(drop));
    if (store_changes(registry->store) == 0)
        return store_refuse(registry->store, ERR(NOT_FOUND), "contact", NULL);
    TRY(record(&tx, actor, "contact_removed", mid, number));
    return store_commit(&tx);
}

/* ---- read ---- */

err registry_contacts(struct registry *registry, struct bytes mid,
                      struct registry_contact ret_contacts[CONTACTS_MAX], size_t *ret_count)
{
    struct store_statement *rows;
    size_t count = 0;
    TRY(store_statement(registry->store,
                        "SELECT mid, number, name_zh, pinyin, phone, mail, english, since_ms"
                        " FROM contact WHERE mid = ? ORDER BY number LIMIT 8",
                        &rows));
    static_assert(CONTACTS_MAX == 8, "the limit of the query");
    store_bind_text(rows, mid);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) break;
        ENSURE(count < CONTACTS_MAX);
        struct registry_contact *c = &ret_contacts[count++];
        store_read_text_into(rows, c->mid, sizeof c->mid);
        c->number = (uint32_t)store_read_int(rows);
        store_read_text_into(rows, c->name_zh, sizeof c->name_zh);
        store_read_text_into(rows, c->pinyin, sizeof c->pinyin);
        store_read_text_into(rows, c->phone, sizeof c->phone);
        store_read_text_into(rows, c->mail, sizeof c->mail);
        c->english = store_read_int(rows) != 0;
        c->since_ms = store_read_int(rows);
        TRY(store_read_finish(rows));
    }
    *ret_count = count;
    return OK;
}

/* ---- masks ---- */

void contact_mask_phone(const char *phone, char out[static CONTACT_MASK_MAX])
{
    size_t len = strlen(phone);
    if (len >= 11)
        snprintf(out, CONTACT_MASK_MAX, "%.*s****%s", (int)(len - 8), phone, phone + len - 4);
    else if (len > 0) snprintf(out, CONTACT_MASK_MAX, "****%s", phone + (len > 2 ? len - 2 : 0));
    else out[0] = '\0';
}

void contact_mask_mail(const char *mail, char out[static CONTACT_MASK_MAX])
{
    const char *at = strchr(mail, '@');
    if (at == NULL) out[0] = '\0';
    else snprintf(out, CONTACT_MASK_MAX, "%c***%s", mail[0], at);
}

void contact_mask_ends(const char *value, char out[static CONTACT_MASK_MAX])
{
    size_t len = strlen(value);
    if (len < 8) snprintf(out, CONTACT_MASK_MAX, "****");
    else snprintf(out, CONTACT_MASK_MAX, "%.2s****%s", value, value + len - 2);
}

/* The first character and a star for each further one, of UTF-8. */
void contact_mask_name(const char *name, char out[static CONTACT_MASK_MAX])
{
    size_t len = 0;
    for (size_t i = 0; name[i] != '\0' && len + 1 < CONTACT_MASK_MAX; i++) {
        bool begins = ((uint8_t)name[i] & 0xC0) != 0x80;
        if (begins && i > 0) {
            for (; name[i] != '\0' && len + 1 < CONTACT_MASK_MAX; i++)
                if (((uint8_t)name[i] & 0xC0) != 0x80) out[len++] = '*';
            break;
        }
        out[len++] = name[i];
    }
    out[len] = '\0';
}
