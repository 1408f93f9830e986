/* SPDX-License-Identifier: Apache-2.0 */
/* The device channel: see manage.h. */
#include "terminal/manage.h"

#include "lib/wire/json.h"
#include "terminal/core.h"

enum {
    ANSWER_MS = 15000,
    RETRY_FIRST_MS = 2000, /* it is in the background: twice as patient as the host's line */
    RETRY_MAX_MS = 60000,
};

void manage_start(struct terminal *t)
{
    bool wanted = t->ports.manage_connect != NULL && t->facts.provisioned;
    t->manage = (struct manage){.wanted = wanted,
                                .retry_at_us = now_us(t), /* 0 would be no time at all */
                                .retry_ms = RETRY_FIRST_MS,
                                .events = true};
}

/* ---- asking ---- */

static void send(struct terminal *t, const struct manage_question *question)
{
    struct manage *m = &t->manage;
    _Static_assert(sizeof t->answer >= MANAGE_FRAME_MAX, "a frame is built where answers are read");
    struct writer w = writer_over(t->answer, MANAGE_FRAME_MAX);
    manage_write(&w, ++m->id, question);
    ENSURE(w.fault == ERR_OK); /* every member is bounded */
    m->asked = question->ask;
    m->deadline_us = now_us(t) + (int64_t)ANSWER_MS * 1000;
    t->ports.manage_send(t->ports.context, writer_view(&w));
}

/* Our epoch and its MAC; zeros when the vault makes none: then there is nothing to compare. */
static void anchor_own(struct terminal *t, uint8_t out[MANAGE_ANCHOR])
{
    const struct vault_anchor_ask only_ask = {0};
    struct vault_anchor own = {0};
    struct writer w = writer_over(out, MANAGE_ANCHOR);
    memset(out, 0, MANAGE_ANCHOR);
    enum vault_status status = secure_anchor(t, &only_ask, &own);
    if (status != VAULT_OK || own.mac.len != MANAGE_ANCHOR - 8) return;
    write_be(&w, own.epoch, 8);
    write_bytes(&w, own.mac);
}

static void say_hello(struct terminal *t)
{
    struct manage_question hello = {.ask = MANAGE_HELLO,
                                    .serial = t->facts.serial,
                                    .model = t->facts.model,
                                    .version = t->config.version,
                                    .policy = t->facts.policy_version,
                                    .first_login_ms = t->facts.first_login_ms};
    anchor_own(t, hello.anchor);
    send(t, &hello);
}

static err send_event(struct terminal *t)
{
    struct manage *m = &t->manage;
    struct notes_event event;
    err e = notes_event_oldest(t->config.store, &event);
    if (e.code == ERR_NOT_FOUND) {
        m->events = false;
        return OK;
    }
    TRY(e);
    m->event = event.number;
    send(t, &(struct manage_question){.ask = MANAGE_EVENT, .event = &event});
    return OK;
}

static bool wish_waits(const struct manage *m)
{
    return m->wish.progress == MANAGE_WAITING && m->wish.id == 0;
}

static err wish_ends(struct terminal *t, enum manage_progress progress,
                     const struct manage_heard *heard)
{
    struct manage_wish *wish = &t->manage.wish;
    if (wish->progress != MANAGE_WAITING) return OK;
    wish->progress = progress;
    if (heard != NULL) wish->heard = *heard;
    wish->heard.policy = (struct bytes){0};
    return terminal_event(t, (struct event){.kind = EVENT_MANAGE}, false);
}

/* Nothing of a recovery, a pairing or an approval leaves over a network that nobody trusts (S170):
 * whoever asked when it was another one hears that it failed, and an end waits for a better one. */
static bool end_waits(const struct terminal *t)
{
    return t->manage.end.ask != MANAGE_NOTHING && network_trusted(t);
}

/* The next question: who is there first, then the person who waits, then what is only told. */
static err drive(struct terminal *t)
{
    struct manage *m = &t->manage;
    if (wish_waits(m) && !network_trusted(t)) TRY(wish_ends(t, MANAGE_FAILED, NULL));
    if (m->state != SCREEN_ONLINE || m->asked != MANAGE_NOTHING) return OK;
    if (!m->greeted) {
        say_hello(t);
    } else if (wish_waits(m)) {
        send(t, &m->wish.question);
        m->wish.id = m->id;
    } else if (end_waits(t)) {
        send(t, &m->end);
        m->end.ask = MANAGE_NOTHING; /* once: a challenge ends by itself, too */
    } else if (m->events) {
        return send_event(t);
    }
    return OK;
}

