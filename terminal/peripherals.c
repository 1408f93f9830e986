/* SPDX-License-Identifier: Apache-2.0 */
/* Lines to the devices, and what comes back from them to the core. */
#include "terminal/peripherals.h"

#include <stdlib.h>

#include "lib/wire/hid_pos.h"
#include "lib/wire/keyboard.h"
#include "lib/wire/peripheral.h"
#include "lib/wire/serial_line.h"
#include "terminal/device/box.h"
#include "terminal/device/display.h"
#include "terminal/device/printer.h"
#include "terminal/device/spool.h"

enum { ENDED_MAX = 4 * SPOOL_JOBS };

/* How a slip has ended, for the core. */
struct slip_end {
    int64_t number;
    bool printed;
};

struct peripherals {
    struct peripherals_options options;
    struct terminal *terminal;
    struct printer *characters;
    struct peripheral printer, scanner, display, box_line;
    struct spool spool;
    struct box box;
    struct serial_line codes;
    struct keyboard keys;
    struct hid_scanner hid;
    struct camera_codes *camera; /* NULL: there is none */
    struct display_lines shown;
    struct loop_timer timer;
    struct loop_hook hook;
    bool written; /* the printer has been sent something that spool is to be told of */
    /* For the core, when nobody is inside one of its ports. */
    bool changed;
    size_t ended_count;
    struct slip_end ended[ENDED_MAX];
};

static int64_t now_ms(const struct peripherals *p)
{
    return clock_monotonic_us(&p->options.clock) / 1000;
}

static void lost(const struct peripherals *p, const char *what, const char *why)
{
    log_event(p->options.log, LOG_WARN, "device_lost", LOG_TEXT("device", what),
              LOG_TEXT("why", why));
}

static void there(const struct peripherals *p, const char *what)
{
    log_event(p->options.log, LOG_INFO, "device_there", LOG_TEXT("device", what));
}

/* ---- the printer ---- */

static void to_printer(void *context, struct bytes bytes)
{
    struct peripherals *p = context;
    err e = peripheral_send(&p->printer, bytes);
    p->written = true;
    /* The spool waits for its answers: without them the slip is in doubt, and said to be. */
    if (FAILED(e)) log_event(p->options.log, LOG_WARN, "not_printed", LOG_ERR(e));
}

static void printer_changed(void *context)
{
    struct peripherals *p = context;
    p->changed = true;
    loop_again(p->options.loop);
}

static void slip_ended(void *context, int64_t number, enum spool_end end)
{
    struct peripherals *p = context;
    log_event(p->options.log, end == SPOOL_PRINTED ? LOG_INFO : LOG_WARN, "slip",
              LOG_INT("number", number), LOG_INT("printed", end == SPOOL_PRINTED));
    if (p->ended_count == ARRAY_LEN(p->ended)) return; /* owed ones are then in doubt */
    p->ended[p->ended_count++] = (struct slip_end){number, end == SPOOL_PRINTED};
    loop_again(p->options.loop);
}

static void printer_opened(void *context)
{
    struct peripherals *p = context;
    there(p, "printer");
    spool_opened(&p->spool, now_ms(p));
}

static void printer_taken(void *context, struct bytes bytes)
{
    struct peripherals *p = context;
    spool_taken(&p->spool, bytes, now_ms(p));
}

static void printer_lost(void *context, const char *why)
{
    struct peripherals *p = context;
    lost(p, "printer", why);
    spool_lost(&p->spool);
    printer_changed(p);
}

void peripherals_print(struct peripherals *p, const struct terminal_receipt *receipt)
{
    static uint8_t block[SPOOL_JOB_MAX];
    struct writer w = writer_over(block, sizeof block);
    if (p->options.printer == NULL) return;
    printer_receipt(p->characters, receipt->receipt, &w);
    err e = w.fault == ERR_OK ? spool_add(&p->spool, receipt->number, writer_view(&w), now_ms(p))
                              : (err){w.fault};
    explicit_bzero(block, w.len);
    if (FAILED(e)) slip_ended(p, receipt->number, SPOOL_UNSURE); /* FULL: it will not come */
}

void peripherals_drawer(struct peripherals *p)
{
    uint8_t block[8];
    struct writer w = writer_over(block, sizeof block);
    printer_drawer(&w);
    err e = peripheral_send(&p->printer, writer_view(&w));
    if (FAILED(e)) log_event(p->options.log, LOG_WARN, "drawer_not_opened", LOG_ERR(e));
}

/* ---- scanner ---- */

static void code_read(void *context, struct bytes code)
{
    struct peripherals *p = context;
    p->options.done(p->options.context, terminal_on_code(p->terminal, code));
}

static void scanner_opened(void *context)
{
    there(context, "scanner");
}

/* What a HID device says it is: a scanner, or why it is none for us. */
static const char *scanner_described(void *context, struct bytes descriptor)
{
    struct peripherals *p = context;
    const char *why = NULL;
    err e = hid_scanner_begin(&p->hid, descriptor, &why);
    return FAILED(e) ? why : NULL;
}

