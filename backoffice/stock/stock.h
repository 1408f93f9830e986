/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * stock: terminals by their serial numbers, from the maker's list to the shop and back (S138).
 *
 * A terminal's life is one table (stock.c): state x event -> state. What is not in it does not
 * happen. Each step is a row of a history that is only appended to; the state is the last row's,
 * which the tables themselves hold, whoever writes.
 *
 * `print` is the SHA-256 of the public half of the key that the device's secure processor made at
 * the factory: the maker reports it with the serial number (259), and whoever comes with this
 * serial number and another key is another device.
 *
 * Functions that write work in the caller's transaction. What cannot be is a verdict; an err is the
 * store's.
 */

#include "backoffice/stock/serial.h"
#include "registry/registry.h"

enum {
    STOCK_MODEL_MAX = 16,
    STOCK_PRINT_LEN = 64, /* SHA-256, lower-case hex */
    STOCK_APPLICATION_MAX = 32,
    STOCK_NOTE_MAX = 120, /* bytes of UTF-8 */
    STOCK_ACTOR_MAX = 88,
    STOCK_LIST_MAX = 6000, /* bytes of a list: some sixty terminals */
};

/* Stored: numbers are added and never used again. */
#define STOCK_STATE_LIST(X)                                             \
    X(1, IN_STOCK, "in_stock", "在库", "in stock")                      \
    X(2, ASSIGNED, "assigned", "已分配", "assigned to a shop")          \
    X(3, PACKED, "packed", "已装箱", "packed")                          \
    X(4, SHIPPED, "shipped", "运输中", "on its way")                    \
    X(5, DELIVERED, "delivered", "已送达", "delivered, not active yet") \
    X(6, ACTIVE, "active", "已激活", "active")                          \
    X(7, RETURNED, "returned", "已退回", "come back")                   \
    X(8, SCRAPPED, "scrapped", "已报废", "scrapped")

enum stock_state {
#define X(number, name, word, zh, en) STOCK_##name = number,
    STOCK_STATE_LIST(X)
#undef X
        STOCK_STATES
};

/* Stored. TAKE_IN begins a life. */
#define STOCK_EVENT_LIST(X)                                           \
    X(1, TAKE_IN, "taken_in", "入库", "taken in")                     \
    X(2, ASSIGN, "assigned", "分配给商户", "assigned to a shop")      \
    X(3, UNASSIGN, "unassigned", "取消分配", "taken back")            \
    X(4, PACK, "packed", "装箱", "packed")                            \
    X(5, UNPACK, "unpacked", "拆箱", "unpacked")                      \
    X(6, SHIP, "shipped", "寄出", "sent off")                         \
    X(7, DELIVER, "delivered", "送达", "delivered")                   \
    X(8, ACTIVATE, "activated", "激活", "activated")                  \
    X(9, RETURN, "returned", "退回", "came back")                     \
    X(10, RESTOCK, "restocked", "重新入库", "back into stock")        \
    X(11, SCRAP, "scrapped", "报废", "scrapped")                      \
    X(12, REPLACE, "replaced", "被另一台更换", "replaced by another") \
    X(13, RELEASE, "released", "解除激活锁", "released for another activation")

enum stock_happening {
#define X(number, name, ...) STOCK_DOES_##name = number,
    STOCK_EVENT_LIST(X)
#undef X
        STOCK_HAPPENINGS
};

