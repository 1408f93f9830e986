/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page's end of the panel channel: a key agreed with the vault through the terminal program,
 * which can relay what is sealed and not read it. What goes in: the vault's public key, sealed
 * layouts, sealed words for the person. What comes out: sealed positions of the keypad, and sealed
 * text where the policy has letters.
 *
 *   key      HKDF-SHA-256(ECDH P-256 x coordinate, no salt, "tongbao panel v1"), 32 bytes
 *   sealed   counter (8, big-endian) || AES-256-GCM ciphertext || tag (16)
 *   nonce    direction (4, big-endian: 1 page to vault, 2 vault to page) || counter
 *
 * A counter that is not greater than the last one is refused. The private key is made in WebCrypto
 * as not extractable and lives as long as the page does.
 */

const PAGE_TO_VAULT = 1;
const VAULT_TO_PAGE = 2;
const COUNTER_BYTES = 8;
const TAG_BYTES = 16;
const LAYOUT_BYTES = 12;

/* One byte stands for what was touched: a position 0..11, or one of these. */
export const ENTRY_OK = 0x4f;
export const ENTRY_CANCEL = 0x58;
export const ENTRY_BACKSPACE = 0x42; /* these two on a keyboard only */
export const ENTRY_CLEAR = 0x43;
const ENTRY_TEXT = 0x54; /* in front of what was typed or pasted */

export const TEXT_MAX = 512; /* bytes of one touch: 128 characters of four */

/* What is sealed for characters; null when it is more than a touch can carry. */
export function textTouch(text: string): Uint8Array<ArrayBuffer> | null {
  const typed = new TextEncoder().encode(text);
  if (typed.length > TEXT_MAX) {
    return null;
  }
  const plain = new Uint8Array(typed.length + 1);
  plain[0] = ENTRY_TEXT;
  plain.set(typed, 1);
  typed.fill(0);
  return plain;
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

function nonce(direction: number, counter: bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, direction);
  view.setBigUint64(4, counter);
  return bytes;
}

export class Panel {
  private sent = 0n;
  private received = 0n;

  private constructor(private readonly key: CryptoKey) {}

  /* `exchange` carries our public key to the vault and brings its own back, both raw P-256 points. */
  static async agree(
    exchange: (mine: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<Panel> {
    const curve = { name: 'ECDH', namedCurve: 'P-256' };
    const pair = await crypto.subtle.generateKey(curve, false, ['deriveBits']);
    const mine = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    const theirs = await crypto.subtle.importKey('raw', await exchange(mine), curve, false, []);
    const secret = await crypto.subtle.deriveBits(
      { name: 'ECDH', public: theirs },
      pair.privateKey,
      256,
    );
    const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
    new Uint8Array(secret).fill(0);
    const key = await crypto.subtle.deriveKey(
      {
        name: 'HKDF',
        hash: 'SHA-256',
        salt: new Uint8Array(0),
        info: new TextEncoder().encode('tongbao panel v1'),
      },
      material,
      { name: 'AES-GCM', length: 256 },
      false,
      ['encrypt', 'decrypt'],
    );
    return new Panel(key);
  }

  async seal(touched: number | Uint8Array<ArrayBuffer>): Promise<string> {
    this.sent += 1n;
    const iv = nonce(PAGE_TO_VAULT, this.sent);
    const plain = typeof touched === 'number' ? Uint8Array.of(touched) : touched;
    const box = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, this.key, plain);
    const sealed = new Uint8Array(COUNTER_BYTES + box.byteLength);
    sealed.set(iv.subarray(4), 0);
    sealed.set(new Uint8Array(box), COUNTER_BYTES);
    return toBase64(sealed);
  }

  /* What the vault has sealed for this page. Each opens once: its counter must be a new one. */
  async open(text: string): Promise<Uint8Array<ArrayBuffer>> {
    const sealed = fromBase64(text);
    if (sealed.length <= COUNTER_BYTES + TAG_BYTES) {
      throw new Error('what is sealed is longer');
    }
    const counter = new DataView(sealed.buffer).getBigUint64(0);
    if (counter <= this.received) {
      throw new Error('a sealed message came twice');
    }
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: nonce(VAULT_TO_PAGE, counter) },
      this.key,
      sealed.subarray(COUNTER_BYTES),
    );
    if (counter > this.received) {
      this.received = counter;
    }
    return new Uint8Array(plain);
  }

  /* The key on each of the 12 positions: '0'..'9', 'B' deletes one, 'C' clears all. */
  async openLayout(text: string): Promise<string[]> {
    const plain = await this.open(text);
    if (plain.length !== LAYOUT_BYTES) {
      throw new Error('a layout has twelve keys');
    }
    return Array.from(plain, (b) => String.fromCharCode(b));
  }

  /* How good a new password is, 0 to 4, and what would make it better. */
  async openStrength(text: string): Promise<{ score: number; advice: string }> {
    const plain = await this.open(text);
    return { score: Math.min(plain[0] ?? 0, 4), advice: new TextDecoder().decode(plain.subarray(1)) };
  }

  async openText(text: string): Promise<string> {
    return new TextDecoder().decode(await this.open(text));
  }
}
