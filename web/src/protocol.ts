/** What page and worker say to each other, and the answers of the Python bridge (perfeval_xl/web/bridge.py). */

/** The parts of the interpreter as the page carries them: base64 of gzip, and the lock file as text. */
export interface Parts {
  wasm: string;
  stdlib: string;
  python: string;
  lock: string;
}

export type Step = "unpack" | "boot" | "import";

export type Progress = { kind: "starting"; step: Step } | { kind: "ready" } | { kind: "failed"; reason: string };

export interface Call {
  id: number;
  name: string;
  given: string;
  files: Uint8Array[];
}

export type Answer =
  | { kind: "answer"; id: number; text: string; file?: Uint8Array<ArrayBuffer> }
  | { kind: "broken"; id: number; reason: string };

export type Kind = "error" | "warning" | "info" | "settled";
export type Verdict = "pass" | "review" | "incomplete" | "fail" | "unreadable";

export interface Place {
  file: string | null;
  sheet: string | null;
  cell: string | null;
}

export interface Finding extends Place {
  rule: string;
  severity: "error" | "warning" | "info";
  related: Place[];
  title: string;
  message: string;
  expected: string | null;
  actual: string | null;
  difference: string | null;
  explain: string | null;
  basis: string;
  suggestion: string | null;
  fix: (Place & { value: string; confidence: string })[];
  order: number;
  group: string;
  fingerprint: string;
  accepted: { reason: string } | null;
}

/** report/2, as far as the screens read it. */
export interface Report {
  verdict: Verdict;
  reason: string | null;
  workbook: string;
  files: string[];
  unit: string | null;
  year: number | null;
  policy: { id: string; title: string };
  summary: { error: number; warning: number; info: number; checked: number; skipped: number; accepted: number };
  coverage: { gaps: (Place & { reason: string; rules: string[] })[] };
  unread: { sheet: string; reason: string }[];
  findings: Finding[];
}

/** What the screens need of a finding beside report/2. */
export interface More {
  kind: Kind;
  level: string;
  takes: boolean;
  label: string;
  explainable: boolean;
}

export interface State {
  report: Report;
  verdict: string;
  headline: string;
  first: { text: string; findings: string[] }[];
  /** All that is open, a line a kind. */
  kinds: string[];
  more: Record<string, More>;
  sheets: { name: string; file: string; editable: boolean }[];
  files: { name: string; kind: string; suffix: string; changes: number }[];
  /** Titles of the bureau's rule books that were chosen beside the files. */
  rules: string[];
  changes: { sheet: string; cell: string; old: string; new: string }[];
  undo: string | null;
  redo: string | null;
  computed: number;
  notes?: string[];
}

/** address, text, rows, columns, classes, index of its look (-1: none), fingerprints of its findings, what is typed to get it
 * (null: the text) */
export type DrawnCell = [string, string, number, number, string, number, string[], string | null];

/** bold, points, alignment, fill */
export type Look = [boolean, number, string, string];

export interface Drawing {
  name: string;
  notes: string[];
  editable: boolean;
  columns: { letters: string; gap: boolean; hidden: boolean; width: number | null }[];
  rows: { row: number; gap: boolean; hidden: boolean; height: number | null; cells: DrawnCell[] }[];
  looks: Look[];
  covered: Record<string, [number, number]>;
}

export interface About {
  version: string;
  policies: { id: string; title: string }[];
  kinds: Record<Kind, { word: string; symbol: string }>;
  /** What every output calls the steps to begin with, the kinds, the parts of a finding, and one that counts although it is explained. */
  words: { first: string; kinds: string; counts: string; parts: Record<"expected" | "actual" | "difference" | "explain" | "suggestion" | "basis" | "accepted", string> };
}
