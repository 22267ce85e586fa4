"""Fonts, fills and borders, by the names that cells call them. 宋体 for tables, 黑体 for heads, 仿宋 for prose."""

from __future__ import annotations

from typing import Any

Look = dict[str, Any]

INPUT_FILL, COMPUTED_FILL, GUARD_FILL, HEADER_FILL = "#F1F8EC", "#F2F2F2", "#D9D9D9", "#E9EEF5"
DARK = "#1F3864"
#: A rate prints 100%, not 100.00%; money shows two decimals and more where there are more.
RATE, MONEY, PLAIN = "[=1]0%;0.00%", "0.00####", "General"
HIDDEN = ";;;"

SONG = {"font_name": "宋体", "font_size": 10.5, "valign": "vcenter", "text_wrap": True}
BOXED = {**SONG, "border": 1}
LABEL = {**BOXED, "align": "left", "indent": 1}
INPUT = {**BOXED, "align": "center", "bg_color": INPUT_FILL}
COMPUTED = {**BOXED, "align": "center", "bg_color": COMPUTED_FILL, "font_color": DARK}
OPEN_RIGHT = {**SONG, "top": 1, "bottom": 1, "left": 1, "align": "left", "indent": 1, "text_wrap": False}
OPEN_LEFT = {**SONG, "top": 1, "bottom": 1, "right": 1, "align": "left", "num_format": MONEY}
CHECK = {**SONG, "align": "left", "font_color": "#7F7F7F", "font_size": 9, "text_wrap": False}
PROSE = {"font_name": "仿宋", "font_size": 14, "text_wrap": True, "valign": "top", "align": "left"}
HEI = {"font_name": "黑体", "valign": "vcenter"}

#: A severity's colours and border, in print distinct by luminance and by the line around the cell.
SEVERITY: dict[str, Look] = {
    "error": {"bg_color": "#FF9999", "font_color": "#7A0000", "bold": True, "border": 1, "border_color": "#7A0000"},
    "warning": {"bg_color": "#FFDD80", "font_color": "#5C3D00", "italic": True, "border": 3, "border_color": "#5C3D00"},
    "info": {"bg_color": "#DCEBFA", "font_color": "#1F4E79", "underline": 1, "border": 4, "border_color": "#1F4E79"},
}  # fmt: skip
SEVERITY_WORDS = {"error": "错误", "warning": "核实", "info": "提示"}

