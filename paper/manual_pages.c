/* SPDX-License-Identifier: Apache-2.0 */
/* Cover, contents and chapters of the manual. */
#include "paper/manual_pages.h"

#include <assert.h>

static const char *word(const struct pen *pen, enum manual_word which)
{
    return manual_word(which, pen->language);
}

enum { RULE_LINES_MAX = 24 };

/* ---- cover ---- */

const char *manual_both(const struct manual *m, enum manual_word which, char *block, size_t size)
{
    bool zh = m->language[POLICY_ZH], en = m->language[POLICY_EN];
    snprintf(block, size, "%s%s%s", zh ? manual_word(which, POLICY_ZH) : "", zh && en ? " · " : "",
             en ? manual_word(which, POLICY_EN) : "");
    return block;
}

static void cover_fact(struct pen *pen, const struct manual *m, enum manual_word name,
                       const char *value)
{
    char block[160];
    pen_text(pen, PEN_FAINT, PEN_LEFT, PEN_MARGIN + 16, pen->y, PEN_TEXT / 2,
             manual_both(m, name, block, sizeof block));
    pen->y += pen_text(pen, PEN_STRONG, PEN_RIGHT, PEN_MARGIN + PEN_TEXT / 2, pen->y - 1,
                       PEN_TEXT / 2 - 16, value) +
              9;
}

/* Whose it is and under which number: what somebody has typed, in one line. */
static unsigned shop_facts(const struct manual *m)
{
    return (unsigned)(m->shop != NULL && m->shop[0] != '\0') +
           (unsigned)(m->terminal != NULL && m->terminal[0] != '\0');
}

static void cover_typed(struct pen *pen, const struct manual *m, enum manual_word name,
                        const char *value)
{
    char block[160];
    if (value == NULL || value[0] == '\0') return;
    pen_text(pen, PEN_FAINT, PEN_LEFT, PEN_MARGIN + 16, pen->y, PEN_TEXT / 2,
             manual_both(m, name, block, sizeof block));
    pen->y += pen_typed(pen, PEN_STRONG, PEN_RIGHT, PEN_MARGIN + PEN_TEXT / 3, pen->y - 1,
                        PEN_TEXT * 2 / 3 - 16, 1, value) +
              9;
}

/* "https://.../activate?model=TB-1&serial=TB1-2030-000017" */
static void write_address(const struct manual *m, struct writer *w)
{
    write_format(w, "%s?model=%s", m->address, m->policy.model);
    if (m->serial != NULL) write_format(w, "&serial=%s", m->serial);
}

static void cover_name(struct pen *pen, const struct manual *m)
{
    pen->y = 92;
    for (int language = POLICY_ZH; language >= POLICY_EN; language--) {
        if (!m->language[language]) continue;
        pen->y += pen_text(pen, PEN_STRONG, PEN_LEFT, PEN_MARGIN, pen->y, PEN_TEXT,
                           manual_word(MANUAL_PRODUCT, (unsigned)language)) +
                  2;
        pen->y += pen_text(pen, PEN_TITLE, PEN_LEFT, PEN_MARGIN, pen->y, PEN_TEXT,
                           manual_word(MANUAL_TITLE, (unsigned)language)) +
                  14;
    }
}

