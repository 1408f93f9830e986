/* SPDX-License-Identifier: Apache-2.0 */
/* Field 62 of the download of parameters, at either end. */
#include "payment/download.h"

enum { NUMBER_DIGITS = 10, BYTES_DIGITS = 6 };

bool payment_download_code(const char *code)
{
    return strcmp(code, PAYMENT_CODE_PART) == 0 || strcmp(code, PAYMENT_CODE_END) == 0 ||
           strcmp(code, PAYMENT_CODE_STATUS) == 0;
}

/* Ten digits are more than read_digits() takes at a time, and more than 32 bits can be. */
static uint32_t read_number(struct reader *r)
{
    uint64_t high = read_digits(r, 4), low = read_digits(r, 6);
    uint64_t number = high * 1000000 + low;
    if (number > UINT32_MAX) {
        reader_fail(r, ERR_RANGE);
        return 0;
    }
    return (uint32_t)number;
}

void payment_download_write_ask(struct writer *w, const char *code,
                                const struct payment_download_ask *ask)
{
    ENSURE(payment_download_code(code) && ask->offset <= PAYMENT_DOCUMENT_MAX);
    write_decimal(w, ask->number, NUMBER_DIGITS);
    if (strcmp(code, PAYMENT_CODE_PART) == 0) write_decimal(w, ask->offset, BYTES_DIGITS);
    if (strcmp(code, PAYMENT_CODE_END) == 0) write_bytes(w, BYTES_OF(ask->digest));
}

err payment_download_read_ask(const char *code, struct bytes field,
                              struct payment_download_ask *out)
{
    struct payment_download_ask ask = {0};
    struct reader r = reader_over(field);
    if (!payment_download_code(code)) return ERR(UNSUPPORTED);
    ask.number = read_number(&r);
    if (strcmp(code, PAYMENT_CODE_PART) == 0) ask.offset = (uint32_t)read_digits(&r, BYTES_DIGITS);
    if (strcmp(code, PAYMENT_CODE_END) == 0) {
        struct bytes digest = read_bytes(&r, PAYMENT_DIGEST_BYTES);
        if (digest.len == PAYMENT_DIGEST_BYTES) memcpy(ask.digest, digest.at, digest.len);
    }
    TRY(reader_finish(&r));
    *out = ask;
    return OK;
}

void payment_download_write_status(struct writer *w, const struct payment_download_answer *answer)
{
    ENSURE(answer->len <= PAYMENT_DOCUMENT_MAX);
    write_be(w, answer->there ? '1' : '0', 1);
    if (!answer->there) return;
    write_decimal(w, answer->number, NUMBER_DIGITS);
    write_decimal(w, answer->len, BYTES_DIGITS);
}

void payment_download_write_flag(struct writer *w, bool there, bool last)
{
    write_be(w, !there ? '0' : last ? '3' : '2', 1);
}

err payment_download_read_answer(const char *code, struct bytes field,
                                 struct payment_download_answer *out)
{
    struct payment_download_answer answer = {.there = true};
    struct reader r = reader_over(field);
    bool status = strcmp(code, PAYMENT_CODE_STATUS) == 0;
    if (!status && strcmp(code, PAYMENT_CODE_PART) != 0) return ERR(UNSUPPORTED);
    char flag = (char)read_be(&r, 1);
    if (r.fault != ERR_OK) return (err){r.fault};
    if (flag == '0') answer.there = false;
    else if (status && flag == '1') {
        answer.number = read_number(&r);
        answer.len = (uint32_t)read_digits(&r, BYTES_DIGITS);
    } else if (!status && (flag == '2' || flag == '3')) {
        answer.last = flag == '3';
        answer.part = read_rest(&r);
        if (answer.part.len == 0) return ERR(SHORT);
    } else return ERR(FORMAT);
    TRY(reader_finish(&r));
    *out = answer;
    return OK;
}
