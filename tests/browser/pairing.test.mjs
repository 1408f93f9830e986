/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A telephone as an approver, end to end (S173, CR-34): the terminal shows a code, the telephone opens
 * what is read from its picture, both show six digits, and a person at the terminal says whether they are
 * the same. From then on a supervisor's PIN is not enough: the telephone has to agree. Removed at the desk while it is
 * asked, removed at the terminal, let go by itself: its next yes is refused, and its page says so. In both
 * languages, by touch and by keyboard alone; axe-core finds nothing serious on either side.
 *
 *   node --test tests/browser/pairing.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axeFaults, launch, openPage } from './browser.mjs';
import { Clerk } from './clerk.mjs';
import { Person } from './person.mjs';
import { publishPolicy } from './policy.mjs';
import { program, root, startDemo } from './stage.mjs';
import { Walks, everythingIsWalked, leftToWalks } from './walks.mjs';

const pictures = join(root, 'build/screenshots/pairing');
const TID = '10000017';
const PIN = '592837';
const NARROW = { width: 360, height: 740 };

const PEOPLE = [
  { lang: 'zh', hand: 'touch', page: { viewport: NARROW, hasTouch: true } },
  { lang: 'en', hand: 'keyboard', page: { viewport: { width: 720, height: 1280 }, colorScheme: 'dark' } },
];

let browser;
const everybody = []; /* what each has begun at his terminal */

