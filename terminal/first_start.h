/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * first_start: a device out of its box (S139, S140). Two procedures, read from top to bottom:
 *
 *   first_start   until the vault is provisioned: the code of the SMS, or the last six of the
 *                 identity number with the label on the back; the five elements, to be said yes to;
 *                 then certificate, keys and parameters come down
 *   first_steps   afterwards, until it is done or put off: passwords of supervisor and cashier by a
 *                 code to the registered contact, log-in, sign-in, a test sale of one yuan, its
 *                 void, and a screen that says that all is well
 *
 * How far first_steps is stands in the store, or follows from what is there; a power cut loses
 * nothing but the screen. What first_start was told is in memory only: it begins again.
 */

#include "lib/wire/device_protocol.h"

struct terminal;
struct procedure;

enum { FIRST_TAIL = 6, FIRST_CODE = 8, FIRST_SALE_MINOR = 100 };

/* What is being asked, and what was answered. */
struct first_start {
    uint8_t way, step;          /* enums of device_protocol.h */
    char code[DEVICE_CODE_MAX]; /* as typed; wiped afterwards */
    uint8_t request[DEVICE_CERTIFICATE_MAX];
    char document[DEVICE_DOCUMENT_MAX + 1]; /* of the last answer */
    size_t document_len;
    bool refused;
    char reason[DEVICE_REASON_MAX];
    int64_t tries; /* that are left */
    /* The five elements, as the host shows them. */
    char merchant[128], acquirer[4], mid[16], subject[24], account[16], address[128];
};

err first_start(struct terminal *t, struct procedure *p);
err first_steps(struct terminal *t, struct procedure *p);

/* Is there a way to be activated here? */
bool first_start_possible(const struct terminal *t);

/* The answer to a question of ours, while its document lives. */
void first_start_heard(struct terminal *t, const struct device_message *heard);

/* Something of first_steps is not done yet. */
MUST_USE err first_steps_wait(struct terminal *t, bool *ret_wait);

/* What another device had is here: people and all, and nothing of first_steps is left to do. */
MUST_USE err first_steps_restored(struct terminal *t);
