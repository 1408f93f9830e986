/* SPDX-License-Identifier: Apache-2.0 */
/* As the terminal's: nothing inlined, no polyfill, one folder of files with hashes in their names. */
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { preloadsTheRest } from '../preload';

export default defineConfig({
  root: import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  base: '/staff/',
  plugins: [vue(), preloadsTheRest()],
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    outDir: '../../build/web/staff',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
