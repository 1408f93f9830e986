/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * registry: who exists. Merchants, their outlets, their terminals, and the keys of the zones.
 *
 * A file of its own (registry.db): one program writes it, others open it read-only, look now and
 * then whether it changed, and read again what they need. Nothing here moves money, and nothing
 * that moves money waits for it.
 *
 * Keys are TR-31 blocks under the hsm's master key: text, and useless without the hsm.
 * Each write is one transaction with its audit record, and is refused by name when a value has not
 * its form. After an error registry_error_text() says which value and what it must look like.
 *
 * Errors of the writes: FORMAT (a value has not its form), EXISTS (the key is taken), NOT_FOUND (it
 * refers to nobody), STATE (not from this status), and those of lib/store.
 */

#include "lib/store/audit.h"

enum {
    REGISTRY_NAME_MAX = 40,   /* bytes of UTF-8: 13 Chinese characters, one line of a receipt */
    REGISTRY_SERIAL_MAX = 32, /* letters, digits, '-' */
    REGISTRY_MODEL_MAX = 16,
    REGISTRY_FINGERPRINT_LEN = 64, /* SHA-256 of the certificate, lower-case hex */
    REGISTRY_KEY_BLOCK_MAX = 192,
    REGISTRY_ACTOR_MAX = 40,
};

enum registry_status {
    REGISTRY_ACTIVE = 1,
    REGISTRY_SUSPENDED = 2, /* may come back: refused with a response code meanwhile */
    REGISTRY_CLOSED = 3,    /* for good: a closed one never opens again */
    REGISTRY_STATUSES = 4,
};

/* Which profile and which algorithms a terminal works with. The numbers are stored, and are those
 * of enum hsm_suite. */
enum registry_suite {
    REGISTRY_TONGBAO = 1,
    REGISTRY_CUP = 2,
    REGISTRY_DUKPT_TDES = 7,
    REGISTRY_DUKPT_AES = 8,
    REGISTRY_SM4 = 9,
};

enum { REGISTRY_KSN_MAX = 12 };

/* A network that we share keys with. */
enum registry_zone { REGISTRY_CARD_NETWORK = 1, REGISTRY_WALLET = 2, REGISTRY_ZONES = 3 };

/* Texts are NUL-terminated. */
struct registry_merchant {
    char mid[16]; /* 15 digits */
    char name_zh[REGISTRY_NAME_MAX + 1];
    char name_en[REGISTRY_NAME_MAX + 1]; /* printable ASCII */
    uint32_t fee_plan; /* the first one: agreement.h says which holds; 1 is the standard plan */
    enum registry_status status;
    /* When he signed that plan's fees; 0: as he is added. Written, and read from the agreement. */
    int64_t signed_ms;
};

struct registry_outlet {
    char mid[16];
    uint32_t number; /* 1 .. 9999 within its merchant; every merchant has number 1 */
    char name[REGISTRY_NAME_MAX + 1];
};

struct registry_terminal {
    char tid[9]; /* 8 digits or capital letters */
    char serial[REGISTRY_SERIAL_MAX + 1];
    char model[REGISTRY_MODEL_MAX + 1];
    char mid[16];
    uint32_t outlet;
    enum registry_suite suite;
    enum registry_status status;
    char fingerprint[REGISTRY_FINGERPRINT_LEN + 1]; /* of its certificate, empty when not bound */
    char master_block[REGISTRY_KEY_BLOCK_MAX + 1];  /* terminal master key */
    /* proves to its vault who may have a new password; empty: a terminal that is not ours */
    char recovery_block[REGISTRY_KEY_BLOCK_MAX + 1];
    uint32_t first_batch; /* 1 .. 999999: the batch it begins with; later ones are the acquirer's */
    /* The key serial number that its device was given, counter 0; empty: keys come at a sign-in. */
    uint8_t ksn[REGISTRY_KSN_MAX], ksn_len;
};

struct registry_zone_keys {
    enum registry_zone zone;
    char pin_block[REGISTRY_KEY_BLOCK_MAX + 1];
    char mac_block[REGISTRY_KEY_BLOCK_MAX + 1];
    char data_block[REGISTRY_KEY_BLOCK_MAX + 1];
    char token_block[REGISTRY_KEY_BLOCK_MAX + 1]; /* makes the tokens; not shared with the zone */
};

/* Keys that the host shares with nobody. Append only: the numbers are stored. */
enum registry_host_key {
    REGISTRY_PEPPER_KEY = 1,    /* of the console's passwords */
    REGISTRY_BASE_TDES_KEY = 2, /* base derivation keys of the terminals with keys for each */
    REGISTRY_BASE_AES_KEY = 3,  /* transaction */
    REGISTRY_HOST_KEYS          /* one more than the last */
};

/* What a suite means here. `base`: the host key from which its terminals' keys come, or 0; a serial
 * number has `ksn_len` bytes then, and its device is told by `device_bits` of them. */
struct registry_suite_row {
    enum registry_suite suite;
    const char *name; /* "dukpt-aes": on the command line, and in vaults */
    enum registry_host_key base;
    uint8_t ksn_len;
    unsigned counter_bits, device_bits;
};

/* NULL when there is no such suite. */
const struct registry_suite_row *registry_suite(enum registry_suite suite);
const struct registry_suite_row *registry_suite_named(struct bytes name);

