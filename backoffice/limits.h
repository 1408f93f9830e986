/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the back office holds at most, and why. */

enum {
    /* A list of a few hundred tickets with their texts. */
    BACKOFFICE_RESPONSE_MAX = 256 * 1024,
    /* The longest body any route may ask for: a passkey's attestation with a long key. */
    BACKOFFICE_BODY_MAX = 8192,
    BACKOFFICE_TICK_MS = 1000,
    /* Open connections: a page holds six at most, and a flood shall not shut people out. */
    BACKOFFICE_CONNECTIONS = 512,
};
