/** The Python in its worker: started once, asked by name, started again after it broke or was stopped. */
import type { Answer, Parts, Progress, Step } from "./protocol";

export class Refused extends Error {}
/** The interpreter is gone; what was open has to be opened again. */
export class Broken extends Error {}

type Waiting = { resolve: (answer: { said: unknown; file: Uint8Array<ArrayBuffer> | undefined }) => void; reject: (error: Error) => void };

export class Engine {
  private worker: Worker | undefined;
  private waiting = new Map<number, Waiting>();
  private last = 0;
  ready: Promise<void> = Promise.resolve();

  constructor(
    private readonly code: string,
    private readonly parts: Parts,
    private readonly progress: (step: Step) => void,
  ) {}

  /** Starts the interpreter; rejects with a line that says why it cannot. */
  start(): Promise<void> {
    this.ready = new Promise((resolve, reject) => {
      const address = URL.createObjectURL(new Blob([this.code], { type: "text/javascript" }));
      const worker = new Worker(address);
      this.worker = worker;
      worker.onerror = (event) => {
        reject(new Broken(event.message || "blocked"));
        this.fail(new Broken(event.message));
      };
      worker.onmessage = ({ data }: MessageEvent<Progress | Answer>) => {
        if (data.kind === "starting") this.progress(data.step);
        else if (data.kind === "ready") resolve();
        else if (data.kind === "failed") reject(new Broken(data.reason));
        else this.settle(data);
        if (data.kind === "ready" || data.kind === "failed") URL.revokeObjectURL(address);
      };
      worker.postMessage({ parts: this.parts });
    });
    return this.ready;
  }

  /** Ends whatever is being worked on; every question that waits is answered with `Broken`. */
  stop(): void {
    this.worker?.terminate();
    this.fail(new Broken("stopped"));
  }

  /** Asks the bridge. Refused carries its one line; Broken says that the interpreter is gone. */
  async ask<T>(name: string, given: unknown = {}, files: Uint8Array[] = []): Promise<{ said: T; file: Uint8Array<ArrayBuffer> | undefined }> {
    await this.ready;
    const id = ++this.last;
    return new Promise<{ said: T; file: Uint8Array<ArrayBuffer> | undefined }>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
      this.worker!.postMessage({ id, name, given: JSON.stringify(given), files });
    });
  }

  private settle(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (waiting === undefined) return;
    if (answer.kind === "broken") {
      waiting.reject(new Broken(answer.reason));
      return;
    }
    const said = JSON.parse(answer.text) as { ok: unknown } | { error: string };
    if ("error" in said) waiting.reject(new Refused(said.error));
    else waiting.resolve({ said: said.ok, file: answer.file });
  }

  private fail(error: Error): void {
    for (const waiting of this.waiting.values()) waiting.reject(error);
    this.waiting.clear();
  }
}
