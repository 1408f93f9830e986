/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * pos: a terminal for the tests, of any profile, that does one thing at a time and can be told
 * to do it wrong. The plain profile is written field by field as UnionPay-style terminals have it
 * (docs/dialect.md), not through payment/message.h: a foreign terminal does not link our code.
 */

#include "lib/crypto/delivery.h"
#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/dukpt_tdes.h"
#include "payment/message.h"
#include "tests/protocol/client.h"
#include "tests/protocol/host.h"

enum { POS_PEM_MAX = 4096 };

struct pos {
    char tid[9], mid[16];
    enum payment_profile profile;
    char authority[POS_PEM_MAX], certificate[POS_PEM_MAX], private_key[POS_PEM_MAX];
    struct client client;
    struct crypto crypto;
    struct key master;
    struct working_keys keys;
    struct key answer_mac; /* where each message has its own keys; otherwise keys.mac */
    union {
        struct dukpt_aes_device aes;
        struct dukpt_tdes_device tdes;
    } device;
    size_t ksn_len;
    uint8_t ksn[PAYMENT_KSN_MAX]; /* of the last message */
    uint32_t batch, stan;
    char track2[40], pin[13];
    /* The last message that came: its bytes from the MTI on, and its fields. */
    struct bytes raw;
    struct iso8583_message answer;
    uint8_t arena_block[ISO8583_ARENA_MAX];
    uint8_t frame[CLIENT_FRAME_MAX]; /* the last one built */
};

/* Registers it with `tongbao admin` and gives it the virtual card "good". */
void pos_make(struct pos *pos, const struct host *h, const char *tid, enum payment_profile profile);
/* The same at another merchant's than HOST_MID, who is registered. */
void pos_make_for(struct pos *pos, const struct host *h, const char *mid, const char *tid,
                  enum payment_profile profile);

/* The same device is provisioned anew (`--again`): other keys, another certificate, the batch and
 * STAN that it was at. */
void pos_make_again(struct pos *pos, const struct host *h);

/* A foreign terminal of the plain profile whose master key comes under its RSA key. */
void pos_make_by_rsa(struct pos *pos, const struct host *h, const char *tid);
void pos_free(struct pos *pos);

struct client_identity pos_identity(const struct pos *pos);

void pos_connect(struct pos *pos, const struct host *h);

/* Signs in, takes the keys, and adopts the batch. Fails the test unless the answer is 00. */
void pos_sign_in(struct pos *pos);

/* The keys of the next message, where each has its own: pos_request() and pos_reversal() begin with
 * it. */
void pos_next_keys(struct pos *pos);

/* A new sale with the next STAN. */
struct payment pos_sale(struct pos *pos, int64_t amount_minor);

/* The same by the code of a customer's telephone, and its request. Not of the plain profile. */
struct payment pos_code_sale(struct pos *pos, int64_t amount_minor);
struct bytes pos_code_request(struct pos *pos, const struct payment *payment, const char *code);

/* Frames, views into pos->frame, with a good MAC. */
struct bytes pos_request(struct pos *pos, const struct payment *payment);
struct bytes pos_reversal(struct pos *pos, const struct payment *payment);

/* Encodes any message of its dialect; with a MAC when it has field 64. */
struct bytes pos_encode(struct pos *pos, const struct iso8583_message *message);

/* Sends, and waits for the answer; pos_field() reads it. */
void pos_exchange(struct pos *pos, struct bytes frame);

/* The same for hosts that are killed: false when there is no connection or no answer in time. */
bool pos_try_connect(struct pos *pos, long port);
bool pos_try_exchange(struct pos *pos, struct bytes frame, int wait_ms);
bool pos_try_receive(struct pos *pos, int wait_ms); /* of what was sent before */
bool pos_try_sign_in(struct pos *pos, int wait_ms);

/* A field of the answer as text; "" when it is not there. Lives until the next call but three. */
const char *pos_field(const struct pos *pos, unsigned field);

/* Field 39 of the answer, and whether its MAC is there and right. */
const char *pos_code(const struct pos *pos);
bool pos_mac_good(struct pos *pos);

/* The whole of a good payment: request, answer 00, MAC right. What the last test of every bad
 * input is. */
void pos_pays(struct pos *pos, int64_t amount_minor);
