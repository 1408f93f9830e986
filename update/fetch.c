/* SPDX-License-Identifier: Apache-2.0 */
/* A delta for what stands in one slot or the other; the whole image behind both. */
#include "update/fetch.h"

#include <stdlib.h>

#include "update/slots.h"

/* By what stands in this slot. An image there need not verify: its digest chooses the delta. */
static enum tuf_verdict patch_slot(struct tuf_client *client, const struct tuf_target *target,
                                   const struct slots_ports *ports, enum slot slot, void *block,
                                   struct bytes *ret_content, size_t *ret_travelled)
{
    size_t len = 0;
    if (FAILED(ports->read(ports->context, slot, block, IMAGE_BYTES_MAX, &len)))
        return TUF_NO_TARGET;
    return tuf_client_patch(client, target, bytes_of(block, len), ret_content, ret_travelled);
}

static bool is_there(enum tuf_verdict verdict)
{
    return verdict == TUF_ACCEPTED || verdict == TUF_UNCHANGED;
}

static enum tuf_verdict patch(struct tuf_client *client, const struct tuf_target *target,
                              const char *slots_dir, struct bytes *ret_content,
                              struct fetched *fetched)
{
    const struct slots_ports ports = slots_of_directory(slots_dir, NULL);
    enum tuf_verdict verdict = TUF_NO_TARGET;
    void *block = malloc(IMAGE_BYTES_MAX); /* touched as far as an image goes */
    if (block == NULL) return TUF_RESOURCES;
    for (enum slot slot = 0; slot < SLOT_COUNT && !is_there(verdict); slot++) {
        size_t travelled = 0;
        enum tuf_verdict now =
            patch_slot(client, target, &ports, slot, block, ret_content, &travelled);
        fetched->travelled += travelled;
        if (now != TUF_NO_TARGET) verdict = now; /* the reason that tells something */
    }
    free(block);
    return verdict;
}

enum tuf_verdict fetch_image(struct tuf_client *client, const struct tuf_target *target,
                             const char *slots_dir, struct bytes *ret_content,
                             struct fetched *ret_fetched)
{
    struct fetched fetched = {.delta = TUF_NO_TARGET};
    enum tuf_verdict verdict = TUF_NO_TARGET;
    if (slots_dir != NULL) verdict = patch(client, target, slots_dir, ret_content, &fetched);
    fetched.delta = verdict;
    if (!is_there(verdict)) {
        verdict = tuf_client_download(client, target, ret_content);
        if (verdict == TUF_ACCEPTED) fetched.travelled += (size_t)target->entry.length;
    }
    if (is_there(verdict)) fetched.length = (size_t)target->entry.length;
    *ret_fetched = fetched;
    return verdict;
}
