/* SPDX-License-Identifier: Apache-2.0 */
/* Two small files, read whole each time. */
#include "terminal/network_files.h"

#include "lib/base/file.h"

struct network_facts network_file_read(const char *path)
{
    struct network_facts facts = {0};
    uint8_t text[NETWORK_TEXT_MAX];
    size_t len;
    err e = file_read(path, FILE_PUBLIC, text, sizeof text, &len);
    if (!FAILED(e)) e = network_parse(bytes_of(text, len), &facts);
    if (FAILED(e)) facts = (struct network_facts){0};
    return facts;
}

struct network_place place_file_read(const char *path)
{
    struct network_place place = {0};
    uint8_t text[NETWORK_TEXT_MAX];
    size_t len;
    if (path == NULL) return place;
    err e = file_read(path, FILE_PUBLIC, text, sizeof text, &len);
    if (!FAILED(e)) e = network_place_parse(bytes_of(text, len), &place);
    if (FAILED(e)) place = (struct network_place){0};
    return place;
}

bool network_file_same(const struct network_facts *a, const struct network_facts *b)
{
    return a->kind == b->kind && a->security == b->security && a->captive == b->captive &&
           a->down == b->down && strcmp(a->name, b->name) == 0;
}

bool place_file_same(const struct network_place *a, const struct network_place *b)
{
    return a->known == b->known && a->latitude_e6 == b->latitude_e6 &&
           a->longitude_e6 == b->longitude_e6 && a->accuracy_m == b->accuracy_m;
}
