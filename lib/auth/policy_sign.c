/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last line of a document: Ed25519 over every byte before it. The text begins with its own name
 * and version, so a signature made for something else can never be one for a policy.
 */
#include "lib/auth/policy_document.h"

#include <assert.h>
#include <sodium.h>

#include "lib/base/reader.h"

static_assert(POLICY_SIGNER_BYTES == crypto_sign_PUBLICKEYBYTES &&
                  POLICY_SIGNER_SECRET_BYTES == crypto_sign_SECRETKEYBYTES,
              "the keys are libsodium's");

enum { HEX_DIGITS = crypto_sign_BYTES * 2 };

static const char line_key[] = "signature ";
enum { LINE_BYTES = sizeof line_key - 1 + HEX_DIGITS + 1 };

/* Lower case only: a signature has one text. */
static bool read_hex(struct bytes hex, uint8_t ret_signature[crypto_sign_BYTES])
{
    ENSURE(hex.len == HEX_DIGITS);
    for (size_t i = 0; i < hex.len; i++) {
        uint8_t c = hex.at[i];
        bool digit = c >= '0' && c <= '9', letter = c >= 'a' && c <= 'f';
        if (!digit && !letter) return false;
        uint8_t value = (uint8_t)(digit ? c - '0' : c - 'a' + 10);
        uint8_t *byte = &ret_signature[i / 2];
        *byte = (uint8_t)(i % 2 == 0 ? value << 4 : *byte | value);
    }
    return true;
}

/* Splits off the last line; false when it is not there. */
static bool split(struct bytes signed_text, uint8_t ret_signature[crypto_sign_BYTES],
                  struct bytes *ret_text)
{
    if (signed_text.len < LINE_BYTES) return false;
    struct reader r = reader_over(signed_text);
    *ret_text = read_bytes(&r, signed_text.len - LINE_BYTES);
    struct bytes key = read_bytes(&r, sizeof line_key - 1);
    struct bytes hex = read_bytes(&r, HEX_DIGITS);
    struct bytes end = read_bytes(&r, 1);
    return !FAILED(reader_finish(&r)) && bytes_equal(key, bytes_text(line_key)) &&
           bytes_equal(end, BYTES("\n")) && read_hex(hex, ret_signature);
}

bool policy_signature_split(struct bytes signed_text, struct bytes *ret_text)
{
    uint8_t signature[crypto_sign_BYTES];
    return split(signed_text, signature, ret_text);
}

bool policy_signature_verify(struct bytes signed_text, const uint8_t signer[POLICY_SIGNER_BYTES],
                             struct bytes *ret_text)
{
    uint8_t signature[crypto_sign_BYTES];
    struct bytes text;
    if (!split(signed_text, signature, &text)) return false;
    if (crypto_sign_verify_detached(signature, text.at, text.len, signer) != 0) return false;
    *ret_text = text;
    return true;
}

static err refuse(struct policy_fault *ret_fault, enum policy_fault_kind kind, unsigned line, err e)
{
    *ret_fault = (struct policy_fault){kind, line};
    return e;
}

err policy_document_open(struct bytes signed_text, const struct policy_trust *trust,
                         struct policy_document *ret_document, struct policy_fault *ret_fault)
{
    enum { MODEL_LINE = 2, VERSION_LINE = 3 };
    struct bytes text;
    struct policy_document document;
    if (signed_text.len > POLICY_DOCUMENT_MAX)
        return refuse(ret_fault, POLICY_FAULT_SIZE, 0, ERR(LENGTH));
    if (!policy_signature_verify(signed_text, trust->signer, &text))
        return refuse(ret_fault, POLICY_FAULT_SIGNATURE, 0, ERR(MAC));
    TRY(policy_document_parse(text, &document, ret_fault));
    if (!bytes_equal(bytes_text(document.model), trust->model))
        return refuse(ret_fault, POLICY_FAULT_MODEL, MODEL_LINE, ERR(IDENTITY));
    if (document.version < trust->version_least)
        return refuse(ret_fault, POLICY_FAULT_OLDER, VERSION_LINE, ERR(CONFLICT));
    *ret_document = document;
    return OK;
}

void policy_signer_make(const struct random *random, uint8_t ret_signer[POLICY_SIGNER_BYTES],
                        uint8_t ret_secret[POLICY_SIGNER_SECRET_BYTES])
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    random_fill(random, seed, sizeof seed);
    int made = crypto_sign_seed_keypair(ret_signer, ret_secret, seed);
    ENSURE(made == 0);
    sodium_memzero(seed, sizeof seed);
}

void policy_signature_write(struct writer *out, const uint8_t secret[POLICY_SIGNER_SECRET_BYTES])
{
    uint8_t signature[crypto_sign_BYTES];
    struct bytes text = writer_view(out);
    if (out->fault != ERR_OK) return;
    int made = crypto_sign_detached(signature, NULL, text.at, text.len, secret);
    ENSURE(made == 0);
    write_bytes(out, bytes_text(line_key));
    write_hex(out, BYTES_OF(signature));
    write_bytes(out, BYTES("\n"));
}

err policy_document_sign(struct bytes text, const uint8_t secret[POLICY_SIGNER_SECRET_BYTES],
                         struct writer *out, struct policy_fault *ret_fault)
{
    struct policy_document document;
    TRY(policy_document_parse(text, &document, ret_fault));
    if (text.len + LINE_BYTES > POLICY_DOCUMENT_MAX)
        return refuse(ret_fault, POLICY_FAULT_SIZE, 0, ERR(LENGTH));
    ENSURE(out->len == 0);
    write_bytes(out, text);
    policy_signature_write(out, secret);
    struct bytes written;
    return writer_finish(out, &written);
}
