/* SPDX-License-Identifier: Apache-2.0 */
/* The outlets of a merchant, a page at a time. */
#include "registry/outlets.h"

#include "registry/internal.h"

err registry_outlets(struct registry *registry, struct bytes mid, uint32_t after,
                     struct registry_outlet *rows, size_t max, size_t *ret_count)
{
    struct store_statement *query;
    size_t count = 0;
    TRY(store_statement(registry->store,
                        "SELECT mid, number, name FROM outlet WHERE mid = ? AND number > ? ORDER BY"
                        " number LIMIT ?",
                        &query));
    store_bind_text(query, mid);
    store_bind_int(query, after);
    store_bind_int(query, (int64_t)max);
    for (;;) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        ENSURE(count < max);
        struct registry_outlet *outlet = &rows[count++];
        *outlet = (struct registry_outlet){{0}};
        store_read_text_into(query, outlet->mid, sizeof outlet->mid);
        outlet->number = (uint32_t)store_read_int(query);
        store_read_text_into(query, outlet->name, sizeof outlet->name);
        TRY(store_read_finish(query));
    }
    *ret_count = count;
    return OK;
}
