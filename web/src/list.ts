/** The list of findings: what to mend first, then all of them by sheet; filters, next and previous, and what can be done. */
import { el, fill } from "./dom";
import type { About, Finding, Kind, Place, State } from "./protocol";
import type { Session } from "./session";

const AT_ONCE = 300;

type Filter = "all" | Kind | "left";

export interface ListActions {
  pick(finding: Finding): void;
  go(place: Place): void;
  take(finding: Finding): void;
  explain(finding: Finding, reason: string): void;
  ticked(): void;
}

export class List {
  picked: string | null = null;
  private filter: Filter = "all";
  private sought = "";
  /** So many are drawn; thousands would take a browser seconds. */
  private most = AT_ONCE;
  private readonly head = el("div", { className: "list-head" });
  private readonly body = el("div", { className: "list", tabIndex: -1 });

  constructor(
    holder: HTMLElement,
    private readonly session: Session,
    private readonly about: About,
    private readonly actions: ListActions,
  ) {
    fill(holder, this.head, this.body);
  }

  /** Draws it anew; what was picked stays picked, if it is still there. */
  show(): void {
    const state = this.session.state!;
    if (!state.report.findings.some((finding) => finding.fingerprint === this.picked)) this.picked = null;
    this.showHead(state);
    this.showBody(state);
  }

  /** Picks a finding and brings it into view. */
  pick(finding: Finding): void {
    const focused = this.body.contains(document.activeElement);
    this.picked = finding.fingerprint;
    if (!this.shown().includes(finding)) {
      this.filter = "all";
      this.sought = "";
    }
    this.most = Math.max(this.most, this.shown().indexOf(finding) + 1);
    this.show();
    const item = this.body.querySelector<HTMLElement>(".finding.picked");
    if (item === null) return;
    const [top, bottom, height] = [item.offsetTop, item.offsetTop + item.offsetHeight, this.body.clientHeight];
    // The list alone scrolls, never the page.
    if (top < this.body.scrollTop || bottom > this.body.scrollTop + height) this.body.scrollTop = item.offsetHeight > height ? top : Math.max(0, top - (height - item.offsetHeight) / 2);
    if (focused) item.querySelector("button")?.focus({ preventScroll: true });
  }

  /** The findings that the filters leave, in the order they are listed in. */
  private shown(): Finding[] {
    const { report, more, sheets } = this.session.state!;
    const rank = new Map(sheets.map((sheet, index) => [sheet.name, index]));
    const fits = (finding: Finding): boolean => {
      const kind = more[finding.fingerprint]!.kind;
      const by = this.filter === "all" ? true : this.filter === "left" ? kind !== "settled" && !this.session.ticked.has(finding.fingerprint) : kind === this.filter;
      return by && (this.sought === "" || [finding.title, finding.message, finding.sheet, finding.cell, finding.rule].join(" ").toLowerCase().includes(this.sought.toLowerCase()));
    };
    const at = (finding: Finding): number => rank.get(finding.sheet ?? "") ?? -1;
    return report.findings.filter(fits).sort((one, other) => at(one) - at(other));
  }

  private showHead(state: State): void {
    const { report, more } = state;
    const kinds = report.findings.map((finding) => more[finding.fingerprint]!.kind);
    const count = (kind: Kind): number => kinds.filter((one) => one === kind).length;
    const left = report.findings.filter((finding) => more[finding.fingerprint]!.kind !== "settled" && !this.session.ticked.has(finding.fingerprint)).length;
    const chip = (filter: Filter, text: string): HTMLElement =>
      el("button", { type: "button", "aria-pressed": String(this.filter === filter), onclick: () => this.by(filter) }, text);
    const kept = (["error", "warning", "info", "settled"] as Kind[]).filter((kind) => count(kind) > 0);
    const finding = this.head.querySelector("input");
    const seek = finding ?? el("input", { type: "search", placeholder: "找：表名、格子、文字", "aria-label": "在问题里找", oninput: (event: Event) => this.seek((event.target as HTMLInputElement).value) });
    if (seek.value !== this.sought) seek.value = this.sought;
    const chips = el(
      "div",
      { className: "chips", role: "group", "aria-label": "只看哪些" },
      chip("all", `全部 ${kinds.length}`),
      ...kept.map((kind) => chip(kind, `${this.about.kinds[kind].symbol} ${this.about.kinds[kind].word} ${count(kind)}`)),
      left < kinds.length - count("settled") && chip("left", `还没处理 ${left}`),
    );
    if (finding === null) {
      const row = el("div", { className: "seek" }, seek, el("button", { type: "button", title: "上一条（快捷键 K）", onclick: () => this.step(-1) }, "↑ 上一条"), el("button", { type: "button", title: "下一条（快捷键 J）", onclick: () => this.step(1) }, "↓ 下一条"));
      fill(this.head, chips, row);
    } else this.head.replaceChild(chips, this.head.firstElementChild!);
  }

