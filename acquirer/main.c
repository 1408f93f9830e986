/* SPDX-License-Identifier: Apache-2.0 */
/* tongbao-acquirer: reads its options, joins the core to its sockets, and runs until it is told to
 * stop or a store fails. */
#include <stdio.h>

#include "acquirer/program.h"

enum { CHECKPOINT_PAGES = 4096 /* 16 MB of WAL */ };

void program_fail(struct program *p, const char *what, err why)
{
    if (p->exit_status == 0) {
        log_event(&p->log, LOG_ERROR, what, LOG_ERR(why),
                  LOG_TEXT("cause", acquirer_error_text(p->acquirer)));
        if (p->fault->text[0] == '\0')
            snprintf(p->fault->text, sizeof p->fault->text, "%.250s",
                     acquirer_error_text(p->acquirer)[0] != '\0' ? acquirer_error_text(p->acquirer)
                                                                 : err_text(why));
    }
    p->exit_status = PROCESS_EXIT_FAILED;
    loop_stop(p->loop);
}

static void to_hsm(void *context, struct bytes request)
{
    struct program *p = context;
    if (p->hsm.stream != NULL) stream_send(p->hsm.stream, request);
}

static void to_route(void *context, enum payment_route route, struct bytes message)
{
    struct program *p = context;
    if (p->route[route].stream != NULL) stream_send(p->route[route].stream, message);
}

/* The end of every iteration: time, then the group commit, after which everything leaves. */
static void end_iteration(void *context)
{
    struct program *p = context;
    if (p->exit_status != 0) return; /* the store is gone: nothing may leave */
    err done = OK;
    if (acquirer_next_ms(p->acquirer) == 0) done = acquirer_tick(p->acquirer);
    if (!FAILED(done)) done = acquirer_flush(p->acquirer);
    if (FAILED(done)) {
        program_fail(p, "store_failed", done);
        return;
    }
    /* An hsm that the core has given up on is disconnected, and comes back by its link. */
    if (p->hsm.open && !acquirer_counts(p->acquirer).hsm_up)
        stream_close(p->hsm.stream, ERR(TIMEOUT));
    int64_t wait_ms = acquirer_next_ms(p->acquirer);
    err set = loop_timer_set(p->loop, &p->timer, wait_ms > 0 ? wait_ms : 1);
    if (FAILED(set)) program_fail(p, "timer_failed", set);
}

/* Only wakes the loop: the hook behind it does the work. */
static void due(void *context)
{
    (void)context;
}

static err open_core(struct program *p, struct process_fault *fault)
{
    const struct settings *s = &p->settings;
    struct paths *paths = &p->paths;
    TRY(file_path(s->state, "journal.db", paths->journal, sizeof paths->journal));
    TRY(file_path(s->state, "ledger.db", paths->ledger, sizeof paths->ledger));
    TRY(file_path(s->state, "audit.db", paths->audit, sizeof paths->audit));
    const struct acquirer_config config = {
        .clock = clock_system(),
        .log = &p->log,
        .mode = STORE_CREATE,
        .journal_path = paths->journal,
        .ledger_path = paths->ledger,
        .audit_path = paths->audit,
        .registry_path = s->registry,
        .payout_path = s->payout_accounts,
        .checkpoint_pages = CHECKPOINT_PAGES,
        .shown_ms = s->shown_seconds * 1000,
        .limits = {.recent = (uint32_t)s->recent},
    };
    const struct acquirer_ports ports = {p,      lines_to_terminal, lines_close_terminal,
                                         to_hsm, to_route,          orders_to_control};
    struct acquirer_fault cause = {{0}};
    err opened = acquirer_open(&config, &ports, &cause, &p->acquirer);
    if (FAILED(opened)) {
        snprintf(fault->text, sizeof fault->text, "%.250s", cause.text);
        return opened;
    }
    TRY(acquirer_on_hsm_lost(p->acquirer)); /* until its link is open */
    const struct fold_config fold = {STORE_CREATE, paths->journal, paths->ledger};
    return folder_start(&p->folder, &fold, &p->log, fault);
}

static err run(struct program *p, struct process_fault *fault)
{
    TRY(loop_create(&(struct loop_options){.clock = clock_system(), .stop_on_signals = true},
                    &p->loop));
    TRY(lines_open(p, fault)); /* before the stores, so that a wrong option is told at once */
    TRY(open_core(p, fault));
    p->timer = (struct loop_timer){.run = due};
    p->hook = (struct loop_hook){.run = end_iteration, .context = p};
    loop_before_wait(p->loop, LOOP_COMMIT, &p->hook);
    TRY(orders_open(p, fault));
    TRY(links_open(p, fault));
    TRY(loop_run(p->loop));
    if (p->exit_status != 0) return ERR(IO);
    err stopped = acquirer_stop(p->acquirer);
    if (FAILED(stopped)) program_fail(p, "store_failed", stopped);
    return stopped;
}

