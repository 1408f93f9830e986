/* SPDX-License-Identifier: Apache-2.0 */
/* The public pages, from the first to the timeline. */
#include "backoffice/applications/apply_form.h"

#include <stdio.h>

#include "backoffice/applications/apply_list.h"
#include "backoffice/applications/recommend.h"

static void hidden(struct page *page, const char *name, const char *value)
{
    write_format(page->w, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", name, value);
}

void apply_draw_start(struct page *page, bool there)
{
    page_begin(page, "申请刷卡扫码终端", "Apply for a payment terminal");
    page_put(page, "<p>");
    page_say(
        page, "填写约10分钟，不收任何费用。可以随时保存，30天内继续填写。",
        "It takes about ten minutes and costs nothing. What you fill in is saved for 30 days.");
    page_put(page, "</p><h2>");
    page_say(page, "请准备", "Have at hand");
    page_put(page, "</h2><ul><li>");
    page_say(page, "负责人或法定代表人的身份证", "the identity card of the owner");
    page_put(page, "</li><li>");
    page_say(page, "营业执照（小微商户不需要）", "the business licence, if you have one");
    page_put(page, "</li><li>");
    page_say(page, "店铺门头、店内和收银台照片", "photos of the shop: front, inside, counter");
    page_put(page, "</li><li>");
    page_say(page, "收款的银行账户", "the bank account that you are paid to");
    page_put(page, "</li></ul>");
    page_form(page, "/apply");
    page_button(page, "开始申请", "Begin");
    page_put(page, "<p></p><p>");
    if (there)
        page_link(page, "/apply/status", "查看本机上的申请", "The application on this device");
    else
        page_link(page, "/apply/return", "已有申请？继续填写或查询进度",
                  "Applied already? Go on, or see how far it is");
    page_put(page, "</p>");
    page_end(page);
}

/* ---- fields ---- */

static void choice(struct page *page, const char *name, const char *value, const char *text,
                   bool several, bool on)
{
    write_format(page->w, "<label class=\"choice\"><input type=\"%s\" name=\"%s\" value=\"%s\"%s>",
                 several ? "checkbox" : "radio", name, value, on ? " checked" : "");
    page_text(page, text);
    page_put(page, "</label>");
}

static void draw_choices(struct page *page, const struct apply_form *form, enum apply_field field)
{
    bool needs = field == APPLY_NEEDS;
    page_put(page, "<div class=\"choices\">");
    for (unsigned bit = 1; needs && bit <= NEEDS_ALL; bit <<= 1)
        choice(page, "needs", need_word(bit), need_text(bit, page->english), true,
               (apply_needs(form) & bit) != 0);
    for (enum applicant_type t = APPLICANT_INDIVIDUAL; !needs && t < APPLICANT_TYPES; t++)
        choice(page, "type", applicant_type_word(t), apply_type_text(t, page->english), false,
               apply_type(form) == t);
    page_put(page, "</div>");
}

static const char *mode_of(enum apply_kind kind)
{
    if (kind == APPLY_IS_PHONE) return "tel";
    if (kind == APPLY_IS_MONEY) return "decimal";
    return kind == APPLY_IS_DIGITS ? "numeric" : "text";
}

static void draw_group(struct page *page, const struct apply_form *form, enum apply_field field,
                       const char *label, const char *fault)
{
    const char *word = apply_field_row(field)->word;
    if (fault == NULL) write_format(page->w, "<fieldset><legend>%s</legend>", label);
    else
        write_format(page->w,
                     "<fieldset aria-describedby=\"%s_fault\"><legend>%s</legend>"
                     "<p class=\"fault\" id=\"%s_fault\">%s</p>",
                     word, label, word, fault);
    draw_choices(page, form, field);
    page_put(page, "</fieldset>");
}

/* What is chosen and not typed; false when the field is another. */
static bool draw_chosen(struct page *page, const struct apply_form *form, enum apply_field field,
                        bool bad)
{
    const struct apply_field_row *row = apply_field_row(field);
    const char *fault = !bad ? NULL : page->english ? row->rule_en : row->rule_zh;
    bool group = row->kind == APPLY_IS_TYPE || row->kind == APPLY_IS_NEEDS;
    bool list = row->kind == APPLY_IS_TRADE || row->kind == APPLY_IS_REGION;
    if (group) draw_group(page, form, field, page->english ? row->en : row->zh, fault);
    if (list) apply_draw_list(page, form, field, bad);
    return group || list;
}

/* The field's own, or what the name that was typed lacks. */
static const char *rule_of(const struct page *page, const struct apply_form *form,
                           enum apply_field field, bool bad, char lacks[APPLY_LACKS_MAX])
{
    const struct apply_field_row *row = apply_field_row(field);
    if (bad && field == APPLY_SHOP && apply_name_lacks(form) != 0)
        return apply_lacks_text(form, page->english, lacks);
    return page->english ? row->rule_en : row->rule_zh;
}

/* A secret is not shown again: that it is there is said, and it may be left empty. */
static void draw_field(struct page *page, const struct apply_form *form, enum apply_field field,
                       bool bad)
{
    const struct apply_field_row *row = apply_field_row(field);
    char kept[APPLY_TEXT_MAX + 80], lacks[APPLY_LACKS_MAX];
    const char *rule = rule_of(page, form, field, bad, lacks);
    if (draw_chosen(page, form, field, bad)) return;
    bool there = row->secret && form->text[field][0] != '\0';
    snprintf(kept, sizeof kept,
             page->english ? "Saved: %s. Leave empty to keep it." : "已保存：%s，不修改请留空。",
             form->text[field]);
    page_input(page, &(struct page_input){.name = row->word,
                                          .label = page->english ? row->en : row->zh,
                                          .value = row->secret ? "" : form->text[field],
                                          .hint = there ? kept : rule,
                                          .fault = bad ? rule : NULL,
                                          .mode = mode_of(row->kind)});
}

void apply_draw_step(struct page *page, const struct apply_form *form, uint32_t bad)
{
    static const char *const zh[] = {"", "经营情况", "店铺信息", "负责人信息", "结算账户"};
    static const char *const en[] = {"", "Your business", "Your shop", "The owner",
                                     "Where you are paid to"};
    ENSURE(page->step >= STEP_BUSINESS && page->step <= STEP_ACCOUNT);
    page_begin(page, zh[page->step], en[page->step]);
    page_form(page, page_step_path(page->step));
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++)
        if (apply_field_row(f)->step == page->step && apply_is_asked(form, f))
            draw_field(page, form, f, (bad & 1u << f) != 0);
    page_button(page, "保存并继续", "Save and go on");
    page_end(page);
}

