/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A camera, whose driver the test is: luminance out of each format, drivers that refuse, contradict
 * themselves, fall silent or are unplugged, frames that are none, and a camera that is on for as
 * long as it is wanted and not longer (S175).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/fake_camera.h"

enum { WIDTH = 8, HEIGHT = 4, PIXELS = WIDTH * HEIGHT };

struct watcher {
    struct loop *loop;
    int64_t now_us;
    struct fake_camera driver;
    struct camera_calls calls;
    struct camera camera;
    unsigned opened, lost, frames, dropped;
    bool stops; /* the camera, at the first frame */
    char why[64], dropped_why[32];
    struct camera_frame frame;
    uint8_t seen[4096], block[CAMERA_BLOCK];
};

static struct watcher at;

static int64_t fake_us(void *context)
{
    return ((const struct watcher *)context)->now_us;
}

static void on_opened(void *context)
{
    ((struct watcher *)context)->opened++;
}

static void on_frame(void *context, const struct camera_frame *frame)
{
    struct watcher *w = context;
    w->frames++;
    w->frame = *frame;
    assert_true(frame->data.len <= sizeof w->seen);
    memcpy(w->seen, frame->data.at, frame->data.len);
    if (w->stops) camera_stop(&w->camera);
}

static void on_dropped(void *context, const char *why, unsigned count)
{
    struct watcher *w = context;
    (void)count;
    w->dropped++;
    (void)snprintf(w->dropped_why, sizeof w->dropped_why, "%s", why);
}

static void on_lost(void *context, const char *why)
{
    struct watcher *w = context;
    w->lost++;
    (void)snprintf(w->why, sizeof w->why, "%s", why);
}

static void turns(void)
{
    for (int i = 0; i < 24; i++) assert_int_equal(loop_once(at.loop, 0).code, ERR_OK);
}

static void pass_ms(int64_t ms)
{
    at.now_us += ms * 1000;
    turns();
}

static int begin(void **state)
{
    (void)state;
    memset(&at, 0, offsetof(struct watcher, seen));
    at.now_us = 1000000;
    const struct loop_options options = {.clock = {.context = &at, .monotonic_us = fake_us}};
    assert_int_equal(loop_create(&options, &at.loop).code, ERR_OK);
    fake_camera_begin(&at.driver, V4L2_PIX_FMT_GREY, WIDTH, HEIGHT);
    at.calls = fake_camera_calls(&at.driver);
    at.camera.loop = at.loop;
    at.camera.path = "/dev/video0";
    at.camera.calls = &at.calls;
    at.camera.block = at.block;
    at.camera.events = (struct camera_events){on_opened, on_frame, on_dropped, on_lost, &at};
    return 0;
}

/* Whatever has happened: off is off, and nothing is left open or mapped. */
static int end(void **state)
{
    (void)state;
    camera_stop(&at.camera);
    assert_int_equal(at.driver.opens, at.driver.closes);
    assert_int_equal(at.driver.maps, at.driver.unmaps);
    assert_int_equal(at.driver.stream_on, at.driver.stream_off);
    loop_destroy(at.loop);
    return 0;
}

static void start(void)
{
    assert_int_equal(camera_start(&at.camera).code, ERR_OK);
    turns();
}

static void expect_plane(const uint8_t *plane)
{
    assert_false(at.frame.jpeg);
    assert_int_equal(at.frame.width, WIDTH);
    assert_int_equal(at.frame.height, HEIGHT);
    assert_int_equal(at.frame.data.len, PIXELS);
    assert_memory_equal(at.seen, plane, PIXELS);
}

