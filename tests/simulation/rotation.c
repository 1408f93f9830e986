/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two people who replace the keys of the card network while the shop trades (S120): one proposes,
 * another approves, and when the acquirer has ended with the old set, they finish; then they begin
 * again. The hsm, the acquirer and the network die meanwhile, messages are lost, clocks are wrong:
 * no invariant knows of any of it.
 */
#include "registry/rotation.h"
#include "journal/zone_use.h"
#include "lib/wire/hsm_protocol_zone.h"
#include "payment/key_change.h"
#include "tests/simulation/world.h"

enum { PAUSE_MS = 120000 };

static const enum registry_zone zone = REGISTRY_CARD_NETWORK;

static void wake(struct world *w)
{
    event_push(w, w->now_ms + 1 + random_below(&w->chance, PAUSE_MS), EVENT_ROTATION, 0, 0,
               (struct bytes){0});
}

void rotation_start(struct world *w)
{
    wake(w);
}

/* The hsm's answer, a view of `out`. */
static err make_keys(struct world *w, struct registry *registry, uint8_t out[HSM_FRAME_MAX],
                     struct hsm_zone_keys_answer *ret_made)
{
    uint8_t request[HSM_FRAME_MAX];
    struct registry_zone_keys now;
    struct hsm_header header;
    enum hsm_status status;
    TRY(registry_find_zone_keys(registry, zone, &now));
    const struct hsm_zone_keys ask = {.first = BYTES("anna"),
                                      .second = BYTES("bo"),
                                      .label = BYTES("zone"),
                                      .recipient = BYTES_OF(w->zone.transport.public_key),
                                      .block = {bytes_text(now.pin_block),
                                                bytes_text(now.mac_block),
                                                bytes_text(now.data_block)}};
    struct writer question = writer_over(request, sizeof request);
    struct writer answer = writer_over(out, HSM_FRAME_MAX);
    hsm_write_header(&question, HSM_ZONE_KEYS, 1);
    hsm_write_zone_keys(&question, &ask);
    TRY(hsm_execute(w->hsm, writer_view(&question), &answer));
    struct reader r = reader_over(writer_view(&answer));
    TRY(hsm_read_answer(&r, &header, &status));
    if (status != HSM_OK) return ERR(DENIED);
    return hsm_read_zone_keys_answer(&r, ret_made);
}

static err approve(struct world *w, struct registry *registry, struct registry_rotation *rotation)
{
    static uint8_t out[HSM_FRAME_MAX];
    struct hsm_zone_keys_answer made;
    const struct registry_actor bo = {BYTES("bo"), w->now_ms};
    if (w->hsm == NULL) return OK; /* dead: later */
    TRY(make_keys(w, registry, out, &made));
    const struct payment_key_change change = {(uint32_t)rotation->number,
                                              (uint32_t)(rotation->overlap_ms / 1000),
                                              made.sealed[0], made.sealed[1], made.sealed[2]};
    struct writer told = writer_over(rotation->told, sizeof rotation->told);
    TRY(bytes_to_text(made.block[0], rotation->pin_block, sizeof rotation->pin_block));
    TRY(bytes_to_text(made.block[1], rotation->mac_block, sizeof rotation->mac_block));
    TRY(bytes_to_text(made.block[2], rotation->data_block, sizeof rotation->data_block));
    TRY(payment_key_change_write(&change, &told));
    rotation->told_len = told.len;
    return registry_approve_rotation(registry, &bo, rotation);
}

static err finish(struct world *w, struct registry *registry,
                  const struct registry_rotation *rotation)
{
    struct store *journal = NULL;
    struct journal_zone_use use = {.number = 0};
    const struct store_options options = {.mode = STORE_MEMORY};
    const struct registry_actor anna = {BYTES("anna"), w->now_ms};
    if (!side_acquirer_was_up(w)) return OK; /* it uses no keys yet: later */
    TRY(store_open("sim-journal", &options, NULL, &journal));
    err found = journal_zone_use_find(journal, zone, &use);
    store_close(journal);
    TRY(found);
    if (use.number != rotation->number || !use.ended) return OK; /* later */
    TRY(registry_finish_rotation(registry, &anna, zone));
    w->counts.rotations++;
    return OK;
}

static err act(struct world *w, struct registry *registry)
{
    struct registry_rotation rotation;
    const struct registry_actor anna = {BYTES("anna"), w->now_ms};
    err found = registry_find_rotation(registry, zone, &rotation);
    if (found.code == ERR_NOT_FOUND)
        return w->healing ? OK
                          : registry_propose_rotation(registry, &anna, zone,
                                                      PAYMENT_KEY_OVERLAP_MIN_S * 1000);
    TRY(found);
    return rotation.approved_by[0] == '\0' ? approve(w, registry, &rotation)
                                           : finish(w, registry, &rotation);
}

void rotation_act(struct world *w)
{
    struct registry *registry = NULL;
    err done = registry_open("sim-registry", STORE_MEMORY, NULL, &registry);
    if (!FAILED(done)) done = act(w, registry);
    if (FAILED(done)) world_fail(w, "keys of the network: %s", err_name(done));
    registry_close(registry);
    if (!w->healing) wake(w);
}
