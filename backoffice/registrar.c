/* SPDX-License-Identifier: Apache-2.0 */
/* One change of the registry, and the file is let go. */
#include "backoffice/registrar.h"

err registrar_open(struct backoffice *b, struct registry **ret_registry)
{
    struct store_fault why = {""};
    if (b->config.registry_path == NULL) return ERR(NOT_FOUND);
    enum store_mode mode = b->config.mode == STORE_MEMORY ? STORE_MEMORY : STORE_OPEN;
    err e = registry_open(b->config.registry_path, mode, &why, ret_registry);
    if (FAILED(e))
        log_event(b->config.log, LOG_WARN, "registry_not_written", LOG_TEXT("why", why.text));
    return e;
}

void registrar_close(struct registry **registry)
{
    registry_close(*registry);
    *registry = NULL;
}

void registrar_refuse(struct http_response *response)
{
    http_response_header(response, "Retry-After", "2");
    http_response_error(response, 503, "busy", "another program writes the registry: try again");
}
