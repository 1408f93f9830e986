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

err http_files_open(struct http_server *server)
{
    if (server->options.directory == NULL) return OK;
    server->directory_fd = open(server->options.directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return server->directory_fd >= 0 ? OK : ERR(CONFIG);
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
    return strncmp(path, "/assets/", 8) == 0 ? "public, max-age=31536000, immutable" : "no-cache";
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

enum MHD_Result http_files_answer(struct http_server *server, struct MHD_Connection *connection,
                                  const char *path)
{
    struct stat info;
    if (server->directory_fd < 0) return http_queue_error(connection, server, 404);
    if (strcmp(path, "/") == 0) path = "/index.html";
    int fd = open_below(server->directory_fd, path);
    if (fd < 0) return http_queue_error(connection, server, 404);
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return http_queue_error(connection, server, 404);
    }
    return send_file(server, connection, path, fd, &info);
}
