/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* task: one question of the acquirer, or one notice, while it is under way; and what the files of
 * the gateway's core share. */

#include "lib/iso8583/dialect.h"
#include "lib/qr/payment_code.h"
#include "payment/kind.h"
#include "payment/message.h"
#include "payment/response_code.h"
#include "wallets/gateway.h"
#include "wallets/memory.h"

enum task_phase {
    TASK_FREE,
    TASK_CHECKING,  /* hsm: the MAC of the question */
    TASK_HIDING,    /* hsm: the content of a request */
    TASK_SIGNING,   /* hsm: the signature of a request */
    TASK_QUEUED,    /* no transfer is free */
    TASK_ASKING,    /* the provider */
    TASK_VERIFYING, /* hsm: the signature of the answer */
    TASK_SHOWING,   /* hsm: what is hidden in the answer */
    TASK_PAUSING,   /* until due_ms */
    TASK_SEALING,   /* hsm: the MAC of our answer */
    TASK_OPENING,   /* hsm: what is sealed in a notice */
    TASK_NOTICED,   /* hsm: the signature of a notice */
    TASK_TELLING,   /* hsm: the MAC of what the acquirer is asked of a plate */
    TASK_TOLD,      /* the acquirer; until due_ms */
    TASK_HEARING,   /* hsm: the MAC of its answer */
};

/* What the acquirer wants. Each is a row of the table in decide.c. */
enum task_purpose {
    TASK_ECHO,
    TASK_PAY,
    TASK_SHOW,      /* a code for the customer to scan */
    TASK_LOOK,      /* a query, ours after a notice or the acquirer's */
    TASK_TAKE_BACK, /* a reversal of a payment */
    TASK_GIVE_BACK, /* a refund or a void */
    TASK_UNDO,      /* a reversal of a refund or a void */
    TASK_FETCH,     /* the provider's certificates: ours, nobody waits for it */
    TASK_PLATE,     /* a notice of a payment at a plate */
    TASK_PURPOSES,
};

enum { TASK_MESSAGE_MAX = 1024 };

struct task {
    enum task_phase phase;
    enum task_purpose purpose;
    enum payment_network_kind kind;
    uint32_t id; /* of its hsm command or its request: its place in the lowest digits */
    struct payment payment;
    uint8_t code[PAYMENT_CODE_MAX]; /* the customer's digits, until they have been sent */
    size_t code_len;
    uint8_t message[TASK_MESSAGE_MAX]; /* the question as it came; later our answer */
    size_t message_len;
    /* Towards a provider. */
    enum wallet_provider provider;
    bool known;      /* the payment was remembered, or its code says whose it is */
    bool had_some;   /* a provider before this one took something back */
    bool unsure;     /* an earlier try may still come, or have come: "no" is no answer yet */
    char refusal[3]; /* GIVE_BACK: of a try after one of which nobody has heard */
    struct wallet_ask ask;
    int64_t total_minor;                   /* GIVE_BACK: of the original */
    struct wallet_reading reading;         /* what came back, or a notice's signature */
    uint8_t hidden[HSM_WALLET_SEALED_MAX]; /* content: of the request, later of the answer */
    size_t hidden_len;
    int64_t due_ms, give_up_ms; /* monotonic */
    /* A notice. */
    uint64_t ticket;
    struct wallet_notice notice;
    unsigned plate_asks; /* how often the acquirer was asked */
    char plate_code[3];  /* what it has answered, if its MAC is right */
};

/* What is known of a provider's certificates beside the account's. Protocol: fetch.c. */
struct fetch {
    struct wallet_held held;
    struct wallet_fetched found;        /* of the one that is under way */
    size_t opened;                      /* rows of it */
    char serial[WALLET_SERIAL_MAX + 1]; /* that is asked for */
    int64_t due_ms;                     /* monotonic: no sooner than this */
};

struct gateway {
    struct gateway_config config;
    struct gateway_ports ports;
    struct gateway_counts counts;
    bool hsm_up;
    uint32_t generation;
    struct memory memory;
    struct fetch fetch[WALLET_PROVIDERS];
    struct task task[GATEWAY_TASKS_MAX];
    uint8_t decoded[ISO8583_ARENA_MAX];
    uint8_t texts[PAYMENT_MESSAGE_ARENA];
    uint8_t command[HSM_FRAME_MAX];
    uint8_t scratch[WALLET_ANSWER_MAX + 256];
    struct wallet_request request;
};