/* Says where what follows may begin. */
static double cover_facts(struct pen *pen, const struct manual *m)
{
    enum { FACT = 24, NAME = 11, TOP = 262 };
    char version[16];
    int names = m->language[POLICY_ZH] + m->language[POLICY_EN];
    double facts = (m->serial != NULL ? 3 : 2) + shop_facts(m);
    double height = FACT * facts + NAME * names + 22;
    pen_box(pen, PEN_PALE, PEN_MARGIN, TOP - 14, PEN_TEXT, height);
    pen->y = TOP;
    cover_fact(pen, m, MANUAL_MODEL, m->policy.model);
    pen->y = TOP + FACT - 6;
    for (int language = POLICY_ZH; language >= POLICY_EN; language--) {
        if (!m->language[language]) continue;
        pen_text(pen, PEN_FAINT, PEN_RIGHT, PEN_MARGIN, pen->y, PEN_TEXT - 16,
                 m->policy.name[language]);
        pen->y += NAME;
    }
    pen->y += 10;
    if (m->serial != NULL) cover_fact(pen, m, MANUAL_SERIAL, m->serial);
    snprintf(version, sizeof version, "%u", m->policy.version);
    cover_fact(pen, m, MANUAL_RULES_VERSION, version);
    cover_typed(pen, m, MANUAL_TERMINAL, m->terminal);
    cover_typed(pen, m, MANUAL_SHOP, m->shop);
    return TOP + height;
}

err manual_cover(struct pen *pen, const struct manual *m)
{
    enum { SIDE = 108 };
    uint8_t block[MANUAL_ADDRESS_MAX + 80];
    struct writer w = writer_over(block, sizeof block);
    struct bytes address;
    const enum manual_word whose = m->secrets != NULL  ? MANUAL_FOR_ONE
                                   : shop_facts(m) > 0 ? MANUAL_FOR_SHOP
                                                       : MANUAL_FOR_MODEL;
    pen_box(pen, PEN_ACCENT, PEN_MARGIN, 64, 40, 5);
    cover_name(pen, m);
    double code = cover_facts(pen, m);
    if (code < 404) code = 404;
    write_address(m, &w);
    TRY(writer_finish(&w, &address));
    TRY(pen_code(pen, address, PEN_MARGIN, code, SIDE));
    double y = code + 12, x = PEN_MARGIN + SIDE + 14, width = PEN_TEXT - SIDE - 14;
    for (int language = POLICY_ZH; language >= POLICY_EN; language--) {
        if (!m->language[language]) continue;
        y += pen_text(pen, PEN_SMALL, PEN_LEFT, x, y, width,
                      manual_word(MANUAL_SCAN, (unsigned)language)) +
             3;
        y += pen_text(pen, PEN_FAINT, PEN_LEFT, x, y, width,
                      manual_word(whose, (unsigned)language)) +
             9;
    }
    pen_page_end(pen);
    return OK;
}

/* ---- contents ---- */

static const enum manual_word chapter_titles[MANUAL_CHAPTERS] = {
    MANUAL_RULES, MANUAL_STEPS, MANUAL_FIRST, MANUAL_FORGOTTEN, MANUAL_SAFETY, MANUAL_HELP};

static void contents_of(struct pen *pen, const struct manual_places *places)
{
    pen->y += pen_text(pen, PEN_STRONG, PEN_LEFT, PEN_MARGIN, pen->y, PEN_TEXT,
                       word(pen, MANUAL_CONTENTS)) +
              5;
    for (size_t i = 0; i < MANUAL_CHAPTERS; i++) {
        char number[16];
        snprintf(number, sizeof number, "%u", places->page[pen->language][i]);
        pen_text(pen, PEN_BODY, PEN_RIGHT, PEN_MARGIN, pen->y, PEN_TEXT, number);
        pen->y += pen_text(pen, PEN_BODY, PEN_LEFT, PEN_MARGIN, pen->y, PEN_TEXT - 30,
                           word(pen, chapter_titles[i])) +
                  3;
        pen_line(pen, PEN_LINE, PEN_MARGIN, pen->y, PEN_WIDTH - PEN_MARGIN, pen->y);
        pen->y += 4;
    }
    pen->y += 12;
}

static void no_default_of(struct pen *pen)
{
    pen->y += pen_text(pen, PEN_STRONG, PEN_LEFT, PEN_MARGIN + 14, pen->y, PEN_TEXT - 28,
                       word(pen, MANUAL_NO_DEFAULT)) +
              3;
    pen->y += pen_text(pen, PEN_SMALL, PEN_LEFT, PEN_MARGIN + 14, pen->y, PEN_TEXT - 28,
                       word(pen, MANUAL_NO_DEFAULT_WHY)) +
              10;
}