struct registry;

/*
 * Opens registry.db: STORE_CREATE and STORE_OPEN to write, STORE_READ_ONLY to read, STORE_MEMORY
 * (the name of an anchor) for both. `fault` may be NULL. The caller owns it: registry_close().
 */
MUST_USE err registry_open(const char *path, enum store_mode mode, struct store_fault *fault,
                           struct registry **ret_registry);
void registry_close(struct registry *registry); /* NULL is allowed */

const char *registry_error_text(const struct registry *registry);

/* The store beneath: for audit_verify(), store_set_fault(). A view. */
struct store *registry_store(struct registry *registry);

/* ---- read -------------------------------------------------------------------------------------
 */

/* True once after somebody has written since the last call (the first call: true). */
MUST_USE err registry_changed(struct registry *registry, bool *ret_changed);

/* NOT_FOUND when there is none. */
MUST_USE err registry_find_merchant(struct registry *registry, struct bytes mid,
                                    struct registry_merchant *ret_merchant);
MUST_USE err registry_find_terminal(struct registry *registry, struct bytes tid,
                                    struct registry_terminal *ret_terminal);
MUST_USE err registry_find_zone_keys(struct registry *registry, enum registry_zone zone,
                                     struct registry_zone_keys *ret_keys);

MUST_USE err registry_find_host_key(struct registry *registry, enum registry_host_key which,
                                    char ret_block[REGISTRY_KEY_BLOCK_MAX + 1]);

/* Calls `each` for every one in the order of the keys; an error it returns ends the walk. */
typedef err (*registry_each_terminal)(void *context, const struct registry_terminal *terminal);
MUST_USE err registry_terminals(struct registry *registry, registry_each_terminal each,
                                void *context);

/* The same for the next `limit` behind `after` ("" begins): for who cannot wait for all of them. */
MUST_USE err registry_terminals_after(struct registry *registry, struct bytes after, size_t limit,
                                      registry_each_terminal each, void *context);

/* Those with this number, or with this whole serial number in letters of any case. */
MUST_USE err registry_terminals_called(struct registry *registry, struct bytes name,
                                       registry_each_terminal each, void *context);
/* Those of one merchant. */
MUST_USE err registry_terminals_of(struct registry *registry, struct bytes mid,
                                   registry_each_terminal each, void *context);

typedef err (*registry_each_merchant)(void *context, const struct registry_merchant *merchant);
MUST_USE err registry_merchants(struct registry *registry, registry_each_merchant each,
                                void *context);

/* ---- write ------------------------------------------------------------------------------------
 */

/* Who does it and when, for the audit record that every write leaves. */
struct registry_actor {
    struct bytes name; /* "admin", at most REGISTRY_ACTOR_MAX bytes */
    int64_t at_ms;
};

/* Many changes with one sync: see store_group_enter(). What was begun and not committed never was.
 */
void registry_group_begin(struct registry *registry);
MUST_USE err registry_group_commit(struct registry *registry);

/* Makes the merchant and its outlet number 1, named like the merchant. */
MUST_USE err registry_add_merchant(struct registry *registry, const struct registry_actor *actor,
                                   const struct registry_merchant *merchant);
MUST_USE err registry_add_outlet(struct registry *registry, const struct registry_actor *actor,
                                 const struct registry_outlet *outlet);

/* EXISTS also when the serial or the fingerprint is another terminal's: one device, one identity.
 */
MUST_USE err registry_add_terminal(struct registry *registry, const struct registry_actor *actor,
                                   const struct registry_terminal *terminal);

/*
 * A serial number that no device has had, for one that is about to get its initial key: the first
 * bytes of `base_id` (at least five), which says whose base key it is, then a number that is never
 * given again, then counter 0. Errors: RANGE (the suite has no serial numbers, or all are given).
 */
MUST_USE err registry_new_ksn(struct registry *registry, const struct registry_actor *actor,
                              enum registry_suite suite, struct bytes base_id,
                              uint8_t ret_ksn[REGISTRY_KSN_MAX]);

/* The serial number of the initial key that its device has been given anew. FORMAT: not as long as
 * its suite's. */
MUST_USE err registry_set_terminal_ksn(struct registry *registry,
                                       const struct registry_actor *actor, struct bytes tid,
                                       struct bytes ksn);

/* A device is replaced, its certificate or its keys renewed. `recovery_block` may be empty. */
MUST_USE err registry_set_terminal_keys(struct registry *registry,
                                        const struct registry_actor *actor, struct bytes tid,
                                        struct bytes fingerprint, struct bytes master_block,
                                        struct bytes recovery_block);

MUST_USE err registry_set_terminal_status(struct registry *registry,
                                          const struct registry_actor *actor, struct bytes tid,
                                          enum registry_status status);
MUST_USE err registry_set_merchant_status(struct registry *registry,
                                          const struct registry_actor *actor, struct bytes mid,
                                          enum registry_status status);

/* Sets or replaces the keys of one zone, all of them at once. */
MUST_USE err registry_set_zone_keys(struct registry *registry, const struct registry_actor *actor,
                                    const struct registry_zone_keys *keys);

/* Sets a key that is not there yet. EXISTS: another one would make useless what hangs on it. */
MUST_USE err registry_add_host_key(struct registry *registry, const struct registry_actor *actor,
                                   enum registry_host_key which, struct bytes block);
