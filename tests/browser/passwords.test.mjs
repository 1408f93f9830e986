/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords from the first day to the last at real terminals: the first log-in of each role, the seven
 * steps of the guide, who works here, each way back for who has forgotten, locking, and the password for
 * who is forced. Four people do it, each at a demo of their own: both languages, by touch and by keyboard
 * alone. Every screen is measured and given to axe-core when it is first met.
 *
 * What a person reads is awaited in the page; what the terminal program said is recorded beside it.
 */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { axeFaults, firstLook, launch, openPage } from './browser.mjs';
import { Clerk } from './clerk.mjs';
import { Person } from './person.mjs';
import { publishPolicy } from './policy.mjs';
import { startDemo } from './stage.mjs';
import { Walks, coloursOf, everythingIsWalked, one } from './walks.mjs';

const TID = '10000017';
const OWNER = { owner: '陈晓虹', phone: '138 0000 5678', serial: 'TB1-2030-000017' };

/* Taken by the rules of a cashier and a supervisor, and of an administrator. */
const SIX = '592837 830472 947163 618350 385926 741069 906283 163749 529460 481736 837205 204958 713640 958317 640195 379482 861057 294731 750386';
const EIGHT = '59283714 80471926 37518260 92604815';

/* With WALKS=one (walks.mjs) the first two, who share the walks: each language and each hand. */
const PEOPLE = [
  { lang: 'zh', hand: 'touch', page: { viewport: { width: 360, height: 640 }, hasTouch: true } },
  { lang: 'en', hand: 'keyboard', waits: true, page: { viewport: { width: 720, height: 1280 }, colorScheme: 'dark' } },
  { lang: 'en', hand: 'touch', more: true, page: { viewport: { width: 720, height: 1280 }, hasTouch: true } },
  { lang: 'zh', hand: 'keyboard', more: true, page: { viewport: { width: 360, height: 640 }, colorScheme: 'dark' } },
];

let browser;
const everybody = []; /* what each has begun at his terminal */

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

/* Somebody who has every role at one terminal, one after the other. */
class Everybody extends Person {
  /* The next password that nobody has had yet. */
  fresh(operator) {
    const list = operator === '99' ? this.eight : this.six;
    return (this.own[operator] = list.shift());
  }

  async isIn(operator) {
    await this.logsIn(operator);
    await this.pastTips('main.menu');
  }

  /* A new password that is taken, to one of these screens. */
  async setsNew(operator, ...ids) {
    await this.enters(this.fresh(operator));
    await this.sees('password.saved');
    await this.ok();
    await this.pastTips(...ids);
  }

  /* What the network driver of this device says; in one piece, as it reads when it likes. */
  network(facts) {
    writeFileSync(`${this.demo.network}.new`, JSON.stringify(facts));
    renameSync(`${this.demo.network}.new`, this.demo.network);
  }

  /* The two at the recovery desk, once they are needed: same language, same kind of hand. */
  async staff() {
    const arrives = async (link) => {
      const clerk = await Clerk.at(browser, link, this.kind);
      this.t.after(() => clerk.leaves());
      return clerk.setsUp();
    };
    const { links } = this.demo;
    this.atDesk ??= { agent: await arrives(links.agent), chief: await arrives(links.chief) };
    return this.atDesk;
  }

  /* The first who opens a link is shown the code; the second is told that it is over. */
  async opensLink(link) {
    const first = await Clerk.at(browser, link, this.kind);
    const code = await first.codeOfLink();
    await first.leaves();
    const second = await Clerk.at(browser, link, this.kind);
    await second.linkIsDead();
    await second.leaves();
    return code;
  }

  /* ---- the tray: what the owner's telephone and mailbox have got ---- */

  async withTray(look) {
    const narrow = this.page.locator('.view [data-key="tray"]');
    const drawer = await narrow.isVisible();
    if (drawer) {
      await this.touch('.view [data-key="tray"]');
      await this.page.waitForSelector('.drawer [data-part="tray"]');
    }
    const found = await look();
    if (drawer) {
      if (this.hand === 'keyboard') {
        await this.page.keyboard.press('Escape');
      } else {
        await this.touch('.drawer [data-part="close"]');
      }
      await this.page.waitForSelector('.drawer', { state: 'hidden' });
    }
    return found;
  }

