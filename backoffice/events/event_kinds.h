/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * event_kinds: what can have happened. A row: its kind (noun, full stop, what became of it: at
 * most EVENT_KIND_MAX characters of a-z, full stop and low line), who may hear of it, and one
 * clause in Chinese and in English that is true of every such event.
 *
 *   MERCHANT  the merchant whose it is, and the acquirer
 *   ACQUIRER  the acquirer alone, even when it is about a merchant
 *
 * Kinds are kept with their events and in what others subscribe to: a row is added above the last
 * line, and neither changed nor taken away.
 */
/* clang-format off */
#define EVENT_KIND_LIST(X) \
    X("key.made", MERCHANT, "新建了接口密钥", "a key for programs was made") \
    X("key.revoked", MERCHANT, "接口密钥已作废", "a key for programs was taken back") \
    /* above this line */
/* clang-format on */
