/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* commands: what the host wants of this device (lib/wire/vault_protocol_command.h). */

#include "vault/state.h"

err vault_run_command_check(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_parameters_check(struct vault *, struct reader *, struct writer *,
                               enum vault_status *);
err vault_run_wipe(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* tamper.c: the response to tampering, because of this kind. */
MUST_USE err vault_respond(struct vault *v, uint8_t kind);
