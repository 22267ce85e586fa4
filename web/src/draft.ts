/** What is open, kept over a reload of this tab; and, where the clerk wants it, for seven days. Pages opened from a disk share
 * their storage, and office computers have many users: nothing is kept for days unless asked for. */
import type { Deed, GivenFile, Session } from "./session";

const KEY = "perfeval-draft";
const KEPT_DAYS = 7;

export interface Draft {
  when: number;
  policy: string | null;
  files: { name: string; bytes: string }[];
  deeds: Deed[];
  ticked: string[];
}

function storage(kind: "sessionStorage" | "localStorage"): Storage | undefined {
  try {
    return window[kind];
  } catch {
    return undefined; // switched off by the browser's settings
  }
}

/** Keeps what is open for this tab and, with `lasting`, for days; false where there is no room for it. */
export function keep(session: Session, lasting: boolean): boolean {
  const draft: Draft = {
    when: Date.now(),
    policy: session.policy,
    files: session.files.map((file) => ({ name: file.name, bytes: coded(file.bytes) })),
    deeds: session.deeds,
    ticked: [...session.ticked],
  };
  const text = JSON.stringify(draft);
  const tab = put(storage("sessionStorage"), text);
  return lasting ? put(storage("localStorage"), text) : tab;
}

function put(place: Storage | undefined, text: string): boolean {
  try {
    place?.setItem(KEY, text);
    return place !== undefined;
  } catch {
    place?.removeItem(KEY); // too large: an older state must not come back in its place
    return false;
  }
}

/** What this tab had open. */
export function ofTab(): Draft | undefined {
  return read(storage("sessionStorage"));
}

/** What was kept for days; what is too old is deleted. */
export function lasting(): Draft | undefined {
  const place = storage("localStorage");
  const draft = read(place);
  if (draft === undefined || Date.now() - draft.when <= KEPT_DAYS * 86_400_000) return draft;
  place?.removeItem(KEY);
  return undefined;
}

export function dropTab(): void {
  storage("sessionStorage")?.removeItem(KEY);
}

export function dropLasting(): void {
  storage("localStorage")?.removeItem(KEY);
}

export function filesOf(draft: Draft): GivenFile[] {
  return draft.files.map(({ name, bytes }) => ({ name, bytes: decoded(bytes) }));
}

function read(place: Storage | undefined): Draft | undefined {
  try {
    const text = place?.getItem(KEY);
    return text ? (JSON.parse(text) as Draft) : undefined;
  } catch {
    return undefined;
  }
}

function coded(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

export function decoded(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
