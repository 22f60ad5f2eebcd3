/** What stands around a sandbox process, beside the WebAssembly it runs. `namespaces` takes bubblewrap's place where that is missing. */
export type IsolationLayer = 'permission-model' | 'rlimits' | 'cgroup' | 'bubblewrap' | 'namespaces';

/** Why a layer does not hold on this system. */
export interface MissingLayer {
  layer: IsolationLayer;
  code: 'not_linux' | 'not_installed' | 'not_supported' | 'not_allowed' | 'probe_failed';
  sentence: string;
}

export interface Isolation {
  /** Each was tried out on this system: a process inside it could not get what the layer keeps away. */
  holds: readonly IsolationLayer[];
  missing: readonly MissingLayer[];
}

/** For the owner: what holds on this device and what does not, in sentences. */
export function describeIsolation({ holds, missing }: Isolation): string[] {
  const has = (layer: IsolationLayer) => holds.includes(layer);
  const sentences: string[] = [];
  if (has('bubblewrap'))
    sentences.push('Tasks run in processes that have no network and see none of your files and no other process (bubblewrap).');
  else if (has('namespaces')) sentences.push('Tasks run in processes that have no network.');
  if (has('permission-model')) sentences.push('Node.js lets these processes read nothing but their own program and start nothing.');
  if (has('rlimits')) sentences.push('The system limits their memory and processor time and lets them write no file.');
  if (has('cgroup')) sentences.push('A control group holds each of them to its memory and gives way to your own programs.');
  if (!has('bubblewrap'))
    sentences.push(
      `A task that broke out of WebAssembly could read your files${has('namespaces') ? '' : ' and open network connections'} here.`,
    );
  if (!has('bubblewrap')) sentences.push(missing.find(({ layer }) => layer === 'bubblewrap')?.sentence ?? 'Bubblewrap is not in use.');
  return sentences;
}
