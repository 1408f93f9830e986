/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * session: who is asking. A session is 256 random bits in a cookie and their hash in the store; it
 * ends after 15 minutes without use, after 12 hours (staff) or 24 (owners), with log-out, with the
 * sixth one of the same account, and with everything that changes what the account logs in with.
 * The account is read anew with every request, so what an administrator takes away is gone with the
 * next one.
 *
 * A step of a log-in is a session too, of an earlier stage, and each step has a token of its own:
 * whoever plants or sees the one before has nothing of the next.
 */

#include "backoffice/core.h"
#include "registry/credential.h"

enum session_stage {
    SESSION_FACTOR = 1, /* the password was right; the second factor is missing */
    SESSION_ENROL = 2,  /* the password was right; there is no second factor yet */
    SESSION_CHANGE = 3, /* both were right; the password must be changed first */
    SESSION_FULL = 4,
    SESSION_STAGES = 5,
};

/* Who asks. Lives as long as the call. */
struct caller {
    struct account account;
    unsigned roles; /* those of the account */
    enum session_stage stage;
    int64_t session; /* its number: what lists of sessions show */
    int64_t step_ms; /* when a factor was last shown; 0: never */
    bool stepped_up; /* within the last five minutes */
    char subject[ACCOUNT_SUBJECT_MAX];
};

/* For audit records; views `subject`. */
struct registry_actor caller_actor(const struct caller *caller, int64_t now_ms);

/* Is this one of the places that the caller may see? Staff see all, owners their merchant's. */
bool caller_may_see(const struct caller *caller, const char *mid, uint32_t outlet);

enum account_kind session_kind(enum realm realm);

/* "staff"/"console" session or device cookies; "__Host-" in front when people come by https. */
const char *session_cookie(const struct backoffice *backoffice,
                           const struct backoffice_request *request, enum realm realm);

enum { SESSION_CSRF_TEXT = 22 }; /* 16 bytes as base64url */

/* What a page sends back in X-CSRF with every writing request; made of the session's token. */
void session_csrf(const char *token, char ret_text[SESSION_CSRF_TEXT + 1]);
bool session_csrf_right(const struct backoffice *backoffice,
                        const struct backoffice_request *request, enum realm realm);

/* Why a session ended before its time; numbers are stored. */
enum session_why {
    SESSION_UNSAID = 0,
    SESSION_PASSWORD = 1,  /* the password was changed or reset */
    SESSION_FACTORS = 2,   /* a passkey, an app or recovery codes came or went */
    SESSION_RIGHTS = 3,    /* somebody changed what the account may do */
    SESSION_ELSEWHERE = 4, /* logged out from another device of the person */
    SESSION_WHYS = 5,
};

/* The sign of why the session of this cookie ended: "password_changed"; NULL when it just ran out.
 * Only who holds the cookie can ask (S16). */
MUST_USE err session_why(struct backoffice *backoffice, const struct backoffice_request *request,
                         enum realm realm, const char **ret_why);

/* 401 to a request that has no session (any more), with why it was ended when somebody ended it. */
MUST_USE err session_refuse(struct backoffice *backoffice, const struct backoffice_request *request,
                            enum realm realm, struct http_response *response);

/* A page of another site must not drive us, whatever its browser thinks of cookies. */
bool session_from_own_page(const struct backoffice_request *request);

/* The caller of a request by its cookie; NOT_FOUND when there is none (any more). */
MUST_USE err session_find(struct backoffice *backoffice, const struct backoffice_request *request,
                          enum realm realm, int64_t now_ms, struct caller *ret_caller);

/* It was used: idle time begins anew. Written at most every half minute. */
MUST_USE err session_touch(struct backoffice *backoffice, const struct caller *caller,
                           int64_t now_ms);

struct session_start {
    const struct account *account;
    enum session_stage stage;
    int64_t replaces;    /* the number of the session that ends with this; 0 for none */
    bool stepped;        /* a factor was shown just now */
    const char *address; /* of the client */
    const char *agent;   /* User-Agent */
    int64_t now_ms;
};

/* Begins one and puts its cookie into the answer. The caller commits before answering. */
MUST_USE err session_begin(struct backoffice *backoffice, struct store_tx *tx,
                           const struct session_start *start, struct http_response *response,
                           char ret_csrf[SESSION_CSRF_TEXT + 1]);

/* Ends one of the account's sessions. NOT_FOUND, also when it is somebody else's. */
MUST_USE err session_end(struct store_tx *tx, int64_t account, int64_t session);
/* All of the account's but one (0: all), and their cookies' devices are forgotten with `devices`.
 * Who comes with one of them is told `why`. */
MUST_USE err session_end_others(struct store_tx *tx, int64_t account, int64_t but, bool devices,
                                enum session_why why);
/* The answer drops the browser's cookie. */
void session_drop_cookie(const struct backoffice *backoffice, enum realm realm,
                         struct http_response *response);

enum { SESSION_AGENT_MAX = 120 };

struct session_row {
    int64_t id, made_ms, used_ms;
    char address[HTTP_ADDRESS_MAX], agent[SESSION_AGENT_MAX + 1];
};
MUST_USE err sessions_of(struct backoffice *backoffice, int64_t account, int64_t now_ms,
                         struct session_row ret_rows[BACKOFFICE_SESSIONS], size_t *ret_count);

/* What has ended is taken out of the store: by the clock. */
MUST_USE err sessions_sweep(struct backoffice *backoffice, int64_t now_ms);

/* ---- devices: where somebody has logged in before (OWASP device cookies) ---- */

/* The device of the request's cookie when it is this account's; *ret_device is 0 otherwise. */
MUST_USE err device_find(struct backoffice *backoffice, const struct backoffice_request *request,
                         enum realm realm, int64_t account, int64_t *ret_device);
MUST_USE err device_add(struct backoffice *backoffice, struct store_tx *tx,
                        const struct account *account, const char *agent, int64_t now_ms,
                        struct http_response *response);

/* Tables of sessions, devices and tries. */
extern const struct store_schema session_schema;
