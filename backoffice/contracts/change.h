/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * change: what of a contract that is in force becomes something else (S142, S135): the merchant's
 * name, the owner's contact, the address of its terminals, and the fees. The payout account has its
 * own road (desk/payout_change.h).
 *
 * Somebody asks, with a reason; somebody else decides, and then it holds. Of name, contact and
 * address the owner or the staff for him ask, and another member of the staff decides, who says
 * which papers he has looked at. Of fees the staff offers, and the owner signs: a fee that he has
 * not signed is not charged (ledger/fee.h), so nobody may sign for him.
 *
 *   WAITS     may be taken back, refused or decided; one of each kind at a time
 *   TAKEN     holds as a new version of the registry's record, and of the binding's
 *   REFUSED, WITHDRAWN, EXPIRED   stays on record
 *
 * A telephone that is asked for is shown masked: codes will go to it, and the old owner of it is
 * told. Nothing is begun for a contract that ends.
 */

#include "backoffice/contracts/contract.h"
#include "backoffice/uploads/papers.h"
#include "registry/contact.h"

enum change_kind { /* stored */
                   CHANGE_NAME = 1,
                   CHANGE_CONTACT = 2,
                   CHANGE_ADDRESS = 3,
                   CHANGE_FEES = 4,
                   CHANGE_KINDS = 5,
};

enum change_state { /* stored */
                    CHANGE_WAITS = 1,
                    CHANGE_TAKEN = 2,
                    CHANGE_REFUSED = 3,
                    CHANGE_WITHDRAWN = 4,
                    CHANGE_EXPIRED = 5,
                    CHANGE_STATES = 6,
};

enum {
    CHANGE_TEXT_MAX = 120,     /* bytes of one value */
    CHANGE_LASTS_DAYS = 30,    /* what nobody has decided */
    CHANGE_PAPERS_BYTES = 480, /* which papers were looked at; of FEES the rules that were signed */
    CHANGE_RULES_MAX = 48,     /* "201,202,203,204" */
};

/* What cannot be, with the code of the interface and what to do. */
#define CHANGE_VERDICT_LIST(X)                                                                  \
    X(OK, "ok", "", "")                                                                         \
    X(PENDING, "pending", "同类申请正在等待处理，请先撤回它。",                                 \
      "A request of this kind waits already: take it back first.")                              \
    X(NONE, "no_request", "没有这个申请，或它已结束。",                                         \
      "There is no such request, or it is over.")                                               \
    X(SAME_PERSON, "same_person", "提出的人不能决定，请另一位处理。",                           \
      "Who asked for it does not decide about it: somebody else has to.")                       \
    X(NOT_YOURS, "not_yours", "费率只能由店主签署；其他变更由工作人员决定。",                   \
      "Fees are signed by the owner; everything else is decided by our staff.")                 \
    X(ENDING, "ending", "合同正在终止，不再变更。",                                             \
      "The contract ends: nothing is changed any more.")                                        \
    X(NO_PAPERS, "no_papers", "请写明核对了哪些资料。", "Say which papers you have looked at.") \
    X(PAPERS_LACK, "papers_lack", "缺少必需的资料，上传齐全后才能批准。",                       \
      "Papers that it needs are not there: it can be agreed to when they have been sent.")      \
    X(BAD_VALUE, "bad_value", "内容不符合要求，请按说明填写。",                                 \
      "A value has not its form: see what each has to look like.")                              \
    X(CHANGED, "changed", "费率内容已更新，请重新阅读后再签署。",                               \
      "The fees have changed meanwhile: read them again, then sign.")                           \
    X(SAME, "same", "与现有登记一致，无需变更。", "It is so already.")

enum change_verdict {
#define X(name, word, zh, en) CHANGE_VERDICT_##name,
    CHANGE_VERDICT_LIST(X)
#undef X
        CHANGE_VERDICTS
};

