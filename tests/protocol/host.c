/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a host by its own commands, and asking it what it has seen. */
#include "tests/protocol/host.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/wire/json.h"
#include "lib/wire/rpc.h"

enum { ANSWER_MAX = 65536, ASK_WAIT_MS = 5000, AUDIT_WAIT_MS = 5000, PAUSE_MS = 20 };

const char *host_path(const char *directory, const char *name)
{
    static char path[4][512];
    static unsigned next;
    char *out = path[next++ % ARRAY_LEN(path)];
    snprintf(out, sizeof path[0], "%s/%s", directory, name);
    return out;
}

static void make_places(struct host *h)
{
    snprintf(h->directory, sizeof h->directory, "/tmp/tongbao-protocol-XXXXXX");
    assert_non_null(mkdtemp(h->directory));
    const struct {
        char *path;
        const char *name;
    } places[] = {{h->admin, "admin"},
                  {h->hsm, "hsm"},
                  {h->hsm_socket, "hsm.sock"},
                  {h->networks, "networks"},
                  {h->tray, "tray.sock"},
                  {h->acquirer, "acquirer"},
                  {h->status, "status.sock"},
                  {h->control, "control.sock"},
                  {h->payouts, "payouts.db"},
                  {h->registry, "admin/registry.db"},
                  {h->certificate, "admin/server.pem"},
                  {h->key, "admin/server.key"},
                  {h->authority, "admin/ca.pem"}};
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        snprintf(places[i].path, sizeof h->admin, "%s/%s", h->directory, places[i].name);
    programs_gather(&h->children, h->directory);
}

static void run_well(const struct host *h, const struct said *said)
{
    (void)h;
    if (said->status != 0) fail_msg("status %d: %s", said->status, said->complaint);
}

void host_prepare(struct host *h)
{
    static struct said said;
    *h = (struct host){.port = 0};
    make_places(h);
    const char *const hsm[] = {"--state", h->hsm, "--socket", h->hsm_socket, "--development", NULL};
    assert_ok(children_start(&h->children, "tongbao-hsm", hsm, true, &h->process_hsm));
    programs_run(&h->children, &said, "tongbao-simulators", "--state", h->networks, "--initialise",
                 NULL);
    run_well(h, &said);
    programs_run(&h->children, &said, "tongbao", "admin", "init", "--state", h->admin, "--hsm",
                 h->hsm_socket, "--networks", h->networks, NULL);
    run_well(h, &said);
    programs_run(&h->children, &said, "tongbao", "admin", "merchant", "--state", h->admin, "--mid",
                 HOST_MID, "--name-zh", "示例商户", "--name-en", "EXAMPLE SHOP", NULL);
    run_well(h, &said);
    host_start_networks(h);
}

void host_start_networks(struct host *h)
{
    char network[16], wallet[16], sms[16], smtp[16], alipay[16], wechat[16];
    snprintf(network, sizeof network, "%ld", h->network_port);
    snprintf(wallet, sizeof wallet, "%ld", h->wallet_port);
    snprintf(sms, sizeof sms, "%ld", h->sms_port);
    snprintf(smtp, sizeof smtp, "%ld", h->smtp_port);
    snprintf(alipay, sizeof alipay, "%ld", h->alipay_port);
    snprintf(wechat, sizeof wechat, "%ld", h->wechat_port);
    const char *const networks[] = {"--state",
                                    h->networks,
                                    "--network-port",
                                    network,
                                    "--wallet-port",
                                    wallet,
                                    "--sms-port",
                                    sms,
                                    "--smtp-port",
                                    smtp,
                                    "--tray",
                                    h->tray,
                                    "--alipay-port",
                                    alipay,
                                    "--wechat-port",
                                    wechat,
                                    NULL};
    assert_ok(
        children_start(&h->children, "tongbao-simulators", networks, true, &h->process_networks));
    h->network_port = child_ready_number(h->process_networks, "network_port");
    h->wallet_port = child_ready_number(h->process_networks, "wallet_port");
    h->sms_port = child_ready_number(h->process_networks, "sms_port");
    h->smtp_port = child_ready_number(h->process_networks, "smtp_port");
    h->alipay_port = child_ready_number(h->process_networks, "alipay_port");
    h->wechat_port = child_ready_number(h->process_networks, "wechat_port");
}

void host_start_acquirer(struct host *h)
{
    char network[32], wallet[32];
    snprintf(network, sizeof network, "127.0.0.1:%ld",
             h->network_by != 0 ? h->network_by : h->network_port);
    snprintf(wallet, sizeof wallet, "127.0.0.1:%ld", h->wallet_port);
    const char *const arguments[] = {
        "--state",        h->acquirer, "--registry", h->registry,  "--hsm",
        h->hsm_socket,    "--port",    "0",          "--tls-cert", h->certificate,
        "--tls-key",      h->key,      "--tls-ca",   h->authority, "--wallet",
        wallet,           "--status",  h->status,    "--frame-ms", "1000",
        "--card-network", network,     "--control",  h->control,   "--payout-accounts",
        h->payouts,       NULL};
    assert_ok(
        children_start(&h->children, "tongbao-acquirer", arguments, true, &h->process_acquirer));
    h->port = child_ready_number(h->process_acquirer, "port");
    for (int waited = 0; waited < AUDIT_WAIT_MS; waited += PAUSE_MS) {
        if (host_count(h, "card_network") == 1 && host_count(h, "wallet") == 1) return;
        programs_pause();
    }
    fail_msg("the acquirer does not reach its networks");
}

