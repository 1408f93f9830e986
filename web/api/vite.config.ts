/* SPDX-License-Identifier: Apache-2.0 */
/* A page without a library: one script and one sheet. Nothing inlined, no polyfill. */
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  base: '/api/',
  build: {
    outDir: '../../build/web/api',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