/* ---- documents ---- */

/* A form of its own for each: a photo of a telephone alone may be as large as a body may be. */
static void draw_paper(struct page *page, enum document_kind kind, const struct upload *there)
{
    const char *word = document_word(kind);
    write_format(page->w, "<section aria-label=\"%s\">", document_text(kind, page->english));
    page_form(page, "/apply/documents");
    write_format(page->w, "<label for=\"%s\">%s</label><p class=\"hint\">", word,
                 document_text(kind, page->english));
    if (there == NULL) page_say(page, "未上传", "Not sent yet");
    else
        write_format(page->w, page->english ? "✓ Saved, %lld kB" : "✓ 已保存，%lld kB",
                     (long long)(there->bytes + 1023) / 1024);
    write_format(page->w,
                 "</p><input type=\"file\" id=\"%s\" name=\"%s\""
                 " accept=\"image/jpeg,image/png,application/pdf\"><div class=\"plain\">",
                 word, word);
    page_put(page, "<div class=\"row\"><button>");
    page_say(page, there == NULL ? "上传" : "更换", there == NULL ? "Upload" : "Replace");
    page_put(page, "</button></div></div></form></section>");
}

void apply_draw_documents(struct page *page, const struct upload *d, size_t count, uint32_t missing)
{
    page_begin(page, "证件和照片", "Documents and photos");
    page_put(page, "<p>");
    page_say(page, "JPG、PNG图片或PDF，每个不超过5MB，短边至少480像素。",
             "JPEG, PNG or PDF, each up to 5 MB, 480 pixels at least.");
    page_put(page, "</p><div class=\"papers\">");
    for (enum document_kind k = DOCUMENT_IDENTITY_FRONT; k < DOCUMENT_KINDS; k++) {
        const struct upload *there = NULL;
        for (size_t i = 0; i < count; i++)
            if (d[i].kind == k) there = &d[i];
        if (there == NULL && !(missing & 1u << k)) continue; /* not asked of this applicant */
        draw_paper(page, k, there);
    }
    page_put(page, "</div><p></p><div class=\"row\"><a class=\"button\" href=\"/apply/phone\">");
    page_say(page, "继续", "Go on");
    page_put(page, "</a></div>");
    page_end(page);
}

