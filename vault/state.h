/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the vault share: the vault itself, and the calls between them. */

#include <assert.h>

#include "lib/auth/attempts.h"
#include "lib/auth/normalise.h"
#include "lib/auth/policy_document.h"
#include "lib/crypto/delivery.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "lib/crypto/recovery.h"
#include "lib/crypto/sealed.h"
#include "lib/emv/pan.h"
#include "lib/store/audit.h"
#include "lib/wire/vault_protocol_chip.h"
#include "vault/backup.h"
#include "vault/chip_kernel.h"
#include "vault/code.h"
#include "vault/suite.h"
#include "vault/vault.h"

/* One entry: digits of the keypad, or text as it was typed. */
struct vault_entry {
    bool done;      /* confirmed with ok: ready to be used once */
    uint8_t points; /* digits or characters: as many stars */
    uint16_t len;   /* bytes */
    uint8_t at[PASSWORD_TEXT_BYTES];
};

enum {
    VAULT_ENTRIES = VAULT_ENTRY_OWNER + 1,
    VAULT_LAYOUT_KEYS = 12,
    VAULT_IDENTITY_PEM_MAX = 512,
    VAULT_RUN_BYTES = 8,
};

/* Where a chip card is between the reader and the kernel (chip.c). */
enum vault_chip_phase {
    VAULT_CHIP_CARD_NONE,
    VAULT_CHIP_CARD_POWERING,
    VAULT_CHIP_CARD_KERNEL,  /* the kernel wants something */
    VAULT_CHIP_CARD_DECIDED, /* the kernel has ended */
    VAULT_CHIP_CARD_ENDED,   /* it never began: `reason` says why */
};

struct vault_chip_card {
    enum vault_chip_phase phase;
    unsigned slot;
    bool powered;
    bool noted;     /* how it ended is in the audit log */
    uint8_t reason; /* enum vault_chip_reason; 0: the kernel's */
    enum card_protocol protocol;
    const struct chip_kernel *kernel;
    union chip_machine machine;
};

/* What the reader has said of one of its slots. */
struct vault_slot_card {
    bool present, mute, contactless;
    bool used; /* in this payment or one before: it must leave slot or field to be taken again */
    bool left; /* used, and that payment is over */
};

/* The parameters in force, and the document into which they point. */
struct vault_parameters {
    struct emv_parameters parsed;
    uint8_t digest[CRYPTO_SHA256_BYTES]; /* of the whole, as it was signed */
    size_t len;
    uint8_t document[EMV_PARAMETERS_MAX];
};

enum { VAULT_PARAMETERS_SIGNED_MAX = EMV_PARAMETERS_MAX + 256 /* first line, signature */ };

/* Parts of a signed document that have come so far. */
struct vault_parts {
    uint8_t *at; /* NULL: none */
    size_t len, total;
};

/* Everything that must not be seen, in one block of guarded memory. */
struct vault_secrets {
    uint8_t device_key[VAULT_DEVICE_KEY_BYTES];
    uint8_t pepper[PASSWORD_PEPPER_BYTES];
    struct transport_pair transport;
    uint8_t identity[VAULT_IDENTITY_PEM_MAX]; /* PKCS#8 PEM of the TLS key */
    size_t identity_len;
    bool has_master, has_working, has_recovery;
    struct key master;
    struct key recovery; /* devices of before there was recovery have none */
    struct working_keys working;
    union vault_registers registers; /* of a suite with keys for each message */
    struct vault_keys in_use;        /* what messages are made and checked with now */
    bool panel_open;
    struct panel_channel panel;
    uint8_t layout[VAULT_LAYOUT_KEYS];
    struct vault_entry entry[VAULT_ENTRIES]; /* by enum vault_entry_purpose */
    uint8_t touch[1 + VAULT_PASTE_MAX];      /* of the page, while it is looked at */
    struct card_data card;                   /* pan empty: none */
    struct vault_chip_card chip;
    struct vault_backup_secrets backup;
};

