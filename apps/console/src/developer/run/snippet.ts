import { DEFAULT_LEVEL } from '#protocol';
import { formatMajor, parseMajor } from '#units';
import { type Draft, isVerified } from './draft.js';
import { termsText } from './terms.js';

/** The same job from a program, as five lines around a file. */
export function sdkSnippet(draft: Draft, name: string): string {
  const { inputs } = draft;
  const read =
    inputs.kind === 'lines'
      ? [
          "import { readFile } from 'node:fs/promises';",
          "const inputs = (await readFile('inputs.jsonl', 'utf8')).trim().split('\\n').map((line) => JSON.parse(line));",
        ]
      : [
          '',
          `const inputs = Array.from({ length: ${Math.floor((inputs.to - inputs.from) / inputs.step) + 1} }, (_, i) => ${inputs.from} + i * ${inputs.step});`,
        ];
  return [
    ...(read[0] ? [read[0]] : []),
    "import { Heap } from '@openheaps/sdk';",
    '',
    read[1],
    'const heap = new Heap(); // finds HEAP_URL and HEAP_API_KEY',
    `for await (const r of heap.map({ file: 'task.ts' }, inputs, ${termsText(draft, name)}))`,
    '  console.log(r.index, r.value, r.cost);',
    '',
  ].join('\n');
}

/** The same from a shell. */
export function cliSnippet(draft: Draft): string {
  const { inputs, terms } = draft;
  const { slot_class, slots, max_price, cap, fuel_limit } = terms;
  const options = [
    ...(slot_class !== 'micro' ? [`--class ${slot_class}`] : []),
    ...(slots !== 4 ? [`--slots ${slots}`] : []),
    ...(fuel_limit !== 10_000_000_000 ? [`--fuel ${fuel_limit}`] : []),
    ...checkingOptions(draft),
    ...(max_price.trim() !== '' ? [`--max-price ${formatMajor(parseMajor(max_price))}`] : []),
    ...(cap.trim() !== '' ? [`--budget ${formatMajor(parseMajor(cap))}`] : []),
  ];
  const run = ['npx heap map task.ts inputs.jsonl', ...options].join(' ');
  return inputs.kind === 'range' ? `seq ${inputs.from} ${inputs.step} ${inputs.to} > inputs.jsonl\n${run}` : run;
}

function checkingOptions(draft: Draft): string[] {
  const { verification } = draft.terms;
  const { budget } = draft.verifier;
  if (!isVerified(draft)) return verification === DEFAULT_LEVEL ? [] : [`--verify ${verification}`];
  return ['--verify check.ts', ...(budget.trim() === '' ? [] : [`--verify-budget ${formatMajor(parseMajor(budget))}`])];
}
