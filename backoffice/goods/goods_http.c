/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Price lists below /api/v1/goods (S125): the list of a merchant, what regions and outlets say of
 * it, and their versions. Whoever sets one says which version he has seen.
 */
#include <stdio.h>

#include "backoffice/accounts/choice.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/devices/tree.h"
#include "backoffice/devices/tree_http.h"
#include "backoffice/events/events.h"
#include "backoffice/goods/goods.h"
#include "backoffice/parameters/subject.h"
#include "backoffice/parts.h"

/* ---- shapes ---- */

static const char *const level_words[] = {"merchants", "regions", "outlets", NULL};

#define VERSION_SEEN                                                                \
    {                                                                               \
        "version", API_INT, .max = INT64_MAX,                                       \
                            .text = "The version that was seen: another is refused" \
    }
#define REASON                                                                    \
    {                                                                             \
        "reason", API_TEXT, .min = 1, .max = PARAMETERS_REASON_MAX, .text = "Why" \
    }

static const struct api_field good_fields[] = {
    {"code", API_TEXT, .min = 1, .max = PRICE_CODE_MAX, .text = "Letters, digits, - and _; once"},
    {"name", API_TEXT, .min = 1, .max = PRICE_NAME_MAX, .text = "At most 16 Chinese characters"},
    {"name_en", API_TEXT, .optional = true, .max = PRICE_NAME_MAX, .text = "In English"},
    {"category", API_TEXT, .optional = true, .max = PRICE_CATEGORY_MAX, .text = "What it is among"},
    {"barcode", API_TEXT, .optional = true, .max = PRICE_BARCODE_MAX, .text = "Digits"},
    {"price", API_MONEY, .min = 1, .max = PRICE_MINOR_MAX, .text = "Of one"},
};
API_SCHEMA(good_schema, "Good", good_fields);

static const struct api_field change_fields[] = {
    {"code", API_TEXT, .min = 1, .max = PRICE_CODE_MAX, .text = "Of a good of the merchant's list"},
    {"price", API_MONEY, .optional = true, .min = 1, .max = PRICE_MINOR_MAX,
     .text = "What it costs here; null: as above"},
    {"sold", API_BOOL, .optional = true, .text = "Whether it is sold here; null: as above"},
};
API_SCHEMA(change_schema, "GoodChange", change_fields);

static const struct api_field new_fields[] = {
    {"goods", API_LIST, .optional = true, .max = PRICE_GOODS_MAX, .of = &good_schema,
     .text = "Of a merchant: the whole list; none: each terminal keeps its own again"},
    {"changes", API_LIST, .optional = true, .max = GOODS_CHANGES_MAX, .of = &change_schema,
     .text = "Of a region or an outlet: all that it sets"},
    REASON,
    VERSION_SEEN,
};
API_SCHEMA(new_schema, "NewGoods", new_fields);

static const struct api_field back_fields[] = {REASON};
API_SCHEMA(back_schema, "GoodsRollBack", back_fields);

static const struct api_field row_fields[] = {
    {"code", API_TEXT, .text = "Its code"},
    {"name", API_TEXT, .text = "What it is called"},
    {"name_en", API_TEXT, .text = "The same in English, or empty"},
    {"category", API_TEXT, .text = "What it is among, or empty"},
    {"barcode", API_TEXT, .text = "Digits, or empty"},
    {"price", API_MONEY, .text = "What it costs at this level"},
    {"sold", API_BOOL, .text = "Whether it is sold at this level"},
    {"above", API_MONEY, .optional = true, .text = "What it costs at the levels above"},
    {"sold_above", API_BOOL, .optional = true, .text = "Whether it is sold at those"},
    {"price_here", API_BOOL, .text = "Whether this level sets the price"},
    {"sold_here", API_BOOL, .text = "Whether this level says if it is sold"},
};
API_SCHEMA(row_schema, "GoodsRow", row_fields);

static const struct api_field list_fields[] = {
    {"level", API_WORD, .words = level_words, .text = "Of which level it is"},
    {"subject", API_TEXT, .text = "Of what of it"},
    {"subject_zh", API_TEXT, .text = "What that is called, in Chinese"},
    {"subject_en", API_TEXT, .text = "What that is called, in English"},
    {"version", API_INT, .text = "Its number; 0: nothing was ever set there"},
    {"at", API_TIME, .optional = true, .text = "When it was set"},
    {"by", API_TEXT, .optional = true, .text = "Who has set it"},
    {"reason", API_TEXT, .optional = true, .text = "Why"},
    {"most", API_INT, .text = "How many goods a list may have"},
    {"goods", API_LIST, .of = &row_schema, .text = "What holds at this level"},
};
API_SCHEMA(list_schema, "Goods", list_fields);

