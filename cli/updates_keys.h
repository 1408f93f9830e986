/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * updates_keys: keys of the roles that sign offline (root, targets) and of images: Ed25519, each a
 * file sealed under its custodian's passphrase. The passphrase comes from a descriptor or from the
 * terminal, never from an argument or the environment, where others could read it.
 */

#include "lib/crypto/document_key.h"
#include "lib/crypto/sealed.h"
#include "lib/tuf/author.h"
#include "lib/wire/process.h"

struct updates_passphrase {
    uint8_t at[SEALED_PASSPHRASE_MAX];
    size_t len;
};

/* For CLEANUP. */
void updates_passphrase_wipe(struct updates_passphrase *passphrase);

/* One line of `fd`; -1: of the terminal, not shown, and twice where a key is made. Errors: LENGTH,
 * CONFLICT (typed differently), NOT_FOUND (no terminal), IO. */
MUST_USE err updates_passphrase_read(int fd, bool twice, struct updates_passphrase *ret,
                                     struct process_fault *fault);

/* Owns a key. Declare it CLEANUP(updates_key_free). */
struct updates_key {
    struct document_key key;
    struct tuf_author_key name;
};

void updates_key_free(struct updates_key *key);

/* A new key into a new file, and its public half into one beside it: "PATH.public". Errors: EXISTS,
 * those of files. */
MUST_USE err updates_key_make(const char *path, const struct updates_passphrase *passphrase,
                              struct tuf_author_key *ret_name, struct process_fault *fault);

/* Errors: MAC (another passphrase, or altered), those of files. */
MUST_USE err updates_key_open(const char *path, const struct updates_passphrase *passphrase,
                              struct updates_key *ret_key, struct process_fault *fault);
