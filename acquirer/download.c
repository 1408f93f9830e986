/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of chip cards, handed out in parts (payment/download.h). The acquirer reads them from
 * the registry and looks at none of their bytes: they are signed for the vault. A terminal that has
 * an older number than what is published for it is told so in the header of every answer, until it
 * says what it has in force.
 *
 * Nothing is remembered of a download: every part is asked for by number and offset, so it goes on
 * over another connection, and stops by itself when another number is published.
 */
#include "payment/download.h"
#include "acquirer/host.h"
#include "registry/parameters.h"

bool download_behind(const struct terminal *t)
{
    return terminal_signed_in(t) && t->published.number > t->in_force;
}

err download_refresh(struct acquirer *a, struct terminal *t, struct bytes model)
{
    struct registry_parameters head;
    err found = registry_find_parameters(a->registry, model, &head);
    if (found.code == ERR_NOT_FOUND) {
        t->published.number = 0;
        return OK;
    }
    TRY(found);
    t->published = (struct published){.number = head.number, .len = head.len};
    memcpy(t->published.digest, head.digest, sizeof t->published.digest);
    return OK;
}

/* What is newer than `number`. A device that has an older one than we were told is another device
 * or has lost its store: it is reminded again. */
static void say_status(struct terminal *t, uint32_t number, struct writer *w)
{
    struct payment_download_answer answer = {.there = t->published.number > number,
                                             .number = t->published.number,
                                             .len = t->published.len};
    if (number < t->in_force) t->in_force = number;
    payment_download_write_status(w, &answer);
}

static err say_part(struct acquirer *a, const struct terminal *t,
                    const struct payment_download_ask *ask, struct writer *w)
{
    bool there = ask->number != 0 && ask->number == t->published.number;
    if (there && ask->offset >= t->published.len) return ERR(RANGE);
    bool last = there && t->published.len - ask->offset <= PAYMENT_PART_MAX;
    payment_download_write_flag(w, there, last);
    if (!there) return OK;
    err read = registry_read_parameters(a->registry, ask->number, ask->offset, PAYMENT_PART_MAX, w);
    if (read.code != ERR_NOT_FOUND) return read;
    w->len = 0; /* published anew since we last looked */
    payment_download_write_flag(w, false, false);
    return OK;
}

static err take_end(struct acquirer *a, struct terminal *t, const struct payment_download_ask *ask)
{
    const struct published *published = &t->published;
    bool newest = ask->number == published->number;
    bool same = newest && memcmp(ask->digest, published->digest, sizeof ask->digest) == 0;
    t->in_force = ask->number;
    memcpy(t->in_force_at, t->device, sizeof t->in_force_at);
    watch_note(a, same || !newest ? WATCH_PARAMETERS : WATCH_OTHER_PARAMETERS, bytes_text(t->tid),
               same      ? "number %u in force"
               : !newest ? "number %u in force; another one is published"
                         : "number %u in force, but not with the bytes that were published",
               ask->number);
    return record_parameters(a, t, bytes_of(ask->digest, sizeof ask->digest));
}

err download_asked(struct acquirer *a, struct task *task, struct terminal *t, struct bytes field)
{
    struct payment_download_ask ask;
    const char *code = task->sign_in.code;
    uint8_t block[PAYMENT_FIELD_62_MAX];
    struct writer w = writer_over(block, sizeof block);
    if (!t->active || strcmp(task->sign_in.mid, t->mid) != 0) return sign_in_code(a, task, "03");
    if (!terminal_signed_in(t)) return sign_in_code(a, task, "77");
    if (FAILED(payment_download_read_ask(code, field, &ask))) {
        a->counts.malformed++;
        return sign_in_code(a, task, "30");
    }
    err done = OK;
    if (strcmp(code, PAYMENT_CODE_STATUS) == 0) say_status(t, ask.number, &w);
    else if (strcmp(code, PAYMENT_CODE_PART) == 0) done = say_part(a, t, &ask, &w);
    else TRY(take_end(a, t, &ask)); /* the journal's store: it must not fail */
    if (FAILED(done)) {
        log_event(a->config.log, LOG_ERROR, "parameters_unread", LOG_TEXT("tid", t->tid),
                  LOG_ERR(done), LOG_TEXT("cause", registry_error_text(a->registry)));
        return sign_in_code(a, task, done.code == ERR_RANGE ? "30" : "96");
    }
    task->sign_in.delivery = writer_view(&w); /* encoded before this returns */
    return sign_in_code(a, task, "00");
}
