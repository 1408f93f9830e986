/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * driver: what the gateway asks of a provider, and what a provider's answer means. A driver is
 * pure: it writes texts and reads them, with the time and the nonce that it is given. It has no
 * key: the text to be signed goes to the hsm, its signature comes back, and then the request is
 * written; an answer is read together with what its signature must cover, and counts only once the
 * hsm has checked that.
 *
 * Every number that a provider is told comes from the acquirer's RRN, so that the same question
 * can be asked again at any time, by a gateway that remembers nothing.
 */

#include "lib/base/writer.h"
#include "lib/wire/hsm_protocol_wallets.h"
#include "lib/wire/json.h"
#include "wallets/account.h"

enum wallet_call {
    WALLET_PAY,          /* the customer's code is charged */
    WALLET_QUERY,        /* how a payment stands */
    WALLET_CANCEL,       /* a payment is taken back, whatever has become of it */
    WALLET_REFUND,       /* part or all of a payment is given back */
    WALLET_REFUND_QUERY, /* how a refund stands */
    WALLET_SHOW,         /* a code that the customer is to scan */
    WALLET_CLOSE,        /* a shown code that nobody has paid is given up */
    WALLET_CERTIFICATES, /* what the provider signs with; Alipay: the one that order.number names */
    WALLET_CALLS
};

enum { WALLET_NONCE_LEN = 32, WALLET_NUMBER_LEN = 12, WALLET_SHOWN_MAX = 512 };

/* A plate's text (ORDER_CODE_MAX), and what a wallet calls its customer. */
enum { WALLET_ATTACHED_MAX = 255, WALLET_CUSTOMER_MAX = 128 };

/* Texts are NUL-terminated and outlive the call. */
struct wallet_order {
    const char *number;   /* of the payment: its RRN */
    const char *part;     /* of the refund: its RRN; REFUND and REFUND_QUERY */
    const char *terminal; /* the terminal id */
    int64_t amount_minor; /* that is asked for; QUERY: that it must be, 0 when unknown */
    int64_t total_minor;  /* of the payment: REFUND */
    const char *why;      /* REFUND: the reason that is told, which the wallet's file of the day has
                             too: "void"; NULL: none */
    bool shown;           /* its code is shown: the customer scans it */
    struct bytes code;    /* PAY: the digits of the customer's code; secret enough to be wiped */
};

struct wallet_ask {
    const struct wallet_account *account;
    const struct wallet_held *held; /* keys beside the account's; may be NULL */
    enum wallet_call call;
    struct wallet_order order;
    int64_t now_ms;
    char nonce[WALLET_NONCE_LEN + 1];
    struct bytes content; /* hidden, of a driver that has it; empty: not hidden */
};

enum {
    WALLET_URL_MAX = 1024,
    WALLET_HEADERS_MAX = 5,
    WALLET_HEADER_NAME_MAX = 24,
    WALLET_HEADER_VALUE_MAX = 900, /* an Authorization with a signature has some 600 */
    WALLET_BODY_MAX = 2048,
    WALLET_TEXT_MAX = 3072,        /* of a request, as it is signed */
    WALLET_ANSWER_MAX = 64 * 1024, /* of a provider; promotions can make one long */
};

struct wallet_header {
    char name[WALLET_HEADER_NAME_MAX + 1], value[WALLET_HEADER_VALUE_MAX + 1];
};

struct wallet_request {
    const char *method; /* a literal */
    char url[WALLET_URL_MAX + 1];
    struct wallet_header header[WALLET_HEADERS_MAX];
    size_t headers;
    uint8_t body[WALLET_BODY_MAX];
    size_t body_len;
};

/* What came back. The four are empty where a provider has no such headers. */
struct wallet_raw {
    int status;
    struct bytes body;
    char timestamp[24], nonce[64], serial[WALLET_SERIAL_MAX + 1];
    char signature[(HSM_WALLET_SIGNATURE_MAX + 2) / 3 * 4 + 1];
};

enum wallet_word {
    WALLET_UNKNOWN, /* nobody knows: ask again */
    WALLET_WAITING, /* the customer is typing a password */
    WALLET_PAID,
    WALLET_REFUSED, /* nothing was charged or given back; response_code says why */
    WALLET_ABSENT,  /* the provider has no such payment or refund */
    WALLET_CLOSED,  /* taken back or given up: it cannot be paid any more */
    WALLET_DONE,    /* CANCEL, REFUND, SHOW, CLOSE: it is done */
};

/* What a provider says, if its signature is right. */
struct wallet_said {
    enum wallet_word word;
    char response_code[3];            /* REFUSED */
    int64_t total_minor;              /* QUERY: of the payment; 0 when it was not said */
    int64_t at_ms;                    /* PAID, DONE: when, as the provider has it; 0: not said */
    char transaction[40];             /* the provider's own number; may be empty */
    char shown[WALLET_SHOWN_MAX + 1]; /* SHOW: what the code is drawn of */
};

