/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the programs in the order in which they need one another; a function a step. */
#include "cli/stage.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/host_accounts.h"
#include "cli/host_parameters.h"
#include "cli/host_wallets.h"
#include "cli/stage_updates.h"
#include "lib/base/clock_turned.h"
#include "lib/base/file.h"
#include "lib/wire/json.h"
#include "lib/wire/reader_host.h"

/* A parcel of a demo arrives while somebody watches: four steps, 40 seconds. */
#define COURIER_PACE "10"
#define COURIER_POLL "2"

static err failed(struct process_fault *fault, const char *what, err why)
{
    if (fault->text[0] == '\0')
        snprintf(fault->text, sizeof fault->text, "%s: %s", what,
                 why.code == ERR_CLOSED ? "it ended before it was ready" : err_text(why));
    return why;
}

static err make_directories(struct stage *s, const char *parent, struct process_fault *fault)
{
    snprintf(s->directory, sizeof s->directory, "%.90s/tongbao-XXXXXX",
             parent == NULL ? "/tmp" : parent);
    if (mkdtemp(s->directory) == NULL) return failed(fault, s->directory, ERR(IO));
    const struct {
        char *path;
        const char *name;
        bool make;
    } places[] = {{s->admin, "admin", false},
                  {s->hsm, "hsm", false},
                  {s->hsm_socket, "hsm.sock", false},
                  {s->networks, "networks", false},
                  {s->tray, "tray.sock", false},
                  {s->cards, "cards", false},
                  {s->cards_socket, "cards.sock", false},
                  {s->acquirer, "acquirer", false},
                  {s->control, "control.sock", false},
                  {s->vault, "vault", false},
                  {s->vault_socket, "vault.sock", false},
                  {s->floor_socket, "floor.sock", false},
                  {s->terminal, "terminal", false},
                  {s->backoffice, "backoffice", false},
                  {s->children.directory, "log", true}};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        snprintf(places[i].path, 160, "%.120s/%s", s->directory, places[i].name);
        if (places[i].make && mkdir(places[i].path, 0700) != 0)
            return failed(fault, places[i].path, ERR(IO));
    }
    /* Programs are in build/bin; pages and clips are beside it. */
    snprintf(s->web, sizeof s->web, "%.200s/../web/terminal", s->children.programs);
    snprintf(s->web_consoles, sizeof s->web_consoles, "%.200s/../web", s->children.programs);
    snprintf(s->speech, sizeof s->speech, "%.200s/../speech", s->children.programs);
    return OK;
}

/* Not waited for: it is there long before somebody takes a card, and a demo without it goes on. */
static err start_cards(struct stage *s, struct process_fault *fault)
{
    const char *const arguments[] = {"--directory", s->cards, "--socket", s->cards_socket, NULL};
    err done = children_start(&s->children, "tongbao-cards", arguments, false, &s->process_cards);
    return FAILED(done) ? failed(fault, "tongbao-cards", done) : OK;
}

static err start_hsm(struct stage *s, struct process_fault *fault)
{
    const char *const arguments[] = {"--state",     s->hsm,          "--socket",
                                     s->hsm_socket, "--development", NULL};
    err done = children_start(&s->children, "tongbao-hsm", arguments, true, &s->process_hsm);
    return FAILED(done) ? failed(fault, "tongbao-hsm", done) : OK;
}

