/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The state of one terminal, shared by the files of this folder and by nobody else.
 *
 * `work` is the sale that is under way; `records` knows what is in the store; `host` is the one
 * conversation with the host; `reverse` sends reversals beside whatever the operator does.
 */

#include "lib/iso8583/frame.h"
#include "lib/qr/payment_code.h"
#include "lib/wire/vault_protocol.h"
#include "terminal/afar.h"
#include "terminal/catch_up.h"
#include "terminal/collection.h"
#include "terminal/commands.h"
#include "terminal/counter.h"
#include "terminal/download.h"
#include "terminal/ereceipt.h"
#include "terminal/first_start.h"
#include "terminal/goods.h"
#include "terminal/guide.h"
#include "terminal/host.h"
#include "terminal/limits.h"
#include "terminal/manage.h"
#include "terminal/offline.h"
#include "terminal/orders.h"
#include "terminal/paths.h"
#include "terminal/permission.h"
#include "terminal/prices.h"
#include "terminal/procedure.h"
#include "terminal/queue.h"
#include "terminal/records.h"
#include "terminal/remote.h"
#include "terminal/reverse.h"
#include "terminal/secure.h"
#include "terminal/settle.h"
#include "terminal/shifts.h"
#include "terminal/shop.h"
#include "terminal/signature.h"
#include "terminal/terminal.h"
#include "terminal/texts.h"
#include "terminal/timeouts.h"
#include "terminal/training.h"
#include "terminal/update.h"

enum { RULES_TEXT_MAX = 1024 }; /* of a policy in words; the longest has 600 bytes */

enum event_kind {
    EVENT_NONE,    /* show the screen again: language, minute, device or connection changed */
    EVENT_KEY,     /* key */
    EVENT_ENTRY,   /* a sealed key went to the vault: entry_state */
    EVENT_CARD,    /* work.card */
    EVENT_CHIP,    /* work.chip: it wants something else than before */
    EVENT_CODE,    /* work.code */
    EVENT_STROKES, /* work.strokes, or why not: work.strokes_fault */
    EVENT_TEXT,    /* text: what was written into a field of text */
    EVENT_ANSWER,  /* the request that was under way has ended: host.outcome */
    EVENT_TIME,    /* the time that screen_until() gave has come */
    EVENT_MANAGE,  /* the back office has answered or told something */
};

struct menu;
struct menu_entry;

struct event {
    enum event_kind kind;
    char key[32];
    uint8_t entry_state; /* enum vault_entry_state */
};

/* What a secure entry asks for; filled by who calls entry_take. */
struct entry_ask {
    const char *id; /* of the screen */
    enum text_id title, label, hint;
    char label_value[16], hint_value[2][16];
    uint8_t purpose;           /* enum vault_entry_purpose */
    uint8_t operator_number;   /* whose secret it is; 0 for a PIN */
    const char *refused;       /* what the audit calls a wrong one; a literal */
    bool bypass;               /* the cardholder may go on without (EMV Book 3, 10.5) */
    bool forgotten;            /* the screen offers what helps who has forgotten it (S38) */
    enum vault_status refusal; /* the vault will not take this entry: why; OK while it does */
};

/* What approve() asks a supervisor for; filled by who calls it. */
struct approval {
    enum vault_approved_action action;
    enum text_id what; /* in words */
    char subject[VAULT_SUBJECT_MAX];
    char approver_id[3]; /* out: who has said yes */
};

/* The recovery that is on the screen (recover.c). */
struct recovery {
    struct notes_recovery note; /* as it is in the store */
    int64_t until_us, resend_us;
    char contact[DEVICE_CONTACT_MAX];
    uint8_t grant[DEVICE_GRANT];
    bool granted;
};

/* Who is to have a new password, and what kind. */
struct setting {
    char operator_id[3];
    bool change; /* of one that he has: 修改密码, not 设置密码 */
    bool duress, recovered;
};

/* The policy of somebody's role, in words for the screen (S11). */
struct rules {
    uint8_t role, ways, min, max, keyboard;
    uint16_t lock_s;
    char lines[RULES_TEXT_MAX]; /* ended by line feeds */
};

/* Something to say on the next screen of a procedure, such as why it must be done again. */
struct notice {
    bool set;
    enum screen_line_style style;
    const char *id;
    char text[SCREEN_TEXT];
};

