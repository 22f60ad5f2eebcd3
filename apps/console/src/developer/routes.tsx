import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { requirePerson } from '../console/guard.js';
import { rootRoute } from '../console/root.js';
import { ahead, question } from '../http/ahead.js';
import { JOB_TABS, type JobTab } from './jobs/job-info.js';
import { LATEST, RUNNING } from './latest.js';

const area = createRoute({ getParentRoute: () => rootRoute, path: '/developer', beforeLoad: requirePerson });
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const overview = createRoute({
  getParentRoute: () => area,
  path: '/',
  loader: ahead(
    question('/v1/balance', {}),
    question('/v1/funds', {}),
    question('/v1/spending', {}),
    question('/v1/jobs', RUNNING),
    question('/v1/jobs', LATEST),
  ),
  component: lazyRouteComponent(() => import('./overview.page.js'), 'OverviewPage'),
});
const run = createRoute({
  getParentRoute: () => area,
  path: '/run',
  validateSearch: ({ job }: Record<string, unknown>): { job?: string } => (typeof job === 'string' && UUID.test(job) ? { job } : {}),
  component: lazyRouteComponent(() => import('./run/run.page.js'), 'RunPage'),
});
const jobs = createRoute({
  getParentRoute: () => area,
  path: '/jobs',
  component: lazyRouteComponent(() => import('./jobs/jobs.page.js'), 'JobsPage'),
});
const job = createRoute({
  getParentRoute: () => area,
  path: '/jobs/$job_id',
  validateSearch: (search): { tab?: JobTab } => {
    const tab = JOB_TABS.find((one) => one === search.tab);
    return tab ? { tab } : {};
  },
  component: lazyRouteComponent(() => import('./jobs/job.page.js'), 'JobPage'),
});
const keys = createRoute({
  getParentRoute: () => area,
  path: '/keys',
  component: lazyRouteComponent(() => import('./keys/keys.page.js'), 'KeysPage'),
});
const funds = createRoute({
  getParentRoute: () => area,
  path: '/funds',
  component: lazyRouteComponent(() => import('./funds/funds.page.js'), 'FundsPage'),
});
const spending = createRoute({
  getParentRoute: () => area,
  path: '/spending',
  component: lazyRouteComponent(() => import('./spending/spending.page.js'), 'SpendingPage'),
});
const reservations = createRoute({
  getParentRoute: () => area,
  path: '/reservations',
  component: lazyRouteComponent(() => import('./reservations/reservations.page.js'), 'ReservationsPage'),
});

const volumes = createRoute({
  getParentRoute: () => area,
  path: '/volumes',
  component: lazyRouteComponent(() => import('./volumes/volumes.page.js'), 'VolumesPage'),
});
const volume = createRoute({
  getParentRoute: () => area,
  path: '/volumes/$id',
  component: lazyRouteComponent(() => import('./volumes/volume.page.js'), 'VolumePage'),
});

export const developerRoutes = area.addChildren([overview, run, jobs, job, keys, funds, spending, reservations, volumes, volume]);
