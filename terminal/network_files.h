/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * network_files: what the drivers of network and position have written, for the program. A file
 * that cannot be read is a network, or a place, that nobody knows.
 */

#include "terminal/paths.h"

struct network_facts network_file_read(const char *path);
struct network_place place_file_read(const char *path); /* NULL: no such driver */

bool network_file_same(const struct network_facts *a, const struct network_facts *b);
bool place_file_same(const struct network_place *a, const struct network_place *b);
