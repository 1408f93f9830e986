/* SPDX-License-Identifier: Apache-2.0 */
/* The host of one run: an hsm, a registry with as many terminals as are asked for, a back office
 * with three members of staff, and its store when it has ended. */
#include <assert.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/bench_fleet.h"
#include "cli/host_accounts.h"
#include "cli/hsm_client.h"
#include "lib/base/file.h"
#include "lib/store/store.h"

enum { GROUP = 5000 /* terminals written with one sync */, FIRST_TID = 10000000 };

static err failed(struct process_fault *fault, const char *what, err why)
{
    if (FAILED(why) && fault->text[0] == '\0')
        snprintf(fault->text, sizeof fault->text, "%.180s: %s", what, err_text(why));
    return why;
}

/* ---- names ---- */

void fleet_tid(unsigned index, char out[static 9])
{
    snprintf(out, 9, "%08u", (FIRST_TID + index) % 100000000);
}

void fleet_serial(unsigned index, char out[static 24])
{
    snprintf(out, 24, "FLEET-%07u", index % 10000000);
}

const char *fleet_model(unsigned index)
{
    static const char *const models[] = {"TB-1", "TB-1", "TB-2", "TB-3"};
    return models[index % ARRAY_LEN(models)];
}

void fleet_mid(unsigned index, char out[static 16])
{
    snprintf(out, 16, "8983101%08u", index / FLEET_MERCHANT_DEVICES % 100000000);
}

unsigned fleet_staying(const struct bench_fleet *b, unsigned place)
{
    return place * (b->known / b->connected);
}

bool fleet_stays(const struct bench_fleet *b, unsigned index)
{
    unsigned step = b->known / b->connected;
    return index % step == 0 && index / step < b->connected;
}

/* ---- directories and programs ---- */

static err make_directories(struct bench_fleet *b, const char *parent, struct process_fault *fault)
{
    snprintf(b->directory, sizeof b->directory, "%.90s/tongbao-bench-XXXXXX", parent);
    if (mkdtemp(b->directory) == NULL) {
        b->directory[0] = '\0';
        return failed(fault, parent, ERR(IO));
    }
    const struct {
        char *path;
        const char *name;
    } places[] = {{b->admin, "admin"},           {b->hsm, "hsm"},
                  {b->hsm_socket, "hsm.sock"},   {b->networks, "networks"},
                  {b->backoffice, "backoffice"}, {b->children.directory, "log"}};
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        snprintf(places[i].path, sizeof b->admin, "%.120s/%s", b->directory, places[i].name);
    return mkdir(b->children.directory, 0700) == 0 ? OK : failed(fault, b->directory, ERR(IO));
}

static err start_hsm(struct bench_fleet *b, struct process_fault *fault)
{
    const char *const arguments[] = {"--state",     b->hsm,          "--socket",
                                     b->hsm_socket, "--development", NULL};
    return failed(fault, "tongbao-hsm",
                  children_start(&b->children, "tongbao-hsm", arguments, true, &b->process_hsm));
}

/* The simulators only give the public half of a zone's key: nothing is paid here. */
static err make_keys(struct bench_fleet *b, struct process_fault *fault)
{
    const struct host_place place = {b->admin, b->hsm_socket, b->networks};
    const char *const initialise[] = {"--state", b->networks, "--initialise", NULL};
    TRY(failed(fault, "tongbao-simulators --initialise",
               children_run(&b->children, "tongbao-simulators", initialise, NULL, 0)));
    return host_keys_initialise(&place, fault);
}

static err make_accounts(struct bench_fleet *b, struct process_fault *fault)
{
    for (unsigned i = 0; i < FLEET_CONSOLES; i++) {
        char path[HOST_ACCOUNT_LINK_MAX];
        struct account a = {.kind = ACCOUNT_STAFF, .roles = ROLE_ADMIN | ROLE_AGENT};
        snprintf(a.login, sizeof a.login, "bench%u", i + 1);
        snprintf(a.name, sizeof a.name, "Bench %u", i + 1);
        snprintf(a.mail, sizeof a.mail, "bench%u@example.com", i + 1);
        TRY(host_account_add(b->backoffice, &a, path, fault));
        snprintf(b->link[i], sizeof b->link[i], "%s", path);
    }
    return OK;
}

