/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of the acquirer share. Private to this folder: programs, tests and the simulator
 * include acquirer.h.
 *
 * Memory   three tables and their indexes, taken at start: terminals, tasks, recent payments
 * Lives    a task: from a frame to the answer to it, or one attempt of a reversal towards the
 * network a recent payment: from its first journal row until its place is needed and it is final
 * Writing  only record.c writes to the journal store, only group.c commits and sends
 */

#include "acquirer/acquirer.h"
#include "acquirer/index.h"
#include "acquirer/limits.h"
#include "acquirer/watch.h"
#include "lib/iso8583/frame.h"
#include "lib/wire/hsm_protocol.h"
#include "payment/batch.h"
#include "payment/catch_up.h"
#include "payment/key_change.h"
#include "payment/kind.h"
#include "payment/message.h"
#include "payment/response_code.h"
#include "payment/settlement.h"
#include "registry/place.h"
#include "registry/replacement.h"

struct fold;
struct journal_row;
struct merchants; /* allowance.h */
struct registry;

enum { HOST_ROWS = 256 /* journal rows read at one time */ };

/* ---- terminals --------------------------------------------------------------------------------
 */

/* A TR-31 block under the hsm's master key: text, safe at rest, useless without the hsm. */
struct key_block {
    uint8_t len; /* 0: none */
    uint8_t at[HSM_KEY_BLOCK_MAX];
};

static_assert(HSM_KEY_BLOCK_MAX <= UINT8_MAX, "the length of a key block is one byte");

/* The parameters of chip cards that a terminal is to have, as the registry says. */
struct published {
    uint32_t number, len; /* number 0: none */
    uint8_t digest[32];
};

struct terminal {
    char tid[9];
    /* From the registry; read again when its version differs from the acquirer's. */
    uint64_t registry_version;    /* 0: never read */
    bool known, active;           /* active: it and its merchant */
    uint32_t fee_plan, agreement; /* of its merchant */
    int64_t signed_ms;
    int64_t agreed_until_ms; /* UTC; read again then */
    enum payment_profile profile;
    char mid[16];
    char name[26];               /* of the merchant in ASCII, as far as it stands in a code */
    struct registry_place place; /* the same of its trade and town */
    struct key_block master;
    uint32_t first_batch;
    struct published published;
    uint32_t in_force; /* number of the parameters that it has; from itself, in the store */
    /* Which device has said so, and which one it is now: by the print of its certificate. */
    char in_force_at[REGISTRY_FINGERPRINT_LEN + 1], device[REGISTRY_FINGERPRINT_LEN + 1];
    /* From sign-in; in the store. Without a MAC key it must sign in first. */
    uint32_t batch;
    bool closed; /* the batch: no payment before the next sign-in, which begins another */
    struct key_block pin, mac, data;
    /* Of a profile with keys for each message: what its device was given, from the registry; and
     * the last number it has used, in the store (serial.c). All zeros before the first. */
    uint8_t ksn[PAYMENT_KSN_MAX], last_ksn[PAYMENT_KSN_MAX];
    /* From the journal and the traffic. */
    struct payment_totals totals; /* of this batch: the host's own fold of the journal */
    uint32_t undecided;           /* payments of it that are PENDING, but refunds by code */
    uint32_t first_stan;          /* the lowest STAN of them; 0: none yet */
    uint32_t last_stan;           /* the highest STAN seen in this batch */
    uint32_t forgotten_stan;      /* the highest STAN of this batch that is no longer in `recent` */
    int64_t forgotten_row;        /* the highest journal row of a payment that is not */
    uint8_t bad_macs;             /* running */
    uint32_t session;             /* place of its open session, or INDEX_NONE */
    uint8_t replacements;
    int64_t replaced_since_ms;
};

/* ---- sessions ---------------------------------------------------------------------------------
 */

