/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as field 48 of an 0800 with new zone keys: what is taken is within its limits, lies in
 * the block, and is written back as the bytes that it was.
 */
#include "payment/key_change.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t block[PAYMENT_KEY_CHANGE_BYTES], again[PAYMENT_KEY_CHANGE_BYTES];
    struct payment_key_change c = {0};
    struct writer w = writer_over(again, sizeof again);
    if (FAILED(payment_key_change_decode(bytes_of(data, size), block, &c))) {
        ENSURE(c.number == 0);
        return 0;
    }
    ENSURE(c.number > 0 && c.overlap_s >= PAYMENT_KEY_OVERLAP_MIN_S &&
           c.overlap_s <= PAYMENT_KEY_OVERLAP_MAX_S);
    ENSURE(c.pin.len > 0 && c.mac.len > 0 && c.data.len > 0);
    ENSURE(c.pin.at >= block && c.data.at + c.data.len <= block + sizeof block);
    ENSURE(!FAILED(payment_key_change_write(&c, &w)) && w.len == size / 2);
    ENSURE(memcmp(block, again, w.len) == 0);
    return 0;
}