static void luminance(void **state)
{
    (void)state;
    uint8_t plane[PIXELS], yuyv[HEIGHT * 24];
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xd9, 1, 2};
    for (unsigned i = 0; i < PIXELS; i++) plane[i] = (uint8_t)(7 * i + 1);
    start();
    fake_camera_frame(&at.driver, plane, sizeof plane);
    turns();
    assert_int_equal(at.frames, 1);
    expect_plane(plane);
    static const uint8_t nothing[PIXELS];
    assert_memory_equal(at.block, nothing, PIXELS); /* it is kept nowhere */
    camera_stop(&at.camera);

    /* YUYV, whose lines have eight bytes of padding: Y is every other byte. */
    fake_camera_begin(&at.driver, V4L2_PIX_FMT_YUYV, WIDTH, HEIGHT);
    at.driver.line = 24;
    at.driver.size = sizeof yuyv;
    memset(yuyv, 0x80, sizeof yuyv);
    for (unsigned i = 0; i < PIXELS; i++) yuyv[i / WIDTH * 24 + i % WIDTH * 2] = plane[i];
    start();
    fake_camera_frame(&at.driver, yuyv, sizeof yuyv);
    turns();
    assert_int_equal(at.frames, 2);
    expect_plane(plane);
    camera_stop(&at.camera);

    fake_camera_begin(&at.driver, V4L2_PIX_FMT_MJPEG, WIDTH, HEIGHT);
    start();
    fake_camera_frame(&at.driver, jpeg, sizeof jpeg);
    turns();
    assert_int_equal(at.frames, 3);
    assert_true(at.frame.jpeg);
    assert_int_equal(at.frame.data.len, sizeof jpeg);
    assert_memory_equal(at.seen, jpeg, sizeof jpeg);
    camera_stop(&at.camera);

    /* One that has all three is asked for the plainest. */
    fake_camera_begin(&at.driver, V4L2_PIX_FMT_MJPEG, WIDTH, HEIGHT);
    at.driver.fourcc[1] = V4L2_PIX_FMT_YUYV;
    at.driver.fourcc[2] = V4L2_PIX_FMT_GREY;
    at.driver.line = WIDTH * 2;
    start();
    assert_int_equal(at.driver.chosen, V4L2_PIX_FMT_GREY);
}

static void no_stream(struct fake_camera *d)
{
    d->capabilities = V4L2_CAP_VIDEO_CAPTURE;
}
static void an_output(struct fake_camera *d)
{
    d->capabilities = V4L2_CAP_VIDEO_OUTPUT;
}
static void no_v4l2(struct fake_camera *d)
{
    d->failing = VIDIOC_QUERYCAP;
    d->number = ENOTTY;
}
static void not_there(struct fake_camera *d)
{
    d->there = false;
}
static void forbidden(struct fake_camera *d)
{
    d->failing = 1;
    d->number = EACCES;
}
static void only_rgb(struct fake_camera *d)
{
    d->fourcc[0] = V4L2_PIX_FMT_RGB24;
}
static void stubborn(struct fake_camera *d)
{
    d->fourcc[0] = 0;
    d->stubborn = true;
}
static void busy_format(struct fake_camera *d)
{
    d->failing = VIDIOC_S_FMT;
    d->number = EBUSY;
}
static void no_width(struct fake_camera *d)
{
    d->width = 0;
}
static void enormous(struct fake_camera *d)
{
    d->width = 65536;
    d->height = 65536;
    d->line = 65536;
}
static void large_image(struct fake_camera *d)
{
    d->size = CAMERA_BUFFER_MAX + 1;
}
static void thin_line(struct fake_camera *d)
{
    d->line = WIDTH - 1;
}
static void small_image(struct fake_camera *d)
{
    d->size = PIXELS - 1;
}
static void no_buffers(struct fake_camera *d)
{
    d->buffers = 0;
}
static void empty_buffer(struct fake_camera *d)
{
    d->length = 0;
}
static void large_buffer(struct fake_camera *d)
{
    d->length = CAMERA_BUFFER_MAX + 1;
}
static void no_map(struct fake_camera *d)
{
    d->cannot_map = true;
}
static void busy_buffers(struct fake_camera *d)
{
    d->failing = VIDIOC_REQBUFS;
    d->number = EBUSY;
}
static void no_buffer(struct fake_camera *d)
{
    d->failing = VIDIOC_QUERYBUF;
    d->number = EINVAL;
}
static void no_queue(struct fake_camera *d)
{
    d->failing = VIDIOC_QBUF;
    d->number = EIO;
}
static void no_start(struct fake_camera *d)
{
    d->failing = VIDIOC_STREAMON;
    d->number = EIO;
}

