/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The published document is fit to be read and to make clients of (S177): every reference leads
 * somewhere, every operation has a name of its own and says what it does, and so does every
 * parameter, answer and member.
 */
#include "backoffice/api/api.h"
#include "tests/unit/backoffice_rig.h"

enum { OPERATIONS_MAX = 1024, ID_MAX = 96 };

struct lint {
    struct json_t *schemas, *answers;
    char id[OPERATIONS_MAX][ID_MAX];
    size_t operations, references, described;
};

static void says(struct lint *lint, const struct json_t *object, const char *member,
                 const char *where)
{
    struct bytes text;
    err e = json_text(object, member, 1000, &text);
    if (FAILED(e) || text.len == 0) fail_msg("%s has no %s", where, member);
    lint->described++;
}

static void check_reference(struct lint *lint, const struct json_t *object)
{
    static const char schemas[] = "#/components/schemas/", answers[] = "#/components/responses/";
    char text[160];
    struct json_t *found;
    if (FAILED(json_text_copy(object, "$ref", text, sizeof text))) return;
    lint->references++;
    bool schema = strncmp(text, schemas, sizeof schemas - 1) == 0;
    bool answer = strncmp(text, answers, sizeof answers - 1) == 0;
    const char *name = text + (schema ? sizeof schemas : sizeof answers) - 1;
    if ((!schema && !answer) ||
        FAILED(json_member(schema ? lint->schemas : lint->answers, name, &found)))
        fail_msg("%s leads nowhere", text);
}

/* Every reference, however deep. */
static void walk(struct lint *lint, const struct json_t *value)
{
    void *cursor = NULL;
    const char *name;
    struct json_t *inner;
    check_reference(lint, value);
    while (json_next(value, &cursor, &name, &inner)) walk(lint, inner);
    for (size_t i = 0; (inner = json_at(value, i)) != NULL; i++) walk(lint, inner);
}

static void check_operation(struct lint *lint, const struct json_t *call, const char *path)
{
    struct json_t *list, *answers, *answer;
    const char *status;
    void *cursor = NULL;
    size_t count;
    assert_true(lint->operations < OPERATIONS_MAX);
    char *id = lint->id[lint->operations];
    assert_ok(json_text_copy(call, "operationId", id, ID_MAX));
    for (size_t i = 0; i < lint->operations; i++)
        if (strcmp(lint->id[i], id) == 0) fail_msg("%s: %s is there twice", path, id);
    lint->operations++;
    says(lint, call, "summary", path);
    assert_ok(json_list(call, "parameters", 64, &list, &count));
    for (size_t i = 0; i < count; i++) says(lint, json_at(list, i), "description", path);
    assert_ok(json_member(call, "responses", &answers));
    while (json_next(answers, &cursor, &status, &answer))
        if (!json_has(answer, "$ref")) says(lint, answer, "description", path);
}

/* S177: whoever reads it alone learns who may call, at what price, and that a group has a name. */
static void check_policy(const struct json_t *call, const char *path)
{
    struct json_t *list, *security;
    size_t tags, roles, ways;
    int64_t cost;
    assert_ok(json_list(call, "tags", 1, &list, &tags));
    assert_ok(json_list(call, "x-roles", 8, &list, &roles));
    assert_ok(json_list(call, "security", 2, &security, &ways));
    assert_ok(json_int(call, "x-cost", 1, 1000, &cost));
    if (tags != 1) fail_msg("%s has no tag", path);
    /* Of people, of programs, of both; and public is what has no way to say who one is. */
    if ((ways == 0) != (roles == 0) && !json_has(json_at(security, 0), "key"))
        fail_msg("%s does not say who may call it", path);
}

static void check_schemas(struct lint *lint)
{
    const char *name, *member;
    struct json_t *schema, *members, *one;
    for (void *at = NULL; json_next(lint->schemas, &at, &name, &schema);) {
        if (FAILED(json_member(schema, "properties", &members))) continue;
        for (void *in = NULL; json_next(members, &in, &member, &one);) {
            char where[160];
            snprintf(where, sizeof where, "%s.%s", name, member);
            says(lint, one, "description", where);
        }
    }
}

static void the_document_is_fit_to_be_read(void **state)
{
    (void)state;
    static struct lint lint;
    struct rig *rig = rig_open();
    struct browser nobody = {0};
    CLEANUP(json_free) struct json_document document = {NULL};
    struct json_t *paths, *components, *calls, *call;
    const char *path, *method;
    assert_int_equal(rig_ask(rig, &nobody, "GET", "/api/v1/openapi.json", ""), 200);
    assert_ok(json_parse(bytes_text(rig->answer), sizeof rig->answer, &document));
    assert_ok(json_member(document.root, "paths", &paths));
    assert_ok(json_member(document.root, "components", &components));
    assert_ok(json_member(components, "schemas", &lint.schemas));
    assert_ok(json_member(components, "responses", &lint.answers));
    for (void *at = NULL; json_next(paths, &at, &path, &calls);)
        for (void *in = NULL; json_next(calls, &in, &method, &call);)
            check_operation(&lint, call, path), check_policy(call, path);
    check_schemas(&lint);
    walk(&lint, document.root);
    print_message("%zu operations, %zu references, %zu descriptions\n", lint.operations,
                  lint.references, lint.described);
    assert_true(lint.operations > 10 && lint.references > 10);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_document_is_fit_to_be_read)};
    return cmocka_run_group_tests_name("backoffice_openapi", tests, NULL, NULL);
}
