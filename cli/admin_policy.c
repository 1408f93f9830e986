/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao admin policy`: signs a policy and publishes it to the terminals of its model. */
#include <assert.h>
#include <stdio.h>

#include "cli/admin.h"
#include "cli/host_keys.h"
#include "cli/host_policy.h"
#include "lib/base/file.h"
#include "registry/policy.h"

static err publish(const char *state, const char *file, struct process_fault *fault)
{
    uint8_t text[POLICY_DOCUMENT_MAX];
    size_t len = 0;
    struct host_policy signed_policy;
    struct registry_policy policy = {.version = 0};
    struct policy_document document;
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    static_assert(sizeof policy.document == sizeof signed_policy.document, "copied whole");
    err done = file_read(file, FILE_PUBLIC, text, sizeof text, &len);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text, "%.200s: %s", file, err_text(done));
        return done;
    }
    TRY(host_policy_sign_text(state, bytes_of(text, len), &signed_policy, &document, fault));
    memcpy(policy.model, document.model, sizeof policy.model);
    policy.version = document.version;
    policy.document_len = signed_policy.document_len;
    memcpy(policy.document, signed_policy.document, signed_policy.document_len);
    TRY(host_keys_registry(state, STORE_OPEN, &registry, fault));
    done = registry_publish_policy(registry, &who, &policy);
    if (FAILED(done))
        snprintf(fault->text, sizeof fault->text, "%.250s", registry_error_text(registry));
    else printf("model %s, version %u: published\n", policy.model, policy.version);
    registry_close(registry);
    return done;
}

int admin_policy(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL, *file = NULL;
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &state, .required = true},
        {"file", "FILE",
         "the policy without a signature, as `tongbao policy show --source` prints"
         " it, with a higher version",
         .text = &file, .required = true},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err done = publish(state, file, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
