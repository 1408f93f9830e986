/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terminals with keys for each message (DUKPT). Which keys a message has is said by the key serial
 * number in it: who the device is, then a counter. Here is seen to that the device is the one that
 * was registered and that its counter only goes up, so that no number, and no message, is taken
 * twice: the number is committed with what the message does (S63, DV-04).
 *
 * A profile that has no serial numbers has empty ones, and nothing here refuses it.
 */
#include "acquirer/host.h"

/* Do both say the same device: all bits but the last `counter_bits`? */
static bool same_device(const uint8_t *a, const uint8_t *b, size_t len, unsigned counter_bits)
{
    size_t whole = len - (counter_bits + 7) / 8;
    if (memcmp(a, b, whole) != 0) return false;
    if (counter_bits % 8 == 0) return true;
    return (a[whole] ^ b[whole]) >> counter_bits % 8 == 0;
}

struct ksn_text {
    char at[2 * PAYMENT_KSN_MAX + PAYMENT_KSN_MAX / 2];
};

/* "FFFF 9876 5432 10E0 0005", as `tongbao inspect dukpt` takes it. In one piece its digits would be
 * masked in the log and in the audit log as those of a card are, and name no device any more. */
static struct ksn_text text_of(struct bytes ksn)
{
    struct ksn_text text;
    struct writer w = writer_over(text.at, sizeof text.at - 1);
    for (size_t i = 0; i < ksn.len; i++) {
        if (i > 0 && i % 2 == 0) write_bytes(&w, BYTES(" "));
        write_hex_upper(&w, bytes_of(ksn.at + i, 1));
    }
    text.at[w.len] = '\0';
    return text;
}

const char *serial_refusal(struct acquirer *a, const struct terminal *t, struct bytes ksn)
{
    const struct payment_profile_row *row = payment_profile(t->profile);
    if (ksn.len != row->ksn_len) return "30";
    if (ksn.len == 0) return NULL;
    if (!same_device(ksn.at, t->ksn, ksn.len, row->ksn_counter_bits)) {
        watch_note(a, WATCH_KSN_FOREIGN, bytes_text(t->tid), "KSN %s", text_of(ksn).at);
        return "97";
    }
    /* Of one device, the greater number is the later one. A device that is registered anew has
     * another number, and begins where it likes. */
    bool known = same_device(t->last_ksn, t->ksn, ksn.len, row->ksn_counter_bits);
    if (known && memcmp(ksn.at, t->last_ksn, ksn.len) <= 0) {
        watch_note(a, WATCH_KSN_REPLAYED, bytes_text(t->tid), "KSN %s, the last was %s",
                   text_of(ksn).at, text_of(bytes_of(t->last_ksn, ksn.len)).at);
        return "94";
    }
    return NULL;
}

void serial_set(struct task *task, struct bytes ksn)
{
    ENSURE(ksn.len <= sizeof task->ksn);
    if (ksn.len > 0) memcpy(task->ksn, ksn.at, ksn.len);
    task->ksn_len = (uint8_t)ksn.len;
}

bool serial_ready(const struct task *task)
{
    return task->ksn_len == payment_profile(task->profile)->ksn_len;
}

err serial_use(struct acquirer *a, struct task *task, const char **ret_code)
{
    struct terminal *t = &a->terminal[task->terminal];
    struct bytes ksn = bytes_of(task->ksn, task->ksn_len);
    /* Again: another message may have used it while this one's MAC was looked at. */
    *ret_code = serial_refusal(a, t, ksn);
    if (*ret_code != NULL) task->ksn_len = 0; /* the answer has no keys: they are spent */
    if (*ret_code != NULL || ksn.len == 0) return OK;
    memcpy(t->last_ksn, ksn.at, ksn.len);
    return record_terminal(a, t);
}