  /* The newest message that fits and was not there before. The earlier ones are opened, too. */
  message(pattern) {
    return this.withTray(async () => {
      const look = ([source, since]) => {
        const more = document.querySelector('[data-part="earlier"]');
        const all = [...document.querySelectorAll('[data-message]')].map((m) => ({
          number: Number(m.dataset.message),
          text: m.innerText,
          links: [...m.querySelectorAll('a')].map((a) => a.href),
        }));
        const found = all.find((m) => m.number > since && new RegExp(source).test(m.text));
        return found ?? (more !== null && !more.dataset.open ? { more: true } : null);
      };
      const from = [pattern.source, this.lastMessage];
      await this.until(`a message ${pattern}`, look, from);
      let found = await this.page.evaluate(look, from);
      if (found.more) {
        await this.touch('[data-part="earlier"]');
        await this.page.evaluate(() => {
          document.querySelector('[data-part="earlier"]').dataset.open = 'yes';
        });
        await this.until(`a message ${pattern}`, look, from);
        found = await this.page.evaluate(look, from);
      }
      this.lastMessage = Math.max(this.lastMessage, found.number);
      return { ...found, match: pattern.exec(found.text) };
    });
  }
}

/* ---- the walks ---- */

/* S11 S12 S28 S33 S37: what the first log-in shows, demands and refuses. */
async function firstLogIn(p) {
  const { passwords } = p.demo;

  await p.sees('login.operator');
  await p.inLanguage();
  await p.logsIn('99', passwords['99']);
  await p.sees('login.first');
  await p.reads(/此前从未有人登录/, /Nobody has ever logged in/);
  await p.choose('setPassword');
  await p.setsNew('99', 'main.menu');
  await p.logsOut();

  await p.logsIn('00', passwords['00']);
  await p.sees('login.first');
  await p.reads(/本机首次登录时间/, /First log-in to this device/);
  await p.choose('setPassword');
  await p.setsNew('00', 'main.menu');
  await p.logsOut();

  /* The cashier turns round twice; nobody is in, and nothing else is done for him meanwhile. */
  await p.logsIn('01', passwords['01']);
  await p.sees('login.first');
  await p.onlyThis(['choice:sale', 'choice:settings', 'choice:sign_in', 'digit:1']);
  await p.cancel();
  await p.sees('login.operator');
  await p.logsIn('01', passwords['01']);
  await p.sees('login.first');
  await p.choose('setPassword');
  await p.sees('password.new');
  await p.onlyThis(['choice:sale', 'choice:settings', 'choice:save']);
  await p.strengthens();
  await p.refusals();
  await p.enters('592837', '592838');
  await p.sees('password.new');
  await p.reads(/两次输入不一致/, /the second time|entries differ/);
  await p.setsNew('01', 'main.menu');
  await p.logsOut();

  await p.logsIn('01', passwords['01']); /* the printed one has had its day */
  await p.sees('login.operator');
  await p.reads(/密码不对/, /Wrong password/);
}

/* Keys of other screens do nothing: nobody gets around what is asked. */
Everybody.prototype.onlyThis = async function onlyThis(keys) {
  const { id, serial } = await this.shown();
  for (const key of keys) {
    const status = await this.page.evaluate(
      async (body) =>
        (
          await fetch('api/key', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body,
          })
        ).status,
      JSON.stringify({ serial, key }),
    );
    assert.equal(status, 204, key);
  }
  assert.equal((await this.shown()).id, id);
  await this.recorder.reaches(this);
  assert.equal(this.recorder.screens.at(-1).status.operator ?? '', '', 'nobody is in');
};

/* S28: the bar is there, follows what is typed, and says one thing that would help. */
Everybody.prototype.strengthens = async function strengthens() {
  const meter = (value) =>
    this.until(
      `strength ${value}`,
      (wanted) => document.querySelector('[role="meter"]')?.getAttribute('aria-valuenow') === wanted,
      value,
    );
  await meter('0');
  await this.types('111111');
  await this.until('an advice', () => document.querySelector('.strength-words')?.innerText.trim().length > 4);
  const weak = Number(await this.page.getAttribute('[role="meter"]', 'aria-valuenow'));
  if (this.hand === 'keyboard') {
    await this.page.keyboard.press('Delete');
  } else {
    await this.page.locator('.view .keypad-digits .word').tap();
  }
  await this.until('nothing typed', () => document.querySelectorAll('.star.full').length === 0);
  await this.types('926104837259');
  await this.until(
    'a better one',
    (than) => Number(document.querySelector('[role="meter"]')?.getAttribute('aria-valuenow')) > than,
    weak,
  );
  await this.cancel(); /* half of a password is nothing */
  await this.sees('login.operator');
  await this.logsIn('01', this.demo.passwords['01']);
  await this.sees('login.first');
  await this.choose('setPassword');
};

