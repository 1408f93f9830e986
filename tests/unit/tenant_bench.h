/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Two merchants with everything that the makers make (tenant_makers.h), everybody who acts for
 * them, and calls of any row with ids in its braces: for tests that are generated from the table of
 * routes.
 */

#include "backoffice/api/keys.h"
#include "backoffice/api/rates.h"
#include "tests/unit/tenant_bodies.h"
#include "tests/unit/tenant_makers.h"

enum { CALLERS_MAX = 12, MAKERS_MAX = 64 };

#define TIDS_A1 "10000001"
#define TIDS_A2 "10000002"
#define TIDS_B  "20000001"

static const struct tenant_maker makers[] = {
#define X(path, make, kind) {path, make, kind},
    TENANT_MAKERS(X)
#undef X
};

/* Ids by maker: of the one whose they are, and of nobody. */
struct ids {
    char id[MAKERS_MAX][API_PARAM_MAX + 1];
};

struct caller_row {
    const char *name;
    struct browser browser;
    const struct ids *own;
};

struct bench {
    struct rig *rig;
    struct browser owner_a, owner_b, staff;
    struct tenant a1, a2, b;
    struct ids ids_a1, ids_a2, ids_b, ids_none;
    struct caller_row caller[CALLERS_MAX];
    size_t callers, calls;
    const char *query; /* what any parameter says but `limit`; NULL: none is sent */
};

struct answer {
    unsigned status;
    char text[RIG_ANSWER_MAX + 2048]; /* with its headers */
};

/* ---- asking ---- */

/* A browser, and what its query says. */
struct asker {
    const struct browser *browser;
    const char *query;
};

static inline const char *asker_cookie(const void *context, const char *name)
{
    return rig_cookie(((const struct asker *)context)->browser, name);
}

static inline const char *asker_header(const void *context, const char *name)
{
    return rig_header(((const struct asker *)context)->browser, name);
}

static inline err asker_query(const void *context, const char *name, char *out, size_t size)
{
    const struct asker *asker = context;
    if (asker->query == NULL || strcmp(name, "limit") == 0) return ERR(NOT_FOUND);
    return bytes_to_text(bytes_text(asker->query), out, size);
}

static inline void ask(struct bench *bench, const struct browser *browser, const char *method,
                       const char *path, const char *body, struct answer *ret)
{
    struct rig *rig = bench->rig;
    const struct asker asker = {browser, bench->query};
    const struct backoffice_request request = {
        .ticket = ++rig->tickets,
        .method = method,
        .path = path,
        .body = bytes_text(body),
        .address = "192.0.2.1",
        .reader = {asker_cookie, asker_header, asker_query, &asker}};
    struct http_response response = {.status = 200,
                                     .content_type = "application/json",
                                     .body = writer_over(rig->block, sizeof rig->block)};
    if (bench->calls++ % 8 == 0) tenant_rest(rig);
    assert_ok(backoffice_on_request(rig->b, &request, &response));
    assert_false(response.later);
    ret->status = response.status;
    size_t used = 0;
    for (unsigned i = 0; i < response.header_count; i++)
        used += (size_t)snprintf(ret->text + used, 2048 - used, "%s: %s\n",
                                 response.headers[i].name, response.headers[i].value);
    struct bytes said = writer_view(&response.body);
    assert_true(response.body.fault == ERR_OK && said.len <= RIG_ANSWER_MAX);
    memcpy(ret->text + used, said.at, said.len);
    ret->text[used + said.len] = '\0';
}

/* ---- paths ---- */

/* The maker of the brace that ends at `end`; fails the test when there is none. */
static inline size_t maker_of(const char *path, const char *end)
{
    for (size_t i = 0; i < ARRAY_LEN(makers); i++)
        if (strlen(makers[i].path) == (size_t)(end - path) &&
            strncmp(makers[i].path, path, (size_t)(end - path)) == 0)
            return i;
    fail_msg("%.*s has no maker: add one to tests/unit/tenant_makers.h", (int)(end - path), path);
    return 0;
}

