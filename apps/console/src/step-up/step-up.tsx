import { Button, Divider, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { HeapError } from '#units';
import { call } from '../http/api.js';
import { SECURITY } from '../text/security.en.js';
import { Problem } from '../ui-kit/problem.js';
import { noPasskeysHere, signInByPasskey } from './passkeys.js';

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
  const run: Run = useCallback(async (deed) => {
    try {
      return await deed();
    } catch (error) {
      if (!(error instanceof HeapError) || error.code !== 'step_up.forbidden') throw error;
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
      {/* Above the dialog whose deed asks. */}
      <Modal
        opened={asking !== null}
        onClose={() => end('cancelled')}
        title={SECURITY.step_up.title}
        centered
        zIndex={300}
        closeButtonProps={{ 'aria-label': SECURITY.step_up.close }}
      >
        {asking && <Proof proven={() => end('proven')} />}
      </Modal>
    </StepUp>
  );
}

function Proof({ proven }: { proven: () => void }) {
  const form = useForm({ initialValues: { password: '' } });
  const by_password = useMutation({ mutationFn: (password: string) => call('POST', '/v1/step-up', { password }), onSuccess: proven });
  const by_passkey = useMutation({ mutationFn: signInByPasskey, onSuccess: proven });
  const error = by_password.error ?? by_passkey.error;
  return (
    <form onSubmit={form.onSubmit(({ password }) => by_password.mutate(password))}>
      <Stack gap="md">
        <Text>{SECURITY.step_up.sentence}</Text>
        <PasswordInput
          label={SECURITY.step_up.password}
          autoComplete="current-password"
          required
          data-autofocus
          {...form.getInputProps('password')}
        />
        {error && <Problem error={error} />}
        <Button type="submit" loading={by_password.isPending}>
          {SECURITY.step_up.go}
        </Button>
        {noPasskeysHere() === null && (
          <>
            <Divider label={SECURITY.or} />
            <Button variant="default" onClick={() => by_passkey.mutate()} loading={by_passkey.isPending}>
              {SECURITY.step_up.passkey}
            </Button>
          </>
        )}
      </Stack>
    </form>
  );
}
