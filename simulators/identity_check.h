/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * identity_check: a provider of three- and four-element checks as lib/wire/identity_check.h
 * describes it, from its own side: it checks bearer, timestamp and signature, answers an id that it
 * has as the first time, refuses one with another content, and signs what it says. Who is known to
 * it is a table of endings (README.md): everybody else is right. Faithful, and wrong on demand.
 * Pure: a request in, an answer out. What was asked is kept as a digest under the key of the
 * interface: identities and accounts are not.
 */

#include "lib/base/clock.h"
#include "lib/wire/identity_check.h"

enum {
    IDENTITY_IDS = 256,            /* that a repeat is known by */
    IDENTITY_DELAY_MAX_MS = 60000, /* of a slow answer */
    IDENTITY_NEVER = UINT32_MAX,   /* of a silent one */
};

enum identity_fault {
    IDENTITY_FAULT_NONE,
    IDENTITY_FAULT_DOWN,    /* the connection ends without a word; nothing is looked up */
    IDENTITY_FAULT_BUSY,    /* 429; nothing is looked up */
    IDENTITY_FAULT_LATER,   /* "later", signed; nothing is looked up */
    IDENTITY_FAULT_SLOW,    /* answered `delay_ms` later */
    IDENTITY_FAULT_SILENT,  /* looked up, and no answer ever */
    IDENTITY_FAULT_BROKEN,  /* looked up, and 500 */
    IDENTITY_FAULT_ANOTHER, /* signed, about another id */
    IDENTITY_FAULT_FORGED,  /* signed with another key */
    IDENTITY_FAULT_STALE,   /* signed an hour ago */
    IDENTITY_FAULT_GARBAGE, /* bytes that are nothing, signed */
    IDENTITY_FAULT_DOUBLED, /* the answer stands in the body twice */
    IDENTITY_FAULTS,
};

static const char *const identity_fault_names[IDENTITY_FAULTS] = {
    "none",   "down",    "busy",   "later", "slow",    "silent",
    "broken", "another", "forged", "stale", "garbage", "doubled"};

struct identity_provider {
    struct clock clock;
    struct sms_key key;
    enum identity_fault fault;
    int64_t fault_count; /* requests it still holds for */
    unsigned delay_ms;
    struct {
        char id[OUTBOUND_ID_MAX + 1], digest[SMS_SIGNATURE_MAX + 1];
        enum identity_result result;
    } taken[IDENTITY_IDS];
    uint64_t count; /* ever looked up, repeats not counted */
};

/* Headers as they came; NULL for one that did not. */
struct identity_request {
    const char *authorization, *timestamp, *signature;
    struct bytes body;
};

struct identity_reply {
    unsigned status;
    unsigned delay_ms; /* IDENTITY_NEVER: no answer */
    bool drop;         /* the connection ends without one */
    /* Of the answer; empty: it has none. */
    char timestamp[24], signature[SMS_SIGNATURE_MAX + 1];
};

/* `body` has room for IDENTITY_CHECK_ANSWER_MAX. */
void identity_provider_answer(struct identity_provider *provider,
                              const struct identity_request *request, struct writer *body,
                              struct identity_reply *ret_reply);

/* What the register says of these elements. */
enum identity_result identity_register(const struct identity_question *question);
