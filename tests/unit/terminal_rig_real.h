/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The terminal's rig with a real vault in place of the scripted one: passwords are hashed, policies
 * judge, challenges and proofs are what they are in a shop.
 */

#include "tests/unit/terminal_bench.h"
#include "tests/unit/terminal_rig.h"

static err real_vault(void *context, struct bytes request, struct writer *response)
{
    struct rig *rig = context;
    bench_set_now(rig->bench, rig_now_ms(rig));
    return bench_vault(rig->bench, request, response);
}

static err real_panel(struct rig *rig)
{
    uint8_t key[65], block[80];
    struct writer answer = writer_over(block, sizeof block);
    bench_page_key(rig->bench, key);
    TRY(terminal_on_panel(rig->terminal, BYTES_OF(key), &answer));
    bench_page_opened(rig->bench, writer_view(&answer));
    return OK;
}

static err real_touch(struct rig *rig, const struct writer *sealed)
{
    bool reopen;
    TRY(terminal_on_entry(rig->terminal, 0, writer_view(sealed), &reopen));
    assert_false(reopen);
    return OK;
}

/* The secret, by keypad or keyboard as the vault wants it, without the ok. */
static inline err real_type(struct rig *rig, const char *secret)
{
    const struct screen_entry *entry = &terminal_screen(rig->terminal)->entry;
    uint8_t block[1024];
    assert_true(entry->purpose != 0 && entry->layout_len > 0);
    bench_layout(rig->bench, bytes_of(entry->layout, entry->layout_len));
    if (entry->text) {
        struct writer w = writer_over(block, sizeof block);
        bench_text(rig->bench, secret, &w);
        return real_touch(rig, &w);
    }
    for (; *secret != '\0'; secret++) {
        struct writer w = writer_over(block, sizeof block);
        bench_digit(rig->bench, *secret, &w);
        TRY(real_touch(rig, &w));
    }
    return OK;
}

static err real_enter(struct rig *rig, const char *secret)
{
    uint8_t block[128];
    struct writer w = writer_over(block, sizeof block);
    TRY(real_type(rig, secret));
    bench_byte(rig->bench, 'O', &w);
    return real_touch(rig, &w);
}

/* A device of `model` fresh from the factory, at its log-in screen. */
static inline struct rig *rig_real(const char *model)
{
    struct rig *rig = rig_new();
    rig->bench = bench_new(model, RIG_START_MS);
    rig->vault_port = real_vault;
    rig->panel = real_panel;
    rig->enter = real_enter;
    rig->with_manage = rig->manage_reachable = true;
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 100));
    GOOD(rig_manage_answer(rig, "ok", ""));
    AT(rig, "login.operator");
    return rig;
}

static inline void rig_real_free(struct rig *rig)
{
    struct bench *bench = rig->bench;
    rig_free(rig);
    bench_free(bench);
}

static inline const char *real_keys_of(uint8_t operator_id)
{
    static char keys[32];
    snprintf(keys, sizeof keys, "clear digit:%d digit:%d ok", operator_id / 10, operator_id % 10);
    return keys;
}

/* New, repeat, save; then past the tip. */
static inline void real_choose(struct rig *rig, const char *password)
{
    AT(rig, "password.new");
    GOOD(rig_enter(rig, password));
    AT(rig, "password.repeat");
    GOOD(rig_enter(rig, password));
    AT(rig, "password.review");
    GOOD(rig_key(rig, "choice:save"));
}

static inline void real_past_tips(struct rig *rig)
{
    while (strcmp(rig_id(rig), "tip.show") == 0) GOOD(rig_key(rig, "ok"));
}

/* The first day of an operator: his one-time password, his own, the main screen. */
static inline void real_first_day(struct rig *rig, uint8_t operator_id, const char *password)
{
    GOOD(rig_keys(rig, real_keys_of(operator_id)));
    AT(rig, "login.password");
    GOOD(rig_enter(rig, bench_initial(rig->bench, operator_id)));
    AT(rig, "login.first");
    GOOD(rig_key(rig, "choice:continue"));
    real_choose(rig, password);
    AT(rig, "password.saved");
    GOOD(rig_key(rig, "ok"));
    real_past_tips(rig);
    AT(rig, "main.menu");
}

static inline void real_log_in(struct rig *rig, uint8_t operator_id, const char *password)
{
    GOOD(rig_keys(rig, real_keys_of(operator_id)));
    AT(rig, "login.password");
    GOOD(rig_enter(rig, password));
    real_past_tips(rig);
}

/* Cancel until the main screen is there. */
static inline void real_home(struct rig *rig)
{
    for (int i = 0; i < 10 && strcmp(rig_id(rig), "main.menu") != 0; i++)
        GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
}

static inline void real_log_out(struct rig *rig)
{
    AT(rig, "main.menu");
    GOOD(rig_keys(rig, "cancel choice:log_out"));
    AT(rig, "login.operator");
}

static inline int64_t real_count(struct rig *rig, const char *sql)
{
    int64_t count;
    GOOD(store_query_int(rig->store, sql, &count));
    return count;
}
