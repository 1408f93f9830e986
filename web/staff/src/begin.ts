/* SPDX-License-Identifier: Apache-2.0 */
/* What the document begins with: styles, the first question to the host, and then the staff console (main.ts). Of Element Plus
 * only the style sheets of what is used are taken. */
import 'element-plus/theme-chalk/base.css';
import 'element-plus/theme-chalk/dark/css-vars.css';
import 'element-plus/theme-chalk/el-button.css';
import 'element-plus/theme-chalk/el-card.css';
import 'element-plus/theme-chalk/el-input.css';
import '../../shared/style.css';
import './style.css';
import './desk/desk.css';
import { askWhoIsIn } from '../../shared/first';

askWhoIsIn('staff');
void import('./main');
