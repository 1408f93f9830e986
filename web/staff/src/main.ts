/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the staff console. Of Element Plus only the style sheets of what is used are taken. */
import 'element-plus/theme-chalk/base.css';
import 'element-plus/theme-chalk/dark/css-vars.css';
import 'element-plus/theme-chalk/el-button.css';
import 'element-plus/theme-chalk/el-card.css';
import 'element-plus/theme-chalk/el-input.css';
import '../../shared/style.css';
import './style.css';
import './desk/desk.css';
import { createApp } from 'vue';
import App from './App.vue';

const dark = matchMedia('(prefers-color-scheme: dark)');
const apply = () => document.documentElement.classList.toggle('dark', dark.matches);
dark.addEventListener('change', apply);
apply();
createApp(App).mount('#app');