/* The one row of `device`, but the certificates, which are read when asked for. */
struct vault_device {
    bool initialised, provisioned;
    uint8_t tampered; /* enum vault_tamper */
    char serial[VAULT_SERIAL_MAX + 1];
    char model[VAULT_MODEL_MAX + 1];
    char tid[VAULT_TID_LEN + 1];
    char mid[VAULT_MID_LEN + 1];
    char merchant_zh[VAULT_MERCHANT_MAX + 1], merchant_en[VAULT_MERCHANT_MAX + 1];
    int64_t first_login_ms;
    int64_t certificate_expiry_ms;
    bool has_signer; /* devices of before there were policy documents have none */
    uint8_t policy_signer[POLICY_SIGNER_BYTES];
    const struct vault_suite *suite; /* never NULL once provisioned */
    bool has_hsm;                    /* devices of before a master key could be renewed have none */
    uint8_t hsm_public[TRANSPORT_KEY_BYTES]; /* whose master keys it takes */
    uint64_t epoch, floor;                   /* spent tries, ever; the version floor: see epoch.c */
    bool rollback;
};

/*
 * Which of an operator's records a password has opened. The decoy is what a duress password chosen
 * in a session under duress becomes: it opens as that one does, and neither the real password nor
 * the real duress one is touched (duress.c).
 */
enum vault_slot { VAULT_SLOT_OWN = 0, VAULT_SLOT_DURESS, VAULT_SLOT_DECOY, VAULT_SLOTS };

/* Who is logged in, as far as the vault needs to know. */
struct vault_session {
    bool logged_in;
    bool must_change; /* nothing else until the password is changed */
    bool duress;      /* came in by another slot than his own */
    uint8_t operator_id, role;
};

/*
 * Who may choose a password now: who has shown the old one, or a proof of the host. Not a session:
 * a recovery logs nobody in.
 */
struct vault_right {
    bool open, recovered;
    enum vault_slot slot;
    uint8_t operator_id;
    int64_t since_us;
};

/* Waits for the signature of a paired phone. */
struct vault_pending {
    bool open;
    enum vault_slot slot;
    uint8_t operator_id;
    uint8_t action; /* of APPROVE; 0: a log-in */
    char subject[VAULT_SUBJECT_MAX + 1];
    uint8_t challenge[VAULT_APPROVAL_BYTES];
    int64_t since_us;
};

/* A phone that is being paired. */
struct vault_pairing {
    bool open;
    uint8_t token[VAULT_GRANT_BYTES];
    int64_t since_us;
};

/* The entry under way. */
struct vault_entering {
    uint8_t purpose; /* 0: none */
    uint8_t min, max;
    uint8_t keyboard; /* enum vault_keyboard */
    uint8_t operator_id, role, language;
};

/* How far the response to tampering is; see tamper.c. */
struct vault_tampering {
    uint8_t kind; /* enum vault_tamper; not NONE: memory is wiped */
    bool key_erased, marked;
};

/* The self-test of every day; see self_test.c. */
struct vault_self_check {
    int64_t next_us; /* monotonic */
    bool failed;     /* one of a part that worked at start */
};

/* The clock as it has been in this run: see tamper.c. Milliseconds. */
struct vault_clock_watch {
    bool begun;
    int64_t offset_ms; /* of the time of day to the monotonic clock */
    int64_t since_ms;  /* monotonic: since when that offset holds */
    int64_t held_ms;   /* the latest time of day that held; 0: none yet */
};

struct vault {
    struct vault_config config;
    struct vault_tampering tampering;
    struct vault_clock_watch clock_watch;
    struct vault_self_check self_check;
    struct store *store;
    struct store_checkpointer *checkpointer;
    struct crypto crypto;
    struct vault_secrets *secrets;
    struct vault_device device;
    struct vault_session session;
    bool
        has_document; /* a signed policy is in force; otherwise the one compiled in for the model */
    struct policy_document document;
    struct blocklist *blocklist; /* additions that were loaded; NULL: none */
    struct vault_right right;
    struct vault_pending pending;
    struct vault_pairing pairing;
    bool recovery_approved; /* of the administrator, by a supervisor who is here */
    int64_t recovery_approved_us;
    uint8_t run[VAULT_RUN_BYTES]; /* drawn at start: tells this run of the vault from others */
    struct vault_entering entering;
    bool card_armed;
    bool card_typed;          /* it was entered by hand */
    struct vault_coded coded; /* it was shown as a code */
    uint8_t card_ways;        /* bits of enum vault_card_way */
    uint8_t card_host;        /* enum vault_host */
    unsigned chip_unreadable; /* how often a chip could not be read in this payment */
    uint32_t chip_sequence;   /* 9F41: transactions since the start */
    bool reader_there;        /* the chip reader */
    struct vault_slot_card slot[CARD_READER_SLOTS];
    struct vault_notice notice;
    bool chip_noticeable; /* the terminal was told `chip_told`, and of nothing since */
    uint8_t chip_told;
    struct vault_parts parts;
    struct vault_parameters *parameters; /* NULL: none loaded, chips are not taken */
    uint64_t shown_minor; /* what the page was told the card will pay (DV-15); 0: nothing */
    struct vault_backup backup;
    uint8_t body[VAULT_FRAME_MAX - 3];
};

