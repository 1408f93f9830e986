/* SPDX-License-Identifier: Apache-2.0 */
/* The counter of tries, compared with what the back office remembers: old copies are found by it.
 */
#include "terminal/manage.h"

#include "terminal/core.h"

/* Our epoch and its MAC; zeros when the vault makes none: then there is nothing to compare. */
void manage_anchor_own(struct terminal *t, uint8_t out[DEVICE_ANCHOR])
{
    const struct vault_anchor_ask only_ask = {0};
    struct vault_anchor own = {0};
    struct writer w = writer_over(out, DEVICE_ANCHOR);
    memset(out, 0, DEVICE_ANCHOR);
    enum vault_status status = secure_anchor(t, &only_ask, &own);
    if (status != VAULT_OK || own.mac.len != DEVICE_ANCHOR - 8) return;
    write_be(&w, own.epoch, 8);
    write_bytes(&w, own.mac);
}

/* The back office remembers more tries than we do: somebody has put an old copy of the vault back.
 */
err manage_anchor_check(struct terminal *t, const struct device_message *heard)
{
    struct reader r = reader_over(BYTES_OF(heard->anchor));
    struct vault_anchor answer = {0};
    struct vault_anchor_ask in = {.epoch = read_be(&r, 8)};
    in.mac = read_bytes(&r, DEVICE_ANCHOR - 8);
    enum vault_status status = secure_anchor(t, &in, &answer);
    if (status != VAULT_OK || answer.verdict != VAULT_ANCHOR_ROLLBACK) return OK;
    (void)secure_status(t);
    TRY(audit(t, "rollback", "", ""));
    return manage_event(t, "rollback", "", "");
}
