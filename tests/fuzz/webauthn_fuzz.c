/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a browser may bring: any attestation object, any authenticator data, any client data. An
 * object that is taken has a point of the curve and an id inside its limits, nothing is read beyond
 * the end, and no signature that was made up verifies.
 */
#include "lib/auth/cbor.h"
#include "lib/auth/webauthn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* With this challenge the client data is one fixed text, so that the object behind it is reached.
 */
static const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES] = {0};
static const char create[] =
    "{\"type\":\"webauthn.create\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
    "\"origin\":\"https://example.org\",\"crossOrigin\":false}";
static const char get[] =
    "{\"type\":\"webauthn.get\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
    "\"origin\":\"https://example.org\",\"crossOrigin\":false}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct webauthn_site site = {BYTES("example.org"), BYTES("https://example.org"), true};
    struct bytes input = bytes_of(data, size);
    struct webauthn_key key = {0};
    uint32_t counter = 0;
    err e = webauthn_register(&site, challenge, bytes_text(create), input, &key);
    if (!FAILED(e)) {
        ENSURE(key.credential_len > 0 && key.credential_len <= WEBAUTHN_CREDENTIAL_MAX);
        ENSURE(key.public_key[0] == 4);
    }
    ENSURE(FAILED(webauthn_register(&site, challenge, input, input, &key)));
    static const uint8_t generator[WEBAUTHN_KEY_BYTES] = {
        4,    0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
        0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
        0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
        0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
        0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
    memcpy(key.public_key, generator, sizeof generator);
    struct webauthn_assertion shown = {bytes_text(get), input, input};
    ENSURE(FAILED(webauthn_verify(&site, challenge, &key, &shown, &counter)));
    struct reader r = reader_over(input);
    cbor_skip(&r);
    ENSURE(reader_offset(&r) <= size);
    return 0;
}
