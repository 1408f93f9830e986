/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-terminal: the core between its vault, its host and its page. Options, files, sockets; no
 * decisions.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock_turned.h"
#include "lib/base/file.h"
#include "lib/wire/process.h"
#include "lib/wire/rpc.h"
#include "terminal/backup_place.h"
#include "terminal/http.h"
#include "terminal/limits.h"
#include "terminal/network_watch.h"
#include "terminal/peers.h"
#include "terminal/peripherals.h"
#include "terminal/pictures.h"
#include "terminal/terminal.h"
#include "terminal/updater.h"

enum {
    VAULT_WAIT_MS = 10000, /* a password takes the vault most of a second */
};

struct settings {
    const char *state, *vault, *host, *manage, *authority, *network, *place, *support, *web,
        *speech, *tray, *receipt_url, *programs;
    const char *printer, *scanner, *camera, *display, *box, *backup;
    int64_t http, ready_fd, paper_mm, updater_fd;
    bool drawer;
};

struct program {
    struct settings settings;
    struct log log;
    struct loop *loop;
    struct loop_timer timer;
    struct loop_hook before_wait;
    struct store *store;
    struct rpc vault;
    char own_receipts[64];
    struct tray *tray;
    struct terminal_page *page;
    struct terminal *terminal;
    struct peers peers;
    struct network_watch network;
    struct network_path path[PATHS_MAX];
    size_t paths;
    struct updater updater;
    struct peripherals *peripherals;
    struct backup_place backups, spool;
    char spool_path[FILE_PATH_MAX];
    struct pictures pictures; /* what reads codes in the camera's */
    uint8_t answer[VAULT_FRAME_MAX];
    int status;
};

/* What a call of the terminal returned: without its store it must not go on. */
static void done(void *context, err e)
{
    struct program *p = context;
    if (!FAILED(e)) return;
    log_event(&p->log, LOG_ERROR, "stopped", LOG_ERR(e),
              LOG_TEXT("store", store_error_text(p->store)));
    p->status = PROCESS_EXIT_FAILED;
    loop_stop(p->loop);
}

/* ---- the vault ---- */

static err ask_vault(void *context, struct bytes request, struct writer *response)
{
    struct program *p = context;
    struct bytes answer;
    TRY(rpc_call(&p->vault, request, p->answer, sizeof p->answer, &answer));
    write_bytes(response, answer);
    return response->fault == ERR_OK ? OK : (err){response->fault};
}

/* ---- the host and the back office ---- */

static void host_connect(void *context)
{
    peers_connect(&((struct program *)context)->peers, TERMINAL_LINE_HOST, false);
}

static void host_close(void *context)
{
    peers_disconnect(&((struct program *)context)->peers, TERMINAL_LINE_HOST);
}

static void host_send(void *context, struct bytes frame)
{
    peers_send(&((struct program *)context)->peers, TERMINAL_LINE_HOST, frame);
}

static void manage_connect(void *context)
{
    peers_connect(&((struct program *)context)->peers, TERMINAL_LINE_OFFICE, false);
}

static void manage_connect_bare(void *context)
{
    peers_connect(&((struct program *)context)->peers, TERMINAL_LINE_OFFICE, true);
}

static void certificate_renewed(void *context)
{
    peers_renewed(&((struct program *)context)->peers);
}

static void manage_close(void *context)
{
    peers_disconnect(&((struct program *)context)->peers, TERMINAL_LINE_OFFICE);
}

static void manage_send(void *context, struct bytes frame)
{
    peers_send(&((struct program *)context)->peers, TERMINAL_LINE_OFFICE, frame);
}

static void use_path(void *context, size_t path)
{
    ((struct program *)context)->peers.path = path;
}

/* ---- what the terminal says ---- */

static void show(void *context, const struct screen *screen)
{
    struct program *p = context;
    err e = terminal_page_show(p->page, screen);
    if (FAILED(e))
        log_event(&p->log, LOG_ERROR, "screen_not_shown", LOG_TEXT("id", screen->id), LOG_ERR(e));
    peripherals_show(p->peripherals, screen);
}