/* A chip card, as the vault last said (struct vault_chip without its views). */
struct chip {
    bool open; /* the vault has one: it is asked until nothing is wanted any more */
    uint8_t state, entry, result, reason, pin_tries;
    bool pin_again, pin_bypass, pin_entered, fallback, reverse, signature;
    size_t labels;
    char label[VAULT_CHIP_LABELS_MAX][VAULT_CHIP_LABEL_MAX + 1];
    struct payment_chip field55;
};

/* The sale under way. Wiped when it is over. */
struct work {
    struct payment payment;
    struct payment answer;          /* of the host, while the card has still to agree */
    enum host_outcome host_outcome; /* of the request that brought it */
    struct chip chip;
    struct guide guide;
    int64_t number;             /* in the store; 0 before it is submitted */
    char amount[16];            /* as typed */
    char amount_kept[16];       /* the same, while something else is typed */
    char sum[32];               /* the calculator's, as typed */
    struct basket basket;       /* of the goods list; empty: the amount was typed */
    uint8_t host_use;           /* enum vault_host, as the vault was told for this card */
    struct screen_sealed shown; /* the amount, as the vault shows it on the page (DV-15) */
    struct vault_card card;     /* its views are gone: only state, entry, pin_required count */
    uint8_t code[PAYMENT_CODE_MAX];
    size_t code_len;
    uint8_t strokes[RECEIPT_STROKES_MAX]; /* of the signature, packed */
    size_t strokes_len;
    enum err_code strokes_fault;
    enum text_id ending;      /* why it is being reversed */
    char plan_bin[7];         /* of the cards whose instalments were chosen */
    char original_masked[20]; /* card of the original, when it is known here */
    int64_t original_number;  /* in the store; 0: it is not */
    struct leave leave[LIMITS];
};

/* What a log-in has said, for the screens after it. */
struct greeting {
    int64_t last_login_ms, first_login_ms;
    uint8_t reason, review; /* enums of vault_protocol.h */
    int review_days;
};

/* When a tip is due (remind.c). */
enum tip_trigger { TIP_AFTER_PASSWORD, TIP_AFTER_LOGIN, TIP_NETWORK };

/* What the back office wants of this device (remote.c). */
struct remote {
    bool locked;    /* `lock` is in force */
    unsigned waits; /* kinds that wait to be done, a bit each */
    bool untold;    /* the back office does not know yet how far something is */
    struct command lock, shown, telling;
    int64_t ring_until_us;
    bool lost; /* `lost_by` is in force */
    struct command lost_by;
    int64_t office_heard_ms; /* when the back office was heard last, as far as it is kept */
    bool leave;              /* whoever is in has to choose another password */
    bool restarting, wiping, wipe_told;
    bool ended;            /* the keys went, or are going, because the contract ended (S142) */
    int64_t wipe_until_us; /* so long what is unsent may still be sent */
    int64_t denied;        /* number of a command that was not taken; 0: none */
    char denied_why[DEVICE_REASON_MAX];
    struct collection collection;
};

/* Somebody who answers in the place of another, until the right one answers again (S171). */
struct impostor {
    bool here[TERMINAL_LINES];
};

/* When the vault is asked next whether it was tampered with; 0: nothing is shown yet. */
struct watch {
    int64_t at_us;
    bool shown; /* boot.tamper, .wiped or .ended is on the screen, and stays there */
};

struct terminal {
    struct terminal_config config;
    struct terminal_ports ports;
    struct records records;
    struct secure_facts facts;
    struct watch watch; /* tamper.c */
    struct host host;
    struct reverse reverse;
    struct advice advice;
    struct manage manage;
    struct terminal_devices devices;
    struct unsure_slip unsure;
    struct paths paths;
    struct network_place place;
    struct remote remote;
    struct update update; /* update.c */
    struct afar afar;     /* afar.c */
    struct shop shop;     /* shop.c */
    struct prices prices; /* prices.c */
    struct settle settle;
    struct search search;
    int64_t manual_most; /* up to which amount a card may be typed; 0: not at all (manual.c) */
    struct order order;  /* the open one, as in the store (split.c) */
    struct first_start first;
    bool label;       /* the code that was read last is this device's own label */
    bool test_sale;   /* the sale that begins is the one yuan of first_steps.c */
    bool tamper_told; /* the vault's tamper bit has been seen and put down, for good */
    struct impostor impostor;
    struct backup backup;
    struct catch_up catch_up; /* as in the store */

