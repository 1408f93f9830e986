/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of a vault in software: the kernel's word on debuggers, the tray's on the rest. */
#include "vault/tamper_inputs.h"

#include "lib/base/file.h"
#include "lib/wire/vault_protocol.h"

enum { STATUS_MAX = 8192 };

bool tamper_inputs_traced(struct bytes status)
{
    static const char name[] = "\nTracerPid:";
    const uint8_t *at = memmem(status.at, status.len, name, sizeof name - 1);
    if (at == NULL) return false;
    const uint8_t *end = status.at + status.len;
    for (at += sizeof name - 1; at < end && (*at == ' ' || *at == '\t'); at++) {
    }
    return at < end && *at >= '1' && *at <= '9';
}

static bool traced(void)
{
    uint8_t status[STATUS_MAX];
    size_t len = 0;
    err read = file_read("/proc/self/status", FILE_PUBLIC, status, sizeof status, &len);
    return !FAILED(read) && tamper_inputs_traced(bytes_of(status, len));
}

static err poll_inputs(void *context, uint8_t *ret_kind)
{
    struct tamper_inputs *inputs = context;
    int64_t now = clock_monotonic_us(&inputs->clock);
    if (inputs->kind == VAULT_TAMPER_NONE && now >= inputs->next_us) {
        inputs->next_us = now + TAMPER_LOOK_MS * 500;
        if (traced()) inputs->kind = VAULT_TAMPER_DEBUGGER;
        else if (inputs->tray != NULL) TRY(virtual_reader_tamper(inputs->tray, &inputs->kind));
    }
    *ret_kind = inputs->kind;
    return OK;
}

static err erase_key_file(void *context, uint8_t kind)
{
    struct tamper_inputs *inputs = context;
    return device_key_erase(&inputs->key, kind);
}

err tamper_inputs_open(struct tamper_inputs *inputs, const char *directory, struct clock clock,
                       struct virtual_reader *tray, struct vault_tamper_port *ret_port)
{
    *inputs = (struct tamper_inputs){.tray = tray, .clock = clock};
    TRY(device_key_file_open(directory, &inputs->key));
    *ret_port = (struct vault_tamper_port){
        .poll = poll_inputs, .erase = erase_key_file, .context = inputs, .watch_clock = true};
    return OK;
}