/* S11: each refusal names its rule and what to do. */
Everybody.prototype.refusals = async function refusals() {
  for (const [password, zh, en] of [
    ['123456', /连续的数字/, /counts up or down/],
    ['888888', /重复/, /repeats/],
    ['199212', /日期/, /is a date/],
    ['147258', /相邻的按键/, /neighbouring keys/],
  ]) {
    await this.enters(password);
    await this.sees('password.new');
    await this.reads(zh, en);
  }
};

/* S3 S10 S12 S13 S14: the guide, word for word, and the way back from each of its steps. */
async function sevenSteps(p) {
  const steps = [
    async () => p.choose('settings'),
    async () => p.choose('passwords'),
    async () => p.choose('changePassword'),
    async () => p.secret(p.own['01']),
    async () => p.secret(p.next),
    async () => p.secret(p.next),
  ];
  const screens = [
    'main.menu', 'settings.menu', 'settings.passwords',
    'password.current', 'password.new', 'password.repeat', 'password.review',
  ];
  [p.next] = p.six;
  await p.isIn('01');

  for (let last = 1; last < screens.length; last += 1) {
    for (let step = 0; step < last; step += 1) {
      await steps[step]();
      await p.sees(screens[step + 1]);
    }
    await p.home(); /* the next round enters the old password: it still opens the way */
  }
  await p.logsOut();
  await p.isIn('01');

  await p.recorder.reaches(p);
  const from = p.recorder.screens.length - 1;
  const touched = () => p.touched.length;
  const start = touched();
  for (let step = 0; step < steps.length; step += 1) {
    await steps[step]();
    await p.sees(screens[step + 1]);
    if (screens[step + 1] === 'settings.passwords') {
      assert.ok(touched() - start <= 3, `${touched() - start} touches to the passwords`);
    }
  }
  await p.choose('save');
  await p.sees('password.saved');
  await p.recorder.reaches(p);
  assert.deepEqual(p.recorder.ids(from), [...screens, 'password.saved']);
  const old = p.own['01'];
  p.fresh('01');
  await p.ok();
  await p.pastTips('settings.passwords');

  /* 安全设置 leads there, too. */
  await p.cancel();
  await p.sees('settings.menu');
  await p.choose('security');
  await p.sees('settings.security');
  await p.choose('passwords');
  await p.sees('settings.passwords');
  await p.logsOut();

  await p.logsIn('01', old);
  await p.sees('login.operator');
  await p.reads(/密码不对/, /Wrong password/);
  await p.isIn('01');
  await p.logsOut();
}

/* S17 S55 S48: the supervisor adds, suspends, lets in, resets and deletes; what is shown once is shown once. */
async function operators(p) {
  await p.isIn('00');
  await p.toOperators();
  await p.choose('addOperator');
  await p.sees('operators.add');
  await p.digits('06');
  await p.ok();
  await p.confirms();
  const first = await p.secretShown();
  await p.acts('06', 'suspend');
  await p.reads(/已停用/, /suspended/);
  await p.logsOut();

  await p.logsIn('06', first);
  await p.sees('login.operator');
  await p.reads(/已停用/, /suspended/);

  await p.isIn('00');
  await p.toOperators();
  await p.acts('06', 'resume');
  await p.reads(/等待首次登录/, /waits for the first log-in/);
  await p.logsOut();
  await p.logsIn('06', first);
  await p.sees('login.first');
  await p.choose('setPassword');
  await p.setsNew('06', 'main.menu');
  await p.logsOut();

  await p.isIn('00');
  await p.toOperators();
  await p.acts('06', 'remove');
  await p.sees('operators.list');
  assert.equal(await p.page.locator('[data-key="choice:id_06"]').count(), 0);
  await p.logsOut();
  await p.logsIn('06');
  await p.sees('login.operator');
  await p.reads(/不存在/, /unknown/);
}

