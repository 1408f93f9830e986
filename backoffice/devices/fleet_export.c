/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of terminals as CSV for a spreadsheet (S113), in the words of the page and narrowed as
 * the page is. It goes out in pieces of one answer each, so a fleet of a hundred thousand holds
 * neither the loop nor memory for longer than a list does: the first piece begins with the names of
 * the columns, and each says behind which terminal the next one begins. Who has taken what is
 * written down before each piece leaves.
 */
#include <stdio.h>

#include "backoffice/accounts/choice.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/devices/fleet_asked.h"
#include "backoffice/devices/fleet_troubles.h"
#include "backoffice/parts.h"
#include "lib/base/csv.h"

enum {
    /* The longest row: twelve troubles of 90 bytes, two names, twenty columns. An answer of which
     * less is left is full. */
    ROW_MAX = 2560,
    ASKED_MAX = 400, /* of an audit record: every field of the question at its longest */
};

static const char *const columns[2] = {
    "\"终端号\",\"序列号\",\"型号\",\"商户号\",\"商户名\",\"门店号\",\"状态\",\"在线状态\",\"最后联系（北京时间）\","
    "\"软件版本\",\"电量（%）\",\"打印纸\",\"锁定\",\"网络\",\"签到\",\"当班操作员\",\"未上送交易\","
    "\"最后一笔交易（北京时间）\",\"参数版本\",\"需要处理\"\r\n",
    "\"Terminal\",\"Serial number\",\"Model\",\"Merchant\",\"Name\",\"Outlet\",\"Status\",\"Connection\","
    "\"Last heard of (China time)\",\"Software\",\"Battery (%)\",\"Paper\",\"Lock\",\"Network\",\"Signed in\","
    "\"On duty\",\"Unsent payments\",\"Last payment (China time)\",\"Parameters\",\"Needs care\"\r\n"};

/* Chinese and English of each number, as the pages say them. */
typedef const char *const pair[2];
static pair statuses[] = {[REGISTRY_ACTIVE] = {"正常", "active"},
                          [REGISTRY_SUSPENDED] = {"已停用", "suspended"},
                          [REGISTRY_CLOSED] = {"已销户", "closed"}};
static pair presences[FLEET_PRESENCES] = {[FLEET_NEW] = {"未使用", "unused"},
                                          [FLEET_ONLINE] = {"在线", "online"},
                                          [FLEET_AWAY] = {"刚离线", "just left"},
                                          [FLEET_OFFLINE] = {"离线", "offline"}};
static pair papers[] = {[DEVICE_PAPER_OK] = {"充足", "enough"},
                        [DEVICE_PAPER_LOW] = {"快用完", "nearly out"},
                        [DEVICE_PAPER_OUT] = {"没有纸", "out"},
                        [DEVICE_PRINTER_FAULT] = {"打印机故障", "printer broken"}};
static pair holds[DEVICE_HOLDS] = {[DEVICE_FREE] = {"未锁定", "not locked"},
                                   [DEVICE_LOCKED] = {"已锁定", "locked"},
                                   [DEVICE_LOST] = {"丢失模式", "lost"}};
static pair links[DEVICE_LINKS] = {
    {"未知网络", "unknown network"}, {"有线", "cable"}, {"无线", "Wi-Fi"}, {"移动网络", "mobile"}};
static pair yes_no[] = {{"未签到", "no"}, {"已签到", "yes"}};

struct sheet {
    struct backoffice *b;
    const struct api_call *call;
    struct writer *w;
    bool english;
    size_t count;
    char first[9], last[9];
};

static void put_text(struct sheet *s, const char *text)
{
    csv_text(s->w, text);
    write_bytes(s->w, BYTES(","));
}

static void put_word(struct sheet *s, pair *words, size_t number)
{
    put_text(s, words[number][s->english]);
}

static void put_number(struct sheet *s, uint32_t number)
{
    write_format(s->w, "%u,", number);
}

/* "2026-03-09 10:14:05" in China, which a spreadsheet takes for a moment; 0: nothing. */
static void put_moment(struct sheet *s, int64_t at_ms)
{
    struct civil at = civil_from_ms(at_ms + CLOCK_CHINA_OFFSET_MS);
    if (at_ms != 0)
        write_format(s->w, "%04d-%02d-%02d %02d:%02d:%02d", at.year, at.month, at.day, at.hour,
                     at.minute, at.second);
    write_bytes(s->w, BYTES(","));
}