/* Writes /api/v1 and the path with `ids` in its braces, but `instead` in brace number `brace`. */
static inline void path_with(const struct api_route *row, const struct ids *ids, size_t brace,
                             const char *instead, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "/api/v1"), number = 0;
    for (const char *at = row->path; *at != '\0'; at++) {
        assert_true(used + API_PARAM_MAX + 2 < size);
        if (*at != '{') {
            out[used++] = *at;
            continue;
        }
        at += strcspn(at, "}");
        const char *id = number++ == brace ? instead : ids->id[maker_of(row->path, at + 1)];
        used += (size_t)snprintf(out + used, size - used, "%s", id);
    }
    out[used] = '\0';
}

static inline size_t braces_of(const struct api_route *row)
{
    size_t count = 0;
    for (const char *at = row->path; *at != '\0'; at++) count += *at == '{';
    return count;
}

/* The maker of brace number `brace`. */
static inline size_t maker_at(const struct api_route *row, size_t brace)
{
    const char *at = row->path;
    for (;; at++) {
        at += strcspn(at, "}");
        if (brace-- == 0) return maker_of(row->path, at + 1);
    }
}

/* ---- who calls ---- */

static inline void add_person(struct bench *bench, const struct tenant *tenant,
                              const struct ids *own, const char *login, unsigned role)
{
    struct caller_row *c = &bench->caller[bench->callers++];
    *c = (struct caller_row){login, {.realm = "console"}, own};
    bench->rig->mid = tenant->mid;
    bench->rig->outlet = role == ROLE_OWNER ? 0 : tenant->outlet;
    (void)rig_known(bench->rig, &c->browser, login, role);
    bench->rig->outlet = 0;
}

/* A key with every scope; `outlet` 0: of all outlets. */
static inline void add_key(struct bench *bench, const struct tenant *tenant, const struct ids *own,
                           const char *name, uint32_t outlet)
{
    static char keys[CALLERS_MAX][96];
    struct caller_row *c = &bench->caller[bench->callers++];
    char scopes[1024] = "", limit[32] = "", secret[KEY_TEXT + 1];
    for (unsigned i = 0; i < API_SCOPES; i++) {
        size_t used = strlen(scopes);
        snprintf(scopes + used, sizeof scopes - used, "%s\"%s\"", i == 0 ? "" : ",",
                 api_scope_word(1u << i));
    }
    if (outlet != 0) snprintf(limit, sizeof limit, ",\"outlet\":%u", outlet);
    assert_int_equal(rig_post(bench->rig, tenant->owner, "/api/v1/keys",
                              "{\"name\":\"%s\",\"scopes\":[%s],\"days\":30%s}", name, scopes,
                              limit),
                     201);
    rig_member(bench->rig, "secret", secret, sizeof secret);
    char *kept = keys[bench->callers - 1];
    snprintf(kept, sizeof keys[0], "Bearer %s", secret);
    *c = (struct caller_row){name, {.key = kept}, own};
}

static inline void add_terminal(struct rig *rig, const char *tid, const char *serial,
                                const char *mid, uint32_t outlet)
{
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    struct registry_terminal t = {.outlet = outlet,
                                  .suite = REGISTRY_TONGBAO,
                                  .status = REGISTRY_ACTIVE,
                                  .master_block = "D0016D0AB00E0000",
                                  .first_batch = 1};
    snprintf(t.tid, sizeof t.tid, "%s", tid);
    snprintf(t.serial, sizeof t.serial, "%s", serial);
    snprintf(t.model, sizeof t.model, "T1");
    snprintf(t.mid, sizeof t.mid, "%s", mid);
    assert_ok(registry_add_terminal(rig->registry, &actor, &t));
}

static inline void fill_registry(struct rig *rig)
{
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    const struct registry_merchant other = {TENANT_OTHER, "对面饭馆", "Noodles", 1,
                                            REGISTRY_ACTIVE};
    const struct registry_outlet second = {RIG_MID, 2, "二号店"};
    assert_ok(registry_add_merchant(rig->registry, &actor, &other));
    assert_ok(registry_add_outlet(rig->registry, &actor, &second));
    add_terminal(rig, TIDS_A1, "SN-" TENANT_MARK "-1", RIG_MID, 1);
    add_terminal(rig, TIDS_A2, "SN-0002", RIG_MID, 2);
    add_terminal(rig, TIDS_B, "SN-0003", TENANT_OTHER, 1);
}

