/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A back office on the bench: the real core over a memory store, with browsers that keep cookies, a
 * pepper at hand instead of an hsm, hashes of the quickest cost that run when they are told to, a
 * letter box, and a clock that only moves when told.
 */

#include "backoffice/accounts/entrance.h"
#include "backoffice/api/api.h"
#include "backoffice/core.h"
#include "backoffice/webhooks/webhooks.h"
#include "lib/store/migrate.h"
#include "tests/unit/scratch.h"

#include "tests/unit/migrated.h"

#define RIG_START_MS INT64_C(1903321800000) /* 2030-04-25 04:30 UTC */
#define RIG_PASSWORD "correct gibbon harbour 91"
#define RIG_OTHER    "purple anvil seventeen kites"
#define RIG_FORGED   "evil.example" /* what every request says that we are called */

enum {
    RIG_ANSWER_MAX = BACKOFFICE_RESPONSE_MAX + 1,
    RIG_PENDING = 256,
    RIG_LETTERS = 64,
    RIG_POSTS = 64
};

struct browser {
    const char *address, *site; /* site: Sec-Fetch-Site; NULL for none */
    char cookie[4][2][96];      /* name, value */
    char csrf[SESSION_CSRF_TEXT + 1];
    bool no_csrf;
    const char *key, *realm, *repeat; /* for /api/v1: Authorization, X-Tongbao-Realm,
                                         Idempotency-Key; NULL: not sent */
    const char *after, *limit;        /* of a list; NULL: not asked */
    const char *type, *lang;          /* of a form: Content-Type; ?lang=; NULL: not sent */
    const char *last_event;           /* Last-Event-ID; NULL: not sent */
    const char *language;             /* X-Language; NULL: "en" */
    const char *query[3][2];          /* what else it is narrowed by: names and values */
};

/* A request that waits, and the browser that gets its answer. */
struct pending {
    uint64_t ticket;
    struct browser *browser;
    unsigned status;
    bool answered;
};

struct rig {
    struct store_anchor *anchor, *registry_anchor, *loyalty_anchor;
    struct registry *registry; /* writing; NULL: there is no desk */
    struct backoffice *b;
    bool no_outbox;
    bool may_end, ended; /* a failure of the store ends the program instead of the test */
    int64_t now_ms;
    struct random_seeded source;
    struct log log;
    uint8_t pepper[PASSWORD_PEPPER_BYTES];
    bool hsm_away;
    const char *origin;
    const char *mid;                 /* of owners who are made next; NULL: RIG_MID */
    uint32_t outlet;                 /* likewise; 0: all */
    unsigned hashes, keyed, commits; /* work that was done */
    /* a job with copies of what it views */
    struct {
        struct backoffice_hash job;
        char whose[64], record[PASSWORD_RECORD_MAX], old[HASH_OLD_PASSWORDS][PASSWORD_RECORD_MAX];
        uint8_t password[PASSWORD_MAX], chosen[PASSWORD_MAX];
    } out[HASH_THREADS_MAX];
    unsigned jobs;
    bool hold;       /* jobs are not run by rig_ask */
    int64_t held_ms; /* how much later the last answer leaves */
    struct pending pending[RIG_PENDING];
    uint64_t tickets;
    char answer[RIG_ANSWER_MAX];   /* the last */
    char next[API_CURSOR_MAX + 1]; /* of a piece of CSV: its API_NEXT_HEADER */
    uint8_t block[BACKOFFICE_RESPONSE_MAX];
    struct {
        char id[OUTBOX_ID_LEN + 1], contact[96], text[1024];
        enum channel channel;
        bool told;
    } letter[RIG_LETTERS];
    unsigned letters;
    struct {
        int64_t delivery;
        char url[EGRESS_URL_MAX + 1], id[WEBHOOK_ID_MAX + 1];
        char signatures[WEBHOOK_SIGNATURES_MAX + 1], body[WEBHOOK_BODY_MAX + 1];
        int64_t at_s;
    } post[RIG_POSTS]; /* webhooks that are on their way */
    unsigned posts;
    bool post_fails; /* none can be begun */
    /* of struct backoffice_ports: the test's own issuer; NULL: none */
    err (*issue)(void *context, const struct backoffice_issue *issue, struct writer *document);
    unsigned issued;
};

/* ---- ports ---- */

static inline int64_t rig_now(void *context)
{
    return ((struct rig *)context)->now_ms;
}

static inline int64_t rig_us(void *context)
{
    return ((struct rig *)context)->now_ms * 1000;
}

static inline void rig_log(void *context, struct bytes line)
{
    (void)context;
    (void)line;
}

