/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * application: one shop that wants a terminal, from the first field to the terminal at work (S128,
 * S129, S133, S136, S141, S145).
 *
 * Purpose  the record, its fields and its timeline; every change is one event of life.h, written
 *          with the new state in the caller's transaction, and stays for ever. An event carries
 *          actor, time, reason and decision and no personal data: what somebody wrote is a note
 * Secrets  identity and account number are sealed under a key that the hsm makes for this one
 *          application; what is in the clear are masks. Whether two applications are of one person
 *          is told by a keyed mark that is worth nothing without the hsm
 * Drafts   end 30 days after their last change; files of what has ended are erased when the law
 *          lets them go (retention.h): fields, notes, documents. The events stay
 * Whose    the applicant's, by a secret that is kept as its hash (token.h); of who entered it for
 *          one, staff or a merchant's key (`agent`)
 *
 * What cannot be is a verdict; an err is of the store, or REFUSED and TIMEOUT when the hsm is away.
 */

#include "backoffice/applications/form.h"
#include "backoffice/applications/life.h"
#include "backoffice/messages/outbox.h"
#include "lib/auth/password.h"
#include "lib/auth/small_seal.h"
#include "lib/auth/token.h"
#include "lib/store/audit.h"
#include "registry/account.h"

enum {
    APPLICATION_NUMBER_MAX = 12, /* "SQ00000123" */
    APPLICATION_ACTOR_MAX = 47,
    APPLICATION_DAYS = 30, /* a draft, a correction, an agreement that is not signed, an appeal */
    APPLICATION_CODE_TRIES = 5,
    APPLICATION_CODE_MINUTES = 10,
    APPLICATION_NOTE_MAX = 400,
};

extern const struct store_schema application_schema;

struct check_question;
struct uploads;

/* Who is asked about identities and accounts: checks.h. */
struct check_ports {
    void *context;
    /* On OK one checks_on_answer() follows at most, and never from inside. An err is no answer. */
    err (*ask)(void *context, const struct check_question *question); /* NULL: no driver */
};

/* What the files of this room share; the caller's. */
struct applications {
    struct store *store;
    struct clock clock;
    struct random random;
    struct password_keyed keyed; /* the hsm */
    struct outbox *outbox;       /* NULL: nobody is told anything */
    struct check_ports checks;
    struct uploads *uploads; /* uploads/uploads.h: documents */
    int64_t swept_ms;
};

enum application_product { PRODUCT_FREE = 1, PRODUCT_OTHER = 2 }; /* stored */
enum application_opinion { OPINION_NONE = 0, OPINION_APPROVE = 1, OPINION_REJECT = 2 };

/* Texts are NUL-terminated; times are 0 when it has not happened. */
struct application {
    int64_t id;
    char number[APPLICATION_NUMBER_MAX + 1];
    enum application_state state;
    int64_t version; /* counts its events */
    int64_t begun_ms, changed_ms, sent_ms, erased_ms;
    int64_t due_ms;   /* until when somebody should have looked (review.h) */
    int64_t ends_ms;  /* when it expires by itself */
    int64_t phone_ms; /* when the telephone was verified */
    bool english;
    enum application_product product;
    bool offered;                         /* the other offer was made; sending again takes it */
    struct eligibility_decision decision; /* of the last sending; version 0: none */
    int64_t first_by;                     /* who of the staff had the first look; 0: nobody */
    enum application_opinion first_opinion;
    enum application_reason reason; /* of the last MEND or REJECTED */
    bool appealed;
    char agent[16];     /* the merchant that entered it; "" for the public and for staff */
    int64_t entered_by; /* the member of staff who did; 0: nobody */
};

struct application_actor {
    char text[APPLICATION_ACTOR_MAX + 1]; /* "applicant", "staff li.wei", "clock", "key 7" */
    unsigned who;                         /* enum application_who */
    int64_t staff;                        /* the account; 0: none */
};

