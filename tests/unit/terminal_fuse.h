/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Power that goes at a call to the store: store_options' hook of tests that cut at every one. */

#include "lib/store/store.h"

struct fuse {
    int left; /* calls that still go through */
    bool blown;
    err how; /* what the call says then; OK is CRASHED */
};

static inline err burn(void *context, enum store_call call)
{
    struct fuse *fuse = context;
    (void)call;
    if (fuse->left-- > 0) return OK;
    fuse->blown = true;
    return FAILED(fuse->how) ? fuse->how : ERR(CRASHED);
}