/* ---- telephone ---- */

static void code_input(struct page *page)
{
    page_input(page,
               &(struct page_input){.name = "code",
                                    .label = page->english ? "Code from the SMS" : "短信验证码",
                                    .value = "",
                                    .hint = page->english ? "Six digits, good for ten minutes"
                                                          : "6位数字，10分钟内有效",
                                    .mode = "numeric"});
}

static void note(struct page *page, const char *zh, const char *en)
{
    page_put(page, "<div class=\"note\" role=\"status\"><p>");
    page_say(page, zh, en);
    page_put(page, "</p></div>");
}

void apply_draw_phone(struct page *page, const struct apply_form *form, bool verified, bool sent)
{
    page_begin(page, "验证手机号", "Verify your telephone");
    if (verified) {
        note(page, "手机号已验证。", "Your telephone is verified.");
        page_put(page, "<div class=\"row\"><a class=\"button\" href=\"/apply/send\">");
        page_say(page, "核对并提交", "Check and send");
        page_put(page, "</a></div>");
        page_end(page);
        return;
    }
    page_put(page, "<p>");
    page_say(page, "我们把审核进度发到这个手机号：",
             "News of your application go to this number: ");
    page_text(page, form->text[APPLY_PHONE]);
    page_put(page, "</p>");
    if (sent) {
        note(page, "验证码已发送。", "The code was sent.");
        page_form(page, "/apply/phone");
        hidden(page, "act", "verify");
        code_input(page);
        page_button(page, "验证", "Verify");
    }
    page_form(page, "/apply/phone");
    hidden(page, "act", "code");
    if (sent) page_put(page, "<p></p><div class=\"plain\">");
    page_button(page, sent ? "重新发送" : "发送验证码", sent ? "Send another" : "Send a code");
    if (sent) page_put(page, "</div>");
    page_put(page, "<p></p><p>");
    page_link(page, "/apply/step/3", "修改手机号", "Change the number");
    page_put(page, "</p>");
    page_end(page);
}

/* ---- sending ---- */

static void draw_findings(struct page *page, const struct application *a)
{
    bool told = page->verdict == APPLY_VERDICT_HELD || page->verdict == APPLY_VERDICT_OFFERED ||
                page->verdict == APPLY_VERDICT_REFUSED;
    if (!told) return;
    page_put(page, "<div class=\"note bad\"><ul>");
    for (enum eligibility_rule r = ELIGIBILITY_TYPE; r < ELIGIBILITY_RULES; r++) {
        if (!(a->decision.findings & 1u << r)) continue;
        page_put(page, "<li>");
        page_put(page, eligibility_rule_text(r, page->english));
        page_put(page, "</li>");
    }
    page_put(page, "</ul></div>");
}

static void draw_value(struct page *page, const struct apply_form *form, enum apply_field f)
{
    bool english = page->english;
    const char *text = form->text[f];
    if (f == APPLY_NEEDS) {
        bool first = true;
        for (unsigned bit = 1; bit <= NEEDS_ALL; bit <<= 1) {
            if (!(apply_needs(form) & bit)) continue;
            if (!first) page_say(page, "、", ", ");
            page_put(page, need_text(bit, english));
            first = false;
        }
    } else if (f == APPLY_TYPE) page_put(page, apply_type_text(apply_type(form), english));
    else if (f == APPLY_TRADE || f == APPLY_REGION) apply_draw_listed(page, form, f);
    else if (strcmp(text, "long-term") == 0) page_say(page, "长期", "long-term");
    else page_text(page, text);
}

