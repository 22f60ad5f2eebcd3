import { getQuickJS, type QuickJSContext, type QuickJSHandle, type QuickJSRuntime } from 'quickjs-emscripten';
import type { Program } from './programs.js';

export const PEER = 'quickjs-emscripten';

const quickjs = await getQuickJS();

interface Machine {
  runtime: QuickJSRuntime;
  context: QuickJSContext;
  /** What the module exports by default. */
  handler: QuickJSHandle;
}

function machine(source: string): Machine {
  const runtime = quickjs.newRuntime();
  const context = runtime.newContext();
  const namespace = context.unwrapResult(context.evalCode(source, 'task.js', { type: 'module' }));
  const handler = context.getProp(namespace, 'default');
  namespace.dispose();
  return { runtime, context, handler };
}

function dispose({ runtime, context, handler }: Machine): void {
  handler.dispose();
  context.dispose();
  runtime.dispose();
}

/** A program without input, run again and again in one context. */
export function peerProgram({ source }: Program): () => void {
  const { runtime, context, handler } = machine(new TextDecoder().decode(source.bytes));
  return () => {
    context.unwrapResult(context.callFunction(handler, context.undefined, context.null)).dispose();
    const jobs = runtime.executePendingJobs();
    if (jobs.error) context.unwrapResult(jobs);
  };
}

/** The same handler from JSON text to JSON text, with the least between: the engine itself parses and writes. */
const wrapped = (source: string) =>
  `${source.replace('export default', 'const handler =')}\nexport default (text) => JSON.stringify(handler(JSON.parse(text)));`;

function answer({ context, handler }: Machine, input: string): string {
  const text = context.newString(input);
  const result = context.unwrapResult(context.callFunction(handler, context.undefined, text));
  const answered = context.getString(result);
  text.dispose();
  result.dispose();
  return answered;
}

/** Every call in the same context: what a call leaves behind, the next one sees. */
export function peerShared(source: string): (input: string) => string {
  const made = machine(wrapped(source));
  return (input) => answer(made, input);
}

/** A runtime, a context and the module anew for every call, from the compiled WebAssembly: what our tasks are promised, and a cold start. */
export function peerIsolated(source: string): (input: string) => string {
  const code = wrapped(source);
  return (input) => {
    const made = machine(code);
    const answered = answer(made, input);
    dispose(made);
    return answered;
  };
}
