/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page at /api/: every call of the published interface, and a way to try it. It decides nothing: what may be asked, by whom
 * and how is read from the document, and whether it is done is the host's answer.
 */
import { session, takeKey, type Way } from './call';
import { Interface, type Call, type Published } from './document';
import { el, fresh } from './element';
import { refusals, tables } from './tables';
import { tryForm } from './try';
import { prefer, preferred, texts } from './words';
import '../../shared/style.css';
import './style.css';

const app = document.querySelector<HTMLElement>('#app')!;
let lang = preferred();
let way: Way = 'key';
let api: Interface | null = null;
let sought = '';

/* ---- who calls ---- */

function sessionPart(realm: 'console' | 'staff'): HTMLElement {
  const w = texts[lang];
  const said = el('p', { role: 'status' });
  const look = async () => {
    try {
      const now = await session(realm);
      const roles = now.account?.roles.join(', ') ?? '';
      said.replaceChildren(now.state === 'in' ? w.inAs(now.account?.name ?? '', roles) : w.out[realm]);
    } catch {
      said.replaceChildren(w.offline);
    }
  };
  void look();
  return el(
    'div',
    { class: 'session' },
    said,
    el(
      'div',
      { class: 'presses' },
      el('button', { type: 'button', class: 'plain', on: { click: () => void look() } }, w.look),
      el('a', { class: 'plain', href: realm === 'staff' ? '/staff/' : '/', target: '_blank', rel: 'noopener' }, w.open[realm]),
    ),
  );
}

function keyPart(): HTMLElement {
  const w = texts[lang];
  const id = fresh('key');
  const box = el('input', {
    id, type: 'password', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', 'aria-describedby': `${id}-hint`,
    on: { input: (event) => takeKey((event.target as HTMLInputElement).value) },
  });
  takeKey('');
  return el('div', { class: 'field' }, el('label', { for: id }, w.key), box, el('p', { class: 'hint', id: `${id}-hint` }, w.keyHint));
}

function whoPart(): HTMLElement {
  const w = texts[lang];
  const how = el('div');
  const draw = () =>
    how.replaceChildren(...(way === 'key' ? [keyPart()] : way === 'nobody' ? [] : [sessionPart(way)]));
  const choices = (Object.keys(w.ways) as Way[]).map((each) => {
    const box = el('input', { type: 'radio', name: 'way', value: each, checked: each === way });
    box.addEventListener('change', () => {
      way = each;
      takeKey('');
      draw();
    });
    return el('label', { class: 'choice' }, box, w.ways[each]);
  });
  draw();
  return el('section', { class: 'panel who' }, el('fieldset', { class: 'choices' }, el('legend', {}, w.who), ...choices), how);
}

/* ---- calls ---- */

function policy(call: Call): HTMLElement {
  const w = texts[lang];
  const said = call.open
    ? [w.everybody]
    : [
        call.scope === '' ? w.people : w.scope(call.scope),
        ...(call.roles.length > 0 ? [w.roles(call.roles.join(', '))] : []),
        ...(call.stepUp ? [w.stepUp] : []),
      ];
  return el('ul', { class: 'policy' }, ...[...said, w.cost(call.cost)].map((text) => el('li', {}, text)));
}

function detail(of: Interface, call: Call): HTMLElement[] {
  const w = texts[lang];
  const members = tables(of, call.body, w);
  const answer = tables(of, call.done.schema, w);
  return [
    policy(call),
    tryForm(of, call, () => way, w),
    ...(members.length > 0 ? [el('details', { class: 'more' }, el('summary', {}, w.bodyOf), ...members)] : []),
    el('details', { class: 'more' }, el('summary', {}, `${w.answer} · ${call.done.status}`), ...answer),
    el('details', { class: 'more' }, el('summary', {}, w.refusals), refusals(call)),
  ];
}

