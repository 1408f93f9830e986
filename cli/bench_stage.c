/* SPDX-License-Identifier: Apache-2.0 */
/* The host's programs of one run of the bench, its terminals, and its books when it is over. */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/bench_payments.h"
#include "ledger/fold.h"
#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "lib/crypto/identity.h"
#include "lib/wire/json.h"
#include "lib/wire/rpc.h"

enum {
    RPC_WAIT_MS = 5000,
    ANSWER_MAX = 65536,
    PAUSE_MS = 20,
    WORKER_WAIT_MS = 5000,
    FOLD_WAIT_MS = 120000, /* a fold that has fallen behind may catch up */
};

static err failed(struct process_fault *fault, const char *what, err why)
{
    if (FAILED(why) && fault->text[0] == '\0')
        snprintf(fault->text, sizeof fault->text, "%.180s: %s", what, err_text(why));
    return why;
}

static void pause_a_little(void)
{
    const struct timespec pause = {0, PAUSE_MS * 1000000L};
    (void)nanosleep(&pause, NULL);
}

static err make_directories(struct bench *b, const char *parent, struct process_fault *fault)
{
    snprintf(b->directory, sizeof b->directory, "%.90s/tongbao-bench-XXXXXX", parent);
    if (mkdtemp(b->directory) == NULL) {
        b->directory[0] = '\0';
        return failed(fault, parent, ERR(IO));
    }
    const struct {
        char *path;
        const char *name;
        bool make;
    } places[] = {{b->admin, "admin", false},         {b->hsm, "hsm", false},
                  {b->hsm_socket, "hsm.sock", false}, {b->networks, "networks", false},
                  {b->tray, "tray.sock", false},      {b->acquirer, "acquirer", false},
                  {b->status, "status.sock", false},  {b->vault_socket, "vault.sock", false},
                  {b->device, "device", true},        {b->children.directory, "log", true}};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        snprintf(places[i].path, sizeof b->admin, "%.120s/%s", b->directory, places[i].name);
        if (places[i].make && mkdir(places[i].path, 0700) != 0)
            return failed(fault, places[i].path, ERR(IO));
    }
    return OK;
}

/* ---- the host's programs ---- */

static err start_hsm(struct bench *b, struct process_fault *fault)
{
    const char *const arguments[] = {"--state",     b->hsm,          "--socket",
                                     b->hsm_socket, "--development", NULL};
    return failed(fault, "tongbao-hsm",
                  children_start(&b->children, "tongbao-hsm", arguments, true, &b->process_hsm));
}

static err start_networks(struct bench *b, struct process_fault *fault)
{
    const struct host_place place = {b->admin, b->hsm_socket, b->networks};
    const char *const initialise[] = {"--state", b->networks, "--initialise", NULL};
    const char *const arguments[] = {
        "--state", b->networks, "--network-port", "0",          "--wallet-port", "0",
        "--tray",  b->tray,     "--forgetful",    "--generous", "--capacity",    "24",
        NULL};
    err done = children_run(&b->children, "tongbao-simulators", initialise, NULL, 0);
    if (FAILED(done)) return failed(fault, "tongbao-simulators --initialise", done);
    TRY(host_keys_initialise(&place, fault));
    done =
        children_start(&b->children, "tongbao-simulators", arguments, true, &b->process_networks);
    if (FAILED(done)) return failed(fault, "tongbao-simulators", done);
    b->network_port = child_ready_number(b->process_networks, "network_port");
    b->wallet_port = child_ready_number(b->process_networks, "wallet_port");
    return OK;
}

static err start_acquirer(struct bench *b, struct process_fault *fault)
{
    char connections[16], network[32], wallet[32], file[4][192];
    static const char *const names[] = {"registry.db", "server.pem", "server.key", "ca.pem"};
    snprintf(connections, sizeof connections, "%u", b->connections + 8);
    snprintf(network, sizeof network, "127.0.0.1:%ld", b->network_port);
    snprintf(wallet, sizeof wallet, "127.0.0.1:%ld", b->wallet_port);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        snprintf(file[i], sizeof file[i], "%s/%s", b->admin, names[i]);
    const char *const arguments[] = {
        "--state",       b->acquirer, "--registry",     file[0],   "--hsm",     b->hsm_socket,
        "--port",        "0",         "--tls-cert",     file[1],   "--tls-key", file[2],
        "--tls-ca",      file[3],     "--card-network", network,   "--wallet",  wallet,
        "--connections", connections, "--status",       b->status, NULL};
    err done =
        children_start(&b->children, "tongbao-acquirer", arguments, true, &b->process_acquirer);
    if (FAILED(done)) return failed(fault, "tongbao-acquirer", done);
    b->acquirer_port = child_ready_number(b->process_acquirer, "port");
    return OK;
}

