/* SPDX-License-Identifier: Apache-2.0 */
/* Two people of the desk decide whether a device may have a backup's key: see restores.h. */
#include <stdio.h>

#include "backoffice/backups/restores.h"
#include "backoffice/desk/cooling.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/events/events.h"
#include "lib/wire/backup_bundle.h"

const char *restore_verdict_word(enum restore_verdict verdict)
{
    static const char *const words[RESTORE_VERDICTS] = {
        [RESTORE_OK] = "ok",
        [RESTORE_NEEDS_SECOND] = "needs_second",
        [RESTORE_DECIDED] = "decided",
        [RESTORE_SAME_PERSON] = "same_person",
        [RESTORE_GONE] = "backup_gone",
        [RESTORE_NOT_ITS] = "not_proved",
        [RESTORE_HSM_AWAY] = "hsm_away",
    };
    return words[verdict];
}

/* clang-format off */
static const struct {
    const char *zh, *en;
} texts[RESTORE_VERDICTS] = {
    [RESTORE_OK] = {"已批准：设备会取走密钥", "approved: the device fetches the key"},
    [RESTORE_NEEDS_SECOND] = {"已记下，还需要另一位同事批准", "noted: somebody else has to approve it, too"},
    [RESTORE_DECIDED] = {"这件事已有结果，请刷新", "this was decided already: read the list again"},
    [RESTORE_SAME_PERSON] = {"您已批准过，须由另一位同事批准", "you have approved it: somebody else has to"},
    [RESTORE_GONE] = {
        "这份备份已不在，或不是给收单方密钥封的：请让设备另选一份",
        "that backup is gone, or is not sealed for this house: choose another one at the device"},
    [RESTORE_NOT_ITS] = {
        "密钥机不认这台设备的请求：请在设备上重新申请；再次出现请报安全负责人",
        "the hsm does not take it as this device's: ask again there, and report it if it recurs"},
    [RESTORE_HSM_AWAY] = {"密钥机没有回答，什么都没有改变，请稍后再试", "the hsm does not answer: nothing has changed, try again"},
};
/* clang-format on */

const char *restore_verdict_text(enum restore_verdict verdict, bool english)
{
    return english ? texts[verdict].en : texts[verdict].zh;
}

enum restore_verdict restore_may(const struct restore *r, const char *who)
{
    if (r->state != RESTORE_WAITS) return RESTORE_DECIDED;
    if (r->first[0] == '\0') return RESTORE_NEEDS_SECOND;
    return strcmp(r->first, who) == 0 ? RESTORE_SAME_PERSON : RESTORE_OK;
}

/* ---- the hsm ---- */

/* What of the bundle's head the hsm needs. False: it cannot be read, or is not for the hsm. */
static bool find_wrap(struct desk *desk, const struct restore *r, uint8_t block[BACKUP_HEAD_MAX],
                      struct backup_head *head, const struct backup_wrap **ret_wrap)
{
    struct backup_kept kept;
    struct backup_part part;
    size_t len = 0;
    if (FAILED(backups_find(desk->config.store, r->tid, r->digest, &kept)) ||
        FAILED(backups_read(desk, &kept, 0, block, BACKUP_HEAD_MAX, &len)) ||
        FAILED(backup_cut(bytes_of(block, len), &part)) || part.kind != BACKUP_HEAD_PART ||
        FAILED(backup_read_head(part.whole, head)))
        return false;
    for (size_t i = 0; i < head->wraps; i++) {
        if (head->wrap[i].kind != BACKUP_FOR_ACQUIRER) continue;
        *ret_wrap = &head->wrap[i];
        return true;
    }
    return false;
}