static void hid_code_read(void *context, struct bytes code, const char *aim)
{
    (void)aim; /* which wallet a code is for, its own digits say, however it was drawn */
    code_read(context, code);
}

static void take_report(struct peripherals *p, struct bytes report)
{
    enum hid_fault fault = hid_scanner_take(&p->hid, report, now_ms(p), hid_code_read, p);
    const char *why = hid_fault_word(fault);
    if (why == NULL || !hid_worth_a_line(p->hid.dropped[fault])) return;
    log_event(p->options.log, LOG_WARN, "report_dropped", LOG_TEXT("device", "scanner"),
              LOG_TEXT("why", why), LOG_INT("count", p->hid.dropped[fault]));
}

static void scanner_taken(void *context, struct bytes bytes)
{
    struct peripherals *p = context;
    if (p->scanner.address.kind == PERIPHERAL_KEYS) keyboard_take(&p->keys, bytes, code_read, p);
    else if (p->scanner.address.kind == PERIPHERAL_HID) take_report(p, bytes);
    else serial_line_take(&p->codes, bytes, now_ms(p), code_read, p);
}

static void scanner_lost(void *context, const char *why)
{
    struct peripherals *p = context;
    lost(p, "scanner", why);
    keyboard_wipe(&p->keys);
    explicit_bzero(&p->hid, sizeof p->hid);
}

/* ---- camera ---- */

static err open_camera(struct peripherals *p, const char **ret_bad)
{
    const struct peripherals_options *o = &p->options;
    const struct camera_codes_options options = {.where = o->camera,
                                                 .loop = o->loop,
                                                 .log = o->log,
                                                 .calls = o->video,
                                                 .read = o->read,
                                                 .read_context = o->read_context,
                                                 .code = code_read,
                                                 .context = p};
    if (o->camera == NULL) return OK;
    *ret_bad = o->camera;
    return camera_codes_open(&options, &p->camera);
}

/* ---- the customer's display ---- */

static void show_lines(struct peripherals *p)
{
    uint8_t block[DISPLAY_BYTES_MAX];
    struct writer w = writer_over(block, sizeof block);
    display_write(p->characters, &p->shown, &w);
    ENSURE(w.fault == ERR_OK);
    if (!peripheral_is_open(&p->display)) return; /* when it comes it is told */
    err e = peripheral_send(&p->display, writer_view(&w));
    if (FAILED(e)) log_event(p->options.log, LOG_WARN, "not_displayed", LOG_ERR(e));
}

static void display_opened(void *context)
{
    there(context, "display");
    show_lines(context);
}

static void nothing_taken(void *context, struct bytes bytes)
{
    (void)context;
    (void)bytes; /* a display has nothing to say */
}

static void display_lost(void *context, const char *why)
{
    lost(context, "display", why);
}

void peripherals_show(struct peripherals *p, const struct screen *screen)
{
    struct display_lines lines;
    if (p->options.display == NULL || p->terminal == NULL) return;
    display_of(screen, terminal_payment(p->terminal)->type, &lines);
    if (memcmp(&lines, &p->shown, sizeof lines) == 0) return;
    p->shown = lines;
    show_lines(p);
}

/* ---- the speaker box ---- */

static void box_line_opened(void *context)
{
    struct peripherals *p = context;
    there(p, "box");
    box_opened(&p->box, now_ms(p));
    loop_again(p->options.loop);
}

static void box_line_taken(void *context, struct bytes bytes)
{
    struct peripherals *p = context;
    box_taken(&p->box, bytes, now_ms(p));
    loop_again(p->options.loop);
}

static void box_line_lost(void *context, const char *why)
{
    lost(context, "box", why);
}

void peripherals_speak(struct peripherals *p, const struct speech *speech, int64_t amount_minor)
{
    struct box_announcement a = {.number = speech->number,
                                 .amount_minor = amount_minor,
                                 .english = speech->language == LANGUAGE_EN};
    if (p->options.box == NULL) return;
    memcpy(a.text, speech->text, sizeof a.text);
    box_add(&p->box, &a, now_ms(p));
    loop_again(p->options.loop);
}

static bool tick_box(struct peripherals *p, int64_t *ret_ms)
{
    uint8_t block[2 * BOX_TEXT + 128];
    struct writer w = writer_over(block, sizeof block);
    bool waits = peripheral_is_open(&p->box_line) && box_tick(&p->box, now_ms(p), &w, ret_ms);
    if (w.len == 0) return waits;
    err e = w.fault == ERR_OK ? peripheral_send(&p->box_line, writer_view(&w)) : (err){w.fault};
    if (FAILED(e)) log_event(p->options.log, LOG_WARN, "not_spoken", LOG_ERR(e));
    return waits;
}

/* ---- the loop ---- */

