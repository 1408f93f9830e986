/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What updates_repository.c (files, drafts) and updates_publish.c share. */

#include "cli/updates_repository.h"
#include "lib/base/file.h"

MUST_USE err updates_path(const struct updates_repository *r, const char *folder, const char *name,
                          char out[FILE_PATH_MAX]);
MUST_USE err updates_write(const struct updates_repository *r, const char *folder, const char *name,
                           struct bytes text);
struct bytes updates_view(const struct updates_text *text);

/* "HASH.NAME": how a file that is announced is called where it is served. */
void updates_file_name(const struct tuf_author_file *file, char out[TUF_AUTHOR_PATH + 72]);

/* "3.root.json" */
void updates_name(char out[64], int64_t version, const char *role);

/* Adds a signature to a file of metadata, or takes the place of the key's own. */
MUST_USE err updates_sign_text(struct updates_text *text, const struct document_key *key,
                               const struct tuf_author_key *name);

/* What waits as keys of the hsm is from now on what is used. */
MUST_USE err updates_keep_online(struct updates_repository *r);
