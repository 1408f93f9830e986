/* SPDX-License-Identifier: Apache-2.0 */
/* One row for each piece. */
#include "backoffice/devices/device_parts.h"

#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/device_commands.h"
#include "lib/base/base64.h"

/* The command is this device's, is of this kind, and is not over. */
static err is_wanted(struct desk *desk, const char *tid, const struct device_message *said,
                     bool *ret_wanted)
{
    struct store_statement *s;
    enum device_command kind = device_command_named(bytes_text(said->kind));
    *ret_wanted = false;
    if (kind != DEVICE_LOGS && kind != DEVICE_SNAPSHOT) return OK;
    if (said->parts > PARTS_MAX || said->part > said->parts) return OK;
    TRY(command_flush(desk)); /* it may have been over a moment ago */
    TRY(store_statement(desk->config.store,
                        "SELECT 1 FROM device_command WHERE id = ? AND tid = ? AND kind = ? AND"
                        " state < 4",
                        &s));
    store_bind_int(s, said->number);
    store_bind_text(s, bytes_text(tid));
    store_bind_int(s, kind);
    TRY(store_step(s, ret_wanted));
    store_reset(s);
    return OK;
}

static err put(struct desk *desk, const char *tid, const struct device_message *said,
               struct bytes content)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "INSERT OR REPLACE INTO device_part(tid, number, part, parts, bytes, at_ms)"
                        " VALUES(?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(tid));
    store_bind_int(s, said->number);
    store_bind_int(s, said->part);
    store_bind_int(s, said->parts);
    store_bind_blob(s, content);
    store_bind_int(s, desk_now_ms(desk));
    TRY(store_run(s));
    return store_commit(&tx);
}

err part_take(struct desk *desk, const char *tid, const struct device_message *said,
              bool *ret_taken)
{
    uint8_t content[DEVICE_PART_MAX];
    size_t len = 0;
    TRY(is_wanted(desk, tid, said, ret_taken));
    if (!*ret_taken) return OK;
    *ret_taken = !FAILED(base64_decode(said->policy, content, sizeof content, &len));
    return *ret_taken ? put(desk, tid, said, bytes_of(content, len)) : OK;
}

err part_read(struct desk *desk, const char *tid, int64_t number, struct writer *w, bool *ret_whole)
{
    struct store_statement *s;
    int64_t wanted = 0, got = 0;
    bool row = true;
    TRY(store_statement(desk->config.store,
                        "SELECT parts, bytes FROM device_part WHERE tid = ? AND number = ?"
                        " ORDER BY part",
                        &s));
    store_bind_text(s, bytes_text(tid));
    store_bind_int(s, number);
    while (row) {
        TRY(store_step(s, &row));
        if (!row) break;
        wanted = store_read_int(s);
        write_bytes(w, store_read_blob(s));
        got++;
    }
    *ret_whole = got > 0 && got == wanted;
    return OK;
}

err part_sweep(struct desk *desk)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store, "DELETE FROM device_part WHERE at_ms < ?", &s));
    store_bind_int(s, desk_now_ms(desk) - PARTS_DAYS * DAY_MS);
    TRY(store_run(s));
    return store_commit(&tx);
}