static void tell_core(struct peripherals *p)
{
    if (p->changed) {
        p->changed = false;
        const struct spool *s = &p->spool;
        const struct terminal_devices devices = {.battery = 100,
                                                 .paper = s->state == SPOOL_PAPER_OUT
                                                              ? SCREEN_PAPER_OUT
                                                          : s->low ? SCREEN_PAPER_LOW
                                                                   : SCREEN_PAPER_OK,
                                                 .printer_fault = spool_out_of_order(s)};
        p->options.done(p->options.context, terminal_on_devices(p->terminal, &devices));
    }
    for (size_t i = 0; i < p->ended_count; i++) { /* the core may print the next one meanwhile */
        const struct slip_end *end = &p->ended[i];
        err told = end->printed ? terminal_on_printed_slip(p->terminal, end->number)
                                : terminal_on_unsure_slip(p->terminal, end->number);
        p->options.done(p->options.context, told);
    }
    p->ended_count = 0;
}

static void timer_due(void *context)
{
    (void)context; /* the hook behind it looks */
}

static void before_wait(void *context)
{
    struct peripherals *p = context;
    int64_t spool_ms = INT64_MAX, box_ms = INT64_MAX;
    if (p->terminal == NULL) return;
    if (p->written && peripheral_idle(&p->printer)) {
        p->written = false;
        spool_written(&p->spool, now_ms(p));
    }
    bool spooling = spool_tick(&p->spool, now_ms(p), &spool_ms), saying = tick_box(p, &box_ms);
    tell_core(p);
    if (p->camera != NULL)
        p->options.done(p->options.context,
                        camera_codes_watch(p->camera, terminal_screen(p->terminal)->scan));
    int64_t due = spool_ms < box_ms ? spool_ms : box_ms, in = due - now_ms(p);
    if (!spooling && !saying) loop_timer_cancel(p->options.loop, &p->timer);
    else
        p->options.done(p->options.context,
                        loop_timer_set(p->options.loop, &p->timer, in > 0 ? in : 0));
}

static err open_one(struct peripherals *p, const char *text, const struct peripheral_events *events,
                    struct peripheral *device, const char **ret_bad)
{
    struct peripheral_address address;
    if (text == NULL) return OK;
    *ret_bad = text;
    TRY(peripheral_parse(text, &address));
    return peripheral_open(p->options.loop, &address, events, device);
}

static err open_all(struct peripherals *p, const char **ret_bad)
{
    const struct peripherals_options *o = &p->options;
    const struct peripheral_events printer = {printer_opened, printer_taken, printer_lost, p},
                                   scanner = {scanner_opened, scanner_taken, scanner_lost, p,
                                              scanner_described},
                                   display = {display_opened, nothing_taken, display_lost, p},
                                   box = {box_line_opened, box_line_taken, box_line_lost, p};
    const struct spool_ports ports = {p, to_printer, printer_changed, slip_ended};
    spool_begin(&p->spool, &ports);
    p->scanner.hid = o->hid;
    TRY(printer_open(&p->characters));
    TRY(open_one(p, o->printer, &printer, &p->printer, ret_bad));
    TRY(open_one(p, o->scanner, &scanner, &p->scanner, ret_bad));
    TRY(open_camera(p, ret_bad));
    TRY(open_one(p, o->display, &display, &p->display, ret_bad));
    return open_one(p, o->box, &box, &p->box_line, ret_bad);
}

err peripherals_open(const struct peripherals_options *options, const char **ret_bad,
                     struct peripherals **ret_peripherals)
{
    struct peripherals *p = calloc(1, sizeof *p);
    if (p == NULL) return ERR(NO_MEMORY);
    p->options = *options;
    p->timer = (struct loop_timer){.run = timer_due, .context = p};
    p->hook = (struct loop_hook){.run = before_wait, .context = p};
    loop_before_wait(options->loop, LOOP_COMMIT, &p->hook);
    err e = open_all(p, ret_bad);
    if (FAILED(e)) {
        peripherals_close(p);
        return e;
    }
    *ret_peripherals = p;
    return OK;
}

void peripherals_serve(struct peripherals *p, struct terminal *terminal)
{
    p->terminal = terminal;
}

unsigned peripherals_columns(const struct peripherals *p)
{
    return p->options.paper_mm == 80 ? RECEIPT_COLUMNS_WIDE : RECEIPT_COLUMNS;
}

bool peripherals_have_printer(const struct peripherals *p)
{
    return p->options.printer != NULL;
}

void peripherals_close(struct peripherals *p)
{
    if (p == NULL) return;
    peripheral_close(&p->printer);
    peripheral_close(&p->scanner);
    camera_codes_close(p->camera);
    peripheral_close(&p->display);
    peripheral_close(&p->box_line);
    loop_timer_cancel(p->options.loop, &p->timer);
    loop_hook_remove(p->options.loop, &p->hook);
    printer_close(p->characters);
    explicit_bzero(p, sizeof *p);
    free(p);
}
