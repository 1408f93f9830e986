/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of `tongbao bench payments` share.
 *
 *   bench_payments.c    options, the measured window, the report
 *   bench_stage.c       the host's programs, N terminals registered, what is checked at the end
 *   bench_terminals.c   the terminal worker: N connections, each one sale after the other
 *   bench_vault.c       the vault worker: keys, PIN blocks, envelopes, MACs of all N
 *
 * The workers are processes of their own, so that the machine itself says what each costs. They
 * tell the parent by memory that all three share.
 */

#include <stdatomic.h>

#include "cli/children.h"
#include "cli/host_keys.h"
#include "lib/crypto/agreement.h"

enum {
    BENCH_CONNECTIONS_MAX = 1024,
    BENCH_SECONDS_MAX = 300,
    BENCH_PEM_MAX = 2048,
    BENCH_LATENCY_MAX_US = 5000000, /* a slower payment is counted here, and fails the run */
    BENCH_TEXT_MAX = 200,
    BENCH_CARDS = 2, /* a debit card of 19 digits and a credit card of 16, in turn */
};

enum bench_phase { BENCH_WARM, BENCH_MEASURE, BENCH_STOP };

/* Written by the terminal worker alone, but for `phase`. */
struct bench_shared {
    atomic_int phase;         /* enum bench_phase; the parent's */
    atomic_uint signed_in;    /* terminals that have their working keys */
    atomic_bool failed;       /* `fault` says why */
    atomic_ullong approved;   /* payments of the whole run */
    atomic_llong total_minor; /* and their sum */
    atomic_ullong refused;    /* answered with another code than 00 */
    atomic_ullong counted;    /* approved inside the window */
    atomic_ullong wire_bytes; /* of those: what went over TCP, TLS records included */
    char fault[BENCH_TEXT_MAX];
    uint32_t latency[BENCH_LATENCY_MAX_US + 1]; /* payments by their microseconds */
};

struct bench_terminal {
    char tid[9];
    char key_pem[BENCH_PEM_MAX], certificate_pem[BENCH_PEM_MAX];
    uint8_t hsm_public[TRANSPORT_KEY_BYTES];
    uint8_t master[256]; /* the terminal's master key, sealed for the vault worker */
    size_t master_len;
};

struct bench {
    struct children children;
    char directory[128];
    char admin[160], hsm[160], hsm_socket[160], networks[160], tray[160], acquirer[160],
        status[160], vault_socket[160], device[160];
    char authority_pem[BENCH_PEM_MAX];
    long network_port, wallet_port, acquirer_port;
    const char *mid;
    unsigned connections;
    struct bench_terminal *terminal; /* `connections` of them */
    struct transport_pair transport; /* to which the hsm seals the master keys */
    struct bench_shared *shared;
    struct child *process_acquirer, *process_hsm, *process_networks, *process_vault,
        *process_terminals;
};

/* ---- bench_stage.c ---- */

/* Starts the host's programs and registers the terminals. `parent` is a directory on a disk. */
MUST_USE err bench_stage_start(struct bench *b, const char *parent, struct process_fault *fault);

/* Forks a worker. `run` returns its exit status. */
MUST_USE err bench_stage_fork(struct bench *b, const char *name, int (*run)(const struct bench *b),
                              struct child **ret_child);

void bench_stage_stop(struct bench *b, bool keep_directory);

/* Counters of the acquirer. */
struct bench_host_counts {
    int64_t commits, rows, fold_seq, journal_seq, reversals, tasks;
};
MUST_USE err bench_host_counts(const struct bench *b, struct bench_host_counts *ret_counts);

/* What both sides have written down, after the last payment. Stops the acquirer. */
struct bench_books {
    int64_t network_minor; /* charged, says the card network */
    int64_t ledger_minor;  /* what the network owes us, says the ledger */
    int64_t file_bytes;    /* journal.db and ledger.db, once everything has been moved into them */
    bool balanced;
};
MUST_USE err bench_books(struct bench *b, struct bench_books *ret_books,
                         struct process_fault *fault);

/* ---- the workers ---- */

int bench_terminals_run(const struct bench *b);
int bench_vault_run(const struct bench *b);

/*
 * Between the workers, in frames of 4-byte length: command 1, terminal 2, body; the answer:
 * command 1, terminal 2, status 1 (0 is good), body. Answers come in the order of the commands.
 */
enum bench_vault_command {
    BENCH_VAULT_KEYS = 1,    /* body: field 62 of the sign-in answer */
    BENCH_VAULT_PREPARE = 2, /* body: associated data; answer: PIN block 16, envelope */
    BENCH_VAULT_SEAL = 3,    /* body: message; answer: MAC 8 */
    BENCH_VAULT_CHECK = 4,   /* body: MAC 8, message */
};
enum { BENCH_VAULT_FRAME_MAX = 2048, BENCH_VAULT_BUFFER = 2 << 20 };
