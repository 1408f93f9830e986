/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The models that this program knows without being told: each a document in policies/, compiled in
 * as it stands. They are parsed like any other, so that what ships is held to the same floor.
 */
#include "lib/auth/policy_document.h"

#include "lib/base/reader.h"

/* Made by meson from lib/auth/policies/: the texts in the order of their names, then NULL. */
extern const char *const policy_builtin_texts[];
extern const size_t policy_builtin_count;

static void parse(const char *text, struct policy_document *ret_document)
{
    struct policy_fault fault;
    err parsed = policy_document_parse(bytes_text(text), ret_document, &fault);
    ENSURE(!FAILED(parsed)); /* auth_document_test parses each of them */
}

/* "model NAME" is the second line of each. */
static bool is_of(const char *text, struct bytes model)
{
    static const char before[] = "tongbao-policy 1\nmodel ";
    struct reader r = reader_over(bytes_text(text));
    read_bytes(&r, sizeof before - 1);
    struct bytes name = read_bytes(&r, model.len);
    struct bytes end = read_bytes(&r, 1);
    return r.fault == ERR_OK && bytes_equal(name, model) && bytes_equal(end, BYTES("\n"));
}

const char *policy_builtin_text(size_t i)
{
    return i < policy_builtin_count ? policy_builtin_texts[i] : NULL;
}

bool policy_builtin(struct bytes model, struct policy_document *ret_document)
{
    for (size_t i = 0; i < policy_builtin_count; i++) {
        if (!is_of(policy_builtin_texts[i], model)) continue;
        parse(policy_builtin_texts[i], ret_document);
        return true;
    }
    return false;
}

const struct policy *policy_document_role(const struct policy_document *document,
                                          enum policy_role role)
{
    ENSURE(role > 0 && role < POLICY_ROLE_END);
    return document->role[role].tries > 0 ? &document->role[role] : NULL;
}

struct policy policy_of_model(struct bytes model, enum policy_role role)
{
    struct policy_document document;
    bool known = policy_builtin(model, &document) || policy_builtin(BYTES("GENERIC"), &document);
    ENSURE(known);
    const struct policy *policy = policy_document_role(&document, role);
    ENSURE(policy != NULL);
    return *policy;
}
