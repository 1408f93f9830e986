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
 *
 * A peer may have news at any time, which it tells by one certain frame, the notice; whoever gets
 * it asks. rpc_listen() says which, and has a loop look for it between calls; one that comes before
 * the answer of a call is no answer. Either way `noticed` is set, and the owner clears it: in a
 * hook before the loop waits, for instance, which runs after everything that may have called.
 */

#include "lib/base/writer.h"
#include "lib/wire/loop.h"

enum { RPC_PATH_MAX = 107, RPC_NOTICE_MAX = 16 };

struct rpc {
    char path[RPC_PATH_MAX + 1];
    int fd; /* -1 when not connected */
    int timeout_ms;
    size_t max; /* longest request or answer */
    struct bytes notice;
    bool noticed;
    struct loop *loop; /* NULL: nobody listens */
    struct loop_watch watch;
};

/*
 * Remembers the path and connects. When that fails `rpc` is still usable: calls try again.
 * Errors: CONFIG (path too long), REFUSED (nobody listens), TIMEOUT, IO.
 */
MUST_USE err rpc_connect(struct rpc *rpc, const char *path, int timeout_ms, size_t max);

/*
 * From now on, over every connection, a frame that equals `notice` (1 to RPC_NOTICE_MAX bytes that
 * outlive `rpc`) is one. rpc_close() before the loop goes. Errors: those of loop_watch().
 */
MUST_USE err rpc_listen(struct rpc *rpc, struct loop *loop, struct bytes notice);

/*
 * Sends `request` and waits for one frame, laid into `out` of `size` bytes; *ret_answer views it.
 * `timeout_ms` covers the whole call. Errors: REFUSED (not there), CLOSED (died before it
 * answered), TIMEOUT, LENGTH (request or answer too long), IO.
 */
MUST_USE err rpc_call(struct rpc *rpc, struct bytes request, void *out, size_t size,
                      struct bytes *ret_answer);

/*
 * Many questions at one time: `requests` are `count` frames as rpc_write_request() lays them one
 * behind the other; each() gets the answers in their order, each laid into `out`, and an err of it
 * ends the call. One wait for all instead of one each. `timeout_ms` covers all. Errors: as above.
 */
typedef err (*rpc_each)(void *context, size_t index, struct bytes answer);
void rpc_write_request(struct writer *w, struct bytes request);
MUST_USE err rpc_call_many(struct rpc *rpc, struct bytes requests, size_t count, void *out,
                           size_t size, rpc_each each, void *context);

void rpc_close(struct rpc *rpc);