/* What was read, and what must be checked before any of it counts. */
struct wallet_reading {
    struct wallet_said said;
    char serial[WALLET_SERIAL_MAX + 1]; /* whose key; empty where the provider has one only */
    const char *public_pem;             /* of the account, or held: whoever must have signed it */
    uint8_t digest[HSM_WALLET_DIGEST_BYTES];
    uint8_t signature[HSM_WALLET_SIGNATURE_MAX];
    size_t signature_len;
    struct bytes hidden; /* a view of the scratch: `said` is known when it has been shown */
};

/* Sealed with AES-256-GCM under the key that opens: views. */
struct wallet_sealed {
    struct bytes nonce, associated, text; /* text with its tag */
};

/* What an answer to CERTIFICATES has, if its signature is right. */
struct wallet_fetched {
    struct wallet_held found; /* what leads to the account's root */
    struct {
        char serial[WALLET_SERIAL_MAX + 1];
        struct wallet_sealed sealed; /* views of `room` */
    } row[WALLET_PUBLIC_KEYS_MAX];   /* what must be opened first */
    size_t rows;
    uint8_t room[WALLET_PUBLIC_KEYS_MAX * (HSM_WALLET_SEALED_MAX + 128)];
};

/* What a notification is about, if its signature is right. */
struct wallet_notice {
    char number[64];      /* of a payment, as the provider has it */
    int64_t amount_minor; /* 0: not said */
    /* Of a payment that has been made, what the wallet was given with it, and who paid; else
     * empty. */
    char plate[WALLET_ATTACHED_MAX + 1];
    char customer[WALLET_CUSTOMER_MAX + 1];
};

struct wallet_driver {
    /* The text to be signed. Errors: FULL, RANGE (an amount or a call that it has not). */
    err (*text)(const struct wallet_ask *ask, struct writer *w);
    /* The request with its signature. Errors: as above. */
    err (*request)(const struct wallet_ask *ask, struct bytes signature,
                   struct wallet_request *out);
    /*
     * An answer. Errors: FORMAT, MISSING, CONFLICT (nobody's answer, unsigned, of another moment),
     * KEY (signed with a key that we do not have; out->serial names it): then nothing is known.
     * What contradicts the question (another number, another amount) is
     * UNKNOWN. `scratch` is room for the text that was signed.
     */
    err (*read)(const struct wallet_ask *ask, const struct wallet_raw *raw, struct writer *scratch,
                struct wallet_reading *out);
    /* An answer to CERTIFICATES, whose signature is to be checked with a key of `account`, one that
     * is held or one of `out`, by the name check->serial. Errors: as above; IDENTITY (a certificate
     * that leads to no root, or another one than was asked for). */
    err (*certificates)(const struct wallet_ask *ask, const struct wallet_raw *raw,
                        struct writer *scratch, struct wallet_fetched *out,
                        struct wallet_reading *check);
    /* The part of a request that content encryption hides, and what was hidden of an answer whose
     * signature is right. NULL where an interface has none. Errors: as above. */
    err (*content)(const struct wallet_ask *ask, struct writer *w);
    err (*shown)(const struct wallet_ask *ask, struct bytes text, struct wallet_said *said);
};

extern const struct wallet_driver wallet_alipay, wallet_wechatpay;

const struct wallet_driver *wallet_driver_of(enum wallet_provider provider);

/* ---- what both drivers use (driver.c) ---- */

/* What a text of a provider means: rows of a table that ends with an empty name. */
struct wallet_verdict {
    const char *name; /* as the provider writes it */
    enum wallet_word word;
    char response_code[3]; /* of REFUSED */
};

/* Sets word and response code by the row of `name`; false, and nothing set, where there is none. */
bool wallet_judge(const struct wallet_verdict *rows, struct bytes name, struct wallet_said *said);

/* A question that is refused (not allowed, malformed) says nothing of what it is about: UNKNOWN,
 * with the code why. What the answer to a question says of a payment or refund stays as it is. */
void wallet_only_asked(const struct wallet_ask *ask, struct wallet_said *said);

/* A short text of an answer, empty where there is none; and whether it is this one. */
struct bytes wallet_member(const struct json_t *row, const char *name);
bool wallet_says(const struct json_t *row, const char *name, const char *value);

/* A moment as providers write it, "2026-11-29 22:59:59" in China or "2026-11-29T22:59:59+08:00" in
 * a zone that it names; 0 for anything else. */
int64_t wallet_moment(struct bytes text);

/* Percent-encoding of everything but letters, digits and "-_.~" (RFC 3986, 2.3). */
void wallet_escape(struct writer *w, struct bytes text);

void wallet_add_header(struct wallet_request *request, const char *name, const char *format, ...)
    PRINTF(3, 4);

/* Signatures are base64 of at most HSM_WALLET_SIGNATURE_MAX bytes. Errors: FORMAT, LENGTH. */
MUST_USE err wallet_take_signature(struct bytes base64, struct wallet_reading *out);
