/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The hsm's capacities, with their reasons. */

enum {
    /*
     * Keys kept unwrapped: 16,384 of about 280 bytes, 4.6 MB of guarded memory. A terminal has
     * three, so five thousand terminals stay warm; a key that is not costs 5 us more.
     */
    HSM_CACHE_SETS = 4096,
    HSM_CACHE_WAYS = 4,

    /* Connections: the acquirer has one or a few, the command line one. */
    HSM_STREAMS_MAX = 64,

    /* RSA keys of wallets' interfaces kept as read: ours and theirs of each of a few accounts. */
    HSM_WALLET_HANDLES = 16,

    /* Lines of audit.log a minute about key blocks that were refused: who asks decides how many. */
    HSM_REFUSED_A_MINUTE = 10,
};
