/** The forms as the clerk knows them: tabs, a sheet drawn with its merged cells, widths and looks, and the line in which a cell is
 * typed. */
import { el, fill, unseen } from "./dom";
import type { About, Drawing, DrawnCell, Finding, Kind, Place, State } from "./protocol";
import type { Session } from "./session";

export interface FormActions {
  type(sheet: string, cell: string, text: string): Promise<void>;
  pick(finding: Finding): void;
  draw(sheet: string): Promise<Drawing>;
}

/** Pixels that the fixed headings of a sheet take. */
const HEAD_LEFT = 50;
const HEAD_TOP = 34;
const MOST_HEIGHT = 150;
const KINDS: Kind[] = ["error", "warning", "info", "settled"];

export class Forms {
  sheet: string | null = null;
  private cell: string | null = null;
  private drawing: Drawing | undefined;
  private cells = new Map<string, { td: HTMLTableCellElement; drawn: DrawnCell; row: number; column: number }>();
  private readonly tabs = el("div", { className: "tabs", role: "tablist", "aria-label": "表" });
  private readonly address = el("span", { className: "address" });
  private readonly input = el("textarea", { rows: 1, spellcheck: false, "aria-label": "这一格的内容" });
  private readonly sure = el("button", { type: "button", className: "primary" }, "改");
  private readonly aboutCell = el("div", { className: "about" });
  private readonly paper = el("div", { className: "sheet" });
  private editing = false;
  /** The other cells of the finding that was gone to. */
  private related: Place[] = [];

  constructor(
    holder: HTMLElement,
    private readonly session: Session,
    private readonly about: About,
    private readonly actions: FormActions,
  ) {
    const entry = el("form", { className: "entry", onsubmit: (event: Event) => this.submit(event) }, this.address, this.input, this.sure);
    this.sure.type = "submit";
    this.input.onkeydown = (event) => {
      if (event.isComposing) return; // Enter ends what an input method composes
      if (event.key === "Escape") this.leave();
      else if (event.key === "Enter" && event.altKey) this.input.setRangeText("\n", this.input.selectionStart, this.input.selectionEnd, "end");
      else if (event.key === "Enter") entry.requestSubmit();
      else return;
      event.preventDefault();
      this.size();
    };
    this.input.oninput = () => {
      this.editing = true;
      this.sure.disabled = false;
      this.size();
    };
    const legend = el("div", { className: "legend" }, ...KINDS.map((kind) => el("span", {}, el("b", { className: `count ${kind}` }, about.kinds[kind].symbol), ` ${about.kinds[kind].word}`)), el("span", {}, "虚线框：与所看问题有关的格子"), el("span", {}, "绿角：改过的格子"));
    fill(holder, this.tabs, el("div", { className: "bar" }, entry, this.aboutCell), this.paper, legend);
  }

  /** Draws the sheet that is shown, or the first one, anew. */
  async show(sheet: string | null = this.sheet): Promise<void> {
    const state = this.session.state!;
    const names = state.sheets.map((one) => one.name);
    const chosen = sheet !== null && names.includes(sheet) ? sheet : (names[0] ?? null);
    if (chosen !== this.sheet) this.cell = null;
    this.sheet = chosen;
    this.showTabs(state);
    if (chosen === null) {
      this.drawing = undefined;
      fill(this.paper, el("p", { className: "empty" }, "没有可以画出来的表。"));
      this.showCell();
      return;
    }
    const drawing = await this.actions.draw(chosen);
    if (this.sheet !== chosen) return;
    const kept = this.drawing?.name === chosen ? ([this.paper.scrollLeft, this.paper.scrollTop] as const) : ([0, 0] as const);
    this.drawing = drawing;
    this.draw(drawing);
    this.showRelated();
    this.paper.scrollTo(...kept);
    if (this.cell !== null) this.mark(this.cell);
    this.showCell();
  }

  /** Shows a place: its sheet, its cell, and what is related to it. */
  async go(place: Place, related: Place[] = [], focus = false): Promise<void> {
    if (place.sheet === null) return;
    if (place.sheet !== this.sheet || this.drawing?.name !== place.sheet) await this.show(place.sheet);
    this.related = related;
    this.showRelated();
    if (place.cell === null) return;
    this.select(this.drawnFor(place.cell), focus);
    const td = this.cells.get(this.drawnFor(place.cell))?.td;
    if (td === undefined) return;
    this.reveal(td, true);
    td.classList.remove("flash");
    requestAnimationFrame(() => td.classList.add("flash"));
  }

  private showRelated(): void {
    this.paper.querySelectorAll(".related").forEach((td) => td.classList.remove("related"));
    for (const other of this.related) if (other.sheet === this.sheet && other.cell !== null) this.cells.get(this.drawnFor(other.cell))?.td.classList.add("related");
  }

