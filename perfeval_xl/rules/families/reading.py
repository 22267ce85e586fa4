"""PE9xx reading: what could not be read, and what is there without being seen."""

from __future__ import annotations

from collections.abc import Iterator

from perfeval_xl.forms.records import IndicatorForm
from perfeval_xl.grid import Grid, Place
from perfeval_xl.rules.cells import all_cells, money_fields
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, rule


@rule("PE901", "reading.unreadable", "error", "像自评表，但没有读出来", basis="按表头文字识别表格")
def unreadable(context: Context) -> Iterator[Result]:
    """标题是自评表，却找不到表头。

    说明：程序按标题和表头文字找表；标题像自评表而找不到表头的，这张表没有检查，不代表没有问题。
    错误示例：标题是“项目支出绩效自评表”，下面没有“三级指标”“实际完成值”等表头。
    正确示例：表头写明一级指标、二级指标、三级指标、年度指标值、实际完成值。
    如何改：恢复表头文字，或改用模板。
    """
    for form in context.forms.unreadable:
        yield Claim(
            form.title.place,
            f"“{' '.join(form.title.text.split())}”没有读出来：{form.reason}。",
            suggestion="恢复表头文字，或改用模板重新填写。",
            label=form.title.text,
        )


@rule(
    "PE902",
    "reading.uncalculated",
    "warning",
    "公式没有计算过，没有数",
    basis="没有计算结果的公式不能核对",
    needs="formulas",
)
def uncalculated(context: Context) -> Iterator[Result]:
    """格子里是公式，文件里没有保存计算结果。

    说明：由其他程序生成、没有用Excel或WPS打开保存过的文件，公式没有结果。有关的格子按“不知道”处理，不当作空，也不当作0。
    错误示例：合计格里是=SUM(C5:C8)，文件没有保存结果。
    正确示例：用Excel或WPS打开，保存后再校验。
    如何改：用Excel或WPS打开文件，保存一次。
    """
    for grid in context.grids:
        places = sorted(
            Place(grid.sheet, cell.row, cell.column) for cell in grid.cells.values() if cell.uncached
        )
        if places:
            yield Claim(
                places[0],
                f"“{grid.sheet}”有 {len(places)} 个公式没有计算结果，没有检查这些格子。",
                suggestion="用Excel或WPS打开文件，保存一次再校验。",
                related=tuple(places[1:]),
                label=grid.sheet,
                figures=(str(len(places)),),
                uncalculated=True,
            )


@rule(
    "PE904",
    "reading.hidden",
    "info",
    "隐藏的行、列或表里有数字",
    basis="隐藏的数字也参加计算",
    needs="hidden",
)
def hidden(context: Context) -> Iterator[Result]:
    """被隐藏的行、列、工作表里有参加计算的数。

    说明：隐藏的数字看不见，却参加合计，核对时容易漏掉。
    错误示例：隐藏的第12行里有金额10，合计把它算在内。
    正确示例：取消隐藏，或删去不用的行。
    如何改：取消隐藏后核对。
    """
    grids = {grid.sheet: grid for grid in context.grids}
    told: set[str] = set()
    for form in context.forms:
        grid = grids.get(form.sheet)
        if grid is None or form.kind == "narrative":
            continue
        cells = all_cells(form) if isinstance(form, IndicatorForm) else money_fields(form)
        places = [cell.place for cell in cells if cell.number and _is_hidden(grid, cell.place)]
        if not places or (grid.state != "visible" and grid.sheet in told):
            continue
        told.add(grid.sheet)
        what = "整张表被隐藏" if grid.state != "visible" else "有隐藏的行或列"
        yield Claim(
            places[0],
            f"“{form.sheet}”{what}，里面有 {len(places)} 个数字参加计算。",
            suggestion="取消隐藏后核对。",
            related=tuple(places[1:]),
            label=form.caption,
            figures=(str(len(places)),),
        )


def _is_hidden(grid: Grid, place: Place) -> bool:
    return grid.state != "visible" or place.row in grid.hidden_rows or place.column in grid.hidden_columns


@rule(
    "PE903",
    "reading.crashed",
    "error",
    "一条规则运行出错",
    basis="程序内部错误，其余规则照常运行",
    of_crashes=True,
)
def crashed(_context: Context) -> Iterator[Result]:
    """程序自己的错误：某条规则没有运行完。

    说明：这不是表格的错误。出错的规则没有结果，其余规则照常检查。
    错误示例：规则PE204运行出错。
    正确示例：所有规则都运行完。
    如何改：把文件和提示告诉维护人员。
    """
    return iter(())