struct session {
    bool open;
    uint32_t id; /* the program's number */
    uint32_t terminal;
    uint32_t under_way; /* tasks that owe it an answer */
    uint8_t malformed;
    bool has_print;
    uint8_t print[REGISTRY_PRINT_BYTES]; /* of its device's key */
    uint64_t judged;                     /* registry_version at which it was not replaced */
    uint32_t next_free;
};

/* ---- recent payments ----------------------------------------------------------------------------
 */

struct recent {
    uint64_t key;    /* recent_key(); 0: free */
    uint64_t digest; /* of the payment; 0: a reversal came before it */
    int64_t row;     /* its last journal row: the recorded answer */
    uint32_t task;   /* under way, or INDEX_NONE */
    uint32_t means;  /* digest of masked PAN and token: a repeat is of the same card; 0 unknown */
    uint8_t state;   /* enum payment_state */
    uint8_t counted; /* allowance.c: under which class of card, or not */
    uint16_t counted_day;
};

/* ---- tasks ---- */

enum task_phase {
    TASK_FREE,
    TASK_ACCEPTING,      /* 0200: its MAC and card data are with the hsm */
    TASK_SEALING,        /* journaled; the message to the network waits for its MAC */
    TASK_WAITING,        /* the network has it */
    TASK_CHECKING,       /* the network's answer waits for the check of its MAC */
    TASK_REVERSAL_ASKED, /* 0400: its MAC is with the hsm */
    TASK_REPLYING,       /* a response waits for its MAC, or a wallet's question for the check */
    TASK_SIGNING_IN,     /* new keys are being made */
    TASK_UNDO_SEALING,   /* a reversal towards the network waits for its MAC */
    TASK_UNDO_WAITING,   /* the network has it */
    TASK_UNDO_CHECKING,  /* its answer waits for the check */
    TASK_MANAGING,       /* an 0800 to a network, or its 0810, is with the hsm (zone.c) */
    TASK_SIGNING,        /* journaled; the code that is to be shown waits for its MAC (shown.c) */
    TASK_SHOWING,        /* the network has it; the terminal's news of that waits for its MAC */
    TASK_CATCHING_UP,    /* 0300: its MAC is with the hsm (catch_up.c) */
};

struct waiter {
    uint32_t session; /* place */
    uint32_t session_id;
    struct iso8583_frame_header header; /* to answer with */
};

struct task {
    enum task_phase phase;
    uint32_t generation; /* so that an answer to an earlier user of this place is recognised */
    uint32_t terminal;
    uint32_t next_free;
    enum payment_profile profile;
    uint16_t answer_mti;                  /* of the response to the terminal */
    uint8_t zone_set;                     /* which keys of its route it has begun with */
    bool queried;                         /* the wallet said "09" */
    bool answer_good;                     /* CHECKING: the MAC of the network's answer is right */
    bool sealing;                         /* CHECKING: the MAC of our response has been asked for */
    char sealed_code[3];                  /* and what it says in field 39 */
    int64_t started_ms, due_ms, query_ms; /* monotonic; 0: none */
    uint64_t rrn_number;
    uint64_t undo_key; /* UNDO: key of the reversal it works on */
    struct payment payment;
    struct payment_network_answer answer;
    int64_t answered_ms;
    struct payment_sign_in sign_in;
    struct {
        uint32_t stan;
        char mid[16];
        struct payment_catch_up_ask ask;
    } catch_up;
    size_t waiters;
    struct waiter waiter[ACQUIRER_WAITERS];
    char payment_code[25];
    char shown_code[PAYMENT_SHOWN_MAX + 1]; /* what the terminal is to show, or empty */
    int64_t shown_until_ms;                 /* monotonic: it may be scanned until then */
    bool show_due;                          /* the terminal is to be told of it */
    uint8_t ksn_len; /* of the serial number whose keys the terminal's message has; 0: none */
    uint8_t ksn[PAYMENT_KSN_MAX];
    size_t out_len;
    uint8_t out[ACQUIRER_MESSAGE_MAX]; /* the message that waits for its MAC, from the MTI on */
};

