/* SPDX-License-Identifier: Apache-2.0 */
/* tongbao-update: brings trusted metadata up to date, fetches what it announces, fills slots. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/reader.h"
#include "lib/tuf/assignment.h"
#include "lib/wire/process.h"
#include "update/fetch.h"
#include "update/notice.h"
#include "update/repository.h"
#include "update/runner.h"
#include "update/slots.h"

enum {
    DEFAULT_TIMEOUT_S = 600, /* an image of 64 MB over a line of 1 Mbit/s */
    LOOK_AGAIN_MS = 10000,   /* whether there is something to start by now */
    DEFAULT_HEALTH_S = 300   /* a line that comes up slowly is no fault of an image */
};

static struct {
    const char *metadata_dir, *metadata_url, *target_name, *target_base_url, *target_dir, *ca_file,
        *slots_dir, *floor, *image_key, *model, *serial;
    int64_t timeout_s, health_s, ready_fd;
    bool plain_http_here;
} settings = {.timeout_s = DEFAULT_TIMEOUT_S, .health_s = DEFAULT_HEALTH_S, .ready_fd = -1};

static const struct process_option options[] = {
    {"metadata-dir", "DIR", "where trusted metadata is kept", .text = &settings.metadata_dir},
    {"metadata-url", "URL", "where the repository has its metadata",
     .text = &settings.metadata_url},
    {"target-name", "PATH", "what to download", .text = &settings.target_name},
    {"target-base-url", "URL", "where the repository has its files",
     .text = &settings.target_base_url},
    {"target-dir", "DIR", "where what was downloaded is kept", .text = &settings.target_dir},
    {"slots-dir", "DIR", "where the two slots for software are", .text = &settings.slots_dir},
    {"floor", "PATH",
     "socket of tongbao-vault, which keeps the version below which nothing is installed or started",
     .text = &settings.floor},
    {"image-key", "HEX", "the Ed25519 key that images are signed with",
     .text = &settings.image_key},
    {"model", "NAME", "what images must be for", .text = &settings.model},
    {"serial", "TEXT", "of this device: whom an assignment must be for", .text = &settings.serial},
    {"health", "SECONDS", "in which a new image must be healthy", .number = &settings.health_s,
     .min = 1, .max = 86400},
    {"ready-fd", "N", "gets what the program says when it is ready", .number = &settings.ready_fd,
     .max = 1023},
    {"ca-file", "FILE", "who vouches for the server, in PEM, in place of the system's list",
     .text = &settings.ca_file},
    {"timeout", "SECONDS", "for each file", .number = &settings.timeout_s, .min = 1, .max = 86400},
    {"plain-http-here", NULL, "allow http:// to this machine, for tests",
     .flag = &settings.plain_http_here}};

static const struct process_program program = {
    .name = "tongbao-update",
    .version = TONGBAO_VERSION,
    .summary = "Fetches signed updates.",
    .arguments = "init ROOT | refresh | download | install | start | confirm SLOT | "
                 "refuse SLOT | run ARGUMENTS",
    .options = options,
    .option_count = ARRAY_LEN(options)};

/* Exit status of a verdict, and its sentence in both languages. */
static int report(const struct tuf_client *client, enum tuf_verdict verdict)
{
    if (verdict == TUF_ACCEPTED || verdict == TUF_UNCHANGED) return 0;
    err reason = tuf_client_reason(client);
    bool port = verdict == TUF_UNREACHABLE || verdict == TUF_STORE;
    process_complain(&program, "%s: %s%s%s (%s)", tuf_client_subject(client),
                     tuf_verdict_text(verdict, false), port ? ": " : "",
                     port ? err_text(reason) : "", tuf_verdict_text(verdict, true));
    return PROCESS_EXIT_FAILED;
}

static int init(struct tuf_client *client, const char *path)
{
    static uint8_t root[TUF_ROOT_BYTES];
    size_t len = 0;
    err e = file_read(path, FILE_PUBLIC, root, sizeof root, &len);
    if (FAILED(e)) {
        process_complain(&program, "%s: %s (无法读取根元数据)", path, err_text(e));
        return PROCESS_EXIT_FAILED;
    }
    return report(client, tuf_client_init(client, bytes_of(root, len)));
}

