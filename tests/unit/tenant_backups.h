/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backoffice/backups/backups.h"
#include "tests/unit/tenant_rig.h"

/* A backup of the device, by its digest. */
static inline void tenant_backup(struct rig *rig, const struct tenant *tenant, const char *parent,
                                 char id[API_PARAM_MAX + 1])
{
    static unsigned made;
    struct store_statement *s;
    uint8_t digest[DEVICE_DIGEST] = {0xBA};
    struct writer w = writer_over(id, 2 * DEVICE_DIGEST);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    digest[30] = (uint8_t)(++made >> 8);
    digest[31] = (uint8_t)made;
    write_hex(&w, BYTES_OF(digest));
    id[w.len] = '\0';
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(store_statement(
        rig->b->store, "INSERT INTO backup VALUES(?, ?, ?, ?, 'TB1', 1, 1, 1, 9, 0, 2)", &s));
    store_bind_blob(s, BYTES_OF(digest));
    store_bind_text(s, bytes_text(parent));
    store_bind_text(s, bytes_text(tenant->mid));
    store_bind_int(s, tenant->outlet == 0 ? 1 : tenant->outlet);
    assert_ok(store_run(s));
    assert_ok(store_commit(&tx));
}

/* A question for the key of a backup, by its number. */
static inline void tenant_restore(struct rig *rig, const struct tenant *tenant, const char *parent,
                                  char id[API_PARAM_MAX + 1])
{
    struct store_statement *s;
    int64_t number = 0;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    (void)parent;
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(store_statement(rig->b->store,
                              "INSERT INTO restore_case(tid, mid, outlet, serial, old_serial,"
                              " digest, nonce, mac, public_key, number, made_ms, payments, state,"
                              " asked_ms) VALUES(?, ?, 1, 'TB2', 'TB1', zeroblob(32),"
                              " zeroblob(16), zeroblob(16), zeroblob(32), 1, 1, 1, 5, 1)",
                              &s));
    store_bind_text(s, bytes_text(tenant->tid));
    store_bind_text(s, bytes_text(tenant->mid));
    assert_ok(store_run(s));
    assert_ok(store_query_int(rig->b->store, "SELECT max(id) FROM restore_case", &number));
    assert_ok(store_commit(&tx));
    snprintf(id, API_PARAM_MAX + 1, "%lld", (long long)number);
}
