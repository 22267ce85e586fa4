"""The one table of actions: ribbon, buttons, macros and what they call are made from it.

An action stands here once it works. A later one joins by one entry, and ``perfeval_xl.excel.run`` by one function.
Nothing heavy is imported: the build and the command line read this table too.
"""

from __future__ import annotations

from perfeval_xl.records import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a clerk can ask for.

    ``id`` is the English name that ``perfeval_xl.excel.run`` takes. ``label``, ``group`` (the ribbon's) and
    ``supertip`` are what the clerk reads. ``keytip`` is the letter shown after Alt; ``icon`` a picture of Office's own
    (imageMso). ``large`` makes the ribbon button a big one; ``first_sheet`` also puts a button on the first sheet of
    the template; ``in_addin`` says whether the action makes sense in workbooks that are not our template.
    """

    id: str
    label: str
    group: str
    supertip: str
    keytip: str
    icon: str
    large: bool = False
    first_sheet: bool = False
    in_addin: bool = True

    @property
    def macro(self) -> str:
        """The name of the macro behind the buttons."""
        return f"PE_{self.id}"


#: The title of the ribbon tab.
TAB = "绩效自评"

#: In the order in which they are shown; groups stand in the order of their first action.
ACTIONS: tuple[Action, ...] = (
    Action(
        "check_all", "一键校验", "审核",
        "检查本工作簿的全部附件和自评报告，把问题列在“校验结果”，并给有问题的格子上色。不改动您填的任何内容。",
        "A", "AcceptInvitation", large=True, first_sheet=True,
    ),
    Action(
        "check_sheet", "校验本表", "审核",
        "检查全部表，只列出当前这张表的问题。改完一张表后用它，最后再用“一键校验”。",
        "S", "DataValidationCircleInvalid", first_sheet=True,
    ),
    Action(
        "previous", "上一条", "定位",
        "跳到上一个问题所在的格子。",
        "P", "ReviewPreviousComment",
    ),
    Action(
        "next", "下一条", "定位",
        "跳到下一个问题所在的格子。",
        "N", "ReviewNextComment", first_sheet=True,
    ),
    Action(
        "results", "校验结果", "定位",
        "打开“校验结果”表，看全部问题、依据和改法。",
        "R", "ReviewShowAllComments", first_sheet=True,
    ),
    Action(
        "correct", "一键更正", "处理",
        "重算比率、合计、得分中算错的格子，改前先列出来问您，每一处都记在“更正记录”。您录入的数不改。",
        "G", "CalculateNow", first_sheet=True,
    ),
    Action(
        "undo_correct", "撤销更正", "处理",
        "把“更正记录”里的更正全部改回原样，公式也还原。更正后您又改过的格子不动。",
        "U", "Undo", first_sheet=True,
    ),
    Action(
        "clear", "清除标记", "处理",
        "清空“校验结果”，去掉格子上的颜色。您填的内容和格式不变。",
        "C", "DataValidationClearValidationCircles", first_sheet=True,
    ),
    Action(
        "add_project", "新增项目表", "填报",
        "在最后一张项目表后面加一张空白的附件3，附件2的合计会把它算进去。",
        "I", "SheetInsert", first_sheet=True, in_addin=False,
    ),
    Action(
        "remove_project", "删除项目表", "填报",
        "删除当前这张附件3。删除前会再问一次；删除后不能撤销。",
        "D", "SheetDelete", in_addin=False,
    ),
    Action(
        "carry_over", "沿用上年", "填报",
        "选上年的自评文件（Excel、WPS、Word 都可以），新建一份今年的：上年决算数、项目、指标和分值都带过来，指标值标“待确认”。",
        "Y", "FillDown", first_sheet=True,
    ),
    Action(
        "import_word", "导入Word", "文件",
        "把已经写好的自评文件（Word，也可以是 Excel、WPS 表格）导入一份新的填报模板；放到哪里、什么没有放进去，都列出来。",
        "W", "GetExternalDataFromText", first_sheet=True,
    ),
    Action(
        "export_word", "导出Word", "文件",
        "把自评报告和各附件导出为可以公开的 Word 文件，没有保存的改动也算在内。有手机号、身份证号等会问您要不要遮盖。",
        "E", "FileSaveAsWordDocx", first_sheet=True,
    ),
    Action(
        "export_pdf", "导出PDF", "文件",
        "把自评报告和各附件导出为 PDF。电脑上要装有 LibreOffice；没有的，请导出Word，再另存为 PDF。",
        "F", "FileSaveAsPdfOrXps",
    ),
    Action(
        "audit_report", "审核报告", "文件",
        "检查本工作簿，生成供签字存档的审核报告（Word 文件，A4）：结论、各类问题的条数、逐条清单和说明。",
        "T", "SignatureLineInsert", first_sheet=True,
    ),
    Action(
        "help", "帮助", "帮助",
        "怎样填、怎样看校验结果，各条规则的说明，以及本程序的版本。",
        "H", "Help", first_sheet=True,
    ),
)  # fmt: skip

BY_ID = {action.id: action for action in ACTIONS}