static enum tuf_verdict fetch(struct tuf_client *client, struct bytes *ret_content,
                              struct fetched *ret_fetched)
{
    struct tuf_target target;
    TUF_TRY(tuf_client_refresh(client));
    TUF_TRY(tuf_client_find(client, settings.target_name, &target));
    return fetch_image(client, &target, settings.slots_dir, ret_content, ret_fetched);
}

/* ---- slots ---- */

static bool read_image_key(struct document_key *ret_key)
{
    if (!FAILED(
            document_key_read_public(DOCUMENT_ED25519, bytes_text(settings.image_key), ret_key)))
        return true;
    process_complain(&program, "--image-key takes 64 hexadecimal digits (应为 64 位十六进制数)");
    return false;
}

/* What refuses an image, beside what a file can suffer from. */
static const char *slot_reason(err e)
{
    switch ((int)e.code) {
    case ERR_SHORT:
    case ERR_TRAILING:
    case ERR_FORMAT:
        return "this is no image (不是镜像文件)";
    case ERR_IDENTITY:
        return "the image is not signed by the key, or was changed (镜像签名无效或内容被改动)";
    case ERR_CONFLICT:
        return "the image is for another model (镜像属于其他型号)";
    case ERR_RANGE:
        return "the image is not newer than what was healthy, or older than the vault allows "
               "(镜像不比已验证的版本新，或低于安全模块允许的最低版本)";
    case ERR_REFUSED:
        return "the vault does not say which version is too old: see that tongbao-vault runs with "
               "--floor, and do it again (安全模块没有告知最低版本，请确认其已启动后重试)";
    case ERR_DENIED:
        return "this version has failed its health check here (该版本曾未通过健康检查)";
    case ERR_BUSY:
        return "the other slot is being tried: confirm or refuse it first "
               "(另一槽位正在试运行，请先确认或拒绝)";
    case ERR_STATE:
        return "nothing in this slot waits for that (该槽位没有待处理的镜像)";
    case ERR_NOT_FOUND:
        return "no slot has an image that may start (没有可启动的镜像)";
    case ERR_CORRUPT:
        return "what was written is not what is read: the medium fails (写入校验失败，存储介质故障)";
    default:
        return err_text(e);
    }
}

/* The same of a start: what stands there is not new, and need not be. */
static const char *start_reason(err e)
{
    if (e.code == ERR_RANGE)
        return "what stands in the slots is older than what was healthy on this device: install "
               "the newest version (槽位中的软件比本机验证过的版本旧，请重新安装最新版本)";
    return slot_reason(e);
}

static int report_slot(const char *command, err e)
{
    if (!FAILED(e)) return 0;
    bool starts = strcmp(command, "start") == 0 || strcmp(command, "run") == 0;
    process_complain(&program, "%s", starts ? start_reason(e) : slot_reason(e));
    return PROCESS_EXIT_FAILED;
}

static err use_slots(const char *command, enum slot named, struct bytes content,
                     const struct document_key *key, void *block)
{
    struct slots_ports ports = slots_of_directory(settings.slots_dir, settings.floor);
    struct slots slots;
    struct image image;
    enum slot slot;
    TRY(slots_open(&ports, key, settings.model, block, IMAGE_BYTES_MAX, &slots));
    if (strcmp(command, "confirm") == 0) return slots_confirm(&slots, named);
    if (strcmp(command, "refuse") == 0) return slots_refuse(&slots, named);
    if (strcmp(command, "install") == 0) {
        err e = slots_install(&slots, content);
        return e.code == ERR_EXISTS ? OK : e; /* it waits to be tried: nothing to do */
    }
    TRY(slots_start(&slots, &slot, &image));
    /* `run` asks again while the program runs; here nobody would. */
    if (!slots.heard) return ERR(REFUSED);
    printf("%c %" PRIu64 "\n", slot == SLOT_A ? 'a' : 'b', image.version);
    return OK;
}

