/* SPDX-License-Identifier: Apache-2.0 */
/* The merchant console itself. */
import { createApp } from 'vue';
import App from './App.vue';

createApp(App).mount('#app');
