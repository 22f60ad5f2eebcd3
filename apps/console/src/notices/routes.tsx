import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../console/root.js';

const withToken = ({ token }: Record<string, unknown>): { token: string } => ({ token: typeof token === 'string' ? token : '' });

const unsubscribe = createRoute({
  getParentRoute: () => rootRoute,
  path: '/unsubscribe',
  validateSearch: withToken,
  component: lazyRouteComponent(() => import('./unsubscribe.page.js'), 'UnsubscribePage'),
});
const confirmAddress = createRoute({
  getParentRoute: () => rootRoute,
  path: '/confirm-address',
  validateSearch: withToken,
  component: lazyRouteComponent(() => import('./confirm-address.page.js'), 'ConfirmAddressPage'),
});

/** Where links in mails lead. */
export const noticeRoutes = [unsubscribe, confirmAddress] as const;
