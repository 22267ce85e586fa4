"""The rules' pages for readers, as text, JSON or Markdown."""

from __future__ import annotations

import json

from perfeval_xl.findings import SEVERITY_WORD

from . import families
from .choosing import fitting
from .registry import PAGE, Rule


def render(words: str | None, format: str) -> str:
    """The rules that words mean, or all of them; as text, one alone is shown with its page. ChoiceError where a word fits none."""
    everything = families.load().values()
    rules = fitting("*" if words is None else words, everything)
    if format == "json":
        return json.dumps([_record(rule) for rule in rules], ensure_ascii=False, indent=2)
    if format == "markdown":
        return "\n\n".join(_markdown(rule) for rule in rules)
    if len(rules) != 1:
        return "\n".join(f"{rule.code}  {SEVERITY_WORD[rule.severity]}  {rule.title}" for rule in rules)
    return _text(rules[0])


def _record(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "family": rule.family,
        "severity": rule.severity,
        "title": rule.title,
        "basis": rule.basis,
        "forms": list(rule.forms),
        "page": dict(rule.page),
    }


def _text(rule: Rule) -> str:
    lines = [f"{rule.code}  {rule.title}（{SEVERITY_WORD[rule.severity]}）", f"依据：{rule.basis}"]
    return "\n".join(lines + [f"{part}：{rule.page[part]}" for part in PAGE])


def _markdown(rule: Rule) -> str:
    head = f"### {rule.code} {rule.title}\n\n级别：{SEVERITY_WORD[rule.severity]}　名称：`{rule.name}`\n\n依据：{rule.basis}"
    return head + "".join(f"\n\n**{part}**　{rule.page[part]}" for part in PAGE)
