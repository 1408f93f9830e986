/* SPDX-License-Identifier: Apache-2.0 */
/* The list of the parts, and the routes of all of them as one table. A new part is one line here.
 */
#include "backoffice/parts.h"
#include "backoffice/core.h"

/* One a line, in the order in which they are opened. */
/* clang-format off */
const struct backoffice_part *const backoffice_parts[] = {
    &policy_part, /* of terminals */
    &about_part,
    &accounts_part, /* before all that refer to its tables */
    &events_part, /* likewise */
    &outbox_part,
    &login_part,
    &setup_part,
    &security_part,
    &step_up_part,
    &meter_part,
    &people_part,
    &desk_part,
    &ticket_part,
    &look_part,
    &phone_part,
    &payout_part,
    &chat_part,
    &api_part,
    &rights_part,
    &openapi_part,
    &alerts_part,
    &alert_people_part,
    &upkeep_part,
    &fleet_part,
    &fleet_csv_part,
    &fleet_commands_part,
    &backups_part,
    &restores_part,
    &tree_part,
    &groups_part,
    &fleet_changes_part,
    &figures_part, /* before those who wait for them */
    &figures_changes_part,
    &funds_part,
    &parameters_part,
    &goods_part,
    &uploads_part, /* before those who take photos and papers */
    &applications_part,
    &stock_part,
    &deliver_part,
    &merchant_part,
    &shipment_part,
    &stock_desk_part,
    &papers_part,
    &activation_part,
    &contract_part,
    &change_part,
    &change_papers_part,
    &replacement_part,
    &checks_part,
    &review_part,
    &updates_part,
    &fence_part,
    &documents_part,
    &expiry_part,
    &service_part,
    &webhooks_part,
    &programme_part,
    &members_part,
    &loyalty_clock_part,
    &campaigns_part,
};
/* clang-format on */
const size_t backoffice_part_count = ARRAY_LEN(backoffice_parts);

const struct route *route_at(size_t index)
{
    for (size_t i = 0; i < backoffice_part_count; i++) {
        if (index < backoffice_parts[i]->route_count) return &backoffice_parts[i]->routes[index];
        index -= backoffice_parts[i]->route_count;
    }
    return NULL;
}

bool route_in_realm(const struct route *route, enum realm realm)
{
    return (route->roles & (realm == REALM_STAFF ? ROLES_STAFF : ROLES_CONSOLE)) != 0;
}

static bool has_path(const struct route *route, const char *path)
{
    size_t len = strlen(route->path);
    if (route->path[len - 1] == '/') return strncmp(path, route->path, len) == 0;
    return strcmp(path, route->path) == 0;
}

const struct route *route_find(enum realm realm, const char *method, const char *path,
                               bool *ret_known)
{
    const struct route *route;
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    *ret_known = false;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        if (!route_in_realm(route, realm) || !has_path(route, path)) continue;
        *ret_known = true;
        if (strcmp(route->method, wanted) == 0) return route;
    }
    return NULL;
}

size_t backoffice_body_max(void)
{
    size_t most = 0;
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++)
        if (route->body_max > most) most = route->body_max;
    ENSURE(most <= BACKOFFICE_BODY_MAX);
    return most;
}