/* S164 S165 S166 S167: a backup by hand, which goes to the back office, and is found there again. */
async function deviceBackups(p) {
  await p.isIn('00');
  await p.choose('manage');
  await p.sees('manage.menu');
  await p.choose('backup');
  await p.sees('backup.menu');
  await p.choose('backupNow');
  await p.reads(/已备份/, /Backed up/);
  await p.choose('backupOwner');
  await p.sees('backup.owner_ask');
  await p.choose('yes');
  await p.sees('backup.owner');
  await p.page.waitForSelector('.secret-text');
  const digits = (await p.page.locator('.secret-group').allTextContents()).join('');
  assert.match(digits, /^\d{40}$/);
  await p.ok();
  await p.sees('backup.menu');
  assert.equal(JSON.stringify(p.recorder.screens).includes(digits), false);
  await p.reads(/后台保存/, /At the back office/);
  await p.choose('backupRestore');
  await p.sees('backup.list');
  await p.choose('backupOffice');
  await p.sees('backup.office');
  await p.reads(/后台保存/, /At the back office/);
  await p.cancel();
  await p.sees('backup.list');
  await p.cancel();
  await p.sees('backup.menu');
  await p.cancel();
  await p.sees('manage.menu');
  await p.logsOut();
}

/* S38 S39 S17: a cashier who has forgotten is sent to the supervisor, whose one-time password must be changed. */
async function bySupervisor(p) {
  const old = p.own['01'];
  await p.forgets('01', 'bySupervisor');
  await p.sees('forgot.supervisor');
  await p.reads(/请主管/, /Ask the supervisor/);
  await p.ok();
  await p.sees('forgot.ways');
  await p.cancel();
  await p.isIn('00');
  await p.toOperators();
  await p.acts('01', 'reset');
  const once = await p.secretShown();
  await p.logsOut();

  await p.logsIn('01', old);
  await p.sees('login.operator');
  await p.reads(/密码不对/, /Wrong password/);
  await p.logsIn('01', once);
  await p.sees('login.first', 'password.new');
  if ((await p.shown()).id === 'login.first') {
    await p.choose('setPassword');
  }
  await p.setsNew('01', 'main.menu');
  await p.logsOut();
}

Object.assign(Everybody.prototype, {
  async toOperators() {
    await this.choose('manage');
    await this.sees('manage.menu');
    await this.choose('operators');
    await this.sees('operators.list');
  },

  async confirms() {
    await this.sees('operators.ask');
    await this.choose('yes');
  },

  /* Opens the operator's page, wherever on the list, and does one thing there. */
  async acts(operator, action) {
    const row = this.page.locator(`[data-key="choice:id_${operator}"]`);
    await this.sees('operators.list', 'operators.one');
    if ((await this.shown()).id === 'operators.list') {
      if ((await row.count()) === 0) {
        await this.touch('[data-key="choice:more"]');
        await row.waitFor();
      }
      await this.touch(`[data-key="choice:id_${operator}"]`);
      await this.sees('operators.one');
    }
    await this.choose(action);
    await this.confirms();
    if (action !== 'reset') {
      await this.leaves('operators.ask');
    }
  },

  /* Reads the one-time password from the page; the terminal program has never had it. */
  async secretShown() {
    await this.sees('operators.secret');
    await this.page.waitForSelector('.secret-text');
    const secret = (await this.page.locator('.secret-group').allTextContents()).join('');
    assert.match(secret, /^\d{6,}$/);
    await this.ok();
    await this.leaves('operators.secret');
    assert.equal(await this.page.evaluate((s) => document.body.innerHTML.includes(s), secret), false);
    assert.equal(JSON.stringify(this.recorder.screens).includes(secret), false);
    return secret;
  },

  /* From the log-in to one of the ways back. */
  async forgets(operator, way) {
    await this.operator(operator);
    await this.choose('forgotten');
    await this.sees('forgot.ways');
    await this.choose(way);
  },

  /* A wrong code, then the right one. */
  async givesCode(code) {
    await this.choose('enterCode');
    await this.sees('recover.code');
    const wrong = String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0');
    await this.secret(wrong);
    await this.reads(/验证码不对，还可以试 4 次/, /wrong, 4 tries left/);
    await this.secret(code);
    await this.sees('password.new');
    await this.reads(/核实成功/, /proved it is you/);
  },

  /* The old one is dead, the new one works. */
  async onlyNew(operator, old) {
    await this.logsIn(operator, old);
    await this.sees('login.operator');
    await this.reads(/密码不对/, /Wrong password/);
    await this.isIn(operator);
    await this.logsOut();
  },
});

