/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, by the calls of POSIX that make a rename durable. */
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static err from_errno(void)
{
    switch (errno) {
    case ENOENT:
        return ERR(NOT_FOUND);
    case EACCES:
    case EPERM:
        return ERR(DENIED);
    case ENOSPC:
    case EDQUOT:
        return ERR(FULL);
    case EROFS:
        return ERR(READ_ONLY);
    case ELOOP:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
        return ERR(CONFIG);
    default:
        return ERR(IO);
    }
}

static void close_fd(const int *fd)
{
    if (*fd >= 0) close(*fd);
}

err file_path(const char *directory, const char *name, char *out, size_t size)
{
    char path[FILE_PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (len < 0 || (size_t)len >= sizeof path || (size_t)len >= size) return ERR(CONFIG);
    memcpy(out, path, (size_t)len + 1);
    return OK;
}

err file_remove(const char *path)
{
    return unlink(path) == 0 ? OK : from_errno();
}

static err check_access(int fd, enum file_access access)
{
    struct stat about;
    if (fstat(fd, &about) != 0) return from_errno();
    if (!S_ISREG(about.st_mode)) return ERR(CONFIG);
    if (access == FILE_PRIVATE && (about.st_uid != geteuid() || (about.st_mode & 077) != 0))
        return ERR(DENIED);
    return OK;
}

static err read_whole(int fd, void *block, size_t max, size_t *ret_len)
{
    size_t len = 0;
    for (;;) {
        uint8_t beyond; /* one byte more than fits tells that the file is too long */
        bool full = len == max;
        ssize_t got = full ? read(fd, &beyond, 1) : read(fd, (uint8_t *)block + len, max - len);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return from_errno();
        if (got == 0) break;
        if (full) return ERR(LENGTH);
        len += (size_t)got;
    }
    *ret_len = len;
    return OK;
}

err file_read(const char *path, enum file_access access, void *block, size_t max, size_t *ret_len)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return from_errno();
    TRY(check_access(fd, access));
    return read_whole(fd, block, max, ret_len);
}

err file_read_input(void *block, size_t max, size_t *ret_len)
{
    return read_whole(STDIN_FILENO, block, max, ret_len);
}

static err write_all(int fd, struct bytes content)
{
    while (content.len > 0) {
        ssize_t done = write(fd, content.at, content.len);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return from_errno();
        content.at += done;
        content.len -= (size_t)done;
    }
    return fsync(fd) == 0 ? OK : from_errno();
}

/* Makes the name itself durable. */
static err sync_directory_of(const char *path)
{
    char directory[FILE_PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    ENSURE(len < sizeof directory);
    memcpy(directory, path, len);
    directory[len] = '\0';
    CLEANUP(close_fd)
    int fd = open(len == 0 ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return from_errno();
    return fsync(fd) == 0 ? OK : from_errno();
}

static err write_beside(const char *name, enum file_access access, struct bytes content)
{
    (void)unlink(name); /* left by a process that was killed here */
    CLEANUP(close_fd)
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)access);
    if (fd < 0) return from_errno();
    if (fchmod(fd, (mode_t)access) != 0) return from_errno(); /* whatever the umask is */
    return write_all(fd, content);
}

err file_write(const char *path, enum file_access access, struct bytes content)
{
    char beside[FILE_PATH_MAX];
    int len = snprintf(beside, sizeof beside, "%s.new", path);
    if (len < 0 || (size_t)len >= sizeof beside) return ERR(CONFIG);
    err written = write_beside(beside, access, content);
    if (!FAILED(written) && rename(beside, path) != 0) written = from_errno();
    if (FAILED(written)) {
        (void)unlink(beside);
        return written;
    }
    return sync_directory_of(path);
}

err file_overwrite(const char *path, struct bytes content)
{
    CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return from_errno();
    TRY(check_access(fd, FILE_PRIVATE));
    return write_all(fd, content);
}
