/* SPDX-License-Identifier: Apache-2.0 */
/* Originals and their followers, by index. */
#include "journal/trail.h"

#include <assert.h>

static err one_seq(struct store *store, const char *sql, const char *rrn, int64_t *ret_seq)
{
    struct store_statement *select;
    bool row = false;
    TRY(store_statement(store, sql, &select));
    store_bind_text(select, bytes_text(rrn));
    TRY(store_step(select, &row));
    if (!row) return ERR(NOT_FOUND);
    int64_t seq = store_read_int(select);
    err e = store_read_finish(select);
    store_reset(select);
    TRY(e);
    *ret_seq = seq;
    return OK;
}

static err row_of(struct store *store, const char *sql, const char *rrn,
                  struct journal_row *ret_row)
{
    int64_t seq = 0;
    size_t count = 0;
    if (rrn[0] == '\0') return ERR(NOT_FOUND);
    TRY(one_seq(store, sql, rrn, &seq));
    TRY(journal_read(store, seq, ret_row, 1, &count));
    return count == 1 ? OK : ERR(CORRUPT);
}

err journal_approval(struct store *store, const char *rrn, struct journal_row *ret_row)
{
    static_assert(PAYMENT_APPROVE == 1, "the statement says so");
    return row_of(store,
                  "SELECT seq FROM journal INDEXED BY journal_rrn WHERE rrn = ? AND rrn <> ''"
                  " AND event = 1 ORDER BY seq DESC LIMIT 1",
                  rrn, ret_row);
}

err journal_last_of(struct store *store, const char *rrn, struct journal_row *ret_row)
{
    return row_of(store,
                  "SELECT seq FROM journal INDEXED BY journal_rrn WHERE rrn = ? AND rrn <> ''"
                  " ORDER BY seq DESC LIMIT 1",
                  rrn, ret_row);
}

err journal_first_of(struct store *store, const char *rrn, int64_t floor, int64_t *ret_seq)
{
    struct store_statement *select;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT seq FROM journal INDEXED BY journal_rrn WHERE rrn = ? AND rrn <> ''"
                        " AND seq >= ? ORDER BY seq LIMIT 1",
                        &select));
    store_bind_text(select, bytes_text(rrn));
    store_bind_int(select, floor);
    TRY(store_step(select, &row));
    if (!row) return ERR(NOT_FOUND);
    *ret_seq = store_read_int(select);
    err e = store_read_finish(select);
    store_reset(select);
    return e;
}

err journal_next_of_terminal(struct store *store, const char *tid, int64_t after, int64_t upto,
                             int64_t *ret_seq, char ret_rrn[static 13])
{
    struct store_statement *select;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT seq, rrn FROM journal NOT INDEXED WHERE seq > ? AND seq <= ?"
                        " AND tid = ? AND rrn <> '' ORDER BY seq LIMIT 1",
                        &select));
    store_bind_int(select, after);
    store_bind_int(select, upto);
    store_bind_text(select, bytes_text(tid));
    TRY(store_step(select, &row));
    if (!row) return ERR(NOT_FOUND);
    *ret_seq = store_read_int(select);
    store_read_text_into(select, ret_rrn, 13);
    err e = store_read_finish(select);
    store_reset(select);
    return e;
}

err journal_holds(struct store *store, const char *auth_code, char rrn[][13], size_t max,
                  size_t *ret_count)
{
    static_assert(PAYMENT_PREAUTH == 4 && PAYMENT_APPROVED == 3, "the index says so");
    struct store_statement *select;
    size_t count = 0;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT rrn FROM journal INDEXED BY journal_hold WHERE auth_code = ?"
                        " AND type = 4 AND state = 3 AND event = 1 ORDER BY seq DESC LIMIT ?",
                        &select));
    store_bind_text(select, bytes_text(auth_code));
    store_bind_int(select, (int64_t)max);
    TRY(store_step(select, &row));
    while (row) {
        ENSURE(count < max);
        store_read_text_into(select, rrn[count++], 13);
        TRY(store_step(select, &row));
    }
    *ret_count = count;
    return OK;
}

