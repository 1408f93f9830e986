/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is looked up, printed again, set and closed, at the terminal of a running demo: the payments and
 * the search for one, slips printed again, the operator's report, what a card has left, readings and
 * closed shifts, settlement and its slip, signing in and out, locking, the settings, and what the
 * administrator sets and fetches. In Chinese with the mouse on a PC and in English by touch on a small
 * terminal. S7 S56 S73 S100 to S104 S107
 *
 *   node --test tests/browser/records.test.mjs
 */
import assert from 'node:assert/strict';
import { OWN, Till, atDemo } from './till.mjs';

const at = atDemo('records');
const PIN = '246810'; /* of the virtual card "good" */

class Clerk extends Till {
  async to(...choices) {
    for (const choice of choices) {
      await this.entry(choice);
    }
  }

  /* One by card, and one in cash right after it: the result leads there. */
  async sells() {
    await this.amount('128');
    await this.present('[data-card="good"]');
    await this.sees('sale.pin');
    await this.secret(PIN);
    await this.sees('sale.approved');
    const text = await this.printed();
    await this.to('next');
    await this.sees('sale.amount');
    await this.number('20');
    await this.sees('sale.present');
    await this.to('cash');
    await this.sees('cash.given');
    await this.ok();
    await this.slip();
    return {
      voucher: text.match(/凭证号 (\d{6})/)[1],
      date: text.match(/\d{4}\/(\d{2}\/\d{2})/)[1].replace('/', ''),
    };
  }

  async looksUp() {
    await this.to('records');
    await this.sees('records.menu');
    await this.to('query');
    await this.sees('query.list');
    await this.finds(/148\.00/);
    await this.touch('.view .row');
    await this.sees('query.detail');
    await this.finds(/20\.00/);
    await this.to('ereceipt');
    await this.sees('ereceipt.show');
    await this.ok();
    await this.sees('query.detail');
    await this.to('reprint');
    await this.reads(/已重打印/, /Printed again/);
    await this.cancel();
    await this.sees('query.list');
    await this.cancel();
  }

  /* The card's payment, each way; and what there is nothing of. */
  async searches({ voucher, date }) {
    await this.sees('records.menu');
    await this.to('search');
    for (const [way, typed] of [
      ['amount', '128'],
      ['card', '0017'],
      ['voucher', voucher],
      ['date', date],
    ]) {
      await this.sees('search.menu');
      await this.to(way);
      await this.sees('search.value');
      await this.number(typed);
      await this.sees('search.list');
      await this.finds(/128\.00/);
      await this.home('search.menu');
    }
    await this.to('amount');
    await this.sees('search.value');
    await this.number('77777');
    await this.sees('search.list');
    await this.reads(/没有/, /[Nn]o payment|[Nn]othing/);
    await this.home('records.menu');
  }

  async printsAgain({ voucher }) {
    await this.to('reprint_last');
    assert.match(await this.slip('reprint.done'), /重打印 DUPLICATE[^]*20\.00/);
    await this.sees('records.menu');
    await this.to('reprint_any');
    await this.sees('reprint.number');
    await this.number('999999');
    await this.reads(/999999/);
    await this.number(voucher);
    assert.match(await this.slip('reprint.done'), /重打印 DUPLICATE[^]*128\.00/);
    await this.sees('records.menu');
    await this.to('report');
    await this.sees('report.list');
    await this.to('id_01');
    await this.sees('report.operator');
    assert.match(await this.printed(), /148\.00/);
    await this.to('print');
    await this.reads(/已打印/, /[Pp]rinted/);
    await this.home('records.menu');
  }

  /* S101: shown, and forgotten with the screen. */
  async asksBalance() {
    await this.to('balance');
    await this.sees('sale.present');
    await this.present('[data-card="good"]');
    await this.sees('sale.pin');
    await this.secret(PIN);
    await this.sees('balance.result');
    await this.finds(/\d\.\d\d/);
    await this.ok();
    await this.sees('records.menu');
    await this.home();
  }

