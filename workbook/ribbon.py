"""The ribbon tab (customUI14.xml), made from the table of actions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from macros import RIBBON_CALLBACK

from perfeval_xl.excel.actions import ACTIONS, TAB, Action
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.hosts.package.xml import Document, append_new, new_root

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
#: Two letters, since Excel's own tabs take the single ones.
TAB_KEYTIP = "JX"
ADDIN_KEYTIP = "JY"
_DECLARATION = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"


def ribbon_xml(*, addin: bool) -> bytes:
    """The tab with its groups; the add-in's says that it is one, since both may be open, and shows fewer actions."""
    actions = [action for action in ACTIONS if action.in_addin or not addin]
    root = new_root("customUI", NAMESPACE)
    tabs = append_new(append_new(root, "ribbon"), "tabs")
    label, keytip = (f"{TAB}（加载项）", ADDIN_KEYTIP) if addin else (TAB, TAB_KEYTIP)
    tab = append_new(tabs, "tab", id="perfeval_tab", label=label, keytip=keytip)
    for number, (group, members) in enumerate(groupby(actions, key=lambda action: action.group), 1):
        _group(tab, f"perfeval_group_{number}", group, list(members))
    return Document(root, _DECLARATION).to_bytes()


def _group(tab: Element, identifier: str, label: str, actions: Sequence[Action]) -> None:
    group = append_new(tab, "group", id=identifier, label=label)
    for action in actions:
        append_new(
            group, "button", id=action.id, label=action.label, size="large" if action.large else "normal",
            imageMso=action.icon, keytip=action.keytip, screentip=action.label, supertip=action.supertip,
            onAction=RIBBON_CALLBACK,
        )  # fmt: skip
