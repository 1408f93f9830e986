/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line to the back office. Every answer is JSON; a refusal is an exception with a code that the
 * page has words for. A host that is busy is asked again, a few times, at growing distances.
 */
import { language } from './words';

export interface Broken {
  rule: string;
  text: string;
}

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly broken: Broken[] = [],
    readonly said: Record<string, unknown> = {}, /* the whole answer */
  ) {
    super(message);
  }
}

export interface Account {
  login: string;
  name: string;
  roles: string[];
  mid?: string;
  outlet?: number;
  recovery_codes: number;
}

/* What stands under a name in the language that is read: `text_zh`, `text_en`. */
export const spoken = (from: object, name = 'text') =>
  ((from as Record<string, unknown>)[`${name}_${language.value}`] as string | undefined) ?? '';

/* Where a log-in stands. `csrf` is kept here and never shown. */
export interface Entrance {
  state: 'out' | 'factor' | 'enrol' | 'change' | 'in';
  csrf?: string;
  factors?: string[];
  account?: Account;
  step_up_ms?: number;
  why?: string; /* "out": what ended the session, when it did not just run out */
  codes?: string[];
}

const TRIES = 5;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

export class Api {
  private csrf = '';
  /* Somebody who was in is not any more. */
  lost: () => void = () => {};

  /* `realm` is "staff" or "console". A path that begins with /v1/ is of the published interface. */
  constructor(readonly realm: string) {}

  /* `until`: nobody waits for the answer any more. */
  async get<T>(path: string, until?: AbortSignal): Promise<T> {
    return this.ask<T>('GET', path, undefined, until);
  }

  async post<T>(path: string, body: object = {}): Promise<T> {
    return this.ask<T>('POST', path, JSON.stringify(body));
  }

  /* A file as it is. */
  async send<T>(path: string, file: Blob): Promise<T> {
    return this.ask<T>('POST', path, file);
  }

  async remove<T>(path: string): Promise<T> {
    return this.ask<T>('DELETE', path);
  }

  /* An answer that was asked for before this line was there. */
  keep<T extends { csrf?: unknown }>(said: T): T {
    if (typeof said.csrf === 'string') {
      this.csrf = said.csrf;
    }
    return said;
  }

  /* What is no JSON: a paper. */
  async file(path: string): Promise<Blob> {
    const answer = await this.patiently('GET', path);
    if (!answer.ok) {
      this.refuse(answer, path, await answer.json());
    }
    return answer.blob();
  }

  /* CSV that comes in pieces, each of which says where the next one begins: `path` of a piece. */
  async sheet(path: (after: string) => string): Promise<Blob> {
    const pieces: Blob[] = [];
    let after = '';
    do {
      const answer = await this.patiently('GET', path(after));
      if (!answer.ok) {
        this.refuse(answer, path(after), await answer.json());
      }
      pieces.push(await answer.blob());
      after = answer.headers.get('Tongbao-Next') ?? '';
    } while (after !== '');
    return new Blob(pieces, { type: 'text/csv' });
  }

  /* A piece of the stream of events, which is not JSON as a whole. */
  async text(path: string, more: Record<string, string> = {}, until?: AbortSignal): Promise<string> {
    const answer = await this.request('GET', path, undefined, more, until);
    if (answer.status === 401) {
      this.lost();
    }
    if (!answer.ok) {
      throw new Refusal(answer.status, 'failed', '');
    }
    return answer.text();
  }

  private async ask<T>(method: string, path: string, body?: string | Blob, until?: AbortSignal): Promise<T> {
    const answer = await this.patiently(method, path, body, until);
    const text = await answer.text();
    const said = this.keep(text === '' ? {} : JSON.parse(text));
    if (!answer.ok) {
      this.refuse(answer, path, said);
    }
    return said as T;
  }

  private refuse(answer: Response, path: string, said: Record<string, unknown>): never {
    if (answer.status === 401 && !path.startsWith('/login')) {
      this.lost();
    }
    const { error = 'failed', message = '', broken = [] } = said as { error?: string; message?: string; broken?: Broken[] };
    throw new Refusal(answer.status, error, message, broken, said);
  }

  private async patiently(method: string, path: string, body?: string | Blob, until?: AbortSignal): Promise<Response> {
    for (let tried = 1; ; tried++) {
      const answer = await this.request(method, path, body, {}, until);
      if (answer.status !== 429 || tried === TRIES) {
        return answer;
      }
      await pause(250 * 2 ** tried * (0.5 + Math.random()));
    }
  }

  private async request(
    method: string,
    path: string,
    body?: string | Blob,
    more: Record<string, string> = {},
    until?: AbortSignal,
  ): Promise<Response> {
    const headers: Record<string, string> = { 'X-Language': language.value, ...more };
    const published = path.startsWith('/v1/');
    if (published) {
      headers['X-Tongbao-Realm'] = this.realm;
    }
    if (body !== undefined) {
      headers['Content-Type'] = body instanceof Blob ? body.type : 'application/json';
    }
    if (method !== 'GET') {
      headers['X-CSRF'] = this.csrf;
    }
    try {
      return await fetch(published ? `/api${path}` : `/api/${this.realm}${path}`, {
        method,
        headers,
        body: body ?? null,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: until ?? null,
      });
    } catch {
      throw new Refusal(0, 'offline', '');
    }
  }
}