static void speak(void *context, const struct speech *speech)
{
    struct program *p = context;
    /* When a customer enters a digit is nobody's to read: the guide is not logged (guide.h). */
    if (speech->number >= TERMINAL_GUIDE_SPEECH) return;
    log_event(&p->log, LOG_INFO, "speak", LOG_INT("number", speech->number),
              LOG_TEXT("text", speech->text));
    peripherals_speak(p->peripherals, speech, terminal_payment(p->terminal)->amount_minor);
}

static void print(void *context, const struct terminal_receipt *receipt)
{
    struct program *p = context;
    log_event(&p->log, LOG_INFO, "print", LOG_INT("number", receipt->number),
              LOG_INT("reprint", receipt->reprint), LOG_INT("copy", receipt->copy),
              LOG_INT("lines", receipt->receipt->count));
    peripherals_print(p->peripherals, receipt);
}

static void open_drawer(void *context)
{
    peripherals_drawer(((struct program *)context)->peripherals);
}

/* ---- who brings new versions ---- */

static void update_assign(void *context, struct bytes assignment)
{
    updater_assign(&((struct program *)context)->updater, assignment);
}

static void update_healthy(void *context)
{
    updater_healthy(&((struct program *)context)->updater);
}

static void update_restart(void *context)
{
    struct program *p = context;
    p->status = UPDATER_AGAIN;
    /* A seat that goes with the process: until the updater has seen our end nobody turns a clock.
     */
    (void)clock_seat_take();
    loop_stop(p->loop);
}

/* ---- time ---- */

static void due(void *context)
{
    struct program *p = context;
    done(p, terminal_tick(p->terminal));
}

/* After everything else of an iteration: look at notices, connect if asked to, set the alarm. */
static void before_wait(void *context)
{
    struct program *p = context;
    if (p->vault.noticed) {
        p->vault.noticed = false;
        done(p, terminal_on_notice(p->terminal));
        if (p->vault.noticed) loop_again(p->loop); /* one more, meanwhile */
    }
    peers_before_wait(&p->peers);
    int64_t next_ms = terminal_next_ms(p->terminal);
    if (next_ms < 0) loop_timer_cancel(p->loop, &p->timer);
    else done(p, loop_timer_set(p->loop, &p->timer, next_ms));
}

/* ---- start ---- */

static err fail(struct process_fault *fault, err e, const char *what, const char *advice)
{
    snprintf(fault->text, sizeof fault->text, "%s: %s; %s", what, err_text(e), advice);
    return e;
}

static err parse_peers(struct program *p, struct process_fault *fault)
{
    const struct settings *s = &p->settings;
    err e = s->network == NULL ? OK : network_paths_parse(s->network, p->path, &p->paths);
    if (FAILED(e))
        return fail(fault, e, "--network",
                    "it is FILE, or FILE@WHERE for each of up to three, with a comma between");
    for (size_t i = 0; i < p->paths; i++)
        p->peers.from[i] = p->path[i].from[0] == '\0' ? NULL : p->path[i].from;
    TRY(peers_parse(&p->peers, TERMINAL_LINE_HOST, s->host, "--host", fault));
    return s->manage == NULL
               ? OK
               : peers_parse(&p->peers, TERMINAL_LINE_OFFICE, s->manage, "--manage", fault);
}

static err open_store(struct program *p, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_CREATE, .busy_ms = 1000};
    err e = file_path(p->settings.state, "terminal.db", path, sizeof path);
    if (FAILED(e)) return fail(fault, e, p->settings.state, "choose a shorter --state");
    e = store_open(path, &options, &why, &p->store);
    if (FAILED(e)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return e;
}

