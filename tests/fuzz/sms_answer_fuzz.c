/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a gateway's answer: only one that names our id and an outcome in the form of
 * lib/wire/sms.h says that a message was taken or refused. The same bytes as a text to be sent: a
 * request that can be written is one that the gateway takes, once.
 */
#include "lib/wire/sms.h"
#include "simulators/sms_gateway.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ID "0f1e2d3c"

static int64_t now(void *context)
{
    (void)context;
    return 1790000000123;
}

static void check_answer(struct bytes input)
{
    static const int statuses[] = {0, 200, 302, 400, 500};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct outbound_result result;
        sms_judge(statuses[i], input, ID, &result);
        ENSURE(result.outcome >= OUTBOUND_TAKEN && result.outcome <= OUTBOUND_REFUSED);
        ENSURE(FAILED(result.reason) == (result.outcome != OUTBOUND_TAKEN));
        ENSURE(result.cost_fen >= 0 && result.cost_fen <= SMS_COST_MAX_FEN);
        if (result.outcome != OUTBOUND_TAKEN) continue;
        ENSURE(statuses[i] == 200 && memmem(input.at, input.len, ID, sizeof ID - 1) != NULL);
    }
}

static void check_text(struct bytes text)
{
    static struct mailbox mailbox;
    static struct sms_gateway gateway;
    static uint8_t body[SMS_BODY_MAX], answer_block[256];
    struct writer w = writer_over(body, sizeof body);
    const struct sms_message message = {ID, "+8613800138000", text};
    if (FAILED(sms_write(&w, &message))) return;
    gateway = (struct sms_gateway){.clock = {now, now, NULL}, .mailbox = &mailbox};
    memset(gateway.key.bearer, 'b', SMS_BEARER_LEN);
    memset(&mailbox, 0, sizeof mailbox);
    char signature[SMS_SIGNATURE_MAX + 1];
    ENSURE(!FAILED(sms_sign(&gateway.key, 1790000000, writer_view(&w), signature)));
    const struct sms_gateway_request request = {
        "Bearer bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "1790000000", signature,
        writer_view(&w)};
    for (int i = 0; i < 2; i++) {
        struct writer answered = writer_over(answer_block, sizeof answer_block);
        struct sms_gateway_answer answer;
        struct outbound_result result;
        sms_gateway_answer(&gateway, &request, &answered, &answer);
        sms_judge((int)answer.status, writer_view(&answered), ID, &result);
        ENSURE(result.outcome == OUTBOUND_TAKEN && mailbox.count == 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    check_answer(input);
    check_text(input);
    return 0;
}
