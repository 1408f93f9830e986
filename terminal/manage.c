/* SPDX-License-Identifier: Apache-2.0 */
/* The device channel: see manage.h. */
#include "terminal/manage.h"

#include "terminal/core.h"

enum {
    ANSWER_MS = 15000,
    RETRY_FIRST_MS = 2000, /* it is in the background: twice as patient as the host's line */
    RETRY_MAX_MS = 60000,
    RENEW_AGAIN_MS = 60 * 60 * 1000, /* after a refusal; the desk may have to look first */
    DROPPED_A_MINUTE = 10,
    MINUTE_MS = 60000,
};

void manage_start(struct terminal *t)
{
    bool wanted = t->ports.manage_connect != NULL && t->facts.provisioned;
    t->manage = (struct manage){.wanted = wanted,
                                .retry_at_us = now_us(t), /* 0 would be no time at all */
                                .retry_ms = RETRY_FIRST_MS,
                                .events = true,
                                .place = true};
}

void manage_first(struct terminal *t)
{
    t->manage = (struct manage){.wanted = t->ports.manage_connect_bare != NULL,
                                .factory = true,
                                .retry_at_us = now_us(t),
                                .retry_ms = RETRY_FIRST_MS};
}

/* ---- asking ---- */

static void send(struct terminal *t, const struct device_message *question)
{
    struct manage *m = &t->manage;
    _Static_assert(sizeof t->answer >= DEVICE_FRAME_MAX, "a frame is built where answers are read");
    struct writer w = writer_over(t->answer, DEVICE_FRAME_MAX);
    struct device_message message = *question;
    message.id = ++m->id;
    device_write_ask(&w, &message);
    ENSURE(w.fault == ERR_OK); /* every member is bounded */
    m->asked = question->ask;
    m->deadline_us = now_us(t) + (int64_t)ANSWER_MS * 1000;
    t->ports.manage_send(t->ports.context, writer_view(&w));
}

static err say_hello(struct terminal *t)
{
    struct device_message hello = {.ask = DEVICE_HELLO,
                                   .policy_version = t->facts.policy_version,
                                   .first_login_ms = t->facts.first_login_ms};
    TRY(bytes_to_text(bytes_text(t->facts.serial), hello.serial, sizeof hello.serial));
    TRY(bytes_to_text(bytes_text(t->facts.model), hello.model, sizeof hello.model));
    TRY(bytes_to_text(bytes_text(t->config.version), hello.version, sizeof hello.version));
    manage_anchor_own(t, hello.anchor);
    send(t, &hello);
    return OK;
}

static err send_event(struct terminal *t)
{
    struct manage *m = &t->manage;
    struct notes_event event;
    struct device_message ask = {.ask = DEVICE_EVENT, .has = DEVICE_HAS_NUMBER};
    err e = notes_event_oldest(t->config.store, &event);
    if (e.code == ERR_NOT_FOUND) {
        m->events = false;
        return OK;
    }
    TRY(e);
    TRY(bytes_to_text(bytes_text(event.kind), ask.kind, sizeof ask.kind));
    TRY(bytes_to_text(bytes_text(event.detail), ask.detail, sizeof ask.detail));
    memcpy(ask.operator_id, event.operator_id, sizeof ask.operator_id);
    ask.number = m->event = event.number;
    ask.at_ms = event.at_ms;
    send(t, &ask);
    return OK;
}

/* Which network, and where; told on every connection, when it changes, and behind a payment. */
static void send_place(struct terminal *t)
{
    struct device_message ask = {.ask = DEVICE_PLACE, .at_ms = now_ms(t)};
    _Static_assert((int)NETWORK_MOBILE + 1 == (int)DEVICE_LINKS, "the same kinds in one order");
    const struct network_facts *network = paths_facts(&t->paths);
    _Static_assert(sizeof ask.network == sizeof network->name, "copied whole");
    ask.link = (uint8_t)network->kind;
    memcpy(ask.network, network->name, sizeof ask.network);
    if (t->place.known) {
        ask.has = DEVICE_HAS_POSITION;
        ask.latitude_e6 = t->place.latitude_e6;
        ask.longitude_e6 = t->place.longitude_e6;
        ask.accuracy_m = t->place.accuracy_m;
    }
    t->manage.place = false;
    send(t, &ask);
}

static err send_condition(struct terminal *t)
{
    struct device_message ask;
    TRY(condition_tell(t, &ask));
    send(t, &ask);
    return OK;
}