static err open_vault_and_tray(struct program *p, struct process_fault *fault)
{
    err e = rpc_connect(&p->vault, p->settings.vault, VAULT_WAIT_MS, VAULT_FRAME_MAX);
    if (e.code == ERR_CONFIG) return fail(fault, e, p->settings.vault, "choose a shorter --vault");
    TRY(rpc_listen(&p->vault, p->loop, vault_notice));
    if (p->settings.tray == NULL) return OK;
    p->tray = calloc(1, sizeof *p->tray);
    if (p->tray == NULL) return ERR(NO_MEMORY);
    e = tray_connect(p->tray, p->settings.tray);
    return FAILED(e) ? fail(fault, e, p->settings.tray, "choose a shorter --tray") : OK;
}

static err open_page(struct program *p, struct process_fault *fault)
{
    char what[64];
    struct terminal_page_options options = {
        .loop = p->loop,
        .port = (uint16_t)p->settings.http,
        .directory = p->settings.web,
        .speech = p->settings.speech,
        .programs = p->settings.programs,
        .tray = p->tray,
        .log = &p->log,
        .done = done,
        .context = p,
    };
    err e = terminal_page_open(&options, &p->page);
    snprintf(what, sizeof what, "page on port %lld", (long long)p->settings.http);
    if (e.code == ERR_BUSY)
        return fail(fault, e, what, "choose another --http, or 0 for a free one");
    return FAILED(e) ? fail(fault, e, what, "is --web the directory that holds index.html?") : OK;
}

static err read_picture(void *context, enum pictures_kind kind, struct bytes picture, uint8_t *out,
                        size_t max, size_t *ret_len)
{
    return pictures_read(context, kind, picture, out, max, ret_len);
}

static err open_peripherals(struct program *p, struct process_fault *fault)
{
    const struct settings *s = &p->settings;
    const char *bad = "the devices";
    const struct peripherals_options options = {
        .printer = s->printer,
        .scanner = s->scanner,
        .camera = s->camera,
        .read = read_picture,
        .read_context = &p->pictures,
        .display = s->display,
        .box = s->box,
        .paper_mm = (unsigned)s->paper_mm,
        .loop = p->loop,
        .clock = clock_system(),
        .log = &p->log,
        .done = done,
        .context = p,
    };
    if (s->paper_mm != 58 && s->paper_mm != 80)
        return fail(fault, ERR(CONFIG), "--paper", "printers have paper of 58 or 80 mm");
    err e = pictures_open(&p->pictures, s->programs);
    if (!FAILED(e)) e = peripherals_open(&options, &bad, &p->peripherals);
    return FAILED(e)
               ? fail(fault, e, bad,
                      "a device is tcp:ADDRESS:PORT, serial:/dev/NAME[,BAUD], usb:/dev/NAME, "
                      "keys:/dev/input/NAME or hid:/dev/hidrawN, a camera v4l2:/dev/videoN or "
                      "files:/PATH")
               : OK;
}

/* A demo's terminal shows e-receipts itself: there is no other web server. */
static const char *receipt_url(struct program *p)
{
    if (p->settings.receipt_url != NULL || p->settings.tray == NULL) return p->settings.receipt_url;
    snprintf(p->own_receipts, sizeof p->own_receipts, "http://127.0.0.1:%u/receipt/index.html",
             terminal_page_port(p->page));
    return p->own_receipts;
}

