/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin disputes`: opened by hand or from a network's file, evidence, answer, outcome; and
 * who bears what an issuer refuses. The acquirer decides and writes; evidence is kept as a file
 * under its digest (S108).
 */
#include "cli/admin_disputes.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/control_client.h"
#include "journal/dispute.h"
#include "lib/base/file.h"
#include "lib/crypto/crypto.h"
#include "payment/case_file.h"

enum { EVIDENCE_MAX = 8 << 20, CASES_MAX = 4096, CASE_FILE_MAX = CASES_MAX * 128 };

/* ---- one command ---- */

static err ask(const struct dispute_settings *s, enum acquirer_command command,
               struct acquirer_request *request, struct process_fault *fault)
{
    struct control_client client;
    struct acquirer_answer answer = {.number = 0};
    request->actor = bytes_text(s->actor);
    TRY(control_client_open(&client, s->control, fault));
    err done = control_client_ask(&client, command, request, &answer, fault);
    if (!FAILED(done) && command == ACQUIRER_DISPUTE_OPEN)
        printf("dispute %lld\n", (long long)answer.number);
    else if (!FAILED(done) && answer.amount_minor > 0 && command == ACQUIRER_DISPUTE_DECIDE)
        printf("done, by money order %lld\n", (long long)answer.number);
    else if (!FAILED(done)) printf("done\n");
    control_client_close(&client);
    return done;
}

static struct bytes word(const char *text)
{
    return text == NULL ? (struct bytes){0} : bytes_text(text);
}

static err refuse(struct process_fault *fault, const char *why)
{
    snprintf(fault->text, sizeof fault->text, "%s", why);
    return ERR(CONFIG);
}

static err open_one(const struct dispute_settings *s, struct process_fault *fault)
{
    struct acquirer_request r = {
        .reference = word(s->rrn), .evidence = word(s->network_case), .reason = word(s->reason)};
    bool chargeback = s->kind != NULL && strcmp(s->kind, "chargeback") == 0;
    if (!chargeback && (s->kind == NULL || strcmp(s->kind, "retrieval") != 0))
        return refuse(fault, "--kind: retrieval or chargeback");
    r.way = chargeback ? DISPUTE_CHARGEBACK : DISPUTE_RETRIEVAL;
    if (s->amount != NULL && FAILED(money_parse(bytes_text(s->amount), &r.amount_minor)))
        return refuse(fault, "--amount: yuan, such as 12.50");
    if (s->deadline != NULL && FAILED(clearing_day_parse(bytes_text(s->deadline), &r.day)))
        return refuse(fault, "--deadline: a day such as 2026-03-16");
    return ask(s, ACQUIRER_DISPUTE_OPEN, &r, fault);
}

/* ---- a network's file ---- */

/* Cases that are here already were sent again: they are passed over. */
static err open_rows(const struct dispute_settings *s, const struct case_row *rows, size_t count,
                     struct process_fault *fault)
{
    struct control_client client;
    size_t opened = 0, refused = 0;
    err done = OK;
    TRY(control_client_open(&client, s->control, fault));
    for (size_t i = 0; i < count && !FAILED(done); i++) {
        uint8_t block[ACQUIRER_FRAME_MAX];
        struct writer w = writer_over(block, sizeof block);
        enum acquirer_status status = ACQUIRER_OK;
        const struct acquirer_request r = {.actor = bytes_text(s->actor),
                                           .reference = bytes_text(rows[i].rrn),
                                           .evidence = bytes_text(rows[i].network_case),
                                           .reason = bytes_text(rows[i].reason),
                                           .amount_minor = rows[i].amount_minor,
                                           .day = rows[i].deadline,
                                           .way = rows[i].chargeback ? DISPUTE_CHARGEBACK
                                                                     : DISPUTE_RETRIEVAL};
        acquirer_write_request(&w, (struct acquirer_header){ACQUIRER_DISPUTE_OPEN, client.id}, &r);
        done = control_client_call(&client, &w, &status, NULL, fault);
        if (!FAILED(done)) opened++;
        if (done.code != ERR_DENIED) continue;
        if (status != ACQUIRER_OVER) {
            printf("%s: %s\n", rows[i].network_case, fault->text);
            refused++;
        }
        done = OK;
    }
    control_client_close(&client);
    TRY(done);
    fault->text[0] = '\0';
    printf("%zu cases: %zu opened, %zu were here, %zu refused\n", count, opened,
           count - opened - refused, refused);
    return refused == 0 ? OK : refuse(fault, "some cases are refused: see above");
}

static err import(const struct dispute_settings *s, struct process_fault *fault)
{
    static uint8_t text[CASE_FILE_MAX];
    static struct case_row rows[CASES_MAX];
    struct clearing_fault at = {0};
    enum payment_route network = PAYMENT_ROUTE_NONE;
    size_t len = 0, count = 0;
    for (enum payment_route r = PAYMENT_ROUTE_CARD_NETWORK; r < PAYMENT_ROUTES; r++)
        if (strcmp(s->network, clearing_network_name(r)) == 0) network = r;
    if (network == PAYMENT_ROUTE_NONE) return refuse(fault, "--network: card_network or wallet");
    err done = file_read(s->file, FILE_PUBLIC, text, sizeof text, &len);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text, "%.200s: %s", s->file, err_text(done));
        return done;
    }
    done =
        case_file_parse(bytes_of(text, len), network, crypto_sha256, rows, CASES_MAX, &count, &at);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text,
                 "%.120s, line %u: %s; nothing of it was taken, ask for it again", s->file, at.line,
                 at.why);
        return done;
    }
    return open_rows(s, rows, count, fault);
}

/* ---- evidence ---- */

/* The file's name without its directory. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Kept under its digest, so that the same file is there once and an altered one is another. */
static err keep(const struct dispute_settings *s, char hex[static DISPUTE_DIGEST + 1],
                struct process_fault *fault)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    char path[FILE_PATH_MAX];
    size_t len = 0;
    uint8_t *block = malloc(EVIDENCE_MAX);
    if (block == NULL) return ERR(NO_MEMORY);
    err done = file_read(s->file, FILE_PUBLIC, block, EVIDENCE_MAX, &len);
    if (FAILED(done))
        snprintf(fault->text, sizeof fault->text, "%.200s: %s; a file has at most 8 MB", s->file,
                 err_text(done));
    crypto_sha256(bytes_of(block, len), digest);
    struct writer w = writer_over(hex, DISPUTE_DIGEST);
    write_hex(&w, BYTES_OF(digest));
    hex[DISPUTE_DIGEST] = '\0';
    if (!FAILED(done)) done = file_path(s->evidence, hex, path, sizeof path);
    if (!FAILED(done)) done = file_write(path, FILE_PRIVATE, bytes_of(block, len));
    if (FAILED(done) && fault->text[0] == '\0')
        snprintf(fault->text, sizeof fault->text, "%.200s: %s", s->evidence, err_text(done));
    free(block);
    return done;
}

static err add_evidence(const struct dispute_settings *s, struct process_fault *fault)
{
    char hex[DISPUTE_DIGEST + 1];
    TRY(keep(s, hex, fault));
    struct acquirer_request r = {.original = s->number,
                                 .reason = bytes_text(name_of(s->file)),
                                 .reference = bytes_text(hex)};
    return ask(s, ACQUIRER_DISPUTE_EVIDENCE, &r, fault);
}

/* ---- answer and outcome ---- */

static err answer(const struct dispute_settings *s, struct process_fault *fault)
{
    struct acquirer_request r = {.original = s->number, .reason = word(s->text)};
    return ask(s, ACQUIRER_DISPUTE_ANSWER, &r, fault);
}

static err decide(const struct dispute_settings *s, struct process_fault *fault)
{
    struct acquirer_request r = {.original = s->number, .reason = word(s->text)};
    for (enum dispute_action a = DISPUTE_WON; a <= DISPUTE_ACCEPTED; a++)
        if (strcmp(s->outcome, dispute_action_name(a)) == 0) r.way = (uint8_t)a;
    if (r.way == 0) return refuse(fault, "--outcome: won, lost or accepted");
    return ask(s, ACQUIRER_DISPUTE_DECIDE, &r, fault);
}

static err bear(const struct dispute_settings *s, struct process_fault *fault)
{
    struct acquirer_request r = {.reference = word(s->rrn), .reason = word(s->text)};
    if (strcmp(s->outcome, "ours") == 0) r.way = 1;
    else if (strcmp(s->outcome, "merchant") == 0) r.way = 2;
    else return refuse(fault, "--outcome: ours or merchant");
    return ask(s, ACQUIRER_DISPUTED_DECIDE, &r, fault);
}

/* ---- which ---- */

enum need {
    NUMBER = 1,
    STATE = 2,
    CONTROL = 4, /* and an actor */
    TEXT = 8,
    FILE_NAME = 16,
    EVIDENCE = 32,
    OUTCOME = 64,
    RRN = 128,
    CASE = 256, /* and a reason */
};

static const struct action {
    const char *name, *usage;
    err (*run)(const struct dispute_settings *s, struct process_fault *fault);
    unsigned needs;
} actions[] = {
    {"list", "--state DIR [--all]", disputes_list, STATE},
    {"show", "N --state DIR", disputes_show, NUMBER | STATE},
    {"open",
     "--rrn RRN --case CASE --kind retrieval|chargeback --reason CODE [--amount YUAN]\n"
     "          [--deadline DAY]",
     open_one, CONTROL | RRN | CASE},
    {"import", "--file FILE [--network NETWORK]", import, CONTROL | FILE_NAME},
    {"evidence", "N --file FILE --evidence DIR", add_evidence,
     NUMBER | CONTROL | FILE_NAME | EVIDENCE},
    {"answer", "N --text TEXT", answer, NUMBER | CONTROL | TEXT},
    {"decide", "N --outcome won|lost|accepted --text TEXT", decide,
     NUMBER | CONTROL | OUTCOME | TEXT},
    {"refused", "--state DIR [--all]", disputes_refused, STATE},
    {"bear", "--rrn RRN --outcome ours|merchant --text TEXT", bear, CONTROL | RRN | OUTCOME | TEXT},
};

static int usage(const struct admin_command *command, FILE *to)
{
    fprintf(to, "usage:\n");
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        fprintf(to, "  tongbao admin %s %s %s%s\n", command->name, actions[i].name,
                actions[i].usage,
                (actions[i].needs & CONTROL) != 0 ? " --control SOCKET --actor NAME" : "");
    fprintf(to, "Reasons:\n");
    size_t count = 0;
    const struct dispute_reason *reasons = dispute_reasons(&count);
    for (size_t i = 0; i < count; i++) fprintf(to, "  %-18s %s\n", reasons[i].code, reasons[i].en);
    fprintf(to, "refused lists payments that a card approved and its issuer will not pay; bear\n"
                "says who bears one of them.\n");
    return to == stdout ? 0 : PROCESS_EXIT_USAGE;
}

static bool complete(const struct action *action, const struct dispute_settings *s)
{
    const struct {
        unsigned need;
        bool there;
    } parts[] = {
        {NUMBER, s->number > 0},         {STATE, s->state != NULL},
        {CONTROL, s->control != NULL},   {CONTROL, s->actor != NULL},
        {TEXT, s->text != NULL},         {FILE_NAME, s->file != NULL},
        {EVIDENCE, s->evidence != NULL}, {OUTCOME, s->outcome != NULL},
        {RRN, s->rrn != NULL},           {CASE, s->network_case != NULL},
        {CASE, s->reason != NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if ((action->needs & parts[i].need) != 0 && !parts[i].there) return false;
    return true;
}

static int act(const struct admin_command *command, const struct action *action, int argc,
               char **argv)
{
    struct dispute_settings s = {.network = "card_network"};
    const struct process_option options[] = {
        {"state", "DIR", "the acquirer's state directory", .text = &s.state},
        {"all", NULL, "those, too, that are over", .flag = &s.all},
        {"control", "SOCKET", "the acquirer's control socket", .text = &s.control},
        {"actor", "NAME", "who does it: it stands in the audit log", .text = &s.actor},
        {"rrn", "RRN", "reference of the payment", .text = &s.rrn},
        {"case", "CASE", "the number that the network gave it", .text = &s.network_case},
        {"kind", "KIND", "retrieval (the slip) or chargeback (the money)", .text = &s.kind},
        {"reason", "CODE", "why, one of those below", .text = &s.reason},
        {"amount", "YUAN", "of it; all of it unless said", .text = &s.amount},
        {"deadline", "DAY", "the last day for an answer; 7 or 10 working days unless said",
         .text = &s.deadline},
        {"file", "FILE", "evidence, or the network's file of cases", .text = &s.file},
        {"network", "NETWORK", "card_network (unless said) or wallet", .text = &s.network},
        {"evidence", "DIR", "where evidence is kept", .text = &s.evidence},
        {"text", "TEXT", "the answer, or why", .text = &s.text},
        {"outcome", "WHAT", "won, lost, accepted; ours, merchant", .text = &s.outcome},
    };
    int first = 1;
    if ((action->needs & NUMBER) != 0 && argc > 2) s.number = strtoll(argv[++first], NULL, 10);
    int status = admin_options(command, options, ARRAY_LEN(options), argc - first, argv + first);
    if (status >= 0) return status;
    if (!complete(action, &s)) return usage(command, stderr);
    struct process_fault fault = {""};
    err done = action->run(&s, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

int admin_disputes(const struct admin_command *command, int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) return usage(command, stdout);
    for (size_t i = 0; argc >= 2 && i < ARRAY_LEN(actions); i++)
        if (strcmp(argv[1], actions[i].name) == 0) return act(command, &actions[i], argc, argv);
    return usage(command, stderr);
}
