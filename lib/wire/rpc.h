/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rpc: ask and wait, over a Unix socket with 4-byte frames (frame.h). For the terminal's calls to
 * its vault and the command line's to the hsm, where nothing else can be done until the answer is
 * there. One call at a time.
 *
 * A call that failed leaves no connection behind, so that a late answer can never be taken for the
 * answer to the next request. The next call connects again. Whether the peer has acted on a
 * request that ended in CLOSED or TIMEOUT is unknown: effects may repeat, requests say so.
 */

#include "lib/base/bytes.h"

enum { RPC_PATH_MAX = 107 };

struct rpc {
    char path[RPC_PATH_MAX + 1];
    int fd; /* -1 when not connected */
    int timeout_ms;
    size_t max; /* longest request or answer */
};

/*
 * Remembers the path and connects. When that fails `rpc` is still usable: calls try again.
 * Errors: CONFIG (path too long), REFUSED (nobody listens), TIMEOUT, IO.
 */
MUST_USE err rpc_connect(struct rpc *rpc, const char *path, int timeout_ms, size_t max);

/*
 * Sends `request` and waits for one frame, laid into `out` of `size` bytes; *ret_answer views it.
 * `timeout_ms` covers the whole call. Errors: REFUSED (not there), CLOSED (died before it
 * answered), TIMEOUT, LENGTH (request or answer too long), IO.
 */
MUST_USE err rpc_call(struct rpc *rpc, struct bytes request, void *out, size_t size,
                      struct bytes *ret_answer);

void rpc_close(struct rpc *rpc);
