import { LogSink, OutputSink } from '../runtime/sink.js';

/** Standard input, output and error of one run. */
export class Streams {
  readonly output = new OutputSink();
  readonly logs = new LogSink();
  private input: Uint8Array = new Uint8Array(0);
  private input_at = 0;

  begin(input: Uint8Array, limits: { output_bytes: number; log_bytes: number }): void {
    this.output.reset(limits.output_bytes);
    this.logs.reset(limits.log_bytes);
    this.input = input;
    this.input_at = 0;
  }

  end(): void {
    this.input = new Uint8Array(0);
  }

  /** Fills the buffer as far as the input goes. */
  read(buffer: Uint8Array): number {
    const chunk = this.input.subarray(this.input_at, this.input_at + buffer.length);
    buffer.set(chunk);
    this.input_at += chunk.length;
    return chunk.length;
  }
}
