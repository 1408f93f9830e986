/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * outbound: messages that leave for servers of others, by libcurl: mail (mail.h), SMS (sms.h) and
 * requests to interfaces of providers (request.h).
 *
 * A transfer is begun from the loop's thread and ends with one call of `done` from the loop, never
 * from inside the function that began it. Between the two it belongs to a thread of this module.
 *
 * Tried    curl's multi interface on our loop. Its SMTP waits inside two of its steps, for the
 * reply to a message and for the reply to QUIT: a mail server that took three seconds to answer
 *          stopped the loop for three seconds (libcurl 7.88). So each transfer in flight has a
 *          thread, and the loop never waits.
 * Limits   transfers_max at a time; OUTBOUND_BODY_MAX out, answer_max back; a time for
 * each transfer; no redirects, no proxies, no connection kept Secrets  bodies carry codes and
 * links. Our blocks are wiped when a transfer ends, and curl is given an allocator that wipes what
 * it frees.
 *
 * Addresses of servers are configuration, never a person's input. What has no TLS goes to this
 * machine alone: a relay beside us, or the simulator.
 */

#include "lib/base/bytes.h"
#include "lib/wire/loop.h"

struct outbound;

enum {
    OUTBOUND_ID_MAX = 32,            /* 128 bits as hex: what a server tells repeats by */
    OUTBOUND_BODY_MAX = 64 * 1024,   /* 16 kB of text, in base64 and in headers, and room */
    OUTBOUND_ANSWER_MAX = 4 * 1024,  /* a gateway's answer is some 100 bytes */
    OUTBOUND_HEADERS_MAX = 8 * 1024, /* of an answer, where somebody wants them */
    OUTBOUND_TRANSFERS_MAX = 16,     /* threads; each waits for one server */
};

/* 1 to OUTBOUND_ID_MAX letters, digits and '-'. Here, so that what only writes texts needs no curl.
 */
static inline bool outbound_id_valid(const char *id)
{
    size_t len = strlen(id);
    if (len == 0 || len > OUTBOUND_ID_MAX) return false;
    for (; *id != '\0'; id++) {
        bool letter = (*id >= 'a' && *id <= 'z') || (*id >= 'A' && *id <= 'Z');
        if (!letter && (*id < '0' || *id > '9') && *id != '-') return false;
    }
    return true;
}

struct outbound_options {
    struct loop *loop;
    unsigned transfers_max; /* 1 .. OUTBOUND_TRANSFERS_MAX */
    size_t answer_max;      /* of a request's answer; 0: OUTBOUND_ANSWER_MAX, and no requests */
};

/* Before any thread that uses curl. Errors: NO_MEMORY, IO. */
MUST_USE err outbound_create(const struct outbound_options *options,
                             struct outbound **ret_outbound);

/*
 * Ends what is in flight without calling `done`: within a second, since curl looks up from a wait
 * once a second. NULL is allowed. Before its loop.
 */
void outbound_destroy(struct outbound *outbound);

/* How many more can be begun now. */
unsigned outbound_room(const struct outbound *outbound);

enum outbound_outcome {
    OUTBOUND_TAKEN = 1, /* the server has it and answers for it */
    OUTBOUND_LATER,     /* not now, or nobody knows: try again with the same id */
    OUTBOUND_REFUSED,   /* this message never, however often it is tried */
};

struct outbound_result {
    enum outbound_outcome outcome;
    err reason;       /* OK when taken; IDENTITY for a certificate that is not right */
    int reply;        /* 250, 451, 503 ...; 0 when there was none */
    int64_t cost_fen; /* what the gateway says it costs; 0 for mail */
};

/* `id` is the transfer's, a view that ends with the call. */
typedef void (*outbound_done)(void *context, const char *id, const struct outbound_result *result);