static inline void rig_keep(struct rig *rig, struct browser *browser,
                            const struct http_response *response)
{
    struct bytes body = writer_view(&response->body);
    assert_int_equal(response->body.fault, ERR_OK);
    assert_false(FAILED(bytes_to_text(body, rig->answer, sizeof rig->answer)));
    rig->next[0] = '\0';
    for (unsigned i = 0; i < response->header_count; i++) {
        if (strcmp(response->headers[i].name, API_NEXT_HEADER) == 0)
            snprintf(rig->next, sizeof rig->next, "%.96s", response->headers[i].value);
        if (strcmp(response->headers[i].name, "Set-Cookie") != 0) continue;
        const char *text = response->headers[i].value, *end = strchr(text, '=');
        size_t len = (size_t)(end - text), value = strcspn(end + 1, ";");
        for (size_t k = 0; k < ARRAY_LEN(browser->cookie); k++) {
            char *name = browser->cookie[k][0];
            if (name[0] != '\0' && (strncmp(name, text, len) != 0 || name[len] != '\0')) continue;
            snprintf(name, 96, "%.*s", (int)len, text);
            snprintf(browser->cookie[k][1], 96, "%.*s", (int)value, end + 1);
            break;
        }
    }
    const char *csrf = strstr(rig->answer, "\"csrf\":\"");
    if (csrf != NULL) snprintf(browser->csrf, sizeof browser->csrf, "%.22s", csrf + 8);
}

static inline void rig_on_answer(void *context, uint64_t ticket,
                                 const struct http_response *response)
{
    struct rig *rig = context;
    for (size_t i = 0; i < RIG_PENDING; i++) {
        struct pending *p = &rig->pending[i];
        if (p->ticket != ticket || p->answered) continue;
        p->answered = true;
        p->status = response->status;
        rig_keep(rig, p->browser, response);
        return;
    }
    fail_msg("an answer to nobody");
}

static inline void rig_on_hash(void *context, const struct backoffice_hash *job)
{
    struct rig *rig = context;
    assert_true(rig->jobs < rig->b->config.hash_threads);
    typeof(rig->out[0]) *o = &rig->out[rig->jobs++];
    o->job = *job;
    snprintf(o->whose, sizeof o->whose, "%s", job->whose);
    snprintf(o->record, sizeof o->record, "%s", job->record);
    memcpy(o->password, job->password.at, job->password.len);
    memcpy(o->chosen, job->chosen.at, job->chosen.len);
    memcpy(o->old, job->old, job->old_count * PASSWORD_RECORD_MAX);
    o->job.whose = o->whose;
    o->job.record = o->record;
    o->job.password.at = o->password;
    o->job.chosen.at = o->chosen;
    o->job.old = (const char(*)[PASSWORD_RECORD_MAX])o->old;
}

static inline err rig_make_keyed(void *context, struct bytes whose,
                                 const uint8_t digest[PASSWORD_DIGEST_BYTES],
                                 uint8_t ret_keyed[PASSWORD_KEYED_BYTES])
{
    struct rig *rig = context;
    rig->keyed++;
    if (rig->hsm_away) return ERR(REFUSED);
    const struct password_keyed own = password_keyed_by(rig->pepper);
    return own.make(own.context, whose, digest, ret_keyed);
}

static inline err rig_on_letter(void *context, const struct outbox_letter *letter)
{
    struct rig *rig = context;
    char text[1024];
    assert_true(rig->letters < RIG_LETTERS);
    snprintf(text, sizeof text, "%.*s", (int)letter->text.len, (const char *)letter->text.at);
    assert_null(strstr(text, RIG_FORGED)); /* S40: a link leads to the configured origin */
    const char *link = strstr(text, "://");
    if (link != NULL) assert_non_null(strstr(text, rig->origin));
    typeof(rig->letter[0]) *l = &rig->letter[rig->letters++];
    snprintf(l->id, sizeof l->id, "%s", letter->id);
    snprintf(l->contact, sizeof l->contact, "%s", letter->contact);
    memcpy(l->text, text, sizeof l->text);
    l->channel = letter->channel;
    return OK;
}

static inline err rig_on_post(void *context, const struct webhook_letter *letter)
{
    struct rig *rig = context;
    if (rig->post_fails) return ERR(FULL);
    assert_true(rig->posts < RIG_POSTS);
    typeof(rig->post[0]) *p = &rig->post[rig->posts++];
    p->delivery = letter->delivery;
    p->at_s = letter->at_s;
    snprintf(p->url, sizeof p->url, "%s", letter->url);
    snprintf(p->id, sizeof p->id, "%s", letter->id);
    snprintf(p->signatures, sizeof p->signatures, "%s", letter->signatures);
    assert_ok(bytes_to_text(letter->body, p->body, sizeof p->body));
    return OK;
}

