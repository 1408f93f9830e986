/* SPDX-License-Identifier: Apache-2.0 */
/* The acquirer's control commands and answers: what is taken is written as the same bytes again. */
#include "lib/wire/acquirer_work.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t block[1 << 16];

static void same(const struct writer *w, struct bytes input)
{
    ENSURE(w->fault == ERR_OK);
    ENSURE(bytes_equal(writer_view(w), input));
}

static void request(struct bytes input)
{
    struct reader r = reader_over(input);
    struct acquirer_header header;
    struct acquirer_request q;
    struct writer w = writer_over(block, sizeof block);
    if (FAILED(acquirer_read_header(&r, &header)) || FAILED(acquirer_read_request(&r, &q))) return;
    acquirer_write_request(&w, header, &q);
    same(&w, input);
}

static void answer(struct bytes input)
{
    struct acquirer_header header;
    enum acquirer_status status;
    struct acquirer_answer a;
    struct writer w = writer_over(block, sizeof block);
    if (FAILED(acquirer_read_answer(input, &header, &status, &a))) return;
    ENSURE(acquirer_status_text(status)[0] != '\0');
    acquirer_write_answer(&w, header, status, &a);
    same(&w, input);
}

/* Their writers write the header themselves, so only with its own command it is the same again. */
static void bodies(struct bytes input)
{
    struct reader r = reader_over(input), again;
    struct acquirer_header header;
    struct acquirer_difference d;
    struct acquirer_reconciled c;
    struct writer w = writer_over(block, sizeof block);
    if (FAILED(acquirer_read_header(&r, &header))) return;
    again = r;
    if (header.command == ACQUIRER_DIFFERENCE && !FAILED(acquirer_read_difference(&r, &d))) {
        acquirer_write_difference(&w, header.id, &d);
        same(&w, input);
    }
    if (header.command == ACQUIRER_RECONCILED && !FAILED(acquirer_read_reconciled(&again, &c))) {
        acquirer_write_reconciled(&w, header.id, &c);
        same(&w, input);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    if (size > ACQUIRER_FRAME_MAX) return 0;
    request(input);
    answer(input);
    bodies(input);
    return 0;
}
