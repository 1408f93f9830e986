/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A device that has only its factory's key, and its vault (S139). Both commands are NOT_ALLOWED
 * once it is provisioned; who provisions it by a file needs neither.
 *
 *   ACTIVATION_ASK    activation_ask      activation_words: signed by the factory's key
 *   ACTIVATE          provision.json      -            NOT_ALLOWED for what is not for this device:
 *                                                      nothing but the audit log has changed
 *
 * The first passwords that ACTIVATE makes are known to nobody: the first one of each operator comes
 * by a code to the registered contact (S34).
 */

#include "lib/wire/vault_protocol.h"

struct vault_activation_ask {
    struct bytes way, code, step; /* as the device channel has them: see lib/auth/factory.h */
};

struct vault_activation_words {
    struct bytes request;   /* of a certificate, PEM */
    struct bytes transport; /* the key that the hsm seals to: 32 bytes */
    struct bytes signature; /* DER */
};

void vault_write_activation_ask(struct writer *w, const struct vault_activation_ask *m);
MUST_USE err vault_read_activation_ask(struct reader *r, struct vault_activation_ask *out);
void vault_write_activation_words(struct writer *w, const struct vault_activation_words *m);
MUST_USE err vault_read_activation_words(struct reader *r, struct vault_activation_words *out);