  private by(filter: Filter): void {
    this.filter = filter;
    this.show();
  }

  private seek(text: string): void {
    this.sought = text.trim();
    this.showBody(this.session.state!);
  }

  /** The next finding, or the one before. */
  step(by: 1 | -1): void {
    const shown = this.shown();
    if (shown.length === 0) return;
    const at = shown.findIndex((finding) => finding.fingerprint === this.picked);
    const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : (at + by + shown.length) % shown.length;
    this.actions.pick(shown[next]!);
  }

  private showBody(state: State): void {
    const shown = this.shown();
    const parts: Node[] = [];
    if (this.filter === "all" && this.sought === "" && state.first.length > 0) parts.push(this.first(state));
    if (this.session.mended.length > 0) parts.push(this.vanished());
    const now = shown.slice(0, this.most);
    // What is only worth a look is folded where there is more to do, unless it is asked for.
    const folds = this.filter === "all" && this.sought === "" && state.first.length > 0;
    const folded = now.filter((finding) => folds && state.more[finding.fingerprint]!.kind === "info");
    let sheet: string | null | undefined;
    for (const finding of now.filter((one) => !folded.includes(one))) {
      const heading = finding.file && state.files.length > 1 ? `${finding.sheet}　${finding.file}` : (finding.sheet ?? "整个文件");
      if (heading !== sheet) parts.push(el("h3", {}, heading));
      sheet = heading;
      parts.push(this.item(finding, state));
    }
    if (folded.length > 0) parts.push(this.infos(folded, state));
    const left = shown.length - this.most;
    if (left > 0) parts.push(el("p", { className: "empty" }, el("button", { type: "button", onclick: () => this.longer() }, `还有 ${left} 条，再列一些`)));
    if (shown.length === 0) parts.push(el("p", { className: "empty" }, this.nothing(state)));
    const top = this.body.scrollTop;
    fill(this.body, ...parts);
    this.body.scrollTop = top;
  }

  private longer(): void {
    this.most += AT_ONCE;
    this.show();
  }

  private nothing({ report }: State): string {
    if (report.findings.length > 0) return "这样筛选没有问题，点“全部”看所有的。";
    if (report.verdict === "unreadable") return "没有可以检查的表。";
    return report.verdict === "incomplete" ? "已查的部分没有发现问题；没有查全的，见上面。" : "没有发现问题。";
  }

  private first(state: State): HTMLElement {
    const { first, report } = state;
    const rows = first.map(({ text, findings }) => {
      const finding = report.findings.find((one) => one.fingerprint === findings[0])!;
      return el("li", {}, el("button", { type: "button", onclick: () => this.actions.pick(finding) }, text));
    });
    const kinds = state.kinds.map((line) => el("li", {}, line));
    const all = el("details", { className: "kinds" }, el("summary", {}, this.about.words.kinds), el("ul", {}, ...kinds));
    return el("section", { className: "first" }, el("h2", {}, this.about.words.first), el("ol", {}, ...rows), all);
  }

  private infos(findings: Finding[], state: State): HTMLElement {
    const { symbol, word } = this.about.kinds.info;
    const open = findings.some((finding) => finding.fingerprint === this.picked);
    return el("details", { className: "infos", open }, el("summary", {}, `${symbol} ${word} ${findings.length} 条`), ...findings.map((finding) => this.item(finding, state)));
  }

  private vanished(): HTMLElement {
    const { mended } = this.session;
    const rows = mended.map((finding) => el("li", {}, `${finding.sheet ?? "文件"} ${finding.cell ?? ""} ${finding.title}`));
    return el("details", { className: "vanished" }, el("summary", {}, `✓ 改好了 ${mended.length} 处`), el("ul", {}, ...rows));
  }

