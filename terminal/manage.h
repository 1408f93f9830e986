/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * manage: the device channel, the terminal's conversation with the back office: policies, codes and
 * grants of a recovery, paired phones, and events until they are acknowledged. Everything else
 * works without it.
 *
 *   events, wishes of procedures  ->  manage  ->  questions, one outstanding at a time
 *   answers, tells                ->  manage  ->  vault, procedures (EVENT_MANAGE)
 *
 * A frame is one JSON object (lib/wire/device_protocol.h). A question has a number, its answer
 * the same; what answers nothing, and a tell that nobody waits for, is dropped and logged. A
 * connection that breaks fails the question that was outstanding: who asked hears of it and may ask
 * again. An event is asked again until it is acknowledged; its number tells one from another.
 */

#include "lib/wire/device_protocol.h"
#include "terminal/condition.h"
#include "terminal/notes.h"
#include "terminal/screen.h"

/* A procedure's question and how it went. */
enum manage_progress { MANAGE_NO_WISH, MANAGE_WAITING, MANAGE_ANSWERED, MANAGE_FAILED };

struct manage_wish {
    enum manage_progress progress;
    struct device_message question;
    int64_t id;       /* that it was asked with; 0: not yet */
    int64_t until_us; /* then it has failed */
    struct device_message heard;
};

struct manage {
    enum screen_network state;
    bool wanted, greeted;
    bool bare;    /* this connection has no certificate: for one question, and then it is closed */
    bool factory; /* the device has only its factory's key: bare, when somebody wants to activate */
    int64_t id;
    enum device_ask asked; /* outstanding */
    int64_t deadline_us, retry_at_us;
    int64_t renew_at_us; /* not before is another certificate asked for again */
    unsigned retry_ms;
    bool moved;  /* the device goes by another network: connect again by that one (paths.h) */
    bool events; /* there may be some in the store */
    bool place;  /* network or place are not known to the back office */
    struct condition condition;
    int64_t event;
    int64_t dropped_minute; /* what was no message of ours, audited this minute */
    unsigned dropped;
    struct manage_wish wish;
    struct device_message end; /* RECOVER_END or PAIR_END, sent when it can be, or NOTHING */
    /* What was told, kept until a procedure takes it: the newest of each kind. */
    struct device_message told[DEVICE_TELLS];
};

struct terminal;

/* Connects when the program gave a port for it and the device is activated. */
void manage_start(struct terminal *t);
/* Of a device that is not activated: connects without a certificate, and only for a wish. */
void manage_first(struct terminal *t);
MUST_USE err manage_state(struct terminal *t, bool connected, const char *reason);
MUST_USE err manage_frame(struct terminal *t, struct bytes frame);
MUST_USE err manage_tick(struct terminal *t);
int64_t manage_next_us(const struct terminal *t);

/* Asks `question` for a procedure; the wish before it is forgotten. EVENT_MANAGE tells the rest. */
void manage_ask(struct terminal *t, const struct device_message *question);
/* Nobody waits any more; `end` (NULL: none) is told when it can be. */
void manage_leave(struct terminal *t, const struct device_message *end);

/* The newest tell of this kind about `challenge`, which is taken; NULL when there is none. */
bool manage_told(struct terminal *t, enum device_tell tell, struct bytes challenge,
                 struct device_message *out);

/* last_words.c: an alarm waits that can only be told without a certificate; the question for it,
 * *ret_ready false when there is none, or the vault has no words. */
bool last_words_wait(const struct terminal *t);
MUST_USE err last_words_say(struct terminal *t, uint8_t certificate[DEVICE_CERTIFICATE_MAX],
                            struct device_message *ret_question, bool *ret_ready);

/* renewal.c: our certificate ends within a month, or has ended; the question for another, and what
 * becomes of the answer. */
bool renewal_due(const struct terminal *t);
bool renewal_ended(const struct terminal *t);
MUST_USE err renewal_say(struct terminal *t, uint8_t certificate[DEVICE_CERTIFICATE_MAX],
                         struct device_message *ret_question, bool *ret_ready);
MUST_USE err renewal_heard(struct terminal *t, const struct device_message *heard,
                           bool *ret_renewed);

/* manage_anchor.c: our epoch for a hello; what its answer says of it. */
void manage_anchor_own(struct terminal *t, uint8_t out[DEVICE_ANCHOR]);
MUST_USE err manage_anchor_check(struct terminal *t, const struct device_message *heard);

/* Something that the back office must hear of: persisted, then sent when it can be. */
MUST_USE err manage_event(struct terminal *t, const char *kind, const char *operator_id,
                          const char *detail);