static err open_terminal(struct program *p, struct process_fault *fault)
{
    const struct terminal_config config = {
        .clock = clock_system(),
        .log = &p->log,
        .store = p->store,
        .profile = PAYMENT_PROFILE_TONGBAO,
        .version = TONGBAO_VERSION,
        .support = p->settings.support,
        .receipt_url = receipt_url(p),
        .watch_ms = TERMINAL_WATCH_MS,
        .paper_columns = peripherals_columns(p->peripherals),
        .paths = p->paths,
        .printer_tells = p->settings.printer != NULL,
    };
    struct terminal_ports ports = {p,         ask_vault, host_connect, host_close,
                                   host_send, show,      speak,        print};
    if (p->settings.manage != NULL) {
        ports.manage_connect = manage_connect;
        ports.manage_close = manage_close;
        ports.manage_send = manage_send;
        ports.manage_connect_bare = manage_connect_bare;
        ports.certificate_renewed = certificate_renewed;
    }
    if (p->settings.updater_fd >= 0) {
        ports.update_assign = update_assign;
        ports.update_healthy = update_healthy;
        ports.update_restart = update_restart;
        ports.restart = update_restart;
    }
    if (p->settings.backup != NULL) {
        p->backups.directory = p->settings.backup;
        p->backups.database = store_path(p->store);
        backup_place_ports(&p->backups, &ports.backup);
    }
    if (p->paths > 1) ports.use_path = use_path;
    if (p->settings.manage != NULL) {
        TRY(file_path(p->settings.state, "backups", p->spool_path, sizeof p->spool_path));
        TRY(process_state_directory(p->spool_path, fault));
        p->spool.directory = p->spool_path;
        p->spool.database = store_path(p->store);
        backup_place_ports(&p->spool, &ports.spool);
    }
    if (p->settings.drawer && p->settings.printer != NULL) ports.drawer = open_drawer;
    err e = terminal_open(&config, &ports, &p->terminal);
    if (FAILED(e)) snprintf(fault->text, sizeof fault->text, "%.250s", store_error_text(p->store));
    return e;
}

static err start(struct program *p, struct process_fault *fault)
{
    const struct loop_options loop_options = {.clock = clock_system(), .stop_on_signals = true};
    TRY(parse_peers(p, fault));
    TRY(open_store(p, fault));
    TRY(loop_create(&loop_options, &p->loop));
    p->peers.loop = p->loop;
    p->peers.vault = &p->vault;
    p->peers.log = &p->log;
    p->peers.authority = p->settings.authority;
    p->peers.done = done;
    p->peers.context = p;
    TRY(peers_open(&p->peers));
    TRY(open_vault_and_tray(p, fault));
    TRY(open_page(p, fault));
    TRY(open_peripherals(p, fault));
    TRY(open_terminal(p, fault));
    p->peers.terminal = p->terminal;
    peripherals_serve(p->peripherals, p->terminal);
    p->network = (struct network_watch){.loop = p->loop,
                                        .terminal = p->terminal,
                                        .log = &p->log,
                                        .network = p->path,
                                        .paths = p->paths,
                                        .place = p->settings.place,
                                        .done = done,
                                        .context = p};
    p->updater = (struct updater){.loop = p->loop,
                                  .terminal = p->terminal,
                                  .log = &p->log,
                                  .done = done,
                                  .context = p,
                                  .fd = (int)p->settings.updater_fd};
    terminal_page_serve(p->page, p->terminal);
    p->timer = (struct loop_timer){.run = due, .context = p};
    p->before_wait = (struct loop_hook){.run = before_wait, .context = p};
    loop_before_wait(p->loop, LOOP_COMMIT, &p->before_wait);
    return OK;
}

static void stop(struct program *p)
{
    peers_close(&p->peers);
    peripherals_close(p->peripherals);
    terminal_close(p->terminal);
    terminal_page_close(p->page);
    rpc_close(&p->vault);
    loop_destroy(p->loop);
    store_close(p->store);
    if (p->tray != NULL) tray_disconnect(p->tray);
    free(p->tray);
}

static int run(const struct process_program *program, struct program *p)
{
    struct process_fault fault = {"cannot start"};
    int lock = -1;
    if (clock_turned_file() != NULL && p->settings.tray == NULL) {
        process_complain(program, "--turned-clock is for demos: it wants --tray");
        return PROCESS_EXIT_USAGE;
    }
    if (p->settings.updater_fd >= 0) process_call(program->name);
    if (FAILED(process_state_directory(p->settings.state, &fault)) ||
        FAILED(process_lock(p->settings.state, &lock, &fault)) || FAILED(start(p, &fault))) {
        process_complain(program, "%s", fault.text);
        return PROCESS_EXIT_FAILED;
    }
    network_watch_start(&p->network);
    done(p, terminal_boot(p->terminal));
    done(p, updater_start(&p->updater));
    process_settle();
    process_ready((int)p->settings.ready_fd, "port=%u", terminal_page_port(p->page));
    err e = loop_run(p->loop);
    if (FAILED(e)) done(p, e);
    return p->status;
}

