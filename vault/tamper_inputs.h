/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tamper_inputs: what a vault in software can notice: a debugger that follows this process (root
 * alone can be one, see process_harden()), and in a demo what the tray of tongbao-simulators says
 * has been done to the device. Hardware has its own driver in this place.
 */

#include "vault/device_file.h"
#include "vault/virtual_reader.h"

enum { TAMPER_LOOK_MS = 100 /* DV-07: keys are gone within so long */ };

struct tamper_inputs {
    struct virtual_reader *tray; /* NULL: there is none */
    struct clock clock;
    int64_t next_us; /* commands come in swarms: the inputs are asked at most each half look */
    uint8_t kind;    /* what was noticed; it stays */
    struct device_key_file key;
};

/* `inputs` lives as long as the port. Errors: CONFIG (the path is too long). */
MUST_USE err tamper_inputs_open(struct tamper_inputs *inputs, const char *directory,
                                struct clock clock, struct virtual_reader *tray,
                                struct vault_tamper_port *ret_port);

/* Does /proc/self/status say that somebody traces us? Exported for the tests. */
bool tamper_inputs_traced(struct bytes status);
