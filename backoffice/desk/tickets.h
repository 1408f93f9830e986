/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tickets: the recovery desk (S41, S42, S43, S46, S184). One ticket is one person who cannot get
 * in, at a terminal or at a console, from the first word to the end, and everything that was done
 * about it.
 *
 *   opened         by the terminal ("customer service"), a call, or a chat
 *   identity       the agent asks what is registered, types what the caller says, and is told
 *                  right or wrong: the desk never sees the registered value
 *   risk           computed, never talked down: who may do much, new addresses, repeated
 *                  recoveries, a payout account that is about to change, wrong answers
 *   approved       by one member of staff, or by two different ones when the risk is high; the
 *                  tables refuse anything else, whoever writes
 *   delivered      online: the hsm's grant goes to the terminal, and nobody at the desk can see it
 *                  offline: ten digits are shown once to be read out, for the challenge that the
 *                  caller has read from the screen; worth nothing at any other device, for any
 *                  other operator, for any other challenge, or later than 15 minutes
 *
 * Who has lost every factor of a console account comes here too (CR-14, CR-15): always a high risk,
 * so two members of staff other than the account's own. Then password, factors, sessions and
 * devices end, a set-up link goes to the registered mail address and is shown to nobody, every
 * contact is told, and the merchant's payout account stands still.
 *
 * Nobody at the desk chooses a password, and an approval is of one challenge: a new request of the
 * terminal must be approved anew.
 */

#include "backoffice/desk/desk.h"

enum {
    TICKET_TEXT_MAX = 400,
    TICKET_KIND_MAX = 24,
    TICKET_NUMBER_MAX = 16, /* "R-000123" */
    TICKET_UNLOCK_DIGITS = 11,
    TICKET_ANSWER_TRIES = 3, /* of one question, in one ticket */
    TICKETS_LISTED_MAX = 100,
    TICKET_STAFF_UNLOCKS = 20, /* codes that one member of staff may read out in a day */
};

enum ticket_origin { TICKET_BY_TERMINAL = 1, TICKET_BY_CALL = 2, TICKET_BY_CHAT = 3 };

enum ticket_state {
    TICKET_OPEN = 1,
    TICKET_APPROVED = 2,
    TICKET_DONE = 3, /* the person is in */
    TICKET_REJECTED = 4,
    TICKET_CLOSED = 5, /* without a recovery */
    TICKET_STATES = 6,
};

/* Where the grant or the code is. What is not known is not said. */
enum ticket_delivery {
    TICKET_UNDELIVERED = 0,
    TICKET_QUEUED = 1,       /* approved; the terminal is not connected */
    TICKET_SENT = 2,         /* on its way through an open connection */
    TICKET_ACKNOWLEDGED = 3, /* the terminal says that it has it */
    TICKET_READ_OUT = 4,     /* an offline code was shown */
    TICKET_VERIFIED = 5,     /* the vault has accepted it */
    TICKET_DELIVERIES = 6,
};

enum ticket_risk { TICKET_LOW = 1, TICKET_HIGH = 2 };

/* Why a risk is high, as bits; numbers are stored. */
enum ticket_reason {
    TICKET_ROLE = 1,          /* supervisor or administrator */
    TICKET_NEW_CONTACT = 2,   /* an address of the merchant is younger than 30 days */
    TICKET_REPEATED = 4,      /* two recoveries of this merchant in 30 days, or more */
    TICKET_PAYOUT = 8,        /* the payout account is about to change, or stands still */
    TICKET_WRONG_ANSWER = 16, /* a question was answered wrong */
    TICKET_ACCOUNT = 32,      /* a console account: every factor is given anew */
    TICKET_SHEET = 64         /* a sheet is printed anew */
};

/* What the agent may ask. The answer that is compared is the registered one, in any spelling. */
enum ticket_question {
    QUESTION_OWNER = 1, /* the owner's name, in characters or pinyin; of an account, its name */
    QUESTION_PHONE,     /* the owner's, or the account's, whole telephone number */
    QUESTION_MAIL,      /* likewise, the mail address */
    QUESTION_MERCHANT,  /* the merchant's number, 15 digits */
    QUESTION_SERIAL,    /* the device's serial number */
    QUESTIONS = 6,
};

