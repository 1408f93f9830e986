/* SPDX-License-Identifier: Apache-2.0 */
/* The names by which a message of the device channel is refused. */
#include "lib/wire/device_protocol.h"

const char *device_verdict_text(enum device_verdict verdict)
{
    static const char *const texts[DEVICE_VERDICTS] = {
        [DEVICE_UNDERSTOOD] = "understood", [DEVICE_MALFORMED] = "malformed",
        [DEVICE_UNKNOWN] = "unknown",       [DEVICE_MEMBER] = "wrong members",
        [DEVICE_EARLY] = "before hello",    [DEVICE_UNASKED] = "nothing was asked",
    };
    ENSURE(verdict < DEVICE_VERDICTS);
    return texts[verdict];
}
