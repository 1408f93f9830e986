/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages of the staff console: a row each. A page is in the bar for who has one of its roles (all,
 * when none is named); what it may do is the host's to decide.
 */
import { defineAsyncComponent, type Component } from 'vue';
import { contract } from '../../shared/contract';
import { ending } from '../../shared/ending';
import { payout } from '../../shared/payout';
import { people } from '../../shared/people';
import { words } from '../../shared/words';
import { fleet } from '../../shared/fleet/words';
import { setup } from '../../shared/setup/words';
import { restores } from './desk/restores';
import { desk } from './desk/words';
import { staffFleet } from './fleet/words';
import { policies } from './policies/words';
import { review } from './review/words';
import { stock } from './stock/words';

export interface Page {
  path: string; /* behind /staff/ */
  name: () => string;
  roles?: string[];
  group?: number; /* of groupNames(): 0 when it is not said */
  load: () => Promise<{ default: Component }>;
  view: Component;
}

/* What stands together in the menu, in its order. */
export const groupNames = () => ['', fleet.value.terminals, desk.value.groupDesk, desk.value.groupHouse];
const FLEET = 1;
const DESK = 2;
const HOUSE = 3;

const rows: Omit<Page, 'view'>[] = [
  { path: '', name: () => words.value.home, load: () => import('./pages/Home.vue') },
  { path: 'fleet', group: FLEET, name: () => fleet.value.terminals, load: () => import('./pages/Fleet.vue') },
  { path: 'rollouts', group: FLEET, name: () => staffFleet.value.rollouts, load: () => import('./pages/Rollouts.vue') },
  { path: 'organisation', group: FLEET, name: () => setup.value.organisation, load: () => import('./pages/Organisation.vue') },
  { path: 'parameters', group: FLEET, name: () => setup.value.parameters, load: () => import('./pages/Parameters.vue') },
  { path: 'idle', group: FLEET, name: () => staffFleet.value.idle, load: () => import('./pages/Idle.vue') },
  { path: 'expiry', group: FLEET, name: () => staffFleet.value.expiry, load: () => import('./pages/Expiry.vue') },
  {
    path: 'desk',
    group: DESK,
    name: () => desk.value.desk,
    roles: ['agent', 'approver', 'auditor'],
    load: () => import('./pages/Desk.vue'),
  },
  {
    path: 'applications',
    group: DESK,
    name: () => review.value.title,
    roles: ['agent', 'approver', 'auditor'],
    load: () => import('./pages/Applications.vue'),
  },
  {
    path: 'stock',
    group: FLEET,
    name: () => stock.value.title,
    roles: ['agent', 'approver', 'admin', 'auditor'],
    load: () => import('./pages/Stock.vue'),
  },
  {
    path: 'alerts',
    group: FLEET,
    name: () => fleet.value.alerts,
    roles: ['agent', 'approver', 'admin', 'auditor'],
    load: () => import('./pages/Alerts.vue'),
  },
  {
    path: 'notices',
    group: DESK,
    name: () => desk.value.notices,
    roles: ['agent', 'approver', 'auditor'],
    load: () => import('./pages/Notices.vue'),
  },
  {
    path: 'payouts',
    group: DESK,
    name: () => payout.value.title,
    roles: ['agent', 'approver', 'auditor'],
    load: () => import('./pages/Payouts.vue'),
  },
  {
    path: 'restores',
    group: DESK,
    name: () => restores.value.title,
    roles: ['agent', 'approver', 'auditor'],
    load: () => import('./pages/Restores.vue'),
  },
  {
    path: 'changes',
    group: DESK,
    name: () => contract.value.title,
    roles: ['agent', 'approver', 'auditor'],
    load: () => import('./pages/Changes.vue'),
  },
  {
    path: 'ends',
    group: DESK,
    name: () => ending.value.title,
    roles: ['agent', 'approver', 'admin', 'auditor'],
    load: () => import('./pages/Ends.vue'),
  },
  {
    path: 'letters',
    group: DESK,
    name: () => desk.value.letters,
    roles: ['agent', 'approver', 'auditor'],
    load: () => import('./pages/Letters.vue'),
  },
  {
    path: 'people',
    group: HOUSE,
    name: () => people.value.people,
    roles: ['admin', 'auditor'],
    load: () => import('../../shared/parts/People.vue'),
  },
  {
    path: 'policies',
    group: HOUSE,
    name: () => policies.value.title,
    roles: ['admin'],
    load: () => import('./pages/Policies.vue'),
  },
  {
    path: 'security',
    group: HOUSE,
    name: () => words.value.security,
    load: () => import('../../shared/parts/Security.vue'),
  },
];

export const pages: Page[] = rows.map((row) => ({ ...row, view: defineAsyncComponent(row.load) }));