    struct procedure stack[TERMINAL_DEPTH];
    size_t depth;
    bool waiting;
    bool running; /* a procedure runs: nothing may come back into it */
    bool refresh; /* something on the screen has changed behind the procedure's back */
    struct event event;
    enum outcome outcome;

    char operator_id[3]; /* empty: nobody is logged in */
    uint8_t role;        /* enum vault_role */
    bool duress;         /* he was forced to log in: amounts are capped, an alarm is out */
    unsigned lock_s;     /* untouched for so long, the terminal locks itself */
    int64_t touched_us;  /* last touch of a person */
    struct vault_login_answer login; /* the vault's last one, without views */
    uint8_t challenge[VAULT_APPROVAL_BYTES];
    struct greeting greeting; /* what is said to who has just logged in */
    struct approval approval;
    struct asked asked;
    struct role_limits limits; /* of this shop, as in the store */
    struct timeouts timeouts;  /* the same */
    struct counter_settings counter;
    struct patience patience;
    struct recovery recovery;
    struct download download;
    struct setting setting;
    struct rules rules;
    uint8_t number;              /* of the operator or phone that the next procedure is about */
    struct device_message phone; /* what a telephone has sent: its key, or its signature */
    int64_t phone_until_us;      /* it is waited for so long */
    size_t secret_len;           /* of a one-time password, sealed for the page; 0: none */
    uint8_t secret[SCREEN_SEALED_MAX];
    enum tip_trigger tip;           /* for tip_show */
    bool help;                      /* the help of this screen is open */
    const struct menu *menu;        /* for menu_run */
    const struct menu_entry *entry; /* for menu_start */
    struct entry_ask ask;
    struct notice notice;
    struct work work;
    struct training_book training;
    char typed[16];                /* digits of a plain field */
    char text[GOODS_TEXT_MAX + 1]; /* of a field of text */
    struct good good;              /* that a screen is about (goods_list.c) */
    int64_t chosen;      /* number of the payment (or check) that the next procedure is about */
    int need;            /* enum need of need.c that a screen is about */
    bool broken;         /* the store has failed: only a new start helps */
    struct payment last; /* of before the start; shown on the main screen; state NONE: nothing */

    struct screen screen;
    const char *shown_id; /* of the screen before, to know whether this is a new one */
    uint32_t serial;
    bool by_person;         /* the event came from a person: the idle time starts again */
    int64_t idle_at_us;     /* 0: this screen does not idle */
    int64_t wait_at_us;     /* end of what is being waited for; 0: nothing */
    int64_t time_at_us;     /* when the procedure wants EVENT_TIME; 0: never */
    int64_t poll_at_us;     /* when the card reader is asked again */
    int64_t minute;         /* local minute on the screen */
    struct receipt receipt; /* that the screen or the printer has a view of */
    struct receipt sheet;   /* of a report; the same */
    struct speech speech;

    uint8_t request[VAULT_FRAME_MAX], answer[VAULT_FRAME_MAX];
    uint8_t frame[ISO8583_FRAME_MAX + ISO8583_FRAME_HEADER_SIZE];
    uint8_t arena[PAYMENT_MESSAGE_ARENA];
};

/* ---- time ---- */

static inline int64_t now_us(const struct terminal *t)
{
    return clock_monotonic_us(&t->config.clock);
}

/* UTC, set by the host at sign-in. */
static inline int64_t now_ms(const struct terminal *t)
{
    return clock_now_ms(&t->config.clock) + t->records.clock_offset_ms;
}

enum { CLOCK_BACK_MS = 3600000 }; /* a clock so much behind what we have seen is wrong */

/* Nothing of this project ran before 2025. */
#define CLOCK_LEAST_MS INT64_C(1735689600000)

/* Our clock says less than what it has said before: a day counted by it could be counted twice. A
 * sign-in takes the host's time instead. */
static inline bool clock_behind(const struct terminal *t)
{
    return now_ms(t) < CLOCK_LEAST_MS || now_ms(t) + CLOCK_BACK_MS < t->records.seen_ms;
}

