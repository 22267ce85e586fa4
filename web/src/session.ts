/** What is open: the files, what was done to them, and what came of it. Every change goes through `act`, so that all of it can
 * be done again: after a reload, and after the interpreter broke. */
import { Broken, type Engine } from "./engine";
import type { Finding, State } from "./protocol";

export interface GivenFile {
  name: string;
  bytes: Uint8Array;
}

export interface Deed {
  name: string;
  given: Record<string, unknown>;
}

/** What a change did to the findings: gone and new ones, by what they say and where. */
export interface Difference {
  gone: Finding[];
  come: Finding[];
}

const key = (finding: Finding): string => [finding.rule, finding.file, finding.sheet, finding.cell, finding.title].join("\n");

export class Session {
  state: State | undefined;
  files: GivenFile[] = [];
  policy: string | null = null;
  deeds: Deed[] = [];
  /** Fingerprints the clerk ticked off. */
  ticked = new Set<string>();
  /** What was mended since the files were opened, the last first. */
  mended: Finding[] = [];
  /** Changes that no download holds yet. */
  unsaved = false;

  constructor(private readonly engine: Engine) {}

  async open(files: GivenFile[], policy: string | null): Promise<State> {
    const state = await this.opened(files, policy);
    Object.assign(this, { state, files, policy, deeds: [], ticked: new Set(), mended: [], unsaved: false });
    return state;
  }

  private async opened(files: GivenFile[], policy: string | null): Promise<State> {
    const names = files.map((file) => file.name);
    return (await this.engine.ask<State>("open", { names, policy }, files.map((file) => file.bytes))).said;
  }

  /** Opens files and does again what was done to them. */
  async restore(files: GivenFile[], policy: string | null, deeds: Deed[], ticked: Iterable<string>): Promise<State> {
    await this.open(files, policy);
    for (const deed of deeds) await this.act(deed.name, deed.given);
    this.ticked = new Set(ticked);
    return this.state!;
  }

  /** Does one thing; what it did to the findings. The interpreter is started anew where it broke, without that thing. */
  async act(name: string, given: Record<string, unknown> = {}): Promise<Difference> {
    const before = this.state!;
    try {
      this.state = (await this.engine.ask<State>(name, given)).said;
    } catch (error) {
      if (error instanceof Broken) await this.revive();
      throw error;
    }
    this.deeds.push({ name, given });
    this.unsaved = this.state.changes.length > 0;
    return this.differ(before, this.state, name === "policy");
  }

  /** A question that changes nothing. */
  async ask<T>(name: string, given: Record<string, unknown>, files: Uint8Array[] = []): Promise<{ said: T; file: Uint8Array<ArrayBuffer> | undefined }> {
    try {
      return await this.engine.ask<T>(name, given, files);
    } catch (error) {
      if (error instanceof Broken) await this.revive();
      throw error;
    }
  }

  private async revive(): Promise<void> {
    await this.engine.start();
    if (this.files.length === 0) return;
    this.state = await this.opened(this.files, this.policy);
    for (const deed of this.deeds) this.state = (await this.engine.ask<State>(deed.name, deed.given)).said;
  }

  private differ(before: State, after: State, otherRules: boolean): Difference {
    const then = new Map(before.report.findings.map((finding) => [key(finding), finding]));
    const now = new Map(after.report.findings.map((finding) => [key(finding), finding]));
    const gone = [...then].filter(([name]) => !now.has(name)).map(([, finding]) => finding);
    const come = [...now].filter(([name]) => !then.has(name)).map(([, finding]) => finding);
    if (!otherRules) this.mended = [...gone, ...this.mended].filter((finding) => !now.has(key(finding)));
    // Fingerprints follow the figures: a tick stays with the finding it was given to.
    for (const [name, finding] of now) {
      const old = then.get(name);
      if (old !== undefined && this.ticked.has(old.fingerprint)) this.ticked.add(finding.fingerprint);
    }
    return { gone, come };
  }
}