/* ---- the fold ---- */

struct follower {
    enum payment_type type;
    enum payment_state state;
    int64_t amount_minor;
    char rrn[13];
};

enum { AT_ONCE = 64 }; /* followers looked at in one statement */

/* The last row of each follower, in the order of their references, from behind `after` on. */
static err followers(struct store *store, const char *rrn, const char *after, struct follower *rows,
                     size_t *ret_count)
{
    struct store_statement *select;
    size_t count = 0;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT max(seq), type, state, amount_minor, rrn FROM journal"
                        " INDEXED BY journal_original WHERE original_rrn = ?"
                        " AND original_rrn <> '' AND rrn > ? GROUP BY rrn ORDER BY rrn LIMIT ?",
                        &select));
    store_bind_text(select, bytes_text(rrn));
    store_bind_text(select, bytes_text(after));
    store_bind_int(select, AT_ONCE);
    TRY(store_step(select, &row));
    while (row) {
        ENSURE(count < AT_ONCE);
        struct follower *f = &rows[count++];
        (void)store_read_int(select);
        f->type = (enum payment_type)store_read_int(select);
        f->state = (enum payment_state)store_read_int(select);
        f->amount_minor = store_read_int(select);
        store_read_text_into(select, f->rrn, sizeof f->rrn);
        TRY(store_step(select, &row));
    }
    *ret_count = count;
    return OK;
}

static bool completes(enum payment_type type)
{
    return type == PAYMENT_COMPLETION || type == PAYMENT_COMPLETION_ADVICE;
}

/* Adds all followers of `rrn`; of a hold, `deep`, completions count while nothing voids them.
 * `left` is how many may still be looked at. */
static err fold(struct store *store, const char *rrn, bool deep, size_t *left,
                struct payment_trail *trail)
{
    struct follower rows[AT_ONCE];
    char after[13] = "";
    size_t count = AT_ONCE;
    while (count == AT_ONCE) {
        TRY(followers(store, rrn, after, rows, &count));
        for (size_t i = 0; i < count; i++) {
            struct payment_trail own = {0};
            trail->full = trail->full || *left == 0;
            if (trail->full) return OK;
            --*left;
            if (deep && completes(rows[i].type)) TRY(fold(store, rows[i].rrn, false, left, &own));
            trail->full = own.full;
            trail->under_way = trail->under_way || own.under_way;
            if (own.voided && !own.under_way) continue;
            payment_trail_add(trail, rows[i].type, rows[i].state, rows[i].amount_minor);
        }
        if (count > 0) memcpy(after, rows[count - 1].rrn, sizeof after);
    }
    return OK;
}

err journal_trail(struct store *store, const char *rrn, struct payment_trail *ret_trail)
{
    struct payment_trail trail = {0};
    ENSURE(strlen(rrn) == 12);
    size_t left = JOURNAL_TRAIL_MAX;
    TRY(fold(store, rrn, true, &left, &trail));
    *ret_trail = trail;
    return OK;
}

err journal_next_disputed(struct store *store, int64_t after, struct journal_row *ret_row)
{
    static_assert(PAYMENT_DISPUTED == 10 && PAYMENT_DECLINE == 2, "the statement says so");
    struct store_statement *select;
    bool row = false;
    size_t count = 0;
    TRY(store_statement(store,
                        "SELECT seq FROM journal WHERE seq > ? AND state = 10 AND event = 2"
                        " ORDER BY seq LIMIT 1",
                        &select));
    store_bind_int(select, after);
    TRY(store_step(select, &row));
    if (!row) return ERR(NOT_FOUND);
    int64_t seq = store_read_int(select);
    err read = store_read_finish(select);
    store_reset(select);
    TRY(read);
    TRY(journal_read(store, seq, ret_row, 1, &count));
    return count == 1 ? OK : ERR(CORRUPT);
}
