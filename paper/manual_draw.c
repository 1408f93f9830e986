/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manual from cover to cover. It is drawn twice: first to nowhere and without the sheet, to
 * know on which page each chapter begins.
 */
#include "paper/manual_pages.h"

static cairo_status_t give(void *context, const unsigned char *data, unsigned len)
{
    struct writer *w = context;
    write_bytes(w, bytes_of(data, len));
    return w->fault == ERR_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static cairo_status_t give_nobody(void *context, const unsigned char *data, unsigned len)
{
    (void)context;
    (void)data;
    (void)len;
    return CAIRO_STATUS_SUCCESS;
}

/* The sheet is one piece of paper: its first page is a right-hand one. */
static void draw_sheet(struct pen *pen, const struct manual *m)
{
    pen->language = m->language[POLICY_ZH] ? POLICY_ZH : POLICY_EN;
    if (pen->page % 2 == 0) manual_notes(pen);
    manual_sheet(pen, m);
}

static err draw(struct pen *pen, const struct manual *m, struct manual_places *places, bool sheet)
{
    TRY(manual_cover(pen, m));
    manual_contents(pen, m, places);
    for (int language = POLICY_ZH; language >= POLICY_EN; language--) {
        pen->language = (enum policy_language)language;
        if (m->language[language]) manual_chapters(pen, m, places);
    }
    if (sheet) draw_sheet(pen, m);
    return OK;
}

static err draw_all(const struct manual *m, struct manual_places *places, cairo_write_func_t write,
                    void *context, bool sheet)
{
    static const struct pen_paper a5 = {PEN_WIDTH, PEN_HEIGHT};
    struct pen pen;
    char title[96], block[64];
    snprintf(title, sizeof title, "%s %s", m->policy.model,
             manual_both(m, MANUAL_TITLE, block, sizeof block));
    TRY(pen_begin(&pen, &a5, title, write, context));
    err drawn = draw(&pen, m, places, sheet);
    err finished = pen_finish(&pen);
    return FAILED(drawn) ? drawn : finished;
}

err manual_draw(const struct manual *m, struct writer *pdf)
{
    struct manual_places places = {0};
    ENSURE(m != NULL && m->address != NULL && (m->language[0] || m->language[1]));
    ENSURE(m->secrets == NULL || (m->serial != NULL && m->secrets->count <= MANUAL_SECRETS_MAX));
    TRY(draw_all(m, &places, give_nobody, NULL, false));
    err drawn = draw_all(m, &places, give, pdf, m->secrets != NULL);
    return pdf->fault != ERR_OK ? (err){pdf->fault} : drawn;
}