/* What an event has to say beside itself; all may be zero. */
struct application_fact {
    enum application_reason reason;
    struct eligibility_decision decision;
    const uint8_t *digest; /* of the decision's inputs, TOKEN_HASH_BYTES; NULL */
    struct bytes note;     /* what somebody wrote: kept apart, and erased with the files */
};

struct application_line {
    int64_t number, at_ms;
    char actor[APPLICATION_ACTOR_MAX + 1];
    enum application_event event;
    enum application_state from, to;
    enum application_reason reason;
    struct eligibility_decision decision;
    uint8_t digest[TOKEN_HASH_BYTES];
    bool has_digest;
    char note[APPLICATION_NOTE_MAX + 1]; /* empty when there is none, or when it was erased */
};

/* number, name, word, Chinese and English: what is the matter and what to do */
#define APPLICATION_VERDICT_LIST(X)                                                                \
    X(0, OK, "ok", "完成。", "Done.")                                                              \
    X(1, MISSING, "not_found", "没有找到这份申请。", "There is no such application.")              \
    X(2, NOT_NOW, "not_now", "当前状态不能这样操作，请刷新后查看进度。",                           \
      "Not in this state: load the page again and see how far it is.")                             \
    X(3, NOT_YOU, "not_you", "您没有这项权限，请由有权限的同事操作。",                             \
      "Not for your role: ask a colleague who may.")                                               \
    X(4, FIELD, "field", "有内容需要更正，请按提示修改。",                                         \
      "Something must be corrected; each field says what.")                                        \
    X(5, LACKS, "lacks", "还有必填内容没有填写，请补充后提交。",                                   \
      "Something is still missing: fill it in, then send.")                                        \
    X(6, PHONE, "phone", "请先用短信验证码验证手机号。",                                           \
      "Verify the telephone number with a code first.")                                            \
    X(7, NAME, "name", "小微商户的店铺名称不能含“公司”，请修改名称或选择其他类型。",               \
      "A micro-merchant's shop may not be called a company: change the name or the type.")         \
    X(8, TWICE, "twice", "这家店铺已有一份申请在办理，请用手机号查询进度。",                       \
      "An application for this shop is under way: follow it with your telephone number.")          \
    X(9, HELD, "held", "提交前请先更正下列内容。", "Correct what is named below, then send.")      \
    X(10, OFFERED, "offered", "不符合免费终端条件；如接受其他方案，请再次提交。",                  \
      "The free terminal is not for you; send again to take the other offer.")                     \
    X(11, REFUSED, "refused", "不符合申请规则；可以在30天内申诉。",                                \
      "A rule does not allow it; you can appeal within 30 days.")                                  \
    X(12, OWN, "own", "不能审核本人的申请，请由其他同事处理。",                                    \
      "Nobody reviews his own application: leave it to a colleague.")                              \
    X(13, SAME_PERSON, "same_person", "初审和复核不能是同一人。",                                  \
      "The second look must be another person's.")                                                 \
    X(14, NEEDS_NOTE, "needs_note", "请先联系申请人并填写联系记录。",                              \
      "Call the applicant first, and write down what was said.")                                   \
    X(15, NEEDS_FIRST, "needs_first", "还没有初审意见。", "Nobody has had a first look yet.")      \
    X(16, REASON, "reason", "请选择原因。", "Choose a reason.")                                    \
    X(17, CODE, "code", "验证码不正确，请核对短信后再试。",                                        \
      "That is not the code: compare it with the SMS and try again.")                              \
    X(18, CODE_ENDED, "code_ended", "验证码已失效，请重新获取。",                                  \
      "The code has ended: ask for another one.")                                                  \
    X(19, TOO_OFTEN, "too_often", "获取验证码过于频繁，请稍后再试。",                              \
      "Too many codes were asked for: try again later.")                                           \
    X(20, APPEALED, "appealed", "已经申诉过一次；可以重新申请。",                                  \
      "It was appealed once already; you can apply again.")                                        \
    X(21, LATE, "late", "已超过期限；可以重新申请。",                                              \
      "The time for it is over; you can apply"                                                     \
      " again.")                                                                                   \
    X(22, DOCUMENTS, "documents", "还有资料没有上传，请补充后提交。",                              \
      "Documents are still missing: add them, then send.")                                         \
    X(23, CHECKS, "checks", "核验未全部通过，请先核实并填写联系记录，或退回修改。",                \
      "Not every check was right: look into it and write a note, or send it back.")                \
    X(24, CHANGED, "changed", "协议内容已更新，请重新阅读后签署。",                                \
      "The agreement was changed meanwhile: read it again, then sign.")                            \
    X(25, NOT_PICTURE, "not_picture", "不是有效的JPG、PNG图片或PDF文件，请重新拍照或导出后上传。", \
      "This is no JPEG or PNG picture and no plain PDF: take or export it anew.")                  \
    X(26, TOO_SMALL, "too_small", "图片太小看不清，短边至少480像素，请用原图上传。",               \
      "The picture is too small to be read: 480 pixels at least, so send the original.")           \
    X(27, TOO_LARGE, "too_large", "文件超过5MB，请降低拍照分辨率后上传。",                         \
      "The file is larger than 5 MB: take it with a lower resolution.")                            \
    X(28, AWAY, "away", "系统繁忙，内容没有保存，请稍后再试。",                                    \
      "A part of the host does not answer; nothing was saved. Try again in a moment.")             \
    X(29, FORM, "form", "提交的表单不完整，请返回重新填写。",                                      \
      "The form did not arrive whole: go back and send it again.")                                 \
    X(30, SHOP_NAME, "shop_name", "店铺名称要写明地区和行业，7个字以上，请修改。",                 \
      "The shop's name has to say where it is and what it does, in 7 characters or more.")         \
    X(31, FIRST_STANDS, "first_stands", "已有同事提出初审意见，请由复核人同意或不同意。",          \
      "A colleague has had the first look: an approver agrees with it, or does not.")

