/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the parts of `tongbao inspect` share. Each part gets the input as it came (the bytes of
 * a file, or the text of the argument) and writes one JSON object, or says on standard error what
 * is wrong, where, and what to do. No part prints a whole card number unless `show_pan`.
 */

#include <stdio.h>

#include "lib/iso8583/dialect.h"
#include "lib/wire/json.h"

enum {
    INSPECT_INPUT_MAX = 16 * 1024 * 1024, /* a backup of some years; pictures have less */
    INSPECT_OUTPUT_MAX = 1024 * 1024,
    INSPECT_DONE = 0,
    INSPECT_BAD_INPUT = 1,
    INSPECT_BAD_USAGE = 2,
};

struct inspect_options {
    const char *kind; /* "iso8583", "tlv", "track", "qr", "pinblock", "keyblock", "dukpt" */
    const struct iso8583_dialect *dialect;
    bool show_pan;
    bool framed;     /* --frame: length, TPDU and header must be there */
    unsigned track;  /* --track: of data without sentinels; 0 not given */
    const char *key; /* --key, --pan, --format of a PIN block; NULL not given */
    const char *pan;
    const char *format;
    int key_fd;            /* --key-fd: a test key in hexadecimal comes there; -1 not given */
    const char *authority; /* --authority: a certificate that an e-receipt is verified by; NULL */
    bool show_key;         /* --show-key: values of keys that are worked out with it */
};

int inspect_iso8583(const struct inspect_options *o, struct bytes input, struct json_out *j);
int inspect_tlv(const struct inspect_options *o, struct bytes input, struct json_out *j);
int inspect_track(const struct inspect_options *o, struct bytes input, struct json_out *j);
int inspect_qr(const struct inspect_options *o, struct bytes input, struct json_out *j);
int inspect_pinblock(const struct inspect_options *o, struct bytes input, struct json_out *j);
int inspect_keyblock(const struct inspect_options *o, struct bytes input, struct json_out *j);
int inspect_receipt(const struct inspect_options *o, struct bytes input, struct json_out *j);
int inspect_backup(const struct inspect_options *o, struct bytes input, struct json_out *j);
int inspect_dukpt(const struct inspect_options *o, struct bytes input, struct json_out *j);

/*
 * The key that --key-fd brings: 16, 24 or 32 bytes in hexadecimal, into `out` of 32 bytes; secret.
 * Errors: FORMAT (another length, or no hexadecimal), IO.
 */
MUST_USE err inspect_read_key(const struct inspect_options *o, uint8_t *out, size_t *ret_len);

/* A key as its check value and, with --show-key, its value. Errors: CRYPTO. */
struct crypto;
struct key;
MUST_USE err inspect_member_key(const struct inspect_options *o, struct crypto *crypto,
                                const struct key *key, struct json_out *j);

/* "tongbao inspect KIND: ..." and a newline on standard error; returns INSPECT_BAD_INPUT. */
int inspect_refuse(const struct inspect_options *o, const char *format, ...) PRINTF(2, 3);

/* The input without white space at its ends. */
struct bytes inspect_trim(struct bytes text);

/*
 * Hexadecimal in either case, white space anywhere, into `out` of `max` bytes. Errors: FORMAT (a
 * character that is none, an odd count, or nothing at all), LENGTH.
 */
MUST_USE err inspect_unhex(struct bytes text, uint8_t *out, size_t max, size_t *ret_len);

/* What to add when such an input was taken as binary: it is no hexadecimal, and why. */
const char *inspect_no_hex(struct bytes input);

/* Members "value" and, where a card number was hidden, "masked". */
void inspect_member_masked(struct json_out *j, const char *name, struct bytes text, bool show_pan);

/* A card number as "pan" (first six, last four unless `show_pan`) and "luhn". */
void inspect_member_pan(struct json_out *j, struct bytes pan, bool show_pan);

/*
 * The objects of `input` as array member `name`, those inside constructed ones below them. False
 * when it is not well-formed: then `ret_offset` and `ret_fault` say where and why, and the array is
 * closed.
 */
bool inspect_member_tlv(struct json_out *j, const char *name, struct bytes input, bool show_pan,
                        size_t *ret_offset, err *ret_fault);
