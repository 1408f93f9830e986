/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A host that keeps an answer back. */

#include "tests/unit/terminal_rig.h"

/* The answer that the host has kept back comes now. */
static inline err rig_scanned(struct rig *rig)
{
    assert_true(rig->late_len > 0 && rig->outbox_count < RIG_FRAMES);
    memcpy(rig->outbox[rig->outbox_count], rig->late, rig->late_len);
    rig->outbox_len[rig->outbox_count++] = rig->late_len;
    rig->late_len = 0;
    return rig_pump(rig);
}
