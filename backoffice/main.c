/* SPDX-License-Identifier: Apache-2.0 */
/* tongbao-backoffice: options, state, the loop; no decisions. */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/accounts/worker.h"
#include "backoffice/applications/identity_port.h"
#include "backoffice/limits.h"
#include "backoffice/program.h"
#include "backoffice/stock/courier_port.h"
#include "backoffice/stock/issue_port.h"
#include "backoffice/updates/updates.h"
#include "lib/wire/helper.h"
#include "lib/wire/hsm_protocol_renewal.h"
#include "lib/wire/mail.h"

enum { CHECKPOINT_PAGES = 1024 /* 4 MB of WAL */ };

void program_fail(struct program *p, const char *what, err why)
{
    if (p->exit_status == 0)
        log_event(&p->log, LOG_ERROR, what, LOG_ERR(why),
                  LOG_TEXT("cause", backoffice_error_text(p->backoffice)));
    p->exit_status = PROCESS_EXIT_FAILED;
    device_lines_mute(&p->device_link.lines); /* what is not on disk is not told */
    loop_stop(p->loop);
}

static void end_iteration(void *context)
{
    struct program *p = context;
    if (p->exit_status != 0) return;
    err e = backoffice_flush(p->backoffice);
    /* What is done in slices goes on when everybody else has had his turn. */
    if (!FAILED(e) && backoffice_busy(p->backoffice) && !loop_timer_armed(&p->again))
        e = loop_timer_set(p->loop, &p->again, 1);
    if (FAILED(e)) program_fail(p, "flush_failed", e);
}

static void on_tick(void *context)
{
    struct program *p = context;
    if (p->exit_status != 0) return;
    err e = backoffice_tick(p->backoffice);
    if (!FAILED(e)) e = loop_timer_set(p->loop, &p->timer, BACKOFFICE_TICK_MS);
    if (FAILED(e)) program_fail(p, "tick_failed", e);
}

/* The iteration is all that is wanted: its end goes on with what waits. */
static void on_again(void *context)
{
    (void)context;
}

static void on_hashed(void *context, const struct backoffice_hashed *result)
{
    struct program *p = context;
    if (p->exit_status != 0) return;
    err e = backoffice_on_hashed(p->backoffice, result);
    if (FAILED(e)) program_fail(p, "log_in_failed", e);
}

static void wire_failed(void *context, err why)
{
    program_fail(context, "outbox_failed", why);
}

/* The block of the pepper, which only the hsm can use. */
static err read_pepper(struct program *p, struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct store_fault why = {""};
    TRY(file_path(p->settings.admin, "registry.db", p->registry_path, sizeof p->registry_path));
    err e = registry_open(p->registry_path, STORE_READ_ONLY, &why, &registry);
    if (FAILED(e)) {
        snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
        return e;
    }
    e = registry_find_host_key(registry, REGISTRY_PEPPER_KEY, p->pepper_block);
    if (FAILED(e))
        snprintf(fault->text, sizeof fault->text,
                 "%.160s has no pepper: was it made by an older"
                 " `tongbao admin init`?",
                 p->registry_path);
    registry_close(registry);
    return e;
}

/* The port of HOST:PORT, whose colon is given; 0 when it is none. */
static uint16_t port_behind(const char *colon)
{
    size_t digits = strlen(colon + 1);
    if (digits < 1 || digits > 5) return 0;
    struct reader r = reader_over(bytes_text(colon + 1));
    unsigned port = read_digits(&r, digits);
    return FAILED(reader_finish(&r)) || port > 65535 ? 0 : (uint16_t)port;
}