static int run_slots(const char *command, const char *argument, struct bytes content)
{
    CLEANUP(document_key_free) struct document_key key = {0};
    enum slot named = argument != NULL && strcmp(argument, "b") == 0 ? SLOT_B : SLOT_A;
    struct process_fault fault = {""};
    int lock = -1;
    if (!read_image_key(&key)) return PROCESS_EXIT_USAGE;
    if (FAILED(process_lock(settings.slots_dir, &lock, &fault))) {
        process_complain(&program, "%s", fault.text);
        return PROCESS_EXIT_FAILED;
    }
    void *block = malloc(IMAGE_BYTES_MAX); /* touched as far as an image goes */
    err e = block == NULL ? ERR(NO_MEMORY) : use_slots(command, named, content, &key, block);
    free(block);
    return report_slot(command, e);
}

/* ---- running ---- */

/* What is needed to fetch; lives for one command. */
struct fetching {
    struct repository repository;
    struct tuf_client *client;
    int lock;
};

static err fetching_open(struct fetching *f, struct process_fault *fault)
{
    const struct download_options how = {settings.ca_file, settings.plain_http_here,
                                         (unsigned)settings.timeout_s * 1000};
    *f = (struct fetching){.repository = {NULL, settings.metadata_url, settings.target_base_url},
                           .lock = -1};
    const struct tuf_ports ports = {
        .fetch = repository_fetch,
        .context = &f->repository,
        .metadata = tuf_local_directory(settings.metadata_dir),
        .files = tuf_local_directory(settings.target_dir != NULL ? settings.target_dir : "."),
        .clock = clock_system()};
    /* Two at once would each go back behind what the other has written. */
    TRY(process_lock(settings.metadata_dir, &f->lock, fault));
    TRY(download_create(&how, &f->repository.download));
    return tuf_client_create(&ports, &f->client);
}

static void fetching_close(struct fetching *f)
{
    tuf_client_destroy(f->client);
    download_destroy(f->repository.download);
}

static enum tuf_verdict fetch_assigned(struct tuf_client *client, struct bytes assignment,
                                       struct bytes *ret_content, struct fetched *ret_fetched)
{
    struct tuf_target target;
    int64_t number = 0;
    TUF_TRY(tuf_client_refresh(client));
    TUF_TRY(tuf_client_assign(client, assignment, settings.serial, &target, &number));
    return fetch_image(client, &target, settings.slots_dir, ret_content, ret_fetched);
}

/* How much travelled, for whoever pays for the line. */
static void log_fetched(const struct log *log, const struct fetched *fetched)
{
    log_event(log, LOG_INFO, "downloaded", LOG_INT("bytes", (int64_t)fetched->travelled),
              LOG_INT("of", (int64_t)fetched->length),
              LOG_TEXT("delta", tuf_verdict_name(fetched->delta)));
}

/* What is there already is no failure: the device has it, or is about to. */
static err install_assigned(struct bytes content, const struct document_key *key, void *block)
{
    struct slots_ports ports = slots_of_directory(settings.slots_dir, settings.floor);
    struct slots slots;
    struct image image;
    TRY(slots_open(&ports, key, settings.model, block, IMAGE_BYTES_MAX, &slots));
    TRY(image_check(content, settings.model, key, &image));
    if (image.version == slots.record.slot[slots.record.active].version) return OK;
    err e = slots_install(&slots, content);
    return e.code == ERR_EXISTS ? OK : e;
}

/* A line as the back office will show it. */
static void explain(char why[RUNNER_WHY_MAX], const char *about, const char *english,
                    const char *chinese)
{
    snprintf(why, RUNNER_WHY_MAX, "%s%s%s%s%s", about, about[0] != '\0' ? ": " : "", english,
             chinese[0] != '\0' ? " / " : "", chinese);
}

