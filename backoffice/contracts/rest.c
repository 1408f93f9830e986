/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the way of an end: asked of the fleet, the stock, the registry and the ledger. */
#include "backoffice/contracts/contract.h"
#include "backoffice/contracts/owed.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/registrar.h"

static uint32_t of_status(struct backoffice *b, const struct fleet_query *query,
                          enum registry_status status, int64_t now_ms, uint32_t *unsent)
{
    struct fleet_query q = *query;
    q.status = status;
    struct fleet_counts counts = fleet_counts_of(b->desk->fleet, &q, now_ms);
    *unsent += counts.unsent;
    return counts.all;
}

/* Those that are neither back nor scrapped, whether they were ever active or not. */
static err on_the_way(struct store *store, const char *mid, uint32_t *ret_count)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT count(*) FROM stock_terminal WHERE mid = ? AND state BETWEEN 2 AND"
                        " 5",
                        &query));
    store_bind_text(query, bytes_text(mid));
    TRY(store_step(query, &row));
    ENSURE(row);
    *ret_count = (uint32_t)store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err contract_rest(struct backoffice *b, const char *mid, int64_t now_ms, struct contract_rest *ret)
{
    struct contract_rest rest = {.owed_known = false};
    struct fleet_query query = {.limit = 1};
    struct owed owed = {0};
    ENSURE(b->desk != NULL && strlen(mid) < sizeof query.mid);
    memcpy(query.mid, mid, strlen(mid) + 1);
    TRY(on_the_way(b->store, mid, &rest.terminals));
    rest.terminals += of_status(b, &query, REGISTRY_ACTIVE, now_ms, &rest.unsent);
    rest.terminals += of_status(b, &query, REGISTRY_SUSPENDED, now_ms, &rest.unsent);
    if (b->config.ledger_path != NULL)
        rest.owed_known = !FAILED(owed_read(b->config.ledger_path, mid, &owed));
    rest.payable_minor = owed.payable_minor;
    rest.held_minor = owed.held_minor;
    rest.transit_minor = owed.transit_minor;
    bool owes = owed.payable_minor != 0 || owed.held_minor != 0 || owed.transit_minor != 0;
    if (rest.unsent > 0) rest.obstacles |= 1u << CONTRACT_BIT_UNSENT;
    if (rest.terminals > 0) rest.obstacles |= 1u << CONTRACT_BIT_TERMINALS;
    if (owes) rest.obstacles |= 1u << CONTRACT_BIT_OWED;
    if (!rest.owed_known) rest.obstacles |= 1u << CONTRACT_BIT_OWED_UNKNOWN;
    *ret = rest;
    return OK;
}

err contract_close_registry(struct backoffice *b, const struct registry_actor *actor,
                            const char *mid)
{
    CLEANUP(registrar_close) struct registry *registry = NULL;
    struct registry_merchant merchant;
    TRY(registrar_open(b, &registry));
    TRY(registry_find_merchant(registry, bytes_text(mid), &merchant));
    if (merchant.status == REGISTRY_CLOSED) return OK;
    return registry_set_merchant_status(registry, actor, bytes_text(mid), REGISTRY_CLOSED);
}
