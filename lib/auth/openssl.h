/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * OpenSSL's headers, for totp.c and webauthn.c only: HMAC-SHA-1 and ES256, which libsodium lacks.
 * OpenSSL has a type ERR_STATE, lib/base/err.h an error of that name: include it first.
 */

#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#undef ERR_STATE