/* How far a command is; nothing when the back office knows. */
static err send_progress(struct terminal *t)
{
    struct device_message ask;
    bool some = false;
    TRY(remote_tell(t, &ask, &some));
    if (some) send(t, &ask);
    return OK;
}

static bool wish_waits(const struct manage *m)
{
    return m->wish.progress == MANAGE_WAITING && m->wish.id == 0;
}

static err wish_ends(struct terminal *t, enum manage_progress progress,
                     const struct device_message *heard)
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
    enum device_ask end = t->manage.end.ask;
    return end != DEVICE_NO_ASK && (network_trusted(t) || !device_ask_is_personal(end));
}

static err lost(struct terminal *t)
{
    struct manage *m = &t->manage;
    bool wished = m->asked != DEVICE_NO_ASK && m->wish.id == m->id;
    m->state = SCREEN_OFFLINE;
    m->greeted = m->bare = false;
    m->place = true;
    cloud_again(t);
    prices_again(t);
    m->asked = DEVICE_NO_ASK;
    m->retry_at_us = now_us(t) + (int64_t)m->retry_ms * 1000;
    m->retry_ms = m->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : m->retry_ms * 2;
    return wished ? wish_ends(t, MANAGE_FAILED, NULL) : OK;
}

static err connect_again(struct terminal *t)
{
    struct manage *m = &t->manage;
    m->moved = false;
    if (m->state != SCREEN_OFFLINE) {
        t->ports.manage_close(t->ports.context);
        TRY(lost(t));
    }
    m->retry_ms = RETRY_FIRST_MS;
    m->retry_at_us = now_us(t);
    m->place = true;
    return OK;
}

/* Acknowledged, or none to be had: there is nothing else to say without a key. */
static err say_last_words(struct terminal *t)
{
    struct device_message words;
    uint8_t certificate[DEVICE_CERTIFICATE_MAX];
    bool ready = false;
    TRY(last_words_say(t, certificate, &words, &ready));
    if (ready) {
        send(t, &words);
        return OK;
    }
    t->ports.manage_close(t->ports.context);
    return lost(t);
}

/* A piece of a backup, or a question about one. */
static err send_backup(struct terminal *t)
{
    struct device_message ask;
    uint8_t base64[CLOUD_BASE64_MAX];
    bool some = false;
    TRY(cloud_tell(t, base64, &ask, &some));
    if (some) send(t, &ask);
    return OK;
}

static void send_part(struct terminal *t)
{
    struct device_message ask;
    uint8_t base64[COLLECTION_BASE64_MAX];
    collection_part(t, base64, &ask);
    send(t, &ask);
}

/* What nobody waits for: where it is, how it is. */
static err drive_quietly(struct terminal *t)
{
    struct device_message ask;
    if (t->remote.collection.number != 0) {
        send_part(t);
    } else if (t->manage.place) {
        send_place(t);
    } else if (t->update.untold) {
        update_tell(t, &ask);
        send(t, &ask);
    } else if (t->afar.telling != 0) {
        afar_tell(t, &ask);
        send(t, &ask);
    } else if (prices_due(t)) {
        prices_tell(t, &ask);
        send(t, &ask);
    } else if (now_us(t) >= condition_next_us(t)) {
        return send_condition(t);
    } else if (cloud_due(t, false)) {
        return send_backup(t);
    }
    return OK;
}

/* Our key is gone, and there is a way to come without a certificate. */
static bool keyless(const struct terminal *t)
{
    return t->facts.tampered != VAULT_TAMPER_NONE && t->ports.manage_connect_bare != NULL;
}

/* The certificate has ended: without one we are heard in one thing, that we want another. */
static bool nameless(const struct terminal *t)
{
    return t->facts.tampered == VAULT_TAMPER_NONE && renewal_ended(t) &&
           t->ports.manage_connect_bare != NULL;
}

static bool renewal_waits(const struct terminal *t)
{
    return t->facts.tampered == VAULT_TAMPER_NONE && renewal_due(t) &&
           now_us(t) >= t->manage.renew_at_us;
}

/* Not again for a while; over a connection without a certificate there is nothing else to say. */
static err renewal_put_off(struct terminal *t, int64_t pause_ms)
{
    struct manage *m = &t->manage;
    m->renew_at_us = now_us(t) + pause_ms * 1000;
    if (!m->bare) return OK;
    t->ports.manage_close(t->ports.context);
    TRY(lost(t));
    m->retry_at_us = m->renew_at_us;
    return OK;
}

