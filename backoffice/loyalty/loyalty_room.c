/* SPDX-License-Identifier: Apache-2.0 */
/* Who may see what is all of a merchant's, and the words of refusals. */
#include "backoffice/loyalty/loyalty_room.h"

#include <stdio.h>

bool loyalty_is_there(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    const struct api_caller *caller = call->caller;
    if (b->loyalty != NULL && caller->mid[0] != '\0' && caller->outlet == 0) return true;
    api_missing(response);
    return false;
}

struct bytes loyalty_asking(const struct api_call *call, char text[static LOYALTY_ASKER_MAX + 1])
{
    if (call->idempotency_key == NULL) return (struct bytes){0};
    int len = snprintf(text, LOYALTY_ASKER_MAX + 1, "%s %s", call->caller->subject,
                       call->idempotency_key);
    ENSURE(len > 0 && len <= LOYALTY_ASKER_MAX);
    return bytes_of(text, (size_t)len);
}

/* The status of what is refused; 422 of what is not named here. */
static const uint16_t statuses[LOYALTY_VERDICTS] = {
    [LOYALTY_NO_CAMPAIGN] = 404,    [LOYALTY_NO_MEMBER] = 404,      [LOYALTY_NO_COUPON] = 404,
    [LOYALTY_CHANGED] = 409,        [LOYALTY_CAMPAIGN_STATE] = 409, [LOYALTY_TOO_MANY] = 409,
    [LOYALTY_BUDGET_GIVEN] = 409,   [LOYALTY_NO_PROGRAMME] = 409,   [LOYALTY_KNOWN] = 409,
    [LOYALTY_OWED_TO_MEMBER] = 409, [LOYALTY_UNDECIDED] = 409,
};

bool loyalty_refused(enum loyalty_verdict verdict, struct http_response *response)
{
    if (verdict == LOYALTY_DONE || verdict == LOYALTY_REPEATED) return false;
    unsigned status = statuses[verdict] == 0 ? 422 : statuses[verdict];
    if (status == 404) api_missing(response);
    else
        api_refuse(response, status, loyalty_verdict_name(verdict),
                   loyalty_verdict_text(verdict, false));
    return true;
}

err loyalty_answered(struct backoffice *b, const struct api_call *call, const char *event,
                     const char *subject, struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                bytes_text(event), bytes_text(subject),
                                                bytes_text(call->caller->mid)}));
    return api_commit(b, call, &tx, response);
}
