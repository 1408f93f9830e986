/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before a vault touches a key it asks its parts for known answers, and its source of randomness
 * whether it is alive (DV-08). A part that answers wrongly stops the start, and is named.
 */
#include <stdio.h>

#include "lib/crypto/self_test.h"
#include "vault/state.h"

enum {
    HEALTH_BYTES = 512,
    HEALTH_ONES_MIN = 1800, /* of 4096 bits: eight standard deviations (32) from the middle */
    HEALTH_ONES_MAX = 4096 - HEALTH_ONES_MIN,
};

#define SELF_CHECK_US (INT64_C(86400) * 1000000)

static err failed(struct vault_fault *fault, const char *what)
{
    if (fault != NULL)
        snprintf(
            fault->text, sizeof fault->text,
            "self-test: %s does not give the known answer; the installation is damaged, install "
            "it anew",
            what);
    return ERR(CRYPTO);
}

/* Crude on purpose: it finds a source that is stuck, short or missing, not one that is clever. */
static bool random_is_alive(const struct random *random)
{
    uint8_t drawn[HEALTH_BYTES];
    random_fill(random, drawn, sizeof drawn);
    unsigned ones = 0;
    for (size_t i = 0; i < sizeof drawn; i++) ones += (unsigned)__builtin_popcount(drawn[i]);
    if (ones < HEALTH_ONES_MIN || ones > HEALTH_ONES_MAX) return false;
    /* Sixteen bytes drawn twice are a source that repeats itself. */
    for (size_t i = 16; i < sizeof drawn; i += 16)
        if (memcmp(drawn + i, drawn + i - 16, 16) == 0) return false;
    return true;
}

/* A hash that costs a moment; nothing of it is secret. */
static bool hash_answers(const struct self_test_hook *hook)
{
    uint8_t right = !FAILED(password_self_test());
    if (hook != NULL) hook->alter(hook->context, "Argon2id", &right);
    return right == 1;
}

err vault_self_test(struct vault *v, struct vault_fault *fault)
{
    v->self_check.next_us = clock_monotonic_us(&v->config.clock) + SELF_CHECK_US;
    /* First of all: random_below() would wait for ever for a source that is stuck. */
    if (!random_is_alive(&v->config.random)) return failed(fault, "the source of randomness");
    const char *cipher = "cipher";
    if (FAILED(crypto_self_test_hooked(&v->crypto, v->config.self_test, &cipher)))
        return failed(fault, cipher);
    if (!hash_answers(v->config.self_test)) return failed(fault, "Argon2id");
    return OK;
}

/* Nobody types, no card is waited for or being read. */
static bool is_idle(const struct vault *v)
{
    return v->entering.purpose == 0 && !v->card_armed && !vault_has_card(v) && !vault_chip_found(v);
}

err vault_self_check(struct vault *v)
{
    struct vault_fault fault = {{0}};
    int64_t now_us = clock_monotonic_us(&v->config.clock);
    if (v->self_check.failed || now_us < v->self_check.next_us || !is_idle(v)) return OK;
    err tested = vault_self_test(v, &fault);
    if (v->config.log != NULL)
        log_event(v->config.log, FAILED(tested) ? LOG_ERROR : LOG_INFO, "self_test",
                  LOG_TEXT("result", FAILED(tested) ? fault.text : "passed"));
    if (!FAILED(tested)) return OK;
    v->self_check.failed = true;
    vault_forget_session(v);
    return vault_audit_note(v, NULL, "self_test_failed", v->device.tid, "");
}
