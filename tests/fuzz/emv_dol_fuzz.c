/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a data object list: its length is what filling it writes, within bounds; a list that
 * is malformed writes nothing; what is listed is found by a walk.
 */
#include "lib/emv/dol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LOOKED_FOR = 16 }; /* entries; each is a walk, and all of them most of the time */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct emv_data store;
    uint8_t block[EMV_DOL_FILLED_MAX];
    struct bytes dol = bytes_of(data, size);
    struct writer w = writer_over(block, sizeof block);
    size_t len = 0;
    if (store.count == 0) {
        emv_data_set_number(&store, 0x9F02, 0x12345, 6);
        emv_data_set_number(&store, 0x9F37, 0xDEADBEEF, 4);
        emv_data_set_number(&store, 0x9F1A, 0x0156, 2);
    }
    err e = emv_dol_length(dol, &len);
    err filled = emv_dol_fill_from(dol, &store, &w);
    ENSURE(FAILED(e) == FAILED(filled));
    ENSURE(w.len == (FAILED(e) ? 0 : len) && w.len <= EMV_DOL_FILLED_MAX);
    struct reader r = reader_over(dol);
    struct emv_dol_entry entry;
    size_t entries = 0, sum = 0;
    while (emv_dol_next(&r, &entry)) {
        ENSURE(entry.tag > 0 && entry.tag <= 0xFFFFFF);
        entries++;
        sum += entry.len;
        if (!FAILED(e) && entries <= LOOKED_FOR) ENSURE(emv_dol_lists(dol, entry.tag));
    }
    ENSURE(entries <= size);
    if (!FAILED(e)) ENSURE(sum == len);
    return 0;
}