/* All but --state: --check-books needs none of them. */
static err check_settings(const struct settings *s, struct process_fault *fault)
{
    const struct {
        const char *name, *value;
    } needed[] = {
        {"registry", s->registry}, {"hsm", s->hsm},       {"tls-cert", s->tls_cert},
        {"tls-key", s->tls_key},   {"tls-ca", s->tls_ca}, {"card-network", s->card_network},
        {"wallet", s->wallet},
    };
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        if (needed[i].value != NULL) continue;
        snprintf(fault->text, sizeof fault->text, "--%s is missing; --help lists the options",
                 needed[i].name);
        return ERR(MISSING);
    }
    return OK;
}

static err check_books(struct program *p, struct process_fault *fault)
{
    bool same = false;
    TRY(books_check(p->settings.state, (int)p->settings.report_fd, &same, fault));
    p->exit_status = same ? 0 : PROCESS_EXIT_FAILED;
    return OK;
}

static err start(struct program *p, struct process_fault *fault)
{
    int lock = -1;
    if (p->settings.check_books) return check_books(p, fault);
    TRY(check_settings(&p->settings, fault));
    TRY(process_state_directory(p->settings.state, fault));
    TRY(process_lock(p->settings.state, &lock, fault));
    p->fault = fault;
    err done = run(p, fault);
    folder_stop(&p->folder);
    lines_close(p);
    orders_close(p);
    stream_pool_destroy(p->links);
    stream_pool_destroy(p->route_links);
    acquirer_close(p->acquirer);
    loop_destroy(p->loop);
    return done;
}

/* What is so unless it is said. */
static const struct settings usual = {.ready_fd = -1,
                                      .report_fd = -1,
                                      .connections = 1024,
                                      .frame_ms = 10000,
                                      .shown_seconds = 120,
                                      .address = "127.0.0.1"};

int main(int argc, char **argv)
{
    static struct program program;
    struct settings *s = &program.settings;
    *s = usual;
    const struct process_option options[] = {
        {"state", "DIR", "where journal, ledger and audit log are", .text = &s->state,
         .required = true},
        {"registry", "FILE", "the registry of merchants and terminals", .text = &s->registry},
        {"hsm", "SOCKET", "where tongbao-hsm listens", .text = &s->hsm},
        {"address", "ADDRESS", "where terminals connect; 127.0.0.1 unless said",
         .text = &s->address},
        {"port", "PORT", "where terminals connect; 0 takes a free one", .number = &s->port,
         .max = 65535},
        {"tls-cert", "FILE", "certificate of this host", .text = &s->tls_cert},
        {"tls-key", "FILE", "its private key", .text = &s->tls_key},
        {"tls-ca", "FILE", "certificate of the CA of the terminals", .text = &s->tls_ca},
        {"card-network", "HOST:PORT", "the card network", .text = &s->card_network},
        {"wallet", "HOST:PORT", "the wallet", .text = &s->wallet},
        {"connections", "N", "terminals at one time; 1024 unless said", .number = &s->connections,
         .min = 1, .max = 8192},
        {"frame-ms", "MS", "time for a handshake or a message to be complete; 10000 unless said",
         .number = &s->frame_ms, .min = 100, .max = 600000},
        {"shown-seconds", "S", "life of a code that a terminal shows; 120 unless said",
         .number = &s->shown_seconds, .min = 10, .max = 600},
        {"recent", "N", "payments kept in memory for repeats; 1048576 unless said",
         .number = &s->recent, .min = 1024, .max = 1 << 28},
        {"status", "SOCKET", "answers any frame with its counts as one line of JSON",
         .text = &s->status},
        {"control", "SOCKET",
         "takes orders about holds, payouts and corrections from tongbao admin",
         .text = &s->control},
        {"payout-accounts", "FILE", "the back office's store: where merchants are paid to",
         .text = &s->payout_accounts},
        {"check-books", NULL, "compare the ledger with the journal, say the result, and end",
         .flag = &s->check_books},
        {"report-fd", "N", "where --check-books says it; standard output unless said",
         .number = &s->report_fd, .max = 1023},
        {"ready-fd", "N", "descriptor that is told when terminals can connect",
         .number = &s->ready_fd, .max = 1023},
    };
    const struct process_program about = {
        .name = "tongbao-acquirer",
        .version = TONGBAO_VERSION,
        .summary = "The host: takes payments from terminals, asks the networks, keeps the journal.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    int status = process_options(&about, argc, argv, NULL);
    if (status >= 0) return status;
    program.log = log_to_fd(2, "acquirer", clock_system());

    struct process_fault fault = {""};
    err done = process_harden();
    if (!FAILED(done)) done = start(&program, &fault);
    if (FAILED(done)) {
        process_complain(&about, "%s", fault.text[0] != '\0' ? fault.text : err_text(done));
        return done.code == ERR_MISSING ? PROCESS_EXIT_USAGE : PROCESS_EXIT_FAILED;
    }
    return program.exit_status;
}