static err start_backoffice(struct bench_fleet *b, struct process_fault *fault)
{
    const char *const arguments[] = {"--state",       b->backoffice, "--admin", b->admin,
                                     "--hsm",         b->hsm_socket, "--port",  "0",
                                     "--device-port", "0",           NULL};
    TRY(failed(fault, "tongbao-backoffice",
               children_start(&b->children, "tongbao-backoffice", arguments, true,
                              &b->process_backoffice)));
    b->port = child_ready_number(b->process_backoffice, "port");
    b->device_port = child_ready_number(b->process_backoffice, "device_port");
    return OK;
}

static err log_in(struct bench_fleet *b, struct process_fault *fault)
{
    char origin[64], link[400];
    snprintf(origin, sizeof origin, "http://localhost:%ld", b->port);
    for (unsigned i = 0; i < FLEET_CONSOLES; i++) {
        snprintf(link, sizeof link, "%s%.191s", origin, b->link[i]);
        TRY(failed(fault, "a member of staff", console_open(origin, &b->console[i])));
        TRY(failed(fault, "a member of staff", console_set_up(b->console[i], link)));
        explicit_bzero(link, sizeof link);
        explicit_bzero(b->link[i], sizeof b->link[i]);
    }
    return OK;
}

/* ---- the registry ---- */

/* Nobody signs in with a master key here, so one block stands for all; and one recovery key for
 * those that come in turn. Those that stay have one each: commands for them are proved with it. */
struct shared_keys {
    char master[REGISTRY_KEY_BLOCK_MAX + 1], recovery[REGISTRY_KEY_BLOCK_MAX + 1];
};

static err make_key(struct hsm_client *hsm, enum hsm_key_usage usage, const char *label,
                    char block[REGISTRY_KEY_BLOCK_MAX + 1], struct process_fault *fault)
{
    struct hsm_key_answer made;
    const struct hsm_make_key ask = {
        .usage = (uint8_t)usage, .suite = HSM_SUITE_TONGBAO, .label = bytes_text(label)};
    TRY(hsm_client_make_key(hsm, HSM_MAKE_KEY, &ask, &made, fault));
    return bytes_to_text(made.block, block, REGISTRY_KEY_BLOCK_MAX + 1);
}

static err fill_terminal(const struct bench_fleet *b, struct hsm_client *hsm, unsigned index,
                         const struct shared_keys *keys, struct registry_terminal *t,
                         struct process_fault *fault)
{
    char serial[24];
    *t = (struct registry_terminal){
        .outlet = 1, .suite = REGISTRY_TONGBAO, .status = REGISTRY_ACTIVE, .first_batch = 1};
    fleet_tid(index, t->tid);
    fleet_serial(index, serial);
    fleet_mid(index, t->mid);
    snprintf(t->serial, sizeof t->serial, "%s", serial);
    snprintf(t->model, sizeof t->model, "%s", fleet_model(index));
    snprintf(t->master_block, sizeof t->master_block, "%s", keys->master);
    if (fleet_stays(b, index))
        return make_key(hsm, HSM_KEY_RECOVERY, t->tid, t->recovery_block, fault);
    snprintf(t->recovery_block, sizeof t->recovery_block, "%s", keys->recovery);
    return OK;
}

static err add_merchant(struct registry *registry, const struct registry_actor *who, unsigned index)
{
    struct registry_merchant m = {.fee_plan = 1, .status = REGISTRY_ACTIVE};
    unsigned number = index / FLEET_MERCHANT_DEVICES;
    fleet_mid(index, m.mid);
    snprintf(m.name_zh, sizeof m.name_zh, "示例商户 %u", number);
    snprintf(m.name_en, sizeof m.name_en, "EXAMPLE SHOP %u", number);
    return registry_add_merchant(registry, who, &m);
}

static err add_group(struct bench_fleet *b, struct registry *registry, struct hsm_client *hsm,
                     unsigned from, const struct shared_keys *keys, struct process_fault *fault)
{
    struct registry_terminal t;
    const struct registry_actor who = host_keys_actor();
    for (unsigned i = from; i < b->known && i < from + GROUP; i++) {
        if (i % FLEET_MERCHANT_DEVICES == 0) TRY(add_merchant(registry, &who, i));
        TRY(fill_terminal(b, hsm, i, keys, &t, fault));
        TRY(registry_add_terminal(registry, &who, &t));
    }
    return OK;
}

static err fill_registry(struct bench_fleet *b, struct registry *registry, struct hsm_client *hsm,
                         struct process_fault *fault)
{
    struct shared_keys keys;
    TRY(make_key(hsm, HSM_KEY_TERMINAL_MASTER, "bench", keys.master, fault));
    TRY(make_key(hsm, HSM_KEY_RECOVERY, "bench", keys.recovery, fault));
    for (unsigned from = 0; from < b->known; from += GROUP) {
        registry_group_begin(registry);
        err added = add_group(b, registry, hsm, from, &keys, fault);
        err kept = registry_group_commit(registry);
        if (FAILED(added) || FAILED(kept))
            return host_keys_refused(registry, FAILED(added) ? added : kept, fault);
    }
    return OK;
}

