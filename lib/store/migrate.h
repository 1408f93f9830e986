/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * migrate: the schemas that live in a store, each a numbered list of SQL texts.
 *
 *   static const char *const journal_migration[] = {"CREATE TABLE journal(...) STRICT;"};
 *   const struct store_schema journal_schema = {"journal", journal_migration, 1};
 *   TRY(store_migrate(store, &journal_schema));
 *
 * A file may hold several schemas (a program's own and "audit"). Text n brings a schema from
 * version n to n + 1 and is never edited once released: its SHA-256 is kept in the file and
 * compared on every start. All that is missing is applied in one transaction, or nothing is.
 */

#include "lib/store/store.h"

enum { STORE_SCHEMA_NAME_MAX = 24, STORE_FORMAT = 1 /* of the table of schemas itself */ };

struct store_schema {
    const char *name;
    const char *const *migration;
    size_t count;
};

/*
 * Brings the schema to its newest version. A read-only store is only looked at.
 * Errors: NEWER (the file knows more migrations than we do), CORRUPT (an applied text differs from
 * ours, or a schema is missing from a read-only store), READ_ONLY (an older version in a read-only
 * store: its own program has to bring it up first), and those of store.h.
 */
MUST_USE err store_migrate(struct store *store, const struct store_schema *schema);
