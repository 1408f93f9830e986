/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a device's backup (S164): cut into parts, or refused; a head that was read is
 * written again and read back as the same; a piece that nobody has sealed does not open. And a
 * piece that was sealed with some of its bytes changed does not open either, nor leaves anything
 * behind.
 */
#include "lib/crypto/backup_seal.h"
#include "lib/wire/backup_bundle.h"
#include "lib/wire/backup_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct backup_key key = {{1}};
static const uint8_t header[BACKUP_STREAM_HEADER] = {2};

static void check_head(struct bytes whole)
{
    static uint8_t block[BACKUP_HEAD_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct backup_head head;
    if (FAILED(backup_read_head(whole, &head))) return;
    backup_write_head(&w, &head);
    ENSURE(w.fault == ERR_OK && bytes_equal(writer_view(&w), whole));
}

static void check_parts(struct bytes input)
{
    struct backup_stream stream;
    static uint8_t block[BACKUP_PLAIN_MAX];
    backup_stream_begin(&stream, &key, header, BYTES("head"));
    while (input.len > 0) {
        struct backup_part part;
        struct writer w = writer_over(block, sizeof block);
        if (FAILED(backup_cut(input, &part))) return;
        ENSURE(part.whole.len > 0 && part.whole.len <= input.len);
        ENSURE(part.whole.len <= BACKUP_PART_MAX && part.whole.at == input.at);
        if (part.kind == BACKUP_HEAD_PART) check_head(part.whole);
        if (part.kind == BACKUP_PIECE_PART) {
            ENSURE(FAILED(backup_stream_open(&stream, part.content, &w)));
            ENSURE(w.len == 0 && stream.index == 0);
        }
        input = bytes_of(input.at + part.whole.len, input.len - part.whole.len);
    }
}

/* The first byte says which byte of it is changed, the second how; the rest is sealed. */
static void check_sealed(struct bytes input)
{
    static uint8_t sealed[BACKUP_SEALED_MAX], plain[BACKUP_PLAIN_MAX];
    struct backup_stream out, in;
    struct writer s = writer_over(sealed, sizeof sealed), p = writer_over(plain, sizeof plain);
    if (input.len < 2 || input.len - 2 > BACKUP_PLAIN_MAX) return;
    struct bytes content = bytes_of(input.at + 2, input.len - 2);
    backup_stream_begin(&out, &key, header, BYTES("head"));
    backup_stream_begin(&in, &key, header, BYTES("head"));
    ENSURE(!FAILED(backup_stream_seal(&out, content, true, &s)));
    sealed[input.at[0] % s.len] ^= input.at[1];
    bool same = input.at[1] == 0;
    ENSURE(FAILED(backup_stream_open(&in, writer_view(&s), &p)) == !same);
    ENSURE(same ? bytes_equal(writer_view(&p), content) && in.ended : p.len == 0 && !in.ended);
}

static err read_input(void *context, uint64_t offset, void *block, size_t max, size_t *ret_len)
{
    const struct bytes *input = context;
    size_t left = offset < input->len ? input->len - (size_t)offset : 0;
    *ret_len = left < max ? left : max;
    if (*ret_len > 0) memcpy(block, input->at + offset, *ret_len);
    return OK;
}

/* As the back office looks at a whole one: what it outlines ends before its signature. */
static void check_outline(struct bytes input)
{
    static struct backup_outline outline;
    const struct backup_source source = {read_input, &input};
    if (FAILED(backup_source_outline(&source, &outline))) return;
    ENSURE(outline.signed_len < input.len && outline.signature_len <= BACKUP_SIGNATURE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    if (size > 4 * BACKUP_PART_MAX) return 0;
    check_parts(input);
    check_outline(input);
    check_sealed(input);
    return 0;
}
