/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles that are read from where they lie. */
#include "lib/wire/openssl.h" /* first */

#include "lib/wire/backup_source.h"

enum { BLOCK = 32 * 1024 };

static err digest_all(const struct backup_source *source, EVP_MD_CTX *hash, uint64_t *ret_len)
{
    uint8_t block[BLOCK];
    uint64_t at = 0;
    for (size_t len = BLOCK; len == BLOCK; at += len) {
        TRY(source->read(source->context, at, block, BLOCK, &len));
        if (EVP_DigestUpdate(hash, block, len) != 1) return ERR(CRYPTO);
    }
    *ret_len = at;
    return OK;
}

err backup_source_digest(const struct backup_source *source,
                         uint8_t ret_digest[BACKUP_DIGEST_BYTES], uint64_t *ret_len)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned made = 0;
    uint64_t len = 0;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    if (hash == NULL) return ERR(NO_MEMORY);
    err e = EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 ? OK : ERR(CRYPTO);
    if (!FAILED(e)) e = digest_all(source, hash, &len);
    if (!FAILED(e) && EVP_DigestFinal_ex(hash, digest, &made) != 1) e = ERR(CRYPTO);
    EVP_MD_CTX_free(hash);
    TRY(e);
    ENSURE(made == BACKUP_DIGEST_BYTES);
    memcpy(ret_digest, digest, BACKUP_DIGEST_BYTES);
    *ret_len = len;
    return OK;
}

static err cut(const struct backup_source *source, uint64_t at, uint8_t block[BACKUP_PART_MAX],
               struct backup_part *out, size_t *ret_left)
{
    TRY(source->read(source->context, at, block, BACKUP_PART_MAX, ret_left));
    return backup_cut(bytes_of(block, *ret_left), out);
}

static err outline_head(const struct backup_source *source, struct backup_outline *out)
{
    uint8_t block[BACKUP_PART_MAX];
    struct backup_part part;
    size_t left = 0;
    TRY(cut(source, 0, block, &part, &left));
    if (part.kind != BACKUP_HEAD_PART || part.whole.len > sizeof out->head_block)
        return ERR(FORMAT);
    memcpy(out->head_block, part.whole.at, part.whole.len);
    out->signed_len = part.whole.len;
    return backup_read_head(bytes_of(out->head_block, part.whole.len), &out->head);
}

err backup_source_outline(const struct backup_source *source, struct backup_outline *out)
{
    uint8_t block[BACKUP_PART_MAX];
    struct backup_part part;
    size_t left = 0;
    TRY(outline_head(source, out));
    for (uint32_t index = 0;; index++) {
        TRY(cut(source, out->signed_len, block, &part, &left));
        if (part.kind == BACKUP_TAIL_PART) break;
        if (part.kind != BACKUP_PIECE_PART || part.index != index) return ERR(FORMAT);
        out->signed_len += part.whole.len;
    }
    if (part.whole.len != left) return ERR(TRAILING);
    if (part.content.len > sizeof out->signature) return ERR(LENGTH);
    memcpy(out->signature, part.content.at, part.content.len);
    out->signature_len = part.content.len;
    return OK;
}
