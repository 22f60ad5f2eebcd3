/** The part of the browser's interface that the host uses, typed here because this library is compiled without DOM types. */
export interface Port {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  close(): void;
}

interface PortChannel {
  port1: Port;
  port2: Port;
}

export interface FrameElement {
  srcdoc: string;
  title: string;
  hidden: boolean;
  readonly contentWindow: { postMessage(message: unknown, target_origin: string, transfer: Port[]): void } | null;
  onload: ((event: never) => unknown) | null;
  setAttribute(name: string, value: string): void;
  remove(): void;
}

/** A `Document` is one. */
export interface PageDocument {
  createElement(tag: 'iframe'): FrameElement;
  readonly body: { appendChild(frame: never): unknown } | null;
}

export const newChannel = (): PortChannel => new (globalThis as unknown as { MessageChannel: new () => PortChannel }).MessageChannel();

interface Subtle {
  digest(algorithm: 'SHA-256', bytes: Uint8Array): Promise<ArrayBuffer>;
}

/** The browser's own hashing; absent in a page that came over plain HTTP. */
export const subtle = (): Subtle | undefined => (globalThis as unknown as { crypto?: { subtle?: Subtle } }).crypto?.subtle;
