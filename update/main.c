/* SPDX-License-Identifier: Apache-2.0 */
/* tongbao-update: brings trusted metadata up to date and fetches what it announces. */
#include <inttypes.h>
#include <stdio.h>

#include "lib/base/file.h"
#include "lib/wire/process.h"
#include "update/repository.h"

enum { DEFAULT_TIMEOUT_S = 600 }; /* an image of 64 MB over a line of 1 Mbit/s */

static struct {
    const char *metadata_dir, *metadata_url, *target_name, *target_base_url, *target_dir, *ca_file;
    int64_t timeout_s;
    bool plain_http_here;
} settings = {.timeout_s = DEFAULT_TIMEOUT_S};

static const struct process_option options[] = {
    {"metadata-dir", "DIR", "where trusted metadata is kept", .text = &settings.metadata_dir,
     .required = true},
    {"metadata-url", "URL", "where the repository has its metadata",
     .text = &settings.metadata_url},
    {"target-name", "PATH", "what to download", .text = &settings.target_name},
    {"target-base-url", "URL", "where the repository has its files",
     .text = &settings.target_base_url},
    {"target-dir", "DIR", "where what was downloaded is kept", .text = &settings.target_dir},
    {"ca-file", "FILE", "who vouches for the server, in PEM, in place of the system's list",
     .text = &settings.ca_file},
    {"timeout", "SECONDS", "for each file", .number = &settings.timeout_s, .min = 1, .max = 86400},
    {"plain-http-here", NULL, "allow http:// to this machine, for tests",
     .flag = &settings.plain_http_here}};

static const struct process_program program = {.name = "tongbao-update",
                                               .version = TONGBAO_VERSION,
                                               .summary = "Fetches signed updates.",
                                               .arguments = "init ROOT | refresh | download",
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

static int download(struct tuf_client *client)
{
    struct tuf_target target;
    enum tuf_verdict verdict = tuf_client_refresh(client);
    if (verdict == TUF_ACCEPTED) verdict = tuf_client_find(client, settings.target_name, &target);
    if (verdict == TUF_ACCEPTED) verdict = tuf_client_download(client, &target, NULL);
    return report(client, verdict);
}

/* What a command needs beside the directory; -1: go on. */
static int check_command(const char *command, int arguments)
{
    bool is_init = strcmp(command, "init") == 0, is_download = strcmp(command, "download") == 0;
    if (!is_init && !is_download && strcmp(command, "refresh") != 0) {
        process_complain(&program, "there is no command '%s': init ROOT, refresh or download",
                         command);
        return PROCESS_EXIT_USAGE;
    }
    const char *missing = !is_init && settings.metadata_url == NULL         ? "--metadata-url"
                          : is_download && settings.target_name == NULL     ? "--target-name"
                          : is_download && settings.target_base_url == NULL ? "--target-base-url"
                          : is_download && settings.target_dir == NULL      ? "--target-dir"
                          : is_init && arguments < 2                        ? "a file with the root"
                                                                            : NULL;
    if (missing == NULL && arguments == (is_init ? 2 : 1)) return -1;
    process_complain(&program, "%s: %s%s", command,
                     missing != NULL ? missing : "too many arguments",
                     missing != NULL ? " is missing" : "");
    return PROCESS_EXIT_USAGE;
}

/* Before anything is asked: what would otherwise fail for a reason that nobody reads. */
static bool check_url(const char *option, const char *url)
{
    if (url == NULL || download_url_allowed(url, settings.plain_http_here)) return true;
    process_complain(&program, "--%s must begin with https:// (必须以 https:// 开头): %s", option,
                     url);
    return false;
}

static int run(const char *command, const char *argument)
{
    struct download_options how = {settings.ca_file, settings.plain_http_here,
                                   (unsigned)settings.timeout_s * 1000};
    struct repository repository = {NULL, settings.metadata_url, settings.target_base_url};
    struct tuf_client *client = NULL;
    struct tuf_ports ports = {
        .fetch = repository_fetch,
        .context = &repository,
        .metadata = tuf_local_directory(settings.metadata_dir),
        .files = tuf_local_directory(settings.target_dir != NULL ? settings.target_dir : "."),
        .clock = clock_system()};
    int status = PROCESS_EXIT_FAILED;
    if (FAILED(download_create(&how, &repository.download)) ||
        FAILED(tuf_client_create(&ports, &client)))
        process_complain(&program, "%s", err_text(ERR(NO_MEMORY)));
    else if (strcmp(command, "init") == 0) status = init(client, argument);
    else if (strcmp(command, "download") == 0) status = download(client);
    else status = report(client, tuf_client_refresh(client));
    tuf_client_destroy(client);
    download_destroy(repository.download);
    return status;
}

int main(int argc, char **argv)
{
    struct process_fault fault = {""};
    int first = 0, lock = -1;
    if (FAILED(process_harden())) return PROCESS_EXIT_FAILED;
    int status = process_options(&program, argc, argv, &first);
    if (status >= 0) return status;
    if (first >= argc) {
        process_complain(&program, "say what to do: init ROOT, refresh or download");
        return PROCESS_EXIT_USAGE;
    }
    status = check_command(argv[first], argc - first);
    if (status >= 0) return status;
    if (!check_url("metadata-url", settings.metadata_url) ||
        !check_url("target-base-url", settings.target_base_url))
        return PROCESS_EXIT_USAGE;
    /* Two at once would each go back behind what the other has written. */
    if (FAILED(process_lock(settings.metadata_dir, &lock, &fault))) {
        process_complain(&program, "%s", fault.text);
        return PROCESS_EXIT_FAILED;
    }
    return run(argv[first], first + 1 < argc ? argv[first + 1] : NULL);
}