/* A command: reads its body, writes the answer's. A refusal is *status; an err is the world's. */
typedef err (*vault_command)(struct vault *v, struct reader *request, struct writer *answer,
                             enum vault_status *status);

/* ---- keeper.c: the sealed secrets in the store ---- */

#define VAULT_SECRET_PEPPER    "pepper"
#define VAULT_SECRET_TRANSPORT "transport"
#define VAULT_SECRET_IDENTITY  "identity"
#define VAULT_SECRET_MASTER    "master"
#define VAULT_SECRET_RECOVERY  "recovery"
#define VAULT_SECRET_WORK_PIN  "work.pin"
#define VAULT_SECRET_WORK_MAC  "work.mac"
#define VAULT_SECRET_WORK_DATA "work.data"
#define VAULT_SECRET_REGISTERS "dukpt"

/* In the caller's transaction; replaces what was there. */
MUST_USE err vault_secret_put(struct vault *v, const char *name, struct bytes value);
/* What secrets at rest are sealed under. A view. */
struct sealed_secret vault_device_secret(const struct vault *v);
MUST_USE err vault_key_put(struct vault *v, const char *name, const struct key *key);
/* NOT_FOUND; KEY when it does not open under this device key. */
MUST_USE err vault_secret_get(struct vault *v, const char *name, uint8_t *out, size_t max,
                              size_t *ret_len);
MUST_USE err vault_key_get(struct vault *v, const char *name, enum key_usage usage,
                           struct key *ret_key);
MUST_USE err vault_working_keys_put(struct vault *v, const struct working_keys *keys);
MUST_USE err vault_working_keys_erase(struct vault *v);

/* ---- replaced.c: master keys that this device had and takes no more ---- */

/* In the caller's transaction. */
MUST_USE err vault_replaced_put(struct vault *v, const struct key *master);
MUST_USE err vault_replaced_has(struct vault *v, const struct key *master, bool *ret_has);

/* Everything from the store into memory: at start, and after a store was opened again. */
MUST_USE err vault_load(struct vault *v);

/* ---- records.c: device row, audit ---- */

extern const struct store_schema vault_schema;

MUST_USE err vault_device_read(struct vault *v, struct vault_device *ret_device);
MUST_USE err vault_device_first_login(struct vault *v, int64_t at_ms);
MUST_USE err vault_device_rollback(struct vault *v, bool rollback);
/* "operator 01": whose password it is, for the hash, and whose act, for the audit log. */
struct vault_operator_name {
    char text[16];
};
struct vault_operator_name vault_operator_name(uint8_t id);
/* In the caller's transaction. `actor` as "operator 01", or NULL for the vault itself. */
MUST_USE err vault_audit(struct vault *v, struct store_tx *tx, const char *actor, const char *event,
                         const char *subject, const char *detail);
/* The same in a transaction of its own. */
MUST_USE err vault_audit_note(struct vault *v, const char *actor, const char *event,
                              const char *subject, const char *detail);

/* ---- people.c: the rows of operators ---- */

struct vault_operator_row {
    uint8_t id, role;
    bool one_time;  /* the password is for one use: it must be changed */
    bool forced;    /* a supervisor wants it changed */
    bool suspended; /* may not come in */
    char record[VAULT_SLOTS][PASSWORD_RECORD_MAX]; /* empty: no password of this kind */
    struct attempts attempts;
    int64_t last_login_ms;
    int64_t set_ms;    /* when its owner chose it; 0: not known, or not his own */
    int64_t review_ms; /* when he last chose or kept it */
    uint8_t grace_used;
    uint16_t codes_wrong; /* recovery codes that were wrong, since the last that was right */
};

/* Tries that an old copy of the store took away; a number that trying never reaches. */
enum { VAULT_TRIES_ROLLED_BACK = 255 };

