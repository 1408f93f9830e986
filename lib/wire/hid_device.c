/* SPDX-License-Identifier: Apache-2.0 */
/* hidraw (linux/hidraw.h): reports are reads, the descriptor is an ioctl. */
#include "lib/wire/hid_device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/hidraw.h>
#include <sys/ioctl.h>

#include "lib/wire/hid_descriptor.h"

_Static_assert(HID_MAX_DESCRIPTOR_SIZE == HID_DESCRIPTOR_MAX, "the kernel's limit is ours");

static err open_hidraw(void *context, const char *path, int *ret_fd)
{
    (void)context;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return errno == EACCES || errno == EPERM ? ERR(DENIED) : ERR(NOT_FOUND);
    *ret_fd = fd;
    return OK;
}

static err describe(void *context, int fd, uint8_t *out, size_t max, size_t *ret_len)
{
    struct hidraw_report_descriptor descriptor = {0};
    int size = 0;
    (void)context;
    if (ioctl(fd, HIDIOCGRDESCSIZE, &size) < 0)
        return errno == ENOTTY || errno == EINVAL ? ERR(UNSUPPORTED) : ERR(IO);
    if (size < 0 || (size_t)size > max || (size_t)size > sizeof descriptor.value)
        return ERR(LENGTH);
    descriptor.size = (unsigned)size;
    if (ioctl(fd, HIDIOCGRDESC, &descriptor) < 0) return ERR(IO);
    memcpy(out, descriptor.value, (size_t)size);
    *ret_len = (size_t)size;
    return OK;
}

const struct hid_calls hid_kernel = {open_hidraw, describe, NULL};
