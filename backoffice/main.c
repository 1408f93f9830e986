/* SPDX-License-Identifier: Apache-2.0 */
/* tongbao-backoffice: options, state, the loop; no decisions. */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/limits.h"
#include "backoffice/program.h"

enum { CHECKPOINT_PAGES = 1024 /* 4 MB of WAL */ };

void program_fail(struct program *p, const char *what, err why)
{
    if (p->exit_status == 0)
        log_event(&p->log, LOG_ERROR, what, LOG_ERR(why),
                  LOG_TEXT("cause", backoffice_error_text(p->backoffice)));
    p->exit_status = PROCESS_EXIT_FAILED;
    loop_stop(p->loop);
}

static void end_iteration(void *context)
{
    struct program *p = context;
    if (p->exit_status != 0) return;
    err e = backoffice_flush(p->backoffice);
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

static err open_core(struct program *p, struct process_fault *fault)
{
    TRY(file_path(p->settings.state, "backoffice.db", p->store_path, sizeof p->store_path));
    if (p->settings.admin != NULL)
        TRY(file_path(p->settings.admin, "registry.db", p->registry_path, sizeof p->registry_path));
    snprintf(p->own_origin, sizeof p->own_origin, "http://localhost:%u", http_port(p->server));
    const struct backoffice_config config = {
        .clock = clock_system(),
        .random = random_system(),
        .log = &p->log,
        .mode = STORE_CREATE,
        .store_path = p->store_path,
        .registry_path = p->settings.admin == NULL ? NULL : p->registry_path,
        .origin = p->settings.origin == NULL ? p->own_origin : p->settings.origin,
        .checkpoint_pages = CHECKPOINT_PAGES,
    };
    const struct backoffice_ports ports = {p, http_put_answer};
    struct backoffice_fault why = {""};
    err e = backoffice_open(&config, &ports, &why, &p->backoffice);
    if (FAILED(e)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return e;
}

static err start(struct program *p, struct process_fault *fault)
{
    const struct loop_options options = {.clock = clock_system(), .stop_on_signals = true};
    TRY(loop_create(&options, &p->loop));
    TRY(http_open(p, fault));
    TRY(open_core(p, fault));
    p->timer = (struct loop_timer){.run = on_tick, .context = p};
    p->hook = (struct loop_hook){.run = end_iteration, .context = p};
    loop_before_wait(p->loop, LOOP_COMMIT, &p->hook);
    return loop_timer_set(p->loop, &p->timer, BACKOFFICE_TICK_MS);
}

static void stop(struct program *p)
{
    http_destroy(p->server);
    backoffice_close(p->backoffice);
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
    process_ready((int)p->settings.ready_fd, "port=%u", http_port(p->server));
    e = loop_run(p->loop);
    if (FAILED(e)) program_fail(p, "loop_failed", e);
    return p->exit_status;
}

int main(int argc, char **argv)
{
    static struct program p = {.settings = {.ready_fd = -1}};
    struct settings *s = &p.settings;
    const struct process_option options[] = {
        {"state", "DIR", "where backoffice.db is; nobody else may enter it", .text = &s->state,
         .required = true},
        {"admin", "DIR", "the operator's directory: its registry is read", .text = &s->admin},
        {"port", "PORT", "where browsers or the proxy connect, on 127.0.0.1; 0 takes a free one",
         .number = &s->port, .max = 65535},
        {"origin", "ORIGIN",
         "how people reach it, as https://pay.example; http://localhost:PORT "
         "unless said",
         .text = &s->origin},
        {"web", "DIR", "the built pages: staff and console", .text = &s->web},
        {"address-header", "NAME", "the header in which the proxy in front names the client",
         .text = &s->address_header},
        {"ready-fd", "N", "write a line to this descriptor when ready", .number = &s->ready_fd,
         .max = 1023},
    };
    const struct process_program about = {
        .name = "tongbao-backoffice",
        .version = TONGBAO_VERSION,
        .summary = "The consoles of staff and owners: accounts, log-in, recovery.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    if (FAILED(process_harden())) {
        process_complain(&about, "cannot switch core dumps off");
        return PROCESS_EXIT_FAILED;
    }
    int status = process_options(&about, argc, argv, NULL);
    if (status >= 0) return status;
    p.log = log_to_fd(2, "tongbao-backoffice", clock_system());
    status = run(&about, &p);
    stop(&p);
    return status;
}
