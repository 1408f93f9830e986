/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The security log: what is noted, and the lines that wait for the next flush. watch.c. */

#include "acquirer/acquirer.h"
#include "acquirer/limits.h"

enum watch_cause {
    WATCH_START,
    WATCH_STOP,
    WATCH_SIGN_IN,
    WATCH_SIGN_OUT,
    WATCH_BAD_MAC,
    WATCH_KEYS_DROPPED,
    WATCH_NETWORK_MAC,
    WATCH_UNKNOWN_TERMINAL,
    WATCH_WRONG_IDENTITY,
    WATCH_WRONG_CERTIFICATE,
    WATCH_CONFLICT,
    WATCH_REPLACED,
    WATCH_CONTESTED,
    WATCH_MALFORMED,
    WATCH_CONNECTION,
    WATCH_CLEAR_CARD,
    WATCH_FLOOD,
    WATCH_HSM,
    WATCH_PARAMETERS,
    WATCH_OTHER_PARAMETERS,
    WATCH_BATCH,
    WATCH_BATCH_DIFFERS,
    WATCH_SUSPECT,
    WATCH_KSN_REPLAYED,
    WATCH_KSN_FOREIGN,
    WATCH_DISPUTED,
    WATCH_ADVICE,
    WATCH_TERMINALS_FULL,
    WATCH_NETWORK_AMOUNT,
    WATCH_RESTORED,
    WATCH_CAUSES,
};

enum { WATCH_SUBJECT_MAX = 64, WATCH_DETAIL_MAX = 160 };

struct watch_entry {
    enum watch_cause cause;
    int64_t at_ms;
    char subject[WATCH_SUBJECT_MAX], detail[WATCH_DETAIL_MAX];
};

struct watch {
    struct store *store;
    bool failed; /* it could not be written, and the text of `store` says why */
    size_t count;
    struct watch_entry entry[ACQUIRER_AUDIT_QUEUE];
    struct {
        int64_t minute;
        uint32_t written, left_out;
    } rate[WATCH_CAUSES];
};

MUST_USE err watch_open(struct acquirer *a, struct acquirer_fault *fault);
void watch_close(struct acquirer *a);
void watch_note(struct acquirer *a, enum watch_cause cause, struct bytes subject,
                const char *format, ...) PRINTF(4, 5);
MUST_USE err watch_write(struct acquirer *a);