static err make_registry(struct bench_fleet *b, struct process_fault *fault)
{
    static_assert(GROUP % FLEET_MERCHANT_DEVICES == 0, "whole merchants");
    struct registry *registry = NULL;
    struct hsm_client hsm;
    char path[FILE_PATH_MAX];
    size_t len = 0;
    TRY(hsm_client_open(&hsm, b->hsm_socket, fault));
    err done = host_keys_registry(b->admin, STORE_OPEN, &registry, fault);
    if (!FAILED(done)) done = fill_registry(b, registry, &hsm, fault);
    registry_close(registry);
    hsm_client_close(&hsm);
    if (!FAILED(done)) done = file_path(b->admin, "ca.pem", path, sizeof path);
    if (!FAILED(done))
        done = file_read(path, FILE_PUBLIC, b->authority_pem, sizeof b->authority_pem - 1, &len);
    b->authority_pem[len] = '\0';
    return failed(fault, "registry.db", done);
}

err fleet_stage_start(struct bench_fleet *b, const char *parent, void (*progress)(const char *step),
                      struct process_fault *fault)
{
    static const struct {
        const char *step;
        err (*run)(struct bench_fleet *b, struct process_fault *fault);
    } steps[] = {
        {"hsm", start_hsm},          {"keys of the host", make_keys},   {"registry", make_registry},
        {"accounts", make_accounts}, {"back office", start_backoffice}, {"log-ins", log_in},
    };
    TRY(failed(fault, "the directory of this program", children_find_programs(&b->children)));
    TRY(make_directories(b, parent, fault));
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        progress(steps[i].step);
        TRY(steps[i].run(b, fault));
    }
    return OK;
}

/* ---- the worker, and the end ---- */

err fleet_stage_fork(struct bench_fleet *b, int (*run)(const struct bench_fleet *b))
{
    struct children *children = &b->children;
    if (children->count == CHILDREN_MAX) return ERR(FULL);
    struct child *child = &children->child[children->count];
    *child = (struct child){.name = "devices"};
    pid_t parent = getpid();
    child->pid = fork();
    if (child->pid < 0) return ERR(IO);
    if (child->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(127);
        (void)setpgid(0, 0); /* Ctrl-C reaches the parent, which stops everything in order */
        _exit(run(b));
    }
    children->count++;
    b->process_devices = child;
    return OK;
}

static err count_commands(struct store *store, int64_t ret_count[FLEET_STATES])
{
    struct store_statement *rows;
    memset(ret_count, 0, FLEET_STATES * sizeof *ret_count);
    TRY(store_query_int(store, "SELECT count(*) FROM fleet_order", &ret_count[0]));
    TRY(store_statement(store, "SELECT state, count(*) FROM device_command GROUP BY state", &rows));
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        int64_t state = store_read_int(rows), count = store_read_int(rows);
        if (state >= 0 && state < FLEET_STATES) ret_count[state] = count;
    }
}

/* SIGTERM, and until it is reaped: its store has another reader then. */
static err stop_backoffice(struct bench_fleet *b)
{
    int status = 0;
    if (kill(b->process_backoffice->pid, SIGTERM) != 0) return ERR(IO);
    if (waitpid(b->process_backoffice->pid, &status, 0) < 0) return ERR(IO);
    b->process_backoffice->pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? OK : ERR(CLOSED);
}

err fleet_stage_commands(struct bench_fleet *b, int64_t ret_count[FLEET_STATES],
                         struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    struct store *store = NULL;
    TRY(failed(fault, "the back office's end", stop_backoffice(b)));
    TRY(file_path(b->backoffice, "backoffice.db", path, sizeof path));
    err done = store_open(path, &(struct store_options){.mode = STORE_READ_ONLY}, &why, &store);
    if (FAILED(done)) return failed(fault, why.text, done);
    done = count_commands(store, ret_count);
    store_close(store);
    return failed(fault, "backoffice.db", done);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

void fleet_stage_stop(struct bench_fleet *b, bool keep_directory)
{
    for (unsigned i = 0; i < FLEET_CONSOLES; i++) console_close(b->console[i]);
    children_stop(&b->children);
    if (!keep_directory && b->directory[0] != '\0')
        (void)nftw(b->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
