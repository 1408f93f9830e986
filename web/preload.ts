/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For vite: what the small entry of a document imports is named in the document, so that it is fetched together with the entry and
 * not behind it. `<link rel="modulepreload">` is no inline script; the security policy stays as it is.
 */
import type { Plugin } from 'vite';

export function preloadsTheRest(): Plugin {
  let base = '/';
  return {
    name: 'preloads-the-rest',
    configResolved: (config) => {
      base = config.base;
    },
    transformIndexHtml: (_html, { bundle, chunk }) => {
      const files = new Set<string>();
      const add = (file: string) => {
        const found = bundle?.[file];
        if (found?.type === 'chunk' && !files.has(file)) {
          files.add(file);
          found.imports.forEach(add);
        }
      };
      chunk?.dynamicImports.forEach(add);
      if (chunk) {
        files.delete(chunk.fileName);
      }
      return [...files].map((file) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: base + file }, injectTo: 'head' as const }));
    },
  };
}
