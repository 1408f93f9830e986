/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another certificate before ours ends (S123), over the device channel like any other question; and
 * after it has ended over the rescue channel: the same question without a certificate, which only
 * the device's own key signs. Nothing else can be asked there. Until it is answered no connection
 * can be made, so no payment can be; afterwards everything goes on where it stood.
 */
#include "terminal/core.h"

#define DAY_MS INT64_C(86400000)

enum { BEFORE_DAYS = 30 };

static int64_t end_ms(const struct terminal *t)
{
    return t->facts.provisioned ? t->facts.certificate_expiry_ms : 0;
}

bool renewal_due(const struct terminal *t)
{
    return end_ms(t) > 0 && now_ms(t) >= end_ms(t) - BEFORE_DAYS * DAY_MS;
}

bool renewal_ended(const struct terminal *t)
{
    return end_ms(t) > 0 && now_ms(t) >= end_ms(t);
}

err renewal_say(struct terminal *t, uint8_t certificate[DEVICE_CERTIFICATE_MAX],
                struct device_message *ret_question, bool *ret_ready)
{
    struct bytes own = {0}, request = {0};
    struct device_message ask = {.ask = DEVICE_RENEW};
    /* The question is built where the vault's answer lies: it is copied first. */
    struct writer copy = writer_over(certificate, DEVICE_CERTIFICATE_MAX);
    enum vault_status status = secure_renew_ask(t, &own, &request);
    *ret_ready = status == VAULT_OK;
    if (status != VAULT_OK) {
        log_event(t->config.log, LOG_ERROR, "no_renewal",
                  LOG_TEXT("vault", vault_status_text(status)));
        return OK;
    }
    write_bytes(&copy, own);
    write_bytes(&copy, request);
    memcpy(ask.terminal, t->facts.tid, sizeof ask.terminal);
    TRY(writer_finish(&copy, &ask.policy));
    *ret_question = ask;
    return OK;
}

err renewal_heard(struct terminal *t, const struct device_message *heard, bool *ret_renewed)
{
    enum vault_status status = VAULT_NOT_ALLOWED;
    *ret_renewed = false;
    if (heard->status == DEVICE_OK && (heard->has & DEVICE_HAS_RENEWED))
        status = secure_renew_take(t, heard->policy);
    log_event(t->config.log, status == VAULT_OK ? LOG_INFO : LOG_WARN, "renewal",
              LOG_INT("answer", heard->status), LOG_TEXT("vault", vault_status_text(status)));
    if (status != VAULT_OK) return audit(t, "renewal_refused", t->facts.tid, "");
    *ret_renewed = true;
    (void)secure_status(t);
    if (t->ports.certificate_renewed != NULL) t->ports.certificate_renewed(t->ports.context);
    TRY(audit(t, "certificate_renewed", t->facts.tid, ""));
    t->host.retry_at_us = 0;
    host_hurry(t);
    return terminal_event(t, (struct event){.kind = EVENT_MANAGE}, false);
}
