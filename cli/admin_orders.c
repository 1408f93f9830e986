/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin hold`, `hold-end`, `payout`, `payout-end`, `correct`: orders about money that is
 * no payment, over the control socket of the acquirer, which decides.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/admin.h"
#include "cli/admin_text.h"
#include "cli/host_keys.h"
#include "journal/order.h"
#include "ledger/figures.h"
#include "ledger/workday.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/wire/acquirer_protocol.h"
#include "lib/wire/rpc.h"
#include "registry/agreement.h"

enum { WAIT_MS = 10000, DAY_MS = 86400000 };

/* What every one of these commands has. */
struct asking {
    const char *control, *actor;
    struct rpc rpc;
    uint32_t id;
    uint8_t block[ACQUIRER_FRAME_MAX];
};

#define CONTROL_OPTIONS(asking)                                                        \
    {"control", "SOCKET", "the acquirer's control socket", .text = &(asking).control,  \
     .required = true},                                                                \
    {                                                                                  \
        "actor", "NAME", "who orders it: it stands in the order and in the audit log", \
            .text = &(asking).actor, .required = true                                  \
    }

/* One command and its answer, in a sentence on standard output or as the fault. */
static err ask(struct asking *asking, uint8_t command, struct acquirer_request *request,
               enum acquirer_status *ret_status, struct acquirer_answer *ret_answer,
               struct process_fault *fault)
{
    uint8_t frame[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(frame, sizeof frame);
    struct acquirer_header header = {command, ++asking->id}, back;
    struct bytes answer;
    request->actor = bytes_text(asking->actor);
    acquirer_write_request(&w, header, request);
    err done = w.fault == ERR_OK ? OK : ERR(LENGTH);
    if (!FAILED(done) && asking->id == 1)
        done = rpc_connect(&asking->rpc, asking->control, WAIT_MS, ACQUIRER_FRAME_MAX);
    if (!FAILED(done))
        done =
            rpc_call(&asking->rpc, writer_view(&w), asking->block, sizeof asking->block, &answer);
    if (!FAILED(done)) done = acquirer_read_answer(answer, &back, ret_status, ret_answer);
    if (!FAILED(done) && back.id != header.id) done = ERR(FORMAT);
    if (FAILED(done))
        snprintf(
            fault->text, sizeof fault->text,
            "the acquirer at %.100s: %s; when an answer was lost, look at tongbao admin holds or payouts "
            "before asking again",
            asking->control, err_text(done));
    return done;
}

static void refusal(char *to, size_t size, enum acquirer_status status,
                    const struct acquirer_answer *answer)
{
    snprintf(to, size, "%s%s%.*s", acquirer_status_text(status), answer->detail.len > 0 ? ": " : "",
             (int)answer->detail.len, (const char *)answer->detail.at);
}

/* One command for one order: says its number, or why there is none. */
static int order(const struct admin_command *command, struct asking *asking, uint8_t code,
                 struct acquirer_request *request)
{
    struct process_fault fault = {""};
    enum acquirer_status status = ACQUIRER_OK;
    struct acquirer_answer answer = {.number = 0};
    err done = ask(asking, code, request, &status, &answer, &fault);
    if (!FAILED(done) && status != ACQUIRER_OK) {
        refusal(fault.text, sizeof fault.text, status, &answer);
        done = ERR(DENIED);
    }
    rpc_close(&asking->rpc);
    if (FAILED(done)) return admin_failed(command, done, &fault);
    printf("order %lld: %s\n", (long long)answer.number, admin_amount(answer.amount_minor).text);
    return 0;
}

static err amount_of(const char *text, int64_t *ret_minor)
{
    err done = money_parse(bytes_text(text), ret_minor);
    if (FAILED(done)) fprintf(stderr, "--amount %.40s: not an amount, such as 128.50\n", text);
    return done;
}

/* ---- holds ---- */

int admin_hold(const struct admin_command *command, int argc, char **argv)
{
    struct asking asking = {.rpc = {.fd = -1}};
    const char *mid = NULL, *amount = NULL, *reason = NULL, *evidence = NULL, *appeal = NULL;
    int64_t days = 7;
    const struct process_option options[] = {
        CONTROL_OPTIONS(asking),
        {"mid", "MID", "the merchant", .text = &mid, .required = true},
        {"amount", "AMOUNT", "how much, as 128.50", .text = &amount, .required = true},
        {"reason", "CODE", "risk, dispute, documents, account, device, difference or court",
         .text = &reason, .required = true},
        {"evidence", "TEXT", "what would settle it", .text = &evidence, .required = true},
        {"appeal", "TEXT", "how the merchant objects", .text = &appeal, .required = true},
        {"days", "N", "until it goes back by itself; 7 unless said", .number = &days, .min = 1,
         .max = 365},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    const struct clock clock = clock_system();
    struct acquirer_request request = {.mid = bytes_text(mid),
                                       .reason = bytes_text(reason),
                                       .evidence = bytes_text(evidence),
                                       .appeal = bytes_text(appeal),
                                       .deadline_ms = clock_now_ms(&clock) + days * DAY_MS};
    if (FAILED(amount_of(amount, &request.amount_minor))) return PROCESS_EXIT_USAGE;
    return order(command, &asking, ACQUIRER_HOLD, &request);
}

int admin_hold_end(const struct admin_command *command, int argc, char **argv)
{
    struct asking asking = {.rpc = {.fd = -1}};
    const char *reason = NULL;
    bool take = false;
    struct acquirer_request request = {.day = 0};
    const struct process_option options[] = {
        CONTROL_OPTIONS(asking),
        {"order", "N", "number of the hold", .number = &request.original, .min = 1,
         .max = INT64_MAX, .required = true},
        {"reason", "TEXT", "why", .text = &reason, .required = true},
        {"take", NULL, "it is taken from the merchant; otherwise it is his again", .flag = &take},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    request.reason = bytes_text(reason);
    return order(command, &asking, take ? ACQUIRER_CONVERT : ACQUIRER_RELEASE, &request);
}

int admin_correct(const struct admin_command *command, int argc, char **argv)
{
    struct asking asking = {.rpc = {.fd = -1}};
    const char *mid = NULL, *amount = NULL, *reason = NULL, *reference = "";
    bool debit = false;
    const struct process_option options[] = {
        CONTROL_OPTIONS(asking),
        {"mid", "MID", "the merchant", .text = &mid, .required = true},
        {"amount", "AMOUNT", "how much, as 128.50", .text = &amount, .required = true},
        {"reason", "TEXT", "why", .text = &reason, .required = true},
        {"reference", "TEXT", "of the payment or fee it is about", .text = &reference},
        {"debit", NULL, "against the merchant; otherwise in his favour", .flag = &debit},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct acquirer_request request = {
        .mid = bytes_text(mid), .reason = bytes_text(reason), .reference = bytes_text(reference)};
    if (FAILED(amount_of(amount, &request.amount_minor))) return PROCESS_EXIT_USAGE;
    return order(command, &asking, debit ? ACQUIRER_DEBIT : ACQUIRER_CREDIT, &request);
}

/* ---- payouts ---- */

struct run {
    struct asking *asking;
    struct acquirer_request request;
    struct process_fault *fault;
    size_t paid, due, refused;
    int64_t paid_minor;
};

/* One merchant: a line, whatever the acquirer says. */
static err pay(void *context, const char *mid)
{
    struct run *run = context;
    enum acquirer_status status = ACQUIRER_OK;
    struct acquirer_answer answer = {.number = 0};
    char why[ACQUIRER_DETAIL_MAX + 80];
    run->request.mid = bytes_text(mid);
    TRY(ask(run->asking, ACQUIRER_PAYOUT, &run->request, &status, &answer, run->fault));
    bool paid = status == ACQUIRER_OK || status == ACQUIRER_PAID;
    if (paid) {
        run->paid++;
        run->paid_minor += answer.amount_minor;
        printf("%s  order %lld  %14s  fee %s%s\n", mid, (long long)answer.number,
               admin_amount(answer.amount_minor).text, admin_amount(answer.fee_minor).text,
               status == ACQUIRER_PAID ? "  (was paid before)" : "");
        return OK;
    }
    refusal(why, sizeof why, status, &answer);
    printf("%s  %s\n", mid, why);
    if (status != ACQUIRER_NOTHING && status != ACQUIRER_LATER) run->refused++;
    return OK;
}

static err pay_all(const char *state, struct run *run)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    CLEANUP(store_close_at) struct store *ledger = NULL;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    err done = file_path(state, "ledger.db", path, sizeof path);
    if (!FAILED(done)) done = store_open(path, &options, &why, &ledger);
    if (FAILED(done)) snprintf(run->fault->text, sizeof run->fault->text, "%.250s", why.text);
    TRY(done);
    return ledger_merchants(ledger, CURRENCY_CNY, pay, run);
}

int admin_payout(const struct admin_command *command, int argc, char **argv)
{
    struct asking asking = {.rpc = {.fd = -1}};
    const char *state = NULL, *mid = NULL, *date = NULL;
    bool same_day = false;
    const struct process_option options[] = {
        CONTROL_OPTIONS(asking),
        {"state", "DIR", "the acquirer's state directory: pays everybody", .text = &state},
        {"mid", "MID", "pays only this merchant", .text = &mid},
        {"day", "DATE", "up to which business day; the last one that is over unless said",
         .text = &date},
        {"same-day", NULL, "what is there now, for a fee (D+0); otherwise T+1", .flag = &same_day},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    struct run run = {.asking = &asking, .fault = &fault};
    const struct clock clock = clock_system();
    run.request.day = workday_of(clock_now_ms(&clock)) - (same_day ? 0 : 1);
    run.request.way = same_day ? ORDER_SAME_DAY : ORDER_NEXT_DAY;
    if ((state == NULL) == (mid == NULL)) {
        fprintf(stderr, "tongbao admin payout: say --state or --mid\n");
        return PROCESS_EXIT_USAGE;
    }
    if (date != NULL && FAILED(workday_parse(bytes_text(date), &run.request.day))) {
        fprintf(stderr, "--day %.40s: not a date, such as 2026-03-09\n", date);
        return PROCESS_EXIT_USAGE;
    }
    admin_warn_calendar();
    err done = mid != NULL ? pay(&run, mid) : pay_all(state, &run);
    rpc_close(&asking.rpc);
    if (FAILED(done)) return admin_failed(command, done, &fault);
    printf("%zu paid, %s in all; %zu could not be\n", run.paid, admin_amount(run.paid_minor).text,
           run.refused);
    return run.refused == 0 ? 0 : PROCESS_EXIT_FAILED;
}

int admin_payout_end(const struct admin_command *command, int argc, char **argv)
{
    struct asking asking = {.rpc = {.fd = -1}};
    const char *reference = "", *returned = "";
    struct acquirer_request request = {.day = 0};
    const struct process_option options[] = {
        CONTROL_OPTIONS(asking),
        {"order", "N", "number of the payout", .number = &request.original, .min = 1,
         .max = INT64_MAX, .required = true},
        {"reference", "TEXT", "the bank has paid it: its reference", .text = &reference},
        {"returned", "TEXT", "the bank has sent it back: why", .text = &returned},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    if ((reference[0] == '\0') == (returned[0] == '\0')) {
        fprintf(stderr, "tongbao admin payout-end: say --reference or --returned\n");
        return PROCESS_EXIT_USAGE;
    }
    request.reference = bytes_text(reference);
    request.reason = bytes_text(returned);
    return order(command, &asking,
                 returned[0] != '\0' ? ACQUIRER_PAYOUT_RETURN : ACQUIRER_PAYOUT_CONFIRM, &request);
}
