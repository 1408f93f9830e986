/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A journal, its ledger and its figures in memory. Payments are written as the acquirer writes
 * them, step by step through the lifecycle, and folded as it folds them. A library of its own,
 * because the ledger's accounts and those of people have the same name.
 */

#include "figures/check.h"
#include "figures/query.h"
#include "lib/base/random.h"
#include "payment/kind.h"
#include "tests/unit/scratch.h"

#define FIGURES_MID  "898310153110001"
#define FIGURES_MID2 "898310153110002"

struct fold;

struct figures_rig {
    struct store_anchor *journal_anchor, *ledger_anchor, *figures_anchor;
    struct store *journal, *reader; /* reader: of the figures */
    struct fold *ledger_fold;
    struct store *ledger;
    struct figures_fold *fold;
    uint32_t stan;
    int64_t orders;
};

/* Not a good one, and the same every time. */
uint64_t figures_rig_hash(const uint8_t key[static FIGURES_KEY_BYTES], struct bytes token);
struct figures_config figures_rig_config(void);
err figures_rig_open_fold(struct figures_rig *rig);
void figures_rig_open(struct figures_rig *rig);
void figures_rig_close(struct figures_rig *rig);
int64_t figures_rig_append(struct figures_rig *rig, struct payment *p, enum payment_event event,
                           int64_t at_ms);
/* A sale by a swiped credit card at the first terminal; the caller changes what he wants. */
struct payment figures_rig_sale(struct figures_rig *rig, int64_t amount_minor);
/* Asked and approved; the number of the row of approval. */
int64_t figures_rig_pay(struct figures_rig *rig, struct payment *p, int64_t at_ms);
/* Gives back `amount_minor` of a payment that was approved with row `original`. */
struct payment figures_rig_back(struct figures_rig *rig, const struct payment *of, int64_t original,
                                enum payment_type type, int64_t amount_minor);
void figures_rig_fold_ledger(struct figures_rig *rig);
void figures_rig_fold(struct figures_rig *rig, size_t at_once);
struct figures_difference figures_rig_check(struct figures_rig *rig);
struct figures_difference figures_rig_rebuild(struct figures_rig *rig);
struct figures_answer figures_rig_ask(struct figures_rig *rig, const struct figures_query *query);
