import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from 'react';
import { HeapError } from '#units';

const ProofDialog = lazy(() => import('./proof-dialog.js'));

type Run = <T>(deed: () => Promise<T>) => Promise<T>;
interface Asking {
  proven(): void;
  cancelled(): void;
}

const StepUp = createContext<Run>((deed) => deed());

/**
 * Does a deed that the heap may ask a fresh proof for: it then asks in a dialog, and does the deed again.
 * @example const stepUp = useStepUp(); await stepUp(() => payout.mutateAsync(init));
 * @returns a function that rejects as the deed does, also when the person closes the dialog
 */
export const useStepUp = (): Run => useContext(StepUp);

export function StepUpProvider({ children }: { children: ReactNode }) {
  const [asking, setAsking] = useState<Asking | null>(null);
  // From the first question on: the dialog gives the focus back when it closes.
  const [asked, setAsked] = useState(false);
  const run: Run = useCallback(async (deed) => {
    try {
      return await deed();
    } catch (error) {
      if (!(error instanceof HeapError) || error.code !== 'step_up.forbidden') throw error;
      setAsked(true);
      await new Promise<void>((proven, cancelled) => setAsking({ proven, cancelled: () => cancelled(error) }));
      return deed();
    }
  }, []);
  const end = (how: keyof Asking) => {
    asking?.[how]();
    setAsking(null);
  };
  return (
    <StepUp value={run}>
      {children}
      {asked && (
        <Suspense>
          <ProofDialog open={asking !== null} proven={() => end('proven')} cancelled={() => end('cancelled')} />
        </Suspense>
      )}
    </StepUp>
  );
}
