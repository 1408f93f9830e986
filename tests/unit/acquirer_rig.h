/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the tests of the acquirer share: the core joined to a real hsm core, to stores in memory, to
 * a clock that the test moves, and to a network and terminals that the test plays itself. Nothing
 * leaves the core but through the rig, which checks on every frame that no transaction is open and
 * nothing is written that is not committed.
 */

#include "acquirer/acquirer.h"
#include "hsm/hsm.h"
#include "journal/journal.h"
#include "lib/crypto/delivery.h"
#include "lib/crypto/envelope.h"
#include "lib/iso8583/frame.h"
#include "lib/store/audit.h"
#include "lib/wire/hsm_protocol.h"
#include "payment/message.h"
#include "registry/registry.h"
#include "tests/unit/scratch.h"

#include "tests/unit/migrated.h"

enum { RIG_QUEUE = 512, RIG_FRAME = 4096, RIG_LOG = 1 << 18, RIG_ECHO_MAX = 128 };

struct rig_item {
    uint32_t target; /* session or route */
    size_t len;
    uint8_t at[RIG_FRAME];
};

struct rig_queue {
    size_t count;
    struct rig_item item[RIG_QUEUE];
};

struct rig_terminal {
    const char *tid, *mid; /* mid: NULL for RIG_MID */
    enum payment_profile profile;
    uint32_t session;
    uint32_t batch, stan;
    uint8_t mac_block[HSM_KEY_BLOCK_MAX];
    size_t mac_block_len;
    struct working_keys keys;
};

struct rig {
    int64_t now_ms;
    int64_t jumped_ms; /* how far the clock on the wall is off; the monotonic one never jumps */
    struct log log;
    char log_text[RIG_LOG];
    size_t log_len;
    struct random_seeded seed;
    struct crypto crypto;
    struct store_anchor *anchor[4];
    struct registry *registry; /* the writer's handle */
    struct hsm_master master;
    struct hsm *hsm;
    uint8_t zone_mac[HSM_KEY_BLOCK_MAX];
    size_t zone_mac_len;
    uint8_t made_mac[HSM_KEY_BLOCK_MAX]; /* by the last SIGN_IN that passed */
    size_t made_mac_len;
    bool hsm_holds; /* commands pile up in to_hsm */
    bool hsm_gone;  /* commands vanish */
    struct acquirer *a;
    int echoes, tells;
    uint8_t told[RIG_FRAME]; /* the last 0800 with new keys */
    size_t told_len;
    int left;           /* store calls until the fault; -1: none */
    enum err_code with; /* which fault */
    bool dirty;         /* written and not committed */
    int calls;
    bool flushing, fills; /* fills: what is held may be more than there is room for */
    struct acquirer_limits limits;
    const char *payout_path;       /* NULL: nobody is paid out */
    enum payment_card_class class; /* of the cards that the network is asked for */
    /* Ten megabytes: what stands behind the count is never read. */
    struct rig_queue to_hsm, to_terminal, to_route, to_control, closed;
};

#define RIG_MID    "898310153110001"
#define RIG_TID    "10000017"
#define RIG_CUP    "10000025"
#define RIG_CLOSED "10000033"
/* Passes no Luhn check: it is no card number. */
#define RIG_PAN  "6222021234567890"
#define RIG_CODE "281234567890123456"