  async settings() {
    await this.to('settings');
    for (const [entry, screen] of [
      ['network', 'settings.network'],
      ['about', 'settings.about'],
    ]) {
      await this.sees('settings.menu');
      await this.to(entry);
      await this.sees(screen);
      await this.cancel();
    }
    await this.sees('settings.menu');
    await this.to('language');
    await this.until('the other language', (lang) => document.documentElement.lang !== lang, this.lang === 'zh' ? 'zh-CN' : 'en');
    await this.inLanguage();
    await this.to('security');
    for (const [entry, screen] of [
      ['change', 'password.current'],
      ['duress', 'duress.about'],
      ['keypad', 'settings.keypad'],
    ]) {
      await this.sees('settings.security');
      await this.to(entry);
      await this.sees(screen);
      if (screen === 'settings.keypad') {
        await this.to('standard');
        await this.reads(/已|保存/, /[Ff]rom the next|[Ss]aved/);
      }
      await this.cancel();
    }
    await this.sees('settings.security');
    await this.home();
  }

  async shifts() {
    await this.to('manage');
    await this.sees('manage.menu');
    await this.to('shift');
    await this.sees('shift.one');
    await this.to('x');
    await this.reads(/已打印/, /[Pp]rinted/);
    await this.to('z');
    await this.sees('shift.count');
    await this.number('20');
    await this.sees('shift.ask');
    await this.to('yes');
    assert.match(await this.slip('shift.closed'), /Z REPORT[^]*148\.00/);
    await this.sees('shift.one');
    await this.to('old');
    await this.sees('shift.list');
    await this.touch('.view .row');
    await this.sees('shift.z');
    assert.match(await this.printed(), /重打印 DUPLICATE[^]*148\.00/);
    await this.home('manage.menu');
  }

  /* What cash has taken is no matter of the host's. */
  async settles() {
    await this.to('manage');
    await this.sees('manage.menu');
    await this.to('settle');
    await this.sees('settle.ask');
    await this.to('yes');
    await this.sees('settle.done');
    await this.to('detail');
    await this.reads(/已打印|明细/, /[Pp]rinted/);
    assert.match(await this.slip('settle.done'), /128\.00[^]*BALANCED/);
    await this.home();
    await this.to('records');
    await this.sees('records.menu');
    await this.to('reprint_settle');
    assert.match(await this.slip('settle.done'), /重打印 DUPLICATE[^]*128\.00/);
    await this.home();
  }

  async signsInAndOut() {
    await this.to('manage');
    await this.sees('manage.menu');
    await this.to('sign_in');
    await this.sees('sign_in.done');
    await this.ok();
    await this.sees('manage.menu');
    await this.to('sign_out');
    await this.sees('sign_out.ask');
    await this.to('yes');
    await this.sees('sign_out.done');
    await this.ok();
    await this.sees('main.menu', 'manage.menu');
    await this.home();
  }

  async locks() {
    await this.to('manage');
    await this.sees('manage.menu');
    await this.to('lock');
    await this.sees('lock.locked');
    await this.to('unlock');
    await this.sees('lock.password');
    await this.secret(OWN['01']);
    await this.sees('main.menu');
    await this.to('manage');
    await this.sees('manage.menu');
    await this.to('log_out');
    await this.sees('login.operator');
  }

  /* What is set of this device, and what chip cards are taken by. */
  async administers() {
    await this.to('manage');
    await this.sees('manage.menu');
    await this.to('parameters');
    for (const [entry, screen] of [
      ['settle', 'parameters.settle'],
      ['counter', 'parameters.counter'],
      ['manual', 'parameters.manual'],
      ['timeouts', 'timeouts.list'],
    ]) {
      await this.sees('parameters.list');
      await this.to(entry);
      await this.sees(screen);
      await this.cancel();
    }
    await this.sees('parameters.list');
    await this.home('manage.menu');
    await this.to('download');
    await this.sees('download.menu');
    await this.to('fetch');
    await this.reads(/主机还没有发布参数|已是最新参数|参数已更新/, /no parameters yet|newest parameters|parameters updated/);
    await this.home();
  }

  async isIn(operator) {
    await this.logsIn(operator);
    await this.pastTips('main.menu');
  }
}

async function walks(who) {
  await who.signsIn();
  const sold = await who.sells();
  await who.looksUp();
  await who.searches(sold);
  await who.printsAgain(sold);
  await who.asksBalance();
  await who.settings();
  await who.shifts();
  await who.logsOut();
  await who.isIn('99');
  await who.administers();
  await who.logsOut();
  await who.isIn('01');
  await who.settles();
  await who.signsInAndOut();
  await who.locks();
}

at.both('S7 S56 S73 S100 S101 S102 S103 S104 S107: looked up, printed, set, closed', Clerk, async (who, first) => {
  if (first) {
    await at.firstDay(who, '99', '01');
  } else {
    await who.isIn('01');
  }
  await walks(who);
});

at.walked();