/* S38 S39: exactly the ways of this role, and a code on the owner's telephone. */
async function bySms(p) {
  const old = p.own['01'];
  await p.forgets('01', 'bySms');
  await p.sees('recover.sent');
  await p.reads(/138\*+5678/);
  const { match } = await p.message(/【通宝】(\d{6}) 是终端 10000017 操作员 01 重设密码的验证码/);
  await p.givesCode(match[1]);
  await p.setsNew('01', 'login.operator');
  await p.onlyNew('01', old);
}

/* S40: a link by mail shows the code to whoever opens it first, and to nobody else. */
async function byMail(p) {
  const old = p.own['00'];
  await p.forgets('00', 'byMail');
  await p.sees('recover.sent');
  const { links } = await p.message(/终端 10000017 的操作员 00 正在重设密码[^]*\/code…/);
  const code = await p.opensLink(links[0]);
  await p.givesCode(code);
  await p.setsNew('00', 'login.operator');
  await p.onlyNew('00', old);
}

/* S41 S42 S184: the desk; one member of staff alone gets nobody in, and nobody sees or chooses a password. */
async function byService(p) {
  const old = p.own['00'];
  await p.forgets('00', 'byService');
  await p.sees('recover.ticket');
  const number = (await p.finds(/R-\d{6}/))[0];
  const { agent, chief } = await p.staff();
  await agent.opens(number);
  assert.equal(await agent.page.getByRole('button', { name: agent.words.approve, exact: true }).count(), 0);
  await agent.identifies(OWNER);
  await agent.approves('second');
  await agent.approves('samePerson', 'alert');
  await agent.look('ticket');
  assert.equal((await p.shown()).id, 'recover.ticket');
  await chief.opens(number);
  await chief.look('ticket of another');
  await chief.approves('done');
  await p.sees('password.new'); /* by itself: the grant has come */
  await p.reads(/核实成功/, /proved it is you/);
  await p.setsNew('00', 'login.operator');
  await p.onlyNew('00', old);
}

/* S43 S169 S170: on an open Wi-Fi nothing of a recovery leaves the device; the offline code still opens it. */
async function byOffline(p) {
  const old = p.own['00'];
  const { agent, chief } = await p.staff();
  p.network({ kind: 'wifi', security: 'open', captive: 'no', name: 'Cafe' });
  await p.sees('login.operator');
  await p.reads(/开放 Wi-Fi/, /Open Wi-Fi/);
  for (const way of ['bySms', 'byMail', 'byService']) {
    await p.forgets('00', way);
    await p.sees('forgot.network');
    await p.reads(/不能经过这个网络/, /no password or code goes over/);
    await p.reads(/移动数据/, /mobile data/);
    await p.ok();
    await p.sees('forgot.ways');
    await p.cancel();
  }
  await p.forgets('00', 'byOffline');
  await p.sees('recover.challenge');
  const digits = (await p.finds(/\d{4} \d{4} \d{3}/))[0];
  const code = await readOut(agent, chief, '00', digits);
  await p.givesCode(code);
  await p.setsNew('00', 'login.operator');
  await p.onlyNew('00', old);
  p.network({ kind: 'ethernet', security: 'unknown', captive: 'no' });
  await p.until('the warning gone', () => !/Wi-Fi/.test(document.querySelector('.view').innerText));
}

/* What the caller reads from the screen goes to the desk, and what the desk reads out comes back. */
async function readOut(agent, chief, operator, digits) {
  const number = await agent.takesCall(TID, operator);
  await agent.typesDigits(digits.replace(/\d$/, (d) => String((Number(d) + 1) % 10)));
  await agent.hears('badDigits', 'alert');
  await agent.typesDigits(digits);
  await agent.identifies(OWNER);
  await agent.approves('second');
  await chief.opens(number);
  await chief.approves('done');
  return agent.readsOut();
}

