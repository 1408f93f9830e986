/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * channels: the sockets of the SMS gateway, the mail server, the courier and the provider of checks
 * (identity_sockets.h), on 127.0.0.1. What they decide is in sms_gateway.h, mail_server.h,
 * courier.h and identity_check.h.
 */

#include "lib/wire/loop.h"
#include "lib/wire/process.h"
#include "simulators/courier.h"
#include "simulators/identity_check.h"
#include "simulators/mail_server.h"
#include "simulators/sms_gateway.h"

struct channels;

enum { CHANNELS_OFF = -1 };

struct channels_options {
    struct loop *loop;
    struct clock clock;
    int64_t sms_port, smtp_port; /* 0: a free one; CHANNELS_OFF: none */
    int64_t courier_port;        /* likewise */
    int64_t courier_pace_s;      /* from step to step of a parcel; 0: an hour */
    int64_t identity_port;       /* likewise */
    const char *state;           /* where sms.key, courier.key and identity.key are, or are made */
};

/* Errors: those of the ports and the key file, with a sentence in `fault`. */
MUST_USE err channels_open(const struct channels_options *options, struct process_fault *fault,
                           struct channels **ret_channels);
void channels_close(struct channels *channels); /* NULL is allowed; before its loop */

uint16_t channels_sms_port(const struct channels *channels);      /* 0: none */
uint16_t channels_smtp_port(const struct channels *channels);     /* 0: none */
uint16_t channels_courier_port(const struct channels *channels);  /* 0: none */
uint16_t channels_identity_port(const struct channels *channels); /* 0: none */

/* For the tray: what has come, and what is to go wrong. */
const struct mailbox *channels_mailbox(const struct channels *channels);
void channels_plan(struct channels *channels, enum mailbox_kind kind, struct fault_plan plan);

/* The courier itself: its parcels, its pace, what is to go wrong. */
struct courier *channels_courier(struct channels *channels);
/* The provider of checks; NULL: it has no port. */
struct identity_provider *channels_identity(struct channels *channels);

/* Makes `state`/sms.key unless there is one. */
MUST_USE err channels_make_key(const char *state);

/* The key of `name` in `state`, made unless it is there. For this folder. */
MUST_USE err channels_key(const char *state, const char *name, struct sms_key *ret_key);