/* A relay on this machine, or one that offers TLS. */
static err parse_smtp(struct program *p, struct mail_relay *relay, struct process_fault *fault)
{
    const char *text = p->settings.smtp, *colon = text == NULL ? NULL : strrchr(text, ':');
    if (text == NULL) return OK;
    uint16_t port = colon == NULL ? 0 : port_behind(colon);
    size_t host = colon == NULL ? 0 : (size_t)(colon - text);
    if (port == 0 || p->settings.smtp_from == NULL ||
        FAILED(bytes_to_text(bytes_of(text, host), p->smtp_host, sizeof p->smtp_host))) {
        snprintf(fault->text, sizeof fault->text,
                 "--smtp is HOST:PORT, and --smtp-from the address that mails come from");
        return ERR(CONFIG);
    }
    bool here = strcmp(p->smtp_host, "127.0.0.1") == 0 || strcmp(p->smtp_host, "localhost") == 0;
    *relay = (struct mail_relay){
        .host = p->smtp_host, .port = port, .security = here ? MAIL_PLAIN : MAIL_STARTTLS};
    return OK;
}

static err open_wire(struct program *p, struct process_fault *fault)
{
    struct outbox_wire_options options = {.loop = p->loop,
                                          .clock = clock_system(),
                                          .from = p->settings.smtp_from,
                                          .from_name = "通宝 Tongbao",
                                          .sms_url = p->settings.sms_url,
                                          .sms_ca_file = p->settings.sms_ca,
                                          .sms_key_file = p->settings.sms_key,
                                          .failed = wire_failed,
                                          .context = p};
    TRY(parse_smtp(p, &options.relay, fault));
    return outbox_wire_open(&options, fault, &p->wire);
}

static void on_delivered(void *context, int64_t delivery, const struct egress_answer *answer)
{
    struct program *p = context;
    if (p->exit_status != 0) return;
    err e = webhooks_on_result(p->backoffice, delivery, answer);
    if (FAILED(e)) program_fail(p, "webhook_failed", e);
}

/* The program that sends stands beside ours. */
static err open_webhooks(struct program *p)
{
    TRY(helper_find("tongbao-egress", p->egress_path, sizeof p->egress_path));
    return webhook_wire_open(
        &(struct webhook_wire_options){.loop = p->loop,
                                       .program = p->egress_path,
                                       .loopback = p->settings.webhooks_loopback,
                                       .done = on_delivered,
                                       .context = p},
        &p->webhooks);
}

static void on_drawn(void *context, const struct paper_job *job, err drawn, struct bytes pdf)
{
    struct program *p = context;
    if (p->exit_status == 0) papers_on_drawn(p->backoffice, job, drawn, pdf);
}

static err open_papers(struct program *p)
{
    TRY(helper_find("tongbao-paper", p->paper_path, sizeof p->paper_path));
    return paper_wire_open(
        &(struct paper_wire_options){
            .loop = p->loop, .program = p->paper_path, .done = on_drawn, .context = p},
        &p->papers);
}

static void courier_failed(void *context, err why)
{
    program_fail(context, "shipment_failed", why);
}

static err open_courier(struct program *p, struct process_fault *fault)
{
    const struct courier_port_options options = {.loop = p->loop,
                                                 .clock = clock_system(),
                                                 .url = p->settings.courier_url,
                                                 .ca_file = p->settings.courier_ca,
                                                 .key_file = p->settings.courier_key,
                                                 .poll_ms = p->settings.courier_poll_s * 1000,
                                                 .failed = courier_failed,
                                                 .context = p};
    return courier_port_open(&options, fault, &p->courier);
}

static void identity_failed(void *context, err why)
{
    program_fail(context, "check_failed", why);
}

static err open_identity(struct program *p, struct process_fault *fault)
{
    const struct identity_port_options options = {.loop = p->loop,
                                                  .clock = clock_system(),
                                                  .log = &p->log,
                                                  .url = p->settings.identity_url,
                                                  .ca_file = p->settings.identity_ca,
                                                  .key_file = p->settings.identity_key,
                                                  .failed = identity_failed,
                                                  .context = p};
    return identity_port_open(&options, fault, &p->identity);
}

static void hash(void *context, const struct backoffice_hash *job)
{
    struct program *p = context;
    workers_hash(p->workers, job);
}

static err read_signer(struct program *p, uint8_t ret_signer[POLICY_SIGNER_BYTES])
{
    char path[FILE_PATH_MAX];
    size_t len = 0;
    TRY(file_path(p->settings.admin, "policy.public", path, sizeof path));
    TRY(file_read(path, FILE_PUBLIC, ret_signer, POLICY_SIGNER_BYTES, &len));
    return len == POLICY_SIGNER_BYTES ? OK : ERR(LENGTH);
}

