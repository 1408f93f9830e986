/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of hsm_protocol_wallets.h as bytes: as in hsm_protocol_cards.c, a row for each. */
#include "lib/wire/hsm_protocol_wallets.h"

#include "lib/wire/openssl.h"

#define PUT_NUMBER(member) write_be(w, m->member, 1);
#define PUT_BYTES(member)  write_prefixed(w, 2, m->member);
#define GET_NUMBER(member) message.member = (uint8_t)read_be(r, 1);
#define GET_BYTES(member)  message.member = read_prefixed(r, 2, HSM_FRAME_MAX);

/* clang-format off */
#define WALLET_KEY(N, B)        N(use) B(label) B(clear)
#define WALLET_KEY_ANSWER(N, B) B(blob) B(public_pem)
#define WALLET_SIGN(N, B)       B(key) B(digest)
#define WALLET_CHECK(N, B)      B(pem) B(digest) B(signature)
#define WALLET_OPEN(N, B)       B(key) B(nonce) B(associated) B(sealed)
#define WALLET_CONTENT(N, B)    B(key) B(text)
/* clang-format on */

/* Writer and reader of one message. */
#define CODEC(name, row)                                                                          \
    void hsm_write_##name(struct writer *w, const struct hsm_##name *m){                          \
        row(PUT_NUMBER, PUT_BYTES)} err hsm_read_##name(struct reader *r, struct hsm_##name *out) \
    {                                                                                             \
        struct hsm_##name message = {0};                                                          \
        row(GET_NUMBER, GET_BYTES) TRY(reader_finish(r));                                         \
        *out = message;                                                                           \
        return OK;                                                                                \
    }

CODEC(wallet_key, WALLET_KEY)
CODEC(wallet_key_answer, WALLET_KEY_ANSWER)
CODEC(wallet_sign, WALLET_SIGN)
CODEC(wallet_check, WALLET_CHECK)
CODEC(wallet_open, WALLET_OPEN)
CODEC(wallet_content, WALLET_CONTENT)

void hsm_wallet_digest(struct bytes text, uint8_t ret_digest[HSM_WALLET_DIGEST_BYTES])
{
    size_t len = 0;
    int done = EVP_Q_digest(NULL, "SHA256", NULL, text.at, text.len, ret_digest, &len);
    ENSURE(done == 1 && len == HSM_WALLET_DIGEST_BYTES);
}
