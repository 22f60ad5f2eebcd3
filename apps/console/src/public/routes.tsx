import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../console/root.js';

const front = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./front.page.js'), 'FrontPage'),
});

export const publicRoutes = [front] as const;
