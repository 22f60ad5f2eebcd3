import { Button, Divider, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { call } from '../http/api.js';
import { SECURITY } from '../text/security.en.js';
import { Problem } from '../ui-kit/problem.js';
import { noPasskeysHere, signInByPasskey } from './passkeys.js';

interface Props {
  open: boolean;
  proven(): void;
  cancelled(): void;
}

/** Asks who is there; above the dialog whose deed asks. */
const ProofDialog = ({ open, proven, cancelled }: Props) => (
  <Modal
    opened={open}
    onClose={cancelled}
    title={SECURITY.step_up.title}
    centered
    zIndex={300}
    closeButtonProps={{ 'aria-label': SECURITY.step_up.close }}
  >
    {open && <Proof proven={proven} />}
  </Modal>
);
export default ProofDialog;

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
