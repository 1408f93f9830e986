/* SPDX-License-Identifier: Apache-2.0 */
/* The staff console itself. */
import { createApp } from 'vue';
import App from './App.vue';

const dark = matchMedia('(prefers-color-scheme: dark)');
const apply = () => document.documentElement.classList.toggle('dark', dark.matches);
dark.addEventListener('change', apply);
apply();
createApp(App).mount('#app');
