// A reactor: counts the words of a text and answers them in order, one a line.

/** Room for the input, held until the answer is made. */
let input: ArrayBuffer = new ArrayBuffer(0);

export function heap_alloc(length: i32): usize {
  input = new ArrayBuffer(length);
  return changetype<usize>(input);
}

export function heap_run(at: usize, length: i32): i64 {
  const text = String.UTF8.decodeUnsafe(at, length).toLowerCase();
  const counts = new Map<string, i32>();
  let from = -1;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 32;
    const letter = (code >= 97 && code <= 122) || code >= 128;
    if (letter && from < 0) from = i;
    if (letter || from < 0) continue;
    const word = text.substring(from, i);
    counts.set(word, (counts.has(word) ? counts.get(word) : 0) + 1);
    from = -1;
  }
  const words = counts.keys().sort();
  let answer = '';
  for (let i = 0; i < words.length; i++) answer += words[i] + ' ' + counts.get(words[i]).toString() + '\n';
  const output = String.UTF8.encode(answer);
  return ((changetype<usize>(output) as i64) << 32) | (output.byteLength as i64);
}

/** Instead of the import that AssemblyScript's own would need. */
export function abort(_message: string | null, _file: string | null, _line: u32, _column: u32): void {
  unreachable();
}
