/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao-acquirer --check-books`: folds the whole journal again, in memory, and compares every
 * account and transfer with the ledger on disk. It only reads, so the host may be at work
 * meanwhile.
 */
#include <stdio.h>
#include <unistd.h>

#include "acquirer/program.h"

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
    struct fold_reader *reader = fold_reader_new(journal);
    done = reader == NULL ? ERR(NO_MEMORY)
                          : ledger_rebuild_compare(ledger, fold_read, reader, ret_difference);
    fold_reader_free(reader);
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
        dprintf(fd, "the ledger is what the journal says, up to row %lld and order %lld\n",
                (long long)difference.seq, (long long)difference.order);
    else dprintf(fd, "the ledger differs from the journal: %s\n", difference.text);
    *ret_same = difference.same;
    return OK;
}