/* A file that is refused shuts nobody out: it is logged and audited. */
static err take_blocklist(struct program *p)
{
    static uint8_t block[BLOCKLIST_FILE_MAX + 1]; /* one more: what is larger is refused as that */
    uint8_t signer[POLICY_SIGNER_BYTES];
    char path[FILE_PATH_MAX];
    size_t len = 0;
    enum blocklist_fault fault = BLOCKLIST_FAULT_NONE;
    TRY(file_path(p->settings.admin, BLOCKLIST_FILE_NAME, path, sizeof path));
    err e = file_read(path, FILE_PUBLIC, block, sizeof block, &len);
    if (e.code == ERR_LENGTH) len = sizeof block;
    else if (FAILED(e) && e.code != ERR_NOT_FOUND) return e;
    TRY(read_signer(p, signer));
    TRY(backoffice_take_blocklist(p->backoffice, bytes_of(block, len), signer, &fault));
    if (fault != BLOCKLIST_FAULT_NONE)
        log_event(&p->log, LOG_WARN, "blocklist_refused",
                  LOG_TEXT("why", blocklist_fault_word(fault)),
                  LOG_TEXT("cause", blocklist_fault_text(fault)));
    return OK;
}

static err open_core(struct program *p, struct process_fault *fault)
{
    TRY(file_path(p->settings.state, "backoffice.db", p->store_path, sizeof p->store_path));
    TRY(file_path(p->settings.state, "loyalty.db", p->loyalty_path, sizeof p->loyalty_path));
    TRY(file_path(p->settings.state, "documents", p->documents_path, sizeof p->documents_path));
    TRY(process_state_directory(p->documents_path, fault));
    TRY(file_path(p->settings.state, "backups", p->backups_path, sizeof p->backups_path));
    TRY(process_state_directory(p->backups_path, fault));
    snprintf(p->own_origin, sizeof p->own_origin, "http://localhost:%u", http_port(p->server));
    struct backoffice_config config = {
        .clock = clock_system(),
        .random = random_system(),
        .log = &p->log,
        .mode = STORE_CREATE,
        .store_path = p->store_path,
        .loyalty_path = p->loyalty_path,
        .documents_path = p->documents_path,
        .backups_path = p->backups_path,
        .registry_path = p->registry_path,
        .journal_path = p->settings.journal,
        .ledger_path = p->settings.ledger,
        .figures_path = p->figures.path[0] != '\0' ? p->figures.path : NULL,
        .origin = p->settings.origin == NULL ? p->own_origin : p->settings.origin,
        .checkpoint_pages = CHECKPOINT_PAGES,
        .cost = password_cost_full(),
        .hash_threads = (unsigned)p->settings.hash_threads,
        .returns_address = p->settings.returns_address,
        .returns_phone = p->settings.returns_phone,
        .updates = p->settings.updates,
        .certificate_days = (int)p->settings.certificate_days,
        .outdated_days = (int)p->settings.outdated_days,
    };
    device_link_expiries(p, config.expiry);
    /* Only the first has the program as its context: the others bring their own. */
    const struct backoffice_ports ports = {.context = p,
                                           .answer = http_put_answer,
                                           .hash = hash,
                                           .keyed = hsm_keyed_port(&p->keyed),
                                           .outbox = outbox_wire_ports(p->wire),
                                           .webhooks = webhook_wire_ports(p->webhooks),
                                           .desk = device_link_ports(p),
                                           .issue = issue_port,
                                           .checks = identity_port_ports(p->identity),
                                           .courier = courier_port_ports(p->courier),
                                           .paper = paper_wire_ports(p->papers)};
    struct backoffice_fault why = {""};
    err e = backoffice_open(&config, &ports, &why, &p->backoffice);
    if (FAILED(e)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    else outbox_wire_attach(p->wire, backoffice_outbox(p->backoffice));
    courier_port_attach(p->courier, p->backoffice);
    identity_port_attach(p->identity, p->backoffice);
    return e;
}

/* The end of the iteration tells those who wait. */
static void on_figures(void *context)
{
    (void)context;
}

static err open_figures(struct program *p, struct process_fault *fault)
{
    const struct settings *s = &p->settings;
    if (s->journal == NULL || s->ledger == NULL) return OK;
    p->figures_news = (struct loop_wake){.run = on_figures, .context = p};
    TRY(loop_wake_open(p->loop, &p->figures_news));
    err begun = figures_thread_start(&p->figures, s->state, s->journal, s->ledger, &p->figures_news,
                                     &p->log);
    if (FAILED(begun))
        snprintf(fault->text, sizeof fault->text, "figures.key: %s", err_text(begun));
    return begun;
}

static err start(struct program *p, struct process_fault *fault)
{
    const struct loop_options options = {.clock = clock_system(), .stop_on_signals = true};
    TRY(loop_create(&options, &p->loop));
    if (strlen(p->settings.hsm) > RPC_PATH_MAX) return ERR(CONFIG);
    TRY(read_pepper(p, fault));
    TRY(http_open(p, fault));
    hsm_keyed_open(&p->keyed, p);
    TRY(workers_start(p, (unsigned)p->settings.hash_threads, on_hashed, &p->workers));
    TRY(open_wire(p, fault));
    TRY(open_courier(p, fault));
    TRY(open_identity(p, fault));
    TRY(open_webhooks(p));
    TRY(open_papers(p));
    TRY(device_link_open(p, fault));
    TRY(open_figures(p, fault));
    TRY(open_core(p, fault));
    TRY(take_blocklist(p));
    TRY(device_link_listen(p, fault));
    p->timer = (struct loop_timer){.run = on_tick, .context = p};
    p->again = (struct loop_timer){.run = on_again, .context = p};
    p->hook = (struct loop_hook){.run = end_iteration, .context = p};
    loop_before_wait(p->loop, LOOP_COMMIT, &p->hook);
    return loop_timer_set(p->loop, &p->timer, BACKOFFICE_TICK_MS);
}

static void stop(struct program *p)
{
    http_destroy(p->server);
    figures_thread_stop(&p->figures);
    if (p->figures_news.loop != NULL) loop_wake_close(&p->figures_news);
    device_link_close(p);
    workers_stop(p->workers);
    courier_port_close(p->courier);
    identity_port_close(p->identity);
    outbox_wire_close(p->wire);
    webhook_wire_close(p->webhooks);
    paper_wire_close(p->papers);
    backoffice_close(p->backoffice);
    hsm_keyed_close(&p->keyed);
    loop_destroy(p->loop);
}

static int run(const struct process_program *about, struct program *p)
{
    struct process_fault fault = {""};
    int lock = -1;
    err e = process_state_directory(p->settings.state, &fault);
    if (!FAILED(e)) e = process_lock(p->settings.state, &lock, &fault);
    if (!FAILED(e)) e = start(p, &fault);
    if (FAILED(e)) {
        process_complain(about, "%s", fault.text[0] != '\0' ? fault.text : err_text(e));
        return PROCESS_EXIT_FAILED;
    }
    log_event(&p->log, LOG_INFO, "ready", LOG_INT("port", http_port(p->server)));
    process_ready((int)p->settings.ready_fd, "port=%u device_port=%u", http_port(p->server),
                  p->settings.device_port < 0 ? 0 : device_lines_port(&p->device_link.lines));
    e = loop_run(p->loop);
    if (FAILED(e)) program_fail(p, "loop_failed", e);
    return p->exit_status;
}

static int serve(const struct process_program *about, struct program *p, int argc, char **argv)
{
    if (FAILED(process_harden())) return PROCESS_EXIT_FAILED;
    int status = process_options(about, argc, argv, NULL);
    if (status >= 0) return status;
    p->log = log_to_fd(2, "tongbao-backoffice", clock_system());
    status = run(about, p);
    stop(p);
    return status;
}

static const struct settings unless_said = {
    .ready_fd = -1, .device_port = -1, .device_address = "127.0.0.1", .hash_threads = HASH_THREADS};

int main(int argc, char **argv)
{
    static struct program p = {.keyed = {.rpc = {.fd = -1}}};
    struct settings *s = &p.settings;
    *s = unless_said;
    const struct process_option options[] = {
        {"state", "DIR", "where backoffice.db is; nobody else may enter it", .text = &s->state,
         .required = true},
        {"admin", "DIR", "the operator's directory: its registry is read", .text = &s->admin,
         .required = true},
        {"hsm", "SOCKET", "where tongbao-hsm listens", .text = &s->hsm, .required = true},
        {"port", "PORT", "where browsers or the proxy connect, on 127.0.0.1; 0 takes a free one",
         .number = &s->port, .max = 65535},
        {"device-port", "PORT",
         "where terminals connect for recoveries and policies; 0 takes a free one, none unless said",
         .number = &s->device_port, .max = 65535},
        {"device-address", "ADDRESS", "127.0.0.1 unless said", .text = &s->device_address},
        {"origin", "ORIGIN",
         "how people reach it, as https://pay.example; http://localhost:PORT unless said",
         .text = &s->origin},
        {"web", "DIR", "the built pages: staff and console", .text = &s->web},
        {"updates", "DIR", "the repository of `tongbao updates`; its two folders are served",
         .text = &s->updates},
        {"address-header", "NAME", "where the proxy names clients", .text = &s->address_header},
        {"journal", "FILE", "journal.db: last payments", .text = &s->journal},
        {"ledger", "FILE", "ledger.db: what merchants are owed", .text = &s->ledger},
        {"hash-threads", "N", "password hashes at one time, 19 MiB each; 2 unless said",
         .number = &s->hash_threads, .min = 1, .max = HASH_THREADS_MAX},
        {"sms-url", "URL", "the SMS gateway; no SMS unless said", .text = &s->sms_url},
        {"sms-key-file", "FILE", "the key that its requests are signed with", .text = &s->sms_key},
        {"sms-ca", "FILE", "its authority's certificate", .text = &s->sms_ca},
        {"courier-url", "URL", "the courier; none unless said", .text = &s->courier_url},
        {"courier-key-file", "FILE", "its requests' signing key", .text = &s->courier_key},
        {"courier-ca", "FILE", "its authority's certificate", .text = &s->courier_ca},
        {"courier-poll", "SECONDS", "how often it is asked after a parcel; 600 unless said",
         .number = &s->courier_poll_s, .min = 1, .max = 86400},
        {"returns-address", "TEXT", "where terminals come back", .text = &s->returns_address},
        {"returns-phone", "NUMBER", "who takes them in there", .text = &s->returns_phone},
        {"identity-url", "URL", "who checks people; staff unless said", .text = &s->identity_url},
        {"identity-key-file", "FILE", "the key both sign with", .text = &s->identity_key},
        {"identity-ca", "FILE", "its authority's certificate", .text = &s->identity_ca},
        {"certificate-days", "N", "a terminal's next certificate lasts so long; 397 unless said",
         .number = &s->certificate_days, .min = 31, .max = HSM_RENEWAL_DAYS_MAX},
        {"outdated-days", "N", "software may stay behind its model's so long; 14 unless said",
         .number = &s->outdated_days, .min = 1, .max = OUTDATED_DAYS_MAX},
        {"smtp", "HOST:PORT", "the mail relay; no mail unless said", .text = &s->smtp},
        {"smtp-from", "ADDRESS", "where mails come from", .text = &s->smtp_from},
        {"webhooks-loopback", NULL, "for the demo and tests: events may go to this machine",
         .flag = &s->webhooks_loopback},
        {"ready-fd", "N", "write a line there when ready", .number = &s->ready_fd, .max = 1023},
    };
    const struct process_program about = {
        .name = "tongbao-backoffice",
        .version = TONGBAO_VERSION,
        .summary = "The consoles of staff and owners: accounts, log-in, recovery.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    return serve(&about, &p, argc, argv);
}
