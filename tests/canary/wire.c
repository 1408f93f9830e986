/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canary_wire: laid before the C library (LD_PRELOAD), it writes down all that a program reads from
 * and writes to its sockets, TCP and Unix, into $CANARY_WIRE/<program>-<pid>-<inode of the
 * socket>-<in|out>. TLS is seen as it travels. A capture at the network would miss the sockets that
 * have no network, which are those on which secrets have most to fear.
 *
 * It keeps nothing in memory, so that a search of the program's memory finds the program's own.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/base/err.h"

static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_recv)(int, void *, size_t, int);
static ssize_t (*real_recvfrom)(int, void *, size_t, int, struct sockaddr *, socklen_t *);
static ssize_t (*real_recvmsg)(int, struct msghdr *, int);
static ssize_t (*real_send)(int, const void *, size_t, int);
static ssize_t (*real_sendto)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
static ssize_t (*real_sendmsg)(int, const struct msghdr *, int);

/* ISO C has no cast from an object's address to a function's. */
#define FIND(name)                                    \
    do {                                              \
        void *symbol = dlsym(RTLD_NEXT, #name);       \
        if (symbol == NULL) abort();                  \
        memcpy(&real_##name, &symbol, sizeof symbol); \
    } while (0)

__attribute__((constructor)) static void find_real(void)
{
    FIND(read);
    FIND(write);
    FIND(writev);
    FIND(recv);
    FIND(recvfrom);
    FIND(recvmsg);
    FIND(send);
    FIND(sendto);
    FIND(sendmsg);
}

/* 0: it is none. Descriptors are used again, inodes of sockets are not so soon. */
static unsigned long long socket_of(int fd)
{
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISSOCK(about.st_mode)) return 0;
    return about.st_ino;
}

/* What cannot be written down ends the program: a capture with holes proves nothing. */
static void note(int fd, const char *way, const void *at, size_t len)
{
    char path[256];
    const char *directory = getenv("CANARY_WIRE");
    int before = errno;
    unsigned long long inode = len == 0 ? 0 : socket_of(fd);
    if (directory == NULL || inode == 0) {
        errno = before;
        return;
    }
    snprintf(path, sizeof path, "%.120s/%.60s-%d-%llu-%s", directory, program_invocation_short_name,
             (int)getpid(), inode, way);
    int to = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (to < 0 || real_write(to, at, len) != (ssize_t)len) abort();
    close(to);
    errno = before;
}

static void note_parts(int fd, const char *way, const struct iovec *part, size_t count, ssize_t len)
{
    for (size_t i = 0; i < count && len > 0; i++) {
        size_t here = (size_t)len < part[i].iov_len ? (size_t)len : part[i].iov_len;
        note(fd, way, part[i].iov_base, here);
        len -= (ssize_t)here;
    }
}

static ssize_t noted(int fd, const char *way, const void *at, ssize_t done)
{
    if (done > 0) note(fd, way, at, (size_t)done);
    return done;
}

ssize_t read(int fd, void *at, size_t len)
{
    return noted(fd, "in", at, real_read(fd, at, len));
}

ssize_t recv(int fd, void *at, size_t len, int flags)
{
    return noted(fd, "in", at, real_recv(fd, at, len, flags));
}

ssize_t recvfrom(int fd, void *at, size_t len, int flags, struct sockaddr *from, socklen_t *size)
{
    return noted(fd, "in", at, real_recvfrom(fd, at, len, flags, from, size));
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    ssize_t done = real_recvmsg(fd, message, flags);
    note_parts(fd, "in", message->msg_iov, message->msg_iovlen, done);
    return done;
}

ssize_t write(int fd, const void *at, size_t len)
{
    return noted(fd, "out", at, real_write(fd, at, len));
}

ssize_t send(int fd, const void *at, size_t len, int flags)
{
    return noted(fd, "out", at, real_send(fd, at, len, flags));
}

ssize_t sendto(int fd, const void *at, size_t len, int flags, const struct sockaddr *to,
               socklen_t size)
{
    return noted(fd, "out", at, real_sendto(fd, at, len, flags, to, size));
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    ssize_t done = real_sendmsg(fd, message, flags);
    note_parts(fd, "out", message->msg_iov, message->msg_iovlen, done);
    return done;
}

ssize_t writev(int fd, const struct iovec *part, int count)
{
    ssize_t done = real_writev(fd, part, count);
    note_parts(fd, "out", part, (size_t)count, done);
    return done;
}