/* Texts are NUL-terminated; what a kind has not stays empty. */
struct change_values {
    char name_zh[CHANGE_TEXT_MAX + 1], name_en[CHANGE_TEXT_MAX + 1]; /* NAME; zh of CONTACT */
    char pinyin[CHANGE_TEXT_MAX + 1], phone[CONTACT_PHONE_MAX], mail[CONTACT_MAIL_MAX + 1];
    char address[CHANGE_TEXT_MAX + 1];
    uint32_t plan; /* FEES */
};

struct change {
    int64_t id;
    char mid[16];
    enum change_kind kind;
    enum change_state state;
    struct change_values values;
    char reason[CONTRACT_REASON_BYTES + 1], papers[CHANGE_PAPERS_BYTES + 1];
    char asked_by[CONTRACT_ACTOR_MAX + 1], decided_by[CONTRACT_ACTOR_MAX + 1];
    bool by_staff; /* who asked */
    int64_t asked_ms, decided_ms;
};

extern const struct store_schema changes_schema;

const char *change_kind_word(enum change_kind kind);
enum change_kind change_kind_of(struct bytes word); /* 0: none */
const char *change_state_word(enum change_state state);
const char *change_verdict_word(enum change_verdict verdict);
const char *change_verdict_text(enum change_verdict verdict, bool english);

/* NOT_FOUND when there is none. */
MUST_USE err change_find(struct store *store, int64_t id, struct change *ret);
/* Of a merchant, or of all when `mid` is ""; the newest first; `before` 0: from the last. */
typedef err (*change_each)(void *context, const struct change *change);
MUST_USE err change_list(struct store *store, const char *mid, bool waiting, int64_t before,
                         size_t limit, change_each each, void *context);

/* Who does it. */
struct change_actor {
    const struct registry_actor *actor;
    bool staff;
};

/* Which papers are taken for it, and which it cannot be agreed to without, in a house that takes
 * uploads. */
struct paper_wants change_papers(enum change_kind kind);

/* ---- steps: in the caller's transaction; with audit record and event ---- */

/* `change`: mid, kind, values and reason are said; *ret_id of the new one. */
MUST_USE err change_ask(struct backoffice *backoffice, struct store_tx *tx,
                        const struct change_actor *by, const struct change *change, int64_t *ret_id,
                        enum change_verdict *ret_verdict);
MUST_USE err change_withdraw(struct store_tx *tx, const struct change_actor *by, int64_t id,
                             enum change_verdict *ret_verdict);

/* May `by` decide about it so? */
MUST_USE err change_may_decide(struct backoffice *backoffice, const struct change_actor *by,
                               const struct change *change, bool agrees, const char *papers,
                               enum change_verdict *ret_verdict);
/* What was agreed is in the registry already (change_apply_registry). */
MUST_USE err change_decide(struct backoffice *backoffice, struct store_tx *tx,
                           const struct change_actor *by, struct change *change, bool agrees,
                           const char *papers);

/* May be done again. Errors: BUSY (another program writes the registry), FORMAT and the like for a
 * value that the registry does not take, the store's. */
MUST_USE err change_apply_registry(struct backoffice *backoffice,
                                   const struct registry_actor *actor, const struct change *change);

/* In the transaction of the decision: an address is bound anew at every terminal. REFUSED: the hsm
 * is away. */
MUST_USE err change_apply_bindings(struct backoffice *backoffice, struct store_tx *tx,
                                   const struct change *change, int64_t now_ms);

/* Has each value its form, and is it another one? */
MUST_USE err change_judge(struct backoffice *backoffice, const struct change *change,
                          enum change_verdict *ret_verdict);

/* The rules that a plan has at this moment, one of each class: what is signed is what was read. */
void change_rules(uint32_t plan, int64_t at_ms, char ret_rules[CHANGE_RULES_MAX]);

/* Ends what nobody has decided. */
MUST_USE err change_sweep(struct store *store, int64_t now_ms);
