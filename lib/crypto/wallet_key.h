/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * wallet_key: what a wallet's interface needs of keys, and what signs documents about updates, at
 * rest outside the hsm. An RSA key is longer than a TR-31 block of ours may be, and none of our
 * blocks holds half of a pair, so it is a sealed file (sealed.h) under a key derived of the two
 * that protect key blocks:
 *
 *   CMAC-AES-256(authentication key, counter 1 | "tongbao wallet keys v1"), counter 1 and 2
 *   (NIST SP 800-108, counter mode). A key block's MAC is over a text that begins with "D", so
 *   no input of the one is an input of the other.
 *
 * The label of the seal is the use: a key that signs never opens, and the other way round.
 */

#include "lib/base/writer.h"
#include "lib/crypto/keyblock.h"
#include "lib/crypto/sealed.h"

/* The numbers travel: append only. */
enum wallet_key_use {
    WALLET_KEY_SIGN = 1,    /* PKCS#8 in PEM, of rsa_signature.h */
    WALLET_KEY_OPEN = 2,    /* AES-256: what a provider seals its notifications with */
    WALLET_KEY_CONTENT = 3, /* AES-128 or AES-256: hides what is said, both ways */
    /* Seeds of document_key.h: each signs one kind of document. */
    WALLET_KEY_SNAPSHOT = 4,
    WALLET_KEY_TIMESTAMP = 5,
    WALLET_KEY_DIRECTOR = 6,
    WALLET_KEY_AUTHORITY = 7, /* PKCS#8 in PEM, of identity.h: renews certificates of devices */
    WALLET_KEY_USES
};

/* Appends text.len + SEALED_OVERHEAD bytes. Errors: those of sealed_write. */
MUST_USE err wallet_key_seal(struct crypto *crypto, const struct keyblock_keys *keys,
                             enum wallet_key_use use, struct bytes text, struct writer *w);

/* Appends the text, which is secret. Errors: those of sealed_read; KEY (sealed for another use, or
 * under another master key, or altered: GCM does not say which). */
MUST_USE err wallet_key_open(struct crypto *crypto, const struct keyblock_keys *keys,
                             enum wallet_key_use use, struct bytes blob, struct writer *w);
