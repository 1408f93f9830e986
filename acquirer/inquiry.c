/* SPDX-License-Identifier: Apache-2.0 */
/* An inquiry lives in its task alone. */
#include "acquirer/inquiry.h"

static const char *refusal(const struct acquirer *a, const struct task *task)
{
    const struct terminal *t = &a->terminal[task->terminal];
    const struct payment *p = &task->payment;
    if (p->key.batch != t->batch || t->closed) return "77";
    if (!t->active) return "03";
    return a->route[p->route].up ? NULL : "91";
}

err inquiry_accepted(struct acquirer *a, struct task *task, const char *code,
                     const struct hsm_accept_answer *answer)
{
    if (code == NULL) code = refusal(a, task);
    if (code != NULL) return reply_code(a, task, code);
    const struct payment_sensitive zone = {.pin_block = answer->zone_pin_block,
                                           .envelope = answer->zone_envelope};
    task->due_ms = task->started_ms + ACQUIRER_NETWORK_MS;
    task->phase = TASK_SEALING;
    return route_encode(a, task, PAYMENT_NETWORK_REQUEST, &zone, FOR_NETWORK_MAC);
}

err inquiry_answered(struct acquirer *a, struct task *task)
{
    const struct payment_network_answer *answer = &task->answer;
    struct payment p = task->payment;
    if (strcmp(answer->response_code, "09") == 0) return inquiry_unanswered(a, task);
    p.card_class = answer->card_class;
    memcpy(p.response_code, answer->response_code, sizeof p.response_code);
    memcpy(p.issuer, answer->issuer, sizeof p.issuer);
    p.chip_answer = answer->chip;
    reply_stamp(&p, task->answered_ms);
    return reply_payment(a, task, &p);
}

err inquiry_unanswered(struct acquirer *a, struct task *task)
{
    a->counts.time_outs++;
    return reply_code(a, task, "98");
}
