/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * recovery: a person at a terminal has forgotten a password and asks for a code by SMS, a link by
 * mail, or the recovery desk (S39, S40, S41; also the first password, S34).
 *
 * Who asks never says where to: a code goes to a registered contact of the merchant. How often is
 * limited per contact, per operator with growing waits, and per device. The newest request kills
 * the older ones of the same operator. Requests are kept, codes are not (desk.h).
 *
 * A link carries a token of 256 bits behind a '#', so that no server, proxy or Referer sees it;
 * only its hash is kept. Opening the page does nothing (mail filters open links); pressing its
 * button asks recovery_redeem() once, which shows the code that the terminal waits for. A link
 * alone opens nothing: the code works at the one terminal that asked, for the one operator.
 */

#include "backoffice/desk/desk.h"

enum {
    RECOVERY_SMS_MS = 5 * 60 * 1000,
    RECOVERY_MAIL_MS = 30 * 60 * 1000,
    RECOVERY_SERVICE_MS = 24 * 60 * 60 * 1000,
    RECOVERY_OFFLINE_MS = 15 * 60 * 1000,
};

enum recovery_verdict {
    RECOVERY_SENT = 1,   /* to `contact` */
    RECOVERY_TICKET,     /* the desk has it, under `ticket` */
    RECOVERY_LIMIT,      /* not before `seconds` */
    RECOVERY_NO_CONTACT, /* nobody is registered for this way */
    RECOVERY_REFUSED,    /* this operator has not this way, or the host is not able just now */
};

struct recovery_answer {
    enum recovery_verdict verdict;
    char contact[CONTACT_MASK_MAX]; /* masked */
    int64_t seconds;                /* SENT: how long the code holds; LIMIT: how long to wait */
    int64_t ticket;
};

/* A repeat of the same challenge gets the same answer and sends nothing. */
MUST_USE err recovery_ask(struct desk *desk, const struct registry_terminal *terminal,
                          const struct desk_challenge *challenge,
                          struct recovery_answer *ret_answer);

/* The person has given up: the challenge is dead at the vault too. */
MUST_USE err recovery_end(struct desk *desk, const char *tid, const char *operator_id);

enum redeem_verdict {
    REDEEM_OK = 1,
    REDEEM_DEAD, /* unknown, used, expired, replaced, ended: one answer for all */
    REDEEM_AWAY, /* the hsm is away: the link is still good */
};

struct redeem_answer {
    enum redeem_verdict verdict;
    char code[DESK_CODE_MAX + 1];
    char tid[DESK_TID_LEN + 1], operator_id[DESK_OPERATOR_LEN + 1];
    int64_t seconds; /* that are left */
};
void redeem_answer_wipe(struct redeem_answer *answer); /* for CLEANUP */

/* Exactly one of any number of calls with one token is answered OK. */
MUST_USE err recovery_redeem(struct desk *desk, struct bytes token,
                             struct redeem_answer *ret_answer);

/* The short sign of a way: "sms", and back; 0 when there is none. */
const char *recovery_way_name(enum recovery_way way);
enum recovery_way recovery_way_named(struct bytes name);