void manage_ask(struct terminal *t, const struct manage_question *question)
{
    ENSURE(question->ask == MANAGE_RECOVER || question->ask == MANAGE_PAIR ||
           question->ask == MANAGE_APPROVE);
    int64_t until_us = now_us(t) + (int64_t)ANSWER_MS * 1000;
    t->manage.wish = (struct manage_wish){
        .progress = MANAGE_WAITING, .question = *question, .until_us = until_us};
    if (t->manage.state == SCREEN_OFFLINE) t->manage.retry_at_us = now_us(t); /* not by and by */
}

void manage_leave(struct terminal *t, const struct manage_question *end)
{
    t->manage.wish.progress = MANAGE_NO_WISH;
    if (end != NULL && t->manage.wanted) t->manage.end = *end;
}

err manage_event(struct terminal *t, const char *kind, const char *operator_id, const char *detail)
{
    struct notes_event event = {.at_ms = now_ms(t)};
    ENSURE(strlen(kind) < sizeof event.kind && strlen(operator_id) < sizeof event.operator_id &&
           strlen(detail) < sizeof event.detail);
    memcpy(event.kind, kind, strlen(kind));
    memcpy(event.operator_id, operator_id, strlen(operator_id));
    memcpy(event.detail, detail, strlen(detail));
    TRY(notes_event_add(t->config.store, &event));
    t->manage.events = true;
    return OK;
}

/* ---- being answered ---- */

static err load_policy(struct terminal *t, struct bytes document)
{
    struct vault_policy_loaded loaded = {0};
    enum vault_status status = secure_policy_load(t, document, &loaded);
    bool good = status == VAULT_OK && loaded.verdict == VAULT_POLICY_OK;
    log_event(t->config.log, good ? LOG_INFO : LOG_WARN, "policy",
              LOG_INT("verdict", loaded.verdict), LOG_INT("version", loaded.version),
              LOG_TEXT("vault", vault_status_text(status)));
    if (!good) return OK; /* what was in force stays in force */
    (void)secure_status(t);
    person_policy(t); /* the time to the lock may be another */
    TRY(audit(t, "policy_loaded", "", number_text(loaded.version).text));
    return manage_event(t, "policy_loaded", "", number_text(loaded.version).text);
}

/* The back office remembers more tries than we do: somebody has put an old copy of the vault back.
 */
static err check_anchor(struct terminal *t, const struct manage_heard *heard)
{
    struct reader r = reader_over(BYTES_OF(heard->anchor));
    struct vault_anchor answer = {0};
    struct vault_anchor_ask in = {.epoch = read_be(&r, 8)};
    in.mac = read_bytes(&r, MANAGE_ANCHOR - 8);
    enum vault_status status = secure_anchor(t, &in, &answer);
    if (status != VAULT_OK || answer.verdict != VAULT_ANCHOR_ROLLBACK) return OK;
    (void)secure_status(t);
    TRY(audit(t, "rollback", "", ""));
    return manage_event(t, "rollback", "", "");
}

static err greeted(struct terminal *t, const struct manage_heard *heard)
{
    t->manage.greeted = true;
    if (heard->has_anchor) TRY(check_anchor(t, heard));
    if (heard->policy.len > 0) TRY(load_policy(t, heard->policy));
    return terminal_event(t, (struct event){.kind = EVENT_MANAGE}, false);
}

static err answered(struct terminal *t, const struct manage_heard *heard)
{
    struct manage *m = &t->manage;
    enum manage_ask asked = m->asked;
    m->asked = MANAGE_NOTHING;
    switch (asked) {
    case MANAGE_HELLO:
        TRY(greeted(t, heard));
        break;
    case MANAGE_EVENT:
        /* Refused is acknowledged, too: asking again would not make it welcome. */
        TRY(notes_event_done(t->config.store, m->event));
        break;
    case MANAGE_RECOVER:
    case MANAGE_PAIR:
    case MANAGE_APPROVE:
        if (m->wish.id == heard->id) TRY(wish_ends(t, MANAGE_ANSWERED, heard));
        break;
    case MANAGE_NOTHING:
    case MANAGE_RECOVER_END:
    case MANAGE_PAIR_END:
    case MANAGE_ASKS:
        break;
    }
    return drive(t);
}

/* A recovery must not come over a network that nobody trusts (S170); a grant is asked for again. */
static bool unwelcome(const struct terminal *t, enum manage_tell tell)
{
    return !network_trusted(t) && (tell == MANAGE_GRANT_TOLD || tell == MANAGE_APPROVAL_TOLD ||
                                   tell == MANAGE_PAIR_KEY_TOLD);
}