static const struct api_field version_fields[] = {
    {"version", API_INT, .text = "Its number"},
    {"count", API_INT, .text = "Goods of the list, or of which something is said"},
    {"at", API_TIME, .text = "When it was set"},
    {"by", API_TEXT, .text = "Who has set it"},
    {"reason", API_TEXT, .text = "Why"},
};
API_SCHEMA(version_schema, "GoodsVersion", version_fields);

static const struct api_field versions_fields[] = {
    {"versions", API_LIST, .of = &version_schema, .text = "The newest first"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(versions_schema, "GoodsVersions", versions_fields);

/* ---- reading ---- */

struct place {
    enum parameters_level level;
    char subject[PARAMETERS_SUBJECT_MAX], mid[16];
};

/* What the path names, and whose it is; false, and the answer is written. */
static err place_of(struct backoffice *b, const struct api_call *call,
                    struct http_response *response, struct place *p, bool *ret_good)
{
    TRY(subject_of_path(b, call, response, &p->level, p->subject, ret_good));
    if (!*ret_good) return OK;
    *ret_good = goods_level(p->level);
    if (!*ret_good) {
        api_missing(response);
        return OK;
    }
    snprintf(p->mid, sizeof p->mid, "%.15s", p->subject); /* "mid" or "mid-outlet" */
    if (p->level != PARAMETERS_REGION) return OK;
    struct tree_region region;
    TRY(region_find(b->store, tree_number(p->subject), &region));
    memcpy(p->mid, region.mid, sizeof p->mid);
    return OK;
}

static void write_row(struct json_out *j, const struct goods_row *row, bool merchant)
{
    json_object_begin(j);
    json_member_string(j, "code", row->good.code);
    json_member_string(j, "name", row->good.name);
    json_member_string(j, "name_en", row->good.name_en);
    json_member_string(j, "category", row->good.category);
    json_member_string(j, "barcode", row->good.barcode);
    json_member_int(j, "price", row->good.price_minor);
    json_member_bool(j, "sold", row->sold);
    if (!merchant) json_member_int(j, "above", row->above_minor);
    if (!merchant) json_member_bool(j, "sold_above", row->sold_above);
    json_member_bool(j, "price_here", merchant || row->price_here);
    json_member_bool(j, "sold_here", row->sold_here != GOODS_INHERITED);
    json_object_end(j);
}

static err write_list(struct backoffice *b, const struct api_call *call, const struct place *p,
                      struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct subject_name name = {.zh = ""};
    bool good = false;
    const struct goods_fold *f = b->desk->goods;
    TRY(subject_look(b, call->caller, p->level, p->subject, &name, &good));
    TRY(goods_fold_at(b->desk, p->mid, p->level, p->subject));
    json_object_begin(&j);
    json_member_string(&j, "level", parameters_level_word(p->level));
    json_member_string(&j, "subject", p->subject);
    json_member_string(&j, "subject_zh", name.zh);
    json_member_string(&j, "subject_en", name.en);
    json_member_int(&j, "version", f->newest.version);
    if (f->newest.version > 0) {
        json_member_int(&j, "at", f->newest.at_ms);
        json_member_string(&j, "by", f->newest.actor);
        json_member_string(&j, "reason", f->newest.reason);
    }
    json_member_int(&j, "most", PRICE_GOODS_MAX);
    json_member_array(&j, "goods");
    for (size_t i = 0; i < f->count; i++)
        write_row(&j, &f->row[i], p->level == PARAMETERS_MERCHANT);
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct place p;
    bool good = false;
    TRY(place_of(b, call, response, &p, &good));
    return good ? write_list(b, call, &p, response) : OK;
}

static void write_version(struct json_out *j, const struct goods_version *v)
{
    json_object_begin(j);
    json_member_int(j, "version", v->version);
    json_member_int(j, "count", v->count);
    json_member_int(j, "at", v->at_ms);
    json_member_string(j, "by", v->actor);
    json_member_string(j, "reason", v->reason);
    json_object_end(j);
}

struct listing {
    struct json_out *j;
    size_t count;
    int64_t last;
};

static err each_version(void *context, const struct goods_version *v)
{
    struct listing *l = context;
    l->count++;
    l->last = v->version;
    write_version(l->j, v);
    return OK;
}

static err on_versions(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    struct place p;
    char next[24] = "";
    bool good = false;
    TRY(place_of(b, call, response, &p, &good));
    if (!good) return OK;
    json_object_begin(&j);
    json_member_array(&j, "versions");
    TRY(goods_versions(b->desk, p.level, p.subject, tree_number(call->after), each_version,
                       &listing));
    json_array_end(&j);
    if (listing.count == GOODS_VERSIONS_LISTED && listing.last > 1)
        snprintf(next, sizeof next, "%lld", (long long)listing.last);
    api_next(&j, next);
    json_object_end(&j);
    return OK;
}

/* ---- setting ---- */

/* What is not as it must be: which row, from 1, and which member; row 0: all is well. */
struct fault {
    size_t row;
    const char *member;
};

static err text_or_none(const struct json_t *o, const char *name, char *to, size_t size)
{
    return json_has(o, name) ? json_text_copy(o, name, to, size) : OK;
}

static err read_good(const struct json_t *o, struct price_good *g)
{
    *g = (struct price_good){.price_minor = 0};
    TRY(json_text_copy(o, "code", g->code, sizeof g->code));
    TRY(json_text_copy(o, "name", g->name, sizeof g->name));
    TRY(text_or_none(o, "name_en", g->name_en, sizeof g->name_en));
    TRY(text_or_none(o, "category", g->category, sizeof g->category));
    TRY(text_or_none(o, "barcode", g->barcode, sizeof g->barcode));
    return json_int(o, "price", 1, PRICE_MINOR_MAX, &g->price_minor);
}

/* A code, and a name by which a basket adds up, stand once. */
static const char *twice(const struct goods_fold *f, const struct price_good *g)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct price_good *other = &f->row[i].good;
        if (strcmp(other->code, g->code) == 0) return "code";
        if (strcmp(other->name, g->name) == 0) return "name";
        if (g->name_en[0] != '\0' && strcmp(other->name_en, g->name_en) == 0) return "name_en";
    }
    return NULL;
}