  /** Scrolls the sheet alone, never the page, until a cell is seen: in the middle, or just so. */
  private reveal(td: HTMLElement, middle: boolean): void {
    const { paper } = this;
    const [box, cell] = [paper.getBoundingClientRect(), td.getBoundingClientRect()];
    const by = (start: number, end: number, from: number, to: number, head: number): number => {
      if (start >= from + head && end <= to) return 0;
      if (middle && end - start < to - from) return (start + end - from - to) / 2;
      return start < from + head || end - start > to - from - head ? start - from - head : end - to;
    };
    paper.scrollBy(by(cell.left, cell.right, box.left, box.right, HEAD_LEFT), by(cell.top, cell.bottom, box.top, box.bottom, HEAD_TOP));
  }

  /** The cell that is drawn for one inside a merged range. */
  private drawnFor(cell: string): string {
    const match = /^([A-Z]+)(\d+)$/.exec(cell);
    if (match === null || this.drawing === undefined) return cell;
    const column = [...match[1]!].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
    const first = this.drawing.covered[`${match[2]},${column}`];
    return first === undefined ? cell : `${letters(first[1])}${first[0]}`;
  }

  private showTabs(state: State): void {
    const worst = new Map<string, Map<Kind, number>>();
    for (const finding of state.report.findings) {
      const counts = worst.get(finding.sheet ?? "") ?? new Map<Kind, number>();
      const kind = state.more[finding.fingerprint]!.kind;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      worst.set(finding.sheet ?? "", counts);
    }
    const tab = (name: string): HTMLElement => {
      const counts = worst.get(name);
      const kind = KINDS.find((one) => one !== "settled" && counts?.has(one));
      const mark = kind && el("span", { className: `count ${kind}` }, `${this.about.kinds[kind].symbol}${counts!.get(kind)}`, unseen(this.about.kinds[kind].word));
      return el("button", { type: "button", role: "tab", "aria-selected": String(name === this.sheet), tabIndex: name === this.sheet ? 0 : -1, onclick: () => void this.show(name), onkeydown: (event: KeyboardEvent) => this.turn(event, state) }, name, mark);
    };
    fill(this.tabs, ...state.sheets.map((one) => tab(one.name)));
    const chosen = this.tabs.querySelector<HTMLElement>("[aria-selected=true]");
    if (chosen !== null) this.tabs.scrollLeft = chosen.offsetLeft - (this.tabs.clientWidth - chosen.offsetWidth) / 2;
  }