void manual_contents(struct pen *pen, const struct manual *m, const struct manual_places *places)
{
    pen->head = NULL;
    for (int language = POLICY_ZH; language >= POLICY_EN; language--) {
        pen->language = (enum policy_language)language;
        if (m->language[language]) contents_of(pen, places);
    }
    double top = pen->y;
    pen->y += 12;
    for (int language = POLICY_ZH; language >= POLICY_EN; language--) {
        pen->language = (enum policy_language)language;
        if (m->language[language]) no_default_of(pen);
    }
    pen_frame(pen, PEN_MARGIN, top, PEN_TEXT, pen->y - top);
    pen_page_end(pen);
}

/* ---- chapters ---- */

static void heading(struct pen *pen, enum manual_word title, double room)
{
    if (pen->y > PEN_TOP) pen->y += 16;
    pen_room(pen, room);
    pen_bookmark(pen, word(pen, title));
    pen_flow(pen, PEN_HEADING, word(pen, title));
    pen->y += 3;
}

/* What policy_describe() says of each role, cut into lines. */
struct rule_lines {
    char text[3][4096];
    const char *line[3][RULE_LINES_MAX];
    size_t count[3];
};

static void cut_lines(struct rule_lines *r, size_t role)
{
    char *end, *line = r->text[role];
    for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        ENSURE(r->count[role] < RULE_LINES_MAX);
        *end = '\0';
        r->line[role][r->count[role]++] = line;
    }
}

static bool role_says(const struct rule_lines *r, size_t role, const char *line)
{
    for (size_t i = 0; i < r->count[role]; i++)
        if (strcmp(r->line[role][i], line) == 0) return true;
    return false;
}

static bool all_say(const struct rule_lines *r, const char *line)
{
    for (size_t role = 0; role < 3; role++)
        if (!role_says(r, role, line)) return false;
    return true;
}

static void rules_of(struct pen *pen, const struct rule_lines *r, size_t role, bool common)
{
    for (size_t i = 0; i < r->count[role]; i++)
        if (all_say(r, r->line[role][i]) == common) pen_item(pen, r->line[role][i]);
}

/* The lines of the terminal's help: first what differs by role, then what all have in common. */
static void rules(struct pen *pen, const struct manual *m)
{
    static const enum policy_role order[3] = {POLICY_CASHIER, POLICY_SUPERVISOR,
                                              POLICY_ADMINISTRATOR};
    struct rule_lines r = {0};
    pen_flow(pen, PEN_FAINT, word(pen, MANUAL_RULES_HINT));
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        const struct policy *policy = policy_document_role(&m->policy, order[i]);
        struct writer w = writer_over(r.text[i], sizeof r.text[i] - 1);
        ENSURE(policy != NULL);
        policy_describe(policy, pen->language, &w);
        ENSURE(w.fault == ERR_OK);
        cut_lines(&r, i);
    }
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        pen->y += 6;
        pen_room(pen, 60);
        pen_flow(pen, PEN_STRONG, policy_role_text(order[i], pen->language));
        rules_of(pen, &r, i, false);
    }
    pen->y += 6;
    pen_room(pen, 60);
    pen_flow(pen, PEN_STRONG, word(pen, MANUAL_EVERYBODY));
    rules_of(pen, &r, 0, true);
}

static const struct {
    const char *heading[2], *hint[2], *title[2], *line[3][2];
    unsigned chosen, dots;
} seven_steps[] = {
#define X(head_en, head_zh, hint_en, hint_zh, title_en, title_zh, a_en, a_zh, b_en, b_zh, c_en, \
          c_zh, chosen, dots)                                                                   \
    {{head_en, head_zh},                                                                        \
     {hint_en, hint_zh},                                                                        \
     {title_en, title_zh},                                                                      \
     {{a_en, a_zh}, {b_en, b_zh}, {c_en, c_zh}},                                                \
     chosen,                                                                                    \
     dots},
    MANUAL_STEP_LIST(X)
