/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phone's key: made here, signs here, and cannot be taken out, not even by this page. It is kept
 * in IndexedDB with the token that says which pair this is.
 */
export interface Kept {
  key: CryptoKey;
  bearer: string;
}

const NAME = 'tongbao-approver';
const AT = 'pair';

function open(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(AT);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function work<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise((done, failed) => {
      const asked = ask(database.transaction(AT, mode).objectStore(AT));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  } finally {
    database.close();
  }
}

export const kept = () => work<Kept | undefined>('readonly', (s) => s.get(AT));
export const keep = (what: Kept) => work('readwrite', (s) => s.put(what, AT));
export const forget = () => work('readwrite', (s) => s.delete(AT));

export const hex = (bytes: Uint8Array) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('').toUpperCase();
export const unhex = (text: string) => new Uint8Array((text.match(/../g) ?? []).map((b) => parseInt(b, 16)));

export async function makeKey(): Promise<{ key: CryptoKey; point: Uint8Array }> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  return { key: pair.privateKey, point: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)) };
}

/* As lib/crypto/approval.h: the first 8 bytes of SHA-256(token | key), modulo a million. */
export async function checkDigits(token: Uint8Array, point: Uint8Array): Promise<string> {
  const both = new Uint8Array([...token, ...point]);
  const digest = new DataView(await crypto.subtle.digest('SHA-256', both));
  return (digest.getBigUint64(0) % 1000000n).toString().padStart(6, '0');
}

export async function sign(key: CryptoKey, challenge: Uint8Array): Promise<Uint8Array> {
  const said = new Uint8Array([...new TextEncoder().encode('tongbao approval v1'), ...challenge]);
  return new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, said));
}
