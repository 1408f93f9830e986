/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * providers: two wallets as a merchant's program meets them over HTTP: Alipay's open platform
 * (gateway.do, RSA2) and WeChat Pay's APIv3, each of one merchant. alipay.h and wechat.h have what
 * each of them speaks; what they have on record is in provider_book.h.
 *
 * A core without sockets: a request goes in and an answer comes out, when its effect is on disk.
 * Clock and randomness are given. What a customer does later (types a password, never pays), what a
 * wallet does later (a refund is made, a trade expires) and notices wait for providers_tick().
 *
 * As with the wallets themselves, a cancellation that comes before its payment bars nothing. Not as
 * it is there: the fee of a trade is that of clearing.h and stays when the trade is refunded; bills
 * are CSV of our own; partners (service providers) are not there.
 */

#include "lib/base/log.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/rsa_certificate.h"
#include "lib/wire/wallet_certificate.h"
#include "simulators/faults.h"
#include "simulators/provider_book.h"
#include "simulators/scan.h"

enum {
    PROVIDER_BODY_MAX = 16 << 10, /* of a request: texts of a trade, and detail that we pass over */
    PROVIDER_ANSWER_MAX = 4 << 20, /* a day's bill of some thirty thousand trades */
    PROVIDER_QUERY_MAX = 16 << 10,
    PROVIDER_HEADERS_MAX = 6,
    PROVIDER_ID_MAX = 32,
    PROVIDER_NONCES = 4096, /* of ten minutes; more in that time push out the oldest */
    PROVIDER_KEY_BYTES = 32,
    PROVIDER_REFUND_MS = 1000, /* WeChat Pay: until a refund is made */
    PROVIDER_NOTICES_MAX = 8,  /* sent at a time */
    PROVIDER_BASE_MAX = 64,
    PROVIDER_TICKET = 32,        /* letters that a bill is fetched with */
    PROVIDER_TICKET_MS = 300000, /* for so long */
};

/* As it came; a header that did not is NULL. */
struct provider_request {
    const char *method, *path; /* "/gateway.do" */
    const char *query;         /* behind '?', with its escapes; empty when there is none */
    struct bytes body;
    const char *content_type, *authorization, *accept, *user_agent, *serial;
};

struct provider_header {
    char name[32];
    char value[RSA_KEY_SIGNATURE_TEXT_MAX + 1];
};

struct provider_answer {
    unsigned status;
    const char *content_type; /* a literal; NULL with an empty body */
    struct writer body;
    struct provider_header header[PROVIDER_HEADERS_MAX];
    size_t header_count;
    unsigned delay_ms;
    bool hang_up; /* the connection is closed without an answer */
    bool silent;  /* no answer comes, and the connection stays */
    bool cut;     /* the connection ends in the middle of the body */
};

/* A notice on its way. Views until the call ends. */
struct provider_notice {
    enum provider provider;
    const char *id, *url, *content_type;
    struct bytes body;
    const struct provider_header *header;
    size_t header_count;
    bool twice; /* sent two times, at once */
};

struct providers_ports {
    void *context;
    /* Sends it; providers_heard() tells how it ended. Not asked again before the next attempt. */
    void (*notify)(void *context, const struct provider_notice *notice);
};

struct alipay_config {
    char app_id[PROVIDER_ID_MAX + 1], seller_id[PROVIDER_ID_MAX + 1];
    struct rsa_key own; /* signs answers and notices */
    struct rsa_key app; /* the merchant's, public; pkey NULL: not deposited yet */
    /* Certificate mode: an app that names its certificate, or has deposited one, is in it. Empty:
     * only public-key mode is there. Names are those of wallet_certificate.h. */
    struct rsa_key root;
    char root_pem[RSA_CERTIFICATE_PEM_MAX], certificate[RSA_CERTIFICATE_PEM_MAX];
    char root_sn[WALLET_CERTIFICATE_SN_LEN + 1], sn[WALLET_CERTIFICATE_SN_LEN + 1];
    char app_sn[WALLET_CERTIFICATE_SN_LEN + 1];
    bool app_certified; /* a certificate was deposited, and not a bare key */
    /* Content encryption, when an app asks for it; both ends have the key. Length 0: not there. */
    uint8_t content_key[PROVIDER_KEY_BYTES];
    size_t content_key_len; /* 16 or 32 */
};