static err read_goods(struct backoffice *b, const struct json_t *body, struct writer *document,
                      int64_t *ret_count, struct fault *ret_fault)
{
    struct goods_fold *f = b->desk->goods;
    struct json_t *array;
    size_t count = 0;
    TRY(json_list(body, "goods", PRICE_GOODS_MAX, &array, &count));
    price_list_begin(document);
    for (f->count = 0; f->count < count; f->count++) {
        struct price_good *g = &f->row[f->count].good;
        TRY(read_good(json_at(array, f->count), g));
        const char *member = price_good_fault(g);
        if (member == NULL) member = twice(f, g);
        if (member != NULL) {
            *ret_fault = (struct fault){f->count + 1, member};
            return OK;
        }
        price_list_add(document, g);
    }
    *ret_count = (int64_t)count;
    return OK;
}

static bool is_listed(const struct goods_fold *f, const char *code)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->row[i].good.code, code) == 0) return true;
    return false;
}

static err read_change(const struct json_t *o, struct goods_change *c)
{
    bool sold = false;
    *c = (struct goods_change){.price_minor = 0};
    TRY(json_text_copy(o, "code", c->code, sizeof c->code));
    if (json_has(o, "price")) TRY(json_int(o, "price", 1, PRICE_MINOR_MAX, &c->price_minor));
    if (!json_has(o, "sold")) return OK;
    TRY(json_bool(o, "sold", &sold));
    c->sold = sold ? GOODS_SOLD : GOODS_NOT_SOLD;
    return OK;
}

static err read_changes(struct backoffice *b, const struct place *p, const struct json_t *body,
                        struct writer *document, int64_t *ret_count, struct fault *ret_fault)
{
    struct json_t *array;
    size_t count = 0;
    TRY(goods_fold_at(b->desk, p->mid, p->level, p->subject));
    TRY(json_list(body, "changes", GOODS_CHANGES_MAX, &array, &count));
    goods_changes_begin(document);
    for (size_t i = 0; i < count; i++) {
        struct goods_change c;
        TRY(read_change(json_at(array, i), &c));
        if (!is_listed(b->desk->goods, c.code)) {
            *ret_fault = (struct fault){i + 1, "code"};
            return OK;
        }
        goods_changes_add(document, &c);
    }
    *ret_count = (int64_t)count;
    return OK;
}

static void refuse_row(const struct api_call *call, const struct fault *fault,
                       struct http_response *response)
{
    static const struct {
        const char *member, *zh;
    } words[] = {
        {"code", "编码"},     {"name", "名称"},    {"name_en", "英文名"},
        {"category", "分类"}, {"barcode", "条码"}, {"price", "价格"},
    };
    char text[160];
    const char *zh = fault->member;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(words[i].member, fault->member) == 0) zh = words[i].zh;
    if (choice_english(call->request))
        snprintf(text, sizeof text, "row %zu: its %s is not as it must be, or stands twice",
                 fault->row, fault->member);
    else snprintf(text, sizeof text, "第 %zu 行的%s不对，或与前面的重复。", fault->row, zh);
    api_refuse(response, 422, "good", text);
}

