/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the answer of who checks identities, unsigned, and signed as a provider gone mad
 * would: only one that names our id and a result is an answer. The same bytes as a request: the
 * simulator looks nobody up of whom lib/wire would not have asked.
 */
#include "simulators/identity_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ID "17-2-1"

enum { NOW_S = 1790000000 };

static int64_t now(void *context)
{
    (void)context;
    return (int64_t)NOW_S * 1000;
}

static void check_answer(const struct sms_key *key, struct bytes input)
{
    static const int statuses[] = {0, 200, 302, 409, 500};
    char signature[SMS_SIGNATURE_MAX + 1];
    if (FAILED(sms_sign(key, NOW_S, input, signature))) return;
    for (size_t i = 0; i < 2 * ARRAY_LEN(statuses); i++) {
        const int status = statuses[i / 2];
        const struct identity_answer answer = {status, "1790000000", i % 2 == 0 ? "v1," : signature,
                                               input};
        enum identity_result result = IDENTITY_RESULTS;
        err read = identity_check_read(key, NOW_S, &answer, ID, &result);
        ENSURE(FAILED(read) == (result == IDENTITY_RESULTS));
        if (FAILED(read)) continue;
        ENSURE(status == 200 && i % 2 == 1 && input.len <= IDENTITY_CHECK_ANSWER_MAX);
        ENSURE(memmem(input.at, input.len, "id", 2) != NULL || input.len > sizeof ID);
    }
}

static void check_request(struct identity_provider *provider, struct bytes input)
{
    uint8_t block[IDENTITY_CHECK_ANSWER_MAX];
    char signature[SMS_SIGNATURE_MAX + 1];
    if (FAILED(sms_sign(&provider->key, NOW_S, input, signature))) return;
    const struct identity_request request = {"Bearer bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
                                             "1790000000", signature, input};
    for (unsigned i = 0; i < 2; i++) {
        struct writer w = writer_over(block, sizeof block);
        struct identity_reply reply;
        identity_provider_answer(provider, &request, &w, &reply);
        ENSURE(reply.status == 200 || (reply.status == 400 && w.len == 0));
        ENSURE(w.fault == ERR_OK && provider->count == (reply.status == 200));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct identity_provider provider;
    provider = (struct identity_provider){.clock = {now, now, NULL}};
    memset(provider.key.bearer, 'b', SMS_BEARER_LEN);
    check_answer(&provider.key, bytes_of(data, size));
    check_request(&provider, bytes_of(data, size));
    return 0;
}