/* Each listens at a free port and says which; started again, where it was. */
static err start_networks(struct stage *s, struct process_fault *fault)
{
    const struct {
        const char *option, *ready;
        long *port;
    } rows[] = {{"--network-port", "network_port", &s->network_port},
                {"--wallet-port", "wallet_port", &s->wallet_port},
                {"--alipay-port", "alipay_port", &s->alipay_port},
                {"--wechat-port", "wechat_port", &s->wechat_port},
                {"--sms-port", "sms_port", &s->sms_port},
                {"--smtp-port", "smtp_port", &s->smtp_port},
                {"--courier-port", "courier_port", &s->courier_port},
                {"--identity-port", "identity_port", &s->identity_port}};
    const char *arguments[32] = {"--state", s->networks,     "--tray",         s->tray,
                                 "--cards", s->cards_socket, "--courier-pace", COURIER_PACE};
    char number[ARRAY_LEN(rows)][16];
    static_assert(8 + 2 * ARRAY_LEN(rows) < ARRAY_LEN(arguments), "NULL ends them");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(number[i], sizeof number[i], "%ld", *rows[i].port);
        arguments[8 + 2 * i] = rows[i].option;
        arguments[9 + 2 * i] = number[i];
    }
    err done =
        children_start(&s->children, "tongbao-simulators", arguments, true, &s->process_networks);
    if (FAILED(done)) return failed(fault, "tongbao-simulators", done);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        *rows[i].port = child_ready_number(s->process_networks, rows[i].ready);
    snprintf(s->sms_key, sizeof s->sms_key, "%s/sms.key", s->networks);
    snprintf(s->courier_key, sizeof s->courier_key, "%s/courier.key", s->networks);
    snprintf(s->identity_key, sizeof s->identity_key, "%s/identity.key", s->networks);
    return OK;
}

static err make_keys(struct stage *s, struct process_fault *fault)
{
    const struct host_place place = {s->admin, s->hsm_socket, s->networks};
    const char *const initialise[] = {"--state", s->networks, "--initialise", NULL};
    err done = children_run(&s->children, "tongbao-simulators", initialise, NULL, 0);
    if (FAILED(done)) return failed(fault, "tongbao-simulators --initialise", done);
    return host_keys_initialise(&place, fault);
}

/* Keys for the gateway, and a merchant's account with each of the simulated providers. */
static err open_wallet_accounts(struct stage *s, struct process_fault *fault)
{
    const struct host_place place = {s->admin, s->hsm_socket, s->networks};
    snprintf(s->wallet_accounts, sizeof s->wallet_accounts, "%.120s/wallets.json", s->directory);
    err done = host_wallets_simulated(&place, s->wallet_accounts, fault);
    return FAILED(done) ? failed(fault, "accounts with wallets", done) : OK;
}

static err start_wallets(struct stage *s, struct process_fault *fault)
{
    char port[16], notify[16], other[32];
    snprintf(port, sizeof port, "%ld", s->wallets_port);
    snprintf(notify, sizeof notify, "%ld", s->notify_port);
    snprintf(other, sizeof other, "127.0.0.1:%ld", s->wallet_port);
    const char *const arguments[] = {
        "--accounts", s->wallet_accounts, "--hsm", s->hsm_socket, "--port", port, "--other",
        other,        "--notify-port",    notify,  NULL};
    err done =
        children_start(&s->children, "tongbao-wallets", arguments, true, &s->process_wallets);
    if (FAILED(done)) return failed(fault, "tongbao-wallets", done);
    s->wallets_port = child_ready_number(s->process_wallets, "port");
    s->notify_port = child_ready_number(s->process_wallets, "notify_port");
    return OK;
}

/* Before anybody signs in: the first sign-in then fetches them. */
static err publish_parameters(struct stage *s, struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_parameters head;
    TRY(host_keys_registry(s->admin, STORE_OPEN, &registry, fault));
    err done =
        host_parameters_publish(s->admin, registry, NULL, host_parameters_demo(), &head, fault);
    registry_close(registry);
    return FAILED(done) ? failed(fault, "parameters of chip cards", done) : OK;
}

static err start_acquirer(struct stage *s, struct process_fault *fault)
{
    char port[16], network[32], wallet[32], registry[192], certificate[192], key[192],
        authority[192], accounts[192];
    snprintf(port, sizeof port, "%ld", s->acquirer_port);
    snprintf(accounts, sizeof accounts, "%s/backoffice.db", s->backoffice);
    snprintf(network, sizeof network, "127.0.0.1:%ld", s->network_port);
    snprintf(wallet, sizeof wallet, "127.0.0.1:%ld", s->wallets_port);
    snprintf(registry, sizeof registry, "%s/registry.db", s->admin);
    snprintf(certificate, sizeof certificate, "%s/server.pem", s->admin);
    snprintf(key, sizeof key, "%s/server.key", s->admin);
    snprintf(authority, sizeof authority, "%s/ca.pem", s->admin);
    const char *const arguments[] = {
        "--state",   s->acquirer, "--registry",        registry,    "--hsm",     s->hsm_socket,
        "--port",    port,        "--tls-cert",        certificate, "--tls-key", key,
        "--tls-ca",  authority,   "--card-network",    network,     "--wallet",  wallet,
        "--control", s->control,  "--payout-accounts", accounts,    NULL};
    err done =
        children_start(&s->children, "tongbao-acquirer", arguments, true, &s->process_acquirer);
    if (FAILED(done)) return failed(fault, "tongbao-acquirer", done);
    s->acquirer_port = child_ready_number(s->process_acquirer, "port");
    return OK;
}

