/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* name: names of roles and paths of targets as parts of URLs and names of files. */

#include "lib/base/writer.h"

/* Everything escaped but letters, digits, "-", ".", "_", "~" (RFC 3986, 2.3), and "/" where
 * `slashes` keeps it. */
void tuf_name_escape(struct writer *w, struct bytes text, bool slashes);

/* A relative path: not empty, no part of it empty, "." or "..", no control character. */
bool tuf_path_valid(const char *path);
