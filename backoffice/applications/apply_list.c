/* SPDX-License-Identifier: Apache-2.0 */
/* Lists without a script: a grouped <select>, which a telephone draws as its own wheel. */
#include "backoffice/applications/apply_list.h"

#include <stdio.h>

#include "backoffice/applications/regions.h"
#include "backoffice/applications/trades.h"

static void option(struct page *page, const char *value, const char *text, bool on)
{
    page_put(page, "<option value=\"");
    page_text(page, value);
    page_put(page, on ? "\" selected>" : "\">");
    page_text(page, text);
    page_put(page, "</option>");
}

static void group(struct page *page, const char *text, bool first)
{
    page_put(page, first ? "<optgroup label=\"" : "</optgroup><optgroup label=\"");
    page_text(page, text);
    page_put(page, "\">");
}

static void draw_trades(struct page *page, const char *chosen)
{
    size_t count = 0;
    const struct trade *t = trades(&count);
    for (size_t i = 0; i < count; i++) {
        bool first = i == 0;
        if (first || t[i].group != t[i - 1].group)
            group(page, trade_group_text(t[i].group, page->english), first);
        option(page, t[i].code, page->english ? t[i].en : t[i].zh, strcmp(t[i].code, chosen) == 0);
    }
}

/* The value of what is chosen stays what it was: a district is not made a city by looking. */
static void draw_cities(struct page *page, const char *chosen)
{
    size_t count = 0;
    const struct region *r = regions(&count), *city = region_of(chosen);
    for (size_t i = 0; i < count; i++) {
        char value[16];
        const char *text = page->english ? r[i].en : r[i].zh;
        snprintf(value, sizeof value, "%u00", r[i].code);
        if (region_is_province(&r[i])) group(page, text, i == 0);
        else option(page, city == &r[i] ? chosen : value, text, city == &r[i]);
    }
}

void apply_draw_list(struct page *page, const struct apply_form *form, enum apply_field field,
                     bool bad)
{
    const struct apply_field_row *row = apply_field_row(field);
    const char *word = row->word, *chosen = form->text[field];
    const char *rule = page->english ? row->rule_en : row->rule_zh;
    ENSURE(field == APPLY_TRADE || field == APPLY_REGION);
    write_format(page->w, "<div class=\"field\"><label for=\"%s\">%s</label><select id=\"%s\"",
                 word, page->english ? row->en : row->zh, word);
    write_format(page->w, " name=\"%s\" autocomplete=\"off\"", word);
    if (bad) write_format(page->w, " aria-invalid=\"true\" aria-describedby=\"%s_fault\"", word);
    page_put(page, ">");
    option(page, "", page->english ? "Choose" : "请选择", chosen[0] == '\0');
    if (field == APPLY_TRADE) draw_trades(page, chosen);
    else draw_cities(page, chosen);
    page_put(page, "</optgroup></select>");
    if (bad) write_format(page->w, "<p class=\"fault\" id=\"%s_fault\">%s</p>", word, rule);
    page_put(page, "</div>");
}

void apply_draw_listed(struct page *page, const struct apply_form *form, enum apply_field field)
{
    bool english = page->english;
    const char *text = form->text[field];
    const struct trade *trade = field == APPLY_TRADE ? trade_of(text) : NULL;
    const struct region *city = field == APPLY_REGION ? region_of(text) : NULL;
    if (trade != NULL) page_put(page, english ? trade->en : trade->zh);
    else if (city != NULL) {
        const struct region *province = region_province(city);
        page_put(page, english ? city->en : city->zh);
        if (strcmp(province->zh, city->zh) == 0) return;
        page_say(page, "，", ", ");
        page_put(page, english ? province->en : province->zh);
    } else page_text(page, text);
}

const char *apply_lacks_text(const struct apply_form *form, bool english, char out[APPLY_LACKS_MAX])
{
    unsigned lacks = apply_name_lacks(form);
    const struct region *city = region_of(form->text[APPLY_REGION]);
    const struct trade *trade = trade_of(form->text[APPLY_TRADE]);
    char place[80] = "", what[160] = "";
    ENSURE(lacks != 0 && city != NULL && trade != NULL);
    if (lacks & NAME_LACKS_REGION)
        snprintf(place, sizeof place,
                 english ? " Say where it is, such as %s." : "请写明地区，例如“%s”。",
                 region_province(city)->zh);
    if (lacks & NAME_LACKS_TRADE)
        snprintf(what, sizeof what, english ? " Say what it does (%s)." : "请写明行业（%s）。",
                 english ? trade->en : trade->zh);
    snprintf(out, APPLY_LACKS_MAX, "%s%s%s", place, what,
             !(lacks & NAME_LACKS_LENGTH) ? ""
             : english                    ? " 7 characters or more."
                                          : "名称要7个字以上。");
    return out + (out[0] == ' ' ? 1 : 0);
}