static inline int64_t gateway_now_ms(const struct gateway *g)
{
    return clock_monotonic_us(&g->config.clock) / 1000;
}

/* NULL when there is no room. */
struct task *gateway_task_new(struct gateway *g, enum task_phase phase);
void gateway_task_free(struct task *task);
/* The question stays without an answer: the acquirer asks again, or takes back. */
void task_drop(struct gateway *g, struct task *task, const char *why);

/* gateway.c: one command to the hsm; false, and the task is dropped, when there is none. */
struct writer gateway_command(struct gateway *g, struct task *task, uint8_t command);
bool gateway_send_command(struct gateway *g, struct task *task, const struct writer *w,
                          enum task_phase phase);
void gateway_send_mac(struct gateway *g, struct task *task, uint8_t command, struct bytes data,
                      struct bytes mac, enum task_phase phase);
/* Answers with this response code: asks for its MAC. */
void gateway_say(struct gateway *g, struct task *task, const char *code);
/* The same with 09 and a code that the customer is to scan. */
void gateway_say_shown(struct gateway *g, struct task *task);
/* Gives the question, as it came, to the other wallet. */
void gateway_hand_on(struct gateway *g, struct task *task);

/* ask.c */
/* Begins one call to task->provider, about task->ask.order. */
void ask_begin(struct gateway *g, struct task *task, enum wallet_call call);
void ask_hidden(struct gateway *g, struct task *task, struct bytes content);
void ask_signed(struct gateway *g, struct task *task, struct bytes signature);
void ask_send(struct gateway *g, struct task *task);
void ask_answered(struct gateway *g, struct task *task, err reason, const struct wallet_raw *raw);
/* Has the signature of task->reading checked. */
void ask_verify(struct gateway *g, struct task *task);
void ask_verified(struct gateway *g, struct task *task, bool good);
void ask_shown(struct gateway *g, struct task *task, bool good, struct bytes text);

/* decide.c */
void decide_begin(struct gateway *g, struct task *task);
/* task->reading.said is what is known now. */
void decide_said(struct gateway *g, struct task *task);
/* A request that is sure never to have reached its provider. */
void decide_unreached(struct gateway *g, struct task *task);
void decide_again(struct gateway *g, struct task *task);

/* fetch.c */
/* A key of this name is not there: asks for it, unless one has been asked for just now. */
void fetch_begin(struct gateway *g, enum wallet_provider provider, const char *serial);
/* What is due of those that are fetched; and when that is next, monotonic. */
void fetch_tick(struct gateway *g);
int64_t fetch_next_ms(const struct gateway *g);
void fetch_answered(struct gateway *g, struct task *task, const struct wallet_raw *raw);
void fetch_opened(struct gateway *g, struct task *task, bool good, struct bytes text);
void fetch_verified(struct gateway *g, struct task *task, bool good);
/* Nothing was learnt. */
void fetch_failed(struct gateway *g, struct task *task, err why);

/* notice.c */
void notice_checked(struct gateway *g, struct task *task, bool good);
/* The task ends, and the provider is answered. */
void notice_end(struct gateway *g, struct task *task, bool good);
void notice_opened(struct gateway *g, struct task *task, bool good, struct bytes text);

/* plate.c */
/* A notice whose signature is right: true when it is a plate's, and the task goes on with it. */
bool gateway_plate_noticed(struct gateway *g, struct task *task);
void gateway_plate_said(struct gateway *g, struct task *task);
void gateway_plate_unreached(struct gateway *g, struct task *task);
void gateway_plate_tell(struct gateway *g, struct task *task);
void gateway_plate_sealed(struct gateway *g, struct task *task, struct bytes mac);
/* What is due of it. */
void gateway_plate_again(struct gateway *g, struct task *task);
/* An answer of the acquirer's: false when no plate waits for it. */
bool gateway_plate_heard(struct gateway *g, struct bytes message, const struct iso8583_message *m);
void gateway_plate_checked(struct gateway *g, struct task *task, bool good);