int main(int argc, char **argv)
{
    static struct program p = {.settings = {.ready_fd = -1, .paper_mm = 58, .updater_fd = -1},
                               .vault = {.fd = -1},
                               .status = EXIT_SUCCESS};
    struct settings *s = &p.settings;
    const struct process_option options[] = {
        {"state", "DIR", "where terminal.db is; nobody else may enter it", .text = &s->state,
         .required = true},
        {"vault", "PATH", "the socket of this terminal's tongbao-vault", .text = &s->vault,
         .required = true},
        {"host", "HOST:PORT", "the acquirer; a numeric address or localhost", .text = &s->host,
         .required = true},
        {"manage", "HOST:PORT", "the back office's device channel; without it the rest works",
         .text = &s->manage},
        {"authority", "FILE",
         "the acquirer's authority (PEM), for a device that is activated over the network",
         .text = &s->authority},
        {"network", "FILE[@WHERE][,...]", "the networks it may go by; see the manual page",
         .text = &s->network},
        {"place", "FILE", "where the device is, as its positioning driver writes it; see network.h",
         .text = &s->place},
        {"support", "NUMBER", "telephone number of customer service", .text = &s->support},
        {"printer", "DEVICE", "an ESC/POS printer: tcp:, serial: or usb:; see the manual page",
         .text = &s->printer},
        {"paper", "MM", "the width of its paper: 58 or 80", .number = &s->paper_mm, .min = 58,
         .max = 80},
        {"drawer", NULL, "a cash drawer hangs on the printer", .flag = &s->drawer},
        {"scanner", "DEVICE", "a scanner of codes: serial:, keys: or hid:", .text = &s->scanner},
        {"camera", "DEVICE", "a camera that reads codes: v4l2:/dev/videoN or files:/PATH",
         .text = &s->camera},
        {"display", "DEVICE", "the customer's display: serial: or tcp:", .text = &s->display},
        {"box", "DEVICE", "a speaker box: serial: or tcp:", .text = &s->box},
        {"backup", "DIR", "where backups go: a stick, a telephone, a disk", .text = &s->backup},
        {"http", "PORT", "where the page connects, on 127.0.0.1; 0 takes a free one",
         .number = &s->http, .max = 65535},
        {"web", "DIR", "the built page", .text = &s->web},
        {"speech", "DIR", "the clips that tools/speech made", .text = &s->speech},
        {"receipt-url", "URL", "address of the page that shows e-receipts (web/receipt)",
         .text = &s->receipt_url},
        {"tray", "PATH", "demo only: the tray of tongbao-simulators", .text = &s->tray},
        {"programs", "DIR", "where tongbao-pictures is, if not beside this", .text = &s->programs},
        {"updater-fd", "N", "set by tongbao-update", .number = &s->updater_fd, .max = 1023},
        {"ready-fd", "N", "write a line to this descriptor when ready", .number = &s->ready_fd,
         .max = 1023},
    };
    const struct process_program program = {
        .name = "tongbao-terminal",
        .version = TONGBAO_VERSION,
        .summary = "The point of sale: takes payments and shows its screens to a page.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    if (FAILED(process_harden())) return PROCESS_EXIT_FAILED;
    int status = process_options(&program, argc, argv, NULL);
    if (status >= 0) return status;
    p.log = log_to_fd(2, "tongbao-terminal", clock_system());
    status = run(&program, &p);
    stop(&p);
    return status;
}