before(async () => {
  mkdirSync(pictures, { recursive: true });
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

/* A supervisor needs a telephone's yes besides six to twelve digits. */
const withApproval = (text) =>
  text.replace(/(^role supervisor$[^]*?)(?=^role administrator$)/m, (role) =>
    role.replace(/^profile .*$/m, 'profile pin-approval').replace(/^approval no$/m, 'approval yes'),
  );

/* The supervisor at the terminal, whose telephones are in the same hands. */
class Supervisor extends Person {
  async toPhones() {
    await this.choose('settings');
    await this.sees('settings.menu');
    await this.choose('security');
    await this.sees('settings.security');
    await this.choose('phones');
    await this.sees('phones.list');
  }

  /*
   * What a camera would read from the screen: another program than the page decodes the picture. It masks
   * what might be a card number, here in a random token; the screen as data has those digits.
   */
  async scanned(name) {
    const picture = join(pictures, `${name}.png`);
    const symbol = this.page.locator('[data-part="qr"] img');
    await symbol.evaluate((image) => image.decode()); /* it is drawn when it has come */
    await symbol.screenshot({ path: picture });
    const read = spawnSync(program, ['inspect', 'qr', picture], { encoding: 'utf8' });
    assert.equal(read.status, 0, `${picture}: ${read.stdout}${read.stderr}`);
    await this.recorder.reaches(this);
    const url = this.recorder.screens.findLast((screen) => screen.qr !== undefined).qr.text;
    assert.match(url, /^http:\/\/localhost:\d+\/pair#[0-9a-f]{32}$/);
    const seen = JSON.parse(read.stdout).text;
    assert.match(url, new RegExp(`^${seen.replaceAll(/\*+/g, (stars) => `\\d{${stars.length}}`)}$`));
    return url;
  }

  /* A new telephone that has offered its key, and the digits of both sides. */
  async offer(name) {
    await this.choose('addPhone');
    await this.sees('phones.code');
    const url = await this.scanned(`${this.lang}-${name}`);
    const phone = await Clerk.at(browser, url, { ...this.kind, page: { ...this.kind.page, viewport: NARROW } });
    this.t.after(() => phone.leaves());
    const there = await phone.offers(name);
    await this.sees('phones.check');
    const [here] = await this.finds(/\b\d{6}\b/);
    await this.page.screenshot({ path: join(pictures, `${this.lang}-check.png`) });
    await phone.page.screenshot({ path: join(pictures, `${this.lang}-digits.png`) });
    assert.ok((await this.shown()).text.includes(name), 'the terminal names the telephone');
    return { phone, url, here, there };
  }

  async pairs(name) {
    const { phone, url, here, there } = await this.offer(name);
    assert.equal(there, here);
    await this.choose('same');
    await this.sees('phones.list');
    await this.finds(new RegExp(name));
    await phone.title(phone.words.approver);
    await phone.look('paired');
    return { phone, url };
  }

  /* The PIN is right, and nobody is in. */
  async asks() {
    await this.logsIn('00');
    await this.sees('login.approval');
  }

  async isIn() {
    await this.pastTips('main.menu');
  }
}

async function arrive(t, kind) {
  const demo = await startDemo();
  t.after(() => demo.stop());
  const opened = await openPage(browser, demo.terminal, kind.page);
  t.after(() => opened.context.close());
  const inspect = async (who, id) => assert.deepEqual(await axeFaults(who.page), [], `${id} ${kind.lang} ${kind.hand}`);
  const p = new Supervisor(opened, kind.lang, kind.hand, inspect);
  const chief = await Clerk.at(browser, demo.links.chief, kind);
  t.after(() => chief.leaves());
  await chief.setsUp();
  await publishPolicy(demo, chief, withApproval);
  const begun = new Walks(demo.terminal);
  begun.follow(opened.page);
  everybody.push(begun);
  const { recorder } = begun;
  t.after(() => begun.close());
  return Object.assign(p, { t, kind, demo, chief, recorder, own: { '00': PIN } });
}

/* S33: the printed password is changed; S173: before there is a telephone, none is asked. */
async function firstDay(p) {
  await p.sees('login.operator');
  await p.inLanguage();
  await p.logsIn('00', p.demo.passwords['00']);
  await p.sees('login.first');
  await p.choose('setPassword');
  await p.enters(PIN);
  await p.sees('password.saved');
  await p.ok();
  await p.isIn();
}

/* The digits differ, says the person: nothing is paired, and the telephone learns it. */
async function differently(p) {
  await p.toPhones();
  const { phone, url } = await p.offer('Nobody');
  await p.choose('different');
  await p.sees('phones.list');
  await p.reads(/没有配对：数字不同/, /Not paired: with other digits/);
  await phone.isGone();
  const again = await Clerk.at(browser, url, p.kind);
  await again.title(again.words.pairTitle);
  await again.press('pair');
  await again.hears(again.words.badDigits === '再读一遍' ? '重新开始' : 'Begin again', 'alert');
  await again.leaves();
}

async function pairing(p) {
  p.first = (await p.pairs('Counter')).phone;
  p.second = (await p.pairs('Pocket')).phone;
  await p.logsOut();
}

/* PIN and a yes; the other telephone stops asking by itself. */
async function agreed(p) {
  await p.asks();
  await p.first.isAsked();
  await p.second.isAsked();
  await p.first.page.screenshot({ path: join(pictures, `${p.lang}-request.png`), fullPage: true });
  await p.first.press('yes');
  await p.first.hears('answered');
  await p.isIn();
  await p.second.page.getByRole('heading', { name: p.second.words.asks }).waitFor({ state: 'detached' });
  await p.logsOut();
}

/* A wrong PIN asks no telephone. */
async function wrongPin(p) {
  await p.logsIn('00', '837205');
  await p.sees('login.operator');
  await p.reads(/密码不对/, /Wrong password/);
}

/*
 * Removed at the desk while it is asked, and its page kept from hearing of it: the yes that it gives is
 * refused at once, and the terminal lets nobody in until the other telephone agrees.
 */
async function removedByDesk(p) {
  await p.first.page.route('**/api/console/phone/changes*', () => {});
  await p.first.page.reload();
  await p.asks();
  await p.first.page.reload();
  await p.first.isAsked();
  await p.second.isAsked();
  await p.chief.removesPhone(TID, 'Counter');
  await p.first.press('yes');
  await p.first.isGone();
  assert.equal((await p.shown()).id, 'login.approval', 'nobody is in');
  await p.second.press('yes');
  await p.second.hears('answered');
  await p.isIn();
}

/* The terminal removes one itself; a third is asked from now on. */
async function removedAtTerminal(p) {
  await p.toPhones();
  await p.finds(/Pocket/);
  await p.pairs('Third').then(({ phone }) => Object.assign(p, { third: phone }));
  await p.touch('[data-key^="choice:phone_"]:has-text("Pocket")');
  await p.sees('phones.remove');
  await p.choose('removePhone');
  await p.sees('phones.list');
  await p.reads(/已取消配对/, /The phone is removed/);
  await p.second.isGone();
  await p.logsOut();
  await p.asks();
  await p.third.isAsked();
  await p.second.isGone();
  await p.third.press('yes');
  await p.isIn();
  await p.logsOut();
}

/* It lets go of the terminal by itself while it is asked: nobody agrees, and nobody is in. */
async function letGo(p) {
  await p.asks();
  await p.third.isAsked();
  await p.third.press('forget');
  await p.third.isGone();
  assert.equal((await p.shown()).id, 'login.approval');
  await p.cancel();
  await p.sees('login.operator', 'login.password');
}

const WALKS = [
  ['S33 S173: a first log-in before there is a telephone', firstDay],
  ['S173: digits that differ pair nothing', differently],
  ['S173: two telephones are paired', pairing],
  ['S173: a log-in that a telephone agrees to', agreed],
  ['S10 S173: a wrong PIN asks no telephone', wrongPin],
  ['S173 CR-34: removed at the desk while it is asked', removedByDesk],
  ['S173 CR-34: removed at the terminal', removedAtTerminal],
  ['S173: the telephone lets go', letGo],
];

async function walks(t, kind) {
  const p = await arrive(t, kind);
  let fell = false;
  for (const [name, walk] of WALKS) {
    await t.test(name, { skip: fell ? 'an earlier walk fell' : false }, async () => {
      fell = true;
      await walk(p);
      fell = false;
    });
  }
  assert.deepEqual(p.faults, []);
}

/* One of them alone: PERSON=en,keyboard */
for (const kind of PEOPLE) {
  const name = `${kind.lang}, by ${kind.hand}`;
  const wanted = [undefined, `${kind.lang},${kind.hand}`].includes(process.env.PERSON);
  test(name, { skip: wanted ? leftToWalks('pairing', kind.lang) : 'not asked for' }, (t) => walks(t, kind));
}

test('what is begun at the terminal in pairing comes to its end', {
  skip: process.env.PERSON !== undefined,
}, () => everythingIsWalked('pairing', everybody));
