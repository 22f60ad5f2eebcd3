import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { requirePerson } from '../console/guard.js';
import { rootRoute } from '../console/root.js';

const area = createRoute({ getParentRoute: () => rootRoute, path: '/account', beforeLoad: requirePerson });

const profile = createRoute({
  getParentRoute: () => area,
  path: '/',
  component: lazyRouteComponent(() => import('./profile.page.js'), 'ProfilePage'),
});
const security = createRoute({
  getParentRoute: () => area,
  path: '/security',
  component: lazyRouteComponent(() => import('./security.page.js'), 'SecurityPage'),
});

const notifications = createRoute({
  getParentRoute: () => area,
  path: '/notifications',
  component: lazyRouteComponent(() => import('./notifications/notifications.page.js'), 'NotificationsPage'),
});
const webhooks = createRoute({
  getParentRoute: () => area,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./webhooks/webhooks.page.js'), 'WebhooksPage'),
});

export const settingsRoutes = area.addChildren([profile, security, notifications, webhooks]);