static inline err rig_count(void *context, enum store_call call)
{
    struct rig *rig = context;
    if (call == STORE_CALL_COMMITTED) rig->commits++;
    return OK;
}

/* ---- opening ---- */

/* No terminal is on the bench: nothing is proved and nothing is said to one. */
static inline err rig_prove_nothing(void *context, const struct desk_challenge *challenge,
                                    struct desk_proof *ret)
{
    (void)context;
    (void)challenge;
    (void)ret;
    return ERR(REFUSED);
}

static inline void rig_tell_nobody(void *context, uint32_t session, struct bytes frame)
{
    (void)context;
    (void)session;
    (void)frame;
}

static inline void rig_open_core(struct rig *rig, const char *origin)
{
    struct backoffice_fault fault = {""};
    rig->origin = origin;
    rig->log = (struct log){rig_log, rig, {rig_now, rig_us, rig}, "rig", LOG_DEBUG};
    const struct backoffice_config config = {.clock = {rig_now, rig_us, rig},
                                             .random = random_from_seed(&rig->source),
                                             .log = &rig->log,
                                             .mode = STORE_MEMORY,
                                             .store_path = "backoffice",
                                             .registry_path = rig->registry ? "registry" : NULL,
                                             .loyalty_path = "loyalty",
                                             .origin = origin,
                                             .cost = password_cost_quick(),
                                             .hash_threads = 2};
    struct backoffice_ports ports = {.context = rig,
                                     .answer = rig_on_answer,
                                     .hash = rig_on_hash,
                                     .keyed = {rig_make_keyed, rig},
                                     .outbox = {rig, rig_on_letter},
                                     .issue = rig->issue,
                                     .webhooks = {rig, rig_on_post, false}};
    if (rig->no_outbox) ports.outbox.send = NULL;
    if (rig->registry != NULL)
        ports.desk = (struct desk_ports){.prove = rig_prove_nothing, .to_device = rig_tell_nobody};
    if (FAILED(backoffice_open(&config, &ports, &fault, &rig->b))) fail_msg("%s", fault.text);
    store_set_fault(rig->b->store, rig_count, rig);
}

/* What backoffice_open() makes of an empty store. */
static inline err rig_migrate(const char *name)
{
    const struct store_options options = {.mode = STORE_MEMORY};
    CLEANUP(store_close_at) struct store *store = NULL;
    TRY(store_open(name, &options, NULL, &store));
    TRY(store_migrate(store, &audit_schema));
    for (size_t i = 0; i < backoffice_part_count; i++)
        if (backoffice_parts[i]->schema != NULL)
            TRY(store_migrate(store, backoffice_parts[i]->schema));
    return OK;
}

static inline struct rig *rig_open_at(const char *origin)
{
    static struct migrated kept;
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    rig->now_ms = RIG_START_MS;
    random_seed(&rig->source, 42);
    memset(rig->pepper, 7, sizeof rig->pepper);
    migrated_open(&kept, "backoffice", rig_migrate, &rig->anchor);
    assert_ok(store_anchor_open("loyalty", &rig->loyalty_anchor));
    rig_open_core(rig, origin);
    return rig;
}

static inline struct rig *rig_open(void)
{
    return rig_open_at("http://localhost:8080");
}

#define RIG_MID "898310153110001"

static inline err rig_migrate_registry(const char *name)
{
    struct registry *registry = NULL;
    TRY(registry_open(name, STORE_MEMORY, NULL, &registry));
    registry_close(registry);
    return OK;
}

/* A desk that was opened for the first time leaves its tables; those of the next are copies. What
 * is random goes on from there. */
static inline void rig_migrate_desk(struct rig *rig)
{
    static struct migrated kept;
    if (kept.image.at != NULL) {
        assert_ok(store_anchor_fill(rig->anchor, kept.image));
        return;
    }
    const struct random_seeded source = rig->source;
    rig_open_core(rig, rig->origin);
    backoffice_close(rig->b);
    rig->source = source;
    assert_ok(store_anchor_image(rig->anchor, &kept.image));
}

