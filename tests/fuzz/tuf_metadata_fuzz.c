/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as metadata of updates: the first says of which type. What is taken is within its
 * limits, its canonical form is read and written again the same, and whoever asks it about entries,
 * delegations and signatures gets an answer. S119.
 */
#include "lib/tuf/delegation.h"
#include "lib/tuf/metadata.h"

enum { INPUT_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_canonical(const struct tuf_metadata *m)
{
    static uint8_t once[INPUT_MAX], twice[INPUT_MAX];
    struct writer w = writer_over(once, m->len), again = writer_over(twice, m->len);
    if (FAILED(json_canonical_write(m->body, &w))) return; /* a number with a point */
    CLEANUP(json_free) struct json_document document = {0};
    /* It may hold control characters as they are, which JSON does not: then it ends here. */
    if (FAILED(json_parse(writer_view(&w), INPUT_MAX, &document))) return;
    ENSURE(!FAILED(json_canonical_write(document.root, &again)));
    ENSURE(bytes_equal(writer_view(&w), writer_view(&again)));
}

static void ask(const struct tuf_metadata *m)
{
    static const char *const paths[] = {"a", "dir/file.zip", "image"};
    struct tuf_entry entry;
    struct tuf_delegation d;
    ENSURE(m->version >= 1 && m->expires_ms >= 0);
    if (m->type == TUF_ROOT)
        for (enum tuf_type type = 0; type < TUF_TYPES; type++) {
            struct tuf_role role = tuf_root_role(m, type);
            ENSURE(role.threshold >= 1);
            (void)tuf_metadata_signed(m, &role);
        }
    if (m->type == TUF_TIMESTAMP) ENSURE(tuf_metadata_entry(m, "snapshot", &entry));
    if (m->type == TUF_SNAPSHOT) ENSURE(tuf_metadata_entry(m, "targets", &entry));
    for (size_t i = 0; i < ARRAY_LEN(paths) && m->type == TUF_TARGETS; i++) {
        size_t index = 0;
        if (tuf_target_entry(m, paths[i], &entry)) ENSURE(entry.length >= 0);
        while (tuf_delegation_next(m, paths[i], &index, &d)) ENSURE(d.role.threshold >= 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > INPUT_MAX) return 0;
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    enum tuf_verdict verdict =
        tuf_metadata_parse((enum tuf_type)(data[0] % TUF_TYPES), bytes_of(data + 1, size - 1), &m);
    ENSURE((m.document.root != NULL) == (verdict == TUF_ACCEPTED));
    if (verdict != TUF_ACCEPTED) return 0;
    ask(&m);
    check_canonical(&m);
    return 0;
}
