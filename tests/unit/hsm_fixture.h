/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the hsm's tests share: an hsm in development, commands as its clients send them, and a
 * terminal whose side is played with lib/crypto, as a vault does it.
 */

#include "hsm/hsm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hsm/limits.h"
#include "lib/crypto/delivery.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/keyblock.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "lib/wire/hsm_protocol.h"

#define assert_ok(call)          assert_string_equal(err_name(call), "OK")
#define assert_status(got, want) assert_string_equal(hsm_status_text(got), hsm_status_text(want))

enum { LOG_MAX = 65536 };

struct fixture {
    struct crypto crypto;
    struct hsm_master master;
    struct hsm *hsm;
    struct log log;
    char logged[LOG_MAX];
    size_t logged_len;
    uint8_t request[HSM_FRAME_MAX], response[HSM_FRAME_MAX];
    struct writer w;      /* over request */
    struct reader answer; /* over the body of the last answer */
    uint32_t id;
};

static inline void keep_line(void *context, struct bytes line)
{
    struct fixture *f = context;
    if (line.len >= LOG_MAX - f->logged_len) return;
    memcpy(f->logged + f->logged_len, line.at, line.len);
    f->logged_len += line.len;
}

static inline int open_hsm(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_ok(crypto_open(random_system(), &f->crypto));
    hsm_master_generate(&f->crypto, true, &f->master);
    f->log = (struct log){keep_line, f, clock_system(), "hsm", LOG_INFO};
    const struct hsm_config config = {random_system(), &f->log, true, NULL};
    assert_ok(hsm_open(&config, &f->master, &f->hsm));
    *state = f;
    return 0;
}

static inline int close_hsm(void **state)
{
    struct fixture *f = *state;
    hsm_close(f->hsm);
    hsm_close(NULL);
    crypto_close(&f->crypto);
    free(f);
    return 0;
}

static inline struct writer *begin(struct fixture *f, uint8_t command)
{
    f->w = writer_over(f->request, sizeof f->request);
    hsm_write_header(&f->w, command, ++f->id);
    return &f->w;
}

/* Executes what begin() began; leaves `answer` at the body. */
static inline enum hsm_status execute(struct fixture *f)
{
    assert_int_equal(f->w.fault, ERR_OK);
    struct writer response = writer_over(f->response, sizeof f->response);
    assert_ok(hsm_execute(f->hsm, writer_view(&f->w), &response));
    f->answer = reader_over(writer_view(&response));
    struct hsm_header header;
    enum hsm_status status;
    assert_ok(hsm_read_answer(&f->answer, &header, &status));
    assert_int_equal(header.id, f->id);
    assert_int_equal(header.command, f->request[1]);
    if (status != HSM_OK) assert_int_equal(f->answer.left.len, 0);
    return status;
}

/* A copy that outlives the response it was read from. */
struct text {
    uint8_t at[HSM_KEY_BLOCK_MAX];
    size_t len;
};

static inline struct text keep(struct bytes b)
{
    struct text text = {.len = b.len};
    assert_true(b.len <= sizeof text.at);
    memcpy(text.at, b.at, b.len);
    return text;
}

static inline struct bytes view(const struct text *text)
{
    return bytes_of(text->at, text->len);
}

static inline struct text make_key(struct fixture *f, uint8_t usage, uint8_t suite)
{
    const struct hsm_make_key m = {usage, suite, BYTES("test"), {0}, {0}};
    struct hsm_key_answer answer;
    hsm_write_make_key(begin(f, HSM_MAKE_KEY), &m);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_key_answer(&f->answer, &answer));
    return keep(answer.block);
}

/* A terminal after its sign-in: what its vault holds and what the host stores. */
struct terminal {
    uint8_t suite;
    struct text master_block, pin_block, mac_block, data_block;
    struct working_keys keys;
    uint8_t delivery[HSM_DELIVERY_MAX];
    size_t delivery_len;
};

static inline void sign_in(struct fixture *f, struct terminal *t)
{
    const struct hsm_sign_in m = {t->suite, view(&t->master_block)};
    struct hsm_sign_in_answer answer;
    struct key master = {0};
    hsm_write_sign_in(begin(f, HSM_SIGN_IN), &m);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_sign_in_answer(&f->answer, &answer));
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&t->master_block), &master));
    assert_ok(delivery_unwrap(&f->crypto, &master, answer.delivery, &t->keys));
    memcpy(t->delivery, answer.delivery.at, answer.delivery.len);
    t->delivery_len = answer.delivery.len;
    t->pin_block = keep(answer.pin_block);
    t->mac_block = keep(answer.mac_block);
    t->data_block = keep(answer.data_block);
}

static inline struct terminal new_terminal(struct fixture *f, uint8_t suite)
{
    struct terminal t = {.suite = suite};
    t.master_block = make_key(f, HSM_KEY_TERMINAL_MASTER, suite);
    sign_in(f, &t);
    return t;
}
