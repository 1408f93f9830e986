/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * desk_rig: a desk with a registry, a clock that stands until it is moved, an hsm whose answers a
 * test can compute, and everything that left it: messages, frames to terminals, connections closed.
 */

#include "backoffice/desk/cooling.h"
#include "backoffice/desk/pairs.h"
#include "backoffice/desk/recovery.h"
#include "backoffice/desk/tickets.h"
#include "backoffice/devices/device_events.h"
#include "backoffice/devices/devices.h"
#include "lib/wire/json.h"
#include "tests/unit/scratch.h"

enum { RIG_MESSAGES = 512, RIG_FRAMES = 64, RIG_FRAME = 8192 };

#define RIG_MID    "898310153110001"
#define RIG_TID    "10000017"
#define RIG_OTHER  "10000018"
#define RIG_SERIAL "TB1-2030-000017"
#define RIG_DAY_MS (24 * 3600 * (int64_t)1000)

/* A hundred days from where the clock of the rig begins; its server's ends ten days earlier. */
#define RIG_CERTIFICATE_END (1800000000000 + 100 * RIG_DAY_MS)

struct rig_message {
    enum desk_template template;
    bool by_mail, first;
    char address[160], secret[256], event[32], operator_id[3], tid[9];
    int minutes;
};

struct rig {
    struct scratch scratch;
    char registry_path[128], store_path[128];
    struct registry *registry;
    struct store *store;
    struct desk *desk;
    struct log log;
    struct random_seeded seed;
    int64_t now_ms;
    bool hsm_away;
    struct rig_message message[RIG_MESSAGES];
    size_t messages;
    char frame[RIG_FRAMES][RIG_FRAME];
    uint32_t frame_session[RIG_FRAMES];
    size_t frames;
    uint32_t closed[16];
    size_t closes;
    bool outbox_full;
    err (*renew)(void *context, const struct desk_renewal *renewal, struct writer *certificate);
    char logged[65536];
    size_t logged_len;
};

static struct rig rig;

static int64_t rig_now(void *context)
{
    (void)context;
    return rig.now_ms;
}

static int64_t rig_monotonic(void *context)
{
    (void)context;
    return rig.now_ms * 1000;
}

static void rig_log(void *context, struct bytes line)
{
    (void)context;
    if (line.len > sizeof rig.logged - rig.logged_len) return;
    memcpy(rig.logged + rig.logged_len, line.at, line.len);
    rig.logged_len += line.len;
}

/* What the hsm of the rig answers: a function of everything that it must be bound to. */
static uint64_t rig_proof_number(const struct desk_challenge *c)
{
    uint64_t hash = 14695981039346656037u ^ (uint64_t)c->way;
    const char *texts[] = {c->tid, c->operator_id};
    for (size_t i = 0; i < 2; i++)
        for (const char *t = texts[i]; *t != '\0'; t++)
            hash = (hash ^ (uint8_t)*t) * 1099511628211u;
    for (size_t i = 0; i < c->len; i++) hash = (hash ^ c->at[i]) * 1099511628211u;
    return hash ^ hash >> 29;
}

static void rig_code(const struct desk_challenge *c, char out[DESK_CODE_MAX + 1])
{
    static const int digits[RECOVERY_WAYS] = {
        [RECOVERY_SMS] = 6, [RECOVERY_MAIL] = 8, [RECOVERY_OFFLINE] = 10};
    uint64_t number = rig_proof_number(c);
    int count = digits[c->way];
    for (int i = count - 1; i >= 0; i--, number /= 10) out[i] = (char)('0' + number % 10);
    out[count] = '\0';
}

static inline void rig_grant(const struct desk_challenge *c, uint8_t out[DESK_GRANT_LEN])
{
    uint64_t number = rig_proof_number(c);
    for (size_t i = 0; i < DESK_GRANT_LEN; i++) out[i] = (uint8_t)(number >> 8 * (i % 8));
}

static err rig_prove(void *context, const struct desk_challenge *challenge, struct desk_proof *ret)
{
    (void)context;
    if (rig.hsm_away) return ERR(REFUSED);
    rig_code(challenge, ret->code);
    if (challenge->way == RECOVERY_SERVICE || challenge->way == RECOVERY_REISSUE)
        rig_grant(challenge, ret->grant);
    return OK;
}

/* A MAC of the rig: the epoch's last byte, in all places; 'T' or 'H' first for the direction. */
static err rig_anchor_check(void *context, const char *tid, const struct desk_anchor *said)
{
    (void)context;
    (void)tid;
    if (rig.hsm_away) return ERR(REFUSED);
    return said->mac[0] == 'T' && said->mac[1] == (uint8_t)said->epoch ? OK : ERR(MAC);
}

