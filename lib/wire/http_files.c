/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Static files. The gate has refused dots and escapes; here every component is opened from its
 * parent with O_NOFOLLOW, so that not even a link inside the directory leads out of it.
 */
#include "lib/wire/http_internal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ETAG_MAX = 64 };

static err open_directory(const char *path, int *ret_fd)
{
    *ret_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return *ret_fd >= 0 ? OK : ERR(CONFIG);
}

err http_files_open(struct http_server *server)
{
    const struct http_options *o = &server->options;
    for (size_t i = 0; i < o->mount_count; i++) {
        err e = open_directory(o->mounts[i].directory, &server->mount_fd[i]);
        if (FAILED(e) && !o->mounts[i].optional) return e;
    }
    return o->directory == NULL ? OK : open_directory(o->directory, &server->directory_fd);
}

/* The file's descriptor, or -1. `path` has passed the gate. */
static int open_below(int directory_fd, const char *path)
{
    char part[HTTP_PATH_MAX + 1];
    int at = dup(directory_fd);
    while (at >= 0) {
        path++; /* the slash */
        size_t len = strcspn(path, "/");
        bool last = path[len] == '\0';
        if (FAILED(bytes_to_text(bytes_of(path, len), part, sizeof part))) len = 0;
        int flags = last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
        int next = len > 0 ? openat(at, part, flags | O_NOFOLLOW | O_CLOEXEC) : -1;
        close(at);
        if (last) return next;
        path += len;
        at = next;
    }
    return -1;
}

static void make_etag(const struct stat *info, char out[ETAG_MAX])
{
    (void)snprintf(out, ETAG_MAX, "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "\"", (uint64_t)info->st_ino,
                   (uint64_t)info->st_size,
                   (uint64_t)info->st_mtim.tv_sec * 1000000000 + (uint64_t)info->st_mtim.tv_nsec);
}

/* Built files carry a hash of their content in their name; everything else is asked for anew. */
static const char *cache_rule(const char *path)
{
    return strstr(path, "/assets/") != NULL ? "public, max-age=31536000, immutable" : "no-cache";
}

static enum MHD_Result send_file(struct http_server *server, struct MHD_Connection *connection,
                                 const char *path, int fd, const struct stat *info)
{
    char etag[ETAG_MAX];
    make_etag(info, etag);
    const char *known =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);
    bool fresh = known != NULL && strcmp(known, etag) == 0;
    struct MHD_Response *response = NULL;
    if (fresh) {
        close(fd);
        response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    } else {
        response = MHD_create_response_from_fd64((uint64_t)info->st_size, fd); /* closes fd */
        if (response == NULL) close(fd);
    }
    if (response == NULL) return MHD_NO;
    if (MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, etag) != MHD_YES) {
        MHD_destroy_response(response);
        return MHD_NO;
    }
    return http_queue(connection, server, fresh ? 304 : 200, http_content_type(bytes_text(path)),
                      cache_rule(path), response);
}

/* The directory that holds `path`, what is left of the path in it, and whether what is no file
 * there is its page. */
static int find_directory(const struct http_server *server, const char **path, bool *ret_pages)
{
    const struct http_options *o = &server->options;
    for (size_t i = 0; i < o->mount_count; i++) {
        size_t len = strlen(o->mounts[i].prefix);
        if (strncmp(*path, o->mounts[i].prefix, len) != 0) continue;
        *path += len - 1;
        *ret_pages = o->pages && !o->mounts[i].one_page;
        return server->mount_fd[i];
    }
    *ret_pages = o->pages;
    return server->directory_fd;
}

/* A plain file of `directory_fd`, or -1. */
static int open_plain(int directory_fd, const char *path, struct stat *ret_info)
{
    int fd = open_below(directory_fd, path);
    if (fd < 0 || (fstat(fd, ret_info) == 0 && S_ISREG(ret_info->st_mode))) return fd;
    close(fd);
    return -1;
}

enum MHD_Result http_files_answer(struct http_server *server, struct MHD_Connection *connection,
                                  const char *path)
{
    static const char index[] = "/index.html";
    struct stat info;
    bool pages = false;
    int directory_fd = find_directory(server, &path, &pages);
    if (directory_fd < 0) return http_queue_error(connection, server, 404);
    if (strcmp(path, "/") == 0) path = index;
    int fd = open_plain(directory_fd, path, &info);
    if (fd < 0 && pages && strchr(path, '.') == NULL) {
        path = index;
        fd = open_plain(directory_fd, path, &info);
    }
    if (fd < 0) return http_queue_error(connection, server, 404);
    return send_file(server, connection, path, fd, &info);
}