static enum restore_verdict ask_hsm(struct desk *desk, const char *who, struct restore *r)
{
    uint8_t block[BACKUP_HEAD_MAX];
    struct backup_head head;
    const struct backup_wrap *wrap = NULL;
    struct writer grant = writer_over(r->grant, sizeof r->grant);
    if (!find_wrap(desk, r, block, &head, &wrap)) return RESTORE_GONE;
    const struct desk_restore asked = {.tid = r->tid,
                                       .serial = head.serial,
                                       .number = head.number,
                                       .sender = head.sender,
                                       .wrapped = wrap->sealed,
                                       .public_key = BYTES_OF(r->public_key),
                                       .nonce = BYTES_OF(r->nonce),
                                       .mac = BYTES_OF(r->mac),
                                       .first = r->first,
                                       .second = who};
    if (desk->ports.open_backup == NULL) return RESTORE_HSM_AWAY;
    err opened = desk->ports.open_backup(desk->ports.context, &asked, &grant);
    r->grant_len = grant.len;
    if (!FAILED(opened)) return RESTORE_OK;
    log_event(desk->config.log, LOG_ERROR, "restore_hsm", LOG_ERR(opened));
    bool refused = opened.code == ERR_MAC || opened.code == ERR_KEY || opened.code == ERR_FORMAT ||
                   opened.code == ERR_DENIED || opened.code == ERR_NOT_FOUND;
    return refused ? RESTORE_NOT_ITS : RESTORE_HSM_AWAY;
}

err restore_open(struct desk *desk, const char *who, struct restore *r,
                 enum restore_verdict *ret_verdict)
{
    *ret_verdict = restore_may(r, who);
    if (*ret_verdict == RESTORE_OK) *ret_verdict = ask_hsm(desk, who, r);
    return OK;
}

/* ---- what was decided ---- */

static err write_down(struct store *store, const struct restore *r)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "UPDATE restore_case SET state = ?, first = ?, first_note = ?, first_ms ="
                        " ?, second = ?, second_note = ?, second_ms = ?, granted = ? WHERE id = ?",
                        &s));
    store_bind_int(s, (int64_t)r->state);
    store_bind_text(s, bytes_text(r->first));
    store_bind_text(s, bytes_text(r->first_note));
    store_bind_int(s, r->first_ms);
    store_bind_text(s, bytes_text(r->second));
    store_bind_text(s, bytes_text(r->second_note));
    store_bind_int(s, r->second_ms);
    store_bind_blob(s, bytes_of(r->grant, r->grant_len));
    store_bind_int(s, r->id);
    return store_run(s);
}

static err announce(struct desk *desk, struct store_tx *tx, const struct restore *r,
                    const char *kind)
{
    char object[24];
    snprintf(object, sizeof object, "devices/%s", r->tid);
    return event_append(
        tx,
        &(struct event){.mid = r->mid, .kind = kind, .object = object, .at_ms = desk_now_ms(desk)},
        NULL);
}

err restore_approved(struct desk *desk, struct store_tx *tx, const char *who, const char *note,
                     struct restore *r)
{
    int64_t now_ms = desk_now_ms(desk);
    bool first = r->first[0] == '\0';
    TRY(bytes_to_text(bytes_text(who), first ? r->first : r->second, sizeof r->first));
    TRY(bytes_to_text(bytes_text(note), first ? r->first_note : r->second_note,
                      sizeof r->first_note));
    *(first ? &r->first_ms : &r->second_ms) = now_ms;
    if (!first) r->state = RESTORE_GRANTED;
    TRY(write_down(tx->store, r));
    TRY(desk_audit(desk, tx, who, first ? "restore_seconded" : "restore_granted", r->tid,
                   r->serial));
    if (first) return OK;
    TRY(cooling_begin(tx, r->mid, r->tid, "00",
                      now_ms + cooling_length_ms("00", RECOVERY_SERVICE)));
    return announce(desk, tx, r, "restore.granted");
}

err restore_refuse(struct desk *desk, struct store_tx *tx, const char *who, const char *note,
                   struct restore *r, enum restore_verdict *ret_verdict)
{
    *ret_verdict = RESTORE_DECIDED;
    if (r->state != RESTORE_WAITS) return OK;
    r->state = RESTORE_REFUSED;
    TRY(bytes_to_text(bytes_text(who), r->second, sizeof r->second));
    TRY(bytes_to_text(bytes_text(note), r->second_note, sizeof r->second_note));
    r->second_ms = desk_now_ms(desk);
    TRY(write_down(tx->store, r));
    TRY(desk_audit(desk, tx, who, "restore_refused", r->tid, r->serial));
    TRY(announce(desk, tx, r, "restore.refused"));
    *ret_verdict = RESTORE_OK;
    return OK;
}

void restore_tell(struct desk *desk, const struct restore *r)
{
    struct device_message m = {.tell = DEVICE_RESTORE_TOLD};
    memcpy(m.digest, r->digest, sizeof m.digest);
    desk_tell(desk, desk_session_of(desk, r->tid), &m);
    desk_changed(desk, DESK_TICKETS);
}
