/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * provider_certificates: the certificates that the two wallets sign with, and their replacement.
 * Alipay's lead to a root of its own; WeChat Pay's platform certificates are told under the APIv3
 * key. A wallet goes through the stages of enum provider_rotation, one at a call, and stays at the
 * last.
 */

#include "simulators/providers.h"

/*
 * Fills root, certificates and names of `alipay`, whose keys `own` and `root` are there. Errors:
 * CRYPTO, FULL.
 */
MUST_USE err provider_certify_alipay(struct alipay_config *alipay, int64_t now_ms);

/* The names of the PEM files that are there already. Errors: FORMAT, LENGTH. */
MUST_USE err provider_name_alipay(struct alipay_config *alipay);

/* Appends a certificate of the app's key under the same root, as the console makes one. */
MUST_USE err provider_certify_app(const struct alipay_config *alipay, const struct rsa_key *app,
                                  int64_t now_ms, struct writer *w);

/* ---- for the interfaces ---- */

/* What this provider signs with now; `ret_name` is its certificate's. */
const struct rsa_key *provider_signs(const struct providers *p, enum provider provider,
                                     const char **ret_name);

/* Certificates that are told to a merchant, at most two: PEM, NUL-terminated. */
size_t provider_told(const struct providers *p, enum provider provider, const char *pem[2]);
