"""What the rules rest on, by kinds of cells and forms: what could not be checked where one of these is missing."""

from __future__ import annotations

from collections.abc import Mapping

from perfeval_xl.forms.records import Kind

#: Which rules rest on a kind of required cell: without it they say nothing of the form, or of the row.
RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "unit": ("PE508",),
    "project": ("PE503", "PE507"),
    "expected": ("PE605",),
    "achieved": ("PE605",),
    "initial": ("PE108", "PE212", "PE504"),
    "budget": ("PE108", "PE204", "PE205", "PE211", "PE212", "PE304", "PE505"),
    "executed": ("PE106", "PE107", "PE108", "PE204", "PE205", "PE211", "PE304", "PE502", "PE503"),
    "fund weight": ("PE301", "PE304"),
    "rate": ("PE204",),
    "fund score": ("PE304", "PE305"),
    "target": ("PE401", "PE402", "PE403", "PE404", "PE405", "PE415", "PE417", "PE419", "PE424", "PE506"),
    "actual": (
        "PE401",
        "PE402",
        "PE403",
        "PE405",
        "PE412",
        "PE413",
        "PE415",
        "PE420",
        "PE424",
        "PE506",
        "PE605",
    ),
    "weight": ("PE301", "PE302", "PE303", "PE307", "PE311", "PE401", "PE402", "PE717"),
    "score": ("PE303", "PE305", "PE307", "PE308", "PE401", "PE402", "PE422"),
    "total": ("PE305", "PE306", "PE609"),
    "quota": ("PE201", "PE202", "PE511", "PE606"),
    "staff": ("PE201", "PE202", "PE511", "PE606"),
    "staff rate": ("PE201",),
    "line": ("PE101", "PE103", "PE206", "PE208", "PE209", "PE501", "PE504", "PE601"),
}
#: Which rules rest on any other amount of a kind of form.
AMOUNTS_OF: Mapping[Kind, tuple[str, ...]] = {
    "basic": ("PE101", "PE102", "PE103", "PE104", "PE105", "PE503", "PE601"),
    "overall": ("PE106", "PE107", "PE214", "PE501", "PE505", "PE601"),
    "project": ("PE108", "PE214"),
    **dict.fromkeys(("gov_fund", "state_capital", "social_insurance"), ("PE109", "PE509", "PE607")),
}
#: Rules that need a form for every project line of 附件1, and the one that names the lines without one.
ALL_PROJECTS = ("PE502", "PE503", "PE504", "PE505")
NAMES_LINES = "PE507"
