/* SPDX-License-Identifier: Apache-2.0 */
/* Long files: written beside their name, read piece by piece. */
#include "lib/base/file_stream.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static err from_errno(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
        return ERR(NOT_FOUND);
    case EACCES:
    case EPERM:
    case ELOOP:
        return ERR(DENIED);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return ERR(FULL);
    case EROFS:
        return ERR(READ_ONLY);
    default:
        return ERR(IO);
    }
}

struct beside {
    char path[FILE_PATH_MAX + 8];
};

static struct beside beside_of(const struct file_stream *stream)
{
    struct beside beside;
    int len = snprintf(beside.path, sizeof beside.path, "%s.part", stream->path);
    ENSURE(len > 0 && (size_t)len < sizeof beside.path);
    return beside;
}

err file_stream_begin(struct file_stream *stream, const char *path)
{
    struct file_stream made = {.open = true, .fd = -1};
    ENSURE(!stream->open);
    if (FAILED(bytes_to_text(bytes_text(path), made.path, sizeof made.path))) return ERR(CONFIG);
    struct beside beside = beside_of(&made);
    (void)unlink(beside.path); /* left by a process that was killed here */
    made.fd = open(beside.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                   (mode_t)FILE_PRIVATE);
    if (made.fd < 0) return from_errno();
    *stream = made;
    return OK;
}

err file_stream_append(struct file_stream *stream, struct bytes b)
{
    ENSURE(stream->open);
    while (b.len > 0) {
        ssize_t done = write(stream->fd, b.at, b.len);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return from_errno();
        b.at += done;
        b.len -= (size_t)done;
    }
    return OK;
}

void file_stream_abandon(struct file_stream *stream)
{
    if (!stream->open) return;
    (void)close(stream->fd);
    (void)unlink(beside_of(stream).path);
    *stream = (struct file_stream){0};
}

/* The name itself, durably. */
static err sync_directory_of(const char *path)
{
    char directory[FILE_PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    memcpy(directory, path, len);
    directory[len] = '\0';
    int fd = open(len == 0 ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return from_errno();
    err synced = fsync(fd) == 0 ? OK : from_errno();
    (void)close(fd);
    return synced;
}

err file_stream_finish(struct file_stream *stream)
{
    ENSURE(stream->open);
    struct beside beside = beside_of(stream);
    err e = fsync(stream->fd) == 0 ? OK : from_errno();
    if (!FAILED(e) && rename(beside.path, stream->path) != 0) e = from_errno();
    if (!FAILED(e)) e = sync_directory_of(stream->path);
    if (FAILED(e)) {
        file_stream_abandon(stream);
        return e;
    }
    (void)close(stream->fd);
    *stream = (struct file_stream){0};
    return OK;
}

err file_read_at(const char *path, uint64_t offset, void *block, size_t max, size_t *ret_len)
{
    struct stat is;
    size_t len = 0;
    err e = OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return from_errno();
    if (fstat(fd, &is) != 0 || !S_ISREG(is.st_mode)) e = ERR(CONFIG);
    while (!FAILED(e) && len < max) {
        ssize_t got = pread(fd, (uint8_t *)block + len, max - len, (off_t)(offset + len));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) e = from_errno();
        if (got <= 0) break;
        len += (size_t)got;
    }
    (void)close(fd);
    if (!FAILED(e)) *ret_len = len;
    return e;
}

err file_each(const char *directory, const char *suffix,
              err (*each)(void *context, const char *name), void *context)
{
    DIR *d = opendir(directory);
    err e = OK;
    size_t end = strlen(suffix);
    if (d == NULL) return from_errno();
    for (struct dirent *entry; !FAILED(e) && (entry = readdir(d)) != NULL;) {
        size_t len = strlen(entry->d_name);
        if (len > end && strcmp(entry->d_name + len - end, suffix) == 0)
            e = each(context, entry->d_name);
    }
    (void)closedir(d);
    return e;
}
