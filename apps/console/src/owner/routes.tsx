import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { requirePerson } from '../console/guard.js';
import { rootRoute } from '../console/root.js';
import { ahead, question } from '../http/ahead.js';

const area = createRoute({ getParentRoute: () => rootRoute, path: '/owner', beforeLoad: requirePerson });
const below = () => area;

const devices = createRoute({
  getParentRoute: below,
  path: '/',
  loader: ahead(question('/v1/nodes', {}), question('/v1/earnings/history', {})),
  component: lazyRouteComponent(() => import('./devices/devices.page.js'), 'DevicesPage'),
});
const device = createRoute({
  getParentRoute: below,
  path: '/devices/$id',
  component: lazyRouteComponent(() => import('./device/device.page.js'), 'DevicePage'),
});
const add = createRoute({
  getParentRoute: below,
  path: '/add',
  component: lazyRouteComponent(() => import('./people/add.page.js'), 'AddPage'),
});
const rules = createRoute({
  getParentRoute: below,
  path: '/rules',
  component: lazyRouteComponent(() => import('./rules/rules.page.js'), 'RulesPage'),
});
const earnings = createRoute({
  getParentRoute: below,
  path: '/earnings',
  component: lazyRouteComponent(() => import('./money/earnings.page.js'), 'EarningsPage'),
});
const payouts = createRoute({
  getParentRoute: below,
  path: '/payouts',
  component: lazyRouteComponent(() => import('./money/payouts.page.js'), 'PayoutsPage'),
});
const statements = createRoute({
  getParentRoute: below,
  path: '/statements',
  component: lazyRouteComponent(() => import('./money/statements.page.js'), 'StatementsPage'),
});
const statement = createRoute({
  getParentRoute: below,
  path: '/statements/$id',
  component: lazyRouteComponent(() => import('./money/statement.page.js'), 'StatementPage'),
});
const consents = createRoute({
  getParentRoute: below,
  path: '/consents',
  component: lazyRouteComponent(() => import('./people/consents.page.js'), 'ConsentsPage'),
});
const penalties = createRoute({
  getParentRoute: below,
  path: '/penalties',
  component: lazyRouteComponent(() => import('./people/penalties.page.js'), 'PenaltiesPage'),
});

export const ownerRoutes = area.addChildren([devices, device, add, rules, earnings, payouts, statements, statement, consents, penalties]);
