import { createRoute } from '@tanstack/react-router';
import { requirePerson } from '../console/guard.js';
import { rootRoute } from '../console/root.js';

const area = createRoute({ getParentRoute: () => rootRoute, path: '/admin', beforeLoad: requirePerson });

export const adminRoutes = area.addChildren([]);
