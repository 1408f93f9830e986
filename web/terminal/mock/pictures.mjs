/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures and sounds for the mock: something of the right kind and size, that decodes to nothing. */
import { randomInt } from 'node:crypto';
import { crc32, deflateSync } from './png.mjs';

function chunk(type, body) {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length, 0);
  head.write(type, 4, 'latin1');
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), body])), 0);
  return Buffer.concat([head, body, tail]);
}

/* A grey picture, one byte a pixel. */
export function png(width, height, pixelAt) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows[y * (width + 1) + 1 + x] = pixelAt(x, y);
    }
  }
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/* Looks like a code, with its three finders; another one each time. */
export function codePicture() {
  const modules = 25;
  const dot = 8;
  const quiet = 4;
  const dark = Array.from({ length: modules }, () =>
    Array.from({ length: modules }, () => randomInt(2) === 1),
  );
  for (const [left, top] of [[0, 0], [modules - 7, 0], [0, modules - 7]]) {
    for (let y = -1; y <= 7; y += 1) {
      for (let x = -1; x <= 7; x += 1) {
        if (dark[top + y]?.[left + x] !== undefined) {
          const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3));
          dark[top + y][left + x] = ring === 3 || ring <= 1;
        }
      }
    }
  }
  const size = (modules + 2 * quiet) * dot;
  return png(size, size, (x, y) =>
    dark[Math.floor(y / dot) - quiet]?.[Math.floor(x / dot) - quiet] ? 0 : 255,
  );
}

/* The receipt as a picture: letters by the browser, so an SVG does here. */
export function receiptPicture(lines) {
  const escaped = lines.map((line) =>
    line.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]),
  );
  const text = escaped
    .map((line, at) => `<text x="0" y="${20 + at * 24}" xml:space="preserve">${line}</text>`)
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="384" height="${lines.length * 24 + 8}"
    viewBox="0 0 384 ${lines.length * 24 + 8}" font-size="20" fill="#111"
    font-family="'WenQuanYi Micro Hei Mono', 'Noto Sans Mono CJK SC', monospace">${text}</svg>`;
}

/* Two short tones. */
export function wav() {
  const rate = 8000;
  const samples = Math.floor(rate * 0.3);
  const data = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at += 1) {
    const hertz = at < samples / 2 ? 660 : 880;
    data.writeInt16LE(Math.round(6000 * Math.sin((2 * Math.PI * hertz * at) / rate)), at * 2);
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}