void host_start(struct host *h)
{
    host_prepare(h);
    host_start_acquirer(h);
}

void host_stop_acquirer(struct host *h)
{
    assert_int_equal(kill(h->process_acquirer->pid, SIGTERM), 0);
    for (int waited = 0; waited < ASK_WAIT_MS; waited += PAUSE_MS) {
        int64_t cpu_us, resident;
        /* A process that has ended and was not waited for has no memory any more. */
        if (FAILED(child_usage(h->process_acquirer, &cpu_us, &resident)) || resident == 0) {
            child_kill(h->process_acquirer);
            return;
        }
        programs_pause();
    }
    fail_msg("the acquirer does not stop");
}

static void no_sanitizer_has_spoken(const struct host *h)
{
    static const char *const words[] = {"ERROR: AddressSanitizer", "runtime error:", "ENSURE("};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (host_stored(h->children.directory, bytes_text(words[i])))
            fail_msg("%s: see the logs in %s", words[i], h->children.directory);
}

void host_stop(struct host *h)
{
    children_stop(&h->children);
    no_sanitizer_has_spoken(h);
    programs_remove(h->directory);
}

/* ---- what it says ---- */

static void ask(const char *socket, const char *question, struct json_document *ret_document)
{
    static uint8_t block[ANSWER_MAX];
    struct rpc rpc;
    struct bytes answer;
    assert_ok(rpc_connect(&rpc, socket, ASK_WAIT_MS, sizeof block));
    assert_ok(rpc_call(&rpc, bytes_text(question), block, sizeof block, &answer));
    assert_ok(json_parse(answer, sizeof block, ret_document));
    rpc_close(&rpc);
}

int64_t host_count(const struct host *h, const char *name)
{
    CLEANUP(json_free) struct json_document document = {0};
    int64_t value = 0;
    bool flag = false;
    ask(h->status, "status", &document);
    if (!FAILED(json_bool(document.root, name, &flag))) return flag;
    assert_ok(json_int(document.root, name, 0, INT64_MAX, &value));
    return value;
}

int64_t host_network_minor(const struct host *h, const char *name)
{
    CLEANUP(json_free) struct json_document document = {0};
    int64_t value = 0;
    ask(h->tray, "{\"ask\":\"accounts\"}", &document);
    assert_ok(json_int(document.root, name, 0, INT64_MAX, &value));
    return value;
}

void host_card(const struct host *h, const char *name, char track2[static 40])
{
    CLEANUP(json_free) struct json_document shown = {0}, read = {0};
    char question[128], text[64];
    snprintf(question, sizeof question,
             "{\"ask\":\"present\",\"card\":\"%s\",\"reader\":\"protocol\"}", name);
    ask(h->tray, question, &shown);
    ask(h->tray, "{\"ask\":\"read\",\"reader\":\"protocol\"}", &read);
    assert_ok(json_text_copy(read.root, "track2", text, sizeof text));
    size_t len = strlen(text);
    assert_true(len > 2 && len < 42 && text[0] == ';' && text[len - 1] == '?');
    memcpy(track2, text + 1, len - 2);
    track2[len - 2] = '\0';
}

/* ---- audit ---- */

struct wanted {
    const char *event, *subject;
    int64_t count;
};

static err count_record(void *context, const struct audit_record *record)
{
    struct wanted *w = context;
    bool event = bytes_equal(record->entry.event, bytes_text(w->event));
    bool subject = w->subject == NULL || bytes_equal(record->entry.subject, bytes_text(w->subject));
    w->count += event && subject;
    return OK;
}

int64_t host_audits(const struct host *h, const char *event, const char *subject)
{
    struct wanted wanted = {event, subject, 0};
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 2000};
    assert_ok(store_open(host_path(h->acquirer, "audit.db"), &options, NULL, &store));
    assert_ok(audit_read(store, 1, count_record, &wanted));
    store_close(store);
    return wanted.count;
}

void host_await_audit(const struct host *h, const char *event, const char *subject, int64_t before)
{
    for (int waited = 0; waited < AUDIT_WAIT_MS; waited += PAUSE_MS) {
        if (host_audits(h, event, subject) > before) return;
        programs_pause();
    }
    fail_msg("there is no audit record %s of %s", event, subject != NULL ? subject : "anybody");
}

/* ---- files ---- */

static struct bytes searched;
static bool found;

static int search_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)where;
    if (kind != FTW_F || about->st_size == 0) return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    void *at = mmap(NULL, (size_t)about->st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (at == MAP_FAILED) return 0;
    if (memmem(at, (size_t)about->st_size, searched.at, searched.len) != NULL) {
        print_message("found in %s\n", path);
        found = true;
    }
    munmap(at, (size_t)about->st_size);
    return 0;
}

bool host_stored(const char *directory, struct bytes what)
{
    searched = what;
    found = false;
    (void)nftw(directory, search_one, 16, FTW_PHYS);
    return found;
}
