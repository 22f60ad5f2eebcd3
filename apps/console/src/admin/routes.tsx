import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { requirePerson } from '../console/guard.js';
import { rootRoute } from '../console/root.js';
import { ahead, question } from '../http/ahead.js';
import { searchOf } from './search.js';

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: '/admin',
  beforeLoad: requirePerson,
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./area.js'), 'AdminArea'),
});
const getParentRoute = () => area;

const glance = createRoute({
  getParentRoute,
  path: '/',
  loader: ahead(question('/v1/admin/glance', {}), question('/v1/heap/figures', {})),
  component: lazyRouteComponent(() => import('./glance.page.js'), 'GlancePage'),
});
const nodes = createRoute({ getParentRoute, path: '/nodes', component: lazyRouteComponent(() => import('./nodes.page.js'), 'NodesPage') });
const node = createRoute({
  getParentRoute,
  path: '/nodes/$node_id',
  component: lazyRouteComponent(() => import('./node.page.js'), 'NodePage'),
});
const people = createRoute({
  getParentRoute,
  path: '/people',
  component: lazyRouteComponent(() => import('./people.page.js'), 'PeoplePage'),
});
const person = createRoute({
  getParentRoute,
  path: '/people/$person_id',
  component: lazyRouteComponent(() => import('./person.page.js'), 'PersonPage'),
});
const jobs = createRoute({ getParentRoute, path: '/jobs', component: lazyRouteComponent(() => import('./jobs.page.js'), 'JobsPage') });
const job = createRoute({ getParentRoute, path: '/jobs/$job_id', component: lazyRouteComponent(() => import('./job.page.js'), 'JobPage') });
const money = createRoute({ getParentRoute, path: '/money', component: lazyRouteComponent(() => import('./money.page.js'), 'MoneyPage') });
const objections = createRoute({
  getParentRoute,
  path: '/objections',
  component: lazyRouteComponent(() => import('./objections.page.js'), 'ObjectionsPage'),
});
const suspects = createRoute({
  getParentRoute,
  path: '/suspects',
  component: lazyRouteComponent(() => import('./suspects.page.js'), 'SuspectsPage'),
});
const log = createRoute({ getParentRoute, path: '/log', component: lazyRouteComponent(() => import('./log.page.js'), 'LogPage') });
const settings = createRoute({
  getParentRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings.page.js'), 'SettingsPage'),
});

export const adminRoutes = area.addChildren([glance, nodes, node, people, person, jobs, job, money, objections, suspects, log, settings]);