/* Nothing of a recovery or an approval goes over a network that is not (S170). */
static inline bool network_trusted(const struct terminal *t)
{
    return network_judge(paths_facts(&t->paths)) == NETWORK_VERDICT_TRUSTED;
}

static inline int64_t now_local_ms(const struct terminal *t)
{
    return now_ms(t) + CLOCK_CHINA_OFFSET_MS;
}

/* ---- events ---- */

static inline bool key_is(const struct terminal *t, const char *key)
{
    return t->event.kind == EVENT_KEY && strcmp(t->event.key, key) == 0;
}

/* The choice with this key was taken. */
static inline bool choice_is(const struct terminal *t, const char *choice)
{
    return t->event.kind == EVENT_KEY && strncmp(t->event.key, "choice:", 7) == 0 &&
           strcmp(t->event.key + 7, choice) == 0;
}

/* Hands `event` to the procedures. A failure of the store ends in the fault screen. */
MUST_USE err terminal_event(struct terminal *t, struct event event, bool by_person);

/* ---- building the screen (screen.c) ---- */

void screen_begin(struct terminal *t, const char *id, enum text_id title);
void screen_title(struct terminal *t, enum text_id title, const char *value);

/* SAY(t, SCREEN_HINT, TEXT_X, value, ...) */
void screen_say(struct terminal *t, enum screen_line_style style, enum text_id id,
                const char *const *values);
#define SAY(t, style, ...)      SAY_(t, style, __VA_ARGS__, NULL)
#define SAY_(t, style, id, ...) screen_say(t, style, id, (const char *const[]){__VA_ARGS__, NULL})

void screen_choice(struct terminal *t, const char *key, enum text_id id,
                   enum screen_choice_style style, const char *icon, bool enabled);
/* A choice whose words are not ours, such as the name of a card's application. */
void screen_choice_named(struct terminal *t, const char *key, const char *name,
                         enum screen_choice_style style);
void screen_keys(struct terminal *t, unsigned keys);
void screen_idle(struct terminal *t, unsigned seconds); /* 0: never; TERMINAL_IDLE_S unless set */
void screen_wait(struct terminal *t, enum text_id id, int64_t until_us);
void screen_until(struct terminal *t, int64_t at_us); /* EVENT_TIME then */
void screen_show(struct terminal *t);

/* Sets the notice for the screens that show one; screen_notice() puts it on and keeps it. */
void notice_set(struct terminal *t, enum screen_line_style style, enum text_id id,
                const char *const *values);
#define NOTICE(t, style, ...) NOTICE_(t, style, __VA_ARGS__, NULL)
#define NOTICE_(t, style, id, ...) \
    notice_set(t, style, id, (const char *const[]){__VA_ARGS__, NULL})
void notice_clear(struct terminal *t);
void screen_notice(struct terminal *t);

/* quota.c: which limit of the host a notice names (payment/quota.h); false when it is none. */
bool quota_say(struct terminal *t, const char *notice);

/* "128.00" */
struct amount_text {
    char text[MONEY_TEXT_MAX + 1];
};
struct amount_text amount_text(int64_t minor);

/* "12" of a number, for the places of a text. */
struct number_text {
    char text[24];
};
struct number_text number_text(int64_t number);
struct number_text padded_text(int64_t number, int digits);

/* "2026-04-25 12:30" of a local time. */
struct number_text time_text(int64_t local_ms);

/*
 * What the host says of date and time into `at`, whose year stays. False, and `at` untouched, when
 * it says nothing or nonsense.
 */
bool host_clock_read(const char *mmdd, const char *hhmmss, struct civil *at);

/* Digits into t->typed (a plain field of at most `max`): true when the event was such a key. */
bool typed_key(struct terminal *t, unsigned max);

/* ---- procedures, a file each ---- */

err session(struct terminal *t, struct procedure *p); /* terminal.c */
err boot(struct terminal *t, struct procedure *p);    /* boot.c */

/* ---- tamper.c: tampering, noticed between two commands ---- */

MUST_USE err tamper_tick(struct terminal *t);
int64_t tamper_next_us(const struct terminal *t);
/* Puts down, once for ever, that the vault has been tampered with. */
MUST_USE err tamper_tell(struct terminal *t);
/* The vault has new keys: the next time is told as the first was. */
MUST_USE err tamper_over(struct terminal *t);

