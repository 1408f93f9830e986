/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * vault: the terminal's secure processor. It alone holds the terminal's keys, sees PINs and
 * passwords and reads cards; the terminal program asks it by the commands of
 * lib/wire/vault_protocol.h and gets masked numbers, ciphertext and verdicts.
 *
 * A vault is driven by calls: it has no socket, no thread and no time of its own, so that the
 * simulator can run hundreds of them. main.c puts a socket in front of one.
 *
 *   vault_open           self-test, then the state from vault.db
 *   vault_initialise     once in a device's life: its own keys and pepper
 *   vault_provision      once: terminal number, certificate, master key, initial passwords
 *   vault_execute        a command, an answer
 *
 * What is at rest: vault.db, in which every secret is sealed (AES-256-GCM) under the device key,
 * the label naming its place; and the device key, 32 bytes in a file of its own beside it. This is
 * software: who can read both files, or this process's memory, has the secrets. README.md says so
 * too.
 */

#include "lib/auth/blocklist_file.h"
#include "lib/auth/one_time.h"
#include "lib/auth/password.h"
#include "lib/auth/policy_document.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/base/writer.h"
#include "lib/crypto/agreement.h"
#include "lib/crypto/self_test.h"
#include "lib/store/store.h"
#include "lib/wire/card_reader.h"
#include "vault/limits.h"

struct vault;

/* What a reader has read: the text of the tracks as the reader delivers it. Secret. */
struct vault_swipe {
    bool present; /* something was read, well or badly */
    char track1[VAULT_TRACK_TEXT_MAX + 1];
    char track2[VAULT_TRACK_TEXT_MAX + 1];
};

/* For CLEANUP. */
void vault_swipe_wipe(struct vault_swipe *swipe);

/* The driver of a card reader. It keeps no copy of what it has handed over. */
struct vault_reader {
    /* `out` is zeroed before. An err is a reader that does not answer: to the terminal, no card. */
    err (*poll)(void *context, struct vault_swipe *out);
    void (*arm)(void *context); /* forget what was read before; NULL when there is nothing to do */
    void *context;
};

/*
 * A few bytes beside the store that hold how many tries were ever spent, and the version floor of
 * the terminal's software (vault/epoch.c). Written whole or not at all, durably, before each
 * comparison. `write` NULL: this vault has none.
 */
struct vault_counter {
    /* NOT_FOUND when there is none. */
    err (*read)(void *context, uint8_t block[VAULT_COUNTER_MAX], size_t *ret_len);
    err (*write)(void *context, struct bytes content);
    void *context;
};

/*
 * The inputs that notice tampering (vault/tamper.c), and what makes the device key unreadable. Both
 * functions may be NULL: a vault without inputs, a key that is in no file. What an input has
 * noticed it goes on saying: that is what makes the response certain across a power cut.
 */
struct vault_tamper_port {
    /* *ret_kind is NONE before, an enum vault_tamper after. An err is an input that is not there.
     */
    err (*poll)(void *context, uint8_t *ret_kind);
    /* Puts something durable in the place of the device key that says `kind`. May be repeated. */
    err (*erase)(void *context, uint8_t kind);
    void *context;
    bool watch_clock; /* a clock that is set back or far ahead while we run is tampering */
    uint8_t
        erased_kind; /* enum vault_tamper: at start, erase() had been here; device_key is none */
};

/* Tells the terminal that it may ask again (VAULT_WAY_NOTICE); `tell` NULL: it only polls. */
struct vault_notice {
    void (*tell)(void *context);
    void *context;
};

struct vault_config {
    const char *store_path;
    struct store_options store;
    struct clock clock;
    struct random random;
    const struct log *log;      /* may be NULL */
    struct bytes device_key;    /* VAULT_DEVICE_KEY_BYTES, copied to guarded memory */
    struct password_cost cost;  /* programs: password_cost_full() */
    void (*make_room)(void);    /* before a command that hashes, which takes 19 MiB; may be NULL */
    struct vault_reader reader; /* poll may be NULL: a terminal without a reader */
    struct card_reader_calls card; /* chip cards; transmit may be NULL: no such reader */
    struct vault_counter counter;
    struct vault_tamper_port tamper;
    const struct self_test_hook *self_test; /* for tests alone; NULL */
    unsigned pin_entries_an_hour;           /* 0: VAULT_PIN_ENTRIES_AN_HOUR */
};

/* What went wrong and what to do, as a sentence for standard error. */
struct vault_fault {
    char text[VAULT_FAULT_TEXT_MAX];
};

/*
 * Tests itself, then opens or makes the store and loads what is in it. `fault` may be NULL.
 * Errors: CRYPTO (self-test), KEY (the device key is not the one of this store), those of store.h.
 */
MUST_USE err vault_open(const struct vault_config *config, struct vault_fault *fault,
                        struct vault **ret_vault);

/*
 * Additions to the blocklist, as BLOCKLIST_FILE_NAME holds them; empty when there is no such file.
 * What is refused is named, audited, and changes nothing; a file that is missing where one has been
 * is refused as END. Errors: NO_MEMORY, the store's.
 */
MUST_USE err vault_take_blocklist(struct vault *vault, struct bytes file,
                                  enum blocklist_fault *ret_fault);

/* Wipes and frees. NULL is allowed. */
void vault_close(struct vault *vault);

