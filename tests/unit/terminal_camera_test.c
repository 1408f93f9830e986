/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A code held before a camera pays as if it was scanned: the driver is the test, the frames have a
 * QR code in them, and tongbao-pictures itself reads it. The camera is on while a screen waits for
 * a code; pictures that other programs write are read and removed (S175).
 */
#include "lib/base/file.h"
#include "lib/wire/helper.h"
#include "terminal/peripherals.h"
#include "tests/unit/camera_frames.h"
#include "tests/unit/fake_camera.h"
#include "tests/unit/scratch.h"
#include "tests/unit/terminal_rig.h"

#define CODE_A "280000000000000000"
#define CODE_B "280000000000000001"
#define POSTER "https://example.test/lottery"

enum { WIDTH = 320, HEIGHT = 240 };

struct camera_shop {
    struct rig *rig;
    struct loop *loop;
    struct peripherals *devices;
    struct pictures pictures;
    struct camera_calls calls;
    int64_t now_us;
    unsigned reads;
    uint8_t grey[WIDTH * HEIGHT], yuyv[2 * WIDTH * HEIGHT], jpeg[256 * 1024];
    struct fake_camera driver;
};

static struct camera_shop shop;

static int64_t shop_us(void *context)
{
    return ((const struct camera_shop *)context)->now_us;
}

static void on_done(void *context, err e)
{
    (void)context;
    GOOD(e);
}

static err read_picture(void *context, enum pictures_kind kind, struct bytes picture, uint8_t *out,
                        size_t max, size_t *ret_len)
{
    struct camera_shop *s = context;
    s->reads++;
    return pictures_read(&s->pictures, kind, picture, out, max, ret_len);
}

static void turn(void)
{
    for (int i = 0; i < 12; i++) GOOD(loop_once(shop.loop, 0));
}

static void pass_ms(int64_t ms)
{
    for (; ms > 0; ms -= CAMERA_PACE_MS) {
        shop.now_us += CAMERA_PACE_MS * INT64_C(1000);
        turn();
    }
}

static void open_shop(const char *camera, uint32_t fourcc)
{
    static const struct log silent;
    const char *bad = NULL;
    memset(&shop, 0, offsetof(struct camera_shop, driver));
    shop.now_us = 1000000;
    shop.rig = rig_ready();
    const struct clock clock = {.monotonic_us = shop_us, .context = &shop};
    const struct loop_options loop = {.clock = clock};
    GOOD(loop_create(&loop, &shop.loop));
    GOOD(helper_find("../terminal/tongbao-pictures", shop.pictures.program,
                     sizeof shop.pictures.program));
    fake_camera_begin(&shop.driver, fourcc, WIDTH, HEIGHT);
    shop.calls = fake_camera_calls(&shop.driver);
    const struct peripherals_options options = {.camera = camera,
                                                .video = &shop.calls,
                                                .read = read_picture,
                                                .read_context = &shop,
                                                .paper_mm = 58,
                                                .loop = shop.loop,
                                                .clock = clock,
                                                .log = &silent,
                                                .done = on_done};
    GOOD(peripherals_open(&options, &bad, &shop.devices));
    peripherals_serve(shop.devices, shop.rig->terminal);
    turn();
}

static void close_shop(void)
{
    peripherals_close(shop.devices);
    loop_destroy(shop.loop);
    assert_int_equal(shop.driver.opens, shop.driver.closes);
    rig_check_books(shop.rig);
    rig_free(shop.rig);
}

/* The camera sees this now; and what follows from it has happened. */
static void see(const char *text)
{
    frame_grey(shop.grey, WIDTH, HEIGHT, text, 4);
    for (size_t i = 0; i < sizeof shop.grey; i++) {
        shop.yuyv[2 * i] = shop.grey[i];
        shop.yuyv[2 * i + 1] = 0x80;
    }
    if (shop.driver.chosen == V4L2_PIX_FMT_YUYV)
        fake_camera_frame(&shop.driver, shop.yuyv, sizeof shop.yuyv);
    else fake_camera_frame(&shop.driver, shop.grey, sizeof shop.grey);
    pass_ms(CAMERA_PACE_MS);
    GOOD(rig_pump(shop.rig));
    turn();
}

static void see_jpeg(const char *text)
{
    struct writer w = writer_over(shop.jpeg, sizeof shop.jpeg);
    frame_jpeg(&w, text, true);
    fake_camera_frame(&shop.driver, shop.jpeg, w.len);
    pass_ms(CAMERA_PACE_MS);
    GOOD(rig_pump(shop.rig));
    turn();
}

