/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * event_kinds: what can have happened. A row: its kind (noun, full stop, what became of it: at
 * most EVENT_KIND_MAX characters of a-z, full stop and low line), who may hear of it, and one
 * clause in Chinese and in English that is true of every such event.
 *
 *   MERCHANT  the merchant whose it is, and the acquirer
 *   ACQUIRER  the acquirer alone, even when it is about a merchant
 *
 * Kinds are kept with their events and in what others subscribe to: a row is added above the last
 * line, and neither changed nor taken away.
 */
/* clang-format off */
#define EVENT_KIND_LIST(X) \
    X("key.made", MERCHANT, "新建了接口密钥", "a key for programs was made") \
    X("key.revoked", MERCHANT, "接口密钥已作废", "a key for programs was taken back") \
    X("device.tampered", ACQUIRER, "终端被拆动，密钥已销毁", "a terminal was tampered with, its keys are gone") \
    X("device.moved", MERCHANT, "终端离开登记地点", "a terminal is away from its registered place") \
    X("device.travelled", ACQUIRER, "终端在过短时间内出现在两地", "a terminal was in two places in too short a time") \
    X("device.idle", MERCHANT, "终端三个月没有交易", "a terminal had no payment for three months") \
    X("device.stopped", MERCHANT, "终端已停用", "a terminal was stopped") \
    X("device.take_back", ACQUIRER, "终端十二个月没有交易，须收回", "a terminal had no payment for twelve months: take it back") \
    X("device.rescued", MERCHANT, "终端证书已更新", "the certificate of a terminal was renewed") \
    X("expiry.near", MERCHANT, "有证件、证书或协议将到期", "a document, certificate or agreement ends soon") \
    X("expiry.over", MERCHANT, "有证件、证书或协议已到期", "a document, certificate or agreement has ended") \
    X("host.down", ACQUIRER, "收单系统或网络中断", "the acquirer or a network is down") \
    X("application.changed", MERCHANT, "终端申请有新进展", "an application for a terminal has got further") \
    X("update.begun", ACQUIRER, "开始推送软件版本", "a roll-out of software has begun") \
    X("update.widened", ACQUIRER, "软件推送进入下一阶段", "a roll-out of software goes to its next stage") \
    X("update.stopped", ACQUIRER, "软件推送已停止", "a roll-out of software has stopped") \
    X("update.resumed", ACQUIRER, "软件推送已恢复", "a roll-out of software goes on") \
    X("update.aborted", ACQUIRER, "软件推送已终止", "a roll-out of software was ended") \
    X("update.failed", ACQUIRER, "终端升级失败，已退回原版本", "a terminal went back to the software that it had") \
    X("stock.shipped", MERCHANT, "终端已寄出", "a terminal is on its way") \
    X("stock.delivered", MERCHANT, "终端已送达", "a terminal has arrived") \
    X("stock.returned", MERCHANT, "终端已退回", "a terminal has come back") \
    X("device.activated", MERCHANT, "终端已激活", "a terminal was activated") \
    X("serial.cloned", ACQUIRER, "序列号被另一密钥冒用，已拒绝", "a serial number came with another key and was refused") \
    X("serial.again", ACQUIRER, "已激活的序列号再次激活，已拒绝", "an active serial number was to be activated again and was refused") \
    X("device.duress", ACQUIRER, "终端胁迫报警", "a duress password was used at a terminal") \
    X("device.rollback", ACQUIRER, "终端数据被回退", "old data was put back into a terminal") \
    X("webhook.failing", MERCHANT, "事件推送失败，正在重试", "events do not arrive at an endpoint, they are tried again") \
    X("webhook.paused", MERCHANT, "事件推送已暂停", "an endpoint is not sent events any more") \
    X("stock.quiet", ACQUIRER, "包裹三天没有动静", "a parcel has not moved for three days") \
    X("stock.lost", ACQUIRER, "包裹已丢失", "a parcel is lost") \
    X("stock.refused", ACQUIRER, "快递公司拒收寄件订单", "the courier does not take an order") \
    X("device.replaced", MERCHANT, "终端已由另一台设备接替", "a terminal was replaced by another device") \
    X("backup.kept", MERCHANT, "终端备份已保存", "a backup of a terminal was kept") \
    X("backup.failed", MERCHANT, "终端备份失败", "a backup of a terminal has failed") \
    X("backup.stale", MERCHANT, "终端备份已超过两周", "the last backup of a terminal is older than two weeks") \
    X("backup.removed", MERCHANT, "终端备份已删除", "a backup of a terminal was removed") \
    X("backup.read", MERCHANT, "终端备份已下载", "a backup of a terminal was downloaded") \
    X("contract.asked", MERCHANT, "已申请终止合同", "the end of a contract was asked for") \
    X("contract.ending", MERCHANT, "解约已批准，正在办理", "the end of a contract was agreed to") \
    X("contract.kept", MERCHANT, "合同继续有效", "a contract stays in force") \
    X("contract.change_asked", MERCHANT, "已申请变更登记信息或费率", "a change of a contract was asked for") \
    X("contract.changed", MERCHANT, "变更已生效", "a change of a contract holds") \
    X("contract.change_refused", MERCHANT, "变更未生效", "a change of a contract came to nothing") \
    X("contract.erased", MERCHANT, "保存期满，合同资料已删除", "the years of a contract's files are over: they are erased") \
    X("contract.ended", MERCHANT, "合同已终止", "a contract has ended") \
    X("device.renewed", MERCHANT, "终端证书已到期前更新", "the certificate of a terminal was renewed before its end") \
    X("restore.asked", MERCHANT, "新设备请求打开终端备份", "a device asks that the backup of a terminal is opened for it") \
    X("restore.granted", MERCHANT, "终端备份已获准由新设备恢复", "a device was given the key to the backup of a terminal") \
    X("restore.refused", MERCHANT, "打开终端备份的请求未获准", "a device was not given the key to the backup of a terminal") \
    X("restore.done", MERCHANT, "终端已由客服协助从备份恢复", "a terminal was restored with the help of the desk") \
    X("alerts.rule_set", MERCHANT, "已更改一项告警的通知方式", "how people are told of an alert was changed") \
    X("alerts.people_set", MERCHANT, "已更改接收告警的人员", "who is told of alerts was changed") \
    X("device.outdated", ACQUIRER, "终端软件过旧", "the software of a terminal is older than what its model has got") \
    X("serial.bound", ACQUIRER, "已报失、抹除或收回的终端要求激活，已拒绝", "a terminal that is lost, wiped or taken back was to be activated and was refused") \
    X("goods.changed", MERCHANT, "价目表已更改", "a price list was changed") \
    X("restore.gap", MERCHANT, "终端已从备份恢复，现金和未上送的脱机交易可能缺失", "a terminal was restored: cash and untold offline sales may be missing") \
    /* above this line */
/* clang-format on */