static const uint8_t rig_master_key[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static inline int64_t rig_now(void *context)
{
    const struct rig *rig = context;
    return rig->now_ms + rig->jumped_ms;
}

static inline int64_t rig_monotonic(void *context)
{
    return ((struct rig *)context)->now_ms * 1000;
}

static inline struct clock rig_clock(struct rig *rig)
{
    return (struct clock){rig_now, rig_monotonic, rig};
}

static inline void rig_log(void *context, struct bytes line)
{
    struct rig *rig = context;
    if (line.len > RIG_LOG - rig->log_len) return;
    memcpy(rig->log_text + rig->log_len, line.at, line.len);
    rig->log_len += line.len;
}

static inline bool rig_logged(const struct rig *rig, const char *text)
{
    return memmem(rig->log_text, rig->log_len, text, strlen(text)) != NULL;
}

/* ---- what leaves the core ---- */

static inline void rig_put(struct rig *rig, struct rig_queue *queue, uint32_t target,
                           struct bytes frame)
{
    assert_true(rig->flushing || rig->fills); /* ports are called from acquirer_flush() only */
    assert_false(rig->dirty);                 /* and nothing leaves before the commit */
    assert_true(queue->count < RIG_QUEUE);
    assert_true(frame.len <= RIG_FRAME);
    struct rig_item *item = &queue->item[queue->count++];
    item->target = target;
    item->len = frame.len;
    if (frame.len > 0) memcpy(item->at, frame.at, frame.len);
}

static inline void rig_to_terminal(void *context, uint32_t session, struct bytes frame)
{
    struct rig *rig = context;
    rig_put(rig, &rig->to_terminal, session, frame);
}

static inline void rig_close_terminal(void *context, uint32_t session)
{
    struct rig *rig = context;
    rig_put(rig, &rig->closed, session, (struct bytes){0});
}

static inline void rig_to_hsm(void *context, struct bytes request)
{
    struct rig *rig = context;
    if (!rig->hsm_gone) rig_put(rig, &rig->to_hsm, 0, request);
}

static inline void rig_to_route(void *context, enum payment_route route, struct bytes message)
{
    struct rig *rig = context;
    bool echo = message.len > 4 && memcmp(message.at, "0800", 4) == 0;
    bool tells = echo && message.len > RIG_ECHO_MAX; /* of new keys: no echo is as long */
    if (tells) {
        assert_true(message.len <= sizeof rig->told);
        memcpy(rig->told, message.at, message.len);
        rig->told_len = message.len;
    }
    rig->tells += tells;
    rig->echoes += echo && !tells;
    if (!echo) rig_put(rig, &rig->to_route, route, message);
}

static inline void rig_to_control(void *context, uint32_t client, struct bytes frame)
{
    struct rig *rig = context;
    rig_put(rig, &rig->to_control, client, frame);
}

static inline err rig_fault(void *context, enum store_call call)
{
    struct rig *rig = context;
    rig->calls++;
    if (call == STORE_CALL_BEGIN) rig->dirty = true;
    if (call == STORE_CALL_COMMITTED) rig->dirty = false;
    if (rig->left >= 0 && rig->left-- == 0) return (err){rig->with};
    return OK;
}

/* ---- hsm ---- */

static inline struct bytes rig_hsm(struct rig *rig, struct bytes request, uint8_t *out)
{
    struct writer w = writer_over(out, HSM_FRAME_MAX);
    assert_ok(hsm_execute(rig->hsm, request, &w));
    return writer_view(&w);
}

static inline struct bytes rig_hsm_body(struct bytes answer)
{
    struct reader r = reader_over(answer);
    struct hsm_header header;
    enum hsm_status status;
    assert_ok(hsm_read_answer(&r, &header, &status));
    assert_string_equal(hsm_status_text(status), "ok");
    return r.left;
}

/* A new key: its block into `block`. */
static inline size_t rig_key(struct rig *rig, uint8_t command, uint8_t usage, uint8_t suite,
                             struct bytes clear, void *block)
{
    uint8_t request[HSM_FRAME_MAX], answer[HSM_FRAME_MAX];
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, command, 1);
    hsm_write_make_key(&w, &(struct hsm_make_key){usage, suite, BYTES("test"), {0}, clear});
    struct reader r = reader_over(rig_hsm_body(rig_hsm(rig, writer_view(&w), answer)));
    struct hsm_key_answer key;
    assert_ok(hsm_read_key_answer(&r, &key));
    assert_true(key.block.len <= HSM_KEY_BLOCK_MAX);
    memcpy(block, key.block.at, key.block.len);
    return key.block.len;
}

static inline void rig_mac(struct rig *rig, uint8_t suite, struct bytes key, struct bytes data,
                           uint8_t mac[8])
{
    uint8_t request[HSM_FRAME_MAX], answer[HSM_FRAME_MAX];
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, HSM_MAC_MAKE, 1);
    hsm_write_mac(&w, &(struct hsm_mac){suite, key, data, {0}});
    struct reader r = reader_over(rig_hsm_body(rig_hsm(rig, writer_view(&w), answer)));
    struct bytes made;
    assert_ok(hsm_read_bytes(&r, &made));
    assert_int_equal(made.len, 8);
    memcpy(mac, made.at, 8);
}