static void begin_sale(void)
{
    GOOD(rig_keys(shop.rig, "choice:sale digit:9 ok"));
    AT(shop.rig, "sale.present");
    pass_ms(CAMERA_PACE_MS);
}

static void end_sale(void)
{
    AT(shop.rig, "sale.approved");
    GOOD(rig_key(shop.rig, "ok"));
    AT(shop.rig, "main.menu");
    turn();
}

static void a_code_before_the_camera_pays(void **state)
{
    (void)state;
    static const uint32_t fourccs[] = {V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_GREY};
    for (size_t i = 0; i < ARRAY_LEN(fourccs); i++) {
        open_shop("v4l2:/dev/video0", fourccs[i]);
        pass_ms(2000);
        assert_int_equal(shop.driver.opens, 0); /* nobody waits for a code: it is off */
        begin_sale();
        assert_true(shop.driver.on);
        see(NULL);
        AT(shop.rig, "sale.present");
        assert_int_equal(shop.rig->sales_seen, 0);
        see(CODE_A);
        assert_int_equal(shop.rig->sales_seen, 1);
        assert_false(shop.driver.on); /* off as soon as there is a code */
        end_sale();
        GOOD(rig_keys(shop.rig, "choice:sale digit:9"));
        turn();
        assert_false(shop.driver.on); /* an amount is no code */
        GOOD(rig_keys(shop.rig, "cancel"));
        assert_int_equal(shop.reads, 2);
        close_shop();
    }
}

static void a_jpeg_pays(void **state)
{
    (void)state;
    open_shop("v4l2:/dev/video0", V4L2_PIX_FMT_MJPEG);
    begin_sale();
    fake_camera_frame(&shop.driver, "\xff\xd8\xff\xc0\x00\x07\x08\x00\x10\x00\x10",
                      11); /* damaged */
    pass_ms(CAMERA_PACE_MS);
    AT(shop.rig, "sale.present");
    see_jpeg(CODE_A);
    assert_int_equal(shop.rig->sales_seen, 1);
    end_sale();
    close_shop();
}

/* A telephone that is left before the camera pays once: not for the next customer, and it is not
 * refused again and again; out of sight for three seconds, it is told again. */
static void a_code_is_told_once(void **state)
{
    (void)state;
    open_shop("v4l2:/dev/video0", V4L2_PIX_FMT_GREY);
    memcpy(shop.rig->code, "14", 3);
    begin_sale();
    see(CODE_A);
    AT(shop.rig, "sale.declined");
    memcpy(shop.rig->code, "00", 3);
    GOOD(rig_keys(shop.rig, "choice:next digit:9 ok"));
    turn();
    for (int i = 0; i < 20; i++) see(CODE_A);
    AT(shop.rig, "sale.present");
    assert_int_equal(shop.rig->sales_seen, 1);
    see(CODE_B);
    assert_int_equal(shop.rig->sales_seen, 2);
    end_sale();
    begin_sale();
    for (int i = 0; i < CAMERA_GONE - 1; i++) see(NULL);
    see(CODE_B);
    assert_int_equal(shop.rig->sales_seen, 2);
    for (int i = 0; i < CAMERA_GONE; i++) see(NULL);
    see(CODE_B);
    assert_int_equal(shop.rig->sales_seen, 3);
    end_sale();
    close_shop();
}

static void what_is_no_payment_code(void **state)
{
    (void)state;
    open_shop("v4l2:/dev/video0", V4L2_PIX_FMT_GREY);
    begin_sale();
    see(POSTER);
    AT(shop.rig, "sale.present");
    assert_non_null(rig_line(shop.rig, "SALE_BAD_CODE"));
    uint32_t serial = terminal_screen(shop.rig->terminal)->serial;
    for (int i = 0; i < 5; i++) see(POSTER);
    assert_int_equal(terminal_screen(shop.rig->terminal)->serial, serial);
    assert_int_equal(shop.rig->sales_seen, 0);
    see(CODE_A);
    end_sale();
    assert_int_equal(shop.rig->sales_seen, 1);
    close_shop();
}

