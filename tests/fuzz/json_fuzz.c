/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as JSON: read strictly or refused; a text that was read is written again and read
 * back the same. Any bytes as text: written as JSON they are read back, or they were no UTF-8.
 */
#include "lib/wire/json.h"

enum { INPUT_MAX = 4096, ESCAPED = 6, ROOM = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(struct bytes text)
{
    static uint8_t block[INPUT_MAX * ESCAPED + ROOM];
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_text(&j, "t", text);
    json_object_end(&j);
    struct bytes written, read;
    err e = writer_finish(&w, &written);
    ENSURE(FAILED(e) == !json_utf8_valid(text));
    /* Reading has no NUL characters, by design. */
    if (FAILED(e) || memchr(text.at, '\0', text.len) != NULL) return;
    CLEANUP(json_free) struct json_document document = {0};
    ENSURE(!FAILED(json_parse(written, sizeof block, &document)));
    ENSURE(!FAILED(json_text(document.root, "t", INPUT_MAX, &read)));
    ENSURE(bytes_equal(read, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"t", "n", "a", NULL};
    if (size == 0 || size > INPUT_MAX) return 0;
    struct bytes input = bytes_of(data, size), text;
    check_round_trip(input);
    CLEANUP(json_free) struct json_document document = {0};
    if (FAILED(json_parse(input, INPUT_MAX, &document))) return 0;
    int64_t number = 0;
    size_t count = 0;
    bool flag = false;
    struct json_t *inner = NULL;
    if (!FAILED(json_text(document.root, "t", 100, &text))) ENSURE(text.len <= 100);
    if (!FAILED(json_int(document.root, "n", -5, 5, &number))) ENSURE(number >= -5 && number <= 5);
    if (!FAILED(json_list(document.root, "a", 3, &inner, &count))) ENSURE(count <= 3);
    (void)FAILED(json_bool(document.root, "b", &flag));
    (void)FAILED(json_only(document.root, names));
    return 0;
}