/* Each is lost with its reason, once; and taken when it has come to its senses. */
static void drivers_that_cannot_be_used(void **state)
{
    (void)state;
    static const struct {
        void (*spoil)(struct fake_camera *driver);
        const char *why;
    } drivers[] = {
        {not_there, "no such device"},
        {forbidden, "not permitted"},
        {no_v4l2, "no camera"},
        {an_output, "no camera"},
        {no_stream, "a camera that does not stream"},
        {only_rgb, "none of the formats GREY, YUYV and MJPEG"},
        {stubborn, "none of the formats GREY, YUYV and MJPEG"},
        {busy_format, "in use by somebody else"},
        {no_width, "a picture above the limit"},
        {enormous, "a picture above the limit"},
        {large_image, "a picture above the limit"},
        {thin_line, "a format that contradicts itself"},
        {small_image, "a format that contradicts itself"},
        {busy_buffers, "in use by somebody else"},
        {no_buffers, "no buffers"},
        {no_buffer, "the driver refuses it"},
        {empty_buffer, "a buffer above the limit"},
        {large_buffer, "a buffer above the limit"},
        {no_map, "its buffers cannot be mapped"},
        {no_queue, "input or output failed"},
        {no_start, "input or output failed"},
    };
    uint8_t plane[PIXELS] = {1};
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++) {
        (void)end(NULL);
        (void)begin(NULL);
        drivers[i].spoil(&at.driver);
        start();
        assert_int_equal(at.lost, 1);
        assert_string_equal(at.why, drivers[i].why);
        assert_int_equal(at.opened, 0);
        assert_int_equal(at.driver.opens, at.driver.closes);
        assert_int_equal(at.driver.maps, at.driver.unmaps);
        pass_ms(CAMERA_AGAIN_MS + 1); /* as before: said once */
        assert_int_equal(at.lost, 1);
        unsigned opens = at.driver.opens, closes = at.driver.closes;
        unsigned maps = at.driver.maps, unmaps = at.driver.unmaps;
        fake_camera_begin(&at.driver, V4L2_PIX_FMT_GREY, WIDTH, HEIGHT);
        at.driver.opens = opens;
        at.driver.closes = closes;
        at.driver.maps = maps;
        at.driver.unmaps = unmaps;
        pass_ms(CAMERA_AGAIN_MS + 1);
        assert_int_equal(at.opened, 1);
        fake_camera_frame(&at.driver, plane, sizeof plane);
        turns();
        assert_int_equal(at.frames, 1);
    }
}

static void frames_that_are_none(void **state)
{
    (void)state;
    uint8_t plane[PIXELS] = {3};
    static const struct {
        uint32_t bytesused, flags;
        const char *why;
    } bad[] = {
        {PIXELS - 1, 0, "short"},
        {0, 0, "short"},
        {FAKE_BUFFER + 1, 0, "long"},
        {UINT32_MAX, 0, "long"},
        {PIXELS, V4L2_BUF_FLAG_ERROR, "damaged"},
    };
    start();
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        unsigned frames = at.frames;
        at.dropped_why[0] = '\0';
        memset(at.camera.dropped, 0, sizeof at.camera.dropped);
        fake_camera_see(&at.driver,
                        (struct fake_frame){plane, PIXELS, bad[i].bytesused, bad[i].flags});
        pass_ms(CAMERA_PACE_MS);
        assert_int_equal(at.frames, frames);
        assert_string_equal(at.dropped_why, bad[i].why);
        fake_camera_frame(&at.driver, plane, PIXELS);
        pass_ms(CAMERA_PACE_MS);
        assert_int_equal(at.frames, frames + 1);
    }
    /* A hundred of them are seven lines in the log. */
    memset(at.camera.dropped, 0, sizeof at.camera.dropped);
    at.dropped = 0;
    for (int i = 0; i < 100; i++) {
        fake_camera_see(&at.driver, (struct fake_frame){plane, PIXELS, 1, 0});
        pass_ms(CAMERA_PACE_MS);
    }
    assert_int_equal(at.camera.dropped[CAMERA_SHORT], 100);
    assert_int_equal(at.dropped, 7);
    assert_int_equal(at.lost, 0);
    camera_stop(&at.camera);
    fake_camera_begin(&at.driver, V4L2_PIX_FMT_MJPEG, WIDTH, HEIGHT);
    unsigned frames = at.frames;
    start();
    fake_camera_frame(&at.driver, "no JPEG", 7);
    turns();
    assert_string_equal(at.dropped_why, "no_jpeg");
    fake_camera_see(&at.driver, (struct fake_frame){"\xff\xd8", 2, 2, 0});
    pass_ms(CAMERA_PACE_MS);
    assert_int_equal(at.frames, frames);
}