/* With a recovery desk, and a merchant who has a contact besides the accounts. */
static inline struct rig *rig_open_desk(bool outbox)
{
    struct rig *rig = rig_open();
    static struct migrated kept;
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms - 90 * INT64_C(86400000)};
    const struct registry_merchant merchant = {RIG_MID, "开源茶馆", "Tea House", 1,
                                               REGISTRY_ACTIVE};
    const struct registry_contact contact = {.mid = RIG_MID,
                                             .number = 1,
                                             .name_zh = "王小明",
                                             .pinyin = "wang xiaoming",
                                             .phone = "13800005678",
                                             .mail = "shop@example.com"};
    backoffice_close(rig->b);
    migrated_open(&kept, "registry", rig_migrate_registry, &rig->registry_anchor);
    assert_ok(registry_open("registry", STORE_MEMORY, NULL, &rig->registry));
    assert_ok(registry_add_merchant(rig->registry, &actor, &merchant));
    assert_ok(registry_set_contact(rig->registry, &actor, &contact));
    rig->no_outbox = !outbox;
    rig_migrate_desk(rig);
    rig_open_core(rig, "http://localhost:8080");
    return rig;
}

static inline void rig_close(struct rig *rig)
{
    backoffice_close(rig->b);
    rig->b = NULL;
    registry_close(rig->registry);
    if (rig->registry_anchor != NULL) store_anchor_close(rig->registry_anchor);
    store_anchor_close(rig->loyalty_anchor);
    store_anchor_close(rig->anchor);
    free(rig);
}

/* False when the program has ended: nothing is asked of it any more until rig_restart(). */
static inline bool rig_lives(struct rig *rig, err e)
{
    if (rig->may_end && FAILED(e)) rig->ended = true;
    else assert_ok(e);
    return !rig->ended;
}

/* The program again, over what its store had committed: connections and jobs are gone. */
static inline void rig_restart(struct rig *rig)
{
    backoffice_close(rig->b);
    rig->jobs = 0;
    rig->may_end = rig->ended = false;
    memset(rig->pending, 0, sizeof rig->pending);
    for (unsigned i = 0; i < rig->letters; i++) rig->letter[i].told = true;
    rig_open_core(rig, "http://localhost:8080");
}

/* ---- what happens by itself ---- */

/* The first job that is out, to its end. */
static inline void rig_run_one(struct rig *rig)
{
    struct backoffice_hashed result;
    const struct random random = random_from_seed(&rig->source);
    assert_true(rig->jobs > 0);
    typeof(rig->out[0]) *first = &rig->out[0];
    rig->hashes++;
    backoffice_hash_run(&first->job, password_cost_quick(), &random,
                        (struct password_keyed){rig_make_keyed, rig}, &result);
    rig->jobs--;
    for (unsigned i = 0; i < rig->jobs; i++) {
        typeof(rig->out[0]) *o = &rig->out[i];
        *o = rig->out[i + 1];
        o->job.whose = o->whose;
        o->job.record = o->record;
        o->job.password.at = o->password;
        o->job.chosen.at = o->chosen;
        o->job.old = (const char(*)[PASSWORD_RECORD_MAX])o->old;
    }
    (void)rig_lives(rig, backoffice_on_hashed(rig->b, &result));
}

static inline void rig_turn(struct rig *rig)
{
    if (!rig_lives(rig, backoffice_flush(rig->b))) return;
    while (!rig->hold && rig->jobs > 0 && !rig->ended) rig_run_one(rig);
    if (rig->ended) return;
    for (unsigned i = 0; i < rig->letters; i++) {
        if (rig->letter[i].told) continue;
        rig->letter[i].told = true;
        const struct outbound_result sent = {.outcome = OUTBOUND_TAKEN};
        if (!rig_lives(rig, outbox_on_result(backoffice_outbox(rig->b), rig->letter[i].id, &sent)))
            return;
    }
    (void)rig_lives(rig, backoffice_flush(rig->b));
}

static inline void rig_pass(struct rig *rig, int64_t ms)
{
    rig->now_ms += ms;
    assert_ok(backoffice_tick(rig->b));
    rig_turn(rig);
}

/* ---- asking ---- */

static inline const char *rig_cookie(const void *context, const char *name)
{
    const struct browser *browser = context;
    for (size_t i = 0; i < ARRAY_LEN(browser->cookie); i++)
        if (strcmp(browser->cookie[i][0], name) == 0 && browser->cookie[i][1][0] != '\0')
            return browser->cookie[i][1];
    return NULL;
}

