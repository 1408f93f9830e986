/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, streaming, and one frame at a time out of what the driver has filled. */
#include "lib/wire/camera.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- the kernel ---- */

static int kernel_open(void *context, const char *path)
{
    (void)context;
    return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static int kernel_close(void *context, int fd)
{
    (void)context;
    return close(fd);
}

static int kernel_control(void *context, int fd, unsigned long request, void *argument)
{
    int status;
    (void)context;
    do status = ioctl(fd, request, argument);
    while (status < 0 && errno == EINTR);
    return status;
}

static void *kernel_map(void *context, int fd, size_t len, uint32_t offset)
{
    (void)context;
    void *at = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, (off_t)offset);
    return at == MAP_FAILED ? NULL : at;
}

static int kernel_unmap(void *context, void *at, size_t len)
{
    (void)context;
    return munmap(at, len);
}

const struct camera_calls camera_kernel = {kernel_open, kernel_close, kernel_control,
                                           kernel_map,  kernel_unmap, NULL};

/* ---- opening ---- */

static int control(const struct camera *c, unsigned long request, void *argument)
{
    return c->calls->control(c->calls->context, c->fd, request, argument);
}

/* What errno says of a device, in words. */
static const char *reason(int number)
{
    switch (number) {
    case EBUSY:
        return "in use by somebody else";
    case ENODEV:
    case ENXIO:
    case ENOENT:
        return "no such device";
    case EACCES:
    case EPERM:
        return "not permitted";
    case EIO:
        return "input or output failed";
    default:
        return "the driver refuses it";
    }
}

static void shut(struct camera *c)
{
    int kind = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    loop_unwatch(c->loop, &c->watch);
    if (c->streaming) (void)control(c, VIDIOC_STREAMOFF, &kind); /* it may be gone */
    c->streaming = false;
    for (unsigned i = 0; i < c->buffers; i++)
        (void)c->calls->unmap(c->calls->context, c->buffer[i].at, c->buffer[i].len);
    c->buffers = 0;
    if (c->fd >= 0) (void)c->calls->close(c->calls->context, c->fd);
    c->fd = -1;
}

static void set_timer(struct camera *c, int64_t after_ms)
{
    /* Reserved by the one that was set in camera_start(). */
    if (FAILED(loop_timer_set(c->loop, &c->timer, after_ms)))
        ensure_failed(__FILE__, __LINE__, "a timer that was set can be set again");
}

static void lose(struct camera *c, const char *why)
{
    shut(c);
    set_timer(c, CAMERA_AGAIN_MS);
    if (c->said_lost) return;
    c->said_lost = true;
    c->events.lost(c->events.context, why);
}

static const char *check_device(const struct camera *c)
{
    struct v4l2_capability is = {0};
    if (control(c, VIDIOC_QUERYCAP, &is) < 0)
        return errno == ENOTTY || errno == EINVAL ? "no camera" : reason(errno);
    uint32_t can = is.capabilities & V4L2_CAP_DEVICE_CAPS ? is.device_caps : is.capabilities;
    if ((can & V4L2_CAP_VIDEO_CAPTURE) == 0) return "no camera";
    return (can & V4L2_CAP_STREAMING) != 0 ? NULL : "a camera that does not stream";
}

static const struct {
    uint32_t fourcc;
    unsigned pixel; /* bytes; 0: compressed */
} formats[CAMERA_FORMATS] = {
    [CAMERA_GREY] = {V4L2_PIX_FMT_GREY, 1},
    [CAMERA_YUYV] = {V4L2_PIX_FMT_YUYV, 2},
    [CAMERA_MJPEG] = {V4L2_PIX_FMT_MJPEG, 0},
};