static err told(struct terminal *t, const struct manage_heard *heard)
{
    if (heard->tell == MANAGE_POLICY_TOLD) return load_policy(t, heard->policy);
    if (unwelcome(t, heard->tell)) {
        log_event(t->config.log, LOG_WARN, "manage_dropped", LOG_TEXT("why", "network"));
        return OK;
    }
    t->manage.told[heard->tell] = *heard;
    return terminal_event(t, (struct event){.kind = EVENT_MANAGE}, false);
}

bool manage_told(struct terminal *t, enum manage_tell tell, struct bytes challenge,
                 struct manage_heard *out)
{
    struct manage_heard *kept = &t->manage.told[tell];
    if (kept->tell != tell || challenge.len == 0 ||
        !bytes_equal(challenge, bytes_of(kept->challenge, kept->challenge_len)))
        return false;
    *out = *kept;
    explicit_bzero(kept, sizeof *kept);
    return true;
}

err manage_frame(struct terminal *t, struct bytes frame)
{
    struct manage *m = &t->manage;
    CLEANUP(json_free) struct json_document document = {0};
    struct manage_heard heard;
    err e = manage_read(frame, m->asked, &document, &heard);
    if (!FAILED(e) && heard.tell == MANAGE_ANSWER && heard.id != m->id) e = ERR(STATE);
    if (FAILED(e)) {
        log_event(t->config.log, LOG_WARN, "manage_dropped", LOG_ERR(e));
        return OK; /* what it was meant to answer runs into its time-out */
    }
    err done = heard.tell == MANAGE_ANSWER ? answered(t, &heard) : told(t, &heard);
    explicit_bzero(&heard, sizeof heard);
    return done;
}

/* ---- the connection ---- */

static err lost(struct terminal *t)
{
    struct manage *m = &t->manage;
    bool wished = m->asked != MANAGE_NOTHING && m->wish.id == m->id;
    m->state = SCREEN_OFFLINE;
    m->greeted = false;
    m->asked = MANAGE_NOTHING;
    m->retry_at_us = now_us(t) + (int64_t)m->retry_ms * 1000;
    m->retry_ms = m->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : m->retry_ms * 2;
    return wished ? wish_ends(t, MANAGE_FAILED, NULL) : OK;
}

err manage_state(struct terminal *t, bool connected, const char *reason)
{
    struct manage *m = &t->manage;
    if (!connected) {
        log_event(t->config.log, LOG_INFO, "manage_lost", LOG_TEXT("why", reason ? reason : ""));
        return lost(t);
    }
    m->state = SCREEN_ONLINE;
    m->retry_ms = RETRY_FIRST_MS;
    return drive(t);
}

static err time_out(struct terminal *t)
{
    log_event(t->config.log, LOG_WARN, "manage_no_answer", LOG_INT("id", t->manage.id));
    t->ports.manage_close(t->ports.context);
    return lost(t);
}

err manage_tick(struct terminal *t)
{
    struct manage *m = &t->manage;
    int64_t now = now_us(t);
    if (!m->wanted)
        return m->wish.progress == MANAGE_WAITING ? wish_ends(t, MANAGE_FAILED, NULL) : OK;
    if (m->asked != MANAGE_NOTHING && now >= m->deadline_us) TRY(time_out(t));
    if (m->state == SCREEN_OFFLINE && now >= m->retry_at_us) {
        m->state = SCREEN_CONNECTING;
        t->ports.manage_connect(t->ports.context);
    }
    if (m->wish.progress == MANAGE_WAITING && now >= m->wish.until_us)
        TRY(wish_ends(t, MANAGE_FAILED, NULL));
    return drive(t);
}

/* Something to ask and nothing outstanding, or something that must not be asked. */
static bool ready(const struct terminal *t)
{
    const struct manage *m = &t->manage;
    if (wish_waits(m) && !network_trusted(t)) return true;
    return m->state == SCREEN_ONLINE && m->asked == MANAGE_NOTHING &&
           (!m->greeted || wish_waits(m) || end_waits(t) || m->events);
}

int64_t manage_next_us(const struct terminal *t)
{
    const struct manage *m = &t->manage;
    int64_t next = INT64_MAX;
    if (!m->wanted) return m->wish.progress == MANAGE_WAITING ? now_us(t) : next;
    if (ready(t)) return now_us(t);
    if (m->asked != MANAGE_NOTHING) next = m->deadline_us;
    if (m->state == SCREEN_OFFLINE && m->retry_at_us < next) next = m->retry_at_us;
    if (m->wish.progress == MANAGE_WAITING && m->wish.until_us < next) next = m->wish.until_us;
    return next;
}