/* {"passwords":[{"operator":"01","password":"..."},...]}: said once, by the vault, to us alone. */
static err take_passwords(struct stage *s, char *said, struct process_fault *fault)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct json_t *list;
    size_t count;
    err done = json_parse(bytes_text(said), 4096, &document);
    if (!FAILED(done))
        done = json_list(document.root, "passwords", STAGE_PASSWORDS_MAX, &list, &count);
    for (size_t i = 0; !FAILED(done) && i < count; i++) {
        struct stage_password *p = &s->password[s->passwords++];
        const struct json_t *row = json_at(list, i);
        done = json_text_copy(row, "operator", p->operator_id, sizeof p->operator_id);
        if (!FAILED(done)) done = json_text_copy(row, "password", p->password, sizeof p->password);
    }
    return FAILED(done) ? failed(fault, "the vault's initial passwords", done) : OK;
}

/* Its owner and its accountant: of nobody, at addresses that are set aside for examples. */
static err add_contacts(struct stage *s, struct process_fault *fault)
{
    struct registry_contact people[] = {{.number = 1,
                                         .name_zh = "陈晓虹",
                                         .pinyin = "chen xiaohong",
                                         .phone = "13800005678",
                                         .mail = "chen@example.com"},
                                        {.number = 2,
                                         .name_zh = "Ma Li",
                                         .pinyin = "ma li",
                                         .mail = "ma@example.com",
                                         .english = true}};
    for (size_t i = 0; i < ARRAY_LEN(people); i++) {
        TRY(bytes_to_text(bytes_text(s->mid), people[i].mid, sizeof people[i].mid));
        TRY(host_keys_contact(s->admin, &people[i], false, fault));
    }
    return OK;
}

static err provision(struct stage *s, struct process_fault *fault)
{
    char said[4096] = "", file[192];
    const char *const initialise[] = {"--state", s->vault,  "--initialise", "--serial",
                                      s->serial, "--model", "TB-1",         NULL};
    err done = children_run(&s->children, "tongbao-vault", initialise, NULL, 0);
    if (FAILED(done)) return failed(fault, "tongbao-vault --initialise", done);

    const struct host_place place = {s->admin, s->hsm_socket, s->networks};
    const struct host_terminal terminal = {.tid = s->tid,
                                           .serial = s->serial,
                                           .model = "TB-1",
                                           .mid = s->mid,
                                           .device = s->vault,
                                           .suite = REGISTRY_TONGBAO,
                                           .days = s->certificate_days};
    TRY(host_keys_merchant(&place, s->mid, "虹桥小馆（示例）", "HONGQIAO DINER (EXAMPLE)", fault));
    TRY(add_contacts(s, fault));
    TRY(host_keys_provision(&place, &terminal, fault));

    snprintf(file, sizeof file, "%s/provision.json", s->vault);
    const char *const take[] = {"--state",      s->vault, "--provision", file,
                                "--secrets-fd", "@",      NULL};
    done = children_run(&s->children, "tongbao-vault", take, said, sizeof said);
    if (!FAILED(done)) done = take_passwords(s, said, fault);
    explicit_bzero(said, sizeof said);
    return FAILED(done) ? failed(fault, "tongbao-vault --provision", done) : OK;
}

static err start_vault(struct stage *s, struct process_fault *fault)
{
    char service[READER_HOST_PATH_MAX];
    const char *arguments[] = {"--state",  s->vault,
                               "--socket", s->vault_socket,
                               "--floor",  s->floor_socket,
                               "--reader", s->tray,
                               NULL,       NULL,
                               NULL,       NULL,
                               NULL};
    /* A directory that is too long for the socket has no reader: tongbao-cards says so. */
    if (!FAILED(reader_host_socket(s->cards, service, sizeof service))) {
        arguments[8] = "--card-reader";
        arguments[9] = READER_HOST_NAME;
        arguments[10] = "--card-service";
        arguments[11] = service;
    }
    err done = children_start(&s->children, "tongbao-vault", arguments, true, &s->process_vault);
    return FAILED(done) ? failed(fault, "tongbao-vault", done) : OK;
}

