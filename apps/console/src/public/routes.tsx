import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../console/root.js';
import { ahead, question } from '../http/ahead.js';

const front = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  loader: ahead(question('/v1/heap/figures', {})),
  component: lazyRouteComponent(() => import('./front.page.js'), 'FrontPage'),
});
const prices = createRoute({
  getParentRoute: () => rootRoute,
  path: '/prices',
  component: lazyRouteComponent(() => import('./prices.page.js'), 'PricesPage'),
});

export const publicRoutes = [front, prices] as const;
