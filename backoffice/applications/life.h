/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * life: what can become of an application for a terminal, as one table: state x event -> state, and
 * who may (S133, S136, S141). Nothing else decides it. From AGREED on the stock moves it.
 *
 *   DRAFT --send--> SENT --check--> CHECKING --checked--> REVIEW --approve--> APPROVED --sign-->
 *   AGREED --assign--> ASSIGNED --ship--> SHIPPED --deliver--> DELIVERED --activate--> ACTIVE
 *
 * A terminal that is switched on has arrived, whatever the courier has said: SHIPPED --activate-->.
 * Beside that way: MEND (the applicant corrects what a person or a rule has found), REJECTED (with
 * an appeal that two people look at), WITHDRAWN and EXPIRED.
 */

#include "lib/base/bytes.h"
#include "lib/base/err.h"

/* number (stored), name, word, Chinese and English as the applicant reads them, and what is next */
#define APPLICATION_STATE_LIST(X)                                                                \
    X(1, DRAFT, "draft", "草稿", "Draft", "填好后提交，30天内有效。",                            \
      "Fill it in and send it within 30 days.")                                                  \
    X(2, SENT, "sent", "已提交", "Sent", "等待核验，无需操作。",                                 \
      "We will check it; nothing to do.")                                                        \
    X(3, CHECKING, "checking", "核验中", "Being checked", "正在核验身份和账户。",                \
      "Identity and account are being checked.")                                                 \
    X(4, REVIEW, "review", "审核中", "In review", "工作人员可能致电您核实。",                    \
      "Somebody may call you.")                                                                  \
    X(5, MEND, "mend", "待修改", "To be corrected", "请按提示修改后重新提交。",                  \
      "Correct what is named and send it again.")                                                \
    X(6, APPROVED, "approved", "已通过", "Approved", "请在30天内阅读并签署协议。",               \
      "Read and sign the agreement within 30 days.")                                             \
    X(7, REJECTED, "rejected", "未通过", "Rejected", "如有异议，请在30天内申诉。",               \
      "Appeal within 30 days if that is wrong.")                                                 \
    X(8, AGREED, "agreed", "已签约", "Agreed", "正在为您准备终端。",                             \
      "Your terminal is being prepared.")                                                        \
    X(9, WITHDRAWN, "withdrawn", "已撤回", "Withdrawn", "可以随时重新申请。",                    \
      "You can apply again at any time.")                                                        \
    X(10, EXPIRED, "expired", "已失效", "Expired", "可以随时重新申请。",                         \
      "You can apply again at any time.")                                                        \
    X(11, ASSIGNED, "assigned", "已配机", "Terminal assigned", "终端即将寄出。",                 \
      "It will be sent shortly.")                                                                \
    X(12, SHIPPED, "shipped", "已寄出", "On its way", "请留意快递电话。", "Expect the courier.") \
    X(13, DELIVERED, "delivered", "已送达", "Delivered", "请开机并按提示激活。",                 \
      "Switch it on and follow the screen.")                                                     \
    X(14, ACTIVE, "active", "已启用", "At work", "可以收款了。", "You can take payments.")

enum application_state {
    APPLICATION_NONE = 0,
#define X(number, name, word, zh, en, next_zh, next_en) APPLICATION_##name = number,
    APPLICATION_STATE_LIST(X)
#undef X
        APPLICATION_STATES,
};

/* Who may, as a set. */
enum application_who {
    WHO_APPLICANT = 1 << 0, /* by the secret of the draft; or who enters it for one */
    WHO_RULE = 1 << 1,      /* the decision table, when something is sent */
    WHO_CLOCK = 1 << 2,
    WHO_CHECK = 1 << 3,  /* what answers for the checks */
    WHO_STAFF = 1 << 4,  /* agent or approver */
    WHO_SECOND = 1 << 5, /* an approver */
    WHO_STOCK = 1 << 6,
};

/* number (stored), name, word, who, whether the applicant is told by SMS, Chinese and English as
 * they stand in the timeline */
