/* SPDX-License-Identifier: Apache-2.0 */
/* The head is ours; the frame is libzstd's. */
#include "lib/tuf/delta.h"

#include <zstd.h>
#include <zstd_errors.h>

#include "lib/base/reader.h"
#include "lib/crypto/document_key.h"

static const struct bytes magic = {(const uint8_t *)"TBDELTA1", 8};

enum { LEVEL = 19 }; /* the highest that needs no more memory than the window */

err delta_read(struct bytes text, struct delta *ret_delta)
{
    struct delta d = {.length = 0};
    struct reader r = reader_over(text);
    struct bytes name = read_bytes(&r, magic.len);
    struct bytes from = read_bytes(&r, sizeof d.from);
    uint64_t length = read_be(&r, 8);
    struct bytes to = read_bytes(&r, sizeof d.to);
    if (r.fault != ERR_OK) return ERR(SHORT);
    if (!bytes_equal(name, magic) || length == 0) return ERR(FORMAT);
    if (length > DELTA_FILE_MAX) return ERR(LENGTH);
    memcpy(d.from, from.at, sizeof d.from);
    memcpy(d.to, to.at, sizeof d.to);
    d.length = (size_t)length;
    d.frame = r.left;
    *ret_delta = d;
    return OK;
}

/* One frame, which fills the block. */
static err decode(const struct delta *d, struct bytes before, void *block)
{
    if (ZSTD_getFrameContentSize(d->frame.at, d->frame.len) != d->length ||
        ZSTD_findFrameCompressedSize(d->frame.at, d->frame.len) != d->frame.len)
        return ERR(CORRUPT);
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (context == NULL) return ERR(NO_MEMORY);
    size_t made = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, DELTA_WINDOW_LOG_MAX);
    if (!ZSTD_isError(made)) made = ZSTD_DCtx_refPrefix(context, before.at, before.len);
    if (!ZSTD_isError(made))
        made = ZSTD_decompressDCtx(context, block, d->length, d->frame.at, d->frame.len);
    (void)ZSTD_freeDCtx(context);
    return made == d->length ? OK : ERR(CORRUPT);
}

err delta_apply(struct bytes text, struct bytes before, void *block, size_t max, size_t *ret_len)
{
    struct delta d;
    uint8_t digest[CRYPTO_SHA256_BYTES];
    TRY(delta_read(text, &d));
    if (d.length > max) return ERR(LENGTH);
    TRY(document_digest(before, digest));
    if (!bytes_equal(BYTES_OF(d.from), BYTES_OF(digest))) return ERR(CONFLICT);
    TRY(decode(&d, before, block));
    TRY(document_digest(bytes_of(block, d.length), digest));
    if (!bytes_equal(BYTES_OF(d.to), BYTES_OF(digest))) return ERR(CORRUPT);
    *ret_len = d.length;
    return OK;
}

/* Reaches over the longer of the two and, with one bit more, back into the one before. */
static int window_log(size_t before, size_t after)
{
    size_t longest = before > after ? before : after;
    int bits = 10; /* the least that libzstd takes */
    while (bits < DELTA_WINDOW_LOG_MAX && (longest >> (bits - 1)) != 0) bits++;
    return bits;
}

static err encode(ZSTD_CCtx *context, struct bytes before, struct bytes after, struct writer *w)
{
    const struct {
        ZSTD_cParameter name;
        int value;
    } parameters[] = {{ZSTD_c_compressionLevel, LEVEL},
                      {ZSTD_c_windowLog, window_log(before.len, after.len)},
                      {ZSTD_c_enableLongDistanceMatching, 1}};
    for (size_t i = 0; i < ARRAY_LEN(parameters); i++)
        ENSURE(!ZSTD_isError(
            ZSTD_CCtx_setParameter(context, parameters[i].name, parameters[i].value)));
    if (ZSTD_isError(ZSTD_CCtx_refPrefix(context, before.at, before.len))) return ERR(NO_MEMORY);
    size_t made = ZSTD_compress2(context, w->at + w->len, w->max - w->len, after.at, after.len);
    if (ZSTD_getErrorCode(made) == ZSTD_error_dstSize_tooSmall) return ERR(FULL);
    if (ZSTD_isError(made)) return ERR(NO_MEMORY);
    ENSURE(write_space(w, made) != NULL);
    return OK;
}

err delta_write(struct bytes before, struct bytes after, struct writer *w)
{
    uint8_t from[CRYPTO_SHA256_BYTES], to[CRYPTO_SHA256_BYTES];
    if (before.len == 0 || before.len > DELTA_FILE_MAX || after.len == 0 ||
        after.len > DELTA_FILE_MAX)
        return ERR(LENGTH);
    TRY(document_digest(before, from));
    TRY(document_digest(after, to));
    write_bytes(w, magic);
    write_bytes(w, BYTES_OF(from));
    write_be(w, after.len, 8);
    write_bytes(w, BYTES_OF(to));
    TRY((err){w->fault});
    ZSTD_CCtx *context = ZSTD_createCCtx();
    if (context == NULL) return ERR(NO_MEMORY);
    err done = encode(context, before, after, w);
    (void)ZSTD_freeCCtx(context);
    return done;
}

err delta_path(const char *path, const uint8_t from[CRYPTO_SHA256_BYTES], char *out, size_t size)
{
    struct writer w = writer_over(out, size - 1);
    write_bytes(&w, bytes_text(path));
    write_bytes(&w, BYTES("."));
    write_hex(&w, bytes_of(from, 8));
    write_bytes(&w, BYTES(".delta"));
    if (w.fault != ERR_OK) return ERR(FULL);
    out[w.len] = '\0';
    return OK;
}