static err say_renewal(struct terminal *t)
{
    struct device_message question;
    uint8_t certificate[DEVICE_CERTIFICATE_MAX];
    bool ready = false;
    TRY(renewal_say(t, certificate, &question, &ready));
    if (!ready) return renewal_put_off(t, RENEW_AGAIN_MS);
    send(t, &question);
    return OK;
}

/* Without a certificate there is one question to ask. */
static err say_nameless(struct terminal *t)
{
    return keyless(t) ? say_last_words(t) : say_renewal(t);
}

/* A device that has only its factory's key asks what a person wants, and nothing by itself. */
static err say_factory(struct terminal *t)
{
    struct manage *m = &t->manage;
    if (wish_waits(m)) {
        send(t, &m->wish.question);
        m->wish.id = m->id;
        return OK;
    }
    t->ports.manage_close(t->ports.context);
    return lost(t);
}

static err say_bare(struct terminal *t)
{
    return t->manage.factory ? say_factory(t) : say_nameless(t);
}

static bool person_waits(const struct terminal *t)
{
    return wish_waits(&t->manage) || cloud_due(t, true) || end_waits(t);
}

static err say_for_person(struct terminal *t)
{
    struct manage *m = &t->manage;
    if (wish_waits(m)) {
        send(t, &m->wish.question);
        m->wish.id = m->id;
        return OK;
    }
    if (cloud_due(t, true)) return send_backup(t);
    send(t, &m->end);
    m->end.ask = DEVICE_NO_ASK; /* once: a challenge ends by itself, too */
    return OK;
}

/* The next question: who is there first, then the person who waits, then what is only told. */
static err drive(struct terminal *t)
{
    struct manage *m = &t->manage;
    if (wish_waits(m) && !network_trusted(t)) TRY(wish_ends(t, MANAGE_FAILED, NULL));
    if (m->state != SCREEN_ONLINE || m->asked != DEVICE_NO_ASK) return OK;
    if (m->bare) return say_bare(t);
    if (!m->greeted) return say_hello(t);
    if (person_waits(t)) return say_for_person(t);
    if (renewal_waits(t)) return say_renewal(t);
    if (t->remote.untold) return send_progress(t);
    if (m->events) return send_event(t);
    return drive_quietly(t);
}

/* What a procedure asks, and waits for. */
static bool is_wish(enum device_ask ask)
{
    return ask == DEVICE_RECOVER || ask == DEVICE_PAIR || ask == DEVICE_APPROVE ||
           ask == DEVICE_ACTIVATE;
}

void manage_ask(struct terminal *t, const struct device_message *question)
{
    ENSURE(is_wish(question->ask));
    int64_t until_us = now_us(t) + (int64_t)ANSWER_MS * 1000;
    t->manage.wish = (struct manage_wish){
        .progress = MANAGE_WAITING, .question = *question, .until_us = until_us};
    if (t->manage.state == SCREEN_OFFLINE) t->manage.retry_at_us = now_us(t); /* not by and by */
}

void manage_leave(struct terminal *t, const struct device_message *end)
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

static err greeted(struct terminal *t, const struct device_message *heard)
{
    t->manage.greeted = true;
    if (heard->has & DEVICE_HAS_ANCHOR) TRY(manage_anchor_check(t, heard));
    if (heard->policy.len > 0) TRY(load_policy(t, heard->policy));
    return terminal_event(t, (struct event){.kind = EVENT_MANAGE}, false);
}

static err answered(struct terminal *t, const struct device_message *heard)
{
    struct manage *m = &t->manage;
    enum device_ask asked = m->asked;
    m->asked = DEVICE_NO_ASK;
    if (asked == DEVICE_HELLO) TRY(greeted(t, heard));
    /* Refused is acknowledged, too: asking again would not make it welcome. */
    bool told = asked == DEVICE_EVENT || asked == DEVICE_LAST_WORDS;
    if (told) TRY(notes_event_done(t->config.store, m->event));
    if (asked == DEVICE_DONE) TRY(remote_heard(t));
    if (asked == DEVICE_PART) TRY(collection_heard(t, heard->status == DEVICE_OK));
    TRY(cloud_heard(t, asked, heard));
    if (asked == DEVICE_GOODS_FETCH) prices_heard(t, heard);
    TRY(remote_office_heard(t));
    if (asked == DEVICE_RENEW) {
        bool renewed = false;
        TRY(renewal_heard(t, heard, &renewed));
        TRY(renewal_put_off(t, renewed ? 0 : RENEW_AGAIN_MS));
    }
    if (asked == DEVICE_ACTIVATE) first_start_heard(t, heard);
    if (is_wish(asked) && m->wish.id == heard->id) TRY(wish_ends(t, MANAGE_ANSWERED, heard));
    return drive(t);
}