/*
 * Runs one command; the answer, refusals included, is appended to `response`, which must have
 * VAULT_FRAME_MAX bytes left. After an err nothing is appended and the vault must be closed: the
 * store has crashed, or has failed and cannot be opened again. Failures that leave a working vault
 * are answered VAULT_FAILED.
 */
MUST_USE err vault_execute(struct vault *vault, struct bytes request, struct writer *response);

/*
 * The same for the program that starts the terminal's software out of slots, on a socket of its
 * own: it has VAULT_FLOOR and nothing else, and vault_execute() has all but that.
 */
MUST_USE err vault_execute_for_updater(struct vault *vault, struct bytes request,
                                       struct writer *response);

/*
 * Looks at the tamper inputs; every command does so first, and a program between them. Once
 * something is noticed, every secret is gone from memory before this returns, and from the disk as
 * soon as the disk allows. And once in 24 hours, when nobody is at a card or a keypad, it tests
 * itself again (DV-08): a part that does not answer as it must is named in the log and put on
 * record, and nothing but STATUS and the certificates is answered until the next start. Errors: as
 * vault_execute().
 */
MUST_USE err vault_watch(struct vault *vault);

/* The terminal program is gone: whoever was logged in, any entry, card and panel are forgotten. */
void vault_forget_session(struct vault *vault);

/* The reader of chip cards, when it is not known at the start; zeroed: none any more. */
void vault_use_card_reader(struct vault *vault, struct card_reader_calls reader);

/* Who brings notices to the terminal, when there is a connection to bring them by. */
void vault_use_notice(struct vault *vault, struct vault_notice notice);

/* What the reader of chip cards reports (struct card_reader_events). */
void vault_on_reader(struct vault *vault, bool there);
void vault_on_card(struct vault *vault, unsigned slot, struct bytes atr,
                   enum card_interface interface);
void vault_on_removed(struct vault *vault, unsigned slot);
void vault_on_connected(struct vault *vault, unsigned slot, enum card_result result,
                        enum card_protocol protocol);
void vault_on_answer(struct vault *vault, unsigned slot, enum card_result result,
                     struct bytes answer);

/*
 * Keeps the WAL short from a thread of its own; ends with the vault. Programs call it once their
 * loop is there (threads inherit its signal mask), the simulator never. Errors: NO_MEMORY, IO.
 */
MUST_USE err vault_start_checkpoints(struct vault *vault);

/* The serial number; empty before vault_initialise(). Lives as long as the vault. */
const char *vault_serial(const struct vault *vault);

/* It has a terminal number, a certificate and a master key. */
bool vault_is_provisioned(const struct vault *vault);

/* The store, for the simulator and the tests: to kill it between two of its calls. */
struct store *vault_store(struct vault *vault);

/* ---- provisioning: provision.c -------------------------------------------------------------- */

/*
 * Makes the device's key pairs and pepper, and the operators 00, 01-05 and 99 without passwords.
 * Appends a certificate request for the serial number to `request`, and gives the public key to
 * which the hsm seals. Errors: EXISTS (done before), FORMAT or LENGTH (serial or model), FULL,
 * store's.
 */
MUST_USE err vault_initialise(struct vault *vault, struct bytes serial, struct bytes model,
                              struct writer *request, uint8_t ret_public[TRANSPORT_KEY_BYTES]);

/* What the acquirer's `admin provision` hands over. */
struct vault_provision {
    struct bytes tid, mid;                 /* 8 and 15 characters */
    struct bytes merchant_zh, merchant_en; /* UTF-8 */
    struct bytes certificate, authority;   /* PEM; CN of the certificate is the tid */
    struct bytes hsm_public;               /* TRANSPORT_KEY_BYTES */
    struct bytes master_key; /* the terminal master key as transport_seal_key() made it */
    struct bytes kcv;        /* KEY_CHECK_BYTES */
    struct bytes recovery_key, recovery_kcv; /* the same of the recovery key */
    struct bytes policy_signer; /* POLICY_SIGNER_BYTES: who signs this device's policies */
    struct bytes
        policy;         /* the first of them; empty: a model that has none, the generic one holds */
    struct bytes suite; /* vault/suite.h; empty: "tongbao" */
    /* Of a suite with keys for each message: TR-31, under the master key. Empty otherwise. */
    struct bytes initial_block;
};

/* An initial password, in clear this once. */
struct vault_initial {
    uint8_t operator_id; /* 0..99 */
    uint8_t role;        /* enum vault_role */
    char password[ONE_TIME_DIGITS + 1];
};

/* Wipes VAULT_INITIALS of them; for CLEANUP on the first. */
void vault_initials_wipe(struct vault_initial *first);

/*
 * Takes all of it or nothing, and makes the initial passwords of 00, 01 and 99, of which only
 * hashes stay here. Errors: STATE (not initialised), EXISTS (provisioned before), FORMAT, LENGTH,
 * IDENTITY (certificate not for this device, or a key not from this hsm or not for this terminal),
 * KEY, KCV, store's. `fault` (may be NULL) says which part is refused.
 */
MUST_USE err vault_provision(struct vault *vault, const struct vault_provision *provision,
                             struct vault_fault *fault,
                             struct vault_initial ret_initials[VAULT_INITIALS]);
