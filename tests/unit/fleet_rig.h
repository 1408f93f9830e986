/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* fleet_rig: the back office of backoffice_rig.h with two merchants and their devices, which come,
 * speak and are told things. */

#include "backoffice/api/keys.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/devices.h"
#include "backoffice/devices/fleet.h"
#include "tests/unit/backoffice_rig.h"

#define OTHER_MID "898310153110002"
#define BEAT      ((int64_t)DEVICE_BEAT_MS)

static const struct registry_actor fleet_actor = {{(const uint8_t *)"rig", 3}, RIG_START_MS};

static inline void terminal(struct rig *rig, const char *tid, const char *mid, uint32_t outlet,
                            const char *model)
{
    struct registry_terminal t = {.outlet = outlet,
                                  .suite = REGISTRY_TONGBAO,
                                  .status = REGISTRY_ACTIVE,
                                  .master_block = "D0016D0AB00E0000",
                                  .first_batch = 1};
    snprintf(t.tid, sizeof t.tid, "%s", tid);
    snprintf(t.mid, sizeof t.mid, "%s", mid);
    snprintf(t.model, sizeof t.model, "%s", model);
    snprintf(t.serial, sizeof t.serial, "TB-%s", tid);
    assert_ok(registry_add_terminal(rig->registry, &fleet_actor, &t));
}

static inline struct rig *with_devices(void)
{
    struct rig *rig = rig_open_desk(true);
    const struct registry_merchant other = {OTHER_MID, "山茶书店", "Camellia Books", 1,
                                            REGISTRY_ACTIVE};
    const struct registry_outlet outlet = {RIG_MID, 2, "Branch"};
    assert_ok(registry_add_merchant(rig->registry, &fleet_actor, &other));
    assert_ok(registry_add_outlet(rig->registry, &fleet_actor, &outlet));
    terminal(rig, "10000001", RIG_MID, 1, "TB-1");
    terminal(rig, "10000002", RIG_MID, 1, "TB-2");
    terminal(rig, "10000003", RIG_MID, 2, "TB-1");
    terminal(rig, "20000001", OTHER_MID, 1, "TB-1");
    rig_pass(rig, 2 * FLEET_READ_MS); /* the registry is read */
    return rig;
}

static inline void say(struct rig *rig, uint32_t session, const char *text)
{
    assert_ok(devices_on_frame(rig->b->desk, session, bytes_text(text)));
}

static inline void come(struct rig *rig, uint32_t session, const char *tid, const char *model)
{
    char hello[400];
    snprintf(hello, sizeof hello,
             "{\"id\":1,\"ask\":\"hello\",\"serial\":\"TB-%s\",\"model\":\"%s\",\"version\":"
             "\"0.9.1\",\"policy\":1,\"first_login_ms\":5,\"epoch\":"
             "\"000000000000000000000000000000000000000000000000\"}",
             tid, model);
    assert_ok(devices_opened(rig->b->desk, session, bytes_text(tid), 0));
    say(rig, session, hello);
}

#define STATE(paper, hold, unsent)                                                       \
    "{\"id\":2,\"ask\":\"state\",\"version\":\"0.9.1\",\"operator\":\"01\",\"at_ms\":9," \
    "\"battery\":64,\"paper\":\"" paper "\",\"hold\":\"" hold                            \
    "\",\"link\":\"wifi\",\"signed_in\":"                                                \
    "1,\"unsent\":" #unsent ",\"last_payment_ms\":8,\"parameters\":0}"

static inline struct browser person(struct rig *rig, const char *login, const char *mid,
                                    unsigned roles)
{
    struct browser b = {.realm = roles & ROLES_STAFF ? "staff" : "console"};
    rig->mid = mid;
    (void)rig_known(rig, &b, login, roles);
    return b;
}
