/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What providers.c, alipay*.c, wechat*.c and provider_bill.c share and nobody else sees. */

#include "lib/crypto/rsa.h"
#include "lib/wire/json.h"
#include "simulators/form.h"
#include "simulators/providers.h"

/* A nonce of WeChat Pay's requests that has been seen. */
struct provider_nonce {
    char text[33];
    int64_t until_ms;
};

struct providers {
    struct providers_config config;
    struct providers_ports ports;
    struct fault_plan answers[PROVIDERS], notices[PROVIDERS];
    struct provider_nonce nonce[PROVIDER_NONCES];
    size_t next_nonce;
    struct {
        char base[PROVIDER_BASE_MAX + 1];
        char ticket[PROVIDER_TICKET + 1], date[11]; /* of the bill that may be fetched */
        int64_t until_ms;
    } bill[PROVIDERS];
    struct provider_next {
        enum provider_rotation stage;
        struct rsa_key key;
        char pem[RSA_CERTIFICATE_PEM_MAX], name[RSA_CERTIFICATE_SERIAL_MAX + 1];
    } next[PROVIDERS];
    struct form form; /* of the request or notice in hand */
    uint8_t scratch[PROVIDER_ANSWER_MAX];
    uint8_t notice_body[16 << 10];
};

/* ---- for both ---- */

int64_t provider_now(const struct providers *p);

/* `digits` random decimal digits, with a NUL. */
void provider_digits(struct providers *p, char *out, size_t digits);
/* `len` random letters and digits, with a NUL. */
void provider_letters(struct providers *p, char *out, size_t len);

/* "2026-11-29 08:15:00", and "2026-11-29T08:15:00+08:00": China time. */
void provider_time_plain(struct writer *w, int64_t ms);
void provider_time_zoned(struct writer *w, int64_t ms);

/* Whether a text has this form: 'd' is a digit, everything else itself. */
bool provider_has_form(struct bytes text, const char *form);
/* The digits at `at` as a number; they are there. */
int provider_number_at(struct bytes text, size_t at, size_t digits);
/* A civil time that there is, of China, to milliseconds. Errors: FORMAT. */
MUST_USE err provider_civil(struct civil civil, int64_t *ret_ms);

/*
 * The customer of `trade` pays, begins to type, or cannot: its phone decides. The trade is changed,
 * put, and a notice is laid down when it is paid.
 */
enum payer_outcome {
    PAYER_PAID,
    PAYER_TYPES,     /* or never does */
    PAYER_HAS_NONE,  /* no money */
    PAYER_PAID_SLOW, /* and is answered late: PHONES_SLOW_MS */
    PAYER_PAID_MUTE, /* and nobody ever says so */
};
MUST_USE err provider_pay(struct providers *p, struct trade *trade, uint8_t phone,
                          enum payer_outcome *ret_outcome);

/* A new trade of this provider, waiting, with a number and without a customer. */
struct trade provider_trade(struct providers *p, enum provider provider);

/* Gives money of a paid trade back: checks nothing. Puts both, without a notice. */
MUST_USE err provider_refund(struct providers *p, struct trade *trade, struct refund *refund);

/* The merchant takes a trade back: closed when it was not paid, given back when it was. */
MUST_USE err provider_take_back(struct providers *p, struct trade *trade);

/* Lays a notice down, when somebody wants to hear it. */
MUST_USE err provider_tell(struct providers *p, const struct trade *trade,
                           const struct refund *refund);

/*
 * The address (and SHA-1 over its bytes, when that is wanted) of a day's bill, good for
 * PROVIDER_TICKET_MS. Errors: FORMAT (the date), NOT_FOUND (a day to come), LENGTH (more than an
 * answer may have), those of the store.
 */
enum { PROVIDER_BILL_URL_MAX = PROVIDER_BASE_MAX + 32 + PROVIDER_TICKET };
MUST_USE err provider_bill_address(struct providers *p, enum provider provider, struct bytes date,
                                   const char *path, char out[PROVIDER_BILL_URL_MAX + 1],
                                   uint8_t ret_sha1[RSA_SHA1_BYTES]);
/* The bill of such an address. Errors: NOT_FOUND (no ticket, or too old), LENGTH, the store's. */
MUST_USE err provider_bill_fetch(struct providers *p, enum provider provider, struct bytes ticket,
                                 struct writer *w);

/* A plate that is scanned with one of these wallets. Errors: NOT_FOUND (no plate, or another
 * wallet), those of the store. */
MUST_USE err provider_plate_scan(struct providers *p, const struct scan *scan,
                                 struct scan_result *ret_result);

/* ---- the interfaces ---- */

/* Answers into `answer`, whose body is empty and whose status is 200. `fault` is what goes wrong
 * with what is said; what was asked is done. */
MUST_USE err alipay_answer(struct providers *p, const struct provider_request *request,
                           enum fault fault, struct provider_answer *answer);
MUST_USE err wechat_answer(struct providers *p, const struct provider_request *request,
                           enum fault fault, struct provider_answer *answer);

/* Writes a notice of a trade, or of a refund of it (NULL: of the trade). */
MUST_USE err alipay_notice(struct providers *p, const struct notice *notice,
                           const struct trade *trade, const struct refund *refund, enum fault fault,
                           struct provider_notice *out, struct provider_header *header);
MUST_USE err wechat_notice(struct providers *p, const struct notice *notice,
                           const struct trade *trade, const struct refund *refund, enum fault fault,
                           struct provider_notice *out, struct provider_header *header);
