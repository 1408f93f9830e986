/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is somebody else's is answered like what is not there, to the byte (HS-01, S177). Generated
 * from the table of routes: objects of one outlet are made, and everybody of another outlet and of
 * another merchant calls every route with their ids, in the path, the query and the body. Nothing
 * of them shows, nothing of them changes. A route without a maker (tenant_makers.h) fails.
 */
#include "tests/unit/tenant_bench.h"

enum {
    CALLS = 50000,   /* at least */
    BODY_SLOTS = 24, /* members of a body, inner ones too, that are tried each */
};

/* ---- the calls ---- */

static void same_answer(const struct api_route *row, const struct caller_row *caller,
                        const char *path, const char *body, const struct answer *foreign,
                        const struct answer *missing)
{
    if (foreign->status == missing->status && strcmp(foreign->text, missing->text) == 0) return;
    fail_msg("%s %s %s as %s: %u %.300s\nbut of what is not there: %u %.300s", row->method, path,
             body, caller->name, foreign->status, foreign->text, missing->status, missing->text);
}

static void no_mark(const struct api_route *row, const struct caller_row *caller,
                    const struct answer *answer)
{
    if (strstr(answer->text, TENANT_MARK) != NULL)
        fail_msg("%s %s shows %s what is not his: %.600s", row->method, row->path, caller->name,
                 answer->text);
}

/* Short numbers stand in any answer; long ones are what they are. */
static void no_id(const struct bench *bench, const struct api_route *row,
                  const struct caller_row *caller, const struct answer *answer)
{
    for (size_t m = 0; m < ARRAY_LEN(makers); m++) {
        const char *id = bench->ids_a1.id[m];
        if (makers[m].kind != TENANT_OWNED || strlen(id) < 8) continue;
        if (strstr(answer->text, id) != NULL)
            fail_msg("%s %s tells %s of %s: %.600s", row->method, row->path, caller->name, id,
                     answer->text);
    }
}

/* Spellings by which a lax reader would find the id again. */
static void spell(const char *id, size_t how, size_t round, char out[API_PARAM_MAX + 1])
{
    char zeros[40] = "";
    memset(zeros, '0', round % 32);
    switch (how) {
    case 0:
        snprintf(out, API_PARAM_MAX + 1, "%s", id);
        break;
    case 1:
        snprintf(out, API_PARAM_MAX + 1, "%s0%.24s", zeros, id);
        break;
    case 2:
        snprintf(out, API_PARAM_MAX + 1, "+%s%.24s", zeros, id);
        break;
    case 3:
        snprintf(out, API_PARAM_MAX + 1, " %.62s", id);
        break;
    case 4:
        snprintf(out, API_PARAM_MAX + 1, "%.62s ", id);
        break;
    case 5:
        snprintf(out, API_PARAM_MAX + 1, "%.24sx%zu", id, round);
        break;
    default:
        snprintf(out, API_PARAM_MAX + 1, "%.24s.%s", id, zeros);
        break;
    }
}

/* Every brace in turn holds what is the first outlet's; the others hold what is the caller's. */
static void try_paths(struct bench *bench, const struct api_route *row,
                      const struct caller_row *caller, size_t round)
{
    static struct answer foreign, missing;
    char path[512], body[2048], id[API_PARAM_MAX + 1];
    (void)body_with(row, -1, "", body, sizeof body);
    for (size_t brace = 0; brace < braces_of(row); brace++) {
        size_t maker = maker_at(row, brace);
        if (makers[maker].kind != TENANT_OWNED) continue;
        path_with(row, caller->own, brace, bench->ids_none.id[maker], path, sizeof path);
        ask(bench, &caller->browser, row->method, path, body, &missing);
        assert_true(missing.status >= 400);
        for (size_t how = 0; how < 7; how++) {
            spell(bench->ids_a1.id[maker], how, round, id);
            path_with(row, caller->own, brace, id, path, sizeof path);
            ask(bench, &caller->browser, row->method, path, body, &foreign);
            same_answer(row, caller, path, body, &foreign, &missing);
        }
    }
}

/* One member of the body that names nobody's, the first outlet's and the caller's own object. */
struct three {
    char none[2048], foreign[2048], own[2048];
};

/*
 * What is refused is refused like an id of nobody; what is taken (a name, say) shows nothing. Asked
 * before and after with the id of nobody: where that makes a difference by itself (a limit was
 * reached), nothing is compared. A short number may have another form than nobody's long one: then
 * it is refused as the caller's own is.
 */
static void try_member(struct bench *bench, const struct api_route *row,
                       const struct caller_row *caller, const char *path, const struct three *body)
{
    static struct answer before, foreign, after, own;
    ask(bench, &caller->browser, row->method, path, body->none, &before);
    ask(bench, &caller->browser, row->method, path, body->foreign, &foreign);
    ask(bench, &caller->browser, row->method, path, body->none, &after);
    no_mark(row, caller, &foreign);
    if (before.status != after.status) return;
    /* It stood where a name stands, and was taken as one by a call before. */
    if (strstr(before.text, "\"error\":\"taken\"") != NULL) return;
    if (foreign.status >= 400 && strcmp(foreign.text, before.text) != 0) {
        ask(bench, &caller->browser, row->method, path, body->own, &own);
        if (strcmp(own.text, foreign.text) == 0) return;
    }
    if (before.status >= 400) same_answer(row, caller, path, body->foreign, &foreign, &before);
    if (foreign.status != before.status)
        fail_msg("%s %s %s as %s: %u, but %u for nobody's", row->method, path, body->foreign,
                 caller->name, foreign.status, before.status);
}

