import { moduleKey, Runtime } from '#sandbox';
import { engineBytes, openSlot } from '#sandbox/node';
import { sha256 } from '../../libs/sandbox/src/node/testing/support.js';
import { filePrograms } from './conformance.js';

/** What each program of test/programs/files writes, by file name. */
const EXPECTED: Readonly<Record<string, string>> = {
  'folders.wasm': `/: ./ ../ data/ tmp/
data: ./ ../ words.txt
/data/words.txt: Not a directory
mkdir: ok
again: File exists
deep: No such file or directory
read-only: Read-only file system
file 199: No space left on device
seen 199, removed 199
/tmp/a: ./ ../
stat: ok, 19 bytes, file, inode 3, 1751328000 s
link: Not supported
into itself: Invalid argument
not empty: Read-only file system
rmdir: ok
/tmp: ./ ../
`,
  'stdio.wasm': `absolute: 19 bytes, "four words are here"
relative: 19 bytes, "four words are here"
dotted: 19 bytes, "four words are here"
above: Capabilities insufficient
missing: No such file or directory
writing what is given: Read-only file system
making beside it: Read-only file system
line 0
line 1
line 2
line 3
line 4
log: 40 bytes, "line X
line 1
line 2
line 3
line 4
added"
rename: 0
old name: No such file or directory
truncate: 0
new name: 6 bytes, "line X"
remove: 0
still open: line Xsparse: 3 at 0
again: File exists
until the room ends: 98304, No space left on device
`,
  'index.js': JSON.stringify({
    root: [
      { name: 'data', type: 'directory', bytes: 0 },
      { name: 'tmp', type: 'directory', bytes: 0 },
    ],
    listed: ['four', 'words', 'are', 'here'].map((word, i) => [word, 'file', 1, i]),
    left: 3,
    code: 'ENOSPC: the scratch directory has no room left for /tmp/large',
    lang: null,
  }),
};

describe('programs with files', () => {
  test.each(filePrograms().map((program) => [program.name, program] as const))(
    '%s does what its C library or JavaScript promises',
    (name, program) => {
      const runtime = new Runtime({ sha256, engine: engineBytes });
      const { module_hash } = runtime.load(program.source);
      const run = () => runtime.run(moduleKey(module_hash, program.source), program.task, program.limits);
      const first = run();
      expect(new TextDecoder().decode(first.output)).toBe(EXPECTED[name.slice('files/'.length)]);
      // Nothing of a task is left for the next.
      expect(run()).toEqual(first);
    },
  );

  test('a slot hands files to its process once, and the same come of it there', async () => {
    const slot = await openSlot();
    try {
      for (const { name, source, task, limits } of filePrograms()) {
        const { module_hash } = await slot.load(source);
        const outputs: string[] = [];
        await slot.runBatch(module_hash, [task, task, { ...task, files: [] }, task], limits, (_, { output }) => {
          outputs.push(new TextDecoder().decode(output));
        });
        const expected = EXPECTED[name.slice('files/'.length)];
        expect([outputs[0], outputs[1], outputs[3]]).toEqual([expected, expected, expected]);
        expect(outputs[2]).not.toBe(expected);
      }
    } finally {
      await slot.close();
    }
  });
});
