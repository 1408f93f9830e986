/* SPDX-License-Identifier: Apache-2.0 */
/* The three methods of ISO/IEC 9797-1. */
#include "lib/crypto/mac_padding.h"

err mac_pad(enum mac_padding method, size_t block, struct bytes data, struct writer *w)
{
    static const uint8_t zeros[MAC_PADDING_BLOCK_MAX], marker[] = {0x80};
    ENSURE(block > 0 && block <= MAC_PADDING_BLOCK_MAX && data.len <= UINT32_MAX / 8);
    size_t number = block < sizeof(uint64_t) ? block : sizeof(uint64_t);
    if (method == MAC_PADDING_3) {
        write_bytes(w, bytes_of(zeros, block - number));
        write_be(w, 8u * data.len, number);
    }
    size_t len = data.len + (method == MAC_PADDING_2 ? sizeof marker : 0);
    write_bytes(w, data);
    if (method == MAC_PADDING_2) write_bytes(w, BYTES_OF(marker));
    size_t fill = len == 0 ? block : (block - len % block) % block;
    write_bytes(w, bytes_of(zeros, fill));
    return (err){w->fault};
}
