/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of terminals: what the registry says of each, read when it first shows up and again
 * after the registry has changed; beside it what its traffic has taught us. A registry that cannot
 * be read for a moment changes nothing: what was known stays known.
 */
#include <assert.h>

#include "acquirer/allowance.h"
#include "acquirer/zone.h"
#include "ledger/fee.h"
#include "registry/agreement.h"
#include "registry/registry.h"

/* Eight characters are exactly one 64-bit key. */
static uint64_t id_key(struct bytes tid)
{
    uint64_t key = 0;
    for (size_t i = 0; i < 8; i++) key = key << 8 | tid.at[i];
    return key;
}

err terminal_place(struct acquirer *a, struct bytes tid, uint32_t *ret_place)
{
    if (tid.len != 8) return ERR(LENGTH);
    for (size_t i = 0; i < tid.len; i++)
        if (tid.at[i] < 0x20 || tid.at[i] > 0x7e) return ERR(FORMAT);
    uint32_t place = index_find(&a->terminal_by_id, id_key(tid));
    if (place == INDEX_NONE) {
        if (a->terminal_count == a->limits.terminals) return ERR(FULL);
        place = a->terminal_count++;
        struct terminal *t = &a->terminal[place];
        *t = (struct terminal){.session = INDEX_NONE};
        TRY(bytes_to_text(tid, t->tid, sizeof t->tid));
        index_add(&a->terminal_by_id, id_key(tid), place);
    }
    *ret_place = place;
    return OK;
}

void terminal_drop_keys(struct terminal *t)
{
    t->pin = t->mac = t->data = (struct key_block){0};
    t->bad_macs = 0;
}

static_assert((int)PAYMENT_KSN_MAX == (int)REGISTRY_KSN_MAX, "one key serial number");

/* The key that its working keys come from: its own master key, or the base key of its suite. */
static err carrier_of(struct acquirer *a, const struct registry_terminal *terminal,
                      char block[REGISTRY_KEY_BLOCK_MAX + 1])
{
    enum registry_host_key base = registry_suite(terminal->suite)->base;
    if (base != 0) return registry_find_host_key(a->registry, base, block);
    memcpy(block, terminal->master_block, sizeof terminal->master_block);
    return OK;
}

/* A fee of today's table that this merchant has not signed is not charged to him; whoever runs the
 * host should know, and offer it to him. */
static void say_unsigned(struct acquirer *a, const char *tid,
                         const struct registry_agreement *agreement)
{
    for (enum fee_class class = FEE_DEBIT; class < FEE_CLASSES; class ++) {
        const struct fee_standing fee =
            fee_standing_of(agreement->fee_plan, class, host_now_ms(a), agreement->signed_ms);
        if (fee.now == fee.agreed) continue;
        log_event(a->config.log, LOG_WARN, "fee_unsigned", LOG_TEXT("tid", tid),
                  LOG_INT("agreement", agreement->version), LOG_INT("rule", fee.now->version),
                  LOG_INT("charged", fee.agreed == NULL ? 0 : (int64_t)fee.agreed->version));
    }
}

static err fetch(struct acquirer *a, struct terminal *t)
{
    struct registry_terminal terminal;
    struct registry_merchant merchant;
    err found = registry_find_terminal(a->registry, bytes_text(t->tid), &terminal);
    if (found.code == ERR_NOT_FOUND) {
        t->known = t->active = false;
        t->registry_version = a->registry_version;
        return OK;
    }
    TRY(found);
    TRY(registry_find_merchant(a->registry, bytes_text(terminal.mid), &merchant));
    struct registry_place place;
    TRY(registry_find_place(a->registry, bytes_text(terminal.mid), &place));
    struct registry_agreement agreement;
    TRY(registry_find_agreement(a->registry, terminal.mid, host_now_ms(a), &agreement));
    TRY(allowance_merchant(a, terminal.mid));
    TRY(download_refresh(a, t, bytes_text(terminal.model)));
    char block[REGISTRY_KEY_BLOCK_MAX + 1];
    TRY(carrier_of(a, &terminal, block));
    bool other = !bytes_equal(key_view(&t->master), bytes_text(block)) ||
                 memcmp(t->ksn, terminal.ksn, sizeof t->ksn) != 0;
    memcpy(t->device, terminal.fingerprint, sizeof t->device);
    bool told = t->in_force_at[0] == '\0' || strcmp(t->in_force_at, t->device) == 0;
    if ((t->master.len > 0 && other) || !told)
        t->in_force = 0; /* another device: we do not know what it has */
    TRY(key_copy(&t->master, bytes_text(block)));
    memcpy(t->ksn, terminal.ksn, sizeof t->ksn);
    t->known = terminal.status != REGISTRY_CLOSED;
    t->active = terminal.status == REGISTRY_ACTIVE && merchant.status == REGISTRY_ACTIVE;
    TRY(payment_profile_of_suite((uint8_t)terminal.suite, &t->profile));
    t->first_batch = terminal.first_batch;
    t->fee_plan = agreement.fee_plan;
    t->agreement = (uint32_t)agreement.version;
    t->agreed_until_ms = agreement.until_ms;
    if (t->registry_version != a->registry_version) say_unsigned(a, t->tid, &agreement);
    t->signed_ms = agreement.signed_ms;
    memcpy(t->mid, terminal.mid, sizeof t->mid);
    memcpy(t->name, merchant.name_en, sizeof t->name - 1);
    t->place = place;
    t->registry_version = a->registry_version;
    return OK;
}

void terminal_refresh(struct acquirer *a, struct terminal *t)
{
    bool agreed = !t->known || host_now_ms(a) < t->agreed_until_ms;
    if (t->registry_version == a->registry_version && agreed) return;
    err fetched = fetch(a, t);
    if (!FAILED(fetched)) return;
    log_event(a->config.log, LOG_ERROR, "registry_unread", LOG_TEXT("tid", t->tid),
              LOG_ERR(fetched), LOG_TEXT("cause", registry_error_text(a->registry)));
}

void terminals_watch_registry(struct acquirer *a)
{
    bool changed = false;
    err asked = registry_changed(a->registry, &changed);
    if (FAILED(asked))
        log_event(a->config.log, LOG_ERROR, "registry_unread", LOG_ERR(asked),
                  LOG_TEXT("cause", registry_error_text(a->registry)));
    else if (changed) {
        a->registry_version++;
        allowance_refresh(a);
        zone_watch(a);
    }
}

err terminals_open(struct acquirer *a, struct acquirer_fault *fault)
{
    struct store_fault cause = {{0}};
    enum store_mode mode = a->config.mode == STORE_MEMORY ? STORE_MEMORY : STORE_READ_ONLY;
    err opened = registry_open(a->config.registry_path, mode, &cause, &a->registry);
    if (FAILED(opened)) return host_refuse(fault, opened, "registry", cause.text);
    err loaded = zone_load(a, PAYMENT_ROUTE_CARD_NETWORK);
    if (!FAILED(loaded)) loaded = zone_load(a, PAYMENT_ROUTE_WALLET);
    if (loaded.code == ERR_NOT_FOUND || loaded.code == ERR_CONFIG)
        return host_refuse(fault, ERR(CONFIG), "registry",
                           "the registry has no keys for the card network and the wallet; make "
                           "them with tongbao admin");
    if (FAILED(loaded))
        return host_refuse(fault, loaded, "registry", registry_error_text(a->registry));
    terminals_watch_registry(a);
    return OK;
}

void terminals_close(struct acquirer *a)
{
    registry_close(a->registry);
    a->registry = NULL;
}
