/* SPDX-License-Identifier: Apache-2.0 */
/* Small files, whole: read with a limit, replaced atomically. */
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 512 };

static err from_errno(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ERR(NOT_FOUND);
    case EACCES:
    case EPERM:
        return ERR(DENIED);
    case EROFS:
        return ERR(READ_ONLY);
    case ENOSPC:
    case EDQUOT:
        return ERR(FULL);
    case ELOOP:
    case EISDIR:
        return ERR(FORMAT);
    default:
        return ERR(IO);
    }
}

static void close_fd(const int *fd)
{
    if (*fd >= 0) close(*fd);
}

static err read_all(int fd, uint8_t *block, size_t max, struct bytes *ret_content)
{
    size_t len = 0;
    for (;;) {
        uint8_t beyond;
        bool full = len == max;
        ssize_t got = read(fd, full ? &beyond : block + len, full ? 1 : max - len);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return from_errno(errno);
        if (got == 0) break;
        if (full) return ERR(LENGTH);
        len += (size_t)got;
    }
    *ret_content = bytes_of(block, len);
    return OK;
}

static err read_path(const char *path, int flags, void *block, size_t max,
                     struct bytes *ret_content)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    if (fd < 0) return from_errno(errno);
    struct stat about;
    if (fstat(fd, &about) != 0) return from_errno(errno);
    /* Pipes are let through where links are: both come from a person at a shell. */
    bool regular = S_ISREG(about.st_mode) || ((flags & O_NOFOLLOW) == 0 && !S_ISDIR(about.st_mode));
    if (!regular) return ERR(FORMAT);
    return read_all(fd, block, max, ret_content);
}

err file_read(const char *path, void *block, size_t max, struct bytes *ret_content)
{
    return read_path(path, O_NOFOLLOW, block, max, ret_content);
}

err file_read_named(const char *path, void *block, size_t max, struct bytes *ret_content)
{
    if (strcmp(path, "-") == 0) return read_all(0, block, max, ret_content);
    return read_path(path, 0, block, max, ret_content);
}

static err write_all(int fd, struct bytes content)
{
    while (content.len > 0) {
        ssize_t done = write(fd, content.at, content.len);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return from_errno(errno);
        content.at += done;
        content.len -= (size_t)done;
    }
    return fsync(fd) == 0 ? OK : from_errno(errno);
}

static err sync_directory(const char *path)
{
    char directory[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    TRY(bytes_to_text(slash == NULL ? BYTES(".") : bytes_of(path, (size_t)(slash - path) + 1),
                      directory, sizeof directory));
    CLEANUP(close_fd) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return from_errno(errno);
    return fsync(fd) == 0 ? OK : from_errno(errno);
}

err file_write(const char *path, struct bytes content, unsigned mode)
{
    char beside[PATH_BYTES];
    int len = snprintf(beside, sizeof beside, "%s.new", path);
    if (len < 0 || (size_t)len >= sizeof beside) return ERR(LENGTH);

    /* A left-over of an earlier, interrupted write is in nobody's use. */
    (void)unlink(beside);
    {
        CLEANUP(close_fd) int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd < 0) return from_errno(errno);
        err written = write_all(fd, content);
        if (FAILED(written)) {
            (void)unlink(beside);
            return written;
        }
    }
    if (rename(beside, path) != 0) return from_errno(errno);
    return sync_directory(path);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}
