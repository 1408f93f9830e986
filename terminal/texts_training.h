/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of training. A part of the table in texts.h, which says how they are written. */

/* clang-format off */
#define TEXT_LIST_TRAINING(X) \
    X(ENTRY_TRAINING, CHOICE, "演示练习", "Training") \
    X(TRAINING_MARK, LINE, "演示 TRAINING：不收款 NO MONEY", "TRAINING 演示: NO MONEY 不收款") \
    X(APPROVE_TRAINING, LINE, "进入演示练习，期间不能收款", "Begin training; no money is taken meanwhile") \
    X(TRAINING_TITLE, TITLE, "演示练习", "Training") \
    X(TRAINING_ABOUT, LINE, "和真的收款一样操作，不发送，不记账。角分决定结果：", "It works as a real sale; nothing is sent or booked. The fen decide how it ends:") \
    X(TRAINING_FEN_00, LINE, "1.00\t成功", "1.00\tapproved") \
    X(TRAINING_FEN_51, LINE, "1.51\t余额不足", "1.51\ttoo little money") \
    X(TRAINING_FEN_55, LINE, "1.55\t密码错", "1.55\twrong PIN") \
    X(TRAINING_FEN_98, LINE, "1.98\t没有结果，冲正", "1.98\tno answer, reversed") \
    X(TRAINING_FEN, LINE, "其他角分是同号的应答码", "Other fen are response codes") \
    X(TRAINING_SALE, CHOICE, "练习收款", "Practise a sale") \
    X(TRAINING_OTHERS, CHOICE, "练习其他业务", "Practise the rest") \
    X(TRAINING_NUMBER_HINT, LINE, "请输入演示凭条上的凭证号", "Enter the voucher number of a training slip") \
    X(TRAINING_SETTLED, LINE, "演示结算完成，凭条已打印", "Settled in training: the slip is printed") \
    X(TRAINING_NO_PLAN, LINE, "这个金额没有分期方案，请改金额，例如 1200", "There is no plan for that amount: take another, such as 1200") \
    X(TRAINING_AGAIN, CHOICE, "再练一笔", "Practise another") \
    X(TRAINING_LEAVE, CHOICE, "结束演示", "End the training") \
    X(TRAINING_PRESENT, TITLE, "顾客怎么付", "How is it paid?") \
    X(TRAINING_PRESENT_HINT, LINE, "不读真卡。请选一种。", "No real card is read. Choose one.") \
    X(TRAINING_TAP, CHOICE, "挥卡", "Tap") \
    X(TRAINING_CHIP, CHOICE, "插卡，已输密码", "Chip, with PIN") \
    X(TRAINING_SWIPE, CHOICE, "刷卡", "Swipe") \
    X(TRAINING_CODE, CHOICE, "付款码", "Payment code") \
    X(TRAINING_WAIT, LINE, "演示：假装在等主机", "Training: as if waiting for the host") \
    X(TRAINING_PAID, TITLE, "演示：成功", "Training: approved") \
    X(TRAINING_NOT_PAID, TITLE, "演示：没有收款", "Training: not paid") \
    X(TRAINING_APPROVED, LINE, "演示成功，没有真的收款", "Approved in training: no money was taken") \
    X(HELP_TRAINING, HELP, "演示练习要主管同意。什么都不发给主机，不记账，凭条上有演示字样。重启、退出登录或五分钟不动就结束。", "Training needs a supervisor's yes. Nothing is sent or booked, slips are marked. A restart, a log-out or five minutes without a touch end it.")
/* clang-format on */
