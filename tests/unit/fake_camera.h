/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The driver of a camera for tests: the system calls that lib/wire/camera.h makes, answered as V4L2
 * does, or wrongly where a test says so. Its descriptor is a pipe that has a byte for each frame.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <unistd.h>

#include "lib/wire/camera.h"

enum { FAKE_FRAMES = 16, FAKE_BUFFER = 1024 * 1024 };

struct fake_frame {
    const void *data; /* NULL: the driver fills nothing */
    size_t len;
    uint32_t bytesused, flags;
};

struct fake_camera {
    /* what it says */
    bool there;
    uint32_t capabilities;
    uint32_t fourcc[3]; /* that it takes; 0: none */
    bool stubborn;      /* it answers every format with another one, as drivers may */
    unsigned width, height, line, size, buffers, length;
    unsigned long failing; /* this request fails ... */
    int number;            /* ... with this errno */
    bool cannot_map;
    unsigned wrong_index; /* added to the index of the buffer that it hands over */

    /* what was done */
    int pipe[2];
    unsigned opens, closes, maps, unmaps, stream_on, stream_off;
    bool on, queued[CAMERA_BUFFERS];
    uint32_t chosen;
    size_t frames;
    struct fake_frame frame[FAKE_FRAMES];
    uint8_t memory[CAMERA_BUFFERS][FAKE_BUFFER];
};

/* One that takes `fourcc` and has pictures of this size. */
static inline void fake_camera_begin(struct fake_camera *f, uint32_t fourcc, unsigned width,
                                     unsigned height)
{
    unsigned pixel = fourcc == V4L2_PIX_FMT_YUYV ? 2 : fourcc == V4L2_PIX_FMT_GREY ? 1 : 0;
    memset(f, 0, offsetof(struct fake_camera, memory));
    f->there = true;
    f->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    f->fourcc[0] = fourcc;
    f->width = width;
    f->height = height;
    f->line = width * pixel;
    f->size = pixel == 0 ? FAKE_BUFFER : width * height * pixel;
    f->buffers = CAMERA_BUFFERS;
    f->length = FAKE_BUFFER;
    f->pipe[0] = f->pipe[1] = -1;
}

static inline int fake_failure(int number)
{
    errno = number;
    return -1;
}

static inline int fake_camera_open(void *context, const char *path)
{
    struct fake_camera *f = context;
    (void)path;
    if (!f->there) return fake_failure(ENOENT);
    if (f->failing == 1) return fake_failure(f->number);
    ENSURE(f->pipe[1] < 0); /* it is opened once at a time */
    ENSURE(pipe2(f->pipe, O_NONBLOCK | O_CLOEXEC) == 0);
    memset(f->queued, 0, sizeof f->queued);
    f->frames = 0;
    f->opens++;
    return f->pipe[0];
}

static inline int fake_camera_close(void *context, int fd)
{
    struct fake_camera *f = context;
    ENSURE(fd == f->pipe[0]);
    (void)close(f->pipe[0]);
    (void)close(f->pipe[1]);
    f->pipe[0] = f->pipe[1] = -1;
    f->on = false;
    f->closes++;
    return 0;
}

static inline int fake_set_format(struct fake_camera *f, struct v4l2_pix_format *pix)
{
    bool taken = false;
    for (size_t i = 0; i < ARRAY_LEN(f->fourcc); i++) taken |= f->fourcc[i] == pix->pixelformat;
    if (!taken && !f->stubborn) return fake_failure(EINVAL);
    if (!taken) pix->pixelformat = V4L2_PIX_FMT_RGB24;
    pix->width = f->width;
    pix->height = f->height;
    pix->bytesperline = f->line;
    pix->sizeimage = f->size;
    f->chosen = pix->pixelformat;
    return 0;
}

static inline int fake_queue(struct fake_camera *f, const struct v4l2_buffer *b)
{
    if (b->index >= f->buffers || b->index >= CAMERA_BUFFERS) return fake_failure(EINVAL);
    if (f->queued[b->index]) return fake_failure(EINVAL);
    f->queued[b->index] = true;
    return 0;
}