/* ---- terminals ---- */

static err device_file(const struct bench *b, const char *name, enum file_access access,
                       struct bytes content)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(b->device, name, path, sizeof path));
    return file_write(path, access, content);
}

/* The device's half: a key of its own and a request for a certificate. */
static err make_device(const struct bench *b, struct bench_terminal *t)
{
    CLEANUP(identity_key_free) struct identity_key key = {NULL};
    uint8_t request_block[BENCH_PEM_MAX], hex[2 * TRANSPORT_KEY_BYTES];
    TRY(identity_key_generate(&key));
    struct writer pem = writer_over(t->key_pem, sizeof t->key_pem - 1);
    TRY(identity_key_write(&key, &pem));
    struct writer request = writer_over(request_block, sizeof request_block);
    TRY(identity_request(&key, bytes_text(t->tid), &request));
    struct writer w = writer_over(hex, sizeof hex);
    write_hex(&w, BYTES_OF(b->transport.public_key));
    TRY(device_file(b, "device.csr", FILE_PUBLIC, writer_view(&request)));
    return device_file(b, "device.public", FILE_PUBLIC, writer_view(&w));
}

/* What the host has answered: provision.json. */
static err take_provision(struct bench *b, struct bench_terminal *t)
{
    char path[FILE_PATH_MAX];
    uint8_t block[16384];
    size_t len;
    struct bytes hex;
    TRY(file_path(b->device, "provision.json", path, sizeof path));
    TRY(file_read(path, FILE_PRIVATE, block, sizeof block, &len));
    CLEANUP(json_free) struct json_document document = {0};
    TRY(json_parse(bytes_of(block, len), sizeof block, &document));
    TRY(json_text_copy(document.root, "certificate", t->certificate_pem,
                       sizeof t->certificate_pem));
    TRY(json_text_copy(document.root, "authority", b->authority_pem, sizeof b->authority_pem));
    TRY(json_text(document.root, "hsm_public", 2 * sizeof t->hsm_public, &hex));
    TRY(hex_decode(hex, t->hsm_public, sizeof t->hsm_public, &len));
    TRY(json_text(document.root, "master_key", 2 * sizeof t->master, &hex));
    return hex_decode(hex, t->master, sizeof t->master, &t->master_len);
}

static err register_terminals(struct bench *b, struct process_fault *fault)
{
    struct crypto crypto;
    const struct host_place place = {b->admin, b->hsm_socket, b->networks};
    TRY(crypto_open(random_system(), &crypto));
    transport_generate(&crypto, &b->transport);
    crypto_close(&crypto);
    TRY(host_keys_merchant(&place, b->mid, "示例商户", "BENCH MERCHANT (EXAMPLE)", fault));
    for (unsigned i = 0; i < b->connections; i++) {
        struct bench_terminal *t = &b->terminal[i];
        char serial[24];
        snprintf(t->tid, sizeof t->tid, "%08u", (20000001 + i) % 100000000);
        snprintf(serial, sizeof serial, "BENCH-%06u", i + 1);
        const struct host_terminal ask = {.tid = t->tid,
                                          .serial = serial,
                                          .model = "TB-1",
                                          .mid = b->mid,
                                          .device = b->device,
                                          .suite = REGISTRY_TONGBAO};
        TRY(failed(fault, "a device's key", make_device(b, t)));
        TRY(host_keys_provision(&place, &ask, fault));
        TRY(failed(fault, "provision.json", take_provision(b, t)));
    }
    return OK;
}

err bench_stage_start(struct bench *b, const char *parent, struct process_fault *fault)
{
    TRY(failed(fault, "the directory of this program", children_find_programs(&b->children)));
    TRY(make_directories(b, parent, fault));
    TRY(start_hsm(b, fault));
    TRY(start_networks(b, fault));
    TRY(register_terminals(b, fault));
    return start_acquirer(b, fault);
}

/* ---- workers ---- */