/* What cannot be, with the code of the interface and what to do. */
#define STOCK_VERDICT_LIST(X)                                                                      \
    X(OK, "ok", "", "")                                                                            \
    X(LIST, "list", "清单格式不正确：第一行应为 serial,model,print。",                             \
      "This is no list: its first line must be serial,model,print.")                               \
    X(LINE, "line", "该行应有三个字段，没有空格和引号。",                                          \
      "This line must have three fields, without spaces and quotes.")                              \
    X(MODEL, "model", "没有这个型号，请先登记型号。", "There is no such model: add it first.")     \
    X(FORM, "form", "序列号不符合该型号的格式。",                                                  \
      "The serial number has not the form of its model.")                                          \
    X(PRINT, "print", "设备公钥指纹应为64位小写十六进制。",                                        \
      "The print of its key must be 64 lower-case hex digits.")                                    \
    X(THERE, "there", "该序列号已登记。", "This serial number is there already.")                  \
    X(ALIKE, "alike", "与另一序列号形近（如 O 与 0），请核对铭牌。",                               \
      "Another serial number looks the same (O and 0, I and 1): compare the label.")               \
    X(SHARED, "shared", "另一设备已登记同一密钥，设备可能被克隆。",                                \
      "Another device has this key: one of them may be a clone.")                                  \
    X(STATE, "state", "终端当前状态不允许此操作。", "Not from the state that the terminal is in.") \
    X(ANOTHER, "another", "扫描的序列号不是分配的终端，请更换。",                                  \
      "The serial number that was scanned is not the one assigned: take the right device.")        \
    X(MERCHANT, "merchant", "没有这个商户，或商户已关闭。",                                        \
      "There is no such merchant, or it is closed.")                                               \
    X(USED, "used", "该终端曾激活，不能重新入库；请退回厂家。",                                    \
      "This terminal was active: it goes back to its maker and not into stock.")                   \
    X(MODEL_THERE, "model_there", "该型号已登记，格式不能更改。",                                  \
      "This model is there already, and its form does not change.")                                \
    X(KIND, "kind", "没有这种终端类型。", "There is no such kind of terminal.")                    \
    X(MODEL_FORM, "model_form", "格式只能包含 # @ ? - 数字和大写字母，且至少一位可变。",           \
      "A form has # @ ? - digits and capital letters, and at least one place that varies.")        \
    X(PARCEL, "parcel", "没有已填写的收件信息。", "Nobody is known who receives it.")              \
    X(ASKED, "asked", "该终端的更换已提出，等待另一人审批。",                                      \
      "This replacement was asked for already: somebody else has to approve it.")                  \
    X(NOT_ASKED, "not_asked", "该终端没有待审批的更换。", "No replacement of it waits.")           \
    X(SAME_PERSON, "same_person", "提出更换的人不能审批，请另一位同事审批。",                      \
      "Who asked for it does not approve it: somebody else has to.")                               \
    X(SPARE, "spare", "用来更换的终端不在库，请选另一台。",                                        \
      "The terminal that is to replace it is not in stock: take another one.")                     \
    X(PLACE, "place", "该终端号由另一设备使用、已关闭，或不是本机型的密钥体系。",                  \
      "Its number is another device's, closed, or of another make: it cannot be replaced.")        \
    X(SERVES, "serves", "它正在接替另一台终端，不能取消；如有问题，请用另一台更换它。",            \
      "It takes another terminal's place: replace it by another one instead.")                     \
    X(BEGUN, "begun", "更换已生效，不能再拒绝，请审批完成。",                                      \
      "The replacement has begun and is not refused any more: approve it.")                        \
    X(ELEMENT, "element", "五要素不完整或格式不正确。",                                            \
      "One of the five elements is missing or has not its form.")                                  \
    X(APPLICATION, "application", "没有这份申请，请核对申请编号。",                                \
      "There is no such application: compare its number.")                                         \
    X(NOT_AGREED, "not_agreed", "该申请尚未签约，或已分配终端，请查看申请进度。",                  \
      "This application is not agreed, or has its terminal: look how far it is.")                  \
    X(NOT_NUMBERED, "not_numbered", "该申请尚无商户号，请先登记商户。",                            \
      "This application has no merchant number yet: register its merchant first.")                 \
    X(NOT_PAPER, "not_paper", "该编号属于系统内的申请，请按申请分配。",                            \
      "This is the number of an application that is kept here: assign by it.")                     \
    X(UNSIGNED_FEE, "unsigned_fee", "费率与已签协议不一致，请商户重新签约。",                      \
      "A fee of the plan is not in the signed agreement: have it signed anew.")                    \
    X(ROLE, "role", "您没有这项权限，请有权限的同事处理。",                                        \
      "Your role has not this: ask somebody who has it.")                                          \
    X(DIFFERS, "differs", "地区、行业或手机号与已批准的申请不一致，请不要另外填写。",              \
      "Region, trade or telephone are not those of the application: leave them to it.")            \
    X(PAPER, "paper", "纸质合同须填写地区、行业、名称、城市、联系人和手机号。",                    \
      "Of a contract on paper region, trade, name, town, contact and telephone are typed.")

enum stock_verdict {
#define X(name, word, zh, en) STOCK_##name,
    STOCK_VERDICT_LIST(X)
#undef X
        STOCK_VERDICTS
};

const char *stock_verdict_word(enum stock_verdict verdict);
const char *stock_verdict_text(enum stock_verdict verdict, bool english);
const char *stock_state_word(enum stock_state state);
const char *stock_state_text(enum stock_state state, bool english);
/* 0: there is none. */
enum stock_state stock_state_named(struct bytes word);
const char *stock_event_word(enum stock_happening event);
const char *stock_event_text(enum stock_happening event, bool english);

/* The state after `event` in `from`; 0: it cannot happen. The table itself. */
enum stock_state stock_next(enum stock_state from, enum stock_happening event);

