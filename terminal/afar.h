/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * afar: what the back office sets at this terminal (S118), and what it says of its own house
 * (S189).
 *
 * A document (lib/wire/device_parameters.h) is taken when the vault has the hsm's word for it and
 * for its number; it is in the store before it is said to be taken, and in force once the screen
 * stands where things begin. What it sets holds before what somebody has set here, who is told so;
 * what it does not set is the shop's own again. After a start the one in the store is in force.
 *
 * Of the house only a word is told, and the sentence is ours; it ends when the back office says so
 * or is not there any more.
 */

#include "lib/wire/device_parameters.h"
#include "lib/wire/device_protocol.h"

struct terminal;

struct afar {
    int64_t number; /* in force; 0: none, or one whose price list is not here (prices.h) ... */
    int64_t behind; /* ... which has this number */
    struct device_parameters set;
    int64_t next_number; /* taken, in force at the next rest; 0: none */
    struct device_parameters next;
    int64_t telling;  /* the number that something is said of; 0: nothing is to be said */
    uint8_t progress; /* enum device_progress */
    char why[DEVICE_REASON_MAX];
    uint8_t house; /* enum device_house */
};

/* Before what it may set is read. What another version of ours has stored and we do not know is
 * not in force; the back office hears that, and gives it again. */
MUST_USE err afar_open(struct terminal *t);

/* DEVICE_PARAMETERS_TOLD, DEVICE_HOUSE_TOLD. */
MUST_USE err afar_take(struct terminal *t, const struct device_message *heard);
MUST_USE err afar_house(struct terminal *t, uint8_t house);

/* The question that says how far it is; then it is said. */
void afar_tell(struct terminal *t, struct device_message *ret_question);

/* Puts in force what waits, when nobody is in the middle of anything. */
MUST_USE err afar_tick(struct terminal *t);
int64_t afar_next_us(const struct terminal *t);

/* What is set, or as delivered. */
int64_t afar_number(const struct terminal *t, enum device_parameter which);
const char *afar_text(const struct terminal *t, enum device_parameter which); /* "" when none is */

/* The lines of a screen where things begin. */
void afar_say(struct terminal *t);

/* It is set from afar, and a notice says so: nothing is changed here. */
bool afar_holds(struct terminal *t, const char *name);