static void put_state(struct sheet *s, const struct fleet_state *told)
{
    if (told->told_ms == 0) { /* battery to parameters: nothing is known */
        write_bytes(s->w, BYTES(",,,,,,,,,"));
        return;
    }
    put_number(s, told->battery);
    put_word(s, papers, told->paper);
    put_word(s, holds, told->hold);
    put_word(s, links, told->link);
    put_word(s, yes_no, told->signed_in);
    put_text(s, told->operator_id);
    put_number(s, told->unsent);
    put_moment(s, told->last_payment_ms);
    put_number(s, told->parameters);
}

static void put_troubles(struct sheet *s, const struct fleet_device *d)
{
    enum fleet_trouble trouble[FLEET_TROUBLES];
    size_t count = fleet_troubles(d, s->call->now_ms, trouble);
    write_bytes(s->w, BYTES("\""));
    for (size_t i = 0; i < count; i++) {
        const struct fleet_trouble_words *words = &fleet_trouble_words[trouble[i]];
        write_format(s->w, "%s%s", i == 0 ? "" : " ", s->english ? words->en : words->zh);
    }
    write_bytes(s->w, BYTES("\"\r\n"));
}

/* Errors: FULL (the answer has no room for another row). */
static err put_device(void *context, const struct fleet_device *d)
{
    struct sheet *s = context;
    char serial[CONTACT_MASK_MAX];
    const char *zh, *en;
    if (s->w->max - s->w->len < ROW_MAX) return ERR(FULL);
    fleet_asked_serial(s->call->caller, d->serial, serial);
    fleet_merchant(s->b->desk->fleet, d->mid, &zh, &en);
    put_text(s, d->tid);
    put_text(s, serial);
    put_text(s, d->model);
    put_text(s, d->mid);
    put_text(s, s->english && en[0] != '\0' ? en : zh);
    put_number(s, d->outlet);
    put_word(s, statuses, d->status);
    put_word(s, presences, fleet_presence(d, s->call->now_ms));
    put_moment(s, d->heard_ms);
    put_text(s, d->state.version);
    put_state(s, &d->state);
    put_troubles(s, d);
    if (s->count++ == 0) memcpy(s->first, d->tid, sizeof s->first);
    memcpy(s->last, d->tid, sizeof s->last);
    return OK;
}

/* "10000001 to 10000420, 420: merchant=898310153110001" */
static err note(const struct sheet *s, const struct fleet_query *query)
{
    char block[ASKED_MAX];
    const char *whose = query->mid[0] == '\0' ? "all merchants" : query->mid;
    struct bytes detail;
    struct writer w = writer_over(block, sizeof block);
    const struct api_schema *asked = s->call->route->query;
    write_format(&w, "%s to %s, %zu:", s->first, s->last, s->count);
    for (size_t i = 0; i < asked->count; i++)
        if (s->call->query[i][0] != '\0')
            write_format(&w, " %s=%s", asked->field[i].name, s->call->query[i]);
    ENSURE(!FAILED(writer_finish(&w, &detail)));
    return audit_note(
        s->b->store, &(struct audit_entry){s->call->now_ms, bytes_text(s->call->caller->subject),
                                           BYTES("terminals_exported"), bytes_text(whose), detail});
}

static err on_export(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct sheet sheet = {
        .b = b, .call = call, .w = &response->body, .english = choice_english(call->request)};
    struct fleet_query query;
    struct tree_outlets outlets;
    bool none;
    if (!desk_is_there(b, response)) return OK;
    TRY(fleet_asked(b, call, &query, &outlets, &none));
    if (call->after[0] == '\0') {
        write_bytes(&response->body, BYTES(CSV_MARK));
        write_bytes(&response->body, bytes_text(columns[sheet.english]));
    }
    err done = none ? OK : fleet_search(b->desk->fleet, &query, call->now_ms, put_device, &sheet);
    bool more = done.code == ERR_FULL || sheet.count == call->limit;
    if (done.code != ERR_FULL) TRY(done);
    TRY(note(&sheet, &query));
    response->content_type = "text/csv; charset=utf-8";
    http_response_header(response, "Content-Disposition", "attachment; filename=\"terminals.csv\"");
    if (more) http_response_header(response, API_NEXT_HEADER, sheet.last);
    return OK;
}

/* A piece has four times the rows of a page, and a commit. */
#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)
static const struct api_route rows[] = {API_SEARCH_ROW(
    GET, "/fleet/export", SESSION, SEES, DEVICES_READ, 4, API_PAGED | API_CSV, NULL, NULL,
    on_export, "Devices and how they are, as CSV for a spreadsheet", &fleet_asked_schema)};

const struct backoffice_part fleet_csv_part = {
    .name = "fleet_export", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
