/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mac_padding: how data becomes whole blocks before a CBC MAC (ISO/IEC 9797-1:2011, 6.3).
 *
 *   method 1   zeros; what ends in zeros is not told apart from what does not
 *   method 2   80, then zeros
 *   method 3   a block with the length in bits in front, then method 1
 *
 * No data is padded to one block in each method.
 */

#include "lib/base/writer.h"

enum mac_padding { MAC_PADDING_1, MAC_PADDING_2, MAC_PADDING_3 };

enum { MAC_PADDING_BLOCK_MAX = 16 };

/* Appends padded data of blocks of `block` bytes, at most MAC_PADDING_BLOCK_MAX. Errors: FULL. */
MUST_USE err mac_pad(enum mac_padding method, size_t block, struct bytes data, struct writer *w);