static void draw_values(struct page *page, const struct apply_form *form)
{
    page_put(page, "<dl>");
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++) {
        const struct apply_field_row *row = apply_field_row(f);
        if (!apply_is_asked(form, f)) continue;
        write_format(page->w, "<dt>%s</dt><dd>", page->english ? row->en : row->zh);
        if (form->text[f][0] != '\0') draw_value(page, form, f);
        else
            write_format(page->w, "<a href=\"/apply/step/%u\">%s</a>", row->step,
                         page->english ? "Not filled in: go there" : "未填写，去填写");
        page_put(page, "</dd>");
    }
    page_put(page, "</dl>");
}

void apply_draw_send(struct page *page, const struct application *a, const struct apply_form *form,
                     uint32_t missing, uint32_t papers)
{
    page_begin(page, "核对并提交", "Check and send");
    draw_findings(page, a);
    draw_values(page, form);
    if (!apply_name_fits(form) || apply_name_lacks(form) != 0) {
        page_put(page, "<p>");
        page_link(page, "/apply/step/2", "店铺名称需要修改，去修改",
                  "The shop's name must be changed: go there");
        page_put(page, "</p>");
    }
    if (papers != 0) {
        page_put(page, "<p>");
        page_link(page, "/apply/documents", "还有资料没有上传，去上传",
                  "Documents are missing: go there");
        page_put(page, "</p>");
    }
    if (a->phone_ms == 0) {
        page_put(page, "<p>");
        page_link(page, "/apply/phone", "手机号尚未验证，去验证", "Verify your telephone first");
        page_put(page, "</p>");
    }
    if (missing == 0 && papers == 0 && a->phone_ms != 0) {
        page_form(page, "/apply/send");
        if (a->offered) page_button(page, "接受其他方案并提交", "Take the other offer and send");
        else page_button(page, "提交申请", "Send");
    }
    page_end(page);
}

/* ---- status ---- */

struct drawn_line {
    struct page *page;
    enum application_event last; /* several documents in a row are one line */
};

/* What the staff and the programs do among themselves is not the applicant's to read. */
static bool is_inner(enum application_event event)
{
    return event == LIFE_NOTE || event == LIFE_PROPOSE_APPROVE || event == LIFE_PROPOSE_REJECT ||
           event == LIFE_DISAGREE || event == LIFE_CHECKED || event == LIFE_RECHECK;
}

static err draw_line(void *context, const struct application_line *l)
{
    struct drawn_line *drawn = context;
    struct page *page = drawn->page;
    char at[TEMPLATE_MOMENT_LEN + 1];
    bool again = l->event == drawn->last && l->event == LIFE_DOCUMENT;
    drawn->last = l->event;
    if (again || is_inner(l->event)) return OK;
    template_moment(l->at_ms, at);
    write_format(page->w, "<li><time>%s</time>", at);
    page_put(page, application_event_text(l->event, page->english));
    if (l->reason != REASON_NONE) {
        page_put(page, "<br>");
        page_put(page, application_reason_text(l->reason, page->english));
    }
    if (l->note[0] != '\0') {
        page_put(page, "<br>");
        page_text(page, l->note);
    }
    page_put(page, "</li>");
    return OK;
}

static void draw_actions(struct page *page, const struct application *a)
{
    bool writes = a->state == APPLICATION_DRAFT || a->state == APPLICATION_MEND;
    page_put(page, "<div class=\"row\">");
    if (writes) {
        page_put(page, "<a class=\"button\" href=\"/apply/step/1\">");
        page_say(page, "继续填写", "Go on filling in");
        page_put(page, "</a>");
    }
    if (a->state == APPLICATION_APPROVED) {
        page_put(page, "<a class=\"button\" href=\"/apply/agreement\">");
        page_say(page, "阅读并签署协议", "Read and sign the agreement");
        page_put(page, "</a>");
    }
    page_put(page, "</div>");
    if (a->state == APPLICATION_SHIPPED) {
        page_form(page, "/apply/status");
        hidden(page, "act", "received");
        page_button(page, "我已收到终端", "I have got it");
    }
    if (a->state == APPLICATION_REJECTED && !a->appealed) {
        page_form(page, "/apply/status");
        hidden(page, "act", "appeal");
        page_put(page, "<div class=\"field\"><label for=\"note\">");
        page_say(page, "申诉理由", "Why is it wrong?");
        page_put(page, "</label><textarea id=\"note\" name=\"note\" rows=\"3\" maxlength=\"130\">"
                       "</textarea></div>");
        page_button(page, "提交申诉", "Appeal");
    }
    if (application_next(a->state, LIFE_WITHDRAW) != APPLICATION_NONE) {
        page_put(page, "<p></p><div class=\"plain\">");
        page_form(page, "/apply/status");
        hidden(page, "act", "withdraw");
        page_button(page, "撤回申请", "Withdraw");
        page_put(page, "</div>");
    }
}

