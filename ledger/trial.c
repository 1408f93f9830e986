/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at a ledger: the trial balance, and the comparison with one that is made from nothing. */
#include "ledger/fold.h"

#include <stdlib.h>

#include "ledger/internal.h"
#include "lib/base/writer.h"

err ledger_accounts(struct ledger *ledger, ledger_each_account each, void *context)
{
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    TRY(store_begin(ledger->store, &snapshot));
    if (ledger->stale || store_is_read_only(ledger->store)) TRY(ledger_load(ledger));
    for (uint32_t i = 0; i < ledger->book_count; i++) TRY(each(context, &ledger->book[i].account));
    return OK;
}

/* ---- trial balance ----------------------------------------------------------------------------
 */

static err balance_of(struct ledger *ledger, struct ledger_trial *trial, uint16_t currency,
                      struct ledger_balance **ret_balance)
{
    for (size_t i = 0; i < trial->currencies; i++) {
        if (trial->balance[i].currency != currency) continue;
        *ret_balance = &trial->balance[i];
        return OK;
    }
    if (trial->currencies == LEDGER_CURRENCIES_MAX)
        return store_refuse(ledger->store, ERR(NO_MEMORY), "too many currencies", NULL);
    *ret_balance = &trial->balance[trial->currencies++];
    **ret_balance = (struct ledger_balance){.currency = currency};
    return OK;
}

static err sum_accounts(struct ledger *ledger, struct ledger_trial *trial)
{
    trial->accounts = ledger->book_count;
    for (uint32_t i = 0; i < ledger->book_count; i++) {
        const struct account *account = &ledger->book[i].account;
        struct ledger_balance *sum = NULL;
        TRY(balance_of(ledger, trial, account->currency, &sum));
        TRY(money_add(sum->debits_pending, account->debits_pending, &sum->debits_pending));
        TRY(money_add(sum->credits_pending, account->credits_pending, &sum->credits_pending));
        TRY(money_add(sum->debits_posted, account->debits_posted, &sum->debits_posted));
        TRY(money_add(sum->credits_posted, account->credits_posted, &sum->credits_posted));
    }
    trial->balanced = true;
    for (size_t i = 0; i < trial->currencies; i++) {
        struct ledger_balance *sum = &trial->balance[i];
        sum->balanced = sum->debits_pending == sum->credits_pending &&
                        sum->debits_posted == sum->credits_posted;
        trial->balanced = trial->balanced && sum->balanced;
    }
    return OK;
}

/* What the transfers of one kind between two accounts do to them. */
static void apply_sum(struct account *debit, struct account *credit, enum transfer_kind kind,
                      int64_t sum_minor)
{
    if (kind == TRANSFER_SHIFT) {
        debit->debits_pending += sum_minor;
        credit->debits_pending -= sum_minor;
        return;
    }
    bool leaves_pending = kind == TRANSFER_POST || kind == TRANSFER_RELEASE;
    if (kind == TRANSFER_HOLD || leaves_pending) {
        int64_t pending = kind == TRANSFER_HOLD ? sum_minor : -sum_minor;
        debit->debits_pending += pending;
        credit->credits_pending += pending;
    }
    if (kind != TRANSFER_HOLD && kind != TRANSFER_RELEASE) {
        debit->debits_posted += sum_minor;
        credit->credits_posted += sum_minor;
    }
}

/* Adds all transfers up into `sum`, which has a place for each account. */
static err sum_transfers(struct ledger *ledger, struct account *sum, bool *ret_sound)
{
    struct store_statement *rows;
    TRY(store_statement(ledger->store,
                        "SELECT kind, debit, credit, sum(amount_minor) FROM transfer"
                        " GROUP BY kind, debit, credit",
                        &rows));
    bool sound = true;
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) break;
        int64_t kind = store_read_int(rows), debit = store_read_int(rows);
        int64_t credit = store_read_int(rows), sum_minor = store_read_int(rows);
        TRY(store_read_finish(rows));
        bool known = kind >= 0 && kind < TRANSFER_KINDS && debit >= 1 &&
                     debit <= ledger->book_count && credit >= 1 && credit <= ledger->book_count;
        sound = sound && known;
        if (known)
            apply_sum(&sum[debit - 1], &sum[credit - 1], (enum transfer_kind)kind, sum_minor);
    }
    *ret_sound = sound;
    return OK;
}