err bench_stage_fork(struct bench *b, const char *name, int (*run)(const struct bench *b),
                     struct child **ret_child)
{
    struct children *children = &b->children;
    if (children->count == CHILDREN_MAX) return ERR(FULL);
    struct child *child = &children->child[children->count];
    *child = (struct child){.name = name};
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
    *ret_child = child;
    return OK;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

void bench_stage_stop(struct bench *b, bool keep_directory)
{
    children_stop(&b->children);
    transport_pair_wipe(&b->transport);
    if (!keep_directory && b->directory[0] != '\0')
        (void)nftw(b->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- what the programs say ---- */

static err ask(const char *socket, const char *question, struct json_document *ret_document)
{
    struct rpc rpc;
    struct bytes answer;
    uint8_t *block = malloc(ANSWER_MAX);
    if (block == NULL) return ERR(NO_MEMORY);
    err done = rpc_connect(&rpc, socket, RPC_WAIT_MS, ANSWER_MAX);
    if (!FAILED(done)) done = rpc_call(&rpc, bytes_text(question), block, ANSWER_MAX, &answer);
    if (!FAILED(done)) done = json_parse(answer, ANSWER_MAX, ret_document);
    rpc_close(&rpc);
    free(block);
    return done;
}

err bench_host_counts(const struct bench *b, struct bench_host_counts *ret_counts)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct bench_host_counts c;
    TRY(ask(b->status, "status", &document));
    const struct {
        const char *name;
        int64_t *value;
    } members[] = {{"commits", &c.commits},   {"rows", &c.rows},
                   {"fold_seq", &c.fold_seq}, {"journal_seq", &c.journal_seq},
                   {"tasks", &c.tasks},       {"reversals", &c.reversals}};
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        TRY(json_int(document.root, members[i].name, 0, INT64_MAX, members[i].value));
    *ret_counts = c;
    return OK;
}

/* Until every journal row is in the ledger. */
static err await_fold(const struct bench *b)
{
    for (int waited = 0; waited < FOLD_WAIT_MS; waited += PAUSE_MS) {
        struct bench_host_counts c;
        TRY(bench_host_counts(b, &c));
        if (c.fold_seq == c.journal_seq && c.tasks == 0 && c.reversals == 0) return OK;
        pause_a_little();
    }
    return ERR(TIMEOUT);
}

static err stop_acquirer(struct bench *b)
{
    if (kill(b->process_acquirer->pid, SIGTERM) != 0) return ERR(IO);
    while (kill(b->process_acquirer->pid, 0) == 0) {
        int64_t cpu_us, resident;
        if (FAILED(child_usage(b->process_acquirer, &cpu_us, &resident)) || resident == 0)
            return OK; /* a zombie has no memory: it has ended and is reaped at the end */
        pause_a_little();
    }
    return OK;
}

static err add_receivable(void *context, const struct account *account)
{
    int64_t *sum = context;
    if (account->kind == ACCOUNT_NETWORK_RECEIVABLE)
        *sum += account->debits_posted - account->credits_posted;
    return OK;
}

static err read_ledger(const char *path, struct bench_books *books, struct process_fault *fault)
{
    struct store_fault why = {""};
    struct ledger *ledger = NULL;
    struct ledger_trial trial;
    err done = ledger_open(path, STORE_READ_ONLY, &why, &ledger);
    if (FAILED(done)) return failed(fault, why.text, done);
    done = ledger_trial_balance(ledger, &trial);
    if (!FAILED(done)) done = ledger_accounts(ledger, add_receivable, &books->ledger_minor);
    if (!FAILED(done))
        books->balanced = trial.balanced && trial.transfers_agree && trial.open_holds == 0;
    ledger_close(ledger);
    return failed(fault, "ledger.db", done);
}

err bench_books(struct bench *b, struct bench_books *ret_books, struct process_fault *fault)
{
    static const char *const names[] = {"journal.db", "ledger.db"};
    CLEANUP(json_free) struct json_document accounts = {0};
    struct bench_books books = {0};
    char path[FILE_PATH_MAX];
    TRY(failed(fault, "the fold does not catch up", await_fold(b)));
    TRY(failed(fault, "the networks' accounts", ask(b->tray, "{\"ask\":\"accounts\"}", &accounts)));
    TRY(failed(fault, "the networks' accounts",
               json_int(accounts.root, "card_network_minor", 0, INT64_MAX, &books.network_minor)));
    TRY(failed(fault, "stopping the acquirer", stop_acquirer(b)));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct stat about;
        TRY(file_path(b->acquirer, names[i], path, sizeof path));
        if (stat(path, &about) != 0) return failed(fault, path, ERR(IO));
        books.file_bytes += about.st_size;
    }
    TRY(read_ledger(path, &books, fault)); /* the last of the names */
    *ret_books = books;
    return OK;
}
