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
 * A frame is one JSON object (manage_json.c has the tables). A question has a number, its answer
 * the same; what answers nothing, and a tell that nobody waits for, is dropped and logged. A
 * connection that breaks fails the question that was outstanding: who asked hears of it and may ask
 * again. An event is asked again until it is acknowledged; its number tells one from another.
 */

#include "terminal/notes.h"
#include "terminal/screen.h"

enum {
    MANAGE_FRAME_MAX = 8192, /* contract of the channel; a policy is the longest */
    MANAGE_CONTACT_MAX = 48,
    MANAGE_URL_MAX = 200, /* what a QR code of a small screen holds */
    MANAGE_REASON_MAX = 32,
    MANAGE_CHALLENGE_MAX = 32,
    MANAGE_GRANT = 16,
    MANAGE_ANCHOR = 24, /* epoch and its MAC */
    MANAGE_TOKEN = 16,
    MANAGE_PHONE_KEY = 65,
    MANAGE_PHONE_LABEL = 41,
    MANAGE_SIGNATURE = 64,
};

enum manage_ask {
    MANAGE_NOTHING,
    MANAGE_HELLO,
    MANAGE_RECOVER,
    MANAGE_RECOVER_END,
    MANAGE_EVENT,
    MANAGE_PAIR,
    MANAGE_PAIR_END,
    MANAGE_APPROVE,
    MANAGE_ASKS
};

enum manage_tell {
    MANAGE_ANSWER, /* not a tell: the answer to a question */
    MANAGE_GRANT_TOLD,
    MANAGE_REFUSED_TOLD,
    MANAGE_POLICY_TOLD,
    MANAGE_PAIR_KEY_TOLD,
    MANAGE_APPROVAL_TOLD,
    MANAGE_TELLS
};

/* What an answer's "status" says. Words that nobody knows are a refusal. */
enum manage_status {
    MANAGE_STATUS_OK,
    MANAGE_STATUS_SENT,       /* a code, to `contact` */
    MANAGE_STATUS_TICKET,     /* customer service has it: `ticket` */
    MANAGE_STATUS_ASKED,      /* the phone has been asked */
    MANAGE_STATUS_LIMIT,      /* again in `seconds` */
    MANAGE_STATUS_NO_CONTACT, /* nothing is registered to send to */
    MANAGE_STATUS_REFUSED,
    MANAGE_STATUSES
};

/* A question, as it is written. Members that its kind has not are ignored. */
struct manage_question {
    enum manage_ask ask;
    const char *serial, *model, *version;
    int64_t policy, first_login_ms;
    uint8_t anchor[MANAGE_ANCHOR];
    char operator_id[3];
    uint8_t way; /* enum vault_way */
    uint8_t challenge[MANAGE_CHALLENGE_MAX];
    size_t challenge_len; /* of a token, too */
    int64_t pair;         /* of a phone that has been paired; 0: none was */
    const struct notes_event *event;
};

/* Anything that came in. Views end with the frame. */
struct manage_heard {
    enum manage_tell tell;
    int64_t id;
    enum manage_status status;
    char reason[MANAGE_REASON_MAX]; /* the word that the status was, or why it was refused */
    char contact[MANAGE_CONTACT_MAX], ticket[NOTES_TICKET_MAX], url[MANAGE_URL_MAX];
    int64_t seconds;
    struct bytes policy; /* signed text; empty when there is none */
    uint8_t anchor[MANAGE_ANCHOR];
    bool has_anchor;
    char operator_id[3];
    uint8_t challenge[MANAGE_CHALLENGE_MAX]; /* of a token, too */
    size_t challenge_len;
    uint8_t grant[MANAGE_GRANT];
    uint8_t phone_key[MANAGE_PHONE_KEY], signature[MANAGE_SIGNATURE];
    char label[MANAGE_PHONE_LABEL];
    int64_t pair;
};

void manage_write(struct writer *w, int64_t id, const struct manage_question *question);

/* `document` (of json.h) holds what the views see. Errors: FORMAT and others of json.h. */
struct json_document;
MUST_USE err manage_read(struct bytes frame, enum manage_ask asked, struct json_document *document,
                         struct manage_heard *out);

/* A procedure's question and how it went. */
enum manage_progress { MANAGE_NO_WISH, MANAGE_WAITING, MANAGE_ANSWERED, MANAGE_FAILED };

struct manage_wish {
    enum manage_progress progress;
    struct manage_question question;
    int64_t id;       /* that it was asked with; 0: not yet */
    int64_t until_us; /* then it has failed */
    struct manage_heard heard;
};

struct manage {
    enum screen_network state;
    bool wanted, greeted;
    int64_t id;
    enum manage_ask asked; /* outstanding */
    int64_t deadline_us, retry_at_us;
    unsigned retry_ms;
    bool events; /* there may be some in the store */
    int64_t event;
    struct manage_wish wish;
    struct manage_question end; /* RECOVER_END or PAIR_END, sent when it can be, or NOTHING */
    /* What was told, kept until a procedure takes it: the newest of each kind. */
    struct manage_heard told[MANAGE_TELLS];
};

struct terminal;

/* Connects when the program gave a port for it and the device is activated. */
void manage_start(struct terminal *t);
MUST_USE err manage_state(struct terminal *t, bool connected, const char *reason);
MUST_USE err manage_frame(struct terminal *t, struct bytes frame);
MUST_USE err manage_tick(struct terminal *t);
int64_t manage_next_us(const struct terminal *t);

/* Asks `question` for a procedure; the wish before it is forgotten. EVENT_MANAGE tells the rest. */
void manage_ask(struct terminal *t, const struct manage_question *question);
/* Nobody waits any more; `end` (NULL: none) is told when it can be. */
void manage_leave(struct terminal *t, const struct manage_question *end);

/* The newest tell of this kind about `challenge`, which is taken; NULL when there is none. */
bool manage_told(struct terminal *t, enum manage_tell tell, struct bytes challenge,
                 struct manage_heard *out);

/* Something that the back office must hear of: persisted, then sent when it can be. */
MUST_USE err manage_event(struct terminal *t, const char *kind, const char *operator_id,
                          const char *detail);