#undef X
};

/* What the screen of the terminal shows at this step, small. */
static void draw_screen(struct pen *pen, size_t step, double x, double y)
{
    enum { WIDTH = 96, HEIGHT = 52, BAR = 13, ROW = 11 };
    unsigned language = pen->language;
    pen_box(pen, PEN_PALE, x, y, WIDTH, HEIGHT);
    pen_box(pen, PEN_ACCENT, x, y, WIDTH, BAR);
    pen_text(pen, PEN_ON_ACCENT, PEN_CENTRE, x, y + 2, WIDTH, seven_steps[step].title[language]);
    for (unsigned i = 0; i < 3; i++) {
        const char *line = seven_steps[step].line[i][language];
        double at = y + BAR + 3 + i * (ROW + 0.5);
        if (line[0] == '\0') continue;
        bool chosen = seven_steps[step].chosen == i + 1;
        pen_box(pen, chosen ? PEN_ACCENT : PEN_WHITE, x + 5, at, WIDTH - 10, ROW - 0.5);
        pen_text(pen, chosen ? PEN_ON_ACCENT : PEN_FAINT, PEN_LEFT, x + 10, at + (chosen ? 0.5 : 0),
                 WIDTH - 20, line);
    }
    double first = x + (WIDTH - 7.0 * (seven_steps[step].dots - 1.0)) / 2;
    for (unsigned i = 0; i < seven_steps[step].dots; i++)
        pen_dot(pen, PEN_INK, first + 7.0 * i, y + BAR + (HEIGHT - BAR) / 2.0, 2);
}

static void steps(struct pen *pen)
{
    enum { HEIGHT = 61, CIRCLE = 11 };
    pen_flow(pen, PEN_FAINT, word(pen, MANUAL_STEPS_HINT));
    pen->y += 3;
    for (size_t i = 0; i < ARRAY_LEN(seven_steps); i++) {
        char number[8];
        pen_room(pen, HEIGHT);
        double y = pen->y, text = PEN_TEXT - 96 - 2 * CIRCLE - 24;
        snprintf(number, sizeof number, "%zu", i + 1);
        pen_dot(pen, PEN_ACCENT, PEN_MARGIN + CIRCLE, y + 16, CIRCLE);
        pen_text(pen, PEN_ON_ACCENT, PEN_CENTRE, PEN_MARGIN, y + 10, 2 * CIRCLE, number);
        double height = pen_text(pen, PEN_STRONG, PEN_LEFT, PEN_MARGIN + 2 * CIRCLE + 12, y + 8,
                                 text, seven_steps[i].heading[pen->language]);
        pen_text(pen, PEN_SMALL, PEN_LEFT, PEN_MARGIN + 2 * CIRCLE + 12, y + 10 + height, text,
                 seven_steps[i].hint[pen->language]);
        draw_screen(pen, i, PEN_WIDTH - PEN_MARGIN - 96, y);
        if (i + 1 < ARRAY_LEN(seven_steps))
            pen_line(pen, PEN_LINE, PEN_MARGIN + CIRCLE, y + 30, PEN_MARGIN + CIRCLE,
                     y + HEIGHT + 2);
        pen->y += HEIGHT;
    }
}

static void numbered(struct pen *pen, const char *const (*lines)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) pen_item(pen, lines[i][pen->language]);
}

static void first_log_in(struct pen *pen)
{
    static const char *const lines[][2] = {
#define X(en, zh) {en, zh},
        MANUAL_FIRST_LIST(X)
#undef X
    };
    numbered(pen, lines, ARRAY_LEN(lines));
}

