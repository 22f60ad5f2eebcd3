import { lazy, Suspense } from 'react';
import { useIdle } from '../ui/idle.js';

const Notifications = lazy(async () => ({ default: (await import('@mantine/notifications')).Notifications }));

/** Where what is told in passing appears; what is told before it is there waits for it. */
export function Toasts() {
  if (!useIdle()) return null;
  return (
    <Suspense>
      <Notifications position="bottom-right" limit={3} />
    </Suspense>
  );
}