/* A call is drawn when it is opened: there are hundreds, and a telephone has better things to do. */
function row(of: Interface, call: Call): HTMLElement {
  const box = el(
    'details',
    { class: 'call', 'data-call': call.id },
    el(
      'summary',
      {},
      el('span', { class: 'method', 'data-method': call.method }, call.method),
      el('code', { class: 'path' }, call.path),
      el('span', { class: 'summary', lang: 'en' }, call.summary),
    ),
  );
  box.addEventListener('toggle', () => {
    if (box.open && box.childElementCount === 1) box.append(el('div', { class: 'inside' }, ...detail(of, call)));
  });
  return box;
}

const holds = (call: Call, word: string) =>
  `${call.method} ${call.path} ${call.summary} ${call.scope} ${call.roles.join(' ')}`.toLowerCase().includes(word);

function list(of: Interface, into: HTMLElement, said: HTMLElement): void {
  const w = texts[lang];
  const word = sought.trim().toLowerCase();
  const groups = of.groups
    .map(({ name, calls }) => ({ name, calls: calls.filter((call) => word === '' || holds(call, word)) }))
    .filter(({ calls }) => calls.length > 0);
  const count = groups.reduce((sum, { calls }) => sum + calls.length, 0);
  said.textContent = count === 0 ? w.none : w.found(count);
  into.replaceChildren(
    ...groups.map(({ name, calls }) => {
      const box = el(
        'details',
        { class: 'group', 'data-group': name, open: word !== '' && count <= 40 },
        el('summary', {}, el('h2', {}, w.groups[name] ?? name), w.groups[name] === undefined ? null : el('code', {}, name), el('span', { class: 'count' }, w.count(calls.length))),
      );
      const fill = () => {
        if (box.open && box.childElementCount === 1) box.append(...calls.map((call) => row(of, call)));
      };
      box.addEventListener('toggle', fill);
      fill();
      return box;
    }),
  );
}

function callsPart(of: Interface): HTMLElement[] {
  const w = texts[lang];
  const id = fresh('search');
  const said = el('p', { role: 'status', class: 'hint' });
  const into = el('div', { class: 'groups' });
  const box = el('input', {
    id, type: 'search', placeholder: w.searchHint, autocomplete: 'off',
    on: {
      input: (event) => {
        sought = (event.target as HTMLInputElement).value;
        list(of, into, said);
      },
    },
  });
  box.value = sought;
  list(of, into, said);
  return [el('div', { class: 'field search' }, el('label', { for: id }, w.search), box, said), into];
}

/* ---- the page ---- */

function show(): void {
  const w = texts[lang];
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
  document.title = w.title;
  const other = el(
    'button',
    {
      type: 'button',
      lang: lang === 'zh' ? 'en' : 'zh-CN',
      on: {
        click: () => {
          lang = lang === 'zh' ? 'en' : 'zh';
          prefer(lang);
          takeKey('');
          show();
        },
      },
    },
    w.other,
  );
  const bar = el('header', { class: 'bar-top' }, el('span', { class: 'mark' }, el('img', { src: '/coin.svg', alt: '' }), w.title), other);
  if (api === null) {
    app.replaceChildren(bar, el('main', { class: 'page' }, el('p', { class: 'waiting', role: 'status' }, w.loading)));
    return;
  }
  const intro = el(
    'section',
    { class: 'intro' },
    el('h1', {}, w.title),
    el('p', {}, w.intro),
    w.english === '' ? null : el('p', { class: 'hint' }, w.english),
    el('p', {}, el('a', { href: `${api.server}/openapi.json` }, w.document)),
  );
  app.replaceChildren(bar, el('main', { class: 'page columns' }, el('div', { class: 'side' }, intro, whoPart()), el('div', { class: 'calls' }, ...callsPart(api))));
}

async function begin(): Promise<void> {
  show();
  try {
    const answer = await fetch('/api/v1/openapi.json', { credentials: 'omit' });
    if (!answer.ok) throw new Error(String(answer.status));
    api = new Interface((await answer.json()) as Published);
    show();
  } catch {
    const w = texts[lang];
    app.querySelector('main')!.replaceChildren(el('p', { class: 'fault', role: 'alert' }, w.failed));
  }
}

void begin();