/* One command of the core's. */
static inline err rig_serve(struct rig *rig, const struct rig_item *item)
{
    uint8_t out[HSM_FRAME_MAX];
    struct bytes answer = rig_hsm(rig, bytes_of(item->at, item->len), out);
    struct reader r = reader_over(answer);
    struct hsm_header header;
    enum hsm_status status;
    assert_ok(hsm_read_answer(&r, &header, &status));
    if (header.command == HSM_SIGN_IN && status == HSM_OK) {
        struct hsm_sign_in_answer keys;
        assert_ok(hsm_read_sign_in_answer(&r, &keys));
        memcpy(rig->made_mac, keys.mac_block.at, keys.mac_block.len);
        rig->made_mac_len = keys.mac_block.len;
    }
    return acquirer_on_hsm(rig->a, answer);
}

/* ---- running ---- */

static inline err rig_flush(struct rig *rig)
{
    rig->flushing = true;
    err flushed = acquirer_flush(rig->a);
    rig->flushing = false;
    return flushed;
}

/* Commits, lets the hsm work, and so on until there is nothing to do. */
static inline err rig_settle_err(struct rig *rig)
{
    for (;;) {
        TRY(rig_flush(rig));
        if (rig->to_hsm.count == 0 || rig->hsm_holds) return OK;
        static struct rig_queue work;
        work = rig->to_hsm;
        rig->to_hsm.count = 0;
        for (size_t i = 0; i < work.count; i++) TRY(rig_serve(rig, &work.item[i]));
    }
}

static inline void rig_settle(struct rig *rig)
{
    assert_ok(rig_settle_err(rig));
}

static inline err rig_pass_err(struct rig *rig, int64_t ms)
{
    for (int64_t end = rig->now_ms + ms; rig->now_ms < end;) {
        rig->now_ms += end - rig->now_ms < 100 ? end - rig->now_ms : 100;
        TRY(acquirer_tick(rig->a));
        TRY(rig_settle_err(rig));
    }
    return OK;
}

/* Time goes by, with its ticks. */
static inline void rig_pass(struct rig *rig, int64_t ms)
{
    assert_ok(rig_pass_err(rig, ms));
}

static inline err rig_open_err(struct rig *rig)
{
    const struct acquirer_config config = {
        .clock = rig_clock(rig),
        .log = &rig->log,
        .mode = STORE_MEMORY,
        .journal_path = "journal",
        .ledger_path = "ledger",
        .audit_path = "audit",
        .registry_path = "registry",
        .payout_path = rig->payout_path,
        .fold_in_line = true,
        .limits = rig->limits,
        .store_fault = rig_fault,
        .store_fault_context = rig,
    };
    const struct acquirer_ports ports = {rig,        rig_to_terminal, rig_close_terminal,
                                         rig_to_hsm, rig_to_route,    rig_to_control};
    rig->dirty = false;
    rig->flushing = true; /* opening flushes too */
    err opened = acquirer_open(&config, &ports, NULL, &rig->a);
    rig->flushing = false;
    TRY(opened);
    TRY(acquirer_on_route_state(rig->a, PAYMENT_ROUTE_CARD_NETWORK, true));
    return acquirer_on_route_state(rig->a, PAYMENT_ROUTE_WALLET, true);
}

/* Whatever was under way is lost; what was committed is not. */
static inline void rig_empty_queues(struct rig *rig)
{
    rig->to_hsm.count = rig->to_terminal.count = rig->to_route.count = rig->closed.count = 0;
    rig->to_control.count = 0;
}

static inline void rig_close(struct rig *rig)
{
    acquirer_close(rig->a);
    rig->a = NULL;
    rig_empty_queues(rig);
    rig->hsm_gone = rig->hsm_holds = false;
}

static inline void rig_restart(struct rig *rig)
{
    rig_close(rig);
    rig->left = -1;
    assert_ok(rig_open_err(rig));
    rig_settle(rig);
}

static inline void rig_add_terminal(struct rig *rig, const char *tid, enum registry_suite suite)
{
    static unsigned serial;
    const struct registry_actor actor = {BYTES("test"), rig->now_ms};
    struct registry_terminal terminal = {.outlet = 1,
                                         .suite = suite,
                                         .status = REGISTRY_ACTIVE,
                                         .model = "TB-1",
                                         .mid = RIG_MID,
                                         .first_batch = 1};
    uint8_t block[HSM_KEY_BLOCK_MAX];
    size_t len = rig_key(rig, HSM_IMPORT_KEY, HSM_KEY_TERMINAL_MASTER, (uint8_t)suite,
                         BYTES_OF(rig_master_key), block);
    memcpy(terminal.master_block, block, len);
    memcpy(terminal.tid, tid, 9);
    snprintf(terminal.serial, sizeof terminal.serial, "SN%06u", ++serial);
    assert_ok(registry_add_terminal(rig->registry, &actor, &terminal));
}