/* Objects of all kinds, in the order of the makers: a parent's row stands above its child's. */
static inline void make_all(struct rig *rig, const struct tenant *tenant, struct ids *ids)
{
    assert_true(ARRAY_LEN(makers) <= MAKERS_MAX);
    for (size_t i = 0; i < ARRAY_LEN(makers); i++) {
        const char *parent = "";
        for (size_t k = 0; k < i; k++) {
            size_t len = strlen(makers[k].path);
            if (strncmp(makers[i].path, makers[k].path, len) == 0) parent = ids->id[k];
        }
        tenant_rest(rig);
        makers[i].make(rig, tenant, parent, ids->id[i]);
        assert_true(ids->id[i][0] != '\0');
        if (makers[i].kind == TENANT_BEARER) assert_true(strlen(ids->id[i]) >= 22);
    }
}

/* An id of the same shape that nobody has. */
static inline void make_none(const struct ids *ids, struct ids *ret_none)
{
    for (size_t i = 0; i < ARRAY_LEN(makers); i++) {
        const char *id = ids->id[i];
        size_t len = strlen(id);
        if (bytes_all_digits(bytes_text(id)) && len < 8) id = "98765432", len = 8;
        memcpy(ret_none->id[i], id, len + 1);
        for (size_t k = len; k-- > 0 && k + 6 > len;) {
            char *c = &ret_none->id[i][k];
            if (*c >= '0' && *c <= '9') *c = '9';
            else if (*c >= 'a' && *c <= 'z') *c = 'z';
            else if (*c >= 'A' && *c <= 'Z') *c = 'Z';
        }
    }
}

static inline void open_bench(struct bench *bench)
{
    struct rig *rig = rig_open_desk(true);
    *bench = (struct bench){.rig = rig,
                            .owner_a = {.realm = "console"},
                            .owner_b = {.realm = "console"},
                            .staff = {.realm = "staff"}};
    fill_registry(rig);
    rig->mid = RIG_MID;
    (void)rig_known(rig, &bench->owner_a, "owner.a", ROLE_OWNER);
    rig->mid = TENANT_OTHER;
    (void)rig_known(rig, &bench->owner_b, "owner.b", ROLE_OWNER);
    (void)rig_known(rig, &bench->staff, "staff.all", ROLES_STAFF);
    bench->a1 = (struct tenant){RIG_MID, TIDS_A1, 1, TENANT_MARK, &bench->owner_a, &bench->staff};
    bench->a2 = (struct tenant){RIG_MID, TIDS_A2, 2, "bamboo", &bench->owner_a, &bench->staff};
    bench->b = (struct tenant){TENANT_OTHER, TIDS_B, 1, "cedar", &bench->owner_b, &bench->staff};
    add_person(bench, &bench->b, &bench->ids_b, "b.owner", ROLE_OWNER);
    add_person(bench, &bench->b, &bench->ids_b, "b.manager", ROLE_MANAGER);
    add_person(bench, &bench->b, &bench->ids_b, "b.finance", ROLE_FINANCE | ROLE_CASHIER);
    add_person(bench, &bench->a2, &bench->ids_a2, "a.manager2", ROLE_MANAGER);
    add_person(bench, &bench->a2, &bench->ids_a2, "a.finance2", ROLE_FINANCE | ROLE_CASHIER);
    tenant_rest(rig);
    add_key(bench, &bench->b, &bench->ids_b, "key of b", 0);
    add_key(bench, &bench->b, &bench->ids_b, "key of outlet 1 of b", 1);
    add_key(bench, &bench->a2, &bench->ids_a2, "key of outlet 2 of a", 2);
    make_all(rig, &bench->a1, &bench->ids_a1);
    make_all(rig, &bench->a2, &bench->ids_a2);
    make_all(rig, &bench->b, &bench->ids_b);
    make_none(&bench->ids_a1, &bench->ids_none);
}
