/* SPDX-License-Identifier: Apache-2.0 */
/* Files that somebody has sent as a photo: what is called a picture has sides that can be. */
#include "backoffice/uploads/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct picture p = {.width = 1};
    if (FAILED(picture_look(bytes_of(data, size), &p))) return 0;
    ENSURE(p.type > 0 && p.type < PICTURE_TYPES);
    bool flat = p.type != PICTURE_PDF;
    ENSURE(flat == (p.width > 0) && flat == (p.height > 0));
    ENSURE(p.width <= PICTURE_SIDE_MAX && p.height <= PICTURE_SIDE_MAX);
    return 0;
}
