/* SPDX-License-Identifier: Apache-2.0 */
/* The table of alert_rules.h. Names stand in the store: a row is changed, never renamed. */
#include "backoffice/alerts/alert_rules.h"

#define BOTH (ALERT_BY_SMS | ALERT_BY_MAIL)
#define MAIL ALERT_BY_MAIL
#define OURS ALERT_OF_ACQUIRER
#define SHOP ALERT_OF_MERCHANT

/* clang-format off */
static const struct alert_rule rules[] = {
    /* name, severity, who, ways, minutes to the next person, texts */
    {"device.tampered", ALERT_URGENT, OURS, BOTH, 10,
     "终端被拆动，密钥已销毁", "a terminal was tampered with, its keys are gone"},
    {"device.duress", ALERT_URGENT, OURS, BOTH, 5,
     "胁迫报警", "duress alarm"},
    {"device.rollback", ALERT_URGENT, OURS, BOTH, 15,
     "终端数据被回退", "old data was put back into a terminal"},
    {"device.moved", ALERT_WARNING, SHOP, BOTH, 60,
     "终端离开登记地点", "a terminal is away from its registered place"},
    {"device.travelled", ALERT_URGENT, OURS, BOTH, 30,
     "终端位置变化快得不可能，可能被克隆", "a terminal was in two places in too short a time: perhaps two devices"},
    {"device.idle", ALERT_WARNING, SHOP, BOTH, 0,
     "终端三个月没有交易，请核实是否仍在使用", "a terminal had no payment for three months: please confirm that it is in use"},
    {"device.stopped", ALERT_WARNING, SHOP, BOTH, 0,
     "终端已停用", "a terminal was stopped"},
    {"device.take_back", ALERT_WARNING, OURS, MAIL, 0,
     "终端十二个月没有交易，须收回", "a terminal had no payment for twelve months: take it back"},
    {"serial.cloned", ALERT_URGENT, OURS, BOTH, 15,
     "同一序列号第二次出现", "a serial number came a second time"},
    {"serial.again", ALERT_URGENT, OURS, BOTH, 15,
     "已启用的终端再次申请激活", "a terminal that is active asked to be activated again"},
    {"serial.bound", ALERT_URGENT, OURS, BOTH, 15,
     "已报失、抹除或收回的终端申请激活，已拒绝", "a terminal that is lost, wiped or taken back asked to be activated"},
    {"device.rescued", ALERT_INFO, OURS, MAIL, 0,
     "终端证书过期后已通过救援通道更新", "a terminal renewed its dead certificate over the rescue channel"},
    {"update.failed", ALERT_WARNING, OURS, MAIL, 0,
     "终端没能启动新软件，已退回原版本", "a terminal could not start its new software and went back to the old one"},
    {"device.outdated", ALERT_WARNING, OURS, MAIL, 0,
     "终端软件过旧：推送已覆盖全部，它仍是旧版本", "a terminal still runs software that is older than what its model has got"},
    {"update.stopped", ALERT_URGENT, OURS, BOTH, 15,
     "软件推送已停止", "a roll-out of software has stopped"},
    {"webhook.failing", ALERT_WARNING, SHOP, MAIL, 0,
     "事件通知地址无法送达", "events do not reach a webhook address"},
    {"expiry.near", ALERT_INFO, SHOP, MAIL, 0,
     "有证件、证书或协议将到期", "a document, certificate or agreement ends soon"},
    {"expiry.over", ALERT_WARNING, SHOP, BOTH, 0,
     "有证件、证书或协议已到期", "a document, certificate or agreement has ended"},
    {"host.down", ALERT_URGENT, OURS, BOTH, 5,
     "收单系统或网络中断", "the acquirer or a network is down"},
    {"restore.asked", ALERT_WARNING, SHOP, BOTH, 0,
     "有设备请求打开终端备份；不是您就请联系客服", "a device asks for the key to a terminal's backup: call us if it was not you"},
    {"restore.granted", ALERT_URGENT, SHOP, BOTH, 30,
     "已准许新设备恢复备份；不是您就请联系客服", "a device may restore the backup of a terminal: call us if it was not you"},
    {"device.replaced", ALERT_WARNING, SHOP, BOTH, 0,
     "终端由另一台设备接替，旧终端已失效", "a terminal is replaced by another device: the old one is refused from now on"},
    {"backup.failed", ALERT_WARNING, SHOP, MAIL, 0,
     "终端备份失败，请检查备份设备或联系客服", "a backup of a terminal has failed: check its medium, or call customer service"},
    {"backup.stale", ALERT_WARNING, SHOP, BOTH, 0,
     "终端备份已超过两周，请连接网络或手动备份", "a terminal's last backup is over two weeks old: connect it, or make one by hand"},
    {"restore.gap", ALERT_WARNING, SHOP, BOTH, 0,
     "终端已从备份恢复，请核对其后的现金和脱机交易", "a terminal was restored: check cash and offline sales since its backup"},
};
/* clang-format on */

const struct alert_rule *alert_rule_at(size_t index)
{
    return index < ARRAY_LEN(rules) ? &rules[index] : NULL;
}

const struct alert_rule *alert_rule_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (bytes_equal(name, bytes_text(rules[i].name))) return &rules[i];
    return NULL;
}

const char *alert_urgent_why(bool english)
{
    return english
               ? "It is urgent: every hour counts, so somebody must always hear of it. You "
                 "choose the way, and who is next."
               : "这是紧急告警：早一小时知道，就少一分损失，必须有人收到。您可以选择通知方式和下"
                 "一位联系人。";
}

const char *alert_severity_text(enum alert_severity severity, bool english)
{
    static const char *const zh[ALERT_SEVERITIES] = {
        [ALERT_INFO] = "提示", [ALERT_WARNING] = "警告", [ALERT_URGENT] = "紧急"};
    return english ? alert_severity_word(severity) : zh[severity];
}

const char *alert_severity_word(enum alert_severity severity)
{
    static const char *const words[ALERT_SEVERITIES] = {
        [ALERT_INFO] = "info", [ALERT_WARNING] = "warning", [ALERT_URGENT] = "urgent"};
    ENSURE(severity >= ALERT_INFO && severity < ALERT_SEVERITIES);
    return words[severity];
}