#define APPLICATION_EVENT_LIST(X)                                                                  \
    X(1, BEGIN, "begin", WHO_APPLICANT, false, "开始申请", "Application begun")                    \
    X(2, SAVE, "save", WHO_APPLICANT, false, "保存内容", "Saved")                                  \
    X(3, SEND, "send", WHO_APPLICANT, true, "提交申请", "Sent")                                    \
    X(4, HOLD, "hold", WHO_RULE, false, "提交时发现需补正的内容",                                  \
      "Not sent: something is to be"                                                               \
      " corrected first")                                                                          \
    X(5, OFFER, "offer", WHO_RULE, false, "提供其他方案", "Another offer was made")                \
    X(6, REFUSE, "refuse", WHO_RULE, true, "不符合规则", "Refused by a rule")                      \
    X(7, CHECK, "check", WHO_CHECK, false, "开始核验", "Checks begun")                             \
    X(8, CHECKED, "checked", WHO_CHECK, false, "核验完成", "Checks ended")                         \
    X(9, RECHECK, "recheck", WHO_STAFF, false, "重新核验", "Checked again")                        \
    X(10, NOTE, "note", WHO_STAFF, false, "联系记录", "Note of a call")                            \
    X(11, PROPOSE_APPROVE, "propose_approve", WHO_STAFF, false, "初审同意", "First look: approve") \
    X(12, PROPOSE_REJECT, "propose_reject", WHO_STAFF, false, "初审拒绝", "First look: reject")    \
    X(13, DISAGREE, "disagree", WHO_SECOND, false, "复核不同意初审", "Second look disagrees")      \
    X(14, APPROVE, "approve", WHO_SECOND, true, "审核通过", "Approved")                            \
    X(15, REJECT, "reject", WHO_SECOND, true, "审核未通过", "Rejected")                            \
    X(16, SEND_BACK, "send_back", WHO_STAFF, true, "退回修改", "Sent back to be corrected")        \
    X(17, APPEAL, "appeal", WHO_APPLICANT, true, "申诉", "Appeal")                                 \
    X(18, SIGN, "sign", WHO_APPLICANT, true, "签署协议", "Agreement signed")                       \
    X(19, WITHDRAW, "withdraw", WHO_APPLICANT, true, "撤回申请", "Withdrawn")                      \
    X(20, EXPIRE, "expire", WHO_CLOCK, true, "逾期失效", "Expired")                                \
    X(21, ASSIGN, "assign", WHO_STOCK, false, "分配终端", "Terminal assigned")                     \
    X(22, SHIP, "ship", WHO_STOCK, true, "终端寄出", "Sent by courier")                            \
    X(23, DELIVER, "deliver", WHO_STOCK, true, "终端送达", "Delivered")                            \
    X(24, ACTIVATE, "activate", WHO_STOCK, true, "终端启用", "Terminal at work")                   \
    X(25, RELEASE, "release", WHO_STOCK, false, "取消配机", "Terminal taken back")                 \
    X(26, ERASE, "erase", WHO_CLOCK, false, "资料已按规定删除", "Files erased as the law says")    \
    X(27, PHONE, "phone", WHO_APPLICANT, false, "手机号已验证", "Telephone verified")              \
    X(28, DOCUMENT, "document", WHO_APPLICANT, false, "上传资料", "Document added")

enum application_event {
#define X(number, name, word, who, told, zh, en) LIFE_##name = number,
    APPLICATION_EVENT_LIST(X)
#undef X
        LIFE_EVENTS,
};

/* The state after `event`; 0 when it cannot happen. State 0: there is none yet. */
enum application_state application_next(enum application_state state, enum application_event event);

/* How an applicant may end by this event, and everybody else. */
bool application_may(enum application_event event, unsigned who);
bool application_is_told(enum application_event event);

/* Not a draft, and not ended. */
bool application_is_live(enum application_state state);
bool application_is_ended(enum application_state state); /* WITHDRAWN, EXPIRED, REJECTED */

const char *application_state_word(enum application_state state);
const char *application_state_text(enum application_state state, bool english);
const char *application_state_next(enum application_state state, bool english);
/* 0 when there is no such word. */
enum application_state application_state_of(struct bytes word);
const char *application_event_word(enum application_event event);
const char *application_event_text(enum application_event event, bool english);

/* Why it was sent back, rejected, or called: number (stored), name, word, whether an applicant can
 * mend it, Chinese and English: what is wrong and what to do */
#define APPLICATION_REASON_LIST(X)                                                             \
    X(1, PHOTO, "photo", true, "照片不清晰，请在光线充足处重新拍摄并上传。",                   \
      "A photo cannot be read: take it again in good light.")                                  \
    X(2, IDENTITY, "identity", true, "姓名与身份证号不一致，请核对后重新填写。",               \
      "Name and identity number do not belong together: check both.")                          \
    X(3, ACCOUNT, "account", true, "结算账户与户名不一致，请填写本人或本单位的账户。",         \
      "The account is not in this name: give one of your own or of your business.")            \
    X(4, LICENCE, "licence", true, "营业执照与填写内容不一致或已到期，请更新。",               \
      "The licence differs from what was filled in, or has ended: send the one that holds.")   \
    X(5, SHOP, "shop", true, "店铺照片与经营内容不符，请上传门头、店内和收银台照片。",         \
      "The photos do not show this shop: send its front, inside and counter.")                 \
    X(6, ADDRESS, "address", true, "地址不完整，请填写到门牌号。",                             \
      "The address is not complete: give it down to the house number.")                        \
    X(7, PHONE, "phone", true, "多次联系不上您，请确认手机号后重新提交。",                     \
      "We could not reach you: check the telephone number and send again.")                    \
    X(8, TRADE, "trade", false, "该行业暂不能受理；如有异议，请在30天内申诉。",                \
      "This trade is not accepted; appeal within 30 days if that is wrong.")                   \
    X(9, RISK, "risk", false, "未通过风险审核；如有异议，请在30天内申诉并附上证明材料。",      \
      "Rejected for risk; appeal within 30 days with what proves the contrary.")               \
    X(10, UNTRUE, "untrue", false, "资料与事实不符；如有异议，请在30天内申诉并附上证明材料。", \
      "What was sent is not true; appeal within 30 days with what proves the contrary.")       \
    X(11, RULE, "rule", false, "不符合申请规则；如有异议，请在30天内申诉。",                   \
      "A rule does not allow it; appeal within 30 days if that is wrong.")

enum application_reason {
    REASON_NONE = 0,
#define X(number, name, word, mends, zh, en) REASON_##name = number,
    APPLICATION_REASON_LIST(X)
#undef X
        APPLICATION_REASONS,
};

const char *application_reason_word(enum application_reason reason);
const char *application_reason_text(enum application_reason reason, bool english);
bool application_reason_mends(enum application_reason reason);
/* REASON_NONE when there is no such word. */
enum application_reason application_reason_of(struct bytes word);