struct wechat_config {
    char mchid[PROVIDER_ID_MAX + 1], appid[PROVIDER_ID_MAX + 1];
    struct rsa_key own; /* signs answers and notices, under either name: */
    char certificate[RSA_CERTIFICATE_PEM_MAX];
    char serial[RSA_CERTIFICATE_SERIAL_MAX + 1]; /* of the certificate */
    char key_id[PROVIDER_ID_MAX + 9];            /* "PUB_KEY_ID_..." */
    bool public_key_mode;    /* what it signs under when the request does not say */
    struct rsa_key merchant; /* of the merchant's certificate; pkey NULL: not deposited yet */
    char merchant_serial[RSA_CERTIFICATE_SERIAL_MAX + 1];
    uint8_t api_key[PROVIDER_KEY_BYTES]; /* APIv3 key, shared: notices and certificates */
};

struct providers_config {
    struct clock clock;
    struct random random;
    const struct log *log;       /* may be NULL */
    struct crypto *crypto;       /* outlives them */
    struct store *store;         /* outlives them, and nobody else writes in it */
    struct phones *phones;       /* outlives them */
    struct alipay_config alipay; /* keys stay the caller's */
    struct wechat_config wechat;
    char payee[SCAN_PAYEE_MAX + 1]; /* the merchant's name, as a phone shows it */
};

struct providers;

/* Errors: NO_MEMORY, and those of the store. */
MUST_USE err providers_open(const struct providers_config *config,
                            const struct providers_ports *ports, struct providers **ret_providers);
void providers_close(struct providers *providers); /* NULL is allowed */

/*
 * Answers one request to one of them. `answer->body` is over PROVIDER_ANSWER_MAX bytes of the
 * caller's. Errors: only those of the store; the providers must then be closed.
 */
MUST_USE err providers_answer(struct providers *providers, enum provider provider,
                              const struct provider_request *request,
                              struct provider_answer *answer);

/* What has become due is done, and notices are sent. Errors: those of the store. */
MUST_USE err providers_tick(struct providers *providers);
/* When that has something to do: by clock.now_ms; INT64_MAX when nothing waits. Errors: same. */
MUST_USE err providers_next(struct providers *providers, int64_t *ret_ms);
/* How a notice ended: `heard` when it was answered as its interface says. Errors: same. */
MUST_USE err providers_heard(struct providers *providers, const char *id, bool heard);

/* Whether an answer to a notice says that it was heard: "success", or 200 or 204. */
bool provider_notice_heard(enum provider provider, unsigned status, struct bytes body);

/* A scan_function (scan.h): pays what is shown by either. `context` is the struct providers. */
err providers_scan(void *context, const struct scan *scan, struct scan_result *ret_result);

/* Deposits where this merchant is told of payments at his plates. Errors: those of the store. */
MUST_USE err providers_payee(struct providers *providers, enum provider provider,
                             struct bytes merchant, struct bytes url);
/* How a plate that was scanned ended: ASKED until its notice was heard, REFUSED when the money is
 * back. Errors: NOT_FOUND, those of the store. */
MUST_USE err providers_scanned(struct providers *providers, struct bytes reference,
                               enum scan_outcome *ret_outcome);

/* What the next answers, or notices, have go wrong. */
void providers_plan(struct providers *providers, enum provider provider, bool notices,
                    struct fault_plan plan);

/* Where a provider can be reached, "http://127.0.0.1:1234": addresses of bills begin so. */
void providers_reached_at(struct providers *providers, enum provider provider, const char *base);

/* What was paid and not given back, and how often. Errors: those of the store. */
MUST_USE err providers_total(struct providers *providers, enum provider provider,
                             int64_t *ret_minor, int64_t *ret_count);

/* A wallet's certificate is replaced: each call goes one stage on. Errors: CRYPTO, FULL. */
enum provider_rotation {
    ROTATION_NONE,
    ROTATION_ANNOUNCED, /* the next one can be fetched */
    ROTATION_CHANGED,   /* and signs */
    ROTATION_ENDED,     /* and the old one cannot be fetched any more */
};
MUST_USE err providers_rotate(struct providers *providers, enum provider provider,
                              enum provider_rotation *ret_stage);

/* Takes the merchant's public key (or certificate) after the start: app, app_sn, app_certified. */
void providers_deposit_alipay(struct providers *providers, const struct alipay_config *deposited);
void providers_deposit_wechat(struct providers *providers, struct rsa_key merchant,
                              const char *serial);

/*
 * A day's bill as text: `date` is "2026-11-29" in China time. Lines end in CR LF. Errors: FORMAT
 * (the date), LENGTH (no room), and those of the store. The columns are in provider_bill.c.
 */
MUST_USE err providers_bill(struct providers *providers, enum provider provider, struct bytes date,
                            struct writer *w);