/* A recovery must not come over a network that nobody trusts (S170); a grant is asked for again. */
static bool unwelcome(const struct terminal *t, enum device_tell tell)
{
    return !network_trusted(t) && device_tell_is_personal(tell);
}

/* A lost sheet is printed anew. The host hears that it was taken as often as it tells us: the event
 * that said so first may have been lost with a power cut. */
static err reissue(struct terminal *t, const struct device_message *heard)
{
    const struct vault_reissue order = {
        .operator_id = (uint8_t)(10 * (heard->operator_id[0] - '0') + heard->operator_id[1] - '0'),
        .challenge = bytes_of(heard->challenge, heard->challenge_len),
        .grant = BYTES_OF(heard->grant)};
    uint8_t verdict = VAULT_REISSUE_REFUSED;
    enum vault_status status = secure_reissue(t, &order, &verdict);
    log_event(t->config.log, LOG_INFO, "reissue", LOG_INT("verdict", verdict),
              LOG_TEXT("vault", vault_status_text(status)));
    if (status == VAULT_FAILED || status == VAULT_NOT_READY) return OK; /* it is told again */
    bool taken = status == VAULT_OK && verdict != VAULT_REISSUE_REFUSED;
    TRY(audit(t, taken ? "reissued" : "reissue_refused", heard->operator_id, ""));
    TRY(manage_event(t, taken ? "reissued" : "reissue_refused", heard->operator_id, ""));
    if (!taken || strcmp(t->operator_id, heard->operator_id) != 0) return OK;
    secure_forget(t); /* who was in by the old one is not in any more */
    operator_forget(t);
    procedure_restart(t);
    return OK;
}

static err told(struct terminal *t, const struct device_message *heard)
{
    if (heard->tell == DEVICE_POLICY_TOLD) return load_policy(t, heard->policy);
    if (unwelcome(t, heard->tell)) {
        log_event(t->config.log, LOG_WARN, "manage_dropped", LOG_TEXT("why", "network"));
        return OK;
    }
    if (heard->tell == DEVICE_COMMAND_TOLD) return remote_take(t, heard);
    if (heard->tell == DEVICE_PARAMETERS_TOLD) return afar_take(t, heard);
    if (heard->tell == DEVICE_HOUSE_TOLD) return afar_house(t, heard->house);
    if (heard->tell == DEVICE_UPDATE_TOLD) {
        update_told(t, heard);
        return OK;
    }
    if (heard->tell == DEVICE_RESTORE_TOLD) return cloud_told(t, heard);
    if (heard->tell == DEVICE_REISSUE_TOLD) TRY(reissue(t, heard));
    else t->manage.told[heard->tell] = *heard;
    return terminal_event(t, (struct event){.kind = EVENT_MANAGE}, false);
}

bool manage_told(struct terminal *t, enum device_tell tell, struct bytes challenge,
                 struct device_message *out)
{
    struct device_message *kept = &t->manage.told[tell];
    if (kept->tell != tell || challenge.len == 0 ||
        !bytes_equal(challenge, bytes_of(kept->challenge, kept->challenge_len)))
        return false;
    *out = *kept;
    explicit_bzero(kept, sizeof *kept);
    return true;
}

/* What is no message of the channel stands in the audit: at most so many a minute, for it is the
 * other end that decides how often it comes. */
static err dropped(struct terminal *t, const char *why)
{
    struct manage *m = &t->manage;
    int64_t minute = now_ms(t) / MINUTE_MS;
    if (minute != m->dropped_minute) m->dropped = 0;
    m->dropped_minute = minute;
    log_event(t->config.log, LOG_WARN, "manage_dropped", LOG_TEXT("why", why));
    return ++m->dropped > DROPPED_A_MINUTE ? OK : audit(t, "message_refused", "", why);
}