err login(struct terminal *t, struct procedure *p);        /* login.c */
err password_new(struct terminal *t, struct procedure *p); /* password.c */
err password_change(struct terminal *t, struct procedure *p);
err duress_set(struct terminal *t, struct procedure *p);
err first_login(struct terminal *t, struct procedure *p); /* greet.c */
err greet(struct terminal *t, struct procedure *p);
err tip_show(struct terminal *t, struct procedure *p); /* remind.c */
err diagnose(struct terminal *t, struct procedure *p); /* diagnose.c */
bool diagnose_waits(const struct terminal *t);
err forgotten(struct terminal *t, struct procedure *p);  /* forgotten.c */
err recovery(struct terminal *t, struct procedure *p);   /* recover.c */
err approve(struct terminal *t, struct procedure *p);    /* approve.c */
err allow(struct terminal *t, struct procedure *p);      /* allow.c */
err parameters(struct terminal *t, struct procedure *p); /* parameters.c */
err report(struct terminal *t, struct procedure *p);     /* report.c */
err operators(struct terminal *t, struct procedure *p);  /* operators.c */
err phones(struct terminal *t, struct procedure *p);     /* phones.c */
err phone_approval(struct terminal *t, struct procedure *p);
err main_menu(struct terminal *t, struct procedure *p); /* menu.c */
err sign_in(struct terminal *t, struct procedure *p);   /* sign_in.c */
err sign_out(struct terminal *t, struct procedure *p);  /* sign_out.c */
err download(struct terminal *t, struct procedure *p);  /* download.c */
err download_by_itself(struct terminal *t, struct procedure *p);
err download_by_hand(struct terminal *t, struct procedure *p);
err sale(struct terminal *t, struct procedure *p);      /* sale.c */
err chip_read(struct terminal *t, struct procedure *p); /* chip.c */
err chip_finish(struct terminal *t, struct procedure *p);
err query(struct terminal *t, struct procedure *p); /* query.c */
err query_detail(struct terminal *t, struct procedure *p);
err reprint_last(struct terminal *t, struct procedure *p); /* reprint.c */
err reprint_any(struct terminal *t, struct procedure *p);
err lock_now(struct terminal *t, struct procedure *p); /* lock.c */
err locked(struct terminal *t, struct procedure *p);
err remote_locked(struct terminal *t, struct procedure *p); /* remote.c */
err remote_message(struct terminal *t, struct procedure *p);
err remote_ring(struct terminal *t, struct procedure *p);
err settings(struct terminal *t, struct procedure *p);    /* settings.c */
err log_out(struct terminal *t, struct procedure *p);     /* menu.c */
err backup_menu(struct terminal *t, struct procedure *p); /* backup_screens.c */

/* May this payment be submitted: was leave given for all that is limited in it (allow.c)? */
bool allowed(const struct terminal *t, const struct payment *payment);

/* Who has approved something of it; untouched when nobody was asked. */
void allow_approver(const struct terminal *t, char ret_approver_id[static 3]);

/* "128.00", "5", by the limit's unit. */
struct amount_text limit_text(enum limit limit, int64_t value);

/* What the administrator has set, or what was delivered. CORRUPT: no value of ours. */
MUST_USE err parameters_load(struct records *records, struct role_limits *ret_limits);

/* An amount that is typed into t->work.amount (amount.c): its field and keypad on the screen, one
 * key of it, and what it is so far, 0 while it is nothing. */
void amount_field(struct terminal *t, enum text_id label);
void amount_key(struct terminal *t);
int64_t amount_typed(const struct terminal *t);

/* A secure entry as t->ask says (entry.c). DONE: the vault holds it. BACK: cancelled. */
err entry_take(struct terminal *t, struct procedure *p);

/* ---- chip.c ---- */

/* The vault has a chip card of this payment. */
bool chip_open(const struct terminal *t);
void chip_forget(struct terminal *t);
void ask_pin(struct terminal *t, bool bypass);      /* for entry_take: a cardholder's PIN */
void chip_say_why(struct terminal *t);              /* as a notice: why the card was no use */
enum text_id chip_ending(const struct terminal *t); /* why an approved payment is reversed */

/* What the vault has answered to a sealed key goes onto the screen. */
void entry_answer(struct terminal *t, const struct vault_entry_answer *answer);

