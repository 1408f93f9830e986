/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page without a library: one script, one sheet, and the acquirer's certificate (ca.pem) beside
 * them. It is built into the terminal's folder, from where a demo's terminal serves it; an acquirer
 * puts the folder on his own web server.
 */
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  base: './',
  build: {
    outDir: '../../build/web/terminal/receipt',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
