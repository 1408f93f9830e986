/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fleet_troubles: what is wrong with a device, in words for whoever owns it (S112): what it is, and
 * what to do. From what the device has told and from when it was last heard of, and nothing else.
 */

#include "backoffice/devices/fleet.h"

/* code, grave: it takes no payment, or may lose some; Chinese; English. The gravest first. */
/* clang-format off */
#define FLEET_TROUBLE_LIST(X) \
    X(CLOSED, "closed", true, "已销户，不能收款。", "It is closed and takes no payment.") \
    X(SUSPENDED, "suspended", true, "已停用，不能收款：请致电客服。", "It is suspended and takes no payment: call customer service.") \
    X(LOST, "lost", true, "已标记为丢失：找到后请解锁。", "It is marked as lost: unlock it when it is found.") \
    X(LOCKED, "locked", true, "已锁定，不能收款：请解锁。", "It is locked and takes no payment: unlock it.") \
    X(OFFLINE, "offline", true, "超过 15 分钟没有联系：请检查电源和网络。", "Not heard of for more than 15 minutes: look after its power and its network.") \
    X(UNSENT, "unsent", true, "有交易尚未上送：请保持开机并连上网络。", "Some payments have not reached the host: keep it on and connected.") \
    X(SIGNED_OUT, "signed_out", true, "没有签到，不能收款：请在终端上签到。", "It is not signed in and takes no payment: sign in at the terminal.") \
    X(PAPER_OUT, "paper_out", true, "没有打印纸：请装纸。", "It is out of paper: put a roll in.") \
    X(PRINTER, "printer", true, "打印机故障：请打开纸舱盖检查，仍不行请报修。", "The printer is broken: look under its lid, or have it repaired.") \
    X(BATTERY, "battery", true, "电量低于 20%：请充电。", "The battery is below 20 %: charge it.") \
    X(PAPER_LOW, "paper_low", false, "打印纸快用完：请准备一卷。", "The paper is nearly at its end: have a roll at hand.") \
    X(UNUSED, "unused", false, "还没有连接过：请开机并按说明激活。", "It was never connected: switch it on and follow its first steps.")
/* clang-format on */

enum fleet_trouble {
#define X(name, code, grave, zh, en) FLEET_TROUBLE_##name,
    FLEET_TROUBLE_LIST(X)
#undef X
        FLEET_TROUBLES
};

struct fleet_trouble_words {
    const char *code;
    bool grave;
    const char *zh, *en;
};
extern const struct fleet_trouble_words fleet_trouble_words[FLEET_TROUBLES];

/* Which of them it has, the gravest first; returns how many. Pure. */
size_t fleet_troubles(const struct fleet_device *device, int64_t now_ms,
                      enum fleet_trouble out[FLEET_TROUBLES]);
