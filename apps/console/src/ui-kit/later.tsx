import { type ComponentType, type LazyExoticComponent, type ReactNode, Suspense, useState } from 'react';
import { useIdle } from '../ui/idle.js';

interface Props<P> {
  /** What is loaded and drawn once the page is idle, or the stand-in is pressed: then it is `opened` from the beginning. */
  whole: LazyExoticComponent<ComponentType<P & { opened: boolean }>>;
  given: P;
  /** Looks like it before. */
  standIn: (press: () => void) => ReactNode;
}

/** A button with much behind it that nobody opens while the page is still being made. */
export function Later<P extends object>({ whole: Whole, given, standIn }: Props<P>) {
  const [pressed, setPressed] = useState(false);
  const idle = useIdle();
  const before = standIn(() => setPressed(true));
  if (!idle && !pressed) return before;
  return (
    <Suspense fallback={before}>
      <Whole {...given} opened={pressed} />
    </Suspense>
  );
}