/* A reversal that the network has not acknowledged, or a refund by code that is not decided. */
struct undo {
    uint64_t key;
    int64_t due_ms;
    uint32_t attempts;
    uint32_t task; /* INDEX_NONE: waits for due_ms */
};

/* ---- the link to the hsm ---- */

enum hsm_purpose {
    FOR_ACCEPT,
    FOR_NETWORK_MAC,
    FOR_ANSWER_CHECK,
    FOR_RESPONSE_MAC,
    FOR_REVERSAL_CHECK,
    FOR_REPLY_MAC,
    FOR_SIGN_IN,
    FOR_UNDO_MAC,
    FOR_UNDO_CHECK,
    FOR_ECHO_MAC,
    FOR_CODE_MAC,
    FOR_SHOWN_MAC,
    FOR_PLATE_CHECK,
    FOR_PLATE_MAC,
    FOR_ZONE_CHECK,
    FOR_CATCH_UP_CHECK,
};

struct hsm_call {
    uint32_t task, generation;
    enum hsm_purpose purpose;
    int64_t sent_ms;
};

/* ---- routes ---- */

/* Zone keys, which change together. */
struct zone_set {
    int64_t number; /* 0: none */
    struct key_block mac, pin, data;
};

enum { ZONE_SETS = 2 };

struct route {
    bool up;
    /* What begins now is under set[use]. The other, where there is one, has a higher number: the
     * network is being told of it; or a lower one: what has begun under it is still under way. */
    struct zone_set set[ZONE_SETS];
    uint8_t use;
    uint8_t told[PAYMENT_KEY_CHANGE_BYTES]; /* what the network is told, until it has answered */
    size_t told_len;                        /* 0: nothing */
    int64_t overlap_ms, switched_ms;        /* of the last change; by the clock, not monotonic */
    struct key_block token;                 /* ours alone: a token per zone, which never changes */
    int64_t heard_ms, echo_ms, told_ms;     /* monotonic */
};

/* ---- the host ---- */

struct acquirer {
    struct acquirer_config config;
    struct acquirer_ports ports;
    struct acquirer_limits limits;

    struct store *store; /* journal.db: journal, working keys, RRN numbers */
    struct store_checkpointer *checkpointer;
    struct registry *registry;
    uint64_t registry_version; /* counts changes seen */
    int64_t registry_due_ms;
    struct fold *fold;
    struct watch watch;
    struct store *books, *accounts; /* control.c: ledger.db and payout accounts, to read */
    int64_t overdue_due_ms;         /* when holds are looked at again, monotonic */

    struct terminal *terminal;
    uint32_t terminal_count;
    struct index terminal_by_id;
    struct merchants *merchants;

    struct session *session;
    uint32_t session_free; /* list */
    struct index session_by_id;

    struct recent *recent; /* a ring in the order of arrival */
    uint32_t recent_first, recent_count;
    struct index recent_by_key;

    struct task *task;
    uint32_t task_free, task_count, task_top; /* top: no task at or above it was ever used */
    struct index task_by_rrn;
    uint32_t pending; /* tasks whose payment is PENDING in the journal */

    struct undo *undo;
    uint32_t undo_count, undo_at_once;
    struct index undo_by_key;

    bool hsm_up;
    struct hsm_call *call; /* ring */
    uint32_t call_first, call_next;

    struct route route[PAYMENT_ROUTES];
    uint64_t rrn_next, rrn_end;

    struct store_tx tx;
    bool in_tx;
    uint8_t *held;
    size_t held_len;
    int64_t tick_due_ms;

    struct journal_row *row; /* HOST_ROWS of them, to read the journal into */
    struct arena arena;      /* one message */
    uint8_t arena_block[ISO8583_ARENA_MAX + PAYMENT_MESSAGE_ARENA];
    uint8_t scratch[HSM_FRAME_MAX];
    struct acquirer_counts counts;
};