/* Short and damaged frames, then the plug: the sale can be ended, and the next is paid. */
static void a_camera_in_trouble(void **state)
{
    (void)state;
    open_shop("v4l2:/dev/video0", V4L2_PIX_FMT_GREY);
    begin_sale();
    frame_grey(shop.grey, WIDTH, HEIGHT, CODE_A, 4);
    fake_camera_see(&shop.driver, (struct fake_frame){shop.grey, sizeof shop.grey, 1000, 0});
    pass_ms(CAMERA_PACE_MS);
    fake_camera_see(&shop.driver, (struct fake_frame){shop.grey, sizeof shop.grey, sizeof shop.grey,
                                                      V4L2_BUF_FLAG_ERROR});
    pass_ms(CAMERA_PACE_MS);
    assert_int_equal(shop.reads, 0);
    fake_camera_unplug(&shop.driver);
    pass_ms(5000);
    AT(shop.rig, "sale.present");
    GOOD(rig_keys(shop.rig, "cancel cancel"));
    AT(shop.rig, "main.menu");
    turn();
    begin_sale();
    shop.driver.there = true;
    pass_ms(CAMERA_AGAIN_MS + CAMERA_PACE_MS);
    see(CODE_A);
    end_sale();
    assert_int_equal(shop.rig->sales_seen, 1);
    close_shop();
}

static void nobody_reads_pictures(void **state)
{
    (void)state;
    open_shop("v4l2:/dev/video0", V4L2_PIX_FMT_GREY);
    snprintf(shop.pictures.program, sizeof shop.pictures.program, "/no-such-program");
    begin_sale();
    for (int i = 0; i < CAMERA_REST + 1; i++) see(CODE_A);
    AT(shop.rig, "sale.present");
    assert_int_equal(shop.rig->sales_seen, 0);
    assert_int_equal(shop.reads, 1); /* it is not asked four times a second */
    GOOD(rig_keys(shop.rig, "cancel cancel"));
    AT(shop.rig, "main.menu");
    turn();
    GOOD(helper_find("../terminal/tongbao-pictures", shop.pictures.program,
                     sizeof shop.pictures.program)); /* it is installed */
    begin_sale();
    see(CODE_A);
    end_sale();
    assert_int_equal(shop.rig->sales_seen, 1);
    close_shop();
}

static void write_file(const char *path, struct bytes content)
{
    GOOD(file_write(path, FILE_PUBLIC, content));
    pass_ms(2 * CAMERA_PACE_MS);
    GOOD(rig_pump(shop.rig));
    turn();
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void pictures_as_files(void **state)
{
    (void)state;
    struct scratch scratch;
    char path[256], camera[300];
    static uint8_t png[64 * 1024];
    struct writer w = writer_over(png, sizeof png);
    scratch_make(&scratch);
    snprintf(path, sizeof path, "%s", scratch_path(&scratch, "frame"));
    snprintf(camera, sizeof camera, "files:%s", path);
    open_shop(camera, V4L2_PIX_FMT_GREY);
    GOOD(pictures_code(&shop.pictures, BYTES(CODE_A), &w));
    write_file(path, writer_view(&w));
    assert_true(is_there(path)); /* nobody waits: it is not looked at */
    GOOD(rig_keys(shop.rig, "choice:sale digit:9 ok"));
    turn();
    assert_false(is_there(path)); /* older than the wait: removed, unread */
    pass_ms(1000);
    assert_int_equal(shop.rig->sales_seen, 0);
    write_file(path, BYTES("no picture"));
    assert_false(is_there(path));
    write_file(path, bytes_of(png, w.len / 2));
    assert_false(is_there(path));
    AT(shop.rig, "sale.present");
    write_file(path, writer_view(&w));
    assert_false(is_there(path));
    end_sale();
    assert_int_equal(shop.rig->sales_seen, 1);
    begin_sale();
    w = writer_over(shop.jpeg, sizeof shop.jpeg);
    frame_jpeg(&w, CODE_B, false);
    write_file(path, writer_view(&w));
    end_sale();
    assert_int_equal(shop.rig->sales_seen, 2);
    assert_int_equal(shop.driver.opens, 0);
    close_shop();
    scratch_remove(&scratch);
}

static void an_address_that_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"/dev/video0", "v4l2:video0", "v4l2:", "files:frame", ""};
    memset(&shop, 0, offsetof(struct camera_shop, driver));
    const struct loop_options loop = {.clock = {.monotonic_us = shop_us, .context = &shop}};
    GOOD(loop_create(&loop, &shop.loop));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct peripherals *devices = NULL;
        const char *named = NULL;
        const struct peripherals_options options = {.camera = bad[i], .loop = shop.loop};
        assert_int_equal(peripherals_open(&options, &named, &devices).code, ERR_CONFIG);
        assert_string_equal(named, bad[i]);
        assert_null(devices);
    }
    loop_destroy(shop.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_before_the_camera_pays),
        cmocka_unit_test(a_jpeg_pays),
        cmocka_unit_test(a_code_is_told_once),
        cmocka_unit_test(what_is_no_payment_code),
        cmocka_unit_test(a_camera_in_trouble),
        cmocka_unit_test(nobody_reads_pictures),
        cmocka_unit_test(pictures_as_files),
        cmocka_unit_test(an_address_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
