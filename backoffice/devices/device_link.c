/* SPDX-License-Identifier: Apache-2.0 */
/* The desk's ports in the program. */
#include "backoffice/devices/device_link.h"

#include <stdio.h>

#include "backoffice/limits.h"
#include "backoffice/program.h"

static err prove(void *context, const struct desk_challenge *challenge, struct desk_proof *ret)
{
    return desk_hsm_prove(&((struct program *)context)->device_link.hsm, challenge, ret);
}

static err anchor_check(void *context, const char *tid, const struct desk_anchor *said)
{
    return desk_hsm_anchor_check(&((struct program *)context)->device_link.hsm, tid, said);
}

static err anchor_make(void *context, const char *tid, struct desk_anchor *anchor)
{
    return desk_hsm_anchor_make(&((struct program *)context)->device_link.hsm, tid, anchor);
}

static err renew(void *context, const struct desk_renewal *renewal, struct writer *certificate)
{
    return desk_hsm_renew(&((struct program *)context)->device_link.hsm, renewal, certificate);
}

static err sign_assignment(void *context, struct bytes key, struct bytes text,
                           uint8_t ret_signature[64])
{
    return desk_hsm_sign_assignment(&((struct program *)context)->device_link.hsm, key, text,
                                    ret_signature);
}

static err command_mac(void *context, const struct desk_command *command, uint8_t ret_mac[16])
{
    return desk_hsm_command_mac(&((struct program *)context)->device_link.hsm, command, ret_mac);
}

static err command_macs(void *context, const struct desk_command *commands, size_t count,
                        uint8_t (*ret_macs)[16])
{
    return desk_hsm_command_macs(&((struct program *)context)->device_link.hsm, commands, count,
                                 ret_macs);
}

static err open_backup(void *context, const struct desk_restore *restore, struct writer *grant)
{
    return desk_hsm_open_backup(&((struct program *)context)->device_link.hsm, restore, grant);
}

static void to_device(void *context, uint32_t session, struct bytes frame)
{
    struct device_link *link = &((struct program *)context)->device_link;
    if (link->lines.line != NULL) device_lines_send(&link->lines, session, frame);
}

static void close_device(void *context, uint32_t session)
{
    struct device_link *link = &((struct program *)context)->device_link;
    if (link->lines.line != NULL) device_lines_end(&link->lines, session);
}

struct desk_ports device_link_ports(struct program *p)
{
    return (struct desk_ports){.context = p,
                               .prove = prove,
                               .anchor_check = anchor_check,
                               .anchor_make = anchor_make,
                               .renew = renew,
                               .command_mac = command_mac,
                               .command_macs = command_macs,
                               .open_backup = open_backup,
                               .to_device = to_device,
                               .close_device = close_device,
                               .sign_assignment = sign_assignment};
}

err device_link_open(struct program *p, struct process_fault *fault)
{
    struct store_fault why = {""};
    err e = registry_open(p->registry_path, STORE_READ_ONLY, &why, &p->device_link.registry);
    if (FAILED(e)) {
        snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
        return e;
    }
    TRY(desk_hsm_open(&p->device_link.hsm, p->settings.hsm, p->device_link.registry));
    p->device_link.hsm.admin = p->settings.admin;
    return OK;
}

struct files {
    char certificate[FILE_PATH_MAX], key[FILE_PATH_MAX], authority[FILE_PATH_MAX];
};

/* What `tongbao admin init` has made for the host. */
static err find_files(const struct program *p, struct files *files)
{
    TRY(file_path(p->settings.admin, "server.pem", files->certificate, sizeof files->certificate));
    TRY(file_path(p->settings.admin, "server.key", files->key, sizeof files->key));
    return file_path(p->settings.admin, "ca.pem", files->authority, sizeof files->authority);
}

void device_link_expiries(struct program *p, struct desk_expiry out[DESK_EXPIRIES_MAX])
{
    struct files files;
    size_t count = 0;
    int64_t end_ms = 0;
    if (FAILED(find_files(p, &files))) return;
    if (!FAILED(tls_certificate_end(files.certificate, &end_ms)))
        out[count++] = (struct desk_expiry){"server_certificate", end_ms};
    if (!FAILED(tls_certificate_end(files.authority, &end_ms)))
        out[count++] = (struct desk_expiry){"authority", end_ms};
}

static void failed(void *context, const char *what, err why)
{
    program_fail(context, what, why);
}

err device_link_listen(struct program *p, struct process_fault *fault)
{
    struct files files;
    if (p->settings.device_port < 0) return OK;
    TRY(find_files(p, &files));
    const struct device_lines_options options = {
        .loop = p->loop,
        .address = p->settings.device_address,
        .port = (uint16_t)p->settings.device_port,
        .certificate = files.certificate,
        .key = files.key,
        .authority = files.authority,
        .connections = BACKOFFICE_TERMINALS,
    };
    p->device_link.lines.desk = backoffice_desk(p->backoffice);
    p->device_link.lines.failed = failed;
    p->device_link.lines.context = p;
    return device_lines_open(&p->device_link.lines, &options, fault);
}

void device_link_close(struct program *p)
{
    if (p->device_link.lines.tls != NULL) device_lines_close(&p->device_link.lines);
    if (p->device_link.registry == NULL) return;
    desk_hsm_close(&p->device_link.hsm);
    registry_close(p->device_link.registry);
}
