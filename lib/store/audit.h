/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * audit: who did what and when, in a table that only grows and whose records are chained by
 * SHA-256, so that a record that was altered, taken away or moved is found and named (S71).
 *
 * The hash of a record covers its number, time, actor, event, subject, detail and the hash before
 * it, in one canonical encoding (audit.c). The head of the chain is kept beside the table; who
 * wants to be safe from somebody who rewrites the whole chain keeps a copy of the head elsewhere.
 *
 * Texts pass log_redact(): a run of 13 to 19 digits keeps its first six and last four. Secrets do
 * not belong here at all. Texts longer than AUDIT_TEXT_MAX are cut.
 */

#include "lib/store/migrate.h"

enum { AUDIT_TEXT_MAX = 400, AUDIT_HASH_LEN = 32 };

/* Apply it with store_migrate() to every store that keeps an audit log. */
extern const struct store_schema audit_schema;

struct audit_entry {
    int64_t at_ms;        /* UTC */
    struct bytes actor;   /* program, operator id or peer: "operator 01", "admin" */
    struct bytes event;   /* a name from the program: "sign_in", "mac_failed" */
    struct bytes subject; /* what it was done to: a TID, a MID, a key name */
    struct bytes detail;  /* free text, no secrets */
};

struct audit_record {
    int64_t seq; /* 1, 2, 3 ... without a gap */
    struct audit_entry entry;
    uint8_t hash[AUDIT_HASH_LEN];
};

/* Inside the caller's transaction, so that the act and its record stand or fall together. */
MUST_USE err audit_append(struct store_tx *tx, const struct audit_entry *entry);

/* The same in a transaction of its own: for refusals, which change nothing else. */
MUST_USE err audit_note(struct store *store, const struct audit_entry *entry);

enum audit_verdict {
    AUDIT_INTACT,
    AUDIT_ALTERED,  /* the record's content does not give its hash, or a value is of a wrong type */
    AUDIT_MISSING,  /* there is no record of this number */
    AUDIT_UNLINKED, /* the record does not continue the one before it: it, or that one, was changed
                     */
    AUDIT_HEAD,     /* records were cut off at the end, or the head itself was changed */
};

struct audit_report {
    enum audit_verdict verdict;
    int64_t seq;     /* the first bad record; the last one when AUDIT_INTACT */
    int64_t records; /* how many were read */
    uint8_t head[AUDIT_HASH_LEN];
};

/* Reads the whole chain. An err is of the store; what was found is in the report. */
MUST_USE err audit_verify(struct store *store, struct audit_report *ret_report);

/* A sentence without a full stop, as "record was altered". Never NULL. */
const char *audit_verdict_text(enum audit_verdict verdict);

/*
 * Calls `each` for the records from number `from_seq` on, in order; views in the record live until
 * it returns. An error it returns ends the reading and is passed on.
 */
typedef err (*audit_each)(void *context, const struct audit_record *record);
MUST_USE err audit_read(struct store *store, int64_t from_seq, audit_each each, void *context);
