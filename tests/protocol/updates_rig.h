/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * updates_rig: `tongbao updates` with a real hsm, custodians with their keys, and a server that
 * gives the repository's two folders over HTTP, for tests of programs.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/wire/http.h"
#include "tests/protocol/programs.h"

enum { CUSTODIANS = 6, FILE_MAX = 256 * 1024 };

static struct children children;
static struct scratch scratch;
static struct loop *loop;
static struct http_server *server;
static pthread_t thread;
static atomic_bool stop;
static struct child *hsm;
static struct said said;
static char repository[128], hsm_socket[128], metadata_dir[128], target_dir[128], root[160],
    metadata_url[64], target_url[64];
static char key_file[CUSTODIANS][160], public_key[CUSTODIANS][65];

static const char *const passphrases[CUSTODIANS] = {
    "first of the custodians\n",  "second of the custodians\n", "third of the custodians\n",
    "fourth of the custodians\n", "fifth of the custodians\n",  "sixth of the custodians\n"};

/* One of the repository's two folders. */
static inline void give(const char *folder, const struct http_request *request,
                        struct http_response *response)
{
    char name[300], from[160], path[FILE_PATH_MAX];
    static uint8_t block[FILE_MAX];
    size_t len = 0;
    snprintf(from, sizeof from, "%s/%s", repository, folder);
    if (FAILED(bytes_to_text(request->rest, name, sizeof name)) ||
        FAILED(file_path(from, name, path, sizeof path)) ||
        FAILED(file_read(path, FILE_PUBLIC, block, sizeof block, &len)))
        http_response_error(response, 404, "missing", "not here");
    else write_bytes(&response->body, bytes_of(block, len));
}

static inline void give_metadata(void *context, const struct http_request *request,
                                 struct http_response *response)
{
    (void)context;
    give("metadata", request, response);
}

static inline void give_files(void *context, const struct http_request *request,
                              struct http_response *response)
{
    (void)context;
    give("files", request, response);
}

static inline void *serve(void *context)
{
    (void)context;
    while (!atomic_load(&stop))
        if (FAILED(loop_once(loop, 10))) break;
    return NULL;
}

static inline void below(char *out, size_t size, const char *name)
{
    snprintf(out, size, "%.60s/%s", scratch.directory, name);
}

static inline void start_hsm(void)
{
    char state[160];
    below(state, sizeof state, "hsm");
    below(hsm_socket, sizeof hsm_socket, "hsm.socket");
    const char *const arguments[] = {"--state",      state,           "--socket", hsm_socket,
                                     "--initialise", "--development", NULL};
    assert_ok(children_start(&children, "tongbao-hsm", arguments, true, &hsm));
}

static inline void start_server(void)
{
    static const struct http_route routes[] = {{"GET", "/m/", give_metadata, 0},
                                               {"GET", "/t/", give_files, 0}};
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &loop));
    const struct http_options options = {
        .loop = loop, .routes = routes, .route_count = ARRAY_LEN(routes), .programs = true};
    assert_ok(http_create(&options, &server));
    snprintf(metadata_url, sizeof metadata_url, "http://127.0.0.1:%u/m", http_port(server));
    snprintf(target_url, sizeof target_url, "http://127.0.0.1:%u/t", http_port(server));
    assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
}

/* A key whose passphrase comes on a descriptor, and its public half, which lies beside it. */
static inline void make_key(size_t i)
{
    char name[16];
    snprintf(name, sizeof name, "key.%zu", i);
    below(key_file[i], sizeof key_file[i], name);
    const char *const arguments[] = {"updates", "--out", key_file[i], "--passphrase-fd",
                                     "@",       "key",   NULL};
    assert_ok(children_feed(&children, "tongbao", arguments, bytes_text(passphrases[i])));
    char path[176];
    size_t len = 0;
    snprintf(path, sizeof path, "%.159s.public", key_file[i]);
    assert_ok(file_read(path, FILE_PUBLIC, public_key[i], sizeof public_key[i] - 1, &len));
    assert_int_equal(len, 64);
}

static inline void rig_begin(void)
{
    scratch_make(&scratch);
    programs_gather(&children, scratch.directory);
    below(repository, sizeof repository, "repository");
    snprintf(root, sizeof root, "%s/metadata/1.root.json", repository);
    start_hsm();
    start_server();
}

static inline int rig_end(void **state)
{
    (void)state;
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    http_destroy(server);
    loop_destroy(loop);
    children_stop(&children);
    programs_remove(scratch.directory);
    return 0;
}

#define UPDATES(...)                                                                           \
    (programs_run(&children, &said, "tongbao", "updates", "--repository", repository, "--hsm", \
                  hsm_socket, __VA_ARGS__, NULL),                                              \
     said.status)

static inline void assert_done(int status)
{
    if (status != 0) fail_msg("%d: %s", status, said.complaint);
}

static inline void assert_complaint(const char *english, const char *chinese)
{
    if (strstr(said.complaint, english) == NULL || strstr(said.complaint, chinese) == NULL)
        fail_msg("%s", said.complaint);
}

/* OK, or FORMAT when the program refused. */
static inline err sign(size_t i, const char *passphrase)
{
    const char *const arguments[] = {"updates", "--repository", repository,
                                     "--key",   key_file[i],    "--passphrase-fd",
                                     "@",       "sign",         NULL};
    return children_feed(&children, "tongbao", arguments, bytes_text(passphrase));
}

static inline void signed_by(size_t i)
{
    assert_ok(sign(i, passphrases[i]));
}

static inline void add(const char *name, const char *content)
{
    char path[160];
    below(path, sizeof path, "input");
    assert_ok(file_write(path, FILE_PUBLIC, bytes_text(content)));
    assert_done(UPDATES("--name", name, "--in", path, "add"));
}

/* Two lists "a,b" of public keys. */
static inline void join(char out[256], size_t first, size_t count)
{
    size_t len = 0;
    for (size_t i = first; i < first + count; i++)
        len +=
            (size_t)snprintf(out + len, 256 - len, "%s%.64s", i > first ? "," : "", public_key[i]);
}
