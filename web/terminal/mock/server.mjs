/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for tongbao-terminal while the page is made and tested: serves build/web/terminal and
 * speaks the same HTTP with scripted screens. It takes any password and moves no money. Development only;
 * needs nothing but Node. `npm --prefix web run mock -- 8080`, then open the address.
 *
 * Tests start it in their own process: show() shows a screen, `log` tells what was received, drop()
 * closes the event streams as a crash would.
 */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { VaultPanel, shuffledLayout } from './panel.mjs';
import { codePicture, receiptPicture, wav } from './pictures.mjs';
import { merchant, receiptLines, screens, chips, tray } from './screens.mjs';

const files = fileURLToPath(new URL('../../../build/web/terminal/', import.meta.url));
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
  "connect-src 'self'; media-src 'self'";

/* What follows which key. A function may change the state on the way. */
const next = {
  'boot.failed': { 'choice:retry': 'login.operator' },
  'login.operator': { ok: 'login.password' },
  'login.password': { ok: 'password.new', cancel: 'login.operator' },
  'login.wrong': { ok: 'password.new', cancel: 'login.operator' },
  'login.locked': { ok: 'login.operator', cancel: 'login.operator' },
  'password.new': { ok: 'password.repeat', cancel: 'login.operator' },
  'password.refused': { ok: 'password.repeat', cancel: 'login.operator' },
  'password.repeat': { ok: 'signin', cancel: 'password.new' },
  signin: { later: 'main', cancel: 'main.unsigned' },
  main: {
    'choice:sale': 'sale.amount',
    'choice:query': 'query.list',
    'choice:manage': 'manage',
    'choice:settings': 'settings',
  },
  'main.unsigned': { 'choice:signin': 'signin', 'choice:query': 'query.empty', 'choice:manage': 'manage' },
  'sale.amount': { ok: 'sale.how', cancel: 'main' },
  'sale.limit': { ok: 'sale.how', cancel: 'main' },
  'sale.how': {
    'choice:card': 'sale.card',
    'choice:code': 'sale.scan',
    card: 'sale.pin',
    code: 'sale.wallet',
    cancel: 'sale.amount',
  },
  'sale.card': { card: 'sale.pin', code: 'sale.wallet', cancel: 'sale.how' },
  'sale.scan': { code: 'sale.wallet', cancel: 'sale.how' },
  'sale.chip': { 'choice:again': 'sale.card', 'choice:code': 'sale.scan', cancel: 'main' },
  'sale.pin': { ok: 'sale.wait', cancel: 'sale.card' },
  'sale.wait': { later: 'sale.approved', cancel: 'sale.reversing' },
  'sale.wallet': { later: 'sale.approved', cancel: 'main' },
  'sale.approved': { ok: 'main', cancel: 'main', 'choice:another': 'sale.amount' },
  'sale.declined': { 'choice:again': 'sale.card', 'choice:code': 'sale.scan', cancel: 'main' },
  'query.list': { 'choice:*': 'query.detail', cancel: 'main' },
  'query.empty': { ok: 'main.unsigned', cancel: 'main.unsigned' },
  'query.detail': { 'choice:reprint': 'reprint', cancel: 'query.list' },
  reprint: { ok: 'main', cancel: 'query.detail' },
  manage: {
    'choice:signin': 'signin',
    'choice:signout': 'signout.ask',
    'choice:query': 'query.list',
    'choice:lock': 'locked',
    'choice:about': 'about',
    cancel: 'main',
  },
  'signout.ask': { 'choice:signout': 'login.operator', 'choice:stay': 'manage', cancel: 'manage' },
  settings: { 'choice:about': 'about', 'choice:security': 'password.new', cancel: 'main' },
  about: { ok: 'main', cancel: 'main' },
  locked: { ok: 'main', cancel: 'locked' },
  'error.store': { 'choice:retry': 'main', cancel: 'main' },
};
const LATER_MS = 1200;

