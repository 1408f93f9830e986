/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tap: what the files of the contactless kernel share; for this folder only. Each of enter and
 * answer ends in exactly one of: another step (tap_go), a command (tap_command), a want, or an end.
 */

#include "lib/emv/entry_point.h"
#include "lib/emv/kernel.h"

enum {
    /* 9F66, terminal transaction qualifiers, UnionPay's layout */
    TTQ_EMV = KERNEL_BIT(0, 0x40),
    TTQ_QPBOC = KERNEL_BIT(0, 0x20),
    TTQ_CONTACT = KERNEL_BIT(0, 0x10),
    TTQ_OFFLINE_ONLY = KERNEL_BIT(0, 0x08),
    TTQ_PIN_ONLINE = KERNEL_BIT(0, 0x04),
    TTQ_SIGNATURE = KERNEL_BIT(0, 0x02),
    TTQ_ONLINE_WANTED = KERNEL_BIT(1, 0x80),
    TTQ_CVM_WANTED = KERNEL_BIT(1, 0x40),
    TTQ_FDDA_1 = KERNEL_BIT(3, 0x80),
    /* 9F6C, card transaction qualifiers */
    CTQ_PIN_ONLINE = KERNEL_BIT(0, 0x80),
    CTQ_SIGNATURE = KERNEL_BIT(0, 0x40),
    CTQ_ONLINE = KERNEL_BIT(0, 0x20),
    CTQ_INSERT = KERNEL_BIT(0, 0x10),
    CTQ_ON_DEVICE = KERNEL_BIT(1, 0x80),
};

static inline bool tap_ttq(const struct emv_tap *k, unsigned bit)
{
    return (k->chosen->ttq[bit >> 8] & (uint8_t)bit) != 0;
}

static inline void tap_tvr(struct emv_tap *k, unsigned bit)
{
    k->tvr[bit >> 8] |= (uint8_t)bit;
}

/* What the card wants done. No bit is set when it has no 9F6C. */
bool tap_ctq(const struct emv_tap *k, unsigned bit);

/* Pre-processing: what this amount makes of each application of the parameters. preprocess.c */
void tap_preprocess(const struct emv_setup *setup, struct emv_combination *out);

void tap_go(struct emv_tap *k, enum emv_tap_step step);
void tap_command(struct emv_tap *k, uint32_t header, struct bytes data);

/* Ends. `tap_terminate` decided nothing; `tap_again` wants the same card once more; `tap_insert`
 * sends it to the slot, where there is one. */
void tap_end(struct emv_tap *k, enum emv_result result, enum emv_reason reason,
             enum emv_message message);
void tap_terminate(struct emv_tap *k, enum emv_reason reason);
void tap_again(struct emv_tap *k, enum emv_reason reason, enum emv_message message);
void tap_insert(struct emv_tap *k, enum emv_reason reason);

/* This application is given up: the next one, or the slot with contacts. */
void tap_select_next(struct emv_tap *k);

/* Fast DDA, version 01. Errors: as certificate.h; UNSUPPORTED for another version, IDENTITY when
 * what is signed is not what the card has said elsewhere. */
MUST_USE err tap_fdda(const struct emv_tap *k);

/* Whether 9F69, which is signed, and 9F6C, which is not, say the same. True without a 9F69. */
bool tap_qualifiers_agree(const struct emv_tap *k);

/* Steps. */
void tap_enter_ppse(struct emv_tap *k);
void tap_answer_ppse(struct emv_tap *k);
void tap_enter_select(struct emv_tap *k);
void tap_answer_select(struct emv_tap *k);
void tap_enter_options(struct emv_tap *k);
void tap_answer_options(struct emv_tap *k);
void tap_enter_record(struct emv_tap *k);
void tap_answer_record(struct emv_tap *k);
void tap_enter_judge(struct emv_tap *k);
void tap_enter_pin(struct emv_tap *k);
void tap_enter_online(struct emv_tap *k);

/* Events of people and host. False: it does not fit. */
bool tap_pin_event(struct emv_tap *k, const struct emv_event *event);
bool tap_online_event(struct emv_tap *k, const struct emv_event *event);