static int take_assignment(void *context, struct bytes assignment, char why[RUNNER_WHY_MAX])
{
    const struct runner *runner = context;
    struct fetching f;
    struct fetched told = {.length = 0};
    struct bytes content = {0};
    struct process_fault fault = {""};
    enum tuf_verdict verdict = TUF_ACCEPTED;
    err e = fetching_open(&f, &fault);
    if (!FAILED(e)) verdict = fetch_assigned(f.client, assignment, &content, &told);
    bool fetched = verdict == TUF_ACCEPTED || verdict == TUF_UNCHANGED;
    if (fetched && !FAILED(e)) log_fetched(runner->log, &told);
    if (FAILED(e)) explain(why, "", fault.text[0] != '\0' ? fault.text : err_text(e), "");
    else if (!fetched)
        explain(why, tuf_client_subject(f.client), tuf_verdict_text(verdict, false),
                tuf_verdict_text(verdict, true));
    else e = install_assigned(content, runner->key, runner->block);
    if (fetched && FAILED(e)) explain(why, "", slot_reason(e), "");
    fetching_close(&f);
    return why[0] == '\0' ? 0 : PROCESS_EXIT_FAILED;
}

/* Where the program's page is: what it was told to take. 0: nobody knows. */
static uint16_t find_port(char *const *arguments)
{
    for (size_t i = 0; arguments[i] != NULL && arguments[i + 1] != NULL; i++) {
        if (strcmp(arguments[i], "--http") != 0) continue;
        struct reader r = reader_over(bytes_text(arguments[i + 1]));
        unsigned port = read_digits(&r, r.left.len <= 5 ? r.left.len : 0);
        return !FAILED(reader_finish(&r)) && port <= UINT16_MAX ? (uint16_t)port : 0;
    }
    return 0;
}

/*
 * Nothing can be started: people are told where they look for the terminal's page, and whoever
 * installs something may, until there is something to start. False: we are to end.
 */
static bool show_notice(const struct runner *runner, int *lock)
{
    struct process_fault fault = {""};
    uint16_t port = find_port(runner->arguments);
    if (port == 0) return false;
    (void)close(*lock);
    do {
        if (notice_show(port, runner->nothing, LOOK_AGAIN_MS) == NOTICE_STOP) return false;
    } while (FAILED(process_lock(settings.slots_dir, lock, &fault)));
    return true;
}

static int run_program(char *const *arguments)
{
    CLEANUP(document_key_free) struct document_key key = {0};
    struct process_fault fault = {""};
    struct log log = log_to_fd(2, "tongbao-update", clock_system());
    int lock = -1;
    if (!read_image_key(&key)) return PROCESS_EXIT_USAGE;
    if (FAILED(process_lock(settings.slots_dir, &lock, &fault))) {
        process_complain(&program, "%s", fault.text);
        return PROCESS_EXIT_FAILED;
    }
    struct runner runner = {.slots_dir = settings.slots_dir,
                            .model = settings.model,
                            .vault = settings.floor,
                            .name = "tongbao-terminal",
                            .key = &key,
                            .log = &log,
                            .arguments = arguments,
                            .ready_fd = (int)settings.ready_fd,
                            .health_ms = settings.health_s * 1000,
                            .take = take_assignment,
                            .block = malloc(IMAGE_BYTES_MAX)};
    runner.context = &runner;
    if (runner.block == NULL) return report_slot("run", ERR(NO_MEMORY));
    int status;
    do {
        runner.nothing = OK;
        status = runner_run(&runner);
        if (FAILED(runner.nothing)) (void)report_slot("run", runner.nothing);
    } while (FAILED(runner.nothing) && show_notice(&runner, &lock));
    free(runner.block);
    if (!FAILED(runner.nothing)) return status;
    return find_port(arguments) == 0 ? PROCESS_EXIT_FAILED : 0; /* asked to end the notice */
}

/* ---- commands ---- */

enum need { METADATA = 1, URL = 2, TARGET = 4, SLOTS = 8, FILES = 16, SERIAL = 32 };

static const struct command {
    const char *name, *argument; /* NULL: takes none */
    unsigned needs;
} commands[] = {
    {"init", "a file with the root", METADATA},
    {"refresh", NULL, METADATA | URL},
    {"download", NULL, METADATA | URL | TARGET | FILES},
    {"install", NULL, METADATA | URL | TARGET | FILES | SLOTS},
    {"run", "arguments of the program", METADATA | URL | FILES | SLOTS | SERIAL},
    {"start", NULL, SLOTS},
    {"confirm", "a slot, a or b,", SLOTS},
    {"refuse", "a slot, a or b,", SLOTS},
};

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    process_complain(&program, "there is no command '%s' (没有这个命令)", name);
    return NULL;
}

