/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling that this device has been tampered with, without a key. The event waits in the store like
 * any other; over a connection that was still up when it happened it goes as one. When there is
 * none, or it was lost before the back office had acknowledged the event, none can be made in our
 * name any more: then we come without a certificate, and show what the vault signed while it could
 * (lib/auth/last_words.h). Asked again, also after a restart, until it is acknowledged; the
 * event's number makes it one alarm however often it comes.
 */
#include "terminal/core.h"

bool last_words_wait(const struct terminal *t)
{
    struct notes_event event;
    return !FAILED(notes_event_of(t->config.store, "tampered", &event));
}

/* The question is built where the vault's answer lies: the certificate is copied first. */
static err take_words(struct terminal *t, struct device_message *ask,
                      uint8_t certificate[DEVICE_CERTIFICATE_MAX], enum vault_status *ret_status)
{
    struct bytes own = {0}, words = {0};
    struct writer copy = writer_over(certificate, DEVICE_CERTIFICATE_MAX);
    struct writer hex = writer_over(ask->words, sizeof ask->words - 1);
    *ret_status = secure_last_words(t, &own, &words);
    if (*ret_status != VAULT_OK) return OK;
    write_bytes(&copy, own);
    write_hex(&hex, words);
    if (hex.fault != ERR_OK) return ERR(LENGTH);
    return writer_finish(&copy, &ask->policy);
}

err last_words_say(struct terminal *t, uint8_t certificate[DEVICE_CERTIFICATE_MAX],
                   struct device_message *ret_question, bool *ret_ready)
{
    struct notes_event event;
    enum vault_status status;
    struct device_message ask = {.ask = DEVICE_LAST_WORDS};
    *ret_ready = false;
    err found = notes_event_of(t->config.store, "tampered", &event);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    TRY(take_words(t, &ask, certificate, &status));
    if (status != VAULT_OK) {
        log_event(t->config.log, LOG_ERROR, "no_last_words",
                  LOG_TEXT("vault", vault_status_text(status)));
        return OK;
    }
    memcpy(ask.terminal, t->facts.tid, sizeof ask.terminal);
    TRY(bytes_to_text(bytes_text(event.detail), ask.detail, sizeof ask.detail));
    ask.number = t->manage.event = event.number;
    ask.at_ms = event.at_ms;
    *ret_question = ask;
    *ret_ready = true;
    return OK;
}
