/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what is named is there and the caller's: a function for each level. */
#include "backoffice/parameters/subject.h"

#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/devices/tree_http.h"
#include "registry/outlets.h"

typedef err (*look)(struct backoffice *b, const struct api_caller *caller, const char *subject,
                    struct subject_name *name, bool *ret_good);

static void call_it(struct subject_name *name, const char *zh, const char *en, const char *what_zh,
                    const char *what_en)
{
    snprintf(name->zh, sizeof name->zh, "%s %.80s", zh, what_zh);
    snprintf(name->en, sizeof name->en, "%s %.80s", en, what_en);
}

/* The acquirer's alone; any name that a model may have, also of one that nobody has yet. */
static err look_model(struct backoffice *b, const struct api_caller *caller, const char *subject,
                      struct subject_name *name, bool *ret_good)
{
    static const char may[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
    size_t len = strlen(subject);
    (void)b;
    *ret_good = caller->mid[0] == '\0' && caller->outlet == 0 && len <= REGISTRY_MODEL_MAX &&
                strspn(subject, may) == len;
    call_it(name, "型号", "Model", subject, subject);
    return OK;
}

static err look_merchant(struct backoffice *b, const struct api_caller *caller, const char *subject,
                         struct subject_name *name, bool *ret_good)
{
    struct registry_merchant merchant;
    if (!tree_sees(caller, subject)) return OK;
    err found = registry_find_merchant(b->registry, bytes_text(subject), &merchant);
    *ret_good = !FAILED(found);
    if (*ret_good) call_it(name, "商户", "Merchant", merchant.name_zh, merchant.name_en);
    return found.code == ERR_NOT_FOUND ? OK : found;
}

static err look_region(struct backoffice *b, const struct api_caller *caller, const char *subject,
                       struct subject_name *name, bool *ret_good)
{
    struct tree_region r;
    err found = region_find(b->store, tree_number(subject), &r);
    *ret_good = !FAILED(found) && tree_sees(caller, r.mid);
    if (*ret_good) call_it(name, "区域", "Region", r.name, r.name);
    return found.code == ERR_NOT_FOUND ? OK : found;
}

static err look_group(struct backoffice *b, const struct api_caller *caller, const char *subject,
                      struct subject_name *name, bool *ret_good)
{
    struct device_group g;
    err found = group_find(b->store, tree_number(subject), &g);
    *ret_good = !FAILED(found) && tree_sees(caller, g.mid);
    if (*ret_good) call_it(name, "分组", "Group", g.name, g.name);
    return found.code == ERR_NOT_FOUND ? OK : found;
}

static err look_outlet(struct backoffice *b, const struct api_caller *caller, const char *subject,
                       struct subject_name *name, bool *ret_good)
{
    struct registry_outlet outlet;
    char mid[16];
    size_t count = 0;
    if (strlen(subject) < 17 || subject[15] != '-') return OK;
    snprintf(mid, sizeof mid, "%.15s", subject);
    int64_t number = tree_number(subject + 16);
    if (number < 1 || number > 9999 || !api_may_see(caller, mid, (uint32_t)number)) return OK;
    TRY(registry_outlets(b->registry, bytes_text(mid), (uint32_t)number - 1, &outlet, 1, &count));
    *ret_good = count == 1 && outlet.number == (uint32_t)number;
    if (*ret_good) call_it(name, "门店", "Outlet", outlet.name, outlet.name);
    return OK;
}

static err look_terminal(struct backoffice *b, const struct api_caller *caller, const char *subject,
                         struct subject_name *name, bool *ret_good)
{
    const struct fleet_device *d = fleet_find(b->desk->fleet, subject);
    *ret_good = d != NULL && api_may_see(caller, d->mid, d->outlet);
    call_it(name, "终端", "Terminal", subject, subject);
    return OK;
}

err subject_look(struct backoffice *b, const struct api_caller *caller, enum parameters_level level,
                 const char *subject, struct subject_name *ret_name, bool *ret_good)
{
    static const look looks[PARAMETERS_LEVELS] = {
        [PARAMETERS_MODEL] = look_model,   [PARAMETERS_MERCHANT] = look_merchant,
        [PARAMETERS_REGION] = look_region, [PARAMETERS_GROUP] = look_group,
        [PARAMETERS_OUTLET] = look_outlet, [PARAMETERS_TERMINAL] = look_terminal,
    };
    *ret_good = false;
    return looks[level](b, caller, subject, ret_name, ret_good);
}

err subject_of_path(struct backoffice *b, const struct api_call *call,
                    struct http_response *response, enum parameters_level *ret_level,
                    char ret_subject[PARAMETERS_SUBJECT_MAX], bool *ret_good)
{
    struct subject_name name;
    *ret_good = false;
    if (!desk_is_there(b, response)) return OK;
    *ret_level = parameters_level_named(call->value[0]);
    bool fits = *ret_level != 0 && strlen(call->value[1]) < PARAMETERS_SUBJECT_MAX;
    if (fits) TRY(subject_look(b, call->caller, *ret_level, call->value[1], &name, ret_good));
    if (*ret_good) snprintf(ret_subject, PARAMETERS_SUBJECT_MAX, "%.23s", call->value[1]);
    else api_missing(response);
    return OK;
}