enum application_verdict {
#define X(number, name, word, zh, en) APPLY_VERDICT_##name = number,
    APPLICATION_VERDICT_LIST(X)
#undef X
        APPLY_VERDICTS,
};

const char *application_verdict_word(enum application_verdict verdict);
const char *application_verdict_text(enum application_verdict verdict, bool english);

/* ---- reading: NOT_FOUND when there is none ---- */

MUST_USE err application_find(struct store *store, int64_t id, struct application *ret);
MUST_USE err application_find_number(struct store *store, struct bytes number,
                                     struct application *ret);
/* By the applicant's secret; FORMAT when it is none. */
MUST_USE err application_find_secret(struct store *store, struct bytes secret,
                                     struct application *ret);
/* The mark of its person in hexadecimal: the same for all of his applications, and worth nothing
 * without the hsm. Empty: erased, or no identity number yet. */
MUST_USE err application_person(struct store *store, int64_t id,
                                char ret_person[2 * TOKEN_HASH_BYTES + 1]);
/* Secrets are masked. Erased: all empty. */
MUST_USE err application_form(struct store *store, int64_t id, struct apply_form *ret_form);
/* Its shop's name; empty when it is not filled in. */
MUST_USE err application_shop(struct store *store, int64_t id, char out[static APPLY_TEXT_MAX + 1]);
/* The whole of a secret field into `out`, for a check; the caller wipes it. NOT_FOUND when it is
 * not filled in. */
MUST_USE err application_open_secret(const struct applications *a, int64_t id,
                                     enum apply_field field, char out[static APPLY_TEXT_MAX + 1]);

typedef err (*application_each_line)(void *context, const struct application_line *line);
MUST_USE err application_timeline(struct store *store, int64_t id, application_each_line each,
                                  void *context);

