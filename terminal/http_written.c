/* SPDX-License-Identifier: Apache-2.0 */
/* The larger bodies of the page's requests, read. */
#include "terminal/http_written.h"

#include "lib/base/base64.h"
#include "lib/wire/json.h"

err http_written_text(struct bytes body, uint32_t *ret_serial, char text[static GOODS_TEXT_MAX + 1])
{
    static const char *const names[] = {"serial", "text", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    int64_t serial;
    TRY(json_parse(body, HTTP_WRITTEN_MAX, &document));
    TRY(json_only(document.root, names));
    TRY(json_int(document.root, "serial", 1, UINT32_MAX, &serial));
    TRY(json_text_copy(document.root, "text", text, GOODS_TEXT_MAX + 1));
    *ret_serial = (uint32_t)serial;
    return OK;
}

err http_written_strokes(struct bytes body, uint32_t *ret_serial, uint8_t *points, size_t *ret_len)
{
    static const char *const names[] = {"serial", "points", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes text;
    int64_t serial;
    TRY(json_parse(body, HTTP_WRITTEN_MAX, &document));
    TRY(json_only(document.root, names));
    TRY(json_int(document.root, "serial", 1, UINT32_MAX, &serial));
    TRY(json_text(document.root, "points", HTTP_WRITTEN_MAX, &text));
    TRY(base64_decode(text, points, HTTP_POINTS_MAX, ret_len));
    *ret_serial = (uint32_t)serial;
    return OK;
}
