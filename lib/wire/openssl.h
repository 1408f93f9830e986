/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * OpenSSL's headers, for the tls files of this folder only. OpenSSL has a type ERR_STATE,
 * lib/base/err.h an error of that name: this is where the two are reconciled. Include it first.
 */

#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#undef ERR_STATE