LOOKS: dict[str, Look] = {
    "plain": {"font_name": "宋体", "font_size": 10.5},
    "attachment": {"font_name": "黑体", "font_size": 14, "valign": "vcenter"},
    "title": {**HEI, "font_size": 18, "align": "center"},
    "header": {**BOXED, "align": "center", "bg_color": HEADER_FILL},
    "label": LABEL,
    "label0": LABEL,
    "label1": {**LABEL, "indent": 2},
    "label2": {**LABEL, "indent": 3},
    "label0_open": LABEL,
    "label1_open": {**LABEL, "indent": 2},
    "label_centre": {**BOXED, "align": "center"},
    "label_centre_open": {**BOXED, "align": "center"},
    "label_bold": {**BOXED, "align": "center", "bold": True},
    "input": INPUT,
    "input_text": {**INPUT, "align": "left", "indent": 1, "num_format": "@"},
    "input_value": {**INPUT, "num_format": "@"},
    "input_indented": {**INPUT, "align": "left", "indent": 3},
    "input_prose": {**INPUT, "align": "left", "indent": 1},
    "money_input": {**INPUT, "num_format": MONEY},
    "score_input": {**INPUT, "num_format": PLAIN},
    "computed_text": COMPUTED,
    "money": {**COMPUTED, "num_format": MONEY},
    "rate": {**COMPUTED, "num_format": RATE},
    "score": {**COMPUTED, "num_format": PLAIN},
    "total_score": {**COMPUTED, "num_format": PLAIN, "bold": True},
    "blank": BOXED,
    "guard": {**BOXED, "bg_color": GUARD_FILL, "font_size": 1},
    "tag0": OPEN_RIGHT,
    "tag1": {**OPEN_RIGHT, "indent": 2},
    "tagged": {**OPEN_LEFT, "bg_color": COMPUTED_FILL, "font_color": DARK},
    "tagged_input": {**OPEN_LEFT, "bg_color": INPUT_FILL},
    "tagged_end": OPEN_LEFT,
    "signature": {**SONG, "align": "left"},
    "note": {**SONG, "align": "left", "font_size": 10},
    "caption": {**SONG, "text_wrap": False},
    "caption_right": {**SONG, "align": "right"},
    "check_head": {**SONG, "align": "left", "font_color": "#7F7F7F", "bottom": 1, "bottom_color": "#BFBFBF"},
    "check": CHECK,
    "check_rate": {**CHECK, "num_format": RATE},
    "hidden": {"font_name": "宋体", "font_size": 9, "num_format": HIDDEN, "font_color": "#FFFFFF"},
    "report_title": {**HEI, "font_size": 16, "align": "center", "text_wrap": True},
    "heading": {**HEI, "font_size": 14, "text_wrap": True},
    "paragraph": {**PROSE, "bg_color": INPUT_FILL},
    "paragraph_computed": {**PROSE, "bg_color": COMPUTED_FILL, "font_color": DARK},
    "attachment_line": {"font_name": "仿宋", "font_size": 14, "text_wrap": True, "valign": "vcenter"},
    "guide_title": {**HEI, "font_size": 18, "align": "center", "font_color": DARK},
    "guide_head": {**HEI, "font_size": 12, "font_color": DARK, "bottom": 1, "bottom_color": DARK},
    "guide_label": {**BOXED, "font_size": 11, "align": "left", "indent": 1, "bg_color": HEADER_FILL},
    "guide_input": {**INPUT, "font_size": 11, "align": "left", "indent": 1, "num_format": PLAIN},
    "guide_date": {**INPUT, "font_size": 11, "align": "left", "indent": 1, "num_format": "yyyy-m-d"},
    "guide_step": {**SONG, "font_size": 11, "bold": True, "align": "left", "indent": 1},
    "guide_text": {**SONG, "font_size": 10, "align": "left", "indent": 1},
    "guide_note": {**SONG, "align": "left", "indent": 1},
    "guide_version": {**SONG, "font_size": 9, "align": "right", "font_color": "#7F7F7F"},
    "legend_input": {**INPUT, "align": "center"},
    "legend_computed": {**COMPUTED},
    **{f"legend_{name}": {**SONG, "align": "center", **look} for name, look in SEVERITY.items()},
    "results_title": {**HEI, "font_size": 18, "align": "center"},
    "verdict": {**HEI, "font_size": 18},
    "results_text": {**SONG, "text_wrap": False, "font_size": 10},
    "results_first": {**SONG, "font_size": 10, "bold": True},
    "results_note": {**SONG, "text_wrap": False, "font_size": 10, "indent": 1},
    "state": {**HEI, "font_size": 11, "font_color": "#7F7F7F"},
    "results_header": {**BOXED, "font_name": "黑体", "align": "center", "bg_color": "#44546A", "font_color": "#FFFFFF"},
    "results_cell": {**BOXED, "align": "left", "indent": 1, "font_size": 10, "border_color": "#BFBFBF"},
    "results_centre": {**BOXED, "align": "center", "font_size": 10, "border_color": "#BFBFBF"},
    "results_link": {**BOXED, "align": "center", "font_size": 10, "border_color": "#BFBFBF", "font_color": "#0563C1", "underline": 1},
    "results_state": {**BOXED, "align": "left", "indent": 1, "font_size": 10, "border_color": "#BFBFBF", "bg_color": INPUT_FILL},
    "results_done": {**BOXED, "align": "center", "font_size": 12, "border_color": "#BFBFBF", "bg_color": INPUT_FILL},
}  # fmt: skip