static bool same_sums(const struct account *a, const struct account *b)
{
    return a->debits_pending == b->debits_pending && a->debits_posted == b->debits_posted &&
           a->credits_pending == b->credits_pending && a->credits_posted == b->credits_posted;
}

static err compare_with_transfers(struct ledger *ledger, struct ledger_trial *trial)
{
    struct account *sum = calloc(ledger->book_count + 1, sizeof *sum);
    if (sum == NULL) return ERR(NO_MEMORY);
    bool sound = false;
    err failure = sum_transfers(ledger, sum, &sound);
    for (uint32_t i = 0; i < ledger->book_count; i++)
        sound = sound && same_sums(&sum[i], &ledger->book[i].account);
    free(sum);
    trial->transfers_agree = sound;
    return failure;
}

err ledger_trial_balance(struct ledger *ledger, struct ledger_trial *ret_trial)
{
    struct ledger_trial trial = {0};
    int64_t open_holds = 0;
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    TRY(store_begin(ledger->store, &snapshot));
    /* What is on disk is what counts, not what this process believes. */
    TRY(ledger_load(ledger));
    TRY(store_query_int(ledger->store, "SELECT count(*) FROM open_hold", &open_holds));
    TRY(store_query_int(ledger->store, "SELECT count(*) FROM transfer", &trial.transfers));
    trial.open_holds = (size_t)open_holds;
    trial.seq = ledger->at.seq;
    trial.order = ledger->at.order;
    TRY(sum_accounts(ledger, &trial));
    TRY(compare_with_transfers(ledger, &trial));
    *ret_trial = trial;
    return OK;
}

/* ---- comparison with a ledger made from nothing -----------------------------------------------
 */

struct rebuild {
    struct store_anchor *anchor;
    struct ledger *fresh;
    struct ledger_entry *entries;
};

enum { REBUILD_BATCH = 1024 };

static void rebuild_end(struct rebuild *rebuild)
{
    ledger_close(rebuild->fresh);
    store_anchor_close(rebuild->anchor);
    free(rebuild->entries);
}

static err rebuild_begin(struct ledger *ledger, struct rebuild *rebuild)
{
    char name[64];
    struct writer w = writer_over(name, sizeof name - 1);
    /* Its address makes the name unique in this process, which is where the name lives. */
    write_format(&w, "ledger-rebuild-%zx", (size_t)(uintptr_t)ledger);
    name[w.len] = '\0';
    rebuild->entries = calloc(REBUILD_BATCH, sizeof *rebuild->entries);
    if (rebuild->entries == NULL) return ERR(NO_MEMORY);
    TRY(store_anchor_open(name, &rebuild->anchor));
    return ledger_open(name, STORE_MEMORY, NULL, &rebuild->fresh);
}

static bool has_reached(const struct ledger *ledger, struct ledger_position at)
{
    return ledger->at.seq == at.seq && ledger->at.order == at.order;
}

/* How many of the entries are not beyond this position. */
static size_t up_to(const struct ledger_entry *entries, size_t count, struct ledger_position at)
{
    size_t kept = 0;
    while (kept < count && entries[kept].seq <= at.seq && entries[kept].order <= at.order) kept++;
    return kept;
}

static err rebuild_fold(struct ledger *ledger, struct rebuild *rebuild, ledger_source source,
                        void *context)
{
    while (!has_reached(rebuild->fresh, ledger->at)) {
        size_t count = 0;
        TRY(source(context, rebuild->fresh->at, rebuild->entries, REBUILD_BATCH, &count));
        count = up_to(rebuild->entries, count, ledger->at);
        if (count == 0)
            return store_refuse(ledger->store, ERR(CORRUPT),
                                "the journal ends before the ledger that was made from it", NULL);
        err failure = ledger_fold(rebuild->fresh, rebuild->entries, count);
        if (FAILED(failure))
            return store_refuse(ledger->store, failure, "the journal cannot be folded again",
                                ledger_error_text(rebuild->fresh));
    }
    return OK;
}

