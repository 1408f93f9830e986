/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts the page. Only the two Vant components that are used are taken, and their style sheets one
 * by one: Vant's own bundles bring its icon font along, which names an address outside.
 */
import 'vant/es/style/base.css';
import 'vant/es/popup/index.css';
import 'vant/es/button/index.css';
import './style.css';
import './guided.css';
import { createApp } from 'vue';
import App from './App.vue';

createApp(App).mount('#app');
