/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Followers of one payment are looked at up to a bound: with more, nothing follows it any more, by
 * name (S95). What a trail says below the bound is the sum of all.
 */
#include "journal/trail.h"
#include "tests/unit/scratch.h"

#define MID      "898310153110001"
#define ORIGINAL "600100000000"

static struct store_anchor *anchor;
static struct store *store;
static uint32_t stan;

static int make_store(void **state)
{
    (void)state;
    const struct store_options options = {.mode = STORE_MEMORY};
    stan = 0;
    if (FAILED(store_anchor_open("trail", &anchor))) return -1;
    if (FAILED(store_open("trail", &options, NULL, &store))) return -1;
    return FAILED(store_migrate(store, &journal_schema));
}

static int drop_store(void **state)
{
    (void)state;
    store_close(store);
    store_anchor_close(anchor);
    return 0;
}

static struct payment payment(enum payment_type type, const char *rrn, int64_t amount_minor)
{
    struct payment p = {.key = {"10000017", 1, ++stan},
                        .type = type,
                        .state = PAYMENT_APPROVED,
                        .means = PAYMENT_CARD,
                        .mid = MID,
                        .amount_minor = amount_minor,
                        .currency = CURRENCY_CNY};
    memcpy(p.rrn, rrn, sizeof p.rrn);
    return p;
}

/* `count` more of them, each of 1 fen, of this original. */
static void follow(struct store_tx *tx, enum payment_type type, const char *original, int count)
{
    for (int i = 0; i < count; i++) {
        char rrn[13];
        int64_t seq = 0;
        snprintf(rrn, sizeof rrn, "7001%08u", stan);
        struct payment p = payment(type, rrn, 1);
        memcpy(p.original.rrn, original, sizeof p.original.rrn);
        assert_ok(journal_append(tx, &p, PAYMENT_APPROVE, 1000 + i, &seq));
    }
}

static struct payment_trail trail_after(enum payment_type type, const char *original, int count)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct payment_trail trail;
    assert_ok(store_begin(store, &tx));
    follow(&tx, type, original, count);
    assert_ok(journal_trail(store, ORIGINAL, &trail));
    assert_ok(store_commit(&tx));
    return trail;
}

static void more_than_anybody_looks_at(void **state)
{
    (void)state;
    const struct payment sale = payment(PAYMENT_SALE, ORIGINAL, 100000);
    struct payment refund = payment(PAYMENT_REFUND, "700200000000", 5);
    struct payment_trail trail = trail_after(PAYMENT_REFUND, ORIGINAL, JOURNAL_TRAIL_MAX);
    assert_false(trail.full);
    assert_int_equal(trail.given_minor, JOURNAL_TRAIL_MAX);
    assert_null(payment_follow_refusal(&refund, &sale, &trail, 1, 2000));
    trail = trail_after(PAYMENT_REFUND, ORIGINAL, 1);
    assert_true(trail.full);
    assert_string_equal(payment_follow_refusal(&refund, &sale, &trail, 1, 2000), "BD");
}

/* The followers of its completions count, too. */
static void completions_and_their_voids(void **state)
{
    (void)state;
    char completion[13];
    snprintf(completion, sizeof completion, "7001%08u", stan);
    struct payment_trail trail = trail_after(PAYMENT_COMPLETION, ORIGINAL, 1);
    assert_true(trail.captured && !trail.full);
    trail = trail_after(PAYMENT_COMPLETION_VOID, completion, JOURNAL_TRAIL_MAX - 1);
    assert_false(trail.full || trail.captured);
    trail = trail_after(PAYMENT_COMPLETION_VOID, completion, 1);
    assert_true(trail.full);
}

int main(void)
{
#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, make_store, drop_store)
    const struct CMUnitTest tests[] = {
        WITH_STORE(more_than_anybody_looks_at),
        WITH_STORE(completions_and_their_voids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
