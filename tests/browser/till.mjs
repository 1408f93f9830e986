/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody who takes payments at a demo of his test file's own, and what every such file needs: the
 * demo, a browser, and a picture and an axe check of each screen that was not met before.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { axeFaults, firstLook, openPage } from './browser.mjs';
import { Person, SCREEN_MS } from './person.mjs';
import { withDemo } from './stage.mjs';
import { Walks, coloursOf, everythingIsWalked, leftToWalks, one } from './walks.mjs';

/* The passwords that people choose at their first log-in. */
export const OWN = { '00': '837205', '01': '592837', 99: '46139208' };

export class Till extends Person {
  entry(name) {
    return this.touch(`.view [data-key="choice:${name}"]`);
  }

  /* A number on the plain keypad, seen while it is typed, then ok. */
  async number(text) {
    await this.digits(text);
    await this.until(
      `${text} to be seen`,
      (wanted) => {
        const field = document.querySelector('.field').getBoundingClientRect();
        const box = document.querySelector('.middle').getBoundingClientRect();
        const typed = document.querySelector('.field .digits').innerText.replace(/\D/g, '');
        return typed.startsWith(wanted) && field.top >= box.top - 1 && field.bottom <= box.bottom + 1;
      },
      text,
    );
    await this.ok();
  }

  async signsIn() {
    await this.choose('signIn');
    await this.sees('sign_in.done');
    await this.ok();
    await this.sees('main.menu');
  }

  /* A sale, until something is to be presented. */
  async amount(text) {
    await this.sees('main.menu');
    await this.choose('sale');
    await this.sees('sale.amount');
    await this.number(text);
    await this.sees('sale.present');
  }

  /* Something of the tray, which a narrow page shows behind a key. */
  async present(selector) {
    const narrow = this.page.locator('.view [data-key="tray"]');
    if (await narrow.isVisible()) {
      await this.touch('.view [data-key="tray"]');
    }
    await this.page.waitForSelector('[data-phone="good"] img');
    await this.touch(selector);
  }

  async agrees() {
    await this.sees('approve.password');
    await this.secret(OWN['00']);
  }

  /* The slip of this screen as text, once its picture has come too. */
  async printed() {
    await this.page.waitForFunction(
      () => document.querySelector('[data-part="receipt-picture"]')?.naturalWidth > 0,
      undefined,
      { timeout: SCREEN_MS, polling: 30 },
    );
    return await this.page.locator('[data-part="receipt-text"]').textContent();
  }

  /* The same, and back to where it leads. */
  async slip(screen = 'sale.approved') {
    await this.sees(screen);
    const text = await this.printed();
    assert.doesNotMatch(text, /\d{16,}/, 'no card number in clear');
    await this.ok();
    await this.leaves(screen);
    return text;
  }
}

/* Before and after the tests of a file; its pictures go to a folder of that name. Screens that another
 * file walks too need no second check by axe-core. */
export function atDemo(file, { axe = true } = {}) {
  const at = withDemo(file, async () => {
    at.walks = new Walks(at.demo.terminal);
  });
  after(() => at.walks?.close());
  at.arrives = async (t, Who, lang, hand, options) => {
    const opened = await openPage(at.browser, at.demo.terminal, options);
    t.after(() => opened.context.close());
    at.walks.follow(opened.page);
    let known = false; /* the tray, which a wide page shows beside each screen and which stays as it is */
    const look = async (who, id) => {
      const beside = known && (await who.page.locator('.tray-side').count()) > 0;
      const clip = beside ? await who.page.locator('.terminal').boundingBox() : undefined;
      /* Of a whole run: a picture and a check of each screen, by light and in the dark. */
      if (!firstLook(`${id}-${options.colorScheme ?? 'light'}`)) {
        return;
      }
      /* For the eye: a quarter of a second of a core on a wide page, and nobody looks at those of one run of many. */
      if (!one) {
        await who.page.screenshot({ path: join(at.pictures, `${id}-${lang}-${hand}.png`), clip });
      }
      const faults = axe ? await axeFaults(who.page, beside ? '.terminal' : undefined, coloursOf(id)) : [];
      assert.deepEqual(faults, [], id);
      known = true;
    };
    const person = Object.assign(new Who(opened, lang, hand, look), { own: OWN });
    await person.sees('login.operator', 'main.menu');
    await person.inLanguage();
    return person;
  };
  /* The first log-in of each, one after the other; the last one stays. */
  at.firstDay = async (who, ...operators) => {
    for (const [n, operator] of operators.entries()) {
      await (n > 0 && who.logsOut());
      await who.firstLogIn(operator, at.demo.passwords[operator]);
    }
  };
  /*
   * A walk in Chinese, with the mouse on a PC, and in English, by touch on a small terminal in the dark. Whoever comes first is
   * told so by `first`: there is nobody yet at this terminal.
   */
  at.both = (what, Who, walks) => {
    let first = true;
    const walk = (name, lang, hand, options) =>
      test(`${what}, ${name}`, { skip: leftToWalks(file, lang) }, async (t) => {
        const who = await at.arrives(t, Who, lang, hand, options);
        const before = first;
        first = false;
        await walks(who, before);
      });
    walk('in Chinese, with the mouse', 'zh', 'mouse', { viewport: { width: 1440, height: 900 } });
    walk('in English, by touch', 'en', 'touch', { viewport: { width: 360, height: 640 }, hasTouch: true, colorScheme: 'dark' });
  };
  /* Stands at the end of the file: what procedures.mjs says of it is so. */
  at.walked = () =>
    test(`what is begun at the terminal in ${file} comes to its end`, () => {
      everythingIsWalked(file, [at.walks]);
    });
  return at;
}
