/* SPDX-License-Identifier: Apache-2.0 */
/* See figures_rig.h. */
#include "tests/unit/figures_rig.h"

#include "acquirer/fold.h"

static const uint8_t figures_rig_key[FIGURES_KEY_BYTES] = {7, 1, 2, 3};

uint64_t figures_rig_hash(const uint8_t key[static FIGURES_KEY_BYTES], struct bytes token)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325) ^ key[0];
    for (size_t i = 0; i < token.len; i++) h = (h ^ token.at[i]) * UINT64_C(0x100000001B3);
    return h;
}

struct figures_config figures_rig_config(void)
{
    return (struct figures_config){.mode = STORE_MEMORY,
                                   .sources = STORE_MEMORY,
                                   .journal_path = "figures-journal",
                                   .ledger_path = "figures-ledger",
                                   .figures_path = "figures-figures",
                                   .hash = figures_rig_hash,
                                   .key = figures_rig_key};
}

err figures_rig_open_fold(struct figures_rig *rig)
{
    const struct figures_config config = figures_rig_config();
    struct store_fault fault = {""};
    err opened = figures_fold_open(&config, &fault, &rig->fold);
    if (FAILED(opened)) print_error("%s\n", fault.text);
    return opened;
}

void figures_rig_open(struct figures_rig *rig)
{
    const struct store_options options = {.mode = STORE_MEMORY};
    *rig = (struct figures_rig){.stan = 0};
    assert_ok(store_anchor_open("figures-journal", &rig->journal_anchor));
    assert_ok(store_anchor_open("figures-ledger", &rig->ledger_anchor));
    assert_ok(store_anchor_open("figures-figures", &rig->figures_anchor));
    assert_ok(store_open("figures-journal", &options, NULL, &rig->journal));
    assert_ok(store_migrate(rig->journal, &journal_schema));
    assert_ok(store_migrate(rig->journal, &journal_order_schema));
    const struct fold_config config = {STORE_MEMORY, "figures-journal", "figures-ledger"};
    assert_ok(fold_open(&config, NULL, &rig->ledger_fold));
    assert_ok(store_open("figures-ledger", &options, NULL, &rig->ledger));
    assert_ok(figures_rig_open_fold(rig));
    assert_ok(store_open("figures-figures", &options, NULL, &rig->reader));
}

void figures_rig_close(struct figures_rig *rig)
{
    figures_fold_close(rig->fold);
    store_close(rig->reader);
    store_close(rig->ledger);
    fold_close(rig->ledger_fold);
    store_close(rig->journal);
    store_anchor_close(rig->figures_anchor);
    store_anchor_close(rig->ledger_anchor);
    store_anchor_close(rig->journal_anchor);
}

/* ---- payments ---- */

int64_t figures_rig_append(struct figures_rig *rig, struct payment *p, enum payment_event event,
                           int64_t at_ms)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct payment_step step;
    int64_t seq = 0;
    assert_ok(payment_step(p->state, event, &step));
    p->state = step.next;
    assert_ok(store_begin(rig->journal, &tx));
    assert_ok(journal_append(&tx, p, event, at_ms, &seq));
    assert_ok(store_commit(&tx));
    return seq;
}

struct payment figures_rig_sale(struct figures_rig *rig, int64_t amount_minor)
{
    struct payment p = {.key = {"10000017", 12, ++rig->stan},
                        .type = PAYMENT_SALE,
                        .state = PAYMENT_CREATED,
                        .means = PAYMENT_CARD,
                        .entry = PAYMENT_ENTRY_SWIPE,
                        .card_class = PAYMENT_CLASS_CREDIT,
                        .route = PAYMENT_ROUTE_CARD_NETWORK,
                        .mid = FIGURES_MID,
                        .operator_id = "01",
                        .amount_minor = amount_minor,
                        .currency = CURRENCY_CNY,
                        .pan_masked = "622209******6620",
                        .token = "0123456789abcdef",
                        .fee_plan = 1};
    snprintf(p.rrn, sizeof p.rrn, "%012u", rig->stan);
    return p;
}

int64_t figures_rig_pay(struct figures_rig *rig, struct payment *p, int64_t at_ms)
{
    (void)figures_rig_append(rig, p, PAYMENT_SUBMIT, at_ms - 900);
    return figures_rig_append(rig, p, PAYMENT_APPROVE, at_ms);
}

struct payment figures_rig_back(struct figures_rig *rig, const struct payment *of, int64_t original,
                                enum payment_type type, int64_t amount_minor)
{
    struct payment p = *of;
    p.key.stan = ++rig->stan;
    p.type = type;
    p.state = PAYMENT_CREATED;
    p.amount_minor = amount_minor;
    p.tip_minor = 0;
    p.original = (struct payment_original){.row = original};
    memcpy(p.original.rrn, of->rrn, sizeof p.original.rrn);
    snprintf(p.rrn, sizeof p.rrn, "%012u", rig->stan);
    return p;
}

/* ---- folds ---- */

void figures_rig_fold_ledger(struct figures_rig *rig)
{
    size_t rows = 1;
    while (rows > 0) {
        err folded = fold_step(rig->ledger_fold, 1000, &rows);
        if (FAILED(folded)) print_error("%s\n", fold_error_text(rig->ledger_fold));
        assert_ok(folded);
    }
}

void figures_rig_fold(struct figures_rig *rig, size_t at_once)
{
    size_t rows = 1;
    figures_rig_fold_ledger(rig);
    while (rows > 0) {
        err folded = figures_fold_step(rig->fold, at_once, &rows);
        if (FAILED(folded)) print_error("%s\n", figures_fold_error(rig->fold));
        assert_ok(folded);
    }
}

struct figures_difference figures_rig_check(struct figures_rig *rig)
{
    struct figures_difference d;
    assert_ok(figures_check(rig->reader, rig->ledger, &d));
    return d;
}

struct figures_difference figures_rig_rebuild(struct figures_rig *rig)
{
    const struct figures_config config = figures_rig_config();
    struct figures_difference d;
    struct store_fault fault = {""};
    err compared = figures_rebuild_compare(rig->reader, &config, &fault, &d);
    if (FAILED(compared)) print_error("%s\n", fault.text);
    assert_ok(compared);
    return d;
}

struct figures_answer figures_rig_ask(struct figures_rig *rig, const struct figures_query *query)
{
    struct figures_answer answer = {0};
    const char *fault = figures_query_fault(query);
    if (fault != NULL) fail_msg("the query's %s makes no sense", fault);
    assert_ok(figures_ask(rig->reader, query, &answer));
    return answer;
}