err apply_draw_status(struct page *page, struct store *store, const struct application *a)
{
    char ends[TEMPLATE_MOMENT_LEN + 1];
    struct drawn_line drawn = {.page = page};
    page_begin(page, "申请进度", "How far it is");
    page_put(page, "<div class=\"note\"><p>");
    write_format(page->w, page->english ? "Application %s" : "申请编号 %s", a->number);
    page_put(page, "</p><p class=\"state\">");
    page_put(page, application_state_text(a->state, page->english));
    page_put(page, "</p><p>");
    page_put(page, application_state_next(a->state, page->english));
    if (a->ends_ms != 0) {
        template_moment(a->ends_ms, ends);
        write_format(page->w, page->english ? " Until %s." : "截止时间：%s。", ends);
    }
    page_put(page, "</p></div>");
    draw_actions(page, a);
    page_put(page, "<h2>");
    page_say(page, "经过", "What happened");
    page_put(page, "</h2><ol class=\"line\">");
    TRY(application_timeline(store, a->id, draw_line, &drawn));
    page_put(page, "</ol>");
    page_end(page);
    return OK;
}

/* ---- agreement, and coming back ---- */

void apply_draw_agreement(struct page *page, const struct application *a, const char *text,
                          const uint8_t digest[TOKEN_HASH_BYTES], bool sent)
{
    char hex[2 * TOKEN_HASH_BYTES + 1];
    struct writer w = writer_over(hex, sizeof hex - 1);
    write_hex(&w, bytes_of(digest, TOKEN_HASH_BYTES));
    hex[w.len] = '\0';
    page_begin(page, "服务协议和费率", "Agreement and fees");
    page_put(page, "<div class=\"text\" tabindex=\"0\">");
    page_text(page, text);
    page_put(page, "</div>");
    if (a->state == APPLICATION_APPROVED && sent) {
        note(page, "验证码已发送。", "The code was sent.");
        page_form(page, "/apply/agreement");
        hidden(page, "act", "sign");
        hidden(page, "digest", hex);
        code_input(page);
        page_button(page, "同意并签署", "Agree and sign");
        page_put(page, "<p></p>");
    }
    if (a->state == APPLICATION_APPROVED) {
        page_form(page, "/apply/agreement");
        hidden(page, "act", "code");
        page_button(page, sent ? "重新发送验证码" : "发送签署验证码",
                    sent ? "Send another code" : "Send me a code to sign with");
    }
    page_end(page);
}

void apply_draw_return(struct page *page, const char *number, bool sent)
{
    page_begin(page, "继续填写或查询进度", "Go on, or see how far it is");
    if (sent)
        note(page, "如果编号和手机号相符，验证码已发送。",
             "If number and telephone belong together, a code was sent.");
    page_form(page, "/apply/return");
    hidden(page, "act", sent ? "enter" : "code");
    page_input(page, &(struct page_input){
                         .name = "number",
                         .label = page->english ? "Number of the application" : "申请编号",
                         .value = number,
                         .hint = page->english ? "SQ and eight digits, from the SMS"
                                               : "SQ加8位数字，见短信",
                         .mode = "text"});
    if (sent) code_input(page);
    else
        page_input(page,
                   &(struct page_input){.name = "phone",
                                        .label = page->english ? "Mobile telephone" : "手机号",
                                        .value = "",
                                        .mode = "tel"});
    page_button(page, sent ? "进入" : "发送验证码", sent ? "Go on" : "Send a code");
    page_end(page);
}
