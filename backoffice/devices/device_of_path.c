/* SPDX-License-Identifier: Apache-2.0 */
/* What is somebody else's is answered like what is not there. */
#include "backoffice/devices/device_of_path.h"

#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"

const struct fleet_device *device_of_path(struct backoffice *b, const struct api_call *call,
                                          struct http_response *response)
{
    if (!desk_is_there(b, response)) return NULL;
    const struct fleet_device *d = fleet_find(b->desk->fleet, call->value[0]);
    if (d != NULL && api_may_see(call->caller, d->mid, d->outlet)) return d;
    api_missing(response);
    return NULL;
}
