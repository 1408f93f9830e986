/* SPDX-License-Identifier: Apache-2.0 */
/* Two small files, and a signature that is made when a terminal is provisioned. */
#include "cli/host_policy.h"

#include <stdio.h>

#include "lib/base/file.h"
#include "lib/base/random.h"

static err explain(struct process_fault *fault, const char *admin, const char *name, err e)
{
    if (FAILED(e))
        snprintf(fault->text, sizeof fault->text, "%.160s/%s: %s; `tongbao admin init` makes it",
                 admin, name, err_text(e));
    return e;
}

static err write_one(const char *admin, const char *name, enum file_access access,
                     struct bytes content)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(admin, name, path, sizeof path));
    return file_write(path, access, content);
}

/* Exactly `size` bytes. */
static err read_one(const char *admin, const char *name, enum file_access access, void *out,
                    size_t size)
{
    char path[FILE_PATH_MAX];
    size_t len;
    TRY(file_path(admin, name, path, sizeof path));
    TRY(file_read(path, access, out, size, &len));
    return len == size ? OK : ERR(LENGTH);
}

err host_policy_initialise(const char *admin, struct process_fault *fault)
{
    const struct random random = random_system();
    uint8_t signer[POLICY_SIGNER_BYTES], secret[POLICY_SIGNER_SECRET_BYTES];
    policy_signer_make(&random, signer, secret);
    err written = write_one(admin, "policy.key", FILE_PRIVATE, BYTES_OF(secret));
    explicit_bzero(secret, sizeof secret);
    TRY(explain(fault, admin, "policy.key", written));
    return explain(fault, admin, "policy.public",
                   write_one(admin, "policy.public", FILE_PUBLIC, BYTES_OF(signer)));
}

static err sign(const char *admin, const struct policy_document *document,
                struct host_policy *policy, struct process_fault *fault)
{
    uint8_t secret[POLICY_SIGNER_SECRET_BYTES], text[POLICY_DOCUMENT_MAX];
    struct policy_fault why;
    struct writer t = writer_over(text, sizeof text);
    struct writer d = writer_over(policy->document, sizeof policy->document);
    TRY(explain(fault, admin, "policy.key",
                read_one(admin, "policy.key", FILE_PRIVATE, secret, sizeof secret)));
    policy_document_write(document, &t);
    err made = policy_document_sign(writer_view(&t), secret, &d, &why);
    explicit_bzero(secret, sizeof secret);
    if (FAILED(made))
        snprintf(fault->text, sizeof fault->text, "the policy of model %s: %s", document->model,
                 policy_fault_text(why.kind));
    policy->document_len = d.len;
    return made;
}

err host_policy_sign(const char *admin, const char *model, struct host_policy *ret_policy,
                     struct process_fault *fault)
{
    struct policy_document document;
    struct host_policy policy = {.document_len = 0};
    TRY(explain(
        fault, admin, "policy.public",
        read_one(admin, "policy.public", FILE_PUBLIC, policy.signer, sizeof policy.signer)));
    if (policy_builtin(bytes_text(model), &document)) TRY(sign(admin, &document, &policy, fault));
    *ret_policy = policy;
    return OK;
}

err host_policy_sign_text(const char *admin, struct bytes text, struct host_policy *ret_policy,
                          struct policy_document *ret_document, struct process_fault *fault)
{
    struct policy_fault why = {POLICY_FAULT_NONE, 0};
    struct host_policy policy = {.document_len = 0};
    err parsed = policy_document_parse(text, ret_document, &why);
    if (FAILED(parsed)) {
        snprintf(fault->text, sizeof fault->text, "line %u of the policy %s", why.line,
                 policy_fault_text(why.kind));
        return parsed;
    }
    TRY(sign(admin, ret_document, &policy, fault));
    *ret_policy = policy;
    return OK;
}

err host_policy_signer(const char *admin, uint8_t ret_signer[POLICY_SIGNER_BYTES],
                       struct process_fault *fault)
{
    return explain(fault, admin, "policy.public",
                   read_one(admin, "policy.public", FILE_PUBLIC, ret_signer, POLICY_SIGNER_BYTES));
}

err host_policy_sign_blocklist(const char *admin, const struct blocklist *filter, uint32_t version,
                               struct writer *out, struct process_fault *fault)
{
    uint8_t secret[POLICY_SIGNER_SECRET_BYTES];
    TRY(explain(fault, admin, "policy.key",
                read_one(admin, "policy.key", FILE_PRIVATE, secret, sizeof secret)));
    err made = blocklist_file_sign(filter, version, secret, out);
    explicit_bzero(secret, sizeof secret);
    if (FAILED(made))
        snprintf(fault->text, sizeof fault->text,
                 "so many words make more than a megabyte: take fewer, the commonest");
    return made;
}

err host_policy_sign_written(const char *admin, struct writer *out, struct process_fault *fault)
{
    uint8_t secret[POLICY_SIGNER_SECRET_BYTES];
    TRY(explain(fault, admin, "policy.key",
                read_one(admin, "policy.key", FILE_PRIVATE, secret, sizeof secret)));
    policy_signature_write(out, secret);
    explicit_bzero(secret, sizeof secret);
    return (err){out->fault};
}
