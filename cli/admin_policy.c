/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin policy`: signs a policy and publishes it to the terminals of its model; one from a
 * file, or those that two administrators have approved in the staff console (S20). The key is here
 * and not at the back office.
 */
#include <assert.h>
#include <stdio.h>

#include "cli/admin.h"
#include "cli/host_keys.h"
#include "cli/host_policy.h"
#include "lib/base/file.h"
#include "registry/policy.h"

static err publish_text(const char *state, struct registry *registry, struct bytes text,
                        struct process_fault *fault)
{
    struct host_policy signed_policy;
    struct registry_policy policy = {.version = 0};
    struct policy_document document;
    struct registry_actor who = host_keys_actor();
    static_assert(sizeof policy.document == sizeof signed_policy.document, "copied whole");
    TRY(host_policy_sign_text(state, text, &signed_policy, &document, fault));
    memcpy(policy.model, document.model, sizeof policy.model);
    policy.version = document.version;
    policy.document_len = signed_policy.document_len;
    memcpy(policy.document, signed_policy.document, signed_policy.document_len);
    err done = registry_publish_policy(registry, &who, &policy);
    if (FAILED(done))
        snprintf(fault->text, sizeof fault->text, "%.250s", registry_error_text(registry));
    else printf("model %s, version %u: published\n", policy.model, policy.version);
    return done;
}

static err publish_file(const char *state, struct registry *registry, const char *file,
                        struct process_fault *fault)
{
    uint8_t text[POLICY_DOCUMENT_MAX];
    size_t len = 0;
    err done = file_read(file, FILE_PUBLIC, text, sizeof text, &len);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text, "%.200s: %s", file, err_text(done));
        return done;
    }
    return publish_text(state, registry, bytes_of(text, len), fault);
}

/* ---- what was approved in the staff console ---- */

static err published_version(struct registry *registry, struct bytes model, uint32_t *ret_version)
{
    struct registry_policy policy;
    err found = registry_find_policy(registry, model, &policy);
    *ret_version = FAILED(found) ? 0 : policy.version;
    return found.code == ERR_NOT_FOUND ? OK : found;
}

/* Two different people stand in the row: its CHECK says so, and so does this. */
static err publish_rows(const char *state, struct registry *registry, struct store *store,
                        unsigned *ret_count, struct process_fault *fault)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "SELECT model, version, document FROM policy_draft WHERE state = 2"
                        " AND approver <> 0 AND approver <> author ORDER BY id",
                        &s));
    for (;;) {
        bool row = false;
        uint32_t newest = 0;
        TRY(store_step(s, &row));
        if (!row) return OK;
        struct bytes model = store_read_text(s);
        uint32_t version = (uint32_t)store_read_int(s);
        struct bytes text = store_read_text(s);
        TRY(store_read_finish(s));
        TRY(published_version(registry, model, &newest));
        if (version <= newest) continue;
        TRY(publish_text(state, registry, text, fault));
        ++*ret_count;
    }
}

static err publish_pending(const char *state, struct registry *registry, const char *directory,
                           struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    struct store *store = NULL;
    unsigned count = 0;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    TRY(file_path(directory, "backoffice.db", path, sizeof path));
    err done = store_open(path, &options, &why, &store);
    if (FAILED(done)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    if (!FAILED(done)) done = publish_rows(state, registry, store, &count, fault);
    if (!FAILED(done) && count == 0) printf("nothing waits\n");
    store_close(store);
    return done;
}

static err publish(const char *state, const char *file, const char *pending,
                   struct process_fault *fault)
{
    struct registry *registry = NULL;
    if ((file == NULL) == (pending == NULL)) {
        snprintf(fault->text, sizeof fault->text, "one of --file and --pending is wanted");
        return ERR(CONFIG);
    }
    TRY(host_keys_registry(state, STORE_OPEN, &registry, fault));
    err done = file != NULL ? publish_file(state, registry, file, fault)
                            : publish_pending(state, registry, pending, fault);
    registry_close(registry);
    return done;
}

int admin_policy(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL, *file = NULL, *pending = NULL;
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &state, .required = true},
        {"file", "FILE",
         "the policy without a signature, as `tongbao policy show --text` prints"
         " it, with a higher version",
         .text = &file},
        {"pending", "DIR",
         "the back office's directory: what two administrators have approved there",
         .text = &pending},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err done = publish(state, file, pending, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
