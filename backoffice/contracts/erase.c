/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is erased when the years of a contract's files are over, one contract at a time, each whole:
 * the application's fields, notes and photos; what is sealed of its bindings; the values of its
 * changes with their papers; the contacts. What stays are the steps, when and by whom, the fees
 * that were signed, the books, and a record of the erasing. The registry's part is done first and
 * may be done again.
 */
#include "backoffice/applications/retention.h"
#include "backoffice/contracts/contract.h"
#include "backoffice/events/events.h"
#include "backoffice/registrar.h"
#include "backoffice/stock/elements.h"
#include "registry/contact.h"
#include "registry/numbers.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)

static err find_due(struct store *store, int64_t now_ms, int64_t *ret_id, char ret_mid[16])
{
    struct store_statement *query;
    bool row = false;
    *ret_id = 0;
    TRY(store_statement(store,
                        "SELECT id, mid FROM contract_end WHERE state = 3 AND erased_ms = 0 AND"
                        " ended_ms <= ? ORDER BY id LIMIT 1",
                        &query));
    store_bind_int(query, now_ms - CONTRACT_KEPT_DAYS * DAY_MS);
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_id = store_read_int(query);
    store_read_text_into(query, ret_mid, 16);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

/* BUSY: another program writes the registry just now. */
static err erase_contacts(struct backoffice *b, const struct registry_actor *actor, const char *mid)
{
    CLEANUP(registrar_close) struct registry *registry = NULL;
    struct registry_contact contacts[CONTACTS_MAX];
    size_t count = 0;
    TRY(registry_contacts(b->registry, bytes_text(mid), contacts, &count));
    if (count == 0) return OK;
    TRY(registrar_open(b, &registry));
    for (size_t i = 0; i < count; i++)
        TRY(registry_remove_contact(registry, actor, bytes_text(mid), contacts[i].number));
    return OK;
}

/* The application that it came from; a contract on paper has none. */
static err erase_application(struct backoffice *b, struct store_tx *tx, const char *mid)
{
    static const char prefix[] = "application ";
    char reference[REGISTRY_REFERENCE_MAX + 1];
    err found = registry_reference_of(b->registry, bytes_text(mid), reference);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (b->applications == NULL || strncmp(reference, prefix, sizeof prefix - 1) != 0) return OK;
    return application_erase(b->applications, tx, bytes_text(reference + sizeof prefix - 1));
}

static err run_on(struct store_tx *tx, const char *sql, struct bytes text, int64_t number)
{
    struct store_statement *change;
    TRY(store_statement(tx->store, sql, &change));
    if (number != 0) store_bind_int(change, number);
    store_bind_text(change, text);
    return store_run(change);
}

static err erase(struct backoffice *b, struct store_tx *tx, const struct registry_actor *actor,
                 int64_t id, const char *mid)
{
    char object[40], detail[32];
    TRY(erase_application(b, tx, mid));
    TRY(elements_erase(tx, mid));
    TRY(run_on(tx,
               "UPDATE contract_change SET name_zh = '', name_en = '', pinyin = '', phone = '',"
               " mail = '', address = '' WHERE mid = ?",
               bytes_text(mid), 0));
    TRY(run_on(tx,
               "DELETE FROM upload WHERE owner = 2 AND id IN"
               " (SELECT id FROM contract_change WHERE mid = ?)",
               bytes_text(mid), 0));
    TRY(run_on(tx,
               "DELETE FROM upload WHERE owner = 3 AND id IN"
               " (SELECT id FROM payout_request WHERE mid = ?)",
               bytes_text(mid), 0));
    TRY(run_on(tx, "UPDATE contract_end SET erased_ms = ?, reason = '' WHERE mid = ?",
               bytes_text(mid), actor->at_ms));
    snprintf(object, sizeof object, "contracts/%s", mid);
    snprintf(detail, sizeof detail, "contract %lld", (long long)id);
    TRY(event_append(
        tx,
        &(struct event){
            .mid = mid, .kind = "contract.erased", .object = object, .at_ms = actor->at_ms},
        NULL));
    return audit_append(tx,
                        &(struct audit_entry){actor->at_ms, actor->name, BYTES("contract.erased"),
                                              bytes_text(mid), bytes_text(detail)});
}

err contract_erase_due(struct backoffice *b, int64_t now_ms)
{
    const struct registry_actor actor = {BYTES("clock"), now_ms};
    char mid[16];
    int64_t id = 0;
    TRY(find_due(b->store, now_ms, &id, mid));
    if (id == 0 || b->registry == NULL) return OK;
    err gone = erase_contacts(b, &actor, mid);
    if (gone.code == ERR_BUSY) return OK; /* in its next turn */
    TRY(gone);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(erase(b, &tx, &actor, id, mid));
    return store_commit(&tx);
}
