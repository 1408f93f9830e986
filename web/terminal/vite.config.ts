/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the terminal's page into build/web/terminal, from where tongbao-terminal serves it.
 * Nothing is inlined as data: into scripts, and no polyfill script is injected into the HTML: the page
 * runs under a Content-Security-Policy of default-src 'self'.
 */
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  base: './',
  plugins: [vue()],
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    outDir: '../../build/web/terminal',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
});