/* What fails while it streams: lost with its reason, opened again, and frames come again. */
static void a_driver_that_fails_later(void **state)
{
    (void)state;
    uint8_t plane[PIXELS] = {9};
    start();
    fake_camera_frame(&at.driver, plane, sizeof plane);
    at.driver.wrong_index = 4;
    turns();
    assert_string_equal(at.why, "the driver hands over a buffer that there is not");
    at.driver.wrong_index = 0;
    pass_ms(CAMERA_AGAIN_MS + 1);
    assert_int_equal(at.opened, 2);
    fake_camera_frame(&at.driver, plane, sizeof plane);
    turns();
    assert_int_equal(at.frames, 1);

    const struct {
        unsigned long request;
        int number;
        const char *why;
    } failures[] = {{VIDIOC_DQBUF, EIO, "input or output failed"},
                    {VIDIOC_QBUF, EIO, "input or output failed"},
                    {VIDIOC_DQBUF, EINVAL, "the driver refuses it"}};
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        unsigned lost = at.lost, frames = at.frames;
        at.driver.failing = failures[i].request;
        at.driver.number = failures[i].number;
        fake_camera_frame(&at.driver, plane, sizeof plane);
        turns();
        assert_int_equal(at.lost, lost + 1);
        assert_string_equal(at.why, failures[i].why);
        at.driver.failing = 0;
        pass_ms(CAMERA_AGAIN_MS + 1);
        fake_camera_frame(&at.driver, plane, sizeof plane);
        turns();
        assert_int_equal(at.frames, frames + 1);
    }

    unsigned lost = at.lost, frames = at.frames;
    fake_camera_unplug(&at.driver);
    turns();
    assert_string_equal(at.why, "no such device");
    pass_ms(CAMERA_AGAIN_MS + 1);
    assert_int_equal(at.lost, lost + 1);
    at.driver.there = true;
    pass_ms(CAMERA_AGAIN_MS + 1);
    fake_camera_frame(&at.driver, plane, sizeof plane);
    turns();
    assert_int_equal(at.frames, frames + 1);
}

static void a_driver_that_falls_silent(void **state)
{
    (void)state;
    uint8_t plane[PIXELS] = {9};
    start();
    fake_camera_frame(&at.driver, plane, sizeof plane);
    pass_ms(CAMERA_SILENT_MS - 1);
    assert_int_equal(at.lost, 0);
    pass_ms(CAMERA_SILENT_MS + 1);
    assert_int_equal(at.lost, 1);
    assert_string_equal(at.why, "it gives no frames");
    pass_ms(CAMERA_AGAIN_MS + 1);
    assert_int_equal(at.opened, 2);
}

/* Frames come faster than they are wanted: the driver has its buffers back at once, unseen. */
static void no_more_than_are_wanted(void **state)
{
    (void)state;
    uint8_t plane[PIXELS] = {9};
    start();
    for (int i = 0; i < 12; i++) fake_camera_frame(&at.driver, plane, sizeof plane);
    turns();
    assert_int_equal(at.driver.frames, 0);
    assert_int_equal(at.frames, 1);
    for (unsigned i = 0; i < CAMERA_BUFFERS; i++) assert_true(at.driver.queued[i]);
    at.now_us += CAMERA_PACE_MS * INT64_C(1000);
    for (int i = 0; i < 12; i++) fake_camera_frame(&at.driver, plane, sizeof plane);
    turns();
    assert_int_equal(at.frames, 2);
}

static void on_and_off(void **state)
{
    (void)state;
    uint8_t plane[PIXELS] = {9};
    turns();
    assert_int_equal(at.driver.opens, 0);
    camera_stop(&at.camera);
    start();
    start(); /* is on */
    assert_true(at.driver.on);
    assert_int_equal(at.driver.opens, 1);
    camera_stop(&at.camera);
    assert_false(at.driver.on);
    assert_int_equal(at.driver.closes, 1);
    pass_ms(60000);
    assert_int_equal(at.driver.opens, 1);
    /* Off from inside, at the first of two frames. */
    at.stops = true;
    start();
    fake_camera_frame(&at.driver, plane, sizeof plane);
    fake_camera_frame(&at.driver, plane, sizeof plane);
    turns();
    assert_int_equal(at.frames, 1);
    assert_false(at.driver.on);
    assert_int_equal(at.lost, 0);
}

/* The calls of the kernel themselves, as far as there is no camera here: a pipe is none. */
static void the_kernels_own(void **state)
{
    (void)state;
    char path[64];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    at.camera.calls = &camera_kernel;
    at.camera.path = path;
    start();
    assert_string_equal(at.why, "no camera");
    camera_stop(&at.camera);
    at.camera.path = "/dev/no-such-camera";
    at.camera.said_lost = false;
    start();
    assert_string_equal(at.why, "no such device");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(luminance),
        CASE(drivers_that_cannot_be_used),
        CASE(frames_that_are_none),
        CASE(a_driver_that_fails_later),
        CASE(a_driver_that_falls_silent),
        CASE(no_more_than_are_wanted),
        CASE(on_and_off),
        CASE(the_kernels_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