/* Every member of the body in turn says an id of the first outlet. */
static void try_bodies(struct bench *bench, const struct api_route *row,
                       const struct caller_row *caller)
{
    static struct three body;
    char path[512];
    path_with(row, caller->own, SIZE_MAX, "", path, sizeof path);
    for (int slot = 0; slot < BODY_SLOTS; slot++) {
        for (size_t m = 0; m < ARRAY_LEN(makers); m++) {
            if (makers[m].kind != TENANT_OWNED) continue;
            if (body_with(row, slot, bench->ids_none.id[m], body.none, sizeof body.none) &&
                body_with(row, slot, bench->ids_a1.id[m], body.foreign, sizeof body.foreign) &&
                body_with(row, slot, caller->own->id[m], body.own, sizeof body.own))
                try_member(bench, row, caller, path, &body);
        }
    }
}

/* Lists and the like, with an id of the first outlet as any parameter. */
static void try_queries(struct bench *bench, const struct api_route *row,
                        const struct caller_row *caller)
{
    static struct answer answer;
    char path[512], body[2048];
    path_with(row, caller->own, SIZE_MAX, "", path, sizeof path);
    (void)body_with(row, -1, "", body, sizeof body);
    for (size_t m = 0; m <= ARRAY_LEN(makers); m++) {
        bench->query = m == ARRAY_LEN(makers) ? NULL : bench->ids_a1.id[m];
        ask(bench, &caller->browser, row->method, path, body, &answer);
        no_mark(row, caller, &answer);
        no_id(bench, row, caller, &answer);
    }
    bench->query = NULL;
}

/* ---- what stays ---- */

/* All that the first outlet's owner can read of his own, one answer after the other. */
static void read_all(struct bench *bench, struct writer *w)
{
    static struct answer answer;
    const struct api_route *row;
    char path[512];
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++) {
        if (strcmp(row->method, "GET") != 0 || braces_of(row) == 0) continue;
        path_with(row, &bench->ids_a1, SIZE_MAX, "", path, sizeof path);
        ask(bench, &bench->owner_a, "GET", path, "", &answer);
        write_bytes(w, bytes_text(answer.text));
    }
    ask(bench, &bench->owner_a, "GET", "/api/v1/keys", "", &answer);
    const char *mark = strstr(answer.text, TENANT_MARK);
    assert_non_null(mark);
    assert_int_equal(w->fault, ERR_OK);
}

static void what_is_not_his_is_not_there(void **state)
{
    (void)state;
    static struct bench bench;
    static uint8_t was[256 * 1024], is[256 * 1024];
    struct writer before = writer_over(was, sizeof was), after = writer_over(is, sizeof is);
    const struct api_route *row;
    open_bench(&bench);
    read_all(&bench, &before);
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++)
        for (size_t c = 0; c < bench.callers; c++) {
            if (row->class == ROUTE_PUBLIC) continue;
            if (strcmp(row->method, "GET") == 0) try_queries(&bench, row, &bench.caller[c]);
            if (row->body != NULL) try_bodies(&bench, row, &bench.caller[c]);
        }
    for (size_t round = 0; bench.calls < CALLS; round++) {
        size_t had = bench.calls;
        for (size_t i = 0; (row = api_route_at(i)) != NULL; i++)
            for (size_t c = 0; c < bench.callers; c++)
                try_paths(&bench, row, &bench.caller[c], round);
        assert_true(bench.calls > had);
    }
    read_all(&bench, &after);
    assert_true(bytes_equal(writer_view(&before), writer_view(&after)));
    print_message("%zu calls\n", bench.calls);
    rig_close(bench.rig);
}

/*
 * The other way round: what the makers made is there for whoever it belongs to, or the test above
 * would say nothing. For each maker at least one route answers otherwise than for nobody's id.
 */
static void what_the_makers_make_is_there(void **state)
{
    (void)state;
    static struct bench bench;
    static struct answer own, none;
    const struct api_route *row;
    char path[512], body[2048];
    bool seen[MAKERS_MAX] = {false};
    open_bench(&bench);
    const struct browser *const callers[] = {&bench.owner_a, &bench.staff};
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++) {
        for (size_t brace = 0; brace < braces_of(row); brace++) {
            size_t m = maker_at(row, brace);
            (void)body_with(row, -1, "", body, sizeof body);
            for (size_t c = 0; c < ARRAY_LEN(callers) && !seen[m]; c++) {
                path_with(row, &bench.ids_a1, brace, bench.ids_none.id[m], path, sizeof path);
                ask(&bench, callers[c], row->method, path, body, &none);
                path_with(row, &bench.ids_a1, SIZE_MAX, "", path, sizeof path);
                ask(&bench, callers[c], row->method, path, body, &own);
                seen[m] = strcmp(own.text, none.text) != 0;
            }
        }
    }
    for (size_t m = 0; m < ARRAY_LEN(makers); m++)
        if (!seen[m] && makers[m].kind != TENANT_SHARED)
            fail_msg("no route shows what the maker of %s has made", makers[m].path);
    rig_close(bench.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_his_is_not_there),
        cmocka_unit_test(what_the_makers_make_is_there),
    };
    return cmocka_run_group_tests_name("backoffice_tenants", tests, NULL, NULL);
}