/* NOT_FOUND when there is no such operator. */
MUST_USE err vault_operator_read(struct vault *v, uint8_t id, struct vault_operator_row *ret_row);
MUST_USE err vault_operator_add(struct vault *v, uint8_t id, uint8_t role);
/* Every column but id and role. */
MUST_USE err vault_operator_put(struct vault *v, const struct vault_operator_row *row);
/* With his history and challenge. */
MUST_USE err vault_operator_delete(struct vault *v, uint8_t id);
MUST_USE err vault_operators_spend_all(struct vault *v);
/* Gives the tries back to everybody of this role who has a password. */
MUST_USE err vault_operators_unlock(struct vault *v, uint8_t role);
MUST_USE err vault_operators_count(struct vault *v, int64_t *ret_count);
/* Wrong tries of all operators that no right one has made good (S26). */
MUST_USE err vault_operators_wrong(struct vault *v, int64_t *ret_count);
MUST_USE err vault_operators_list(struct vault *v, struct vault_operator *list, size_t max,
                                  size_t *ret_count);
/* A password that is being replaced becomes history; of which `keep` stay. */
MUST_USE err vault_history_push(struct vault *v, const struct vault_operator_row *row,
                                uint8_t keep);
/* Is `password` one of the last `count` of history? Costs a hash for each. */
MUST_USE err vault_history_has(struct vault *v, struct password_owner owner, uint8_t id,
                               struct bytes password, uint8_t count, bool *ret_has);

/* ---- epoch.c: spent tries, counted where an old copy of the store does not reach ---- */

/* In the caller's transaction: one more. After its commit, and before anything is compared,
 * vault_epoch_seal() writes the counter beside the store. */