/* What a command needs and was not given; NULL: nothing. */
static const char *find_missing(const struct command *command, const char *argument)
{
    const struct {
        unsigned need;
        const char *option, *value;
    } rows[] = {{METADATA, "--metadata-dir", settings.metadata_dir},
                {URL, "--metadata-url", settings.metadata_url},
                {TARGET, "--target-name", settings.target_name},
                {FILES, "--target-base-url", settings.target_base_url},
                {FILES, "--target-dir", settings.target_dir},
                {SERIAL, "--serial", settings.serial},
                {SLOTS, "--slots-dir", settings.slots_dir},
                {SLOTS, "--image-key", settings.image_key},
                {SLOTS, "--model", settings.model}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if ((command->needs & rows[i].need) != 0 && rows[i].value == NULL) return rows[i].option;
    return command->argument != NULL && argument == NULL ? command->argument : NULL;
}

static bool check_command(const struct command *command, const char *argument, bool more)
{
    const char *missing = find_missing(command, argument);
    if (missing != NULL)
        process_complain(&program, "%s: %s is missing (缺少)", command->name, missing);
    else if (more || (command->argument == NULL && argument != NULL))
        process_complain(&program, "%s: too many arguments (参数过多)", command->name);
    else if ((command->needs & METADATA) == 0 && argument != NULL && strcmp(argument, "a") != 0 &&
             strcmp(argument, "b") != 0)
        process_complain(&program, "%s: there are slots a and b (槽位为 a 和 b)", command->name);
    else return true;
    return false;
}

/* Before anything is asked: what would otherwise fail for a reason that nobody reads. */
static bool check_url(const char *option, const char *url)
{
    if (url == NULL || download_url_allowed(url, settings.plain_http_here)) return true;
    process_complain(&program, "--%s must begin with https:// (必须以 https:// 开头): %s", option,
                     url);
    return false;
}

static int run_client(const struct command *command, const char *argument,
                      struct tuf_client *client)
{
    struct bytes content = {0};
    struct fetched told = {.length = 0};
    if (strcmp(command->name, "init") == 0) return init(client, argument);
    if (strcmp(command->name, "refresh") == 0) return report(client, tuf_client_refresh(client));
    int status = report(client, fetch(client, &content, &told));
    if (status != 0 || (command->needs & SLOTS) == 0) return status;
    printf("%zu of %zu bytes\n", told.travelled, told.length);
    return run_slots(command->name, argument, content);
}

static int run(const struct command *command, const char *argument)
{
    struct fetching f;
    struct process_fault fault = {""};
    err e = fetching_open(&f, &fault);
    int status = PROCESS_EXIT_FAILED;
    if (FAILED(e))
        process_complain(&program, "%s", fault.text[0] != '\0' ? fault.text : err_text(e));
    else status = run_client(command, argument, f.client);
    fetching_close(&f);
    return status;
}

int main(int argc, char **argv)
{
    int first = 0;
    if (FAILED(process_harden())) return PROCESS_EXIT_FAILED;
    int status = process_options(&program, argc, argv, &first);
    if (status >= 0) return status;
    if (first >= argc) {
        process_complain(&program, "say what to do; --help lists it (请指明命令，见 --help)");
        return PROCESS_EXIT_USAGE;
    }
    const struct command *command = find_command(argv[first]);
    const char *argument = first + 1 < argc ? argv[first + 1] : NULL;
    bool runs = command != NULL && (command->needs & SERIAL) != 0;
    bool more = first + 2 < argc && !runs;
    if (command == NULL || !check_command(command, argument, more) ||
        !check_url("metadata-url", settings.metadata_url) ||
        !check_url("target-base-url", settings.target_base_url))
        return PROCESS_EXIT_USAGE;
    if (runs) return run_program(argv + first + 1);
    if ((command->needs & METADATA) == 0)
        return run_slots(command->name, argument, (struct bytes){0});
    return run(command, argument);
}
