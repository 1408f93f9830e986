/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A real vault for the terminal's tests, with the page at the other end of its panel channel and
 * the hsm that makes the proofs of a recovery. It is built on vault_rig.h, in a translation unit of
 * its own: the two rigs have the same names.
 */

#include "lib/base/bytes.h"
#include "lib/base/writer.h"

struct bench;

enum { BENCH_SECRET_MAX = 16 };

/* Provisioned with the policy of `model`; 00, 01 and 99 have one-time passwords. */
struct bench *bench_new(const char *model, int64_t now_ms);
/* With this serial number; another device of the shop of `elder`, which may be NULL. */
struct bench *bench_make(const char *model, int64_t now_ms, const char *serial,
                         const struct bench *elder);
void bench_free(struct bench *bench);

/* His one-time password, and his own instead: he is logged in then. */
void bench_first_day(struct bench *bench, uint8_t operator_id, const char *own);
bool bench_login(struct bench *bench, uint8_t operator_id, const char *password);
/* The owner's key of backups: made, and typed. */
void bench_owner_key(struct bench *bench, char digits[41]);
void bench_enter_owner(struct bench *bench, const char *digits);

/* The vault's clock. */
void bench_set_now(struct bench *bench, int64_t now_ms);

/* The vault dies and comes back over what it had committed. */
void bench_restart(struct bench *bench);

/* The terminal's port. */
err bench_vault(struct bench *bench, struct bytes request, struct writer *response);

/* "01": the one-time password that was made for this operator. */
const char *bench_initial(const struct bench *bench, uint8_t operator_id);

/* ---- the page ---- */

void bench_page_key(struct bench *bench, uint8_t key[65]);
void bench_page_opened(struct bench *bench, struct bytes vault_key);

/* What the vault has sealed for the page, as text; the layout is kept for bench_touch(). */
void bench_layout(struct bench *bench, struct bytes sealed);
size_t bench_open(struct bench *bench, struct bytes sealed, char *out, size_t size);

/* Sealed: the key that shows `digit`; a byte such as 'O'; text of a keyboard. */
void bench_digit(struct bench *bench, char digit, struct writer *sealed);
void bench_byte(struct bench *bench, char byte, struct writer *sealed);
void bench_text(struct bench *bench, const char *text, struct writer *sealed);

/* ---- the host ---- */

/* The code (or, for customer service, the grant) that the hsm makes of a challenge. */
void bench_prove(struct bench *bench, uint8_t way, uint8_t operator_id, struct bytes challenge,
                 char code[12], uint8_t grant[16]);

/* The hsm's part of a restore (S124): the key of the bundle with this head, for the vault that has
 * asked with this nonce and public key. Its length. */
size_t bench_open_backup(struct bench *bench, struct bytes head, const uint8_t nonce[16],
                         const uint8_t public_key[32], uint8_t grant[160]);

/* A command of the host, as the device channel tells it. */
void bench_command(struct bench *bench, int64_t number, const char *kind, const char *text,
                   char *out, size_t size);

/* ---- a telephone ---- */

struct bench_phone; /* a key pair */
void bench_phone_key(struct bench *bench, uint8_t key[65]);
void bench_phone_sign(struct bench *bench, struct bytes challenge, uint8_t signature[64]);
