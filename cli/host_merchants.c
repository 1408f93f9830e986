/* SPDX-License-Identifier: Apache-2.0 */
/* Merchants and their people, as an operator registers them. */
#include <stdio.h>

#include "cli/host_keys.h"

err host_keys_merchant(const struct host_place *place, const char *mid, const char *name_zh,
                       const char *name_en, struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    struct registry_merchant merchant = {.fee_plan = 1, .status = REGISTRY_ACTIVE};
    err done = bytes_to_text(bytes_text(mid), merchant.mid, sizeof merchant.mid);
    if (!FAILED(done))
        done = bytes_to_text(bytes_text(name_zh), merchant.name_zh, sizeof merchant.name_zh);
    if (!FAILED(done))
        done = bytes_to_text(bytes_text(name_en), merchant.name_en, sizeof merchant.name_en);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text,
                 "number or name is too long: a name has at most %d bytes", REGISTRY_NAME_MAX);
        return done;
    }
    TRY(host_keys_registry(place->admin, STORE_OPEN, &registry, fault));
    done = registry_add_merchant(registry, &who, &merchant);
    if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    registry_close(registry);
    return done;
}

err host_keys_contact(const char *admin, const struct registry_contact *contact, bool remove,
                      struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    TRY(host_keys_registry(admin, STORE_OPEN, &registry, fault));
    err done =
        remove ? registry_remove_contact(registry, &who, bytes_text(contact->mid), contact->number)
               : registry_set_contact(registry, &who, contact);
    if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    registry_close(registry);
    return done;
}
