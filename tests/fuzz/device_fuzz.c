/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a message of the device channel, at either end: refused by name, or read; what was
 * read is written again and read back as the same message.
 */
#include "lib/wire/device_protocol.h"

enum { ROOM = 4 * DEVICE_FRAME_MAX };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_question(struct bytes input)
{
    static uint8_t block[ROOM];
    CLEANUP(json_free) struct json_document document = {0}, again = {0};
    struct device_message m = {0}, back = {0};
    if (device_read_ask(input, true, &document, &m) != DEVICE_UNDERSTOOD) return;
    struct writer w = writer_over(block, sizeof block);
    device_write_ask(&w, &m);
    ENSURE(device_read_ask(writer_view(&w), true, &again, &back) == DEVICE_UNDERSTOOD);
    ENSURE(memcmp(&m, &back, sizeof m) == 0);
}

static void check_heard(struct bytes input, enum device_ask asked)
{
    static uint8_t block[ROOM];
    CLEANUP(json_free) struct json_document document = {0}, again = {0};
    struct device_message m = {0}, back = {0};
    if (device_read_heard(input, asked, &document, &m) != DEVICE_UNDERSTOOD) return;
    struct writer w = writer_over(block, sizeof block);
    if (m.tell == DEVICE_NO_TELL) device_write_answer(&w, &m);
    else device_write_tell(&w, &m);
    if (w.len > DEVICE_FRAME_MAX) return; /* a policy of line feeds grows */
    ENSURE(device_read_heard(writer_view(&w), asked, &again, &back) == DEVICE_UNDERSTOOD);
    ENSURE(bytes_equal(m.policy, back.policy));
    m.policy = back.policy = (struct bytes){0};
    ENSURE(m.status == back.status && m.tell == back.tell && m.challenge_len == back.challenge_len);
    ENSURE(memcmp(m.challenge, back.challenge, sizeof m.challenge) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    if (size == 0 || size > DEVICE_FRAME_MAX) return 0;
    check_question(input);
    for (enum device_ask asked = DEVICE_NO_ASK; asked < DEVICE_ASKS; asked++)
        check_heard(input, asked);
    return 0;
}
