/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * replacement: another device takes a terminal's place (S124). Number, merchant and outlet stay;
 * the row gets the new serial number and loses certificate and keys, which are issued when the new
 * device is activated. Who served the place before is a row of a history that only grows.
 *
 * From the commit on the device that served is refused, whatever it still has: its key never opens
 * a connection again, and neither its serial number nor its key is taken for any terminal.
 */

#include "registry/registry.h"

enum { REGISTRY_PRINT_BYTES = 32 }; /* SHA-256 of the public half of a device's key */

/*
 * `old_serial` is who serves there now, `serial` and `model` are who will. Done before by the same
 * device: OK, and nothing is written. Errors: NOT_FOUND (no such terminal), CONFLICT (another
 * device serves there), STATE (the terminal is closed), UNSUPPORTED (a terminal of another make,
 * whose keys are not issued here), EXISTS (the serial number is or was another terminal's).
 */
MUST_USE err registry_replace_terminal(struct registry *registry,
                                       const struct registry_actor *actor, struct bytes tid,
                                       struct bytes old_serial, struct bytes serial,
                                       struct bytes model);

/* Did a device with this key serve a terminal, and does not any more? */
MUST_USE err registry_was_replaced(struct registry *registry,
                                   const uint8_t print[REGISTRY_PRINT_BYTES], bool *ret_was);

/* One that served. Texts are NUL-terminated. */
struct registry_served {
    char serial[REGISTRY_SERIAL_MAX + 1], model[REGISTRY_MODEL_MAX + 1];
    int64_t until_ms;
};
typedef err (*registry_each_served)(void *context, const struct registry_served *served);
/* Those that served this place, oldest first; an error of `each` ends the walk. */
MUST_USE err registry_served(struct registry *registry, struct bytes tid, registry_each_served each,
                             void *context);