/* S46: the administrator needs a supervisor beside him, besides the desk. */
async function administrator(p) {
  const old = p.own['99'];
  const { agent, chief } = await p.staff();
  await p.forgets('99', 'byOffline');
  await p.sees('approve.password');
  await p.secret(p.own['00']);
  await p.sees('recover.challenge');
  const digits = (await p.finds(/\d{4} \d{4} \d{3}/))[0];
  await p.givesCode(await readOut(agent, chief, '99', digits));
  await p.setsNew('99', 'login.operator');
  await p.onlyNew('99', old);
}

/* S53: who locked it goes on; the supervisor opens it for somebody else. */
async function locking(p) {
  const lock = async () => {
    await p.choose('manage');
    await p.sees('manage.menu');
    await p.choose('lock');
    await p.sees('lock.locked');
    assert.equal(await p.page.locator('.view [data-key="cancel"]').count(), 0, 'no way around');
  };
  await p.isIn('01');
  await lock();
  await p.onlyThis(['choice:sale', 'choice:settings', 'cancel', 'ok']);
  await p.choose('unlock');
  await p.sees('lock.password');
  await p.secret('640195');
  await p.sees('lock.locked');
  await p.reads(/密码不对/, /Wrong password/);
  await p.choose('unlock');
  await p.sees('lock.password');
  await p.secret(p.own['01']);
  await p.pastTips('main.menu');

  await lock();
  await p.choose('supervisorUnlocks');
  await p.sees('approve.password');
  await p.secret(p.own['00']);
  await p.sees('login.operator'); /* nobody is in */
}

/* S54 S20: a new policy of the model, signed and handed out by the host, locks after 15 seconds. */
async function autoLock(p) {
  const { chief } = await p.staff();
  await publishPolicy(p.demo, chief, (text) => text.replace(/^auto-lock \d+$/m, 'auto-lock 15'));
  await p.isIn('01');
  await p.sees('lock.locked');
  await p.choose('unlock');
  await p.sees('lock.password');
  await p.secret(p.own['01']);
  await p.pastTips('main.menu');
  await p.logsOut();
}

/* CR-37: forced to log in, he uses another password: the screens are the same, and the desk has an alarm. */
async function duress(p) {
  const { chief } = await p.staff();
  await p.isIn('01');
  await p.choose('settings');
  await p.sees('settings.menu');
  await p.choose('passwords');
  await p.sees('settings.passwords');
  await p.choose('duress');
  await p.sees('duress.about');
  await p.choose('setDuress');
  await p.sees('password.current');
  await p.secret(p.own['01']);
  await p.enters(p.own['01']); /* it must differ */
  await p.sees('password.new');
  const forced = p.six.shift();
  await p.enters(forced);
  await p.sees('password.saved');
  await p.ok();
  await p.sees('settings.passwords');
  await p.logsOut();
  await p.isIn('01'); /* every tip of this day has been read */
  await p.logsOut();

  const watched = async (password) => {
    await p.recorder.reaches(p);
    const from = p.recorder.screens.length;
    await p.logsIn('01', password);
    await p.pastTips('main.menu');
    await p.recorder.reaches(p);
    const seen = p.recorder.settled(from);
    const page = await p.page.evaluate(() => document.querySelector('.middle').innerText);
    await p.logsOut();
    return { seen, page };
  };
  const usual = await watched(p.own['01']);
  assert.deepEqual(usual.seen.map((screen) => screen.id), ['login.operator', 'login.password', 'main.menu']);
  const { notices } = await chief.get('/desk/notices');
  assert.equal(notices.some((n) => n.kind === 'duress'), false);
  assert.deepEqual(await watched(forced), usual);
  await chief.seesAlarm(TID, '01');
  const told = await (await fetch(new URL('api/tray/messages', p.demo.terminal))).json();
  const shop = told.messages.filter((m) => /chen@|ma@|13800005678/.test(m.to));
  assert.ok(shop.length > 0);
  assert.equal(shop.some((m) => /胁迫|[Dd]uress/.test(m.text)), false, 'nothing goes to the shop');

  /* Made to switch it off, he gives the same password: the screens say that it is done, and it is not. */
  const switchedOff = async (password) => {
    await p.recorder.reaches(p);
    const from = p.recorder.screens.length;
    await p.logsIn('01', password);
    await p.pastTips('main.menu');
    for (const choice of ['settings', 'passwords', 'duress', 'endDuress']) {
      await p.choose(choice);
      await p.sees(SEEN_AFTER[choice]);
    }
    await p.secret(password);
    await p.sees('duress.removed');
    await p.ok();
    await p.sees('settings.passwords');
    await p.recorder.reaches(p);
    const seen = p.recorder.settled(from);
    await p.logsOut();
    return seen;
  };
  const pretended = await switchedOff(forced);
  await p.logsIn('01', forced);
  await p.pastTips('main.menu');
  await p.logsOut();
  assert.deepEqual(await switchedOff(p.own['01']), pretended);
  await p.logsIn('01', forced);
  await p.sees('login.operator');
}

