import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EncodedSegment, encodeFile } from '#erasure';
import { Repairs } from '../../apps/broker/src/volumes/repair.service.js';
import { VolumesClock } from '../../apps/broker/src/volumes/volumes.clock.js';
import type { TestBroker, TestPerson } from './broker.js';
import { PieceKeeper } from './piece-keeper.js';

/** A turn of the clock, and all repairs that it finds. */
export async function lookAtVolumes({ app }: Pick<TestBroker, 'app'>): Promise<void> {
  await app.get(VolumesClock, { strict: false }).look();
  const repairs = app.get(Repairs, { strict: false });
  for (const job of await repairs.plan()) await repairs.repair(job);
}

/** Repeats until it holds, with a turn of the clock each time. */
export async function eventually<T>(
  what: string,
  broker: Pick<TestBroker, 'app'>,
  read: () => Promise<T>,
  holds: (value: T) => boolean,
): Promise<T> {
  let value: T | undefined;
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(25)) {
    await lookAtVolumes(broker);
    value = await read();
    if (holds(value)) return value;
  }
  throw new Error(`${what}: not within 20 s; ${JSON.stringify(value)}`);
}

/** Changes rows that the broker is at work on: where the two wait for each other, one gives way, and this one can come again. */
export async function moved(broker: Pick<TestBroker, 'sql'>, text: string, values: readonly unknown[]): Promise<void> {
  const DEADLOCK = '40P01';
  for (;;)
    try {
      await broker.sql(text, values);
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== DEADLOCK) throw error;
    }
}

export async function volumeOf(person: TestPerson, more: Record<string, unknown> = {}): Promise<string> {
  const body = { class: 'small', gigabytes: 3, max_price_micro: '9000', hours: 720, ...more };
  const { status, body: volume } = await person.call('POST', '/v1/volumes', body, { 'idempotency-key': randomUUID() });
  if (status !== 201) throw new Error(`the volume was answered ${status}: ${JSON.stringify(volume)}`);
  return volume.id;
}

/** Devices of as many owners, and a small volume of a person that has found them. */
export async function keptVolume(
  broker: TestBroker,
  person: TestPerson,
  devices = 10,
): Promise<{ keepers: PieceKeeper[]; volume: string }> {
  const keepers: PieceKeeper[] = [];
  for (let i = 0; i < devices; i++) keepers.push(await PieceKeeper.join(broker));
  const volume = await volumeOf(person);
  await eventually(
    `${devices} devices`,
    broker,
    () => volumeView(person, volume),
    (view) => view.state === 'READY' && view.devices.independent === devices,
  );
  return { keepers, volume };
}

export const volumeView = async (person: TestPerson, id: string) => (await person.call('GET', `/v1/volumes/${id}`)).body;

/** A file's segments with all their pieces. */
export async function encoded(bytes: Uint8Array, storage_class: 'small' | 'standard' | 'cold' = 'small'): Promise<EncodedSegment[]> {
  const segments: EncodedSegment[] = [];
  for await (const segment of encodeFile([bytes], { storage_class })) segments.push(segment);
  return segments;
}

export const someBytes = (count: number): Uint8Array => randomBytes(count);

export async function begin(person: TestPerson, volume_id: string): Promise<string> {
  const { status, body } = await person.call('POST', `/v1/volumes/${volume_id}/files`, {}, { 'idempotency-key': randomUUID() });
  if (status !== 201) throw new Error(`the file was answered ${status}: ${JSON.stringify(body)}`);
  return body.file_id;
}

export const announce = (person: TestPerson, file_id: string, { ordinal, descriptor }: EncodedSegment) =>
  person.call('PUT', `/v1/files/${file_id}/segments/${ordinal}`, {
    data_bytes: descriptor.data_bytes,
    piece_bytes: descriptor.piece_bytes,
    roots: [...descriptor.roots],
  });

/** Brings a piece over HTTP. */
export const bring = (
  url: string,
  person: TestPerson,
  file_id: string,
  ordinal: number,
  index: number,
  bytes: Uint8Array,
): Promise<Response> =>
  fetch(`${url}/v1/files/${file_id}/segments/${ordinal}/pieces/${index}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${person.api_key}`, 'content-type': 'application/octet-stream' },
    body: Buffer.from(bytes),
  });

export const fetchPiece = (url: string, person: TestPerson, file_id: string, ordinal: number, index: number): Promise<Response> =>
  fetch(`${url}/v1/files/${file_id}/segments/${ordinal}/pieces/${index}`, { headers: { authorization: `Bearer ${person.api_key}` } });

/** Puts a whole file, and waits until it is stored. @returns its id */
export async function stored(
  broker: TestBroker,
  person: TestPerson,
  volume_id: string,
  segments: readonly EncodedSegment[],
  url = broker.url,
): Promise<string> {
  const file_id = await begin(person, volume_id);
  for (const segment of segments) {
    const { body } = await announce(person, file_id, segment);
    for (const [index, state] of body.pieces.entries()) {
      if (state !== 'PLANNED' && !body.held.includes(index)) continue;
      const { status } = await bring(url, person, file_id, segment.ordinal, index, segment.pieces[index] as Uint8Array);
      if (status !== 204) throw new Error(`piece ${index} was answered ${status}`);
    }
  }
  await eventually(
    'the file is stored',
    broker,
    async () => (await person.call('POST', `/v1/files/${file_id}/commit`, { segments: segments.length })).body,
    ({ state }) => state === 'STORED',
  );
  return file_id;
}
