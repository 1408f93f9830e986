/* SPDX-License-Identifier: Apache-2.0 */
/* Suites by number and by name, and the serial numbers of devices that need one. */
#include <stdio.h>

#include "registry/internal.h"

/* clang-format off */
static const struct registry_suite_row suites[] = {
    {REGISTRY_TONGBAO,    "tongbao",    0,                       0, 0,  0},
    {REGISTRY_CUP,        "cup",        0,                       0, 0,  0},
    {REGISTRY_SM4,        "sm4",        0,                       0, 0,  0},
    {REGISTRY_DUKPT_AES,  "dukpt-aes",  REGISTRY_BASE_AES_KEY,  12, 32, 32},
    {REGISTRY_DUKPT_TDES, "dukpt-tdes", REGISTRY_BASE_TDES_KEY, 10, 21, 19},
};
/* clang-format on */

const struct registry_suite_row *registry_suite(enum registry_suite suite)
{
    for (size_t i = 0; i < ARRAY_LEN(suites); i++)
        if (suites[i].suite == suite) return &suites[i];
    return NULL;
}

const struct registry_suite_row *registry_suite_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(suites); i++)
        if (bytes_equal(name, bytes_text(suites[i].name))) return &suites[i];
    return NULL;
}

/* The number of a device, above the counter; both are in the last eight bytes. */
static void lay_ksn(const struct registry_suite_row *row, struct bytes base_id, uint64_t device,
                    uint8_t ksn[REGISTRY_KSN_MAX])
{
    size_t id_len = row->ksn_len - (row->counter_bits + row->device_bits) / 8;
    uint64_t tail = device << row->counter_bits;
    ENSURE(base_id.len >= id_len);
    memset(ksn, 0, REGISTRY_KSN_MAX);
    memcpy(ksn, base_id.at, id_len);
    for (size_t i = row->ksn_len; i-- > id_len; tail >>= 8) ksn[i] = (uint8_t)tail;
}

err registry_new_ksn(struct registry *registry, const struct registry_actor *actor,
                     enum registry_suite suite, struct bytes base_id,
                     uint8_t ret_ksn[REGISTRY_KSN_MAX])
{
    const struct registry_suite_row *row = registry_suite(suite);
    struct store_statement *insert;
    int64_t device = 0;
    if (row == NULL || row->ksn_len == 0)
        return store_refuse(registry->store, ERR(RANGE), "suite without serial numbers", NULL);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(store_statement(registry->store, "INSERT INTO serial_device(suite, at_ms) VALUES(?, ?)",
                        &insert));
    store_bind_int(insert, (int64_t)suite);
    store_bind_int(insert, actor->at_ms);
    TRY(store_run(insert));
    TRY(store_query_int(registry->store, "SELECT max(number) FROM serial_device", &device));
    if (device < 1 || (uint64_t)device >> row->device_bits != 0)
        return store_refuse(registry->store, ERR(RANGE),
                            "all serial numbers of this base key are given", NULL);
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)device);
    const struct audit_entry entry = {actor->at_ms, actor->name, BYTES("ksn_given"),
                                      bytes_text(row->name), bytes_text(number)};
    TRY(audit_append(&tx, &entry));
    TRY(store_commit(&tx));
    lay_ksn(row, base_id, (uint64_t)device, ret_ksn);
    return OK;
}

err registry_set_terminal_ksn(struct registry *registry, const struct registry_actor *actor,
                              struct bytes tid, struct bytes ksn)
{
    struct registry_terminal terminal;
    struct store_statement *update;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_terminal(registry, tid, &terminal));
    if (ksn.len != registry_suite(terminal.suite)->ksn_len)
        return store_refuse(registry->store, ERR(FORMAT), "key serial number", terminal.tid);
    TRY(store_statement(registry->store, "UPDATE terminal SET ksn = ? WHERE tid = ?", &update));
    store_bind_blob(update, ksn);
    store_bind_text(update, tid);
    TRY(store_run(update));
    const struct audit_entry entry = {actor->at_ms, actor->name, BYTES("terminal_ksn_set"), tid,
                                      BYTES("")};
    TRY(audit_append(&tx, &entry));
    return store_commit(&tx);
}
