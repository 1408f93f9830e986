/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * OpenSSL's headers, for the files of this folder only, and the one place that reconciles two
 * names: OpenSSL has a type ERR_STATE, lib/base/err.h an error of that name. Include it first.
 */

#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#undef ERR_STATE