  private turn(event: KeyboardEvent, state: State): void {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    const at = state.sheets.findIndex((one) => one.name === this.sheet);
    const next = state.sheets[(at + by + state.sheets.length) % state.sheets.length]!;
    void this.show(next.name).then(() => this.tabs.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  }

  private draw(drawing: Drawing): void {
    this.cells.clear();
    const changed = new Set(this.session.state!.changes.filter((one) => one.sheet === drawing.name).map((one) => one.cell));
    const sized = drawing.columns.every((column) => column.width !== null);
    const group = el("colgroup", {}, el("col"));
    const heads = drawing.columns.map((column) => {
      const col = el("col");
      if (column.width !== null) col.style.width = `${column.width}px`;
      group.append(col);
      return el("th", { scope: "col", className: [column.gap && "gap", column.hidden && "hidden"].filter(Boolean).join(" ") }, column.letters);
    });
    (group.firstElementChild as HTMLElement).style.width = "34px";
    const body = el("tbody");
    drawing.rows.forEach((row, index) => {
      const tr = el("tr", { className: [row.gap && "gap", row.hidden && "hidden"].filter(Boolean).join(" ") }, el("th", { scope: "row" }, row.row > 0 ? row.row : ""));
      if (row.height !== null) tr.style.height = `${row.height}px`;
      for (const drawn of row.cells) tr.append(this.one(drawn, index, drawing, changed));
      body.append(tr);
    });
    const table = el("table", { className: sized ? "" : "free", role: "grid", "aria-label": `${drawing.name}，方向键移动，回车修改` }, group, el("thead", {}, el("tr", {}, el("th", {}, unseen("行")), ...heads)), body);
    table.onclick = (event) => this.clicked(event);
    table.ondblclick = () => this.edit();
    table.onkeydown = (event) => this.pressed(event);
    fill(this.paper, ...drawing.notes.map((note) => el("p", { className: "note" }, note)), table);
    const first = this.cells.values().next().value;
    if (first !== undefined) first.td.tabIndex = 0;
  }

  private one(drawn: DrawnCell, row: number, drawing: Drawing, changed: Set<string>): HTMLTableCellElement {
    const [address, text, rows, columns, classes, look, findings] = drawn;
    const names = classes.split(" ").filter((name) => name !== "related");
    const kind = KINDS.find((one) => names.includes(one));
    const marks = findings.length > 0 && kind !== undefined && el("span", { className: `mark ${kind}` }, this.about.kinds[kind].symbol, unseen(`${this.about.kinds[kind].word}：`));
    const td = el("td", { role: "gridcell", className: names.join(" "), tabIndex: -1, rowSpan: rows, colSpan: columns, "data-cell": address }, marks, text);
    if (changed.has(address)) td.classList.add("changed");
    const [bold, size, across, fill] = drawing.looks[look] ?? [false, 11, "", ""];
    if (bold) td.style.fontWeight = "700";
    if (size !== 11) td.style.fontSize = `${Math.min(24, Math.max(9, (size * 13) / 11))}px`;
    if (across !== "") td.style.textAlign = across;
    if (fill !== "" && fill !== "FFFFFF" && fill !== "000000") td.style.backgroundColor = `#${fill}`;
    const column = columnOf(address);
    this.cells.set(address, { td, drawn, row, column });
    return td;
  }

  private clicked(event: Event): void {
    const td = (event.target as HTMLElement).closest<HTMLElement>("td[data-cell]");
    if (td === null) return;
    this.select(td.dataset["cell"]!, true);
    const finding = this.findings()[0];
    if (finding !== undefined) this.actions.pick(finding);
  }

  private select(cell: string, focus: boolean): void {
    this.editing = false;
    this.mark(cell);
    this.showCell();
    if (focus) this.cells.get(cell)?.td.focus({ preventScroll: true });
  }

  private mark(cell: string): void {
    this.paper.querySelectorAll<HTMLElement>("td.at, td[tabindex='0']").forEach((td) => {
      td.classList.remove("at");
      td.tabIndex = -1;
    });
    this.cell = this.cells.has(cell) ? cell : null;
    const td = this.cells.get(cell)?.td;
    if (td === undefined) return;
    td.classList.add("at");
    td.tabIndex = 0;
  }

  private findings(): Finding[] {
    const own = this.cell === null ? [] : (this.cells.get(this.cell)?.drawn[6] ?? []);
    const { findings } = this.session.state!.report;
    return own.map((print) => findings.find((finding) => finding.fingerprint === print)).filter((one): one is Finding => one !== undefined);
  }

  private showCell(refused = ""): void {
    const held = this.cell === null ? undefined : this.cells.get(this.cell);
    const editable = held !== undefined && this.drawing?.editable === true;
    this.address.textContent = this.cell ?? "—";
    if (!this.editing) this.input.value = held?.drawn[7] ?? held?.drawn[1] ?? "";
    this.size();
    this.input.disabled = !editable;
    this.sure.disabled = !editable || !this.editing;
    this.input.placeholder = held === undefined ? "点一个格子，看它的问题，改它的内容" : "";
    const { more } = this.session.state!;
    const rows = this.findings().map((finding) => {
      const { kind } = more[finding.fingerprint]!;
      return el("button", { type: "button", onclick: () => this.actions.pick(finding) }, el("span", { className: `level ${kind}` }, `${this.about.kinds[kind].symbol} `), finding.title);
    });
    const why = held !== undefined && !editable && "这份文件不能在这里改：Word 文件请在 Word、WPS 里改，旧格式的表格请另存为 .xlsx。";
    fill(this.aboutCell, refused !== "" && el("span", { className: "refused", role: "alert" }, refused), ...rows, why, editable && rows.length === 0 && refused === "" && "回车或双击开始改，再回车确定，Esc 放弃，Alt+回车换行。");
  }

  /** As many lines as the text needs, up to six. */
  private size(): void {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, MOST_HEIGHT)}px`;
  }

  private edit(start?: string): void {
    if (this.input.disabled) return;
    this.editing = true;
    this.sure.disabled = false;
    if (start !== undefined) this.input.value = start;
    this.input.focus();
    if (start === undefined) this.input.select();
  }

  private leave(): void {
    this.editing = false;
    this.showCell();
    if (this.cell !== null) this.cells.get(this.cell)?.td.focus({ preventScroll: true });
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    const { sheet, cell } = this;
    if (sheet === null || cell === null || !this.editing) return;
    try {
      await this.actions.type(sheet, cell, this.input.value);
      this.leave();
    } catch (error) {
      this.showCell(error instanceof Error ? error.message : String(error));
      this.input.focus();
    }
  }

  private pressed(event: KeyboardEvent): void {
    if (this.cell === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const moves: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const move = moves[event.key];
    if (move !== undefined) this.move(...move);
    else if (event.key === "Enter" || event.key === "F2") this.edit();
    else if (event.key === "Delete" || event.key === "Backspace") this.edit("");
    else if (event.key.length === 1 && event.key !== " ") this.edit("");
    else return;
    // A letter typed goes on into the line; all else is done.
    if (event.key.length !== 1) event.preventDefault();
  }

  private move(down: number, right: number): void {
    const { row, column, drawn } = this.cells.get(this.cell!)!;
    const wanted = down !== 0 ? [down > 0 ? row + drawn[2] : row - 1, column] : [row, right > 0 ? column + drawn[3] : column - 1];
    const [line, at] = wanted as [number, number];
    const rows = this.drawing!.rows;
    if (rows[line] === undefined || at < 1) return;
    const address = this.drawnFor(`${letters(at)}${rows[line]!.row}`);
    const found = this.cells.get(address);
    if (found === undefined) return;
    this.select(address, true);
    this.reveal(found.td, false);
  }
}

function columnOf(address: string): number {
  return [...address.replace(/\d+$/, "")].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

function letters(column: number): string {
  let name = "";
  for (let left = column; left > 0; left = Math.floor((left - 1) / 26)) name = String.fromCharCode(65 + ((left - 1) % 26)) + name;
  return name;
}
