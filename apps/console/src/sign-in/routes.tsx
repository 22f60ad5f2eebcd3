import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../console/root.js';

/** Where to go afterwards; only a path of this console is followed. */
const search = ({ back }: Record<string, unknown>): { back?: string } =>
  typeof back === 'string' && /^\/(?![/\\])/.test(back) ? { back } : {};

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: search,
  component: lazyRouteComponent(() => import('./sign-in.page.js'), 'SignInPage'),
});
const signUp = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-up',
  validateSearch: search,
  component: lazyRouteComponent(() => import('./sign-up.page.js'), 'SignUpPage'),
});

export const signInRoutes = [signIn, signUp] as const;
