/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the host commands of a device (DV-11), as the vault judges it:
 *
 *   COMMAND_CHECK     command_ask         command_said
 *   WIPE              -                   -             after a command "wipe" was TAKEN: every key
 *                                         is erased as after tampering, with the word "wiped"
 *   PARAMETERS_CHECK  command_ask         command_said  kind "parameters"; the text is the document
 *                                         (device_parameters.h), and its digest is what is proved
 *
 * Parameters have numbers of their own. A number is taken once and only numbers above it
 * afterwards, whatever the power does. The very same command told again is BEFORE. A command "wipe"
 * that was taken stays so over restarts; one of kind "passwords" is done with being taken: whom it
 * names, or everybody, chooses a new one at the next log-in.
 */

#include "lib/wire/vault_protocol.h"

struct vault_command_ask {
    uint64_t number;
    struct bytes kind, nonce, text, mac; /* lib/crypto/recovery.h */
};

enum vault_command_verdict {
    VAULT_COMMAND_TAKEN = 0,
    VAULT_COMMAND_BEFORE = 1,
    VAULT_COMMAND_FORGED = 2, /* of another device, or of nobody's hsm */
    VAULT_COMMAND_OLD = 3,    /* its number is not above the last */
};

struct vault_command_said {
    uint8_t verdict;
};

void vault_write_command_ask(struct writer *w, const struct vault_command_ask *m);
MUST_USE err vault_read_command_ask(struct reader *r, struct vault_command_ask *out);
void vault_write_command_said(struct writer *w, const struct vault_command_said *m);
MUST_USE err vault_read_command_said(struct reader *r, struct vault_command_said *out);
