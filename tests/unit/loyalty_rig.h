/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A shop with a programme in a memory database, and the calls that most tests of loyalty make. */

#include "loyalty/book.h"
#include "loyalty/member.h"
#include "loyalty/points.h"
#include "tests/unit/scratch.h"

/* Monday, 2 March 2026, 12:00 in Beijing. */
#define RIG_NOW_MS INT64_C(1772424000000)

#define RIG_A_DAY_MS INT64_C(86400000)
#define RIG_SHOP     BYTES("898310153110001")

struct loyalty_rig {
    struct store_anchor *anchor;
    struct store *store;
    struct random_seeded source;
    struct random random;
};

#define assert_verdict(call_verdict, want) \
    assert_string_equal(loyalty_verdict_name(call_verdict), loyalty_verdict_name(LOYALTY_##want))

static inline struct loyalty_programme rig_programme(void)
{
    return (struct loyalty_programme){
        .merchant = "898310153110001",
        .tiers = 3,
        .tier = {{0, 100}, {100000, 150}, {500000, 200}}, /* from 1,000 and 5,000 yuan a year */
        .points_per_yuan = 100,
        .expiry_months = 12,
        .bonus = {{10000, 500}, {50000, 5000}},
        .quiet_from_minute = 21 * 60,
        .quiet_until_minute = 9 * 60,
        .messages_a_week = 2,
    };
}

static inline void rig_open(struct loyalty_rig *rig)
{
    struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(loyalty_open("loyalty-rig", &options, NULL, &rig->store));
}

static inline void rig_start(struct loyalty_rig *rig)
{
    memset(rig, 0, sizeof *rig);
    random_seed(&rig->source, 148);
    rig->random = random_from_seed(&rig->source);
    assert_ok(store_anchor_open("loyalty-rig", &rig->anchor));
    rig_open(rig);
    struct loyalty_programme programme = rig_programme();
    enum loyalty_verdict verdict;
    assert_ok(loyalty_programme_save(rig->store, &programme, &verdict));
    assert_verdict(verdict, DONE);
}

/* Every test ends with books that balance and lots that make them. */
static inline void rig_check(struct loyalty_rig *rig)
{
    struct book_check check;
    int64_t differing = -1;
    assert_ok(loyalty_book_check(rig->store, &check));
    assert_int_equal(check.unbalanced, 0);
    assert_int_equal(check.differing, 0);
    assert_int_equal(check.overdrawn, 0);
    assert_ok(loyalty_points_check(rig->store, &differing));
    assert_int_equal(differing, 0);
}

static inline void rig_stop(struct loyalty_rig *rig)
{
    rig_check(rig);
    store_close(rig->store);
    store_anchor_close(rig->anchor);
}

/* What a caller would make with a key: here the number, again and again. */
static inline void rig_index(uint8_t out[LOYALTY_INDEX_LEN], int number)
{
    for (size_t i = 0; i < LOYALTY_INDEX_LEN; i++) out[i] = (uint8_t)(number >> (i % 2 * 8));
}

/* Member number n: telephone n with the tail n % 100, all consents, no card. */
static inline void rig_member_enrol(struct loyalty_rig *rig, int n, char id[LOYALTY_ID_LEN + 1])
{
    uint8_t phone[LOYALTY_INDEX_LEN], tail[LOYALTY_INDEX_LEN];
    rig_index(phone, n);
    rig_index(tail, 10000 + n % 100);
    struct loyalty_enrolment e = {.merchant = RIG_SHOP,
                                  .phone_index = BYTES_OF(phone),
                                  .tail_index = BYTES_OF(tail),
                                  .phone_sealed = BYTES("sealed telephone"),
                                  .name_sealed = BYTES("sealed name"),
                                  .birthday = 302,
                                  .text_version = BYTES("2026-03"),
                                  .consent = {false, true, true, true},
                                  .outlet = 1,
                                  .at_ms = RIG_NOW_MS};
    enum loyalty_verdict verdict;
    assert_ok(loyalty_enrol(rig->store, &rig->random, &e, &verdict, id));
    assert_verdict(verdict, DONE);
}

static inline enum loyalty_verdict rig_buy(struct loyalty_rig *rig, const char *key,
                                           const char *member, int64_t amount_minor, int64_t at_ms,
                                           struct loyalty_earned *out)
{
    struct loyalty_purchase p = {RIG_SHOP, bytes_text(key), bytes_text(member),
                                 1,        amount_minor,    at_ms};
    enum loyalty_verdict verdict;
    assert_ok(loyalty_earn(rig->store, &p, &verdict, out));
    return verdict;
}

static inline enum loyalty_verdict rig_refund(struct loyalty_rig *rig, const char *key,
                                              const char *refund_key, int64_t amount_minor,
                                              int64_t at_ms, struct loyalty_back *out)
{
    enum loyalty_verdict verdict;
    assert_ok(loyalty_earn_back(rig->store, RIG_SHOP, bytes_text(key), bytes_text(refund_key),
                                amount_minor, at_ms, &verdict, out));
    return verdict;
}

static inline struct loyalty_points_state rig_points(struct loyalty_rig *rig, const char *member,
                                                     int64_t at_ms)
{
    struct loyalty_points_state state;
    assert_ok(loyalty_points(rig->store, bytes_text(member), at_ms, &state));
    return state;
}

static inline int64_t rig_balance(struct loyalty_rig *rig, enum account_kind kind,
                                  const char *owner, uint16_t currency)
{
    struct account account;
    assert_ok(loyalty_book_account(rig->store, kind, owner, currency, &account));
    return book_balance(&account);
}
