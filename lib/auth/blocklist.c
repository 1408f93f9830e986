/* SPDX-License-Identifier: Apache-2.0 */
/* Three places, one XOR: see blocklist_filter.h. The array is made by blocklist_make.c. */
#include "lib/auth/blocklist.h"

#include "lib/auth/blocklist_filter.h"

/* Made at build time. */
extern const struct blocklist blocklist_made;

const struct blocklist *blocklist_builtin(void)
{
    return &blocklist_made;
}

static bool has_itself(const struct blocklist *blocklist, uint64_t word)
{
    struct blocklist_place place = blocklist_place(blocklist, word);
    ENSURE(place.at[2] < blocklist->fingerprints);
    const uint16_t *f = blocklist->fingerprint;
    return (f[place.at[0]] ^ f[place.at[1]] ^ f[place.at[2]]) == place.fingerprint;
}

bool blocklist_has(const struct blocklist *blocklist, struct bytes word)
{
    const uint64_t hash = blocklist_word(word);
    bool found = false;
    for (; blocklist != NULL && !found; blocklist = blocklist->floor)
        found = has_itself(blocklist, hash);
    return found;
}

uint32_t blocklist_version(const struct blocklist *blocklist)
{
    return blocklist->version;
}

struct blocklist_size blocklist_size(const struct blocklist *blocklist)
{
    return (struct blocklist_size){
        .entries = blocklist->entries,
        .bytes = blocklist->fingerprints * sizeof *blocklist->fingerprint,
    };
}
