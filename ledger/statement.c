/* SPDX-License-Identifier: Apache-2.0 */
/* A merchant's business day from the ledger: lines, sums, and the proof that they agree. */
#include "ledger/statement.h"

#include <stdlib.h>

#include "ledger/workday.h"

void statement_free(struct statement *statement)
{
    free(statement->line);
    statement->line = NULL;
}

/* Room for one more line. */
static err grow(struct statement *s)
{
    if (s->lines < s->room) return OK;
    size_t room = s->room == 0 ? 256 : 2 * s->room;
    struct statement_line *line = realloc(s->line, room * sizeof *line);
    if (line == NULL) return ERR(NO_MEMORY);
    s->line = line;
    s->room = room;
    return OK;
}

static bool is_fee(enum ledger_line_kind kind)
{
    return kind == LEDGER_LINE_FEE || kind == LEDGER_LINE_FEE_BACK;
}

static bool is_instalment(enum ledger_line_kind kind)
{
    return kind == LEDGER_LINE_INSTALMENT || kind == LEDGER_LINE_INSTALMENT_BACK;
}

/* The same journal row, or the same order: a fee stands beside its payment. */
static bool together(const struct ledger_line *a, const struct ledger_line *b)
{
    return a->seq == b->seq && a->order == b->order && is_fee(a->kind) != is_fee(b->kind);
}

static err take(void *context, const struct ledger_line *line)
{
    struct statement *s = context;
    s->sum_minor[line->kind] += line->minor;
    s->count[line->kind]++;
    struct statement_line *last = s->lines > 0 ? &s->line[s->lines - 1] : NULL;
    /* The last transfer of its row, so its payment stands before it. */
    if (is_instalment(line->kind)) {
        ENSURE(last != NULL && last->line.seq == line->seq && last->line.order == 0);
        last->instalment_minor = line->minor;
        return OK;
    }
    if (last != NULL && line->order == 0 && together(&last->line, line)) {
        struct ledger_line fee = is_fee(line->kind) ? *line : last->line;
        last->line = is_fee(line->kind) ? last->line : *line;
        last->fee_minor = fee.minor;
        last->rule = fee.rule;
        last->agreement = fee.agreement;
        return OK;
    }
    TRY(grow(s));
    s->line[s->lines++] = (struct statement_line){.line = *line};
    return OK;
}

err statement_read(struct store *ledger, const char *mid, uint16_t currency, int32_t day,
                   int64_t now_ms, struct statement *ret_statement)
{
    CLEANUP(statement_free)
    struct statement s = {.day = day, .over = now_ms >= workday_end_ms(day)};
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    TRY(bytes_to_text(bytes_text(mid), s.mid, sizeof s.mid));
    TRY(store_begin(ledger, &snapshot));
    TRY(ledger_balance_on(ledger, ACCOUNT_MERCHANT_PAYABLE, mid, currency, day - 1,
                          &s.opening_minor));
    TRY(ledger_balance_on(ledger, ACCOUNT_MERCHANT_PAYABLE, mid, currency, day, &s.closing_minor));
    TRY(ledger_day_lines(ledger, mid, currency, day, take, &s));
    int64_t sum_minor = s.opening_minor;
    for (int i = 0; i < LEDGER_LINES; i++) sum_minor += s.sum_minor[i];
    if (sum_minor != s.closing_minor)
        return store_refuse(ledger, ERR(CORRUPT), "a statement does not add up",
                            "tongbao admin rebuild --check says where");
    *ret_statement = s;
    s.line = NULL;
    return OK;
}
