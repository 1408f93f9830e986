/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures as a scanner gives them (S193): whatever they are, an error or a text within its limit.
 */
#include "lib/qr/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t text[64], beyond[8];
    size_t len = SIZE_MAX;
    memset(beyond, 0x5a, sizeof beyond);
    err read = qr_image_read(bytes_of(data, size), text, sizeof text, &len);
    ENSURE(FAILED(read) ? len == SIZE_MAX : len <= sizeof text);
    return 0;
}