static inline int64_t host_now_ms(const struct acquirer *a)
{
    return clock_now_ms(&a->config.clock);
}

static inline int64_t host_monotonic_ms(const struct acquirer *a)
{
    return clock_monotonic_us(&a->config.clock) / 1000;
}

static inline struct bytes key_view(const struct key_block *key)
{
    return bytes_of(key->at, key->len);
}

/* LENGTH when it is longer than a key block can be. */
MUST_USE err key_copy(struct key_block *key, struct bytes from);

/* ---- terminals.c ---- */

/* The place of a terminal id, made when it is new. FULL when the table is. `tid` is 8 characters.
 */
MUST_USE err terminal_place(struct acquirer *a, struct bytes tid, uint32_t *ret_place);
/* Reads its registry record when it has changed since. */
void terminal_refresh(struct acquirer *a, struct terminal *t);
/* Has the registry changed? Then every terminal is read again at its next message. */
void terminals_watch_registry(struct acquirer *a);
/* Opens the registry and takes the zone and token keys. CONFIG when one is missing. */
MUST_USE err terminals_open(struct acquirer *a, struct acquirer_fault *fault);
void terminals_close(struct acquirer *a);
void terminal_drop_keys(struct terminal *t);
static inline bool terminal_signed_in(const struct terminal *t)
{
    return t->mac.len > 0;
}

/* ---- serial.c: keys for each message ---- */

/* The response code for a message with this serial number (empty where its profile has none), which
 * is on record then; NULL: it may be looked at. */
const char *serial_refusal(struct acquirer *a, const struct terminal *t, struct bytes ksn);
/* The task's messages from and to the terminal have the keys of this number. */
void serial_set(struct task *task, struct bytes ksn);
/* Are there keys for a MAC towards the terminal? */
bool serial_ready(const struct task *task);
/* The MAC under this number was right: it is used now. *ret_code as of serial_refusal(). */
MUST_USE err serial_use(struct acquirer *a, struct task *task, const char **ret_code);

/* ---- record.c: what is in journal.db ---- */

MUST_USE err record_open(struct acquirer *a, struct acquirer_fault *fault);
void record_close(struct acquirer *a);
/* Appends the payment as it now is and says the number of the row. */
MUST_USE err record_append(struct acquirer *a, const struct payment *payment,
                           enum payment_event event, int64_t *ret_row);
MUST_USE err record_read(struct acquirer *a, int64_t row, struct payment *out);
/* Working keys and batch of one terminal. */
MUST_USE err record_terminal(struct acquirer *a, const struct terminal *t);
/* What it says it has in force, with the digest of it. */
MUST_USE err record_parameters(struct acquirer *a, const struct terminal *t, struct bytes digest);
/* The next RRN number; reserves a block of them when needed. */
MUST_USE err record_rrn(struct acquirer *a, uint64_t *ret_number);

/* ---- record_batch.c: settlements under way, in journal.db ---- */

struct journal_close;
struct journal_item;

/* What a terminal has said in the 0500 whose totals differ; NOT_FOUND when it has not. */
MUST_USE err record_asked(struct acquirer *a, const struct terminal *t,
                          struct payment_totals *ret_totals);
/* Puts it down; with other totals than before what was uploaded does not count any more. */
MUST_USE err record_ask(struct acquirer *a, const struct terminal *t,
                        const struct payment_totals *totals);
/* Rows of an upload; a row that comes again replaces the one before it. */
MUST_USE err record_upload(struct acquirer *a, const struct terminal *t,
                           const struct payment_upload_row *rows, size_t count);
MUST_USE err record_uploaded(struct acquirer *a, const struct terminal *t, int64_t *ret_rows);
/* The uploaded row with the lowest STAN above `above`; NOT_FOUND when that was the last. */
MUST_USE err record_upload_next(struct acquirer *a, const struct terminal *t, uint32_t above,
                                struct payment_upload_row *out);
