import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

test('the SDK bundles for a browser without any Node.js module', async () => {
  const { outputFiles, warnings } = await build({
    entryPoints: [fileURLToPath(new URL('./index.js', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    minify: true,
    logLevel: 'silent',
  });
  expect(warnings).toEqual([]);
  const bundle = outputFiles[0]?.text ?? '';
  expect(bundle).not.toMatch(/from\s*["']node:|require\(/);
  expect(bundle.length).toBeGreaterThan(50_000);
});
