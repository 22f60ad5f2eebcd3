import { createRouter } from '@tanstack/react-router';
import { adminRoutes } from '../admin/routes.js';
import { developerRoutes } from '../developer/routes.js';
import { marketRoutes } from '../market/routes.js';
import { noticeRoutes } from '../notices/routes.js';
import { ownerRoutes } from '../owner/routes.js';
import { publicRoutes } from '../public/routes.js';
import { settingsRoutes } from '../settings/routes.js';
import { signInRoutes } from '../sign-in/routes.js';
import { rootRoute } from './root.js';

const routeTree = rootRoute.addChildren([
  ...publicRoutes,
  ...signInRoutes,
  ...noticeRoutes,
  ownerRoutes,
  developerRoutes,
  ...marketRoutes,
  adminRoutes,
  settingsRoutes,
]);

export const router = createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: true });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
