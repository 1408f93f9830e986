/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an image and as the record of the slots: nothing that the key has not signed is
 * taken, or starts. A signed image with some of its bytes changed is refused; unchanged it is read
 * back. The first two bytes say how much is record, the rest is software, and changes to it. S119.
 */
#include "update/slots.h"

enum { INPUT_MAX = 4096, CHANGES_MAX = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct document_key key;
static uint8_t made[IMAGE_HEAD_BYTES + INPUT_MAX], block[IMAGE_HEAD_BYTES + INPUT_MAX];

struct input {
    struct bytes record, slot[SLOT_COUNT];
};

static err read_slot(void *context, enum slot slot, void *to, size_t max, size_t *ret_len)
{
    const struct input *in = context;
    if (in->slot[slot].len > max) return ERR(LENGTH);
    if (in->slot[slot].len > 0) memcpy(to, in->slot[slot].at, in->slot[slot].len);
    *ret_len = in->slot[slot].len;
    return OK;
}

static err write_slot(void *context, enum slot slot, struct bytes content)
{
    (void)context, (void)slot, (void)content;
    return ERR(READ_ONLY);
}

static err load(void *context, void *to, size_t max, size_t *ret_len)
{
    const struct input *in = context;
    if (in->record.len > max) return ERR(LENGTH);
    if (in->record.len > 0) memcpy(to, in->record.at, in->record.len);
    *ret_len = in->record.len;
    return OK;
}

static err store(void *context, struct bytes record)
{
    (void)context;
    ENSURE(record.len <= SLOTS_RECORD_BYTES);
    return OK;
}

/* Slot A is signed, with version 7; slot B is anything. */
static void check_slots(struct bytes record, struct bytes signed_image, struct bytes anything)
{
    struct input in = {record, {signed_image, anything}};
    const struct slots_ports ports = {NULL, NULL, read_slot, write_slot, load, store, &in};
    struct slots slots;
    struct image image;
    enum slot slot;
    ENSURE(!FAILED(slots_open(&ports, &key, "T1", block, sizeof block, &slots)));
    if (FAILED(slots_start(&slots, &slot, &image))) return; /* a floor above 7 */
    ENSURE(slot == SLOT_A && image.version == 7);
}

/* `made` has an image of version 7; three bytes of `changes` say where and what. */
static void check_changes(size_t len, struct bytes changes)
{
    static uint8_t before[sizeof made];
    struct image read;
    memcpy(before, made, len);
    for (size_t i = 0; i + 2 < changes.len && i < 3 * CHANGES_MAX; i += 3)
        made[(size_t)(changes.at[i] << 8 | changes.at[i + 1]) % len] ^= changes.at[i + 2];
    bool same = memcmp(before, made, len) == 0;
    ENSURE(FAILED(image_check(bytes_of(made, len), "T1", &key, &read)) == !same);
    if (same) ENSURE(read.version == 7 && read.software.len == len - IMAGE_HEAD_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image image;
    if (key.pkey == NULL) ENSURE(!FAILED(document_key_generate(DOCUMENT_ED25519, &key)));
    if (size < 2 || size > INPUT_MAX) return 0;
    size_t cut = (size_t)(data[0] << 8 | data[1]) % (size - 1);
    struct bytes record = bytes_of(data + 2, cut), rest = bytes_of(data + 2 + cut, size - 2 - cut);
    ENSURE(FAILED(image_check(rest, "T1", &key, &image)));
    struct writer w = writer_over(made, sizeof made);
    ENSURE(!FAILED(image_write(7, "T1", rest, &key, &w)));
    check_slots(record, writer_view(&w), rest);
    check_changes(w.len, record);
    return 0;
}
