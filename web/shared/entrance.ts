/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in, at which step, and where in the page: shared by both consoles. */
import { inject, ref, type InjectionKey, type Ref } from 'vue';
import { Api, Refusal, type Entrance } from './api';
import { whoIsIn } from './first';
import { sentence, words } from './words';

export interface Site {
  api: Api;
  base: string; /* "/staff/" or "/" */
  title: () => string;
  entrance: Ref<Entrance | null>; /* null: not known yet */
  path: Ref<string>; /* behind the base, without '#' */
  go: (path: string) => void;
  /* A link's secret: taken out of the address bar as soon as it was read. */
  secret: Ref<string>;
  codes: Ref<string[]>; /* to be shown once */
  take: (entrance: Entrance) => void;
  refresh: () => Promise<void>;
}

const LOOK_MS = 15000;

export const SITE: InjectionKey<Site> = Symbol('site');

export function makeSite(realm: 'staff' | 'console', base: string): Site {
  const api = new Api(realm);
  const entrance = ref<Entrance | null>(null);
  const where = () => location.pathname.slice(base.length).replace(/\/$/, '');
  const path = ref(where());
  const secret = ref(location.hash.slice(1));
  const codes = ref<string[]>([]);
  if (secret.value !== '' && ['setup', 'reset', 'code', 'pair'].includes(path.value)) {
    history.replaceState(null, '', location.pathname);
  }
  addEventListener('popstate', () => (path.value = where()));

  const take = (said: Entrance) => {
    entrance.value = { ...said };
    if (said.codes) {
      codes.value = said.codes;
    }
  };
  const refresh = async () => {
    const first = (await whoIsIn()) as Entrance | null;
    take(first === null ? await api.get<Entrance>('/session') : api.keep(first));
  };
  /* What ended this session elsewhere is said here at once, or as soon as somebody looks (S16). To
   * ask who is in uses nothing of the session's time. */
  const look = async () => {
    if (entrance.value?.state === 'in' && !document.hidden) {
      const said = await api.get<Entrance>('/session').catch(() => null);
      if (said && said.state !== 'in' && entrance.value.state === 'in') {
        take(said);
      }
    }
  };
  api.lost = () => void look();
  setInterval(look, LOOK_MS);
  document.addEventListener('visibilitychange', look);
  return {
    api,
    base,
    title: () => words.value[realm],
    entrance,
    path,
    secret,
    codes,
    take,
    go: (to) => {
      history.pushState(null, '', base + to);
      path.value = to;
    },
    refresh,
  };
}

export function useSite(): Site {
  const site = inject(SITE);
  if (site === undefined) {
    throw new Error('no site');
  }
  return site;
}

/* Words for what went wrong. */
export function explain(error: unknown): string {
  if (!(error instanceof Refusal)) {
    return words.value.errors.failed!;
  }
  if (error.code === 'policy') {
    return error.broken.map((b) => sentence(b.text)).join(' · ');
  }
  return words.value.errors[error.code] ?? words.value.errors.failed!;
}

/* One thing at a time: `run` keeps `busy` and `fault`, and says whether it went well. */
export function useWork() {
  const busy = ref(false);
  const fault = ref('');
  const run = async (work: () => Promise<void>, mute: (error: unknown) => boolean = () => false) => {
    if (busy.value) {
      return false;
    }
    busy.value = true;
    fault.value = '';
    try {
      await work();
      return true;
    } catch (error) {
      fault.value = mute(error) ? '' : explain(error);
      return false;
    } finally {
      busy.value = false;
    }
  };
  return { busy, fault, run };
}
