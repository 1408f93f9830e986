/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages of the merchant console: a row each. A page is in the bar for who has one of its roles (all,
 * when none is named); what it may do is the host's to decide.
 */
import { defineAsyncComponent, type Component } from 'vue';
import { contract } from '../../shared/contract';
import { ending } from '../../shared/ending';
import { fleet } from '../../shared/fleet/words';
import { payout } from '../../shared/payout';
import { people } from '../../shared/people';
import { setup } from '../../shared/setup/words';
import { words } from '../../shared/words';
import { funds } from './funds/words';
import { members } from './members/words';
import { prices } from './prices/words';
import { shop } from './shop/words';

export interface Page {
  path: string; /* behind /, up to the next '/': what is behind that is the page's */
  name: () => string;
  roles?: string[];
  wide?: boolean; /* it has something for a PC */
  load: () => Promise<{ default: Component }>;
  view: Component;
}

const rows: Omit<Page, 'view'>[] = [
  { path: '', name: () => words.value.home, load: () => import('./pages/Home.vue') },
  {
    path: 'funds',
    name: () => funds.value.title,
    roles: ['owner', 'finance'],
    load: () => import('./pages/Funds.vue'),
  },
  {
    path: 'devices',
    name: () => fleet.value.terminals,
    roles: ['owner', 'manager'],
    wide: true,
    load: () => import('./pages/Devices.vue'),
  },
  {
    path: 'organisation',
    name: () => setup.value.organisation,
    roles: ['owner'],
    wide: true,
    load: () => import('../../shared/setup/Organisation.vue'),
  },
  {
    path: 'parameters',
    name: () => setup.value.parameters,
    roles: ['owner', 'manager'],
    wide: true,
    load: () => import('../../shared/setup/Parameters.vue'),
  },
  {
    path: 'prices',
    name: () => prices.value.title,
    roles: ['owner', 'manager'],
    wide: true,
    load: () => import('./pages/Prices.vue'),
  },
  {
    path: 'members',
    name: () => members.value.title,
    roles: ['owner', 'manager'],
    wide: true,
    load: () => import('./pages/Members.vue'),
  },
  {
    path: 'alerts',
    name: () => fleet.value.alerts,
    roles: ['owner', 'manager'],
    load: () => import('./pages/Alerts.vue'),
  },
  {
    path: 'chat',
    name: () => shop.value.chat,
    roles: ['owner', 'manager'],
    load: () => import('./pages/Chat.vue'),
  },
  {
    path: 'payout',
    name: () => payout.value.title,
    roles: ['owner', 'finance'],
    load: () => import('./pages/Payout.vue'),
  },
  {
    path: 'contract',
    name: () => contract.value.title,
    roles: ['owner'],
    load: () => import('./pages/Contract.vue'),
  },
  {
    path: 'end',
    name: () => ending.value.title,
    roles: ['owner'],
    load: () => import('./pages/End.vue'),
  },
  {
    path: 'people',
    name: () => people.value.people,
    roles: ['owner', 'manager'],
    load: () => import('../../shared/parts/People.vue'),
  },
  {
    path: 'security',
    name: () => words.value.security,
    load: () => import('../../shared/parts/Security.vue'),
  },
];

export const pages: Page[] = rows.map((row) => ({ ...row, view: defineAsyncComponent(row.load) }));

/* Pages for who has a link or a paired phone, and no account. */
export const openPages: Record<string, Component> = {
  code: defineAsyncComponent(() => import('./pages/Code.vue')),
  pair: defineAsyncComponent(() => import('./pages/Pair.vue')),
};