/* The drivers of this terminal are files: a cable, until somebody writes something else. */
static err write_network(struct stage *s, struct process_fault *fault)
{
    static const char cable[] =
        "{\"kind\":\"ethernet\",\"security\":\"unknown\",\"captive\":\"no\"}\n";
    static const char square[] = /* 人民广场, Shanghai: an example, like the shop */
        "{\"latitude_e6\":31230416,\"longitude_e6\":121473701,\"accuracy_m\":50}\n";
    snprintf(s->network, sizeof s->network, "%.120s/network.json", s->directory);
    snprintf(s->place, sizeof s->place, "%.120s/place.json", s->directory);
    err done = file_write(s->network, FILE_PRIVATE, bytes_text(cable));
    if (!FAILED(done)) done = file_write(s->place, FILE_PRIVATE, bytes_text(square));
    return FAILED(done) ? failed(fault, s->directory, done) : OK;
}

static err start_terminal(struct stage *s, struct process_fault *fault)
{
    char http[16], host[32], manage[32];
    snprintf(http, sizeof http, "%ld", s->terminal_port);
    snprintf(host, sizeof host, "127.0.0.1:%ld",
             s->host_port != 0 ? s->host_port : s->acquirer_port);
    snprintf(manage, sizeof manage, "127.0.0.1:%ld", s->device_port);
    const bool stick = s->backup[0] != '\0';
    const char *const arguments[] = {"--state",
                                     s->terminal,
                                     "--vault",
                                     s->vault_socket,
                                     "--host",
                                     host,
                                     "--http",
                                     http,
                                     "--web",
                                     s->web,
                                     "--speech",
                                     s->speech,
                                     "--tray",
                                     s->tray,
                                     "--manage",
                                     manage,
                                     "--network",
                                     s->network,
                                     "--place",
                                     s->place,
                                     "--support",
                                     "400-000-0000",
                                     stick ? "--backup" : NULL,
                                     s->backup,
                                     NULL};
    err done = s->updates != NULL ? stage_updates_start(s, arguments)
                                  : children_start(&s->children, "tongbao-terminal", arguments,
                                                   true, &s->process_terminal);
    if (FAILED(done)) return failed(fault, "tongbao-terminal", done);
    s->terminal_port = child_ready_number(s->process_terminal, "port");
    return OK;
}

/* Two members of staff, because the desk needs two for what is dangerous; and the owner. */
static err make_accounts(struct stage *s, struct process_fault *fault)
{
    struct account accounts[STAGE_ACCOUNTS] = {
        {.kind = ACCOUNT_STAFF,
         .login = "agent",
         .name = "客服小林",
         .roles = ROLE_AGENT,
         .mail = "agent@example.com"},
        {.kind = ACCOUNT_STAFF,
         .login = "chief",
         .name = "主管老周",
         .roles = ROLE_APPROVER | ROLE_AUDITOR | ROLE_ADMIN,
         .mail = "chief@example.com"},
        {.kind = ACCOUNT_OWNER,
         .login = "owner",
         .name = "王小明",
         .roles = ROLE_OWNER,
         .mail = "owner@example.com",
         .phone = "13800005678"},
    };
    static const char *const what[STAGE_ACCOUNTS] = {
        "recovery desk  客服", "second pair of eyes  复核", "shop owner  店主"};
    for (size_t i = 0; i < STAGE_ACCOUNTS; i++) {
        struct account *a = &accounts[i];
        if (a->kind == ACCOUNT_OWNER) snprintf(a->mid, sizeof a->mid, "%s", s->mid);
        err done = host_account_add(s->backoffice, a, s->account[i].link, fault);
        if (FAILED(done)) return failed(fault, "accounts", done);
        s->account[i].login = i == 0 ? "agent" : i == 1 ? "chief" : "owner";
        s->account[i].what = what[i];
    }
    return OK;
}

