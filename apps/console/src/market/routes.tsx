import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../console/root.js';

const markets = createRoute({
  getParentRoute: () => rootRoute,
  path: '/market',
  component: lazyRouteComponent(() => import('./markets.page.js'), 'MarketsPage'),
});
const market = createRoute({
  getParentRoute: () => rootRoute,
  path: '/market/$market',
  component: lazyRouteComponent(() => import('./market.page.js'), 'MarketPage'),
});
const round = createRoute({
  getParentRoute: () => rootRoute,
  path: '/market/rounds/$round_id',
  component: lazyRouteComponent(() => import('./round.page.js'), 'RoundPage'),
});

/** The market is public: no area of its own, no guard. */
export const marketRoutes = [markets, market, round] as const;