const SEEN_AFTER = {
  settings: 'settings.menu',
  passwords: 'settings.passwords',
  duress: 'duress.about',
  endDuress: 'password.current',
};

/* And whose it is with WALKS=one; the first and the last are everybody's. */
const WALKS = [
  ['S11 S12 S28 S33 S37: the first log-in of each role', firstLogIn],
  ['S3 S10 S12 S13 S14: the seven steps of the guide', sevenSteps, 'zh'],
  ['S17 S55: operators come, rest and go', operators, 'zh'],
  ['S164 S167: a backup goes to the back office', deviceBackups, 'en'],
  ['S17 S38: forgotten, the supervisor resets it', bySupervisor, 'zh'],
  ['S38 S39: forgotten, a code by SMS', bySms, 'zh'],
  ['S38 S40: forgotten, a link by mail', byMail, 'en'],
  ['S38 S41 S42 S184: forgotten, customer service', byService, 'zh'],
  ['S38 S43 S169 S170: forgotten, offline, on a network that nobody trusts', byOffline, 'en'],
  ['S46: the administrator has forgotten', administrator, 'en'],
  ['S53: the screen is locked', locking, 'zh'],
  ['CR-37: somebody is forced to log in', duress, 'en'],
  ['S54: it locks itself', autoLock],
];

/* ---- who walks ---- */

async function arrive(t, kind) {
  const { lang, hand, page } = kind;
  const demo = await startDemo();
  t.after(() => demo.stop());
  const opened = await openPage(browser, demo.terminal, page);
  t.after(() => opened.context.close());
  const begun = new Walks(demo.terminal);
  begun.follow(opened.page);
  everybody.push(begun);
  const { recorder } = begun;
  t.after(() => begun.close());
  const inspect = async (who, id) => {
    if (firstLook(`${id}-${page.colorScheme ?? 'light'}`)) {
      assert.deepEqual(await axeFaults(who.page, undefined, coloursOf(id)), [], `${id} ${lang} ${hand}`);
    }
  };
  const touched = [];
  opened.page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/key') {
      touched.push(request.postData());
    }
  });
  return Object.assign(new Everybody(opened, lang, hand, inspect), {
    t, kind, demo, recorder, touched, own: {}, six: SIX.split(' '), eight: EIGHT.split(' '), lastMessage: 0,
  });
}

async function walks(t, person) {
  const p = await arrive(t, person);
  for (const [name, walk, whose = person.lang] of WALKS) {
    if ((walk === autoLock && !person.waits) || (one && whose !== person.lang)) {
      continue;
    }
    await t.test(name, { skip: p.fell ? 'an earlier walk fell' : false }, async () => {
      p.fell = true;
      await walk(p);
      p.fell = false;
    });
  }
  assert.deepEqual(p.faults, []);
}

/* One of them alone: PERSON=en,touch */
const coming = PEOPLE.filter(({ lang, hand, more }) =>
  process.env.PERSON === undefined ? !more || !one : process.env.PERSON === `${lang},${hand}`,
);

/* Two at once: each has a terminal, a host and a page of his own. */
test('passwords, from the first day to the last', { concurrency: 2 }, async (t) => {
  await Promise.all(
    coming.map((person) => t.test(`${person.lang}, by ${person.hand}`, (t2) => walks(t2, person))),
  );
});

test('what is begun at the terminal in passwords comes to its end', {
  skip: process.env.PERSON !== undefined,
}, () => everythingIsWalked('passwords', everybody));
