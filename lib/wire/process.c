/* SPDX-License-Identifier: Apache-2.0 */
/* Hygiene of a program's start; options are in options.c. */
#include "lib/wire/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/writer.h"

/* Left alone, malloc moves this up with each large block that is freed, and keeps the next. */
enum { LARGE_BLOCK = 128 * 1024 };

err process_harden(void)
{
    const struct rlimit none = {0, 0};
    umask(077);
    /* Keys and PINs must reach neither a core file nor a debugger of the same user. */
    if (setrlimit(RLIMIT_CORE, &none) != 0) return ERR(IO);
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return ERR(IO);
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) return ERR(IO);
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return ERR(IO);
    int done = dup2(fd, STDIN_FILENO);
    if (fd != STDIN_FILENO) close(fd);
    return done < 0 ? ERR(IO) : OK;
}

void process_call(const char *name)
{
    (void)prctl(PR_SET_NAME, name, 0, 0, 0); /* as far as there is room: 15 characters */
}

static err complain(struct process_fault *fault, err e, const char *format, ...) PRINTF(3, 4);

static err complain(struct process_fault *fault, err e, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(fault->text, sizeof fault->text, format, arguments);
    va_end(arguments);
    return e;
}

static err from_errno(struct process_fault *fault, const char *what, const char *path)
{
    err e = errno == EACCES || errno == EPERM ? ERR(DENIED)
            : errno == EROFS                  ? ERR(READ_ONLY)
            : errno == ENOSPC                 ? ERR(FULL)
            : errno == ENOTDIR                ? ERR(CONFIG)
                                              : ERR(IO);
    return complain(fault, e, "cannot %s %s: %s", what, path, strerror(errno));
}

/* Like mkdir -p; what exists is left as it is. */
static err make_directories(const char *path, struct process_fault *fault)
{
    char part[PATH_MAX];
    if (FAILED(bytes_to_text(bytes_text(path), part, sizeof part)) || part[0] == '\0')
        return complain(fault, ERR(CONFIG), "the state directory's name is empty or too long");
    for (char *at = part + 1;; at++) {
        if (*at != '/' && *at != '\0') continue;
        char kept = *at;
        *at = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) return from_errno(fault, "make", part);
        *at = kept;
        if (kept == '\0') return OK;
    }
}

err process_state_directory(const char *path, struct process_fault *fault)
{
    struct stat info;
    TRY(make_directories(path, fault));
    if (stat(path, &info) != 0) return from_errno(fault, "look at", path);
    if (!S_ISDIR(info.st_mode)) return complain(fault, ERR(CONFIG), "%s is no directory", path);
    if (info.st_uid != geteuid())
        return complain(fault, ERR(DENIED), "%s belongs to user %u, not to us", path,
                        (unsigned)info.st_uid);
    if ((info.st_mode & 077) != 0)
        return complain(fault, ERR(DENIED), "%s is open to others: chmod 700 %s", path, path);
    return OK;
}

/* The pid that the holder has left, as text; "unknown" when it cannot be read. */
static void read_holder(int fd, char *out, size_t size)
{
    ssize_t len = pread(fd, out, size - 1, 0);
    size_t digits = 0;
    while (len > 0 && digits < (size_t)len && out[digits] >= '0' && out[digits] <= '9') digits++;
    out[digits] = '\0';
    if (digits == 0) (void)snprintf(out, size, "unknown");
}

static err take_lock(int fd, const char *directory, struct process_fault *fault)
{
    char pid[16];
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return from_errno(fault, "lock", directory);
        read_holder(fd, pid, sizeof pid);
        return complain(fault, ERR(BUSY), "%s is in use by process %s: stop it first", directory,
                        pid);
    }
    int len = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    /* The lock is the file's, the pid in it only a courtesy to the next one. */
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)len, 0) != len)
        return from_errno(fault, "write to", directory);
    return OK;
}

err process_lock(const char *directory, int *ret_fd, struct process_fault *fault)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/lock", directory);
    if (len < 0 || (size_t)len >= sizeof path)
        return complain(fault, ERR(CONFIG), "the state directory's name is too long");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return from_errno(fault, "open", path);
    err e = take_lock(fd, directory, fault);
    if (FAILED(e)) {
        close(fd);
        return e;
    }
    *ret_fd = fd;
    return OK;
}

/* Code and constants of one program or library: what is in the file and was never written. */
static int give_back_one(struct dl_phdr_info *object, size_t size, void *context)
{
    const uintptr_t page = *(const uintptr_t *)context;
    (void)size;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W) != 0) continue;
        /* Whole pages of it only: the next part, with its relocations, may begin in the last. */
        uintptr_t from = (object->dlpi_addr + part->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t to = (object->dlpi_addr + part->p_vaddr + part->p_filesz) & ~(page - 1);
        /* Advice: where it is not taken nothing is lost. */
        if (from < to) (void)madvise((void *)from, to - from, MADV_DONTNEED);
    }
    return 0;
}

void process_settle(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    (void)dl_iterate_phdr(give_back_one, &page);
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    (void)malloc_trim(0);
}

void process_ready(int fd, const char *format, ...)
{
    char line[512] = "ready ";
    const size_t start = strlen(line), room = sizeof line - 1 - start;
    if (fd < 0) return;
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line + start, room, format, arguments);
    va_end(arguments);
    ENSURE(len > 0 && (size_t)len < room);
    line[start + (size_t)len] = '\n';
    /* Whoever waited may be gone; that is his affair. */
    ssize_t done = write(fd, line, start + (size_t)len + 1);
    (void)done;
    close(fd);
}

void process_complain(const struct process_program *program, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fprintf(stderr, "%s: ", program->name);
    (void)vfprintf(stderr, format, arguments);
    (void)fprintf(stderr, "\n");
    va_end(arguments);
}
