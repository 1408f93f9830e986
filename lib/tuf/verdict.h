/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * verdict: what The Update Framework's client says about metadata, a target, or a whole update. A
 * decision, not an err: everything but ACCEPTED and UNCHANGED refuses, and names its reason.
 */

#include "lib/base/err.h"

#define TUF_VERDICTS(X)                                                                         \
    X(ACCEPTED, "accepted", "已接受")                                                           \
    X(UNCHANGED, "the same version is trusted already", "该版本已受信任")                       \
    X(MALFORMED, "is not well-formed metadata", "元数据格式不正确")                             \
    X(WRONG_TYPE, "is metadata of another role", "元数据属于其他角色")                          \
    X(SPECIFICATION, "is of another version of the specification", "规范版本不受支持")          \
    X(TOO_LONG, "is longer than it may be", "超过允许的长度")                                   \
    X(UNSIGNED, "is signed by fewer keys than it must be", "有效签名数不足")                    \
    X(EXPIRED, "has expired", "已过期")                                                         \
    X(OLDER, "is older than what is trusted already", "比已信任的版本旧")                       \
    X(NOT_ANNOUNCED, "is not the version that was announced", "不是所公布的版本")               \
    X(UNKNOWN_ROLE, "is in no list of the snapshot", "快照中没有该角色")                        \
    X(HASH, "does not have the announced hash or length", "哈希或长度与公布的不符")             \
    X(NO_HASH, "is announced with no hash that is known here", "没有可识别的哈希算法")          \
    X(NO_TARGET, "is in the list of no role that may name it", "没有角色可提供该文件")          \
    X(NAME, "has a name that is refused", "名称不可接受")                                       \
    X(MISSING, "is not at the repository", "仓库中不存在")                                      \
    X(UNREACHABLE, "could not be fetched", "无法获取")                                          \
    X(TOO_MANY, "would need more steps than one update may take", "步骤过多")                   \
    X(NO_ROOT, "there is no trusted root: begin with init", "没有受信任的根元数据，请先初始化") \
    X(STORE, "could not be kept on this device", "无法保存到本设备")                            \
    X(RESOURCES, "needs memory that is not there", "内存不足")

enum tuf_verdict {
#define X(name, english, chinese) TUF_##name,
    TUF_VERDICTS(X)
#undef X
        TUF_VERDICT_COUNT
};

/* A clause without a subject and a full stop. Never NULL. */
const char *tuf_verdict_text(enum tuf_verdict verdict, bool chinese);

/* "EXPIRED". Never NULL. */
const char *tuf_verdict_name(enum tuf_verdict verdict);

/* Goes on when accepted. */
#define TUF_TRY(call)                          \
    do {                                       \
        enum tuf_verdict try_ = (call);        \
        if (try_ != TUF_ACCEPTED) return try_; \
    } while (0)