/* Texts are NUL-terminated. */
struct stock_terminal {
    char serial[SERIAL_MAX + 1], model[STOCK_MODEL_MAX + 1];
    unsigned kind; /* enum terminal_kind of applications/recommend.h */
    char print[STOCK_PRINT_LEN + 1];
    enum stock_state state;
    /* From ASSIGN on, until it is back in stock: for whom. */
    char mid[16], application[STOCK_APPLICATION_MAX + 1], tid[9];
    int64_t assignment; /* the number of the row of the history that assigned it; 0: none */
    int64_t taken_ms, changed_ms;
};

struct stock_row {
    int64_t number, at_ms;
    enum stock_happening event;
    enum stock_state was, became; /* was: 0 in the first */
    char actor[STOCK_ACTOR_MAX + 1], note[STOCK_NOTE_MAX + 1];
};

struct stock_model {
    char model[STOCK_MODEL_MAX + 1], form[SERIAL_MAX + 1];
    unsigned kind;
};

extern const struct store_schema stock_schema;

/* ---- models ---- */

MUST_USE err stock_model_add(struct store_tx *tx, const struct stock_model *model, int64_t now_ms,
                             enum stock_verdict *ret_verdict);
/* NOT_FOUND when there is none. */
MUST_USE err stock_model_find(struct store *store, struct bytes model, struct stock_model *ret);
typedef err (*stock_each_model)(void *context, const struct stock_model *model);
MUST_USE err stock_models(struct store *store, stock_each_model each, void *context);

/* ---- taking in ---- */

struct stock_taken {
    enum stock_verdict verdict;
    unsigned line;              /* that is wrong, from 1 */
    unsigned count;             /* that were taken in */
    char other[SERIAL_MAX + 1]; /* ALIKE, SHARED: the one that collides */
};

/*
 * A list of the maker, all of it or nothing: lines "serial,model,print" behind a first line that
 * says so, each ended by LF or CR LF. No quotes, no spaces, no empty lines.
 */
MUST_USE err stock_take_in(struct store_tx *tx, const struct registry_actor *actor,
                           struct bytes list, struct stock_taken *ret_taken);

/* ---- looking ---- */

/* Exactly this serial number. NOT_FOUND when there is none. */
MUST_USE err stock_find(struct store *store, struct bytes serial, struct stock_terminal *ret);
/* One that only looks like it; NOT_FOUND when there is none. For refusing, and for nothing else. */
MUST_USE err stock_find_alike(struct store *store, struct bytes serial, char ret[SERIAL_MAX + 1]);

typedef err (*stock_each)(void *context, const struct stock_terminal *terminal);
/* By serial number, behind `after`. `search` is a part of a serial number, or all of the number of
 * an application, a merchant or a terminal. */
struct stock_query {
    const char *mid;        /* "": everybody's */
    enum stock_state state; /* 0: all */
    const char *search;     /* "": everything */
    const char *after;
    size_t limit;
};
MUST_USE err stock_list(struct store *store, const struct stock_query *query, stock_each each,
                        void *context);
typedef err (*stock_each_row)(void *context, const struct stock_row *row);
MUST_USE err stock_history(struct store *store, const char *serial, stock_each_row each,
                           void *context);

/* ---- steps ---- */

/*
 * One step of a life, with its row. `terminal` is as it was found, and is as it is now when the
 * verdict is OK. Errors: the store's.
 */
MUST_USE err stock_step(struct store_tx *tx, const struct registry_actor *actor,
                        enum stock_happening event, const char *note,
                        struct stock_terminal *terminal, enum stock_verdict *ret_verdict);

/* ASSIGN: for whom. The merchant is the caller's to look at; the number comes later. */
MUST_USE err stock_assign(struct store_tx *tx, const struct registry_actor *actor, const char *mid,
                          const char *application, struct stock_terminal *terminal,
                          enum stock_verdict *ret_verdict);
MUST_USE err stock_number(struct store_tx *tx, struct stock_terminal *terminal, const char *tid);

/* PACK: what was scanned must be what was assigned. */
MUST_USE err stock_pack(struct store_tx *tx, const struct registry_actor *actor,
                        struct bytes scanned, struct stock_terminal *terminal,
                        enum stock_verdict *ret_verdict);

/* Was it ever active? Then it does not go back into stock. */
MUST_USE err stock_was_active(struct store *store, const char *serial, bool *ret_was);
/* The activation lock (S139): how often it was activated, and whether it was released since. Bound
 * to a shop is what was activated and not released, wherever it is now. */
struct stock_lock {
    int64_t activations;
    bool bound;
};
MUST_USE err stock_lock_of(struct store *store, const char *serial, struct stock_lock *ret_lock);
