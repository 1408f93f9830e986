/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A shelf with two terminals, two people of the stock, and an application that can be agreed. */

#include "backoffice/stock/joint.h"
#include "ledger/fee.h"
#include "tests/unit/applications_bench.h"

#define PRINT_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PRINT_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SERIAL  "TB1-2030-000017"
#define OTHER   "TB1-2030-000018"
#define NUMBER  "SQ00000001"

struct scene {
    struct bench t;
    struct browser keeper, admin;
};

static inline unsigned post(struct scene *s, struct browser *who, const char *path,
                            const char *body)
{
    char full[160];
    snprintf(full, sizeof full, "/api/v1/stock/%s", path);
    return rig_ask(s->t.rig, who, "POST", full, body);
}

static inline unsigned step(struct scene *s, const char *serial, const char *what, const char *body)
{
    char path[80];
    snprintf(path, sizeof path, "terminals/%s/%s", serial, what);
    return post(s, &s->admin, path, body);
}

static inline unsigned assign(struct scene *s, const char *serial)
{
    return step(s, serial, "assign", "{\"application\":\"" NUMBER "\"}");
}

static inline int64_t count_of(struct scene *s, const char *sql)
{
    int64_t count = -1;
    assert_ok(store_query_int(s->t.rig->b->store, sql, &count));
    return count;
}

static inline int64_t terminal_state(struct scene *s)
{
    return count_of(s, "SELECT state FROM stock_terminal WHERE serial = '" SERIAL "'");
}

static inline int64_t application_state(struct scene *s)
{
    return count_of(s, "SELECT state FROM application WHERE id = 1");
}

/* What was signed, as agreement.c keeps it: versions of rules, four bytes each. */
static inline void sign(struct scene *s, const char *rules)
{
    char sql[200];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct store_statement *insert;
    snprintf(sql, sizeof sql,
             "INSERT INTO application_agreement VALUES(1, 1, %d, x'%s', zeroblob(32), 1)",
             FEE_PLAN_SMALL, rules);
    assert_ok(store_begin(s->t.rig->b->store, &tx));
    assert_ok(store_statement(s->t.rig->b->store, sql, &insert));
    assert_ok(store_run(insert));
    assert_ok(store_commit(&tx));
}

#define SIGNED_ALL "000000c9000000ca000000cb000000cc" /* 201 to 204: the small plan's */

/* By the events that lead there, two different people of the staff among them. */
static inline void agree_by(struct scene *s, const char *rules)
{
    static const enum application_event way[] = {LIFE_PROPOSE_APPROVE, LIFE_APPROVE, LIFE_SIGN};
    assert_int_equal(bench_send(&s->t), APPLY_VERDICT_OK);
    assert_int_equal(s->t.a.state, APPLICATION_REVIEW);
    for (size_t i = 0; i < ARRAY_LEN(way); i++) {
        const struct application_actor actor =
            application_actor_named("bench", ~0u, 100 + (int64_t)i);
        enum application_verdict verdict;
        assert_ok(bench_try_move(&s->t, way[i], &actor, NULL, &verdict));
        assert_int_equal(verdict, APPLY_VERDICT_OK);
    }
    sign(s, rules);
}

static inline void agree(struct scene *s)
{
    agree_by(s, SIGNED_ALL);
}

static inline unsigned register_merchant(struct scene *s)
{
    return post(s, &s->admin, "merchants",
                "{\"application\":\"" NUMBER "\",\"acquirer\":\"898\",\"region\":\"1101\","
                "\"category\":\"5812\",\"name_zh\":\"海淀开源茶馆\",\"name_en\":\"HAIDIAN TEA\","
                "\"city\":\"BEIJING\",\"contact_zh\":\"王小明\",\"contact_pinyin\":"
                "\"wang xiaoming\",\"phone\":\"" BENCH_PHONE "\"}");
}

static inline struct scene open_scene(void)
{
    struct scene s = {.t = {.rig = rig_open_desk(true), .applicant = application_actor_applicant()},
                      .keeper = {.realm = "staff"},
                      .admin = {.realm = "staff"}};
    s.t.as = s.t.rig->b->applications;
    (void)rig_known(s.t.rig, &s.keeper, "keeper", ROLE_AGENT);
    (void)rig_known(s.t.rig, &s.admin, "admin", ROLE_ADMIN | ROLE_APPROVER);
    assert_int_equal(post(&s, &s.admin, "models",
                          "{\"model\":\"TB-1\",\"kind\":\"smart\",\"form\":\"TB1-####-######\"}"),
                     201);
    assert_int_equal(post(&s, &s.keeper, "lists",
                          "{\"list\":\"serial,model,print\\n" SERIAL ",TB-1," PRINT_A "\\n" OTHER
                          ",TB-1," PRINT_B "\\n\"}"),
                     201);
    bench_ready(&s.t);
    assert_string_equal(s.t.a.number, NUMBER);
    return s;
}

static inline struct scene open_agreed(void)
{
    struct scene s = open_scene();
    agree(&s);
    assert_int_equal(register_merchant(&s), 201);
    return s;
}
