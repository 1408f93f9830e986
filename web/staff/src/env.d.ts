/* SPDX-License-Identifier: Apache-2.0 */
/* What the bundler resolves and the type checker does not know: style sheets. */
declare module '*.css';
