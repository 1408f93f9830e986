/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys shared with the card network are replaced while the shops trade: one of the acquirer's
 * people proposes it, another approves it, the acquirer and the network change by themselves, and
 * when the overlap of a day is over the old set is taken away.
 */
#include <stdio.h>

#include "cli/demo_fast.h"

#define ADMIN(f, ...) fast_admin((f), (const char *const[]){"zone-keys", __VA_ARGS__, NULL})

err fast_zone_begin(struct fast *f)
{
    const struct stage *s = f->stage;
    TRY(ADMIN(f, "propose", "--state", s->admin, "--by", "anna"));
    TRY(ADMIN(f, "approve", "--state", s->admin, "--by", "bo", "--hsm", s->hsm_socket, "--networks",
              s->networks));
    f->rekeying = true;
    fast_say(f, FAST_ZONE, "the card network's keys: proposed by anna, approved by bo");
    return OK;
}

err fast_zone_morning(struct fast *f)
{
    const struct stage *s = f->stage;
    if (!f->rekeying) return OK;
    TRY(ADMIN(f, "show", "--state", s->admin, "--acquirer", s->acquirer));
    if (strstr((char *)f->block, "the set before is over") == NULL) return OK;
    TRY(ADMIN(f, "finish", "--state", s->admin, "--by", "anna", "--acquirer", s->acquirer));
    f->rekeying = false;
    fast_say(f, FAST_ZONE_DONE,
             "the card network's keys: set 2 is in use, set 1 is destroyed;"
             " no payment was lost or declined for it");
    return OK;
}