export async function startMock({ port = 0, withTray = true, first = 'login.operator' } = {}) {
  const panel = new VaultPanel();
  const log = [];
  const streams = new Set();
  const state = { typed: '', cents: '', stars: 0, speech: 5 };
  let id = first;
  let lang = 'zh';
  let serial = 0;
  let layout = '';
  let sealed = '';
  let secret = ''; /* what the screen shows once, sealed */
  let timer = 0;
  let picture = null;
  let received = []; /* on the owner's telephone */

  function screen() {
    const amount = (Number(state.cents || '0') / 100).toFixed(2);
    const s = { ...state, amount, amountText: `¥ ${amount}` };
    const made = screens[id]((zh, en) => (lang === 'zh' ? zh : en), s);
    const status = {
      network: 'online', time: '12:30', operator: '01', signed_in: true, unsent: 0,
      battery: 86, paper: 'ok', locked: false, merchant: merchant[lang],
    };
    if (made.entry) {
      made.entry.layout = sealed;
      if (made.entry.strong && state.strength) {
        made.entry.strength = state.strength;
      }
    }
    if (made.secret) {
      secret ||= panel.isOpen ? panel.seal(Buffer.from(made.secret.plain)) : '';
      made.secret = { label: made.secret.label, sealed: secret };
    }
    return {
      v: 1, serial, id, lang, model: 'TB-1', title_id: id, ...made,
      status: { ...status, ...made.status },
    };
  }

  function send() {
    serial += 1;
    const data = `data: ${JSON.stringify(screen())}\n\n`;
    streams.forEach((stream) => stream.write(data));
  }

  function beginEntry() {
    layout = id.startsWith('guide.') ? '123456789C0B' : shuffledLayout();
    sealed = panel.isOpen ? panel.seal(Buffer.from(layout)) : '';
    secret = '';
    rate(0);
  }

  /* So many characters are there; their strength comes sealed, as it does from the vault. */
  function rate(count) {
    const advice = lang === 'zh' ? '再加几位不相邻的数字会更好' : 'A few more digits that do not follow each other would help';
    state.stars = count;
    state.strength = panel.isOpen
      ? panel.seal(Buffer.concat([Buffer.of(Math.min(4, count >> 1)), Buffer.from(advice)]))
      : '';
  }

  function show(to, { auto = true } = {}) {
    clearTimeout(timer);
    id = to;
    state.typed = '';
    if (to === 'main') {
      state.cents = '';
    }
    if (to === 'sale.approved' && auto) {
      state.speech += 1;
    }
    beginEntry();
    send();
    if (auto && next[to]?.later) {
      timer = setTimeout(() => show(next[to].later), LATER_MS);
    }
  }

  function event(name) {
    const to = next[id]?.[name] ?? (name.startsWith('choice:') ? next[id]?.['choice:*'] : undefined);
    if (to) {
      show(to);
    }
  }

  function key(name) {
    const made = screen();
    const digits = name.startsWith('digit:') ? name.slice(6) : '';
    if (name === 'language') {
      lang = lang === 'zh' ? 'en' : 'zh';
      send();
    } else if (made.field?.kind === 'amount' && (digits || /^(backspace|clear)$/.test(name))) {
      state.cents = edit(state.cents, digits, name, 12).replace(/^0+/, '');
      send();
    } else if (made.field && (digits || /^(backspace|clear)$/.test(name))) {
      state.typed = edit(state.typed, digits, name, made.field.max);
      send();
    } else {
      event(name);
    }
  }

  function edit(text, digits, name, max) {
    if (name === 'clear') {
      return '';
    }
    return name === 'backspace' ? text.slice(0, -1) : `${text}${digits}`.slice(0, max);
  }

  /* 'T' and text on a keyboard; over-long text is not taken at all. */
  function typed(text, asked) {
    const count = state.stars + [...text].length;
    if (count <= asked.max) {
      state.text = `${state.text ?? ''}${text}`;
      rate(count);
    }
    send();
  }

  function entry(plain) {
    const [touched] = plain;
    const { entry: asked } = screen();
    const keyboard = asked.keyboard === 'text';
    if (keyboard && touched === 0x54) {
      typed(plain.subarray(1).toString(), asked);
      return;
    }
    const what = keyboard ? String.fromCharCode(touched) : layout[touched];
    if (touched === 0x4f) {
      if (state.stars >= asked.min) {
        event('ok');
      }
      return;
    }
    if (touched === 0x58) {
      event('cancel');
      return;
    }
    rate(what === 'C' ? 0 : what === 'B' ? Math.max(0, state.stars - 1) : Math.min(asked.max, state.stars + 1));
    send();
  }

  const routes = {
    'GET /api/events': (request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write(`data: ${JSON.stringify(screen())}\n\n`);
      streams.add(response);
      response.on('close', () => streams.delete(response));
    },
    'POST /api/key': (request, response, body) => {
      const asked = JSON.parse(body);
      if (asked.serial === serial) {
        key(asked.key);
      }
      response.writeHead(204).end();
    },
    'POST /api/panel': (request, response, body) => {
      const mine = panel.open(Buffer.from(JSON.parse(body).public, 'base64'));
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ public: mine.toString('base64') }));
      beginEntry();
      send();
    },
    'POST /api/entry': (request, response, body) => {
      const asked = JSON.parse(body);
      let touched;
      try {
        touched = panel.unseal(asked.sealed);
      } catch {
        response.writeHead(409).end();
        return;
      }
      if (asked.serial === serial) {
        entry(touched);
      }
      response.writeHead(204).end();
    },
    'POST /api/scan': (request, response, body) => {
      const found = picture !== null && body.equals(picture);
      response.writeHead(found ? 204 : 422).end();
      if (found) {
        event('code');
      }
    },
    'GET /api/tray': (request, response) => {
      if (!withTray) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(tray));
    },
    'GET /api/tray/messages': (request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      response.end(JSON.stringify({ messages: received }));
    },
    'GET /api/tray/chips': (request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      response.end(JSON.stringify(chips));
    },
    'POST /api/tray/chip': (request, response) => {
      response.writeHead(204).end();
    },
    'POST /api/tray/card': (request, response) => {
      response.writeHead(204).end();
      event('card');
    },
    'GET /api/tray/phone.png': (request, response) => {
      picture = codePicture();
      response.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'no-store' });
      response.end(picture);
    },
    'GET /api/qr/1.png': (request, response) => {
      response.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'no-store' });
      response.end(codePicture());
    },
    'GET /api/receipt/17.png': (request, response) => {
      response.writeHead(200, { 'Content-Type': 'image/svg+xml' });
      response.end(receiptPicture(receiptLines));
    },
  };

  async function file(path, response) {
    const name = normalize(path === '/' ? '/index.html' : path);
    const type = types[extname(name)];
    try {
      const body = await readFile(join(files, name));
      response.writeHead(200, {
        'Content-Type': type ?? 'application/octet-stream',
        'Content-Security-Policy': policy,
        'X-Content-Type-Options': 'nosniff',
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  }

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const route = routes[`${request.method} ${pathname}`];
      if (pathname.startsWith('/api/') && request.method === 'POST') {
        log.push({ path: pathname, body: pathname === '/api/scan' ? '' : body.toString() });
      }
      if (route) {
        route(request, response, body);
      } else if (/^\/api\/(speech\/\d+|clip\/[a-z_-]+)\.wav$/.test(pathname)) {
        log.push({ path: pathname, body: '' });
        response.writeHead(200, { 'Content-Type': 'audio/wav' });
        response.end(wav());
      } else {
        void file(pathname, response);
      }
    });
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    log,
    show: (to, options = {}) => {
      lang = options.lang ?? lang;
      state.cents = options.cents ?? '12800';
      show(to, { auto: options.auto ?? false });
      if (options.stars) {
        rate(options.stars);
        send();
      }
      return serial;
    },
    receive: (messages) => {
      received = messages;
    },
    forgetPanel: () => panel.forget(),
    drop: () => streams.forEach((stream) => stream.destroy()),
    current: () => ({ id, serial, lang, stars: state.stars, layout, text: state.text ?? '' }),
    close: () => {
      clearTimeout(timer);
      streams.forEach((stream) => stream.destroy());
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const mock = await startMock({ port: Number(process.argv[2] ?? 8080), first: 'login.operator' });
  console.log(`mock terminal: ${mock.url}`);
}