static inline void rig_fill_registry(struct rig *rig)
{
    const struct registry_actor actor = {BYTES("test"), rig->now_ms};
    assert_ok(registry_open("registry", STORE_MEMORY, NULL, &rig->registry));
    struct registry_merchant merchant = {.mid = RIG_MID,
                                         .name_zh = "通宝茶馆",
                                         .name_en = "TONGBAO TEA",
                                         .fee_plan = 1,
                                         .status = REGISTRY_ACTIVE};
    assert_ok(registry_add_merchant(rig->registry, &actor, &merchant));
    rig_add_terminal(rig, RIG_TID, REGISTRY_TONGBAO);
    rig_add_terminal(rig, RIG_CUP, REGISTRY_CUP);
    struct registry_zone_keys keys = {0};
    rig_key(rig, HSM_MAKE_KEY, HSM_KEY_ZONE_PIN, 1, (struct bytes){0}, keys.pin_block);
    rig->zone_mac_len =
        rig_key(rig, HSM_MAKE_KEY, HSM_KEY_ZONE_MAC, 1, (struct bytes){0}, keys.mac_block);
    memcpy(rig->zone_mac, keys.mac_block, rig->zone_mac_len);
    rig_key(rig, HSM_MAKE_KEY, HSM_KEY_ZONE_DATA, 1, (struct bytes){0}, keys.data_block);
    rig_key(rig, HSM_MAKE_KEY, HSM_KEY_TOKEN, 1, (struct bytes){0}, keys.token_block);
    keys.zone = REGISTRY_CARD_NETWORK;
    assert_ok(registry_set_zone_keys(rig->registry, &actor, &keys));
    keys.zone = REGISTRY_WALLET;
    assert_ok(registry_set_zone_keys(rig->registry, &actor, &keys));
}

/* A host that was started for the first time leaves its tables; those of the next are copies. What
 * is random goes on from there. */
static inline void rig_migrate(struct rig *rig)
{
    static struct migrated kept[3];
    if (kept[0].image.at != NULL) {
        for (size_t i = 0; i < ARRAY_LEN(kept); i++)
            assert_ok(store_anchor_fill(rig->anchor[i], kept[i].image));
        return;
    }
    const struct random_seeded seed = rig->seed;
    assert_ok(rig_open_err(rig));
    rig_close(rig);
    rig->seed = seed;
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        assert_ok(store_anchor_image(rig->anchor[i], &kept[i].image));
}

static inline err rig_migrate_registry(const char *name)
{
    struct registry *registry = NULL;
    TRY(registry_open(name, STORE_MEMORY, NULL, &registry));
    registry_close(registry);
    return OK;
}

static inline void rig_make(struct rig *rig)
{
    static const char *const names[] = {"journal", "ledger", "audit"};
    static struct migrated registry;
    memset(rig, 0, offsetof(struct rig, to_hsm));
    rig_empty_queues(rig);
    rig->now_ms = INT64_C(1767225600000);
    rig->left = -1;
    rig->with = ERR_CRASHED;
    rig->log = (struct log){rig_log, rig, rig_clock(rig), "acquirer", LOG_DEBUG};
    random_seed(&rig->seed, 7);
    rig->limits = (struct acquirer_limits){64, 16, 64, 256, 64};
    rig->class = PAYMENT_CLASS_DEBIT;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_ok(store_anchor_open(names[i], &rig->anchor[i]));
    migrated_open(&registry, "registry", rig_migrate_registry, &rig->anchor[ARRAY_LEN(names)]);
    assert_ok(crypto_open(random_from_seed(&rig->seed), &rig->crypto));
    hsm_master_generate(&rig->crypto, true, &rig->master);
    const struct hsm_config config = {.random = random_from_seed(&rig->seed), .development = true};
    assert_ok(hsm_open(&config, &rig->master, &rig->hsm));
    rig_fill_registry(rig);
    rig_migrate(rig);
    assert_ok(rig_open_err(rig));
    rig_settle(rig);
}

static inline void rig_end(struct rig *rig)
{
    rig_close(rig);
    registry_close(rig->registry);
    hsm_close(rig->hsm);
    hsm_master_wipe(&rig->master);
    crypto_close(&rig->crypto);
    for (size_t i = 0; i < ARRAY_LEN(rig->anchor); i++) store_anchor_close(rig->anchor[i]);
}
