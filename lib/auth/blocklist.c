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

bool blocklist_has(const struct blocklist *blocklist, struct bytes word)
{
    struct blocklist_place place = blocklist_place(blocklist, blocklist_word(word));
    ENSURE(place.at[2] < blocklist->fingerprints);
    const uint16_t *f = blocklist->fingerprint;
    return (f[place.at[0]] ^ f[place.at[1]] ^ f[place.at[2]]) == place.fingerprint;
}

struct blocklist_size blocklist_size(const struct blocklist *blocklist)
{
    return (struct blocklist_size){
        .entries = blocklist->entries,
        .bytes = blocklist->fingerprints * sizeof *blocklist->fingerprint,
    };
}
