/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * provider_keys: the keys of the two wallets, made fresh in the simulators' state, and the files by
 * which both ends get to know each other's public ones.
 *
 *   made here                         read by whom
 *     alipay.key, alipay_root.key,      nobody else: private keys, 0600
 *     wechat.key
 *     alipay.pem                        the merchant: "the Alipay public key"
 *     alipay_root.pem, alipay_cert.pem  the merchant: the same in certificate mode
 *     alipay_app_cert.pem               the merchant: a certificate of the key that it deposited
 *     wechat.pem, wechat_public.pem     the merchant: platform certificate, and the public key of
 *                                       public-key mode
 *     alipay.content_key                the merchant: the key of content encryption, sixteen bytes
 *                                       in base64 as the console shows it, 0600
 *     wechat.api_key                    the merchant: the APIv3 key, 32 letters, 0600
 *     providers.json                    the merchant: addresses and names (provider_sockets.c)
 *     wechat_merchant.serial            the merchant: the serial number of what it deposited
 *   deposited by the merchant, before or after the start
 *     alipay_app.pem                    the app's public key, or its certificate: then nothing but
 *                                       certificate mode is taken
 *     wechat_merchant.pem               the merchant's certificate, or its public key alone
 *
 * A public key without a certificate has as its serial number the first forty upper-case digits of
 * the SHA-256 of the file: there is no authority here that would give it one.
 */

#include "lib/wire/process.h"
#include "simulators/providers.h"

#define PROVIDER_APP_ID    "2026000000000001"
#define PROVIDER_SELLER_ID "2088000000000011"
#define PROVIDER_MCHID     "1900000001"
#define PROVIDER_APPID     "wx0123456789abcdef"
#define PROVIDER_KEY_ID    "PUB_KEY_ID_0119000000012026"

/* Makes what is missing. `now_ms`: a certificate begins a day before and ends in five years. */
MUST_USE err provider_keys_make(const char *state, int64_t now_ms, const struct random *random);

/* Makes what is missing, and reads the providers' own; the merchant's are left as they are.
 * Errors: with a sentence in `fault`. */
MUST_USE err provider_keys_load(const char *state, int64_t now_ms, const struct random *random,
                                struct alipay_config *ret_alipay, struct wechat_config *ret_wechat,
                                struct process_fault *fault);
/* For what provider_keys_load() and the deposits below have filled. */
void provider_keys_free(struct alipay_config *alipay, struct wechat_config *wechat);

/* The merchant's. Errors: NOT_FOUND (not deposited yet), FORMAT, KEY, IO. */
MUST_USE err provider_deposit_alipay(const char *state, int64_t now_ms, struct alipay_config *a);
MUST_USE err provider_deposit_wechat(const char *state, struct rsa_key *ret_merchant,
                                     char ret_serial[RSA_CERTIFICATE_SERIAL_MAX + 1]);
