/* SPDX-License-Identifier: Apache-2.0 */
/* What one device is to have: its levels from the farthest to the nearest, each by the newest
 * version that is for it. */
#include <stdarg.h>
#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/groups.h"
#include "backoffice/goods/goods.h"
#include "backoffice/parameters/parameters.h"
#include "backoffice/updates/updates.h"
#include "registry/names.h"

struct chain {
    size_t count;
    struct parameters_source at[PARAMETERS_LEVELS_MAX];
};

static void add(struct chain *c, enum parameters_level level, const char *format, ...) PRINTF(3, 4);

static void add(struct chain *c, enum parameters_level level, const char *format, ...)
{
    va_list values;
    ENSURE(c->count < PARAMETERS_LEVELS_MAX);
    struct parameters_source *source = &c->at[c->count++];
    *source = (struct parameters_source){.level = level};
    va_start(values, format);
    vsnprintf(source->subject, sizeof source->subject, format, values);
    va_end(values);
}

/* From the outermost region in. */
static err add_regions(struct desk *desk, const struct fleet_device *d, struct chain *c)
{
    int64_t path[REGION_DEPTH_MAX], region = 0;
    size_t count = 0;
    TRY(tree_outlet_region(desk->config.store, d->mid, d->outlet, &region));
    TRY(region_path(desk->config.store, region, path, &count));
    for (size_t i = 0; i < count; i++) add(c, PARAMETERS_REGION, "%lld", (long long)path[i]);
    return OK;
}

static err add_groups(struct desk *desk, const struct fleet_device *d, struct chain *c)
{
    struct device_group groups[GROUPS_OF_A_DEVICE];
    size_t count = 0;
    TRY(groups_of(desk->config.store, d->tid, groups, &count));
    for (size_t i = 0; i < count; i++)
        if (groups[i].mid[0] == '\0') add(c, PARAMETERS_GROUP, "%lld", (long long)groups[i].id);
    for (size_t i = 0; i < count; i++) /* of another merchant: it was his once */
        if (strcmp(groups[i].mid, d->mid) == 0)
            add(c, PARAMETERS_GROUP, "%lld", (long long)groups[i].id);
    return OK;
}

static err chain_of(struct desk *desk, const struct fleet_device *d, struct chain *c)
{
    c->count = 0;
    add(c, PARAMETERS_MODEL, "%s", d->model);
    add(c, PARAMETERS_MERCHANT, "%s", d->mid);
    TRY(add_regions(desk, d, c));
    TRY(add_groups(desk, d, c));
    add(c, PARAMETERS_OUTLET, "%s-%u", d->mid, d->outlet);
    add(c, PARAMETERS_TERMINAL, "%s", d->tid);
    return OK;
}

/* The newest version of this level that is for this device: `id` 0 when there is none. */
static err newest_for(struct desk *desk, const struct fleet_device *d,
                      struct parameters_source *source, int64_t *ret_id,
                      struct device_parameters *ret_set)
{
    struct store_statement *rows;
    char document[DEVICE_PARAMETERS_MAX + 1];
    *ret_id = 0;
    TRY(store_statement(desk->config.store,
                        "SELECT id, version, stage, document FROM parameters_version WHERE level ="
                        " ? AND subject = ? ORDER BY version DESC",
                        &rows));
    store_bind_int(rows, source->level);
    store_bind_text(rows, bytes_text(source->subject));
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        int64_t id = store_read_int(rows);
        source->version = store_read_int(rows);
        int64_t stage = store_read_int(rows);
        store_read_text_into(rows, document, sizeof document);
        err read = store_read_finish(rows);
        bool is = stage >= 100 || rollout_chooses(id, d->serial, stage);
        if (!FAILED(read) && !is) continue;
        store_reset(rows);
        TRY(read);
        *ret_id = id;
        return device_parameters_read(bytes_text(document), ret_set);
    }
}

static void lay_over(struct parameters_effective *e, const struct device_parameters *set,
                     const struct parameters_source *source)
{
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++) {
        if (!set->value[i].set) continue;
        e->set.value[i] = set->value[i];
        e->from[i] = *source;
    }
}

static err take_newest(void *context, const struct registry_name *name)
{
    struct registry_name *newest = context;
    *newest = *name;
    return OK;
}

/* Who never was called something else has been set up with his name. One that no screen can show
 * stays at home: a document is whole or refused. */
static err add_shop(struct desk *desk, const struct fleet_device *d, struct parameters_effective *e)
{
    struct registry_name newest = {.version = 0};
    struct device_parameter_value shop = {.set = true};
    if (desk->config.registry == NULL) return OK;
    TRY(registry_names(desk->config.registry, bytes_text(d->mid), take_newest, &newest));
    snprintf(shop.text, sizeof shop.text, "%s", newest.name_zh);
    if (newest.version == 0 || !device_parameter_fits(DEVICE_PARAMETER_shop, &shop)) return OK;
    e->set.value[DEVICE_PARAMETER_shop] = shop;
    e->any = true;
    return OK;
}

err parameters_effective_of(struct desk *desk, const struct fleet_device *device,
                            struct parameters_effective *ret_effective)
{
    struct parameters_effective e = {.newest = 0};
    struct chain chain;
    TRY(chain_of(desk, device, &chain));
    for (size_t i = 0; i < chain.count; i++) {
        struct device_parameters set;
        int64_t id = 0;
        TRY(newest_for(desk, device, &chain.at[i], &id, &set));
        if (id == 0) continue;
        lay_over(&e, &set, &chain.at[i]);
        if (id > e.newest) e.newest = id;
    }
    TRY(goods_of_outlet(desk, device->mid, device->outlet, &e.set.goods));
    e.any = e.newest != 0 || e.set.goods.set;
    TRY(add_shop(desk, device, &e));
    *ret_effective = e;
    return OK;
}
