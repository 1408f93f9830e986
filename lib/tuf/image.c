/* SPDX-License-Identifier: Apache-2.0 */
/* The signature first, over what says everything else. */
#include "lib/tuf/image.h"

#include "lib/base/reader.h"

static const struct bytes magic = {(const uint8_t *)"TBIMAGE1", 8};

enum { SIGNATURE_BYTES = IMAGE_HEAD_BYTES - IMAGE_SIGNED_BYTES };

/* The model as it stands in a head. False: it is too long, or there is none. */
static bool pad_model(const char *model, uint8_t out[IMAGE_MODEL_BYTES])
{
    size_t len = strlen(model);
    if (len == 0 || len > IMAGE_MODEL_BYTES) return false;
    memset(out, 0, IMAGE_MODEL_BYTES);
    memcpy(out, model, len);
    return true;
}

err image_check(struct bytes content, const char *model, const struct document_key *key,
                struct image *ret_image)
{
    uint8_t wanted[IMAGE_MODEL_BYTES], digest[CRYPTO_SHA256_BYTES];
    struct reader r = reader_over(content);
    struct bytes head = read_bytes(&r, IMAGE_SIGNED_BYTES);
    struct bytes signature = read_bytes(&r, SIGNATURE_BYTES);
    if (r.fault != ERR_OK) return ERR(SHORT);
    struct reader h = reader_over(head);
    if (!bytes_equal(read_bytes(&h, magic.len), magic)) return ERR(FORMAT);
    TRY(document_key_check(key, head, signature));
    struct image image = {.version = read_be(&h, 8)};
    struct bytes is_for = read_bytes(&h, IMAGE_MODEL_BYTES);
    uint64_t length = read_be(&h, 8);
    struct bytes hash = read_bytes(&h, CRYPTO_SHA256_BYTES);
    TRY(reader_finish(&h));
    if (image.version == 0) return ERR(FORMAT);
    if (length > r.left.len) return ERR(SHORT);
    image.software = read_bytes(&r, (size_t)length);
    TRY(reader_finish(&r));
    TRY(document_digest(image.software, digest));
    if (!bytes_equal(hash, BYTES_OF(digest))) return ERR(IDENTITY);
    if (!pad_model(model, wanted) || !bytes_equal(is_for, BYTES_OF(wanted))) return ERR(CONFLICT);
    *ret_image = image;
    return OK;
}

bool image_peek(struct bytes content, uint64_t *ret_version, char ret_model[IMAGE_MODEL_BYTES + 1])
{
    struct reader r = reader_over(content);
    if (!bytes_equal(read_bytes(&r, magic.len), magic)) return false;
    uint64_t version = read_be(&r, 8);
    struct bytes model = read_bytes(&r, IMAGE_MODEL_BYTES);
    if (r.fault != ERR_OK || version == 0) return false;
    memcpy(ret_model, model.at, IMAGE_MODEL_BYTES);
    ret_model[IMAGE_MODEL_BYTES] = '\0';
    *ret_version = version;
    return true;
}

err image_write(uint64_t version, const char *model, struct bytes software,
                const struct document_key *key, struct writer *w)
{
    uint8_t padded[IMAGE_MODEL_BYTES], digest[CRYPTO_SHA256_BYTES], head[IMAGE_SIGNED_BYTES],
        signature[DOCUMENT_SIGNATURE_MAX];
    size_t len = 0;
    ENSURE(key->scheme == DOCUMENT_ED25519);
    if (version == 0) return ERR(RANGE);
    if (!pad_model(model, padded)) return ERR(LENGTH);
    TRY(document_digest(software, digest));
    struct writer h = writer_over(head, sizeof head);
    write_bytes(&h, magic);
    write_be(&h, version, 8);
    write_bytes(&h, BYTES_OF(padded));
    write_be(&h, software.len, 8);
    write_bytes(&h, BYTES_OF(digest));
    ENSURE(h.fault == ERR_OK && h.len == sizeof head);
    TRY(document_key_sign(key, BYTES_OF(head), signature, &len));
    write_bytes(w, BYTES_OF(head));
    write_bytes(w, bytes_of(signature, len));
    write_bytes(w, software);
    return (err){w->fault};
}