static err start_backoffice(struct stage *s, struct process_fault *fault)
{
    char port[16], device[16], sms[64], courier[64], identity[64], smtp[32];
    char index[300], journal[300], ledger[300];
    snprintf(port, sizeof port, "%ld", s->backoffice_port);
    snprintf(device, sizeof device, "%ld", s->device_port);
    snprintf(sms, sizeof sms, "http://127.0.0.1:%ld/v1/messages", s->sms_port);
    snprintf(courier, sizeof courier, "http://127.0.0.1:%ld", s->courier_port);
    snprintf(smtp, sizeof smtp, "127.0.0.1:%ld", s->smtp_port);
    snprintf(identity, sizeof identity, "http://127.0.0.1:%ld", s->identity_port);
    snprintf(index, sizeof index, "%s/staff/index.html", s->web_consoles);
    snprintf(journal, sizeof journal, "%s/journal.db", s->acquirer);
    snprintf(ledger, sizeof ledger, "%s/ledger.db", s->acquirer);
    /* clang-format off */
    const char *arguments[48] = {
        "--state", s->backoffice, "--admin", s->admin, "--hsm", s->hsm_socket,
        "--port", port, "--device-port", device, "--journal", journal, "--ledger", ledger,
        "--smtp", smtp, "--smtp-from", "noreply@tongbao.example",
        "--sms-url", sms, "--sms-key-file", s->sms_key,
        "--courier-url", courier, "--courier-key-file", s->courier_key, "--courier-poll", COURIER_POLL,
        "--returns-address", "上海市浦东新区张江路1号 终端退回处", "--returns-phone", "+8613800005678",
        "--identity-url", identity, "--identity-key-file", s->identity_key,
    };
    /* clang-format on */
    size_t count = 0;
    while (arguments[count] != NULL) count++;
    if (access(index, R_OK) == 0) { /* pages are there unless only programs were built */
        arguments[count++] = "--web";
        arguments[count++] = s->web_consoles;
    }
    char days[16];
    if (s->certificate_days > 0) {
        snprintf(days, sizeof days, "%d", s->certificate_days);
        arguments[count++] = "--certificate-days";
        arguments[count++] = days;
    }
    if (s->updates != NULL) {
        arguments[count++] = "--updates";
        arguments[count++] = s->updates->repository;
    }
    err done =
        children_start(&s->children, "tongbao-backoffice", arguments, true, &s->process_backoffice);
    if (FAILED(done)) return failed(fault, "tongbao-backoffice", done);
    s->backoffice_port = child_ready_number(s->process_backoffice, "port");
    s->device_port = child_ready_number(s->process_backoffice, "device_port");
    return OK;
}

/* The address that browsers go to, in front of each link. */
static err address_links(struct stage *s, struct process_fault *fault)
{
    (void)fault;
    for (size_t i = 0; i < STAGE_ACCOUNTS; i++) {
        char *link = s->account[i].link, path[HOST_ACCOUNT_LINK_MAX];
        snprintf(path, sizeof path, "%.79s", link);
        snprintf(link, sizeof s->account[i].link, "http://localhost:%ld%s", s->backoffice_port,
                 path);
        explicit_bzero(path, sizeof path);
    }
    return OK;
}

static err start_all(struct stage *s, stage_progress progress, struct process_fault *fault)
{
    static const struct {
        const char *step;
        err (*run)(struct stage *stage, struct process_fault *fault);
    } steps[] = {
        {"virtual chip cards", start_cards},
        {"key store", start_hsm},
        {"keys of this host", make_keys},
        {"what terminals are updated from", stage_updates_publish},
        {"parameters of chip cards", publish_parameters},
        {"card network, wallet, SMS, mail, identity checks", start_networks},
        {"accounts with wallets", open_wallet_accounts},
        {"gateway to the wallets", start_wallets},
        {"acquirer", start_acquirer},
        {"a merchant and a terminal", provision},
        {"accounts of staff and owner", make_accounts},
        {"back office", start_backoffice},
        {"links to the consoles", address_links},
        {"the terminal's vault", start_vault},
        {"the terminal's network", write_network},
        {"the terminal's software", stage_updates_install},
        {"terminal", start_terminal},
    };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        if (progress != NULL) progress(steps[i].step);
        TRY(steps[i].run(s, fault));
    }
    return OK;
}