typedef err (*application_each)(void *context, const struct application *application);
/* In the order of their numbers. */
struct application_query {
    enum application_state state; /* 0: all */
    const char *agent;            /* "": of all */
    int64_t after;                /* an id; 0 at first */
    size_t most;
};
MUST_USE err application_list(struct store *store, const struct application_query *query,
                              application_each each, void *context);

/* What waits for somebody of the staff (SENT, CHECKING, REVIEW), the most urgent first. */
MUST_USE err application_queue(struct store *store, size_t most, application_each each,
                               void *context);

/* ---- writing, in the caller's transaction ---- */

struct application_actor application_actor_applicant(void);
struct application_actor application_actor_named(const char *text, unsigned who, int64_t staff);

/* `secret` is the applicant's: what was given away. */
MUST_USE err application_begin(const struct applications *a, struct store_tx *tx,
                               const struct application_actor *actor, bool english,
                               const char *agent, const struct token *secret,
                               struct application *ret_application);

/*
 * The event, with what follows from it: the row, the state, the times, the notice to the applicant.
 * NOT_NOW and NOT_YOU change nothing. Everything that changes an application ends here.
 */
MUST_USE err application_move(const struct applications *a, struct store_tx *tx,
                              struct application *application, enum application_event event,
                              const struct application_actor *actor,
                              const struct application_fact *fact,
                              enum application_verdict *ret_verdict);

/* What was typed into one field. */
struct apply_typed {
    enum apply_field field;
    struct bytes text;
};

/* What is to be saved, in its one spelling, with what the hsm has made for it. */
struct application_entry {
    uint32_t set; /* of 1 << enum apply_field */
    uint32_t bad; /* these were refused: nothing is saved */
    char text[APPLY_FIELDS][APPLY_TEXT_MAX + 1];
    uint8_t key[SMALL_SEAL_KEY_BYTES], mark[TOKEN_HASH_BYTES];
};
void application_entry_wipe(struct application_entry *entry); /* for CLEANUP */

/* Outside of any transaction: the hsm is asked when there are secrets. An empty secret is left as
 * it was; another field that is empty is cleared. Errors: REFUSED, TIMEOUT (the hsm is away). */
MUST_USE err application_enter(const struct applications *a, int64_t id,
                               const struct apply_typed *typed, size_t count,
                               struct application_entry *ret_entry);

/* All or nothing: FIELD when any is bad. The telephone is to be verified anew when it is another
 * one. */
MUST_USE err application_save(const struct applications *a, struct store_tx *tx,
                              struct application *application,
                              const struct application_actor *actor,
                              const struct application_entry *entry,
                              enum application_verdict *ret_verdict);

/*
 * Sends it: everything must be there, and the decision table is asked (send.c). OK also when it was
 * sent before: a form sent twice is one application. HELD, OFFERED, REFUSED: see its decision.
 */
MUST_USE err application_send(const struct applications *a, struct store_tx *tx,
                              struct application *application,
                              const struct application_actor *actor,
                              enum application_verdict *ret_verdict, uint32_t *ret_missing);

MUST_USE err application_appeal(const struct applications *a, struct store_tx *tx,
                                struct application *application,
                                const struct application_actor *actor, struct bytes note,
                                enum application_verdict *ret_verdict);

/* Another secret for the applicant; the one before ends. */
MUST_USE err application_set_secret(struct store_tx *tx, int64_t id, const struct token *secret);

/* Is this person's identity (a mark of application_mark) on the list of those who are refused? */
MUST_USE err application_list_person(struct store_tx *tx, const uint8_t mark[TOKEN_HASH_BYTES],
                                     bool listed, int64_t now_ms);

/* Tells one person's identity from another's: worth nothing without the hsm. */
MUST_USE err application_mark(const struct applications *a, const char *identity,
                              uint8_t ret_mark[TOKEN_HASH_BYTES]);

/* Ends drafts, corrections and agreements whose time is over, and erases files. */
MUST_USE err application_sweep(const struct applications *a);
