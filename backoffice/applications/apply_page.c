/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the public pages, and the pieces they are made of. */
#include "backoffice/applications/apply_page.h"

#include <stdio.h>

static const struct {
    const char *path, *zh, *en;
} steps[STEP_COUNT] = {
    [STEP_BUSINESS] = {"/apply/step/1", "经营情况", "Business"},
    [STEP_SHOP] = {"/apply/step/2", "店铺信息", "Shop"},
    [STEP_OWNER] = {"/apply/step/3", "负责人信息", "Owner"},
    [STEP_ACCOUNT] = {"/apply/step/4", "结算账户", "Account"},
    [STEP_DOCUMENTS] = {"/apply/documents", "证件和照片", "Documents"},
    [STEP_PHONE] = {"/apply/phone", "验证手机号", "Telephone"},
    [STEP_SEND] = {"/apply/send", "核对并提交", "Check and send"},
};

const char *page_step_path(enum apply_step step)
{
    ENSURE(step > 0 && step < STEP_COUNT);
    return steps[step].path;
}

void page_put(struct page *page, const char *html)
{
    write_bytes(page->w, bytes_text(html));
}

void page_say(struct page *page, const char *zh, const char *en)
{
    page_put(page, page->english ? en : zh);
}

void page_text(struct page *page, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            page_put(page, "&amp;");
            break;
        case '<':
            page_put(page, "&lt;");
            break;
        case '>':
            page_put(page, "&gt;");
            break;
        case '"':
            page_put(page, "&quot;");
            break;
        case '\'':
            page_put(page, "&#39;");
            break;
        default:
            write_bytes(page->w, bytes_of(text, 1));
        }
    }
}

static void put_steps(struct page *page)
{
    page_put(page, "<nav aria-label=\"");
    page_say(page, "申请步骤", "Steps");
    page_put(page, "\"><p class=\"count\">");
    write_format(page->w, page->english ? "Step %d of %d: " : "第%d步，共%d步：", (int)page->step,
                 STEP_COUNT - 1);
    page_say(page, steps[page->step].zh, steps[page->step].en);
    page_put(page, "</p><ol class=\"steps\">");
    for (enum apply_step s = STEP_BUSINESS; s < STEP_COUNT; s++) {
        const char *mark = s == page->step  ? " aria-current=\"step\""
                           : s < page->step ? " class=\"done\""
                                            : "";
        write_format(page->w, "<li%s><a href=\"%s\">", mark, steps[s].path);
        page_say(page, steps[s].zh, steps[s].en);
        page_put(page, "</a></li>");
    }
    page_put(page, "</ol></nav>");
}

/* The Origin of a form is sent only to ourselves, and by a page that may say where it is from. */
void page_begin(struct page *page, const char *title_zh, const char *title_en)
{
    page_put(page, page->english ? "<!doctype html><html lang=\"en\">"
                                 : "<!doctype html><html lang=\"zh-CN\">");
    page_put(page, "<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width="
                   "device-width,initial-scale=1\"><meta name=\"referrer\" content="
                   "\"same-origin\"><link rel=\"stylesheet\" href=\"/apply/style.css\"><title>");
    page_say(page, title_zh, title_en);
    page_say(page, " · 通宝", " · Tongbao");
    page_put(page, "</title></head><body><header><strong>");
    page_say(page, "通宝 终端申请", "Tongbao: apply for a terminal");
    page_put(page, page->english ? "</strong><a href=\"?lang=zh\" lang=\"zh-CN\">中文</a>"
                                 : "</strong><a href=\"?lang=en\" lang=\"en\">English</a>");
    page_put(page, page->step != 0 ? "</header><main class=\"frame stepped\">"
                                   : "</header><main class=\"frame\">");
    if (page->step != 0) put_steps(page);
    page_put(page, "<div class=\"card\"><h1>");
    page_say(page, title_zh, title_en);
    page_put(page, "</h1>");
    if (page->verdict == APPLY_VERDICT_OK) return;
    page_put(page, "<div class=\"note bad\" role=\"alert\"><p>");
    page_put(page, application_verdict_text(page->verdict, page->english));
    page_put(page, "</p></div>");
}

void page_end(struct page *page)
{
    page_put(page, "</div></main><footer><p>");
    page_say(page, "申请免费。通宝不会索要密码，也不会让您转账。",
             "Applying is free. We never ask for a password, and never for money.");
    page_put(page, "</p></footer></body></html>");
}

void page_form(struct page *page, const char *path)
{
    write_format(page->w,
                 "<form method=\"post\" action=\"%s\" enctype=\"multipart/form-data\" novalidate>",
                 path);
}

void page_button(struct page *page, const char *zh, const char *en)
{
    page_put(page, "<div class=\"row\"><button>");
    page_say(page, zh, en);
    page_put(page, "</button></div></form>");
}

void page_link(struct page *page, const char *path, const char *zh, const char *en)
{
    write_format(page->w, "<a href=\"%s\">", path);
    page_say(page, zh, en);
    page_put(page, "</a>");
}

void page_input(struct page *page, const struct page_input *in)
{
    bool fault = in->fault != NULL, hint = in->hint != NULL && !fault; /* one of them is enough */
    write_format(page->w, "<div class=\"field\"><label for=\"%s\">%s</label>", in->name, in->label);
    if (hint) {
        write_format(page->w, "<p class=\"hint\" id=\"%s_hint\">", in->name);
        page_text(page, in->hint);
        page_put(page, "</p>");
    }
    write_format(page->w,
                 "<input type=\"text\" id=\"%s\" name=\"%s\" inputmode=\"%s\" maxlength=\"120\""
                 " autocomplete=\"off\"",
                 in->name, in->name, in->mode);
    if (fault) page_put(page, " aria-invalid=\"true\"");
    if (hint || fault)
        write_format(page->w, " aria-describedby=\"%s_%s\"", in->name, fault ? "fault" : "hint");
    page_put(page, " value=\"");
    page_text(page, in->value);
    page_put(page, "\">");
    if (fault) {
        write_format(page->w, "<p class=\"fault\" id=\"%s_fault\">", in->name);
        page_text(page, in->fault);
        page_put(page, "</p>");
    }
    page_put(page, "</div>");
}

void page_refusal(struct page *page, unsigned status)
{
    static const struct {
        unsigned status;
        const char *zh, *en, *do_zh, *do_en;
    } rows[] = {
        {404, "没有这个页面", "There is no such page", "请检查网址，或从申请首页进入。",
         "Check the address, or begin at the first page."},
        {405, "不能这样打开", "It cannot be opened like this", "请从申请首页进入，再次提交。",
         "Begin at the first page, and send it again from there."},
        {413, "内容太大", "That was too large", "每个文件不超过5MB，请降低拍照分辨率后重新上传。",
         "A file has 5 MB at most: take the photo with a lower resolution, and send it again."},
        {429, "操作太频繁", "Too many at a time", "已保存的内容还在，请一分钟后再试。",
         "What was saved is still there. Try again in a minute."},
        {503, "系统繁忙", "Too much to do at the moment", "已保存的内容还在，请稍后再试。",
         "What was saved is still there. Try again in a moment."},
    };
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(rows) && rows[i].status != status) i++;
    page_begin(page, rows[i].zh, rows[i].en);
    page_put(page, "<p>");
    page_say(page, rows[i].do_zh, rows[i].do_en);
    page_put(page, "</p><div class=\"row\"><a class=\"button\" href=\"/apply\">");
    page_say(page, "返回申请首页", "To the first page");
    page_put(page, "</a></div>");
    page_end(page);
}
