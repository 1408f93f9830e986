/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao-acquirer --check-books`: folds the whole journal again, in memory, and compares every
 * account and transfer with the ledger on disk. It only reads, so the host may be at work
 * meanwhile.
 */
#include <stdio.h>
#include <unistd.h>

#include "acquirer/program.h"

enum { ROWS_AT_ONCE = 256 };

static err source(void *context, int64_t from_seq, struct ledger_entry *entries, size_t max,
                  size_t *ret_count)
{
    static struct journal_row row[ROWS_AT_ONCE];
    size_t count = 0;
    TRY(journal_read(context, from_seq, row, max < ROWS_AT_ONCE ? max : ROWS_AT_ONCE, &count));
    for (size_t i = 0; i < count; i++) fold_entry(&row[i], &entries[i]);
    *ret_count = count;
    return OK;
}

static err compare(const char *journal_path, const char *ledger_path,
                   struct ledger_difference *ret_difference, struct process_fault *fault)
{
    CLEANUP(store_close_at) struct store *journal = NULL;
    struct ledger *ledger = NULL;
    struct store_fault cause = {{0}};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 2000};
    err done = store_open(journal_path, &options, &cause, &journal);
    if (!FAILED(done)) done = ledger_open(ledger_path, STORE_READ_ONLY, &cause, &ledger);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text, "%.250s", cause.text);
        return done;
    }
    done = ledger_rebuild_compare(ledger, source, journal, ret_difference);
    if (FAILED(done)) {
        const char *text = ledger_error_text(ledger);
        snprintf(fault->text, sizeof fault->text, "%.250s",
                 text[0] != '\0' ? text : store_error_text(journal));
    }
    ledger_close(ledger);
    return done;
}

err books_check(const char *state, int report_fd, bool *ret_same, struct process_fault *fault)
{
    char journal[FILE_PATH_MAX], ledger[FILE_PATH_MAX];
    struct ledger_difference difference = {0};
    TRY(file_path(state, "journal.db", journal, sizeof journal));
    TRY(file_path(state, "ledger.db", ledger, sizeof ledger));
    TRY(compare(journal, ledger, &difference, fault));
    int fd = report_fd >= 0 ? report_fd : STDOUT_FILENO;
    if (difference.same)
        dprintf(fd, "the ledger is what the journal says, up to row %lld\n",
                (long long)difference.seq);
    else dprintf(fd, "the ledger differs from the journal: %s\n", difference.text);
    *ret_same = difference.same;
    return OK;
}
