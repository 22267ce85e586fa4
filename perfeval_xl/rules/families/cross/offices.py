"""PE514: 主管部门 and 实施单位, each in its own cell."""

from __future__ import annotations

from collections.abc import Iterator

from perfeval_xl import patterns as re
from perfeval_xl.forms.records import IndicatorForm
from perfeval_xl.rules.cells import shown
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import clean

#: Who is a superior, and who is the part of one, by the end of the name.
_SUPERIOR = re.compile(
    "(局|委员会|委|厅|人民政府|政府|办公室|总工会|残疾人联合会|妇女联合会)(机关|本级|本部)?$"
)
_PART = re.compile(
    "(中心|站|所|馆|团|大队|支队|学校|小学|中学|幼儿园|医院|卫生院|公园|管理处|服务处|景区|剧团|图书馆|文化馆|博物馆|科|股|室|二级机构)$"
)
_CODE = re.compile(r"^[\[(]?\d+[\])]?[-—]?")


@rule(
    "PE514",
    "cross.offices",
    "info",
    "主管部门与实施单位填反了",
    basis="主管部门是实施单位的上级",
    forms=("project",),
)
def offices(form: IndicatorForm, _context: Context) -> Iterator[Result]:
    """主管部门栏填了下属单位，实施单位栏填了上级。

    说明：主管部门应是实施单位的上级；下属的馆、站、中心填在主管部门、局填在实施单位的，多半填反了。两栏相同是允许的。
    错误示例：主管部门“甲县剧团”，实施单位“甲县文旅局”。
    正确示例：主管部门“甲县文旅局”，实施单位“甲县剧团”。
    如何改：把两栏对调。
    """
    department, office = form.head.get("department"), form.head.get("office")
    if department is None or office is None or not department.filled or not office.filled:
        yield Skip("没有主管部门或实施单位")
        return
    above, below = (_CODE.sub("", clean(field.text)) for field in (department, office))
    named_by = len(below) >= 4 and above.startswith(below) and above != below and _PART.search(above)
    if (_PART.search(above) and not _SUPERIOR.search(above) and _SUPERIOR.search(below)) or named_by:
        yield Claim(
            department.place,
            f"主管部门填“{shown(department)}”，实施单位填“{shown(office)}”，上下级像是填反了。",
            expected=shown(office),
            actual=shown(department),
            suggestion="核对后把主管部门和实施单位对调。",
            related=(office.place,),
            label=f"{form.caption}/主管部门",
            figures=(above, below),
        )
