/* SPDX-License-Identifier: Apache-2.0 */
/* What the fold notes of each shop that a batch has touched. */
#include "figures/changed.h"

#include "figures/fold.h"

err figures_changed(struct store *figures, const char *mid, int64_t *ret_seq)
{
    struct store_statement *select;
    bool row = false;
    if (mid[0] == '\0') return figures_seq(figures, ret_seq);
    TRY(store_statement(figures,
                        "SELECT seq FROM changed WHERE shop ="
                        " (SELECT number FROM name WHERE what = 1 AND text = ?)",
                        &select));
    store_bind_text(select, bytes_text(mid));
    TRY(store_step(select, &row));
    if (!row) {
        *ret_seq = 0;
        return OK;
    }
    int64_t seq = store_read_int(select);
    err read = store_read_finish(select);
    store_reset(select);
    TRY(read);
    *ret_seq = seq;
    return OK;
}
