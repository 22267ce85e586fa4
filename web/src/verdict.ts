/** The strip under the head: the verdict, how many findings of each kind, and what was not checked. */
import { el, fill } from "./dom";
import type { About, Kind, State } from "./protocol";

const MOST_GAPS = 200;

export function showVerdict(holder: HTMLElement, state: State, about: About): void {
  const { report } = state;
  const settled = Object.values(state.more).filter((more) => more.kind === "settled").length;
  const counts: [Kind, number][] = [["error", report.summary.error], ["warning", report.summary.warning], ["info", report.summary.info], ["settled", settled]];
  const gaps = report.coverage.gaps;
  fill(
    holder,
    el("span", { className: `verdict ${report.verdict}` }, state.verdict),
    ...counts.filter(([kind, count]) => kind !== "settled" || count > 0).map(([kind, count]) => counted(kind, count, about)),
    el("span", { className: "unit" }, [report.unit ?? "（没有读到单位名称）", report.year === null ? "" : `${report.year}年度`].join("　")),
    el("span", { className: "soft" }, `查了 ${report.summary.checked} 项　口径：${[report.policy.title, ...state.rules].join("、")}`),
    state.headline !== "" && gaps.length === 0 && el("span", { className: "headline calm" }, state.headline),
    gaps.length > 0 && missing(state),
    report.unread.length > 0 && unread(state),
  );
}

export function counted(kind: Kind, count: number, about: About): HTMLElement {
  const { symbol, word } = about.kinds[kind];
  return el("span", { className: `count ${kind}` }, `${symbol} ${word} `, el("b", {}, count));
}

function missing({ report, headline }: State): HTMLElement {
  const { gaps } = report.coverage;
  const lines = gaps.slice(0, MOST_GAPS).map((gap) => el("li", {}, [gap.file, gap.sheet, gap.cell, gap.reason].filter(Boolean).join(" ")));
  const more = gaps.length > MOST_GAPS && el("li", {}, `……还有 ${gaps.length - MOST_GAPS} 处`);
  return el("details", { className: "missing" }, el("summary", {}, `没有查全 ${gaps.length} 处：${headline}`), el("ul", { className: "gaps" }, ...lines, more));
}

function unread({ report }: State): HTMLElement {
  const lines = report.unread.slice(0, MOST_GAPS).map(({ sheet, reason }) => el("li", {}, [sheet, reason].filter(Boolean).join("：")));
  return el("details", { className: "missing" }, el("summary", {}, `没有读的 ${report.unread.length} 处`), el("ul", { className: "gaps" }, ...lines));
}
