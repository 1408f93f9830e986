/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cbor: the part of RFC 8949 that passkeys speak, in the canonical form of CTAP2: definite lengths,
 * shortest numbers. A value in another spelling is a fault of the reader, like one that is not
 * there.
 */

#include "lib/base/reader.h"

enum { CBOR_DEPTH_MAX = 4 /* CTAP2's own limit */ };

/* The number of pairs of a map. */
uint32_t cbor_read_map(struct reader *r);
/* A signed number that fits in 32 bits. */
int64_t cbor_read_int(struct reader *r);
struct bytes cbor_read_bytes(struct reader *r, size_t max);
struct bytes cbor_read_text(struct reader *r, size_t max);

/* Fails unless this very text, or this very number, comes next. */
void cbor_expect_text(struct reader *r, const char *text);
void cbor_expect_int(struct reader *r, int64_t number);

/* Passes over one well-formed value of any kind. */
void cbor_skip(struct reader *r);
