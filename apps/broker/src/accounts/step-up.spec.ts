import { hashPassword } from '../platform/auth/passwords.js';
import type { Config } from '../platform/config/config.js';
import type { PersonCaller } from '../platform/http/caller.js';
import { StepUp } from './accounts.commands.js';
import type { AccountsStore } from './accounts.store.js';

const RIGHT = 'correct horse';
const caller = { kind: 'person', person_id: 'ada', signed_in_at: null } as unknown as PersonCaller;
let hash: string;
beforeAll(async () => {
  hash = await hashPassword(RIGHT);
});
const stepUp = () =>
  new StepUp(
    { step_up_minutes: 10, simulated_payments: false } as Config,
    { passwordHash: () => Promise.resolve(hash) } as unknown as AccountsStore,
  );
/** What each of these passwords is answered when all are sent at once, counted. */
async function atOnce(step_up: StepUp, passwords: readonly string[]): Promise<Record<string, number>> {
  const answers = await Promise.all(
    passwords.map((password) =>
      step_up.assert(caller, password).then(
        () => 'passed',
        ({ code }: { code: string }) => code,
      ),
    ),
  );
  return Object.fromEntries([...new Set(answers)].map((code) => [code, answers.filter((a) => a === code).length]));
}

test('right passwords at once all pass, however many', async () => {
  expect(await atOnce(stepUp(), Array<string>(32).fill(RIGHT))).toEqual({ passed: 32 });
});

test('of wrong passwords at once five are tried, and then not even the right one', async () => {
  const step_up = stepUp();
  const wrong = Array.from({ length: 64 }, (_, i) => `wrong ${i}`);
  expect(await atOnce(step_up, [...wrong, RIGHT])).toEqual({ 'step_up.forbidden': 5, rate_limited: 60 });
  expect(await atOnce(step_up, [RIGHT])).toEqual({ rate_limited: 1 });
});

test('a right password after four wrong ones begins the count anew', async () => {
  const step_up = stepUp();
  const wrong = ['a', 'b', 'c', 'd'];
  expect(await atOnce(step_up, [...wrong, RIGHT, ...wrong, RIGHT])).toEqual({ 'step_up.forbidden': 8, passed: 2 });
});
