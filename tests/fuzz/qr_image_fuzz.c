/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures as a scanner or camera gives them (S193): whatever they are, an error or a text within
 * its limit.
 */
#include "lib/qr/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t text[64], beyond[8];
    size_t len;
    memset(beyond, 0x5a, sizeof beyond);
    struct bytes picture = bytes_of(data, size);
    err (*const readers[])(struct bytes, uint8_t *, size_t,
                           size_t *) = {qr_image_read, qr_jpeg_read, qr_grey_read};
    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        len = SIZE_MAX;
        err e = readers[i](picture, text, sizeof text, &len);
        ENSURE(FAILED(e) ? len == SIZE_MAX : len <= sizeof text);
    }
    return 0;
}