/* Closes the batch for good, with its row, and forgets what was uploaded. `left`: of a terminal
 * that is in another one meanwhile. */
MUST_USE err record_close_batch(struct acquirer *a, struct terminal *t, bool left,
                                const struct journal_close *close);
/* The batch of `t` is left without settlement; and one that was, as the terminal was then, into
 * `ret_left`. NOT_FOUND. */
MUST_USE err record_left(struct acquirer *a, const struct terminal *t);
MUST_USE err record_left_find(struct acquirer *a, const struct terminal *t, uint32_t batch,
                              struct terminal *ret_left);
MUST_USE err record_item(struct acquirer *a, const struct journal_item *item);

/* ---- batch.c: what a batch adds up to, and its end ---- */

/* A payment of the terminal at this place goes from state `before` to what it now is. `news`: not
 * read from the journal at start. */
MUST_USE err batch_follow(struct acquirer *a, uint32_t place, enum payment_state before,
                          const struct payment *payment, bool news);
/* The terminal begins this batch; one that it has not settled is named for a person, and may still
 * be settled. */
MUST_USE err batch_begin(struct acquirer *a, struct terminal *t, uint32_t batch);
/* Of terminal `t`, or of a batch that it has left. */
MUST_USE err batch_close_equal(struct acquirer *a, struct terminal *t, bool left,
                               const struct payment_totals *terminal);
/* Compares what was uploaded, makes a work item of each difference, and closes. */
MUST_USE err batch_close_upload(struct acquirer *a, uint32_t place, struct terminal *t, bool left,
                                const struct payment_totals *terminal);

/* ---- recent.c ---- */

uint64_t recent_key(uint32_t terminal, uint32_t batch, uint32_t stan);
struct recent *recent_find(struct acquirer *a, uint64_t key);
/* A new place; NULL when all are taken by payments that are not decided. */
struct recent *recent_add(struct acquirer *a, uint64_t key);
uint32_t recent_means(const struct payment *payment);
bool recent_room(struct acquirer *a);
/* Could this key have been here and been given up? */
bool recent_forgotten(const struct terminal *t, const struct payment_key *key);
/* Looks for it in the journal and takes it back. *ret_recent is NULL when it is not there;
 * BUSY when it may be in a part that is too far back to look at while others wait. */
MUST_USE err recent_recall(struct acquirer *a, uint64_t key, struct recent **ret_recent);
/* Both together: NULL when it has never been here; BUSY as above. */
MUST_USE err recent_look(struct acquirer *a, uint64_t key, const struct payment_key *payment,
                         struct recent **ret_recent);
/* Journals the payment's new state and remembers it: the one place where a state changes. */
MUST_USE err recent_record(struct acquirer *a, struct recent *r, const struct payment *payment,
                           enum payment_event event);

/* ---- recover.c ---- */

MUST_USE err recover(struct acquirer *a);

/* ---- task.c ---- */

/* NULL when all are in use. */
struct task *task_new(struct acquirer *a, enum task_phase phase, uint32_t terminal);
void task_free(struct acquirer *a, struct task *task);
static inline uint32_t task_place(const struct acquirer *a, const struct task *task)
{
    return (uint32_t)(task - a->task);
}
void task_wait(struct acquirer *a, struct task *task, struct session *session,
               const struct iso8583_frame_header *header);
/* It is told and not asked: a card has approved by itself, or a hold is completed (0220). */
static inline bool task_is_advice(const struct task *task)
{
    return task->answer_mti == 0x0230 && payment_told(&task->payment);
}
/* Nobody waits for its answer any more. */
void task_forget_waiters(struct acquirer *a, struct task *task);
void task_await_network(struct acquirer *a, struct task *task);
void task_leave_network(struct acquirer *a, struct task *task);

/* ---- reply.c: responses to the terminal ---- */

/* Encodes the response that this payment asks for and has its MAC made; sends it without one when
 * there is no key or no hsm. The task ends with it. */