static inline int fake_dequeue(struct fake_camera *f, struct v4l2_buffer *b)
{
    char byte;
    unsigned i = 0;
    if (!f->there) return fake_failure(ENODEV);
    while (i < CAMERA_BUFFERS && !f->queued[i]) i++;
    if (i == CAMERA_BUFFERS || f->frames == 0) return fake_failure(EAGAIN);
    ENSURE(read(f->pipe[0], &byte, 1) == 1);
    struct fake_frame frame = f->frame[0];
    memmove(f->frame, f->frame + 1, --f->frames * sizeof f->frame[0]);
    if (frame.data != NULL)
        memcpy(f->memory[i], frame.data, frame.len < FAKE_BUFFER ? frame.len : FAKE_BUFFER);
    f->queued[i] = false;
    b->index = i + f->wrong_index;
    b->bytesused = frame.bytesused;
    b->flags = frame.flags;
    return 0;
}

static inline int fake_camera_control(void *context, int fd, unsigned long request, void *argument)
{
    struct fake_camera *f = context;
    ENSURE(fd == f->pipe[0]);
    if (request == f->failing) return fake_failure(f->number);
    switch (request) {
    case VIDIOC_QUERYCAP:
        ((struct v4l2_capability *)argument)->capabilities = f->capabilities | V4L2_CAP_DEVICE_CAPS;
        ((struct v4l2_capability *)argument)->device_caps = f->capabilities;
        return 0;
    case VIDIOC_S_FMT:
        return fake_set_format(f, &((struct v4l2_format *)argument)->fmt.pix);
    case VIDIOC_REQBUFS:
        ((struct v4l2_requestbuffers *)argument)->count = f->buffers;
        return 0;
    case VIDIOC_QUERYBUF:
        ((struct v4l2_buffer *)argument)->length = f->length;
        ((struct v4l2_buffer *)argument)->m.offset = ((struct v4l2_buffer *)argument)->index;
        return 0;
    case VIDIOC_QBUF:
        return fake_queue(f, argument);
    case VIDIOC_DQBUF:
        return fake_dequeue(f, argument);
    case VIDIOC_STREAMON:
        f->on = true;
        f->stream_on++;
        return 0;
    case VIDIOC_STREAMOFF:
        f->stream_off++;
        return 0;
    default:
        return fake_failure(ENOTTY);
    }
}

static inline void *fake_camera_map(void *context, int fd, size_t len, uint32_t offset)
{
    struct fake_camera *f = context;
    (void)fd;
    if (f->cannot_map) return NULL;
    ENSURE(offset < CAMERA_BUFFERS && len <= FAKE_BUFFER);
    f->maps++;
    return f->memory[offset];
}

static inline int fake_camera_unmap(void *context, void *at, size_t len)
{
    (void)at;
    (void)len;
    ((struct fake_camera *)context)->unmaps++;
    return 0;
}

static inline struct camera_calls fake_camera_calls(struct fake_camera *f)
{
    return (struct camera_calls){fake_camera_open, fake_camera_close, fake_camera_control,
                                 fake_camera_map,  fake_camera_unmap, f};
}

static inline void fake_camera_see(struct fake_camera *f, struct fake_frame frame)
{
    ENSURE(f->pipe[1] >= 0 && f->frames < FAKE_FRAMES);
    f->frame[f->frames++] = frame;
    ENSURE(write(f->pipe[1], "f", 1) == 1);
}

/* A whole frame of `len` bytes. */
static inline void fake_camera_frame(struct fake_camera *f, const void *data, size_t len)
{
    fake_camera_see(f, (struct fake_frame){data, len, (uint32_t)len, 0});
}

static inline void fake_camera_unplug(struct fake_camera *f)
{
    f->there = false;
    if (f->pipe[1] >= 0) ENSURE(write(f->pipe[1], "x", 1) == 1);
}
