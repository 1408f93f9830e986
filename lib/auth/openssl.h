/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * OpenSSL's headers, for totp.c, webauthn.c and p256.c only: HMAC-SHA-1, ES256 and
 * certificates, which libsodium lacks.
 * OpenSSL has a type ERR_STATE, lib/base/err.h an error of that name: include it first.
 */

#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#undef ERR_STATE
