/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any commands to any virtual card: it answers each with a status word and nothing too long, never
 * goes back in its counter, and never has more tries than it began with. The first byte chooses the
 * card and where it is; then come commands, each behind a byte of length.
 */
#include "simulators/cards/card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TAKEN_OUT = 0xFF };

/* The cards are issued once: RSA is slow, and what they are is not what is tested. */
static const struct chip_card *issued(unsigned which)
{
    static struct crypto crypto;
    static struct random_seeded seed;
    static struct chip_card cards[64];
    static bool made;
    size_t count;
    const struct personality *is = personalities(&count);
    if (!made) {
        random_seed(&seed, 1);
        struct random random = random_from_seed(&seed);
        ENSURE(!FAILED(crypto_open(random, &crypto)) && count <= ARRAY_LEN(cards));
        for (size_t i = 0; i < count; i++)
            ENSURE(!FAILED(chip_card_make(&crypto, random, &is[i], NULL, 0, &cards[i])));
        made = true;
    }
    return &cards[which % count];
}

static void one_command(struct chip_card *card, struct bytes command)
{
    uint8_t block[CHIP_ANSWER_MAX];
    struct writer w = writer_over(block, sizeof block);
    uint16_t before = card->atc;
    chip_card_command(card, command, &w);
    ENSURE(w.fault == ERR_OK && w.len >= 2);
    ENSURE(block[w.len - 2] >= 0x61 && block[w.len - 2] <= 0x90);
    ENSURE(card->atc == before || card->atc == before + 1);
    ENSURE(card->tries <= card->is->tries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    struct chip_card card = *issued(data[0] >> 1);
    enum chip_interface interface = data[0] & 1 ? CHIP_CONTACTLESS : CHIP_CONTACT;
    chip_card_power(&card, interface, true);
    struct reader r = reader_over(bytes_of(data + 1, size - 1));
    while (r.left.len > 0) {
        size_t len = (size_t)read_be(&r, 1);
        if (len == TAKEN_OUT) {
            chip_card_power(&card, interface, false);
            chip_card_power(&card, interface, true);
            continue;
        }
        struct bytes command = read_bytes(&r, len);
        if (r.fault != ERR_OK) return 0;
        one_command(&card, command);
    }
    return 0;
}