static void safety(struct pen *pen)
{
    static const char *const lines[][2] = {
#define X(en, zh) {en, zh},
        MANUAL_SAFETY_LIST(X)
#undef X
    };
    numbered(pen, lines, ARRAY_LEN(lines));
}

static const struct {
    const char *name[2], *how[2];
} ways[] = {
#define X(name_en, name_zh, how_en, how_zh) {{name_en, name_zh}, {how_en, how_zh}},
    MANUAL_WAY_LIST(X)
#undef X
};
static_assert(POLICY_RECOVERY_ALL == (1 << ARRAY_LEN(ways)) - 1, "a way has no words");

/* One row: the role, and a dot under each way that it has. */
static void ways_row(struct pen *pen, const struct policy *policy, double column)
{
    pen_line(pen, PEN_LINE, PEN_MARGIN, pen->y, PEN_WIDTH - PEN_MARGIN, pen->y);
    pen_text(pen, PEN_BODY, PEN_LEFT, PEN_MARGIN + 4, pen->y + 4, 90,
             policy_role_text(policy->role, pen->language));
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        if ((policy->recovery >> i & 1) != 0)
            pen_dot(pen, PEN_ACCENT, PEN_MARGIN + 95 + column * ((double)i + 0.5), pen->y + 10.5,
                    3);
    pen->y += 21;
}

/* S38: the ways that this model and role have, and no others. */
static void forgotten(struct pen *pen, const struct manual *m)
{
    const double column = (PEN_TEXT - 95) / (double)ARRAY_LEN(ways);
    unsigned there = 0;
    pen_flow(pen, PEN_BODY, word(pen, MANUAL_FORGOTTEN_HINT));
    pen_room(pen, 100);
    pen->y += 4;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        pen_text(pen, PEN_FAINT, PEN_CENTRE, PEN_MARGIN + 95 + column * (double)i, pen->y, column,
                 ways[i].name[pen->language]);
    pen->y += 15;
    for (int role = POLICY_CASHIER; role < POLICY_ROLE_END; role++) {
        const struct policy *policy = policy_document_role(&m->policy, (enum policy_role)role);
        if (policy == NULL) continue;
        there |= policy->recovery;
        ways_row(pen, policy, column);
    }
    pen->y += 6;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        if ((there >> i & 1) != 0) pen_item(pen, ways[i].how[pen->language]);
}

static void help(struct pen *pen, const struct manual *m)
{
    pen_flow(pen, PEN_TITLE,
             m->hot_line != NULL ? m->hot_line : word(pen, MANUAL_HOT_LINE_CONTRACT));
    pen_flow(pen, PEN_BODY, word(pen, MANUAL_HELP_HINT));
}

void manual_chapters(struct pen *pen, const struct manual *m, struct manual_places *places)
{
    /* A chapter that is a page of pictures begins on one. */
    static const double least_room[MANUAL_CHAPTERS] = {
        PEN_BOTTOM - PEN_TOP, PEN_BOTTOM - PEN_TOP, 120, 220, 120, 110};
    char head[120];
    snprintf(head, sizeof head, "%s %s · %s", word(pen, MANUAL_PRODUCT), m->policy.model,
             word(pen, MANUAL_TITLE));
    pen->head = head;
    for (size_t i = 0; i < MANUAL_CHAPTERS; i++) {
        heading(pen, chapter_titles[i], least_room[i]);
        places->page[pen->language][i] = pen->page;
        switch (chapter_titles[i]) {
        case MANUAL_RULES:
            rules(pen, m);
            break;
        case MANUAL_STEPS:
            steps(pen);
            break;
        case MANUAL_FIRST:
            first_log_in(pen);
            break;
        case MANUAL_FORGOTTEN:
            forgotten(pen, m);
            break;
        case MANUAL_SAFETY:
            safety(pen);
            break;
        default:
            help(pen, m);
            break;
        }
    }
    pen_page_end(pen);
    pen->head = NULL;
}
