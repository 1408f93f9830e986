/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Applications on the bench of the back office: a form that passes every rule, and each step from
 * the first field on, with the codes read from the letter box.
 */

#include "backoffice/applications/application.h"
#include "backoffice/applications/codes.h"
#include "tests/unit/backoffice_rig.h"

/* Numbers that check, of nobody. */
#define BENCH_IDENTITY "110108198005062314"
#define BENCH_OTHER_ID "330102196802290057"
#define BENCH_ACCOUNT  "110907448810567"
#define BENCH_PHONE    "13900001234"

static const struct {
    enum apply_field field;
    const char *text;
} bench_good[] = {
    {APPLY_TYPE, "individual"},
    {APPLY_NEEDS, "counter print"},
    {APPLY_TURNOVER, "360000"},
    {APPLY_SHOP, "海淀区开源茶馆"},
    {APPLY_TRADE, "5812"},
    {APPLY_REGION, "110108"},
    {APPLY_ADDRESS, "北京市海淀区中关村大街1号"},
    {APPLY_OWNER, "王小明"},
    {APPLY_IDENTITY, BENCH_IDENTITY},
    {APPLY_IDENTITY_ENDS, "2040-01-31"},
    {APPLY_LICENCE, "92110108MA00ABCD1Q"},
    {APPLY_LICENCE_ENDS, "长期"},
    {APPLY_PHONE, BENCH_PHONE},
    {APPLY_BANK, "中国银行中关村支行"},
    {APPLY_HOLDER, "王小明"},
    {APPLY_ACCOUNT, BENCH_ACCOUNT},
};

struct bench {
    struct rig *rig;
    struct applications *as;
    struct application_actor applicant;
    struct application a; /* the last */
    struct token secret;
    uint32_t bad, missing;
};

static inline struct bench bench_open(void)
{
    struct bench t = {.rig = rig_open(), .applicant = application_actor_applicant()};
    t.as = t.rig->b->applications;
    return t;
}

static inline void bench_restart(struct bench *t)
{
    rig_restart(t->rig);
    t->as = t->rig->b->applications;
}

static inline err bench_try_begin(struct bench *t)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    token_make(&t->as->random, "application", &t->secret);
    TRY(store_begin(t->as->store, &tx));
    TRY(application_begin(t->as, &tx, &t->applicant, true, "", &t->secret, &t->a));
    return store_commit(&tx);
}

static inline err bench_try_save(struct bench *t, const struct apply_typed *typed, size_t count,
                                 enum application_verdict *verdict)
{
    CLEANUP(application_entry_wipe) struct application_entry entry;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(application_enter(t->as, t->a.id, typed, count, &entry));
    t->bad = entry.bad;
    TRY(store_begin(t->as->store, &tx));
    TRY(application_find(t->as->store, t->a.id, &t->a));
    TRY(application_save(t->as, &tx, &t->a, &t->applicant, &entry, verdict));
    return store_commit(&tx);
}

static inline enum application_verdict bench_save(struct bench *t, enum apply_field field,
                                                  const char *text)
{
    enum application_verdict verdict;
    const struct apply_typed typed = {field, bytes_text(text)};
    assert_ok(bench_try_save(t, &typed, 1, &verdict));
    return verdict;
}

static inline err bench_try_fill(struct bench *t, enum application_verdict *verdict)
{
    struct apply_typed typed[ARRAY_LEN(bench_good)];
    for (size_t i = 0; i < ARRAY_LEN(bench_good); i++)
        typed[i] = (struct apply_typed){bench_good[i].field, bytes_text(bench_good[i].text)};
    return bench_try_save(t, typed, ARRAY_LEN(typed), verdict);
}

/* The digits of the last letter. */
static inline void bench_code(const struct bench *t, char out[7])
{
    assert_true(t->rig->letters > 0);
    const char *text = t->rig->letter[t->rig->letters - 1].text;
    const char *at = text;
    while (*at != '\0' && strspn(at, "0123456789") != 6) at += strspn(at, "0123456789") + 1;
    assert_true(*at != '\0');
    snprintf(out, 7, "%.6s", at);
}

static inline enum application_verdict bench_ask_code(struct bench *t, enum code_purpose purpose)
{
    struct application_code code;
    enum application_verdict verdict;
    assert_ok(application_code_make(t->as, t->a.id, purpose, &code));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(t->as->store, &tx));
    assert_ok(application_code_send(t->as, &tx, &t->a, &code, &verdict));
    assert_ok(store_commit(&tx));
    rig_turn(t->rig);
    return verdict;
}

static inline enum application_verdict bench_say_code(struct bench *t, enum code_purpose purpose,
                                                      const char *digits)
{
    uint8_t said[TOKEN_HASH_BYTES];
    enum application_verdict verdict;
    assert_ok(application_code_hash(t->as, t->a.id, purpose, bytes_text(digits), said));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(t->as->store, &tx));
    assert_ok(application_code_take(t->as, &tx, t->a.id, purpose, said, &verdict));
    assert_ok(store_commit(&tx));
    return verdict;
}

static inline err bench_try_move(struct bench *t, enum application_event event,
                                 const struct application_actor *actor,
                                 const struct application_fact *fact,
                                 enum application_verdict *verdict)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(t->as->store, &tx));
    TRY(application_find(t->as->store, t->a.id, &t->a));
    TRY(application_move(t->as, &tx, &t->a, event, actor, fact, verdict));
    return store_commit(&tx);
}

static inline enum application_verdict bench_move(struct bench *t, enum application_event event,
                                                  unsigned who)
{
    const struct application_actor actor = application_actor_named("bench", who, 0);
    enum application_verdict verdict;
    assert_ok(bench_try_move(t, event, &actor, NULL, &verdict));
    return verdict;
}

static inline void bench_verify_phone(struct bench *t)
{
    char code[7];
    assert_int_equal(bench_ask_code(t, CODE_PHONE), APPLY_VERDICT_OK);
    bench_code(t, code);
    assert_int_equal(bench_say_code(t, CODE_PHONE, code), APPLY_VERDICT_OK);
    assert_int_equal(bench_move(t, LIFE_PHONE, WHO_APPLICANT), APPLY_VERDICT_OK);
}

static inline err bench_try_send(struct bench *t, enum application_verdict *verdict)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(t->as->store, &tx));
    TRY(application_find(t->as->store, t->a.id, &t->a));
    TRY(application_send(t->as, &tx, &t->a, &t->applicant, verdict, &t->missing));
    return store_commit(&tx);
}

static inline enum application_verdict bench_send(struct bench *t)
{
    enum application_verdict verdict;
    assert_ok(bench_try_send(t, &verdict));
    rig_turn(t->rig);
    return verdict;
}

/* Filled in, with its telephone verified: only to be sent. */
static inline void bench_ready(struct bench *t)
{
    enum application_verdict verdict;
    assert_ok(bench_try_begin(t));
    assert_ok(bench_try_fill(t, &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_OK);
    bench_verify_phone(t);
}

static inline int64_t bench_count(const struct bench *t, const char *sql)
{
    int64_t count = -1;
    assert_ok(store_query_int(t->as->store, sql, &count));
    return count;
}
