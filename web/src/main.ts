/** The page: starts the interpreter, takes files, and ties the screens to what is open. */
import { byId, el, fill } from "./dom";
import { type Download, showAbout, showDownloads } from "./dialogs";
import * as drafts from "./draft";
import { Broken, Engine, Refused } from "./engine";
import { Forms } from "./forms";
import { List } from "./list";
import type { About, Drawing, Finding, Step } from "./protocol";
import { type Difference, type GivenFile, Session } from "./session";
import { showVerdict } from "./verdict";

declare global {
  interface Window {
    perfevalCannot: string;
    perfeval: { ready: Promise<void>; check(name: string, bytes: Uint8Array): Promise<unknown> };
  }
}

const STEPS: Record<Step, string> = { unpack: "正在展开检查程序（1/3）……", boot: "正在启动检查程序（2/3）……", import: "正在装入检查规则（3/3）……" };
const MOST_BYTES = 100_000_000;
const SLOW_MS = 300;
const VERY_SLOW_MS = 15_000;

/** A part of the page, as text; taken out of the document, which need not hold it any longer. */
function part(name: string): string {
  const holder = byId(`part-${name}`);
  const text = holder.textContent ?? "";
  holder.remove();
  return text;
}

async function unpackedText(text: string): Promise<string> {
  const packed = new Blob([drafts.decoded(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(packed).text();
}

class Page {
  private readonly licences = JSON.parse(part("licences")) as { name: string; version: string; licence: string; text: string }[];
  private readonly example = part("example");
  private readonly engine: Engine;
  private readonly session: Session;
  private about: About | undefined;
  private list: List | undefined;
  private forms: Forms | undefined;
  private keeping = drafts.lasting() !== undefined;
  private waiting: GivenFile[] | undefined;

  constructor(code: string) {
    const parts = { wasm: part("wasm"), stdlib: part("stdlib"), python: part("python"), lock: part("lock") };
    this.engine = new Engine(code, parts, (step) => this.tell(STEPS[step]));
    this.session = new Session(this.engine);
  }

  async start(): Promise<void> {
    this.listen();
    try {
      await this.engine.start();
      this.about = (await this.engine.ask<About>("about")).said;
    } catch (error) {
      this.cannot(error instanceof Error ? error.message : String(error));
      throw error;
    }
    this.tell("检查程序准备好了。", true);
    this.choices(byId<HTMLSelectElement>("policy-start"));
    const draft = drafts.ofTab();
    if (this.waiting !== undefined) await this.openFiles(this.waiting);
    else if (draft !== undefined) await this.resume(draft);
    else this.offer();
  }

  /** report/2 of one file: for scripts and tests. */
  async check(name: string, bytes: Uint8Array): Promise<unknown> {
    return (await this.session.ask("check", { names: [name] }, [bytes])).said;
  }

  // -- starting ------------------------------------------------------------------------------------------------

  private tell(text: string, ready = false): void {
    const place = byId("engine");
    place.textContent = text;
    place.classList.toggle("ready", ready);
  }

  private cannot(reason: string): void {
    const memory = /memory|allocat/i.test(reason);
    const line = memory
      ? "这台电脑的内存不够，检查程序启动不了。请关掉别的网页和程序，再重新打开这个文件。"
      : "检查程序启动不了：可能是浏览器的安全设置不允许，也可能是这个文件没有下载完整。请换用新版的 Edge、Chrome、360 安全浏览器或奇安信可信浏览器打开，或重新取一份文件。";
    byId("engine").hidden = true;
    this.sorry(line, reason);
  }

  private sorry(line: string, detail = ""): void {
    const place = byId("sorry");
    place.hidden = line === "";
    place.title = detail;
    place.textContent = line;
  }

  private choices(select: HTMLSelectElement): void {
    for (const { id, title } of this.about!.policies) select.append(el("option", { value: id }, title));
    select.value = this.session.policy ?? "";
  }

  private offer(): void {
    const draft = drafts.lasting();
    const place = byId("draft-offer");
    place.hidden = draft === undefined;
    if (draft === undefined) return;
    const when = new Date(draft.when).toLocaleString("zh-CN", { dateStyle: "medium", timeStyle: "short" });
    const forget = (): void => {
      drafts.dropLasting();
      this.keeping = false;
      place.hidden = true;
    };
    fill(
      place,
      el("span", {}, `这台电脑上留有草稿：${draft.files.map((file) => file.name).join("、")}（${when}）`),
      el("button", { type: "button", className: "primary", onclick: () => void this.resume(draft) }, "接着改"),
      el("button", { type: "button", onclick: forget }, "删除草稿"),
    );
  }

  private async resume(draft: drafts.Draft): Promise<void> {
    await this.doing(async () => {
      await this.session.restore(drafts.filesOf(draft), draft.policy, draft.deeds, draft.ticked);
      await this.showWork();
    }).catch(() => drafts.dropTab());
  }

  // -- files ---------------------------------------------------------------------------------------------------

  private listen(): void {
    const input = byId<HTMLInputElement>("file");
    byId("choose").onclick = () => input.click();
    input.onchange = () => {
      void this.given([...(input.files ?? [])]);
      input.value = "";
    };
    byId("example").onclick = () => void this.openFiles([{ name: "示例-2023.xlsx", bytes: drafts.decoded(this.example) }]);
    byId("about-open").onclick = () => showAbout(this.about, this.licences);
    const drop = byId("drop");
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    document.addEventListener("dragleave", () => drop.classList.remove("over"));
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      void this.given([...(event.dataTransfer?.files ?? [])]);
    });
    document.addEventListener("keydown", (event) => this.pressed(event));
    for (const id of ["turn-list", "turn-forms"]) byId(id).onclick = () => this.turn(id === "turn-list" ? "side" : "forms");
    window.addEventListener("beforeunload", (event) => {
      if (this.session.unsaved) event.preventDefault();
    });
  }

  private async given(files: File[]): Promise<void> {
    if (files.length === 0) return;
    if (this.session.unsaved && !window.confirm("改过的内容还没有下载。要换成新的文件吗？")) return;
    const large = files.find((file) => file.size > MOST_BYTES);
    if (large !== undefined) {
      this.refuse(`${large.name}：文件太大（${Math.round(large.size / 1e6)} MB）。请删去无关的工作表、图片，另存后再检查。`);
      return;
    }
    const read = async (file: File): Promise<GivenFile> => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
    const done = await Promise.all(files.map(read)).catch(() => undefined);
    if (done === undefined) this.refuse("文件读不了：如果是文件夹，请打开它，拖里面的文件；如果正开着，请先关闭。");
    else await this.openFiles(done);
  }

  private async openFiles(files: GivenFile[]): Promise<void> {
    if (this.about === undefined) {
      this.waiting = files; // the interpreter is still starting
      this.tell(`${files.map((file) => file.name).join("、")}：程序准备好就开始检查……`);
      return;
    }
    this.sorry("");
    const policy = byId<HTMLSelectElement>("policy-start").value || null;
    try {
      await this.doing(() => this.session.open(files, policy));
    } catch {
      return;
    }
    await this.showWork();
    this.keep();
  }

  private refuse(line: string): void {
    if (byId("work").hidden) this.sorry(line);
    else this.toast(line, "bad");
  }

  // -- the work screen -----------------------------------------------------------------------------------------

  private async showWork(): Promise<void> {
    const about = this.about!;
    byId("start").hidden = true;
    byId("work").hidden = false;
    this.list = new List(byId("side"), this.session, about, {
      pick: (finding) => void this.pick(finding),
      go: (place) => void this.forms!.go(place, [], true).then(() => this.turn("forms")),
      take: (finding) => void this.act("take", { fingerprint: finding.fingerprint }),
      explain: (finding, reason) => void this.act("explain", { fingerprint: finding.fingerprint, reason }),
      ticked: () => this.keep(),
    });
    this.forms = new Forms(byId("forms"), this.session, about, {
      type: (sheet, cell, text) => this.typed(sheet, cell, text),
      pick: (finding) => this.list!.pick(finding),
      draw: async (sheet) => (await this.session.ask<Drawing>("sheet", { sheet })).said,
    });
    const first = this.session.state!.report.findings.find((one) => one.fingerprint === this.session.state!.first[0]?.findings[0]);
    this.turn("side");
    this.show();
    if (first === undefined) await this.forms.show();
    else await this.forms.go(first, first.related);
  }

  private show(): void {
    const state = this.session.state!;
    const names = state.files.map((file) => file.name).join("、");
    const open = byId("files-open");
    open.hidden = false;
    open.textContent = names;
    open.title = names;
    document.title = `${names} - 绩效自评检查`;
    showVerdict(byId("verdict"), state, this.about!);
    this.showTools();
    this.list!.show();
  }

  private showTools(): void {
    const state = this.session.state!;
    const policy = el("select", { "aria-label": "按哪里的口径查", onchange: (event: Event) => void this.act("policy", { policy: (event.target as HTMLSelectElement).value || null }) }, el("option", { value: "" }, "口径：按文件写明的"));
    for (const { id, title } of this.about!.policies) policy.append(el("option", { value: id }, title));
    const chosen = [...this.session.deeds].reverse().find((deed) => deed.name === "policy");
    policy.value = chosen === undefined ? (this.session.policy ?? "") : ((chosen.given["policy"] as string | null) ?? "");
    const button = (text: string, title: string, onclick: () => void, disabled = false, className = ""): HTMLElement => el("button", { type: "button", title, onclick, disabled, className }, text);
    const tools = byId("tools");
    tools.hidden = false;
    const editable = state.files.some((file) => file.kind === "xlsx");
    fill(
      tools,
      policy,
      button("↶ 撤销", state.undo === null ? "没有可以撤销的" : `撤销：${state.undo}`, () => void this.act("undo"), state.undo === null),
      button("↷ 重做", state.redo === null ? "没有可以重做的" : `重做：${state.redo}`, () => void this.act("redo"), state.redo === null),
      button(state.computed > 0 ? `一键更正 ${state.computed}` : "一键更正", editable ? "重算有错的比率、合计和由数字定的得分" : "只有 .xlsx、.xlsm 可以更正", () => void this.correct(), !editable),
      button("下载…", "改好的工作簿、标注副本、报告", () => this.downloads(), false, "primary"),
      button("换文件", "检查别的文件", () => this.close()),
    );
  }

  private async pick(finding: Finding): Promise<void> {
    this.list!.pick(finding);
    await this.forms!.go(finding, finding.related).catch((error: unknown) => this.failed(error));
  }

  private turn(pane: "side" | "forms"): void {
    byId("side").classList.toggle("shown", pane === "side");
    byId("forms").classList.toggle("shown", pane === "forms");
    byId("turn-list").setAttribute("aria-selected", String(pane === "side"));
    byId("turn-forms").setAttribute("aria-selected", String(pane === "forms"));
  }

  private pressed(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (byId("work").hidden || target.matches("input, textarea, select") || document.querySelector("dialog[open]") !== null) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") void this.act(event.shiftKey ? "redo" : "undo");
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "y") void this.act("redo");
    else if (target.closest("td") === null && (event.key === "j" || event.key === "k")) this.list!.step(event.key === "j" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  private close(): void {
    if (this.session.unsaved && !window.confirm("改过的内容还没有下载，真的要换文件吗？")) return;
    this.session.unsaved = false;
    drafts.dropTab();
    byId("work").hidden = true;
    byId("tools").hidden = true;
    byId("files-open").hidden = true;
    document.title = "绩效自评检查";
    byId("start").hidden = false;
    this.offer();
    void this.engine.ask("close");
  }

  // -- what is done --------------------------------------------------------------------------------------------

  private async typed(sheet: string, cell: string, text: string): Promise<void> {
    const difference = await this.busy(() => this.session.act("type", { sheet, cell, text }));
    await this.after(difference, `${sheet} ${cell} 改好了`);
  }

  private async act(name: string, given: Record<string, unknown> = {}): Promise<void> {
    const { undo, redo } = this.session.state!;
    if ((name === "undo" && undo === null) || (name === "redo" && redo === null)) return;
    const said: Record<string, string> = { undo: `已撤销：${undo}`, redo: `已重做：${redo}`, explain: "说明已保存", take: "已采用建议", policy: "已换口径" };
    const difference = await this.doing(() => this.session.act(name, given)).catch(() => undefined);
    if (difference !== undefined) await this.after(difference, said[name] ?? "");
  }

  private async correct(): Promise<void> {
    const before = this.session.state!.changes.length;
    const difference = await this.doing(() => this.session.act("correct")).catch(() => undefined);
    if (difference === undefined) return;
    const made = this.session.state!.changes.length - before;
    await this.after(difference, made > 0 ? `一键更正改了 ${made} 格` : "没有可以自动更正的：合计、比率和由数字定的得分都没有错");
    for (const note of this.session.state!.notes ?? []) this.toast(note, "bad");
  }

  /** Shows what came of a change: what vanished, what came up. */
  private async after({ gone, come }: Difference, said: string): Promise<void> {
    this.show();
    await this.forms!.show();
    if (this.list!.picked !== null) {
      const finding = this.session.state!.report.findings.find((one) => one.fingerprint === this.list!.picked);
      if (finding !== undefined) this.list!.pick(finding);
    }
    const told = [said, gone.length > 0 && `少了 ${gone.length} 处问题：${few(gone)}`, come.length > 0 && `新出现 ${come.length} 处：${few(come)}`, come.length > 0 && this.session.state!.computed > 0 && "算得出来的可以点“一键更正”"].filter(Boolean).join("；");
    this.toast(told, come.length > 0 ? "" : gone.length > 0 ? "good" : "");
    this.keep();
  }

  private keep(): void {
    const kept = drafts.keep(this.session, this.keeping);
    if (!kept && this.keeping) this.toast("文件较大，浏览器留不下草稿；请做完就下载。", "bad");
  }

  // -- downloads -----------------------------------------------------------------------------------------------

  private downloads(): void {
    const box = el("input", { type: "checkbox", checked: this.keeping, onchange: () => this.keepFor(box.checked) });
    const keep = el("p", { className: "keep" }, el("label", {}, box, " 保留草稿 7 天"), el("br"), el("span", { className: "soft" }, "做到一半可以关掉网页，下次接着改。文件会留在这台电脑的浏览器里，别人也打得开；公用电脑请不要选。不选的，关掉网页就没有了。"));
    showDownloads(this.session.state!, (download) => void this.save(download), keep);
  }

  private keepFor(days: boolean): void {
    this.keeping = days;
    if (days) this.keep();
    else drafts.dropLasting();
  }

  private async save({ what, file }: Download): Promise<void> {
    const answer = await this.doing(() => this.session.ask<{ name: string; notes: string[] }>("save", { what, file: file ?? null })).catch(() => undefined);
    if (answer?.file === undefined) return;
    const address = URL.createObjectURL(new Blob([answer.file], { type: "application/octet-stream" }));
    el("a", { href: address, download: answer.said.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    if (what === "corrected" || what === "marked") this.session.unsaved = false;
    this.toast([`已下载 ${answer.said.name}`, ...answer.said.notes].join("；"), "good");
  }

  // -- waiting and telling -------------------------------------------------------------------------------------

  /** Does something that may fail; says what went wrong, and throws it on. */
  private async doing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.busy(work);
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  private failed(error: unknown): void {
    if (error instanceof Refused) this.refuse(error.message);
    else if (error instanceof Broken) this.refuse("这一步没有做完（内存不够，或被停止），检查程序已重新启动，原文件没有改动。可以换一个文件，或再试一次。");
    else this.refuse(`网页出了意外，请重新打开：${String(error)}`);
  }

  /** Shows that something takes a while, and lets it be stopped where it takes very long. */
  private async busy<T>(work: () => Promise<T>): Promise<T> {
    const place = byId("busy");
    const slow = setTimeout(() => {
      fill(place, "正在检查……");
      place.hidden = false;
    }, SLOW_MS);
    const verySlow = setTimeout(() => fill(place, "还在检查，文件可能很大……", el("button", { type: "button", onclick: () => this.engine.stop() }, "停止")), VERY_SLOW_MS);
    try {
      return await work();
    } finally {
      clearTimeout(slow);
      clearTimeout(verySlow);
      place.hidden = true;
    }
  }

  private toast(text: string, kind: "good" | "bad" | "" = ""): void {
    if (text === "") return;
    const line = el("p", { className: kind }, text);
    const place = byId("toast");
    place.append(line);
    while (place.childElementCount > 3) place.firstElementChild!.remove();
    setTimeout(() => line.remove(), kind === "bad" ? 12_000 : 6000);
  }
}

function few(findings: Finding[]): string {
  const named = findings.slice(0, 3).map((finding) => `${finding.sheet ?? ""} ${finding.cell ?? ""} ${finding.title}`.trim());
  return named.join("；") + (findings.length > 3 ? " 等" : "");
}

if (window.perfevalCannot === "") {
  const starting = unpackedText(part("worker")).then((code) => {
    const page = new Page(code);
    const ready = page.start();
    ready.catch(() => undefined);
    return { page, ready };
  });
  const ready = starting.then((started) => started.ready);
  ready.catch(() => undefined);
  window.perfeval = {
    ready,
    async check(name, bytes) {
      const { page } = await starting;
      await ready;
      return page.check(name, bytes);
    },
  };
}
