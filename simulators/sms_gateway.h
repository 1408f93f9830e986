/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sms_gateway: a gateway as lib/wire/sms.h describes it, from its own side: it checks bearer,
 * timestamp and signature, keeps ids so that a repeat sends nothing, and lays texts into mailboxes.
 * Pure: a request in, an answer out.
 */

#include "lib/base/clock.h"
#include "lib/wire/sms.h"
#include "simulators/faults.h"
#include "simulators/mailbox.h"

enum {
    SMS_GATEWAY_IDS = 1024,    /* ids that a repeat is known by; a real gateway keeps a day's */
    SMS_GATEWAY_PRICE_FEN = 5, /* of a segment */
    SMS_GATEWAY_BODY_MAX = SMS_BODY_MAX,
};

struct sms_gateway {
    struct clock clock;
    struct sms_key key;
    struct mailbox *mailbox;
    struct fault_plan plan;
    struct {
        char id[OUTBOUND_ID_MAX + 1];
        int64_t cost_fen;
    } taken[SMS_GATEWAY_IDS];
    uint64_t count; /* ever taken: what was sent, repeats not counted */
};

/* Headers as they came; NULL for one that did not. */
struct sms_gateway_request {
    const char *authorization, *timestamp, *signature;
    struct bytes body;
};

struct sms_gateway_answer {
    unsigned status;
    unsigned delay_ms;
    bool drop; /* close without an answer */
};

void sms_gateway_answer(struct sms_gateway *gateway, const struct sms_gateway_request *request,
                        struct writer *body, struct sms_gateway_answer *ret_answer);

/* 70 UTF-16 units, or 67 in each of several (3GPP TS 23.040); 160 and 153 for plain ASCII. */
unsigned sms_segments(struct bytes text);
