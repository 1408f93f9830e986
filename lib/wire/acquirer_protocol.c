/* SPDX-License-Identifier: Apache-2.0 */
/* The acquirer's commands as bytes: one body for all of them, members in the order of the struct.
 */
#include "lib/wire/acquirer_protocol.h"

static void put_header(struct writer *w, struct acquirer_header header)
{
    write_be(w, ACQUIRER_PROTOCOL_VERSION, 1);
    write_be(w, header.command, 1);
    write_be(w, header.id, 4);
}

err acquirer_read_header(struct reader *r, struct acquirer_header *out)
{
    uint64_t version = read_be(r, 1);
    struct acquirer_header header = {.command = (uint8_t)read_be(r, 1)};
    header.id = (uint32_t)read_be(r, 4);
    if (r->fault != ERR_OK) return (err){r->fault};
    if (version != ACQUIRER_PROTOCOL_VERSION) return ERR(UNSUPPORTED);
    *out = header;
    return OK;
}

/* clang-format off */
#define REQUEST_STRINGS(X) X(actor) X(mid) X(reason) X(evidence) X(appeal) X(reference)
#define REQUEST_NUMBERS(X) X(amount_minor, 8) X(original, 8) X(deadline_ms, 8) X(day, 4) \
                           X(currency, 2) X(way, 1)
/* clang-format on */

void acquirer_write_request(struct writer *w, struct acquirer_header header,
                            const struct acquirer_request *request)
{
    ENSURE(request->amount_minor >= 0 && request->original >= 0 && request->deadline_ms >= 0 &&
           request->day >= 0);
    put_header(w, header);
#define PUT_STRING(member)        write_prefixed(w, 2, request->member);
#define PUT_NUMBER(member, width) write_be(w, (uint64_t)request->member, width);
    REQUEST_STRINGS(PUT_STRING)
    REQUEST_NUMBERS(PUT_NUMBER)
}

err acquirer_read_request(struct reader *r, struct acquirer_request *out)
{
    struct acquirer_request request = {.day = 0};
    bool exact = true;
#define GET_STRING(member) request.member = read_prefixed(r, 2, ACQUIRER_FRAME_MAX);
#define GET_NUMBER(member, width)                                                   \
    {                                                                               \
        uint64_t number = read_be(r, width);                                        \
        request.member = (__typeof__(request.member))number;                        \
        exact = exact && request.member >= 0 && (uint64_t)request.member == number; \
    }
    REQUEST_STRINGS(GET_STRING)
    REQUEST_NUMBERS(GET_NUMBER)
    TRY(reader_finish(r));
    if (!exact) return ERR(RANGE);
    *out = request;
    return OK;
}

void acquirer_write_answer(struct writer *w, struct acquirer_header header,
                           enum acquirer_status status, const struct acquirer_answer *answer)
{
    ENSURE(answer->number >= 0 && answer->amount_minor >= 0 && answer->fee_minor >= 0);
    put_header(w, header);
    write_be(w, (uint64_t)status, 1);
    write_be(w, (uint64_t)answer->number, 8);
    write_be(w, (uint64_t)answer->amount_minor, 8);
    write_be(w, (uint64_t)answer->fee_minor, 8);
    write_prefixed(w, 2, answer->detail);
}

err acquirer_read_answer(struct bytes frame, struct acquirer_header *out,
                         enum acquirer_status *ret_status, struct acquirer_answer *ret_answer)
{
    struct reader r = reader_over(frame);
    struct acquirer_header header;
    struct acquirer_answer answer = {.number = 0};
    TRY(acquirer_read_header(&r, &header));
    uint64_t status = read_be(&r, 1);
    answer.number = (int64_t)read_be(&r, 8);
    answer.amount_minor = (int64_t)read_be(&r, 8);
    answer.fee_minor = (int64_t)read_be(&r, 8);
    answer.detail = read_prefixed(&r, 2, ACQUIRER_DETAIL_MAX);
    TRY(reader_finish(&r));
    if (status >= ACQUIRER_STATUSES || answer.number < 0 || answer.amount_minor < 0 ||
        answer.fee_minor < 0)
        return ERR(RANGE);
    *out = header;
    *ret_status = (enum acquirer_status)status;
    *ret_answer = answer;
    return OK;
}

const char *acquirer_status_text(enum acquirer_status status)
{
    static const char *const text[ACQUIRER_STATUSES] = {
        [ACQUIRER_OK] = "done",
        [ACQUIRER_BAD_REQUEST] = "this acquirer does not know the command",
        [ACQUIRER_INCOMPLETE] = "something is missing or has not its form",
        [ACQUIRER_UNKNOWN] = "there is no such merchant, hold or payout",
        [ACQUIRER_OVER] = "it has its end already",
        [ACQUIRER_BEHIND] = "the ledger is being folded; ask again in a moment",
        [ACQUIRER_NOT_DUE] = "it is not due yet",
        [ACQUIRER_NO_CALENDAR] = "the working days of that year are not known",
        [ACQUIRER_NO_ACCOUNT] = "the merchant has no account to pay to",
        [ACQUIRER_COOLING] = "the payout account was changed a short time ago",
        [ACQUIRER_NOTHING] = "nothing is due, or less than the least that is paid",
        [ACQUIRER_PAID] = "this day is paid",
        [ACQUIRER_LATER] = "a later day is paid, and this one with it",
        [ACQUIRER_INACTIVE] = "the merchant is suspended or closed",
        [ACQUIRER_UNREADABLE] = "a store cannot be read; ask again in a moment",
        [ACQUIRER_RECONCILED_BEFORE] = "this day of this network is reconciled",
        [ACQUIRER_NOT_RECONCILED] = "this day of this network is not reconciled yet",
        [ACQUIRER_DISPUTED] =
            "a dispute that goes on decides about this hold (争议未结，不能单独处理)",
        [ACQUIRER_NO_SAME_DAY] =
            "the merchant's agreement has no payout on the same day (商户协议未约定当日到账)",
    };
    ENSURE(status < ACQUIRER_STATUSES);
    return text[status] != NULL ? text[status] : "a status of a newer acquirer";
}
