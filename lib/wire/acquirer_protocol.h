/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What people's programs ask of the acquirer about money that is no payment, and what it answers.
 *
 * Transport: a Unix socket, frames with a 4-byte length. Any number of commands may be under way on
 * a connection; answers carry the id of their command and come in the same order, after what they
 * say is on disk. A command that is sent again after a lost answer is refused by what the first one
 * has left (OVER, PAID), never done twice; a new hold or correction has nothing to be known by, so
 * whoever lost the answer to one looks before asking again.
 *
 *   request   version(1) command(1) id(4) body
 *   answer    version(1) command(1) id(4) status(1) number(8) amount(8) fee(8) detail(2+n)
 *
 * Commands are fixed and versioned, and all have one body: which members a command needs is a row
 * of the table in acquirer/control.c, and what it has no use for is empty or zero. Every command
 * names who gives it. Amounts are minor units; a day is ledger/workday.h's.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum {
    ACQUIRER_PROTOCOL_VERSION = 1,
    ACQUIRER_FRAME_MAX = 2048,
    ACQUIRER_DETAIL_MAX = 160,
};

/* On the wire: added to, never renumbered. */
enum acquirer_command {
    ACQUIRER_HOLD = 1,           /* mid, amount, reason, evidence, appeal, deadline */
    ACQUIRER_RELEASE = 2,        /* original: a hold; reason */
    ACQUIRER_CONVERT = 3,        /* original: a hold; reason */
    ACQUIRER_PAYOUT = 4,         /* mid, day, way: everything that is due */
    ACQUIRER_PAYOUT_CONFIRM = 5, /* original: a payout; reference of the bank */
    ACQUIRER_PAYOUT_RETURN = 6,  /* original: a payout; reason */
    ACQUIRER_CREDIT = 7,         /* mid, amount, reason */
    ACQUIRER_DEBIT = 8,          /* mid, amount, reason */
    /* acquirer/work.c: work items, and a network's file (acquirer_work.h). */
    ACQUIRER_ITEM_ASSIGN = 32, /* original: an item; reference: to whom */
    ACQUIRER_ITEM_NOTE = 33,   /* original: an item; reason: the note */
    ACQUIRER_ITEM_CLOSE = 34,  /* original: an item; reason */
    ACQUIRER_DIFFERENCE = 35,  /* a body of its own */
    ACQUIRER_RECONCILED = 36,  /* a body of its own */
    /* acquirer/dispute.c; `way` where it is named. */
    ACQUIRER_DISPUTE_OPEN = 37, /* reference: RRN; evidence: the network's case; reason; way: 1
                                   retrieval, 2 chargeback; amount, day of the deadline or 0 */
    ACQUIRER_DISPUTE_EVIDENCE =
        38, /* original: a dispute; reason: a file's name; reference: digest */
    ACQUIRER_DISPUTE_ANSWER = 39,  /* original: a dispute; reason: the answer */
    ACQUIRER_DISPUTE_DECIDE = 40,  /* original; reason; way: 3 won, 4 lost, 5 accepted */
    ACQUIRER_DISPUTED_DECIDE = 41, /* reference: RRN; reason; way: 1 paid by us, 2 not paid */
    ACQUIRER_NETWORK_SETTLED = 42, /* acquirer/network.c: a body of its own (acquirer_work.h) */
    ACQUIRER_COMMANDS,
};

/* On the wire: added to, never renumbered. Everything but OK has changed nothing. */
enum acquirer_status {
    ACQUIRER_OK = 0,
    ACQUIRER_BAD_REQUEST = 1, /* not a well-formed command of this version */
    ACQUIRER_INCOMPLETE = 2,  /* the detail names what is missing or has not its form */
    ACQUIRER_UNKNOWN = 3,     /* there is no such merchant, hold or payout */
    ACQUIRER_OVER = 4,        /* it has its end already: the number says which */
    ACQUIRER_BEHIND = 5,      /* the ledger is not folded far enough: again in a moment */
    ACQUIRER_NOT_DUE = 6,     /* the detail says when it is */
    ACQUIRER_NO_CALENDAR = 7, /* the working days of that year are not known */
    ACQUIRER_NO_ACCOUNT = 8,  /* the merchant has no account to pay to */
    ACQUIRER_COOLING = 9,     /* it was changed just now: the detail says until when it rests */
    ACQUIRER_NOTHING = 10,    /* nothing is due, or less than the least that is paid */
    ACQUIRER_PAID = 11,       /* this day is paid: the number says by which order */
    ACQUIRER_LATER = 12,      /* a later day is paid, and this one with it */
    ACQUIRER_INACTIVE = 13,   /* the merchant is suspended or closed */
    ACQUIRER_UNREADABLE = 14, /* a store of somebody else's cannot be read: the detail says which */
    ACQUIRER_RECONCILED_BEFORE =
        32,                       /* this day of this network was: the detail says by which file */
    ACQUIRER_NOT_RECONCILED = 33, /* this day of this network was not compared yet */
    ACQUIRER_DISPUTED = 34,       /* a dispute decides about this hold: the detail says which */
    ACQUIRER_NO_SAME_DAY = 35,    /* the merchant's agreement has no D+0: the detail says which */
    ACQUIRER_STATUSES,
};

struct acquirer_header {
    uint8_t command;
    uint32_t id;
};

struct acquirer_request {
    struct bytes actor; /* "admin wang": who gives it */
    struct bytes mid, reason, evidence, appeal, reference;
    int64_t amount_minor, original, deadline_ms;
    int32_t day;
    uint16_t currency;
    uint8_t way;
};

struct acquirer_answer {
    int64_t number; /* of the order that was made, or that stands in the way */
    int64_t amount_minor, fee_minor;
    struct bytes detail; /* one clause for a person; may be empty */
};

void acquirer_write_request(struct writer *w, struct acquirer_header header,
                            const struct acquirer_request *request);
void acquirer_write_answer(struct writer *w, struct acquirer_header header,
                           enum acquirer_status status, const struct acquirer_answer *answer);

/* Views into the frame. Errors: those of the reader, UNSUPPORTED (another version), RANGE. */
MUST_USE err acquirer_read_header(struct reader *r, struct acquirer_header *out);
MUST_USE err acquirer_read_request(struct reader *r, struct acquirer_request *out);
MUST_USE err acquirer_read_answer(struct bytes frame, struct acquirer_header *out,
                                  enum acquirer_status *ret_status,
                                  struct acquirer_answer *ret_answer);

/* "the merchant has no account to pay to". Never NULL. */
const char *acquirer_status_text(enum acquirer_status status);
