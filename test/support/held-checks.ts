import { ReferenceRunner } from '../../apps/broker/src/verification/reference-runner.js';
import type { TestBroker } from './broker.js';

/** The heap's own runs of tasks wait. @returns lets them go on. */
export function holdChecks({ app }: TestBroker): () => void {
  const runner = app.get(ReferenceRunner);
  const run = runner.run.bind(runner);
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  runner.run = async (...given) => {
    await gate;
    return run(...given);
  };
  return open;
}