  private item(finding: Finding, state: State): HTMLElement {
    const { kind, level } = state.more[finding.fingerprint]!;
    const picked = finding.fingerprint === this.picked;
    const ticked = this.session.ticked.has(finding.fingerprint);
    const word = kind === "settled" ? this.about.kinds.settled.word : level;
    const line = el(
      "span",
      { className: "line" },
      el("span", { className: "level" }, `${this.about.kinds[kind].symbol} ${word}`),
      finding.cell !== null && el("span", { className: "cell" }, finding.cell),
      el("span", { className: "what" }, finding.title, ticked ? "（已处理）" : ""),
    );
    const button = el("button", { type: "button", "aria-expanded": String(picked), onclick: () => this.actions.pick(finding) }, line, el("span", { className: "message" }, finding.message));
    const className = ["finding", kind, picked && "picked", ticked && "finished"].filter(Boolean).join(" ");
    return el("article", { className, "data-finding": finding.fingerprint }, button, picked && this.detail(finding, state));
  }

  private detail(finding: Finding, state: State): HTMLElement {
    const more = state.more[finding.fingerprint]!;
    const { parts: words, counts } = this.about.words;
    const rows: Node[] = [];
    const row = (name: string, value: string | null | undefined, className = ""): void => {
      if (value) rows.push(el("dt", {}, name), el("dd", { className }, value));
    };
    row(words.expected, finding.expected, "fix");
    row(words.actual, finding.actual);
    row(words.difference, finding.difference);
    row(words.explain, finding.explain);
    row(words.suggestion, finding.suggestion, "fix");
    row(words.accepted, finding.accepted && finding.accepted.reason + (more.kind === "settled" ? "" : counts));
    row(words.basis, finding.basis);
    const places = [finding, ...finding.related].filter((place) => place.cell !== null);
    const buttons = places.map((place) => el("button", { type: "button", onclick: () => this.actions.go(place) }, `${place.sheet === finding.sheet ? "" : `${place.sheet} `}${place.cell}`));
    if (buttons.length > 0) rows.push(el("dt", {}, "格子"), el("dd", { className: "places" }, ...buttons));
    return el("div", { className: "detail" }, el("dl", {}, ...rows), this.todo(finding, state));
  }

  private todo(finding: Finding, state: State): HTMLElement {
    const more = state.more[finding.fingerprint]!;
    const ticked = this.session.ticked.has(finding.fingerprint);
    const holder = el("div", {});
    const proposal = finding.fix.map((fix) => `${fix.sheet === finding.sheet ? "" : `${fix.sheet} `}${fix.cell} 改为 ${fix.value}`).join("；");
    const box = el("div", { className: "do" });
    if (more.takes) box.append(el("button", { type: "button", className: "primary", title: proposal, onclick: () => this.actions.take(finding) }, `采用：${proposal.length > 40 ? `${proposal.slice(0, 39)}…` : proposal}`));
    if (more.explainable) box.append(el("button", { type: "button", onclick: () => this.write(holder, finding) }, finding.accepted === null ? "写说明…" : "改说明…"));
    box.append(el("button", { type: "button", "aria-pressed": String(ticked), onclick: () => this.tick(finding) }, ticked ? "✓ 已处理" : "标为已处理"), el("span", { className: "rule" }, finding.rule));
    holder.append(box);
    return holder;
  }

  private write(holder: HTMLElement, finding: Finding): void {
    const text = el("textarea", { value: finding.accepted?.reason ?? "", "aria-label": "说明：为什么没有错、不用改", placeholder: "写明为什么没有错、不用改，例如：年中追加预算，批复文号……" });
    const keep = el("button", { type: "button", className: "primary", onclick: () => this.actions.explain(finding, text.value) }, "保存说明");
    const row = el("div", { className: "do" }, keep, el("button", { type: "button", onclick: () => this.show() }, "取消"));
    fill(holder, text, row);
    text.focus();
  }

  private tick(finding: Finding): void {
    const { ticked } = this.session;
    if (!ticked.delete(finding.fingerprint)) ticked.add(finding.fingerprint);
    this.show();
    this.actions.ticked();
  }
}