/* Right answers that an approval needs, or as many as can be asked of an account that has fewer
 * addresses. A high risk also needs a note of what else was seen. */
enum { TICKET_ANSWERS_LOW = 2, TICKET_ANSWERS_HIGH = 3 };

enum {
    TICKET_ACCOUNT_MS = 24 * 60 * 60 * 1000,     /* to find two who approve */
    TICKET_ACCOUNT_LINK_MS = 2 * 60 * 60 * 1000, /* to open the mail */
};

/* Whether the owner has written (chat.h), and who wrote last. */
enum ticket_chat { TICKET_NO_CHAT = 0, TICKET_CHAT_ANSWERED = 1, TICKET_CHAT_WAITS = 2 };

struct ticket {
    int64_t id;
    char number[TICKET_NUMBER_MAX];
    char mid[16], tid[DESK_TID_LEN + 1], operator_id[DESK_OPERATOR_LEN + 1];
    int64_t account; /* of a console; 0: of a terminal. tid and operator are empty then */
    enum account_kind account_kind;
    char login[ACCOUNT_LOGIN_MAX + 1];
    unsigned askable; /* questions that the account has an answer to */
    enum ticket_origin origin;
    enum ticket_state state;
    enum ticket_risk risk;
    unsigned reasons; /* enum ticket_reason */
    enum ticket_delivery delivery;
    int64_t opened_ms, changed_ms;
    struct desk_challenge challenge; /* len 0: the terminal has not asked yet */
    int64_t expires_ms;              /* of the challenge */
    unsigned approvals, needed, right, right_needed;
    bool evidence; /* there is a note of what else was seen */
    enum ticket_chat chat;
};

struct ticket_event {
    int64_t number, at_ms;
    char actor[DESK_ACTOR_MAX], kind[TICKET_KIND_MAX], detail[TICKET_TEXT_MAX + 1];
};

enum ticket_verdict {
    TICKET_OK = 0,
    TICKET_NOT_FOUND,
    TICKET_OVER,           /* it has ended */
    TICKET_NO_CHALLENGE,   /* the terminal has not asked, and no offline challenge was typed */
    TICKET_EXPIRED,        /* the challenge has: the person must ask again */
    TICKET_NEEDS_ANSWERS,  /* not enough right answers */
    TICKET_NEEDS_NOTE,     /* a high risk without evidence */
    TICKET_NEEDS_SECOND,   /* approved by this one; another must approve too */
    TICKET_SAME_PERSON,    /* this one has approved already */
    TICKET_NO_TRIES,       /* the question was answered wrong too often */
    TICKET_NOT_REGISTERED, /* there is nothing to compare with */
    TICKET_BAD_CHALLENGE,  /* not 11 digits with their check digit */
    TICKET_HSM_AWAY,
    TICKET_SHOWN, /* the code was shown before; it is not shown again */
    TICKET_LIMIT, /* this member of staff has read out too many today */
    TICKET_NOT_APPROVED,
    TICKET_OWN,         /* somebody else must help this member of staff */
    TICKET_NOT_ACTIVE,  /* the account was suspended or closed: not by a ticket */
    TICKET_NO_ADDRESS,  /* no mail address is registered: a link could go nowhere */
    TICKET_LETTER_BUSY, /* the outbox has not taken the link: nothing has changed */
    TICKET_AWAY,        /* the terminal is not connected */
    TICKET_VERDICTS,
};

/* "needs_second": for the page. Never NULL. */
const char *ticket_verdict_name(enum ticket_verdict verdict);

/* ---- what the desk does; each in one transaction with its line of the timeline and the audit ----
 */

MUST_USE err ticket_open(struct desk *desk, const struct desk_staff *staff, struct bytes tid,
                         struct bytes operator_id, enum ticket_origin origin, struct bytes note,
                         enum ticket_verdict *ret_verdict, int64_t *ret_ticket);

/* For a console account: by login, telephone number or mail address. A second call about it finds
 * the ticket that is open, and renews what has expired. */