MUST_USE err reply_payment(struct acquirer *a, struct task *task, const struct payment *payment);
/* The same payment refused by us with `code` and not recorded. */
MUST_USE err reply_code(struct acquirer *a, struct task *task, const char *code);
/* A refusal for a message that has not become a payment. Makes its own task. */
MUST_USE err reply_refuse(struct acquirer *a, struct session *session,
                          const struct iso8583_frame_header *header,
                          const struct iso8583_message *request, const char *code);
MUST_USE err reply_sign_in(struct acquirer *a, struct task *task);
/* 0510 or 0330. */
MUST_USE err reply_settlement(struct acquirer *a, struct session *session,
                              const struct iso8583_frame_header *header, uint16_t mti,
                              struct payment_settlement *answer);
/* 0310; its times are filled in. */
MUST_USE err reply_catch_up(struct acquirer *a, struct task *task, struct payment_catch_up *answer);
/* Its MAC has come. */
MUST_USE err reply_sealed(struct acquirer *a, struct task *task, struct bytes mac);
/* Encodes into task->out with the place of the MAC empty. */
MUST_USE err reply_encode(struct acquirer *a, struct task *task, const struct payment *payment);
MUST_USE err reply_seal(struct task *task, const struct iso8583_dialect *dialect, struct bytes mac);
MUST_USE err reply_send(struct acquirer *a, struct task *task);
/* Fills in the local time of the answer. */
void reply_stamp(struct payment *payment, int64_t now_ms);

/* ---- accept.c, sign_in.c, reverse.c, conclude.c, route.c ---- */

MUST_USE err accept_payment(struct acquirer *a, struct session *session,
                            const struct iso8583_frame_header *header,
                            const struct iso8583_message *message, struct bytes raw);
MUST_USE err accept_answered(struct acquirer *a, struct task *task, enum hsm_status status,
                             struct reader *body);
/* The MAC of a terminal's message is wrong: counts, refuses, and after three drops the keys. */
MUST_USE err accept_bad_mac(struct acquirer *a, struct task *task);
/* The same without an answer. */
MUST_USE err accept_count_bad_mac(struct acquirer *a, struct task *task, uint32_t stan);

MUST_USE err sign_in_asked(struct acquirer *a, struct session *session,
                           const struct iso8583_frame_header *header,
                           const struct iso8583_message *message);
/* Answers with field 62 of task->sign_in and this code; the task ends with it. */
MUST_USE err sign_in_code(struct acquirer *a, struct task *task, const char *code);
/* download.c: 370, 371, 372 with this field 62, and what the registry has for this model. */
MUST_USE err download_asked(struct acquirer *a, struct task *task, struct terminal *t,
                            struct bytes field);
MUST_USE err download_refresh(struct acquirer *a, struct terminal *t, struct bytes model);
bool download_behind(const struct terminal *t);
MUST_USE err sign_in_answered(struct acquirer *a, struct task *task, enum hsm_status status,
                              struct reader *body);

/* settle.c: 0500 and 0320. */
MUST_USE err settle_asked(struct acquirer *a, struct session *session,
                          const struct iso8583_frame_header *header,
                          const struct iso8583_message *message);

MUST_USE err reverse_asked(struct acquirer *a, struct task *task,
                           const struct iso8583_message *message, struct bytes raw);
MUST_USE err reverse_checked(struct acquirer *a, struct task *task, enum hsm_status status);
/* May another reversal come to be owed? Each payment under way has its place already. */
bool reverse_room(const struct acquirer *a);
/* From now on the host owes the network a reversal of this payment. */
void reverse_owe(struct acquirer *a, uint64_t key);
/* Sends what is due and possible. */
MUST_USE err reverse_pump(struct acquirer *a);
MUST_USE err reverse_undo_sealed(struct acquirer *a, struct task *task, struct bytes mac);
MUST_USE err reverse_undo_checked(struct acquirer *a, struct task *task, enum hsm_status status);
/* This attempt has failed: again later. */
void reverse_undo_again(struct acquirer *a, struct task *task);

