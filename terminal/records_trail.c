/* SPDX-License-Identifier: Apache-2.0 */
/* What has followed a payment, as far as this terminal knows: the host knows the rest. */
#include "payment/follow.h"
#include "terminal/records.h"

err records_trail(struct records *r, const struct payment_key *key, struct payment_trail *ret_trail)
{
    struct payment_trail trail = {0};
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store,
                        "SELECT type, state, amount_minor FROM payment INDEXED BY payment_original"
                        " WHERE original_batch = ? AND original_stan = ? AND original_stan > 0",
                        &s));
    store_bind_int(s, key->batch);
    store_bind_int(s, key->stan);
    TRY(store_step(s, &row));
    while (row) {
        enum payment_type type = (enum payment_type)store_read_int(s);
        enum payment_state state = (enum payment_state)store_read_int(s);
        payment_trail_add(&trail, type, state, store_read_int(s));
        TRY(store_step(s, &row));
    }
    *ret_trail = trail;
    return OK;
}
