/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What main.c and the files that join the core to the world share. */

#include "backoffice/accounts/keyed.h"
#include "backoffice/backoffice.h"
#include "backoffice/devices/device_link.h"
#include "backoffice/figures/figures_thread.h"
#include "backoffice/messages/outbox_wire.h"
#include "backoffice/stock/paper_wire.h"
#include "backoffice/webhooks/webhook_wire.h"
#include "lib/base/file.h"
#include "lib/wire/loop.h"
#include "lib/wire/process.h"

struct settings {
    const char *journal, *ledger;
    const char *state, *admin, *hsm, *origin, *web, *address_header, *updates;
    const char *sms_url, *sms_key, *sms_ca, *smtp, *smtp_from;
    const char *courier_url, *courier_key, *courier_ca, *returns_address, *returns_phone;
    const char *identity_url, *identity_key, *identity_ca;
    const char *device_address;
    bool webhooks_loopback;
    int64_t port, device_port, ready_fd, hash_threads, courier_poll_s, certificate_days,
        outdated_days;
};

struct program {
    struct settings settings;
    struct log log;
    struct loop *loop;
    struct loop_timer timer, again;
    struct loop_hook hook;
    struct http_server *server;
    struct workers *workers;
    struct hsm_keyed keyed; /* the loop's own line; the workers have theirs */
    struct outbox_wire *wire;
    struct courier_port *courier;   /* NULL: none */
    struct identity_port *identity; /* NULL: people check */
    struct webhook_wire *webhooks;
    struct paper_wire *papers;
    struct device_link device_link; /* terminals */
    struct figures_thread figures;  /* folds takings, when there are journal and ledger */
    struct loop_wake figures_news;
    char pepper_block[REGISTRY_KEY_BLOCK_MAX + 1];
    char smtp_host[MAIL_HOST_MAX + 1];
    char egress_path[FILE_PATH_MAX], paper_path[FILE_PATH_MAX];
    struct backoffice *backoffice;
    char documents_path[FILE_PATH_MAX], backups_path[FILE_PATH_MAX], store_path[FILE_PATH_MAX],
        loyalty_path[FILE_PATH_MAX], registry_path[FILE_PATH_MAX], staff[FILE_PATH_MAX],
        console[FILE_PATH_MAX], api[FILE_PATH_MAX], metadata[FILE_PATH_MAX], files[FILE_PATH_MAX],
        own_origin[64];
    int exit_status;
};

/* Says why, and ends the loop: nothing may be answered that is not on disk. */
void program_fail(struct program *program, const char *what, err why);

/* http.c: the server in front of the core. It listens before the core is opened, because the
 * address may be part of the core's own. */
MUST_USE err http_open(struct program *program, struct process_fault *fault);
void http_put_answer(void *context, uint64_t ticket, const struct http_response *response);