MUST_USE err vault_epoch_advance(struct vault *v);
MUST_USE err vault_epoch_seal(struct vault *v);
/* Before provisioning is committed: the counter is there from the first day. */
MUST_USE err vault_epoch_begin(struct vault *v);
/* At start: is this store as new as the counter? If not, all tries are spent. */
MUST_USE err vault_epoch_check(struct vault *v);
err vault_run_anchor(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_floor(struct vault *, struct reader *, struct writer *, enum vault_status *);
/* ---- reissue.c ---- */

err vault_run_reissue(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* ---- verify.c: one try at somebody's password ---- */

struct vault_verified {
    uint8_t verdict;      /* LOGIN_OK (right), WRONG, LOCKED, WAIT, NO_OPERATOR */
    enum vault_slot slot; /* right: which of his it was */
    uint8_t tries_left;
    uint32_t wait_s;
    struct vault_operator_row row; /* as it was; not with NO_OPERATOR */
};

/* Spends a try, durably, then compares; consumes nothing. A right one is for the caller to settle.
 */
MUST_USE err vault_verify(struct vault *v, uint8_t id, struct bytes typed,
                          struct vault_verified *ret_verified);
/* Must it be changed, when is its review: `grace` is a log-in of the grace period, to be counted.
 */
struct vault_age {
    uint8_t reason, review; /* enums of the protocol */
    int16_t days;
    bool grace;
};
struct vault_age vault_age_of(const struct vault *v, const struct vault_operator_row *row);
struct password_owner vault_owner(const struct vault *v, const struct vault_operator_name *name);
/* Which of his slots `password` (normalised) opens. As many hashes whatever he has chosen. */
MUST_USE err vault_slot_find(struct password_owner owner, const struct vault_operator_row *row,
                             struct bytes password, bool *ret_found, enum vault_slot *ret_slot);

/* ---- one file each for the commands ---- */

/* panel.c */
err vault_run_panel_open(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_entry_begin(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_entry_key(struct vault *, struct reader *, struct writer *, enum vault_status *);
/* Which key is on which place: a telephone's, or the ten digits shuffled, each order as likely. */
void vault_layout_draw(const struct random *random, bool shuffled,
                       uint8_t layout[static VAULT_LAYOUT_KEYS]);
/* Wipes one entry; purpose 0 wipes all and ends the one under way. */
void vault_entry_wipe(struct vault *v, uint8_t purpose);
/* What was typed into a finished entry, or an empty view; valid until it is wiped. */
struct bytes vault_entry_text(const struct vault *v, uint8_t purpose);
/* Seals `plain` for the page. STATE: no page has opened the channel. */
MUST_USE err vault_panel_say(struct vault *v, struct bytes plain, struct writer *w);

/* login.c */
err vault_run_login(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_logout(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_password_keep(struct vault *, struct reader *, struct writer *, enum vault_status *);
/* A right password, and the phone's yes where it is wanted: on record, and a session. */
MUST_USE err vault_login_settle(struct vault *v, struct vault_operator_row *row,
                                enum vault_slot slot, struct vault_login_answer *answer);

/* approve.c */
err vault_run_approve(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_approval_finish(struct vault *, struct reader *, struct writer *,
                              enum vault_status *);
/* Does the policy of this role want a phone, and is there one? */
MUST_USE err vault_approval_wanted(struct vault *v, uint8_t role, bool *ret_wanted);
/* Draws the challenge for a phone; `action` 0 is a log-in. */
void vault_approval_ask(struct vault *v, uint8_t operator_id, enum vault_slot slot, uint8_t action,
                        struct bytes subject, struct vault_login_answer *answer);

/* password.c */
err vault_run_password_set(struct vault *, struct reader *, struct writer *, enum vault_status *);
bool vault_may_change(const struct vault *v, uint8_t operator_id);
struct policy_person vault_policy_person(const struct vault *v);
/* One verdict, as a result. */
static inline struct policy_result vault_only(enum policy_verdict verdict)
{
    return (struct policy_result){verdict, verdict == POLICY_OK ? 0 : UINT32_C(1) << verdict};
}
/*
 * Judges what was chosen for the operator of `row` and puts it in force. In `result` is what was
 * found before, OK or why there is nothing to judge; out of it goes the verdict.
 */
typedef err (*vault_chooser)(struct vault *v, const struct vault_operator_row *row,
                             struct bytes chosen, struct policy_result *result);
/*
 * What PASSWORD_SET and DURESS_SET have in common: NEW and REPEAT are taken, normalised once (what
 * is judged, remembered and hashed is one text, CR-01), compared, and wiped whatever comes.
 */
MUST_USE err vault_choose(struct vault *v, struct vault_person who, bool allowed,
                          vault_chooser choose, struct writer *answer, enum vault_status *status);
/* The first broken rule as a sentence, in the language of the screen. */
void vault_write_refusal(struct writer *answer, struct policy_result result, uint8_t language);

/* duress.c */
/* None from now on, no decoy either; the caller puts the row. */
void vault_duress_forget(struct vault_operator_row *row);
err vault_run_duress_set(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* operators.c */
err vault_run_operators(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_operator_set(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* recovery.c */
err vault_run_recovery_begin(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_recovery_finish(struct vault *, struct reader *, struct writer *,
                              enum vault_status *);
/* In the caller's transaction. */
MUST_USE err vault_challenge_delete(struct vault *v, uint8_t operator_id);

/* pair.c */
err vault_run_pair_begin(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_pair_finish(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_pair_list(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_pair_remove(struct vault *, struct reader *, struct writer *, enum vault_status *);
/* NOT_FOUND: no such phone. */
MUST_USE err vault_pair_key(struct vault *v, uint8_t id, uint8_t ret_key[VAULT_PHONE_KEY_BYTES]);
MUST_USE err vault_pair_count(struct vault *v, int64_t *ret_count);

/* policy.c */
err vault_run_policy_load(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_policy_show(struct vault *, struct reader *, struct writer *, enum vault_status *);
/* The policy of a role of this device, never above VAULT_TRIES_MAX tries. */
struct policy vault_policy_of(const struct vault *v, uint8_t role);
/* From the store, at start and after it was opened again. CORRUPT: what is stored does not verify.
 */
MUST_USE err vault_policy_read(struct vault *v);
/* Opens a document that is at least of `version_least`; nothing is stored. */
MUST_USE err vault_policy_open(const uint8_t signer[POLICY_SIGNER_BYTES], struct bytes model,
                               struct bytes signed_text, uint32_t version_least,
                               struct policy_document *ret_document,
                               struct policy_fault *ret_fault);

/* keys.c */
err vault_run_keys_load(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_pin_block(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_mac_make(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_mac_check(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* card.c */
err vault_run_card_arm(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_card_poll(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_card_envelope(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_card_forget(struct vault *, struct reader *, struct writer *, enum vault_status *);
bool vault_has_card(const struct vault *v);
/* Of this terminal, with numbers that there are. */
bool vault_payment_plausible(const struct vault *v, const struct vault_envelope *m);
/* "TID|batch|STAN|amount": what card data is bound to. */
enum { VAULT_PAYMENT_TEXT = 64 };
void vault_payment_write(const struct vault *v, const struct vault_envelope *m, struct writer *w);
/* The answer with `card` in an envelope for this payment; NOT_READY without a data key. */
MUST_USE err vault_envelope_say(struct vault *v, const struct vault_envelope *m,
                                const struct card_data *card, struct writer *answer,
                                enum vault_status *status);
/* held.c: card data from an approval without the host to its delivery */
err vault_run_card_manual(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_card_hold(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_held_envelope(struct vault *, struct reader *, struct writer *, enum vault_status *);
/* By the calendar in China, where the terminal stands. */
bool vault_card_expired(const struct vault *v, const struct card_data *card);

/* What leaves of a card that was taken; `masked` must outlive `said`. */
MUST_USE err vault_card_say(const struct vault *v, char masked[PAN_TEXT], struct vault_card *said);
/* typed.c: PAN and EXPIRY are entered; they become the card, or nothing, and are wiped. */
bool vault_typed_there(const struct vault *v);
enum vault_card_state vault_typed_take(struct vault *v);

void vault_card_wipe(struct vault *v);

/* ---- parameters.c ---- */

err vault_run_parameters_load(struct vault *, struct reader *, struct writer *,
                              enum vault_status *);
MUST_USE err vault_parameters_read(struct vault *v);
void vault_parameters_drop_parts(struct vault *v);

/* ---- chip.c ---- */

err vault_run_chip_poll(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_chip_answer(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* A card may be in the reader already. */
void vault_chip_await(struct vault *v);
void vault_chip_forget(struct vault *v);
bool vault_chip_found(const struct vault *v);

/* chip_audit.c: its end, once: a card that was refused, or that could not prove itself. */
MUST_USE err vault_chip_note(struct vault *v);

/* The terminal is being told how far it is: from now on anything else is worth a notice. */
void vault_chip_told(struct vault *v);

/* More than one card is there in the ways that are wanted, and none is begun: take one away. */
bool vault_chip_several(const struct vault *v);
/* The card in the reader has approved this payment, and no host was asked. */
bool vault_chip_approved_alone(const struct vault *v);

/* The card of a payment before is still in the slot; and: this payment is over. */
bool vault_chip_left(const struct vault *v);
void vault_chip_leave(struct vault *v);

/* last_words.c: what can still be said when every key is gone */
/* In the caller's transaction: signed with the identity that is in memory. */
MUST_USE err vault_last_words_put(struct vault *v, struct bytes tid);
/* At start: a device from before has none yet. */
MUST_USE err vault_last_words_keep(struct vault *v);
err vault_run_renew_ask(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_renew_take(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_last_words(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_activation_ask(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_activate(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* keys.c */
err vault_run_keys_next(struct vault *, struct reader *, struct writer *, enum vault_status *);
/* The working keys are what messages are made with. */
void vault_keys_take_working(struct vault *v);
/* A key of one message has done its work. Keys of a sign-in go on. */
void vault_key_spend(struct vault *v, struct key *key);

/* status.c */
err vault_run_status(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_certificates(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_tls_verify(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_receipt_sign(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* tamper.c */
/* At start, with the store open and before anything sealed is opened. */
MUST_USE err vault_tamper_begin(struct vault *v);

/* self_test.c: CRYPTO, and `fault` names what failed. */
MUST_USE err vault_self_test(struct vault *v, struct vault_fault *fault);
/* The same once in 24 hours, when nothing is going on. The store's errors. */
MUST_USE err vault_self_check(struct vault *v);

static inline bool vault_language_known(uint8_t language)
{
    return language == VAULT_CHINESE || language == VAULT_ENGLISH;
}

static inline err vault_refuse(enum vault_status *ret_status, enum vault_status status)
{
    *ret_status = status;
    return OK;
}

/* ---- blocklist.c ---- */

/* What is refused as common: the additions and what is compiled in. */
const struct blocklist *vault_blocklist(const struct vault *v);

/* "blocklist 3": goes into the record of a decision about a password. */
struct vault_note {
    char text[24];
};
struct vault_note vault_blocklist_note(const struct vault *v);
