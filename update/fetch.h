/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fetch: an image that is announced, by a delta where a slot holds what it was made from, otherwise
 * whole. Which of the two it was makes no difference to anybody afterwards: both have the announced
 * hashes, and both prove themselves again as images (lib/tuf/image.h) before they stand in a slot.
 */

#include "lib/tuf/client.h"

struct fetched {
    size_t travelled;       /* bytes, of a delta that was in vain, too */
    size_t length;          /* of the image */
    enum tuf_verdict delta; /* ACCEPTED: by a delta; NO_TARGET: there is none; why it did not do */
};

/* `slots_dir` NULL: there are no slots. As tuf_client_download(). */
enum tuf_verdict fetch_image(struct tuf_client *client, const struct tuf_target *target,
                             const char *slots_dir, struct bytes *ret_content,
                             struct fetched *ret_fetched);
