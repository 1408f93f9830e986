/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a command and as what a card answers to it, parsers only (emv_kernel and emv_tap
 * have the kernels behind them): it comes to an end within a bound, what is sent meanwhile is a
 * command, what was answered is kept byte for byte, and an answer that is refused is none.
 *
 * Input: flags; a raw command behind a byte of length (none: SELECT); then answers, each behind a
 * length of two bytes.
 */
#include "lib/emv/fci.h"
#include "lib/emv/kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FLAG_T0 = 1, FLAG_EXPECTS = 2, SELECT = 0x00A40400, ANSWER_MAX = 300 };

static bool begin(struct emv_apdu *apdu, uint64_t flags, struct bytes raw)
{
    apdu->t0 = (flags & FLAG_T0) != 0;
    if (raw.len > 0) return !FAILED(emv_apdu_begin_raw(apdu, raw));
    emv_apdu_begin(apdu, SELECT, BYTES("1PAY.SYS.DDF01"), (flags & FLAG_EXPECTS) != 0);
    return true;
}

/* What stands in `apdu` is a command that a card can read, and reading it changes nothing. */
static void check_wire(const struct emv_apdu *apdu)
{
    struct emv_apdu again;
    struct bytes wire = emv_apdu_wire(apdu);
    ENSURE(!FAILED(emv_apdu_begin_raw(&again, wire)));
    ENSURE(again.expects == apdu->expects && bytes_equal(emv_apdu_wire(&again), wire));
}

static void check_inside(struct bytes part, struct bytes whole)
{
    ENSURE(part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len));
}

/* What the kernels make of an answer before anything is computed with it: FCI, options, record. */
static void check_meaning(struct bytes answer)
{
    static struct emv_data store;
    static struct emv_static statics;
    static const uint8_t entry[4] = {1 << 3, 1, 4, 2};
    struct emv_fci fci = {0};
    struct bytes value;
    bool plain;
    store.count = store.used = statics.len = 0; /* not wiped: 10 kB would be most of the time */
    statics.bad = false;
    if (!FAILED(emv_fci_parse(answer, &fci))) {
        check_inside(fci.name, answer);
        check_inside(fci.proprietary, answer);
        check_inside(fci.discretionary, fci.proprietary);
        ENSURE(fci.name.len > 0 && fci.directory <= 10 && fci.priority <= 15);
        (void)FAILED(kernel_keep_fci(&store, &fci));
    }
    if (kernel_template(answer, &plain, &value)) {
        check_inside(value, answer);
        if (!plain) (void)kernel_keep_objects(&store, 0, value);
        (void)kernel_locator_good(value);
    }
    (void)kernel_keep_record(&store, store.count, &statics, entry, 1, answer);
    ENSURE(store.count <= EMV_DATA_OBJECTS && store.used <= EMV_DATA_BYTES);
    ENSURE(statics.len <= EMV_STATIC_MAX);
}

/* The end of a command: the status is one that the card said, the data ends with its last answer.
 */
static void check_done(const struct emv_apdu *apdu, struct bytes last)
{
    struct bytes kept = emv_apdu_data(apdu);
    uint16_t said = (uint16_t)(last.at[last.len - 2] << 8 | last.at[last.len - 1]);
    size_t len = last.len - 2;
    ENSURE(apdu->sw == (apdu->warning != 0 ? apdu->warning : said));
    ENSURE(kept.len <= EMV_ANSWER_MAX && kept.len >= len);
    ENSURE(len == 0 || memcmp(kept.at + kept.len - len, last.at, len) == 0);
    if (apdu->sw == EMV_SW_OK) check_meaning(kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct emv_apdu apdu;
    struct reader r = reader_over(bytes_of(data, size));
    uint64_t flags = read_be(&r, 1);
    struct bytes raw = read_prefixed(&r, 1, EMV_COMMAND_MAX);
    if (r.fault != ERR_OK || !begin(&apdu, flags, raw)) return 0;
    enum emv_apdu_state state = EMV_APDU_AGAIN;
    for (unsigned turn = 0; state == EMV_APDU_AGAIN; turn++) {
        ENSURE(turn <= EMV_FOLLOW_UPS);
        check_wire(&apdu);
        struct bytes answer = read_prefixed(&r, 2, ANSWER_MAX);
        if (r.fault != ERR_OK) break;
        state = emv_apdu_answer(&apdu, answer);
        if (state == EMV_APDU_DONE) check_done(&apdu, answer);
    }
    ENSURE(apdu.answer_len <= EMV_ANSWER_MAX && apdu.command_len <= EMV_COMMAND_MAX);
    return 0;
}
