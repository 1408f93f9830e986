/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * device_link: joins the desk to the world: the hsm for its proofs, and the device channel's TLS.
 * For the program only.
 */

#include "backoffice/desk/desk_hsm.h"
#include "backoffice/devices/device_lines.h"

struct program;

struct device_link {
    struct desk_hsm hsm;
    struct registry *registry; /* of its own: keys are looked up while the core's is in use */
    struct device_lines lines;
};

/* Before the core: the hsm's line. Its ports may be used from then on. */
MUST_USE err device_link_open(struct program *program, struct process_fault *fault);
struct desk_ports device_link_ports(struct program *program);
/* When the host's own certificates end: for the desk's calendar. */
void device_link_expiries(struct program *program, struct desk_expiry out[DESK_EXPIRIES_MAX]);

/* After the core: terminals are let in, when a port was given for them. */
MUST_USE err device_link_listen(struct program *program, struct process_fault *fault);

/* Before the core goes. */
void device_link_close(struct program *program);