static err rig_anchor_make(void *context, const char *tid, struct desk_anchor *anchor)
{
    (void)context;
    (void)tid;
    memset(anchor->mac, (uint8_t)anchor->epoch, sizeof anchor->mac);
    anchor->mac[0] = 'H';
    return OK;
}

static err rig_renew(void *context, const struct desk_renewal *renewal, struct writer *certificate)
{
    return rig.renew == NULL ? ERR(KEY) : rig.renew(context, renewal, certificate);
}

/* A proof of the rig: the number and the first letters of what it is for. */
static err rig_command_mac(void *context, const struct desk_command *c, uint8_t mac[16])
{
    (void)context;
    if (rig.hsm_away) return ERR(REFUSED);
    memset(mac, 0, 16);
    mac[0] = (uint8_t)c->number;
    memcpy(mac + 1, c->kind, strlen(c->kind) < 8 ? strlen(c->kind) : 8);
    memcpy(mac + 9, c->serial, 7);
    return OK;
}

static err rig_send(void *context, struct store_tx *tx, const struct desk_message *message)
{
    (void)context;
    ENSURE(tx->store == rig.store && rig.messages < RIG_MESSAGES);
    if (rig.outbox_full) return ERR(BUSY);
    struct rig_message *m = &rig.message[rig.messages++];
    *m = (struct rig_message){.template = message->template,
                              .by_mail = message->by_mail,
                              .first = message->first,
                              .minutes = message->minutes};
    snprintf(m->address, sizeof m->address, "%s",
             message->by_mail ? message->contact->mail : message->contact->phone);
    snprintf(m->secret, sizeof m->secret, "%s", message->secret);
    snprintf(m->event, sizeof m->event, "%s", message->event == NULL ? "" : message->event);
    snprintf(m->operator_id, sizeof m->operator_id, "%s", message->operator_id);
    snprintf(m->tid, sizeof m->tid, "%s", message->tid);
    return OK;
}

static void rig_to_device(void *context, uint32_t session, struct bytes frame)
{
    (void)context;
    ENSURE(frame.len < RIG_FRAME && rig.frames < RIG_FRAMES);
    for (size_t i = 0; i < rig.closes; i++)
        if (rig.closed[i] == session) return; /* as a stream that is closing */
    rig.frame_session[rig.frames] = session;
    memcpy(rig.frame[rig.frames], frame.at, frame.len);
    rig.frame[rig.frames++][frame.len] = '\0';
}

static void rig_close_device(void *context, uint32_t session)
{
    (void)context;
    ENSURE(rig.closes < ARRAY_LEN(rig.closed));
    rig.closed[rig.closes++] = session;
}

static const struct registry_actor rig_admin = {{(const uint8_t *)"admin", 5}, 1700000000000};

static struct registry_contact rig_owner(void)
{
    return (struct registry_contact){.mid = RIG_MID,
                                     .number = 1,
                                     .name_zh = "王小明",
                                     .pinyin = "wang xiaoming",
                                     .phone = "13800005678",
                                     .mail = "wang@example.com"};
}

static void rig_terminal(const char *tid, const char *serial, const char *model)
{
    struct registry_terminal t = {.mid = RIG_MID,
                                  .outlet = 1,
                                  .suite = REGISTRY_TONGBAO,
                                  .status = REGISTRY_ACTIVE,
                                  .master_block = "D0016D0AB00E0000",
                                  .first_batch = 1};
    snprintf(t.tid, sizeof t.tid, "%s", tid);
    snprintf(t.serial, sizeof t.serial, "%s", serial);
    snprintf(t.model, sizeof t.model, "%s", model);
    assert_ok(registry_add_terminal(rig.registry, &rig_admin, &t));
}

static void rig_open_desk(void)
{
    const struct store_options options = {.mode = STORE_CREATE};
    assert_ok(store_open(rig.store_path, &options, NULL, &rig.store));
    const struct desk_config config = {
        .store = rig.store,
        .registry = rig.registry,
        .log = &rig.log,
        .clock = {rig_now, rig_monotonic, NULL},
        .random = random_from_seed(&rig.seed),
        .origin = "https://pay.example",
        .devices_max = 4,
        .backups = rig.scratch.directory,
        .expiry = {{"server_certificate", RIG_CERTIFICATE_END - 10 * RIG_DAY_MS}},
    };
    const struct desk_ports ports = {.prove = rig_prove,
                                     .anchor_check = rig_anchor_check,
                                     .anchor_make = rig_anchor_make,
                                     .renew = rig_renew,
                                     .command_mac = rig_command_mac,
                                     .to_device = rig_to_device,
                                     .close_device = rig_close_device};
    const struct desk_house house = {.send = rig_send};
    assert_ok(desk_open(&config, &ports, &house, &rig.desk));
}

static void rig_close_desk(void)
{
    desk_close(rig.desk);
    store_close(rig.store);
}