/* What the driver has answered agrees with itself, and there is room for it. */
static const char *check_format(struct camera *c, const struct v4l2_pix_format *said)
{
    uint64_t pixels = (uint64_t)said->width * said->height;
    uint64_t line = (uint64_t)said->width * formats[c->format].pixel;
    if (pixels == 0 || pixels > CAMERA_PIXELS_MAX || said->sizeimage > CAMERA_BUFFER_MAX)
        return "a picture above the limit";
    c->width = said->width;
    c->height = said->height;
    c->line = said->bytesperline;
    if (line == 0) return said->sizeimage > 0 ? NULL : "a format that contradicts itself";
    if (c->line < line || said->sizeimage < (uint64_t)c->line * (said->height - 1) + line)
        return "a format that contradicts itself";
    return NULL;
}

/* The first format of ours that the driver takes; it may change the size, never the kind. */
static const char *choose_format(struct camera *c)
{
    for (c->format = CAMERA_GREY; c->format < CAMERA_FORMATS; c->format++) {
        struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
        f.fmt.pix.width = CAMERA_WIDTH;
        f.fmt.pix.height = CAMERA_HEIGHT;
        f.fmt.pix.pixelformat = formats[c->format].fourcc;
        f.fmt.pix.field = V4L2_FIELD_ANY;
        if (control(c, VIDIOC_S_FMT, &f) < 0) {
            if (errno != EINVAL) return reason(errno);
        } else if (f.fmt.pix.pixelformat == formats[c->format].fourcc) {
            return check_format(c, &f.fmt.pix);
        }
    }
    return "none of the formats GREY, YUYV and MJPEG";
}