/* Begins the entry on the screen anew: the page has opened a new channel. */
void entry_again(struct terminal *t);

/*
 * The password that t->ask wants, and a paired phone where the policy says so (login.c). DONE: it
 * is who he says, t->login has the vault's answer. REFUSED: it is not, noticed and audited. BACK
 * and FORGOTTEN: of the entry.
 */
err identify(struct terminal *t, struct procedure *p);

/* Is this answer that of the right person? If not, notices why. */
bool login_judge(struct terminal *t, const char *operator_id, enum vault_status status,
                 const struct vault_login_answer *answer);

/* "07" as 7, and back. */
uint8_t operator_number(const char *operator_id);
void operator_text(uint8_t number, char out[3]);

/* enum vault_role of an operator's number (S47). */
uint8_t operator_role(uint8_t number);

/* The policy of `role` into t->rules; false, and its lines empty, when the vault does not say. */
bool rules_of(struct terminal *t, uint8_t role);

/* A line that names a network which is not trusted; nothing when it is (settings.c). */
void network_warn(struct terminal *t);

/* The time to the lock, by the policy of who is logged in. */
void person_policy(struct terminal *t);

/* The operator is in: everything from here on carries his number. */
MUST_USE err person_in(struct terminal *t, const char *operator_id,
                       const struct vault_login_answer *answer);

/* The sign-in of an earlier day does not count (S52). */
bool signed_in(const struct terminal *t);

/* Locks when nobody has touched the main screen for the policy's time (S54). 0: nothing to wait
 * for. */
MUST_USE err lock_when_idle(struct terminal *t);
int64_t lock_at_us(const struct terminal *t);

/* What is on this screen and what to do, for the help key (help.c). */
enum text_id help_text(const char *screen_id);

/* Waits until the host can be asked (host.c). BACK: it cannot, or the operator gave up. */
err host_ready(struct terminal *t, struct procedure *p);

/* ---- preconditions (need.c, S8) ---- */

enum need {
    NEED_PROVISION = 1,
    NEED_CASHIER = 2,
    NEED_SIGN_IN = 4,
    NEED_BATCH = 8,
    NEED_PAPER = 16,
    NEED_RECORD = 32,          /* at least one approved payment */
    NEED_IDLE = 64,            /* no reversal is waiting */
    NEED_MANAGER = 128,        /* supervisor or administrator */
    NEED_SUPERVISOR = 256,     /* whoever may pair phones */
    NEED_TRUSTED = 512,        /* a network that a recovery may go over */
    NEED_ADMINISTRATOR = 1024, /* whoever may set parameters */
    NEED_SETTLED = 2048,       /* no settlement is under way */
    NEED_SETTLEMENT = 4096,    /* there was one */
    NEED_OPEN_BATCH = 8192,    /* something to settle */
    NEED_CAUGHT_UP = 1 << 18,  /* nothing is to be asked of the host after a restore */
    NEED_ORDER = 1 << 17,      /* no order is open */
    NEED_DELIVERED = 1 << 16,  /* the host has heard of every payment without it */
};

/* The first of `needs` that is missing, or 0. */
enum need need_missing(const struct terminal *t, unsigned needs);

/* Says what t->need is about and offers what helps. DONE: try again. BACK: leave it. */
err need_screen(struct terminal *t, struct procedure *p);

/* ---- what the back office wants (remote.c) ---- */

/* On a screen that begins things, and nobody is in the middle of one. */
bool at_home(const struct terminal *t);
/* What is in force and what waits, from the store: at the start. */
MUST_USE err remote_open(struct terminal *t);
MUST_USE err remote_take(struct terminal *t, const struct device_message *heard);
/* The next question of how far something is; remote_heard() when it was acknowledged. */
MUST_USE err remote_tell(struct terminal *t, struct device_message *ret_question, bool *ret_some);
MUST_USE err remote_heard(struct terminal *t);
/* Does what is due, when the screen stands where it may be done. */
MUST_USE err remote_tick(struct terminal *t);
int64_t remote_next_us(const struct terminal *t);
void remote_speech(const struct terminal *t, int64_t number, struct speech *out);

/* ---- log-out, audit ---- */

void operator_forget(struct terminal *t);
MUST_USE err audit(struct terminal *t, const char *event, const char *subject, const char *detail);
