/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms with files: the first line is the content type, the rest the body. Whatever they are, parts
 * lie within the body one behind the other, and what is called a picture has a size.
 */
#include "lib/wire/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct multipart form;
    struct multipart_part part;
    const uint8_t *line = memchr(data, '\n', size), *last = data;
    if (line == NULL) return 0;
    struct bytes type = bytes_of(data, (size_t)(line - data));
    struct bytes body = bytes_of(line + 1, size - type.len - 1);
    if (FAILED(multipart_open(type, body, &form))) return 0;
    unsigned parts = 0;
    while (multipart_next(&form, &part)) {
        ENSURE(part.name.at > last && part.content.at >= part.name.at + part.name.len);
        ENSURE(part.content.at + part.content.len <= body.at + body.len);
        ENSURE(part.name.len > 0 && part.name.len <= MULTIPART_NAME_MAX);
        last = part.content.at;
        parts++;
    }
    ENSURE(parts <= MULTIPART_PARTS_MAX);
    (void)multipart_finish(&form);
    return 0;
}