static inline const char *rig_header(const void *context, const char *name)
{
    const struct browser *browser = context;
    if (strcmp(name, "X-CSRF") == 0)
        return browser->no_csrf || browser->csrf[0] == '\0' ? NULL : browser->csrf;
    if (strcmp(name, "Sec-Fetch-Site") == 0) return browser->site;
    if (strcmp(name, "User-Agent") == 0) return "rig";
    if (strcmp(name, "Authorization") == 0) return browser->key;
    if (strcmp(name, "X-Tongbao-Realm") == 0) return browser->realm;
    if (strcmp(name, "Idempotency-Key") == 0) return browser->repeat;
    if (strcmp(name, "Last-Event-ID") == 0) return browser->last_event;
    if (strcmp(name, "X-Language") == 0)
        return browser->language == NULL ? "en" : browser->language;
    if (strcmp(name, "Content-Type") == 0) return browser->type;
    static const char *const forged[] = {"Host", "X-Forwarded-Host", "X-Forwarded-Server", "X-Host",
                                         "X-Original-Host"};
    for (size_t i = 0; i < ARRAY_LEN(forged); i++)
        if (strcasecmp(name, forged[i]) == 0) return RIG_FORGED;
    if (strcasecmp(name, "Forwarded") == 0) return "host=" RIG_FORGED;
    return NULL;
}

static inline err rig_query(const void *context, const char *name, char *out, size_t size)
{
    const struct browser *browser = context;
    const char *value = strcmp(name, "after") == 0   ? browser->after
                        : strcmp(name, "limit") == 0 ? browser->limit
                        : strcmp(name, "lang") == 0  ? browser->lang
                                                     : NULL;
    for (size_t i = 0; i < ARRAY_LEN(browser->query); i++)
        if (browser->query[i][0] != NULL && strcmp(browser->query[i][0], name) == 0)
            value = browser->query[i][1];
    return value == NULL ? ERR(NOT_FOUND) : bytes_to_text(bytes_text(value), out, size);
}

/* Sends a request and returns its status, or 0 when the answer comes later. */
static inline unsigned rig_send(struct rig *rig, struct browser *browser, const char *method,
                                const char *path, const char *body)
{
    const struct backoffice_request request = {
        .ticket = ++rig->tickets,
        .method = method,
        .path = path,
        .body = bytes_text(body),
        .address = browser->address == NULL ? "192.0.2.1" : browser->address,
        .reader = {rig_cookie, rig_header, rig_query, browser}};
    struct http_response response = {.status = 200,
                                     .content_type = "application/json",
                                     .body = writer_over(rig->block, sizeof rig->block)};
    if (!rig_lives(rig, backoffice_on_request(rig->b, &request, &response))) return 0;
    rig->held_ms = response.hold_ms;
    if (!response.later) {
        rig_keep(rig, browser, &response);
        return response.status;
    }
    for (size_t i = 0; i < RIG_PENDING; i++) {
        struct pending *p = &rig->pending[i];
        if (p->ticket != 0 && !p->answered) continue;
        *p = (struct pending){.ticket = request.ticket, .browser = browser};
        return 0;
    }
    fail_msg("too many wait");
    return 0;
}

static inline struct pending *rig_pending(struct rig *rig, uint64_t ticket)
{
    for (size_t i = 0; i < RIG_PENDING; i++)
        if (rig->pending[i].ticket == ticket) return &rig->pending[i];
    return NULL;
}

/* Sends one and waits for its answer. */
static inline unsigned rig_ask(struct rig *rig, struct browser *browser, const char *method,
                               const char *path, const char *body)
{
    unsigned status = rig_send(rig, browser, method, path, body);
    uint64_t ticket = rig->tickets;
    if (rig->ended) return 0;
    rig_turn(rig);
    if (status != 0) return status;
    struct pending *p = rig_pending(rig, ticket);
    if (rig->ended) return p != NULL && p->answered ? p->status : 0;
    assert_true(p != NULL && p->answered);
    return p->status;
}

static inline unsigned rig_post(struct rig *rig, struct browser *browser, const char *path,
                                const char *format, ...) PRINTF(4, 5);
static inline unsigned rig_post(struct rig *rig, struct browser *browser, const char *path,
                                const char *format, ...)
{
    char body[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(body, sizeof body, format, arguments);
    va_end(arguments);
    return rig_ask(rig, browser, "POST", path, body);
}

/* The text of a member of the last answer. */
static inline void rig_member(const struct rig *rig, const char *name, char *out, size_t size)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"%s\":\"", name);
    const char *at = strstr(rig->answer, wanted);
    if (at == NULL) fail_msg("no %s in %s", name, rig->answer);
    at += strlen(wanted);
    snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

static inline bool rig_says(const struct rig *rig, const char *text)
{
    return strstr(rig->answer, text) != NULL;
}

#include "tests/unit/backoffice_people_rig.h"
