/** The windows over the page: 下载, 关于. */
import { byId, el, fill } from "./dom";
import type { About, State } from "./protocol";

export function openDialog(title: string, ...content: Node[]): void {
  const dialog = byId<HTMLDialogElement>("dialog");
  const close = el("button", { type: "button", className: "close", onclick: () => dialog.close() }, "关闭");
  fill(dialog, close, el("h2", { id: "dialog-title" }, title), ...content);
  if (!dialog.open) dialog.showModal();
}

export interface Download {
  what: "corrected" | "marked" | "html" | "json";
  file?: string;
  title: string;
  text: string;
}

/** What there is to download of what is open. */
export function downloads(state: State): Download[] {
  const found: Download[] = [];
  const of = (name: string): string => (state.files.length > 1 ? `：${name}` : "");
  for (const file of state.files) {
    if (file.kind === "xlsx") {
      const macros = file.suffix === ".xlsm" ? "从网页下载的 .xlsm，Excel 会拦住其中的宏：存到本机后，右键点文件，选“属性”，勾选“解除锁定”。" : "";
      const text = file.changes > 0 ? `改了 ${file.changes} 格，逐格记在“更正记录”表里；文件的其他部分原样不动。${macros}` : "还没有改过，下载的就是原文件。";
      found.push({ what: "corrected", file: file.name, title: `改好的工作簿${of(file.name)}`, text });
    }
    if (file.kind !== "doc") found.push({ what: "marked", file: file.name, title: `标注副本${of(file.name)}`, text: file.kind === "docx" ? "Word 文件，问题处涂色并加批注，照着在 Word 里改。" : "问题格涂色，另有“校验结果”表，写的说明也在里面；发给别人看用。" });
  }
  found.push({ what: "html", title: "校验报告（网页）", text: "问题清单和画出来的各表，可以打印。" }, { what: "json", title: "检查结果（JSON）", text: "给程序读的。" });
  return found;
}

export function showDownloads(state: State, save: (download: Download) => void, keep: HTMLElement): void {
  const rows = downloads(state).map((one) =>
    el("li", {}, el("b", {}, one.title), el("span", { className: "soft" }, one.text), el("button", { type: "button", className: one.what === "corrected" ? "primary" : "", disabled: one.what === "corrected" && !state.files.some((file) => file.name === one.file && file.changes > 0), onclick: () => save(one) }, "下载")),
  );
  openDialog("下载", el("ul", { className: "downloads" }, ...rows), keep);
}

export function showAbout(about: About | undefined, licences: { name: string; version: string; licence: string; text: string }[]): void {
  const rows = licences.map((one) => el("details", {}, el("summary", {}, `${one.name} ${one.version}　${one.licence}`), el("pre", {}, one.text)));
  openDialog(
    "关于",
    el("p", {}, `perfeval-xl ${about?.version ?? ""}：检查部门整体支出绩效自评的工作簿和报告。这个网页里装的就是命令行用的同一套检查程序，结果一样。`),
    el("p", {}, "文件只在这个浏览器里读，不上传；网页被禁止访问网络。重新打开网页，什么也不留下，除非您选了“保留草稿”。"),
    el("p", {}, "快捷键：J、K 下一条、上一条；方向键在表里移动，回车改格子；Ctrl+Z 撤销，Ctrl+Y 重做。"),
    el("h3", {}, "网页里装的软件和许可"),
    ...rows,
  );
}