static void differ(struct ledger_difference *difference, const char *what, int64_t id)
{
    struct writer w = writer_over(difference->text, sizeof difference->text - 1);
    write_format(&w, "%s %lld", what, (long long)id);
    difference->text[w.len] = '\0';
    difference->same = false;
}

static void compare_accounts(const struct ledger *here, const struct ledger *there,
                             struct ledger_difference *difference)
{
    for (uint32_t i = 0; i < here->book_count && i < there->book_count; i++) {
        const struct account *a = &here->book[i].account, *b = &there->book[i].account;
        if (same_sums(a, b) && a->kind == b->kind && a->currency == b->currency &&
            strcmp(a->owner, b->owner) == 0)
            continue;
        char name[ACCOUNT_TEXT_MAX], what[ACCOUNT_TEXT_MAX + 24];
        account_text(a, name);
        struct writer w = writer_over(what, sizeof what - 1);
        write_format(&w, "account %s, number", name);
        what[w.len] = '\0';
        differ(difference, what, a->id);
        return;
    }
    if (here->book_count != there->book_count)
        differ(difference, "accounts end at number",
               here->book_count < there->book_count ? here->book_count : there->book_count);
}

/* One row of two tables, read column by column; both texts select the same columns. */
static bool same_row(struct store_statement *a, struct store_statement *b, size_t numbers)
{
    bool same = true;
    for (size_t i = 0; i < numbers; i++) {
        int64_t here = store_read_int(a), there = store_read_int(b);
        same = same && here == there;
    }
    struct bytes here = store_read_blob(a), there = store_read_blob(b);
    return same && bytes_equal(here, there);
}

/* Walks one table on both sides; the first column is the number, the last the key. */
static err compare_rows(struct store *here, struct store *there, const char *sql, size_t numbers,
                        const char *what, struct ledger_difference *difference)
{
    struct store_statement *a, *b;
    TRY(store_statement(here, sql, &a));
    TRY(store_statement(there, sql, &b));
    for (int64_t row = 1;; row++) {
        bool more_here = false, more_there = false;
        TRY(store_step(a, &more_here));
        TRY(store_step(b, &more_there));
        if (!more_here && !more_there) return OK;
        if (more_here && more_there && same_row(a, b, numbers)) continue;
        differ(difference, what, row);
        store_reset(a);
        store_reset(b);
        return OK;
    }
}

static err compare_all(struct ledger *ledger, struct ledger *fresh,
                       struct ledger_difference *difference)
{
    compare_accounts(ledger, fresh, difference);
    if (difference->same)
        TRY(compare_rows(ledger->store, fresh->store,
                         "SELECT id, at_ms, kind, debit, credit, amount_minor, rule, agreement,"
                         " charge, fee_minor, income, share_rule, cost, issuer_minor, issuer,"
                         " network_minor, network, instalment_minor, instalment, hold_seq, hold_ms,"
                         " key FROM booking ORDER BY id",
                         21, "transfers, at row", difference));
    if (difference->same)
        TRY(compare_rows(ledger->store, fresh->store,
                         "SELECT seq, debit, credit, amount_minor, at_ms, shifted, key"
                         " FROM open_hold ORDER BY seq",
                         6, "open holds, at row", difference));
    if (difference->same)
        TRY(compare_rows(ledger->store, fresh->store,
                         "SELECT account, day, debits, credits, x'' FROM account_day"
                         " ORDER BY account, day",
                         4, "business days, at row", difference));
    if (difference->same)
        TRY(compare_rows(ledger->store, fresh->store,
                         "SELECT day, first, last, x'' FROM day_range ORDER BY day", 3,
                         "ranges of days, at row", difference));
    return OK;
}

err ledger_rebuild_compare(struct ledger *ledger, ledger_source source, void *context,
                           struct ledger_difference *ret_difference)
{
    struct ledger_difference difference = {.same = true};
    CLEANUP(rebuild_end) struct rebuild rebuild = {0};
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    TRY(store_begin(ledger->store, &snapshot));
    TRY(ledger_load(ledger));
    TRY(rebuild_begin(ledger, &rebuild));
    TRY(rebuild_fold(ledger, &rebuild, source, context));
    difference.seq = ledger->at.seq;
    difference.order = ledger->at.order;
    TRY(compare_all(ledger, rebuild.fresh, &difference));
    *ret_difference = difference;
    return OK;
}
