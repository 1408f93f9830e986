/* SPDX-License-Identifier: Apache-2.0 */
/* What the document begins with: styles, the first question to the host, and then the merchant console (main.ts). Vant's style
 * sheets come one by one: its bundles bring an icon font that names an address outside. */
import 'vant/es/style/base.css';
import 'vant/es/button/index.css';
import 'vant/es/cell/index.css';
import 'vant/es/field/index.css';
import 'vant/es/loading/index.css';
import '../../shared/style.css';
import './style.css';
import { askWhoIsIn } from '../../shared/first';

askWhoIsIn('console');
void import('./main');