static struct v4l2_buffer numbered(unsigned index)
{
    return (struct v4l2_buffer){
        .index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
}

static const char *map_buffer(struct camera *c, unsigned index)
{
    struct v4l2_buffer b = numbered(index);
    if (control(c, VIDIOC_QUERYBUF, &b) < 0) return reason(errno);
    if (b.length == 0 || b.length > CAMERA_BUFFER_MAX) return "a buffer above the limit";
    void *at = c->calls->map(c->calls->context, c->fd, b.length, b.m.offset);
    if (at == NULL) return "its buffers cannot be mapped";
    c->buffer[index] = (struct camera_buffer){at, b.length};
    c->buffers = index + 1;
    return control(c, VIDIOC_QBUF, &b) < 0 ? reason(errno) : NULL;
}

static const char *stream(struct camera *c)
{
    struct v4l2_requestbuffers wanted = {
        .count = CAMERA_BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int kind = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (control(c, VIDIOC_REQBUFS, &wanted) < 0) return reason(errno);
    if (wanted.count == 0) return "no buffers";
    for (unsigned i = 0; i < wanted.count && i < CAMERA_BUFFERS; i++) {
        const char *why = map_buffer(c, i);
        if (why != NULL) return why;
    }
    if (control(c, VIDIOC_STREAMON, &kind) < 0) return reason(errno);
    c->streaming = true;
    return NULL;
}

static const char *open_camera(struct camera *c)
{
    c->fd = c->calls->open(c->calls->context, c->path);
    if (c->fd < 0) return reason(errno);
    const char *why = check_device(c);
    if (why == NULL) why = choose_format(c);
    if (why == NULL) why = stream(c);
    if (why != NULL) return why;
    return FAILED(loop_watch(c->loop, &c->watch, c->fd, LOOP_READ)) ? "it cannot be waited for"
                                                                    : NULL;
}

/* It is tried (again), or it has given no frame for too long. */
static void due(void *context)
{
    struct camera *c = context;
    if (c->fd >= 0) {
        lose(c, "it gives no frames");
        return;
    }
    const char *why = open_camera(c);
    if (why != NULL) {
        lose(c, why);
        return;
    }
    set_timer(c, CAMERA_SILENT_MS);
    c->events.opened(c->events.context);
}

/* ---- frames ---- */

static void drop(struct camera *c, enum camera_fault fault)
{
    static const char *const words[CAMERA_FAULTS] = {"damaged", "short", "long", "no_jpeg"};
    unsigned count = ++c->dropped[fault];
    if ((count & (count - 1)) == 0) c->events.dropped(c->events.context, words[fault], count);
}

/* The luminance of every pixel, line by line: all of GREY, every other byte of YUYV. */
static void copy_grey(const struct camera *c, const uint8_t *from)
{
    const unsigned step = formats[c->format].pixel;
    for (size_t y = 0; y < c->height; y++)
        for (size_t x = 0; x < c->width; x++)
            c->block[y * c->width + x] = from[y * c->line + x * step];
}

/* What is wrong with it; CAMERA_FAULTS: nothing. */
static enum camera_fault fault_of(const struct camera *c, const struct v4l2_buffer *b)
{
    const struct camera_buffer *buffer = &c->buffer[b->index];
    const uint8_t *at = buffer->at;
    size_t used = b->bytesused, pixel = formats[c->format].pixel;
    bool jpeg = pixel == 0;
    size_t least = jpeg ? 4 : (size_t)c->line * (c->height - 1) + c->width * pixel;
    if ((b->flags & V4L2_BUF_FLAG_ERROR) != 0) return CAMERA_DAMAGED;
    if (used > buffer->len || (jpeg && used > CAMERA_BLOCK)) return CAMERA_LONG;
    if (used < least) return CAMERA_SHORT;
    return jpeg && (at[0] != 0xff || at[1] != 0xd8) ? CAMERA_NO_JPEG : CAMERA_FAULTS;
}

/* What the driver has filled, into the block; false when it is no frame. */
static bool take_frame(struct camera *c, const struct v4l2_buffer *b, struct camera_frame *out)
{
    bool jpeg = formats[c->format].pixel == 0;
    enum camera_fault fault = fault_of(c, b);
    if (fault != CAMERA_FAULTS) {
        drop(c, fault);
        return false;
    }
    if (jpeg) memcpy(c->block, c->buffer[b->index].at, b->bytesused);
    else copy_grey(c, c->buffer[b->index].at);
    *out = (struct camera_frame){.jpeg = jpeg, .width = c->width, .height = c->height};
    out->data = bytes_of(c->block, jpeg ? b->bytesused : (size_t)c->width * c->height);
    return true;
}

static bool in_time(struct camera *c)
{
    int64_t now_us = loop_now_us(c->loop);
    if (c->handed_us != 0 && now_us - c->handed_us < CAMERA_PACE_MS * INT64_C(1000)) return false;
    c->handed_us = now_us;
    return true;
}

/* One buffer for each turn. It goes back to the driver before anybody looks at what was in it: who
 * looks may switch the camera off. */
static void ready(void *context, unsigned events)
{
    struct camera *c = context;
    struct v4l2_buffer b = numbered(0);
    struct camera_frame frame;
    if (control(c, VIDIOC_DQBUF, &b) < 0) {
        if (errno == EAGAIN && (events & LOOP_HANGUP) == 0) return;
        lose(c, errno == EAGAIN ? "it gives no frames" : reason(errno));
        return;
    }
    if (b.index >= c->buffers) {
        lose(c, "the driver hands over a buffer that there is not");
        return;
    }
    bool due_now = in_time(c), whole = due_now && take_frame(c, &b, &frame);
    struct v4l2_buffer back = numbered(b.index);
    if (control(c, VIDIOC_QBUF, &back) < 0) {
        lose(c, reason(errno));
        return;
    }
    set_timer(c, CAMERA_SILENT_MS);
    if (!whole) return;
    c->said_lost = false; /* it works: the next loss is another one */
    c->events.frame(c->events.context, &frame);
    explicit_bzero(c->block, frame.data.len);
}

err camera_start(struct camera *camera)
{
    struct camera *c = camera;
    if (c->running) return OK;
    c->fd = -1;
    c->watch = (struct loop_watch){.ready = ready, .context = c, .fd = -1};
    c->timer = (struct loop_timer){.run = due, .context = c};
    TRY(loop_timer_set(c->loop, &c->timer, 0));
    c->handed_us = 0;
    c->running = true;
    return OK;
}

void camera_stop(struct camera *camera)
{
    if (!camera->running) return;
    camera->running = false;
    shut(camera);
    loop_timer_cancel(camera->loop, &camera->timer);
}