static err find_programs(struct children *children, const char *programs)
{
    if (programs == NULL) return children_find_programs(children);
    return bytes_to_text(bytes_text(programs), children->programs, sizeof children->programs);
}

static err make_clock(struct stage *s, struct process_fault *fault)
{
    char path[CLOCK_PATH_MAX];
    snprintf(s->backup, sizeof s->backup, "%.120s/stick", s->directory);
    if (mkdir(s->backup, 0700) != 0) return failed(fault, s->backup, ERR(IO));
    snprintf(path, sizeof path, "%.120s/clock", s->directory);
    snprintf(s->children.turned, sizeof s->children.turned, "--turned-clock=%s", path);
    err done = clock_turned_make(path);
    return FAILED(done) ? failed(fault, path, done) : OK;
}

/* `turned`: the clock can be turned, and so many days has the terminal's certificate. */
static err start_with(struct stage *s, struct stage_updates *updates, const int *turned,
                      const char *programs, const char *parent, long http_port,
                      stage_progress progress, struct process_fault *fault)
{
    *s = (struct stage){.tid = "10000017",
                        .mid = "898290058120001",
                        .serial = "TB1-2030-000017",
                        .terminal_port = http_port,
                        .updates = updates};
    TRY(find_programs(&s->children, programs));
    TRY(make_directories(s, parent, fault));
    if (turned != NULL) {
        s->certificate_days = *turned;
        TRY(make_clock(s, fault));
    }
    err done = start_all(s, progress, fault);
    if (FAILED(done)) stage_stop(s, false);
    return done;
}

err stage_start(struct stage *s, const char *programs, const char *parent, long http_port,
                stage_progress progress, struct process_fault *fault)
{
    return start_with(s, NULL, NULL, programs, parent, http_port, progress, fault);
}

err stage_start_updating(struct stage *s, const char *programs, const char *parent, long http_port,
                         stage_progress progress, struct process_fault *fault)
{
    struct stage_updates *updates = calloc(1, sizeof *updates);
    if (updates == NULL) return ERR(NO_MEMORY);
    return start_with(s, updates, NULL, programs, parent, http_port, progress, fault);
}

err stage_start_turned(struct stage *s, int certificate_days, const char *programs,
                       const char *parent, stage_progress progress, struct process_fault *fault)
{
    struct stage_updates *updates = calloc(1, sizeof *updates);
    if (updates == NULL) return ERR(NO_MEMORY);
    return start_with(s, updates, &certificate_days, programs, parent, 0, progress, fault);
}

err stage_restart(struct stage *s, struct child *child, struct process_fault *fault)
{
    static const struct {
        const char *name;
        err (*run)(struct stage *stage, struct process_fault *fault);
    } starts[] = {{"tongbao-hsm", start_hsm},           {"tongbao-simulators", start_networks},
                  {"tongbao-wallets", start_wallets},   {"tongbao-cards", start_cards},
                  {"tongbao-acquirer", start_acquirer}, {"tongbao-backoffice", start_backoffice},
                  {"tongbao-vault", start_vault},       {"tongbao-terminal", start_terminal},
                  {"tongbao-update", start_terminal}};
    const char *name = child->name;
    child_kill(child);
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (strcmp(starts[i].name, name) == 0) return starts[i].run(s, fault);
    return ERR(NOT_FOUND);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

/*
 * Below the caller: a copy of strings that was in vector registers is put there by the dynamic
 * linker, which saves them while it looks for a function of a library. The canary test found it.
 */
static __attribute__((noinline)) void wipe_stack(void)
{
    uint8_t below[64 << 10];
    explicit_bzero(below, sizeof below);
}

void stage_forget(struct stage *s)
{
    explicit_bzero(s->password, sizeof s->password);
    for (size_t i = 0; i < STAGE_ACCOUNTS; i++)
        explicit_bzero(s->account[i].link, sizeof s->account[i].link);
    s->passwords = 0;
    wipe_stack();
}

void stage_stop(struct stage *s, bool keep_directory)
{
    children_stop(&s->children);
    stage_forget(s);
    stage_updates_drop(s);
    if (!keep_directory && s->directory[0] != '\0')
        (void)nftw(s->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
