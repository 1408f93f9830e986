/* SPDX-License-Identifier: Apache-2.0 */
/* The table of roles, and what each of its answers means. */
#include "backoffice/devices/fleet_may.h"

#include "backoffice/devices/device_commands.h"

#define CALLS (ROLE_OWNER | ROLE_MANAGER | ROLE_AGENT | ROLE_APPROVER | ROLE_ADMIN)
#define HOLDS (ROLE_OWNER | ROLE_AGENT | ROLE_APPROVER | ROLE_ADMIN)

static const struct {
    unsigned roles;
    bool step_up;
    bool owners; /* of programs: those of a merchant alone */
} may[DEVICE_COMMANDS] = {
    [DEVICE_MESSAGE] = {CALLS, false, false},
    [DEVICE_RING] = {CALLS, false, false},
    [DEVICE_LOCK] = {HOLDS, true, false},
    [DEVICE_UNLOCK] = {ROLE_OWNER, true, true},
    [DEVICE_RESTART] = {HOLDS, false, false},
    [DEVICE_LOGS] = {HOLDS, false, false},
    [DEVICE_SNAPSHOT] = {HOLDS, false, false},
    [DEVICE_PASSWORDS] = {ROLE_OWNER | ROLE_APPROVER | ROLE_ADMIN, true, false},
    [DEVICE_WIPE] = {ROLE_OWNER | ROLE_ADMIN, true, false},
    [DEVICE_LOSE] = {HOLDS, true, false},
};

static const struct {
    const char *zh, *en;
} words[] = {
    [FLEET_MAY] = {"", ""},
    [FLEET_MAY_FACTOR] = {"", ""},
    [FLEET_MAY_OWNER] = {"只有店主能做。", "Only the owner of the shop may do this."},
    [FLEET_MAY_NOT] = {"您的角色不能做。", "Your role may not do this."},
};

enum fleet_may fleet_may(const struct api_caller *caller, enum device_command kind)
{
    ENSURE(kind > DEVICE_NO_COMMAND && kind < DEVICE_COMMANDS);
    bool program = caller->roles == 0;
    bool role = program ? !may[kind].owners || caller->mid[0] != '\0'
                        : (caller->roles & may[kind].roles) != 0;
    if (!role) return may[kind].roles == ROLE_OWNER ? FLEET_MAY_OWNER : FLEET_MAY_NOT;
    return program || !may[kind].step_up || caller->stepped_up ? FLEET_MAY : FLEET_MAY_FACTOR;
}

static const char *const kind_words[] = {"message",  "lock", "unlock",    "ring", "restart", "logs",
                                         "snapshot", "wipe", "passwords", "lost", NULL};

static const struct api_field may_fields[] = {
    {"kind", API_WORD, .words = kind_words, .text = "What could be wanted"},
    {"may", API_BOOL, .text = "Whether the caller may want it now"},
    {"factor", API_BOOL, .text = "A factor has to be shown first"},
    {"why_zh", API_TEXT, .text = "Why not, in Chinese; empty when he may"},
    {"why_en", API_TEXT, .text = "Why not, in English"},
};
const struct api_schema fleet_may_schema = {"MayCommand", may_fields, ARRAY_LEN(may_fields)};

void fleet_may_write(struct json_out *j, const struct api_caller *caller, enum device_command kind,
                     bool full)
{
    enum fleet_may answer = fleet_may(caller, kind);
    bool able = answer == FLEET_MAY || answer == FLEET_MAY_FACTOR;
    bool barred = able && full && kind != DEVICE_UNLOCK; /* as command_judge() says */
    json_object_begin(j);
    json_member_string(j, "kind", device_command_name(kind));
    json_member_bool(j, "may", able && !barred);
    json_member_bool(j, "factor", answer == FLEET_MAY_FACTOR);
    json_member_string(j, "why_zh",
                       barred ? "还有很多命令没有完成：请等设备连上网。" : words[answer].zh);
    json_member_string(j, "why_en",
                       barred ? "Too many commands wait: let the device connect first."
                              : words[answer].en);
    json_object_end(j);
}