err manage_frame(struct terminal *t, struct bytes frame)
{
    struct manage *m = &t->manage;
    CLEANUP(json_free) struct json_document document = {0};
    struct device_message heard = {0};
    enum device_verdict verdict = device_read_heard(frame, m->asked, &document, &heard);
    bool answer = verdict == DEVICE_UNDERSTOOD && heard.tell == DEVICE_NO_TELL;
    if (answer && heard.id != m->id) verdict = DEVICE_UNASKED;
    if (verdict != DEVICE_UNDERSTOOD) /* what it was meant to answer runs into its time-out */
        return dropped(t, device_verdict_text(verdict));
    err done = answer ? answered(t, &heard) : told(t, &heard);
    explicit_bzero(&heard, sizeof heard);
    return done;
}

/* ---- the connection ---- */

err manage_state(struct terminal *t, bool connected, const char *reason)
{
    struct manage *m = &t->manage;
    if (!connected) {
        log_event(t->config.log, LOG_INFO, "manage_lost", LOG_TEXT("why", reason ? reason : ""));
        return lost(t);
    }
    m->state = SCREEN_ONLINE;
    m->retry_ms = RETRY_FIRST_MS;
    condition_begin(t);
    TRY(afar_house(t, DEVICE_HOUSE_OK)); /* it is told anew when there is something to say */
    update_begin(t);
    collection_again(t);
    cloud_again(t);
    return drive(t);
}

static err time_out(struct terminal *t)
{
    log_event(t->config.log, LOG_WARN, "manage_no_answer", LOG_INT("id", t->manage.id));
    t->ports.manage_close(t->ports.context);
    return lost(t);
}

/* Without a key nobody believes us, but in one thing. */
static bool may_connect(const struct terminal *t)
{
    if (t->manage.factory) return wish_waits(&t->manage);
    return !keyless(t) || last_words_wait(t);
}

static void connect_now(struct terminal *t)
{
    struct manage *m = &t->manage;
    m->state = SCREEN_CONNECTING;
    m->bare = m->factory || keyless(t) || nameless(t);
    if (m->bare) t->ports.manage_connect_bare(t->ports.context);
    else t->ports.manage_connect(t->ports.context);
}

err manage_tick(struct terminal *t)
{
    struct manage *m = &t->manage;
    int64_t now = now_us(t);
    if (!m->wanted)
        return m->wish.progress == MANAGE_WAITING ? wish_ends(t, MANAGE_FAILED, NULL) : OK;
    if (m->moved) TRY(connect_again(t));
    if (m->asked != DEVICE_NO_ASK && now >= m->deadline_us) TRY(time_out(t));
    if (m->state == SCREEN_OFFLINE && now >= m->retry_at_us && may_connect(t)) connect_now(t);
    if (m->wish.progress == MANAGE_WAITING && now >= m->wish.until_us)
        TRY(wish_ends(t, MANAGE_FAILED, NULL));
    return drive(t);
}

/* Something to ask and nothing outstanding, or something that must not be asked. */
/* Something to tell that nobody waits for. */
static bool news(const struct terminal *t)
{
    const struct manage *m = &t->manage;
    return t->remote.untold || renewal_waits(t) || m->events || m->place ||
           t->remote.collection.number != 0 ||
           (m->greeted && (t->update.untold || t->afar.telling != 0 || prices_due(t) ||
                           cloud_due(t, true) || cloud_due(t, false)));
}

static bool ready(const struct terminal *t)
{
    const struct manage *m = &t->manage;
    if (wish_waits(m) && !network_trusted(t)) return true;
    return m->state == SCREEN_ONLINE && m->asked == DEVICE_NO_ASK &&
           (m->bare || !m->greeted || wish_waits(m) || end_waits(t) || news(t));
}

/* When there is something to say again, or something to be waited for no more. */
static int64_t next_word_us(const struct terminal *t)
{
    const struct manage *m = &t->manage;
    if (m->asked != DEVICE_NO_ASK) return m->deadline_us;
    if (m->state != SCREEN_ONLINE) return INT64_MAX;
    int64_t next = condition_next_us(t), piece = m->greeted ? cloud_next_us(t) : INT64_MAX;
    return piece < next ? piece : next;
}

int64_t manage_next_us(const struct terminal *t)
{
    const struct manage *m = &t->manage;
    if (!m->wanted) return m->wish.progress == MANAGE_WAITING ? now_us(t) : INT64_MAX;
    if (m->moved || ready(t)) return now_us(t);
    int64_t next = next_word_us(t);
    if (m->state == SCREEN_OFFLINE && m->retry_at_us < next && may_connect(t))
        next = m->retry_at_us;
    if (m->wish.progress == MANAGE_WAITING && m->wish.until_us < next) next = m->wish.until_us;
    return next;
}
