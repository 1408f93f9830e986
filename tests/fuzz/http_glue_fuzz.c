/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate before every handler: lines method, path, host, origin, query value. Whatever they
 * are, what passes is a plain path, one of our hosts and, for what writes, our own origin.
 */
#include <stdio.h>

#include "lib/wire/http.h"
#include "lib/wire/http_gate.h"
#include "lib/wire/json.h"

enum { INPUT_MAX = 2048, FIELDS = 5 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bytes take_line(struct bytes *left)
{
    size_t len = 0;
    while (len < left->len && left->at[len] != '\n') len++;
    struct bytes line = bytes_of(left->at, len);
    size_t used = len < left->len ? len + 1 : len;
    *left = bytes_of(left->at + used, left->len - used);
    return line;
}

static bool contains(struct bytes in, const char *what)
{
    size_t len = strlen(what);
    return in.len >= len && memmem(in.at, in.len, what, len) != NULL;
}

static void check_passed(const struct http_gate *gate, const struct bytes *field)
{
    bool reads = bytes_equal(field[0], BYTES("GET")) || bytes_equal(field[0], BYTES("HEAD"));
    ENSURE(field[1].len <= HTTP_PATH_MAX && field[1].at[0] == '/');
    ENSURE(!contains(field[1], "..") || !contains(field[1], "/."));
    ENSURE(!contains(field[1], "/.") && !contains(field[1], "//") && !contains(field[1], "%"));
    ENSURE(memchr(field[1].at, '\0', field[1].len) == NULL);
    ENSURE(contains(field[2], ":8080"));
    ENSURE(http_host_allowed(gate, field[2]));
    ENSURE(reads || (field[3].len == field[2].len + 7 &&
                     memcmp(field[3].at + 7, field[2].at, field[2].len) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const more[] = {"pos.shop.test", NULL};
    const struct http_gate gate = {"192.0.2.7", 8080, more};
    struct bytes left = bytes_of(data, size), field[FIELDS];
    char out[64];
    if (size > INPUT_MAX) return 0;
    for (size_t i = 0; i < FIELDS; i++) field[i] = take_line(&left);
    if (http_gate_check(&gate, field[0], field[1], field[2], field[3], false) == 0)
        check_passed(&gate, field);
    if (!FAILED(http_unescape(field[4], out, sizeof out))) {
        ENSURE(json_utf8_valid(bytes_text(out)));
        for (size_t i = 0; out[i] != '\0'; i++) ENSURE((uint8_t)out[i] >= 0x20 && out[i] != 0x7f);
    }
    ENSURE(http_content_type(field[1]) != NULL);
    return 0;
}
