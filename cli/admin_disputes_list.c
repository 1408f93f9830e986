/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao admin disputes`: the lists, read from the journal while the acquirer works. */
#include "cli/admin_disputes.h"

#include <stdio.h>

#include "journal/dispute.h"
#include "journal/trail.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "payment/response_code.h"

enum { ROWS_AT_ONCE = 32 };

static err open_journal(const struct dispute_settings *s, struct store **ret,
                        struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    TRY(file_path(s->state, "journal.db", path, sizeof path));
    err opened = store_open(path, &options, &why, ret);
    if (FAILED(opened)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return opened;
}

struct moment {
    char text[24];
};

static struct moment moment(int64_t at_ms)
{
    struct moment out;
    struct civil at = civil_from_ms(at_ms + CLOCK_CHINA_OFFSET_MS);
    snprintf(out.text, sizeof out.text, "%04d-%02d-%02d %02d:%02d", at.year, at.month, at.day,
             at.hour, at.minute);
    return out;
}

struct yuan {
    char text[MONEY_TEXT_MAX + 1];
};

static struct yuan yuan(int64_t minor)
{
    struct yuan out = {""};
    struct writer w = writer_over(out.text, sizeof out.text - 1);
    money_write(&w, minor);
    return out;
}

static void print_dispute(const struct journal_dispute *d, const struct dispute_state *at)
{
    printf("%6lld  %-10s  %-8s  %s  payment %s  merchant %s  %s  %s, answer until %s, files %lld",
           (long long)d->number, dispute_kind_name(d->kind), dispute_state_name(at),
           d->network_case, d->rrn, d->mid, yuan(d->amount_minor).text, d->reason,
           moment(d->deadline_ms).text, (long long)at->evidence);
    if (d->hold > 0) printf(", held by order %lld", (long long)d->hold);
    if (at->order > 0) printf(", money order %lld", (long long)at->order);
    printf("\n");
}

static err print_all(struct store *store, bool all)
{
    static struct journal_dispute rows[ROWS_AT_ONCE];
    size_t count = ROWS_AT_ONCE;
    for (int64_t from = 1; count == ROWS_AT_ONCE;) {
        TRY(journal_dispute_read(store, from, rows, ROWS_AT_ONCE, &count));
        for (size_t i = 0; i < count; i++) {
            struct dispute_state at;
            from = rows[i].number + 1;
            TRY(journal_dispute_state(store, rows[i].number, &at));
            if (all || at.end == 0) print_dispute(&rows[i], &at);
        }
    }
    return OK;
}

err disputes_list(const struct dispute_settings *s, struct process_fault *fault)
{
    struct store *store = NULL;
    TRY(open_journal(s, &store, fault));
    err done = print_all(store, s->all);
    store_close(store);
    return done;
}

static err print_one(struct store *store, int64_t number, struct process_fault *fault)
{
    struct journal_dispute d;
    struct dispute_state at;
    struct dispute_step step;
    size_t count = 1;
    err found = journal_dispute_find(store, number, &d);
    if (found.code == ERR_NOT_FOUND)
        snprintf(fault->text, sizeof fault->text, "there is no dispute %lld", (long long)number);
    TRY(found);
    TRY(journal_dispute_state(store, number, &at));
    print_dispute(&d, &at);
    const struct dispute_reason *why = dispute_reason_of(d.reason);
    if (why != NULL) printf("        %s; %s\n", why->zh, why->en);
    printf("        %s  opened by %s\n", moment(d.at_ms).text, d.actor);
    for (int64_t from = 1;; from = step.number + 1) {
        TRY(journal_dispute_steps(store, number, from, &step, 1, &count));
        if (count == 0) return OK;
        printf("        %s  %s by %s: %s %s\n", moment(step.at_ms).text,
               dispute_action_name(step.action), step.actor, step.text, step.digest);
    }
}

err disputes_show(const struct dispute_settings *s, struct process_fault *fault)
{
    struct store *store = NULL;
    TRY(open_journal(s, &store, fault));
    err done = print_one(store, s->number, fault);
    store_close(store);
    return done;
}

static err print_refused(struct store *store, bool all)
{
    struct journal_row row, last;
    for (int64_t after = 0;; after = row.seq) {
        err found = journal_next_disputed(store, after, &row);
        if (found.code == ERR_NOT_FOUND) return OK;
        TRY(found);
        TRY(journal_last_of(store, row.payment.rrn, &last));
        bool open = last.payment.state == PAYMENT_DISPUTED;
        if (!open && !all) continue;
        const struct payment *p = &row.payment;
        printf("%s  %s  %s/%06u/%06u  merchant %s  %s  %s (%s)  %s\n", moment(row.at_ms).text,
               p->rrn, p->key.tid, p->key.batch, p->key.stan, p->mid, yuan(p->amount_minor).text,
               p->response_code, response_code(p->response_code)->reason_en,
               open ? "to be decided" : payment_state_name(last.payment.state));
    }
}

err disputes_refused(const struct dispute_settings *s, struct process_fault *fault)
{
    struct store *store = NULL;
    TRY(open_journal(s, &store, fault));
    err done = print_refused(store, s->all);
    store_close(store);
    return done;
}