static int rig_make(void **state)
{
    (void)state;
    rig = (struct rig){.now_ms = 1800000000000};
    rig.log = (struct log){rig_log, NULL, {rig_now, rig_monotonic, NULL}, "desk", LOG_DEBUG};
    random_seed(&rig.seed, 7);
    scratch_make(&rig.scratch);
    memcpy(rig.registry_path, scratch_path(&rig.scratch, "registry.db"), 128);
    memcpy(rig.store_path, scratch_path(&rig.scratch, "backoffice.db"), 128);
    assert_ok(registry_open(rig.registry_path, STORE_CREATE, NULL, &rig.registry));
    const struct registry_merchant merchant = {RIG_MID, "开源茶馆", "Tea House", 1,
                                               REGISTRY_ACTIVE};
    const struct registry_contact owner = rig_owner();
    assert_ok(registry_add_merchant(rig.registry, &rig_admin, &merchant));
    assert_ok(registry_set_contact(rig.registry, &rig_admin, &owner));
    rig_terminal(RIG_TID, RIG_SERIAL, "TB-1");
    rig_terminal(RIG_OTHER, "TB1-2030-000018", "TB-2");
    rig_open_desk();
    return 0;
}

static inline int rig_drop(void **state)
{
    (void)state;
    rig_close_desk();
    registry_close(rig.registry);
    scratch_remove(&rig.scratch);
    return 0;
}

static inline struct desk_challenge rig_challenge(enum recovery_way way, const char *operator_id,
                                                  uint8_t number)
{
    struct desk_challenge c = {.tid = RIG_TID, .way = way, .len = 16};
    snprintf(c.operator_id, sizeof c.operator_id, "%s", operator_id);
    memset(c.at, 0xA0, sizeof c.at);
    c.at[15] = number;
    return c;
}

static struct registry_terminal rig_find(const char *tid)
{
    struct registry_terminal t = {0};
    assert_ok(registry_find_terminal(rig.registry, bytes_text(tid), &t));
    return t;
}

/* recovery_ask() as the terminal of `challenge`. */
static inline struct recovery_answer rig_ask(const struct desk_challenge *challenge)
{
    struct recovery_answer answer;
    struct registry_terminal terminal = rig_find(challenge->tid);
    assert_ok(recovery_ask(rig.desk, &terminal, challenge, &answer));
    return answer;
}

static inline int64_t rig_count(const char *sql)
{
    int64_t count = -1;
    assert_ok(store_query_int(rig.store, sql, &count));
    return count;
}

/* One event of a terminal, taken as the channel takes it. */
static inline void rig_event(const char *tid, int64_t number, const char *kind,
                             const char *operator_id)
{
    struct registry_terminal terminal = rig_find(tid);
    struct device_event event = {.number = number, .at_ms = rig.now_ms};
    snprintf(event.kind, sizeof event.kind, "%s", kind);
    snprintf(event.operator_id, sizeof event.operator_id, "%s", operator_id);
    assert_ok(device_event_take(rig.desk, &terminal, &event));
}

static inline void rig_audit_is_whole(void)
{
    struct audit_report report;
    assert_ok(audit_verify(rig.store, &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
}

/* ---- a connected terminal ---- */

static inline void rig_say(uint32_t session, const char *text)
{
    assert_ok(devices_on_frame(rig.desk, session, bytes_text(text)));
}

#define RIG_HELLO(serial, model)                                               \
    "{\"id\":1,\"ask\":\"hello\",\"serial\":\"" serial "\",\"model\":\"" model \
    "\",\"version\":\"0.1.0\",\"policy\":1,\"first_login_ms\":5,\"epoch\":"    \
    "\"000000000000000000000000000000000000000000000000\"}"

static inline void rig_connect(uint32_t session)
{
    assert_ok(devices_opened(rig.desk, session, BYTES(RIG_TID), RIG_CERTIFICATE_END));
    rig_say(session, RIG_HELLO(RIG_SERIAL, "TB-1"));
}

/* The newest frame; fails when there is none. */
static inline const char *rig_heard(void)
{
    assert_true(rig.frames > 0);
    return rig.frame[rig.frames - 1];
}

/* True when some frame so far has this text in it. */
static inline bool rig_heard_any(const char *text)
{
    for (size_t i = 0; i < rig.frames; i++)
        if (strstr(rig.frame[i], text) != NULL) return true;
    return false;
}

/* True when any file of the store holds these bytes. */
static inline bool rig_stored(const char *what)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    size_t want = strlen(what);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        char path[160];
        static char block[4 << 20];
        snprintf(path, sizeof path, "%s%s", rig.store_path, ends[i]);
        FILE *file = fopen(path, "rb");
        if (file == NULL) continue;
        size_t len = fread(block, 1, sizeof block, file);
        fclose(file);
        if (memmem(block, len, what, want) != NULL) return true;
    }
    return memmem(rig.logged, rig.logged_len, what, want) != NULL;
}
