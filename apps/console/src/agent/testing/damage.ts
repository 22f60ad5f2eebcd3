import { AgentDatabase, PIECE_STORES } from '../storage/database.js';

const NAME = 'openheaps-agent-pieces';

/** Changes the first byte of a piece that this page keeps, wherever it lies. */
export async function damage(piece_id: string): Promise<void> {
  const changed = (content: Blob) => new Blob(['#', content.slice(1)]);
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(NAME).catch(() => null);
  const file = await folder?.getFileHandle(piece_id).catch(() => null);
  if (file) {
    const content = changed(await file.getFile());
    const stream = await file.createWritable();
    await stream.write(content);
    return stream.close();
  }
  const database = await AgentDatabase.open(NAME, PIECE_STORES);
  await database.put('contents', piece_id, changed((await database.get('contents', piece_id)) as Blob));
  database.close();
}