MUST_USE err ticket_open_account(struct desk *desk, const struct desk_staff *staff,
                                 enum account_kind kind, struct bytes name,
                                 enum ticket_origin origin, struct bytes note,
                                 enum ticket_verdict *ret_verdict, int64_t *ret_ticket);

/* The link of an account's ticket was used, in the caller's transaction. Nothing, when it was
 * another link. */
MUST_USE err ticket_account_in(struct desk *desk, struct store_tx *tx, int64_t account);

/* Evidence: what was seen or heard beyond the questions. */
MUST_USE err ticket_note(struct desk *desk, const struct desk_staff *staff, int64_t ticket,
                         struct bytes text, enum ticket_verdict *ret_verdict);

/* What the caller said. It is compared, and not kept. */
MUST_USE err ticket_answer(struct desk *desk, const struct desk_staff *staff, int64_t ticket,
                           enum ticket_question question, struct bytes said,
                           enum ticket_verdict *ret_verdict, bool *ret_right);

/* The digits that the caller reads from the screen; spaces and hyphens are passed over. */
MUST_USE err ticket_challenge(struct desk *desk, const struct desk_staff *staff, int64_t ticket,
                              struct bytes digits, enum ticket_verdict *ret_verdict);

/*
 * The printed sheet is lost (S36): another one is ordered for this operator. Always a high risk.
 * Once approved, the order goes to the terminal; when its vault has taken it the old sheet is dead
 * and the new one may be printed, once, by `tongbao manual --reissue`. Nobody at the desk sees it.
 */
MUST_USE err ticket_reissue(struct desk *desk, const struct desk_staff *staff, int64_t ticket,
                            enum ticket_verdict *ret_verdict);

/*
 * Remote diagnostics: the terminal asks whoever stands there. Its answer, or the refusal, is an
 * event of the ticket. AWAY when the terminal is not connected, LIMIT when it was asked a minute
 * ago.
 */
MUST_USE err ticket_diagnose(struct desk *desk, const struct desk_staff *staff, int64_t ticket,
                             enum ticket_verdict *ret_verdict);

/* OK: enough have approved, and it is under way. NEEDS_SECOND: this approval counts. */
MUST_USE err ticket_approve(struct desk *desk, const struct desk_staff *staff, int64_t ticket,
                            enum ticket_verdict *ret_verdict);

/* The offline code, once, to somebody who then reads it out. The caller wipes it. */
MUST_USE err ticket_read_out(struct desk *desk, const struct desk_staff *staff, int64_t ticket,
                             enum ticket_verdict *ret_verdict, char ret_code[DESK_CODE_MAX + 1],
                             int64_t *ret_seconds);

/* `state`: REJECTED or CLOSED. The terminal is told when it waits; an account's link is void. */
MUST_USE err ticket_end(struct desk *desk, const struct desk_staff *staff, int64_t ticket,
                        enum ticket_state state, struct bytes reason,
                        enum ticket_verdict *ret_verdict);

/* ---- reading ---- */

/* NOT_FOUND when there is none. */
MUST_USE err ticket_find(struct desk *desk, int64_t ticket, struct ticket *ret_ticket);

/* The newest first; an error of `each` ends the walk. `open_only`: what still needs somebody. */
typedef err (*ticket_each)(void *context, const struct ticket *ticket);
MUST_USE err ticket_list(struct desk *desk, bool open_only, ticket_each each, void *context);

/* Those of one merchant that its owner has written in; the newest first, `most` at most. */
MUST_USE err ticket_chats(struct desk *desk, const char *mid, int64_t most, ticket_each each,
                          void *context);

typedef err (*ticket_each_event)(void *context, const struct ticket_event *event);
MUST_USE err ticket_timeline(struct desk *desk, int64_t ticket, ticket_each_event each,
                             void *context);

/* What may be shown of a registered answer ("138****5678"), how often it was answered, and whether
 * right. An empty mask: nothing is registered. */
struct ticket_asked {
    char mask[CONTACT_MASK_MAX];
    unsigned tries;
    bool right;
};
MUST_USE err ticket_asked(struct desk *desk, const struct ticket *ticket,
                          enum ticket_question question, struct ticket_asked *ret_asked);