MUST_USE err conclude_answer(struct acquirer *a, struct task *task,
                             const struct iso8583_message *message, struct bytes raw);
MUST_USE err conclude_checked(struct acquirer *a, struct task *task, enum hsm_status status);
MUST_USE err conclude_sealed(struct acquirer *a, struct task *task, enum hsm_status status,
                             struct bytes mac);
/* No definitive answer: the payment turns back. */
MUST_USE err conclude_time_out(struct acquirer *a, struct task *task);

enum payment_route route_of(const struct payment *payment);
/* Encodes request, query or reversal into task->out and asks for its MAC. */
MUST_USE err route_encode(struct acquirer *a, struct task *task, enum payment_network_kind kind,
                          const struct payment_sensitive *sensitive, enum hsm_purpose purpose);
MUST_USE err route_sealed(struct acquirer *a, struct task *task, struct bytes mac);
MUST_USE err route_tick(struct acquirer *a, int64_t now_ms);
/* 0800 with this code in field 70, under the keys in use; `text` is field 48, or empty. */
MUST_USE err route_manage(struct acquirer *a, enum payment_route route, const char *code,
                          struct bytes text);
MUST_USE err route_echo_sealed(struct acquirer *a, struct task *task, struct bytes mac);
/* A number that no network has seen, and its text in the payment. */
MUST_USE err route_new_number(struct acquirer *a, struct task *task);
void route_rrn_text(int64_t now_ms, uint64_t number, char out[static 13]);
MUST_USE err route_rrn_number(struct bytes rrn, uint64_t *ret_number);

/* ---- session.c ---- */

MUST_USE err session_drop(struct acquirer *a, struct session *session);

/* Was its device replaced meanwhile? It is dropped then. */
MUST_USE err session_judge(struct acquirer *a, struct session *session, bool *ret_replaced);
MUST_USE err session_malformed(struct acquirer *a, struct session *session,
                               const struct iso8583_fault *fault, const char *what);

/* ---- hsm_link.c ---- */

/* Room for another command, and somebody to execute it. */
bool hsm_ready(const struct acquirer *a);
MUST_USE err hsm_mac_make(struct acquirer *a, struct task *task, enum hsm_purpose purpose,
                          uint8_t suite, const struct key_block *key, struct bytes data);
MUST_USE err hsm_mac_check(struct acquirer *a, struct task *task, enum hsm_purpose purpose,
                           uint8_t suite, const struct key_block *key, struct bytes data,
                           struct bytes mac);
/* The same with the keys of the task's terminal. */
MUST_USE err hsm_terminal_mac_make(struct acquirer *a, struct task *task, enum hsm_purpose purpose,
                                   struct bytes data);
MUST_USE err hsm_terminal_mac_check(struct acquirer *a, struct task *task, enum hsm_purpose purpose,
                                    struct bytes data, struct bytes mac);
/* With the task's serial number, when there is one. */
MUST_USE err hsm_accept(struct acquirer *a, struct task *task, const struct hsm_accept *command);
MUST_USE err hsm_sign_in(struct acquirer *a, struct task *task, const struct hsm_sign_in *command);
MUST_USE err hsm_check_age(struct acquirer *a, int64_t now_ms);

/* ---- group.c ---- */

enum held_kind { HELD_TERMINAL, HELD_CLOSE, HELD_HSM, HELD_ROUTE, HELD_CONTROL };

/* Keeps `head` and `body` as one frame until the commit. */
MUST_USE err group_hold(struct acquirer *a, enum held_kind kind, uint32_t target, struct bytes head,
                        struct bytes body);
/* The transaction of this group, begun when it is the first to need it. */
MUST_USE err group_tx(struct acquirer *a);

/* ---- acquirer.c ---- */

/* Says which store failed and why; returns `code`. */
MUST_USE err host_refuse(struct acquirer_fault *fault, err code, const char *what,
                         const char *text);
