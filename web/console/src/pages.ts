/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages of the merchant console: a row each. A page is in the bar for who has one of its roles (all,
 * when none is named); what it may do is the host's to decide.
 */
import { defineAsyncComponent, type Component } from 'vue';
import { contract } from '../../shared/contract';
import { fleet } from '../../shared/fleet/words';
import { payout } from '../../shared/payout';
import { people } from '../../shared/people';
import { setup } from '../../shared/setup/words';
import { words } from '../../shared/words';
import { shop } from './shop/words';

export interface Page {
  path: string; /* behind /, up to the next '/': what is behind that is the page's */
  name: () => string;
  roles?: string[];
  wide?: boolean; /* it has something for a PC */
  view: Component;
}

const page = (load: () => Promise<{ default: Component }>) => defineAsyncComponent(load);

export const pages: Page[] = [
  { path: '', name: () => words.value.home, view: page(() => import('./pages/Home.vue')) },
  {
    path: 'devices',
    name: () => fleet.value.terminals,
    roles: ['owner', 'manager'],
    wide: true,
    view: page(() => import('./pages/Devices.vue')),
  },
  {
    path: 'organisation',
    name: () => setup.value.organisation,
    roles: ['owner'],
    wide: true,
    view: page(() => import('../../shared/setup/Organisation.vue')),
  },
  {
    path: 'parameters',
    name: () => setup.value.parameters,
    roles: ['owner', 'manager'],
    wide: true,
    view: page(() => import('../../shared/setup/Parameters.vue')),
  },
  {
    path: 'alerts',
    name: () => fleet.value.alerts,
    roles: ['owner', 'manager'],
    view: page(() => import('./pages/Alerts.vue')),
  },
  {
    path: 'chat',
    name: () => shop.value.chat,
    roles: ['owner', 'manager'],
    view: page(() => import('./pages/Chat.vue')),
  },
  {
    path: 'payout',
    name: () => payout.value.title,
    roles: ['owner', 'finance'],
    view: page(() => import('./pages/Payout.vue')),
  },
  {
    path: 'contract',
    name: () => contract.value.title,
    roles: ['owner'],
    view: page(() => import('./pages/Contract.vue')),
  },
  {
    path: 'people',
    name: () => people.value.people,
    roles: ['owner', 'manager'],
    view: page(() => import('../../shared/parts/People.vue')),
  },
  {
    path: 'security',
    name: () => words.value.security,
    view: page(() => import('../../shared/parts/Security.vue')),
  },
];

/* Pages for who has a link or a paired phone, and no account. */
export const openPages: Record<string, Component> = {
  code: page(() => import('./pages/Code.vue')),
  pair: page(() => import('./pages/Pair.vue')),
};
