/* SPDX-License-Identifier: Apache-2.0 */
/* Shows the receipt in the address bar and says whether it is genuine. Nothing is sent anywhere. */
import { certificate, fault, fromPem, open, type Receipt } from './receipt';
import { texts, type Lang } from './words';
import './style.css';

const app = document.querySelector<HTMLElement>('#app')!;
let lang: Lang = navigator.language.startsWith('zh') ? 'zh' : 'en';

function money(fen: number): string {
  return `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}

function rows(r: Receipt): [string, string][] {
  const w = texts[lang];
  const two = (n: number): string => String(n).padStart(2, '0');
  const six = (n: number): string => String(n).padStart(6, '0');
  const t = r.time;
  const day = `${t.getUTCFullYear()}-${two(t.getUTCMonth() + 1)}-${two(t.getUTCDate())}`;
  const clock = `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}`;
  const all: [string, string][] = [
    [w.type, w.types[r.type] ?? '?'],
    [w.amount, money(r.amount - r.tip)],
    [w.tip, r.tip > 0 ? money(r.tip) : ''],
    [w.issuer, r.issuer],
    [w.masked, r.masked],
    [w.time, `${day} ${clock}`],
    [w.mid, r.mid],
    [w.terminal, r.terminal],
    [w.operator, r.operator],
    [w.batch, six(r.batch)],
    [w.voucher, six(r.voucher)],
    [w.reference, r.reference],
    [w.authorisation, r.authorisation],
  ];
  return all.filter(([, value]) => value !== '');
}

function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function verdict(ok: boolean | null, title: string, why: string): HTMLElement {
  const box = element('section', `verdict ${ok === null ? 'unknown' : ok ? 'good' : 'bad'}`);
  box.dataset.part = 'verdict';
  box.dataset.verdict = ok === null ? 'unknown' : ok ? 'good' : 'bad';
  box.append(element('strong', '', title), element('p', '', why));
  return box;
}

function goods(r: Receipt): HTMLElement {
  const table = element('table', 'goods');
  table.dataset.part = 'goods';
  const caption = element('caption', '', texts[lang].goods);
  table.append(caption);
  r.goods.forEach((good) => {
    const row = element('tr', '');
    const name = element('th', '', good.name);
    name.setAttribute('scope', 'row');
    row.append(name, element('td', '', `${good.quantity} × ${money(good.price)}`));
    row.append(element('td', '', money(good.price * good.quantity)));
    table.append(row);
  });
  return table;
}

function signature(r: Receipt): HTMLElement {
  const name = 'http://www.w3.org/2000/svg';
  const figure = element('figure', 'signature');
  figure.dataset.part = 'signature';
  const drawing = document.createElementNS(name, 'svg');
  drawing.setAttribute('viewBox', '0 0 1000 400');
  drawing.setAttribute('role', 'img');
  drawing.setAttribute('aria-label', texts[lang].signature);
  r.strokes.forEach((points) => {
    const line = document.createElementNS(name, 'polyline');
    line.setAttribute('points', points.map(([x, y]) => `${x},${y}`).join(' '));
    drawing.append(line);
  });
  figure.append(element('figcaption', '', texts[lang].signature));
  figure.append(drawing);
  return figure;
}

function paper(r: Receipt): HTMLElement {
  const w = texts[lang];
  const sheet = element('article', 'paper');
  sheet.append(element('h1', '', r.merchant), element('p', 'total-label', w.total));
  sheet.append(element('p', 'total', `RMB ${money(r.amount)}`));
  const list = document.createElement('dl');
  rows(r).forEach(([label, value]) => list.append(element('dt', '', label), element('dd', '', value)));
  if (r.goods.length > 0) {
    sheet.append(goods(r));
  }
  sheet.append(list);
  if (r.strokes.length > 0) {
    sheet.append(signature(r));
  }
  const left = r.left.goods ? (r.left.strokes ? w.noBoth : w.noGoods) : r.left.strokes ? w.noStrokes : '';
  if (left !== '') {
    sheet.append(element('p', 'left', left));
  }
  return sheet;
}

async function judge(fragment: string): Promise<HTMLElement[]> {
  const w = texts[lang];
  let opened;
  try {
    opened = open(fragment);
  } catch {
    return [verdict(false, w.none, w.noneWhy)];
  }
  const sheet = paper(opened.receipt);
  try {
    const pem = await (await fetch('ca.pem')).text();
    const why = await fault(opened, certificate(fromPem(pem)));
    return why === ''
      ? [verdict(true, w.good, w.goodWhy), sheet]
      : [verdict(false, w.bad, w.badWhy), sheet];
  } catch {
    return [verdict(null, w.unknown, w.unknownWhy), sheet];
  }
}

async function show(): Promise<void> {
  const parts = await judge(location.hash.slice(1));
  const other = element('button', 'lang', texts[lang].other);
  other.addEventListener('click', () => {
    lang = lang === 'zh' ? 'en' : 'zh';
    void show();
  });
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
  document.title = texts[lang].title;
  app.replaceChildren(other, ...parts);
}

window.addEventListener('hashchange', () => void show());
void show();
