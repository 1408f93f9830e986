/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * host_keys: what an operator of the host does with keys: make the host's certificate authority and
 * zone keys, and give a terminal its identity and master key. No clear key passes through here:
 * the hsm makes them, as blocks for the host and sealed for their other holder. (The certificate
 * authority's own key is a file of the operator's; it signs and encrypts nothing of a payment.)
 *
 *   ADMIN/ca.key ca.pem             the authority
 *   ADMIN/ca.sealed                 its key, sealed to the hsm, which renews certificates with it
 *   ADMIN/server.key server.pem     what the acquirer shows to terminals
 *   ADMIN/policy.key policy.public  signs the password policies that vaults take
 *   ADMIN/registry.db               who exists, and the key blocks
 *   NETWORKS/zone.keys              the zone keys, sealed for tongbao-simulators
 *   DEVICE/provision.json           what a vault takes
 */

#include "lib/base/writer.h"
#include "lib/wire/process.h"
#include "registry/contact.h"
#include "registry/delivery.h"

enum { HOST_KEYS_DAYS = 825, HOST_AUTHORITY_DAYS = 3650 };

struct host_place {
    const char *admin;    /* the operator's directory */
    const char *hsm;      /* the hsm's socket */
    const char *networks; /* the simulators' state directory */
};

/* Opens ADMIN/registry.db; the caller closes it. `fault` says cause and remedy. */
MUST_USE err host_keys_registry(const char *admin, enum store_mode mode,
                                struct registry **ret_registry, struct process_fault *fault);

/* `why`, with what the registry says of it. */
err host_keys_refused(const struct registry *registry, err why, struct process_fault *fault);

/* Who stands in the audit records of what the command line does: "admin", now. */
struct registry_actor host_keys_actor(void);

/* Makes authority, server certificate, registry and zone keys. EXISTS when there is one already. */
MUST_USE err host_keys_initialise(const struct host_place *place, struct process_fault *fault);

/* Registers a merchant with the standard fee plan. */
MUST_USE err host_keys_merchant(const struct host_place *place, const char *mid,
                                const char *name_zh, const char *name_en,
                                struct process_fault *fault);

/* Sets one person of a merchant whom we may write to and call, or removes the one of this number.
 */
MUST_USE err host_keys_contact(const char *admin, const struct registry_contact *contact,
                               bool remove, struct process_fault *fault);

/*
 * The base derivation key of a suite with keys for each message: made by the hsm, or the block in
 * `block_file`, which a ceremony has made. Once: EXISTS, because terminals hang on it.
 */
MUST_USE err host_keys_base(const struct host_place *place, const char *suite_name,
                            const char *block_file, struct process_fault *fault);

struct host_terminal {
    const char *tid, *serial, *model, *mid;
    const char *device; /* the vault's state directory */
    enum registry_suite suite;
    int days;   /* of its certificate; 0: HOST_KEYS_DAYS */
    bool again; /* registered before, and its keys are gone: new ones for the same device */
};

/* Registers a terminal of a merchant that exists, and writes its provision.json. */
MUST_USE err host_keys_provision(const struct host_place *place,
                                 const struct host_terminal *terminal, struct process_fault *fault);

/*
 * The same for a device that is not here: its certificate request (PEM) and the key that the hsm
 * seals to have come from it. Appends what its vault takes, as provision.json has it.
 */
MUST_USE err host_keys_issue(const struct host_place *place, const struct host_terminal *terminal,
                             struct bytes request,
                             const uint8_t public_key[REGISTRY_TRANSPORT_BYTES],
                             struct writer *json, struct process_fault *fault);

/*
 * A new master key for a terminal in the field: made by the hsm, sealed to the device that was
 * provisioned, and handed over by the acquirer at its next sign-in. `ret_kcv` is its check value.
 */
MUST_USE err host_keys_renew(const struct host_place *place, const char *tid, uint8_t ret_kcv[4],
                             struct process_fault *fault);

/* The authority's key, sealed to the hsm: from then on the back office may have certificates of
 * devices renewed without the operator. Done by host_keys_initialise(); for older directories. */
MUST_USE err host_keys_seal_authority(const struct host_place *place, struct process_fault *fault);

/*
 * For terminals that are not ours: registers one of the plain profile and issues a certificate for
 * its request. Its master key is made by the hsm and written to `key_file`, under its RSA public
 * key (RSA-OAEP with SHA-256, the terminal number as label) and signed by the authority; or it is
 * `master_hex` (32 digits), a known test key, which needs an hsm in development.
 *
 *   {"tid","scheme":"rsa-oaep-sha256","kcv","key","authority","signature"}
 *
 * The signature is ECDSA P-256 with SHA-256 over "tongbao key transport 1", tid, kcv and key as
 * they stand there, each with a line feed behind it.
 */
struct host_foreign {
    const char *request_file, *certificate_file;
    const char *master_hex;                /* NULL: the two files */
    const char *transport_file, *key_file; /* its RSA public key in PEM; what it is given */
};

MUST_USE err host_keys_foreign(const struct host_place *place, const struct host_terminal *terminal,
                               const struct host_foreign *foreign, struct process_fault *fault);