static err changed_meanwhile(const struct api_call *call, struct http_response *response)
{
    api_refuse(response, 409, "changed",
               choice_english(call->request)
                   ? "somebody has changed this meanwhile: load it again and look before you save"
                   : "刚才有人改过，没有保存您的修改。请重新加载，看过之后再改。");
    return OK;
}

/* `wish` becomes the newest version; the answer is what that is. */
static err put(struct backoffice *b, const struct api_call *call, const struct place *p,
               struct goods_version *wish, int64_t seen, struct bytes document,
               struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct json_out j = json_out_over(&response->body);
    struct goods_version made;
    char object[64];
    wish->level = p->level;
    memcpy(wish->subject, p->subject, sizeof wish->subject);
    TRY(json_text_copy(call->body, "reason", wish->reason, sizeof wish->reason));
    TRY(store_begin(b->store, &tx));
    err done = goods_put(b->desk, &tx, wish, document, seen, call->caller->subject, &made);
    if (done.code == ERR_STATE) return changed_meanwhile(call, response);
    TRY(done);
    snprintf(object, sizeof object, "goods/%s/%s", parameters_level_word(p->level), p->subject);
    TRY(event_append(
        &tx,
        &(struct event){
            .mid = p->mid, .kind = "goods.changed", .object = object, .at_ms = call->now_ms},
        NULL));
    write_version(&j, &made);
    TRY(api_commit(b, call, &tx, response));
    parameters_changed(b->desk);
    return OK;
}

static err on_put(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    struct goods_version wish = {.id = 0};
    struct fault fault = {0, NULL};
    struct place p;
    uint8_t block[PRICE_LIST_MAX]; /* desk->goods is worked with meanwhile */
    struct writer w = writer_over(block, sizeof block);
    bool good = false;
    TRY(place_of(b, call, response, &p, &good));
    if (!good) return OK;
    bool merchant = p.level == PARAMETERS_MERCHANT;
    if (!json_has(call->body, merchant ? "goods" : "changes") ||
        json_has(call->body, merchant ? "changes" : "goods")) {
        api_refuse(response, 422, "level",
                   "a merchant has goods; a region or an outlet has changes of them");
        return OK;
    }
    if (merchant) TRY(read_goods(b, call->body, &w, &wish.count, &fault));
    else TRY(read_changes(b, &p, call->body, &w, &wish.count, &fault));
    if (fault.row > 0) {
        refuse_row(call, &fault, response);
        return OK;
    }
    int64_t seen = 0;
    TRY(json_int(call->body, "version", 0, INT64_MAX, &seen));
    return put(b, call, &p, &wish, seen, writer_view(&w), response);
}

static err on_back(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct goods_version before, now;
    struct place p;
    uint8_t block[PRICE_LIST_MAX];
    struct writer w = writer_over(block, sizeof block);
    bool good = false;
    int64_t version = tree_number(call->value[2]);
    TRY(place_of(b, call, response, &p, &good));
    if (!good) return OK;
    err found = version == 0 ? ERR(NOT_FOUND)
                             : goods_find(b->desk, p.level, p.subject, version, &before, &w);
    if (found.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    TRY(found);
    TRY(goods_find(b->desk, p.level, p.subject, 0, &now,
                   NULL)); /* it is named, and nothing is lost */
    return put(b, call, &p, &before, now.version, writer_view(&w), response);
}

/* clang-format off */
#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)
#define SETS (ROLE_OWNER | ROLE_ADMIN)
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/goods/{level}/{subject}", SESSION, SEES, DEVICES_READ, 2, 0, NULL, &list_schema, on_list,
                  "The price list of a merchant, a region or an outlet")
    API_ROUTE_ROW(GET, "/goods/{level}/{subject}/versions", SESSION, SEES, DEVICES_READ, 2, API_PAGED, NULL, &versions_schema, on_versions,
                  "The versions of a price list")
    API_ROUTE_ROW(POST, "/goods/{level}/{subject}", STEP_UP, SETS, DEVICES_WRITE, 10, API_CREATES | API_LARGE, &new_schema, &version_schema, on_put,
                  "Set a price list: a new version")
    API_ROUTE_ROW(POST, "/goods/{level}/{subject}/versions/{version}/back", STEP_UP, SETS, DEVICES_WRITE, 10, API_CREATES, &back_schema, &version_schema, on_back,
                  "Roll back: an older version is made the newest")
};
/* clang-format on */

const struct backoffice_part goods_part = {
    .name = "goods", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
