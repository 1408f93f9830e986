/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The commands of the hsm that the command line gives, one call each, waited for. */

#include "lib/wire/hsm_protocol_cards.h"
#include "lib/wire/hsm_protocol_documents.h"
#include "lib/wire/hsm_protocol_wallets.h"
#include "lib/wire/hsm_protocol_zone.h"
#include "lib/wire/process.h"
#include "lib/wire/rpc.h"

struct hsm_client {
    struct rpc rpc;
    uint32_t id;
    uint8_t answer[HSM_FRAME_MAX];
};

/* Errors: REFUSED and others of rpc.h; `fault` says what to do. */
MUST_USE err hsm_client_open(struct hsm_client *client, const char *socket,
                             struct process_fault *fault);
void hsm_client_close(struct hsm_client *client);

/* Views live until the next call. A refusal is DENIED with the status in `fault`. */
MUST_USE err hsm_client_make_key(struct hsm_client *client, enum hsm_command command,
                                 const struct hsm_make_key *ask, struct hsm_key_answer *ret_answer,
                                 struct process_fault *fault);

/* The MAC of `data` under a zone's key. */
MUST_USE err hsm_client_zone_mac(struct hsm_client *client, struct bytes block, struct bytes data,
                                 struct bytes *ret_mac, struct process_fault *fault);

/* New keys for a zone. As above. */
MUST_USE err hsm_client_zone_keys(struct hsm_client *client, const struct hsm_zone_keys *ask,
                                  struct hsm_zone_keys_answer *ret_answer,
                                  struct process_fault *fault);

/* A device's first DUKPT key, wrapped under its master key. As above. */
MUST_USE err hsm_client_initial_block(struct hsm_client *client,
                                      const struct hsm_initial_block *ask,
                                      struct hsm_block_answer *ret_answer,
                                      struct process_fault *fault);

/* DENIED unless the block is the base key of this suite. */
MUST_USE err hsm_client_check_base(struct hsm_client *client, uint8_t suite, struct bytes block,
                                   struct process_fault *fault);

/* A proof; a view until the next call, or until it is wiped. */
MUST_USE err hsm_client_recovery(struct hsm_client *client, const struct hsm_recovery *ask,
                                 struct hsm_recovery_answer *ret_answer,
                                 struct process_fault *fault);
/* A key for a wallet's interface. As above. */
MUST_USE err hsm_client_wallet_key(struct hsm_client *client, const struct hsm_wallet_key *ask,
                                   struct hsm_wallet_key_answer *ret_answer,
                                   struct process_fault *fault);
/* A key of a role that signs online what is published about updates; a signature by it, a view. */
MUST_USE err hsm_client_document_key(struct hsm_client *client, uint8_t role,
                                     struct hsm_document_key_answer *ret_answer,
                                     struct process_fault *fault);
MUST_USE err hsm_client_document_sign(struct hsm_client *client,
                                      const struct hsm_document_sign *ask,
                                      struct bytes *ret_signature, struct process_fault *fault);
/* The key of the authority, sealed so that the hsm may renew certificates with it. As above. */
MUST_USE err hsm_client_authority_seal(struct hsm_client *client, struct bytes pem,
                                       struct bytes *ret_blob, struct process_fault *fault);
/* What the last answer had in it is gone. */
void hsm_client_wipe(struct hsm_client *client);
