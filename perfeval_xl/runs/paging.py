"""The checker as one web page: where the installed package carries the one that was built for it (``web/build_page.py``)."""

from __future__ import annotations

from pathlib import Path

from perfeval_xl.errors import PerfevalError

PAGE = "自评检查.html"
_CARRIED = Path(__file__).resolve().parents[1] / "data" / "page.html"


def built_page(carried: Path = _CARRIED) -> bytes:
    """The page; PerfevalError, which says how to build one, where this installation carries none."""
    if not carried.is_file():
        raise PerfevalError(
            f"这个安装里没有带网页：发布的安装包里有；从源码安装的，在源码文件夹里运行 python web/build_page.py {PAGE}（要先装 Node.js）"
        )
    return carried.read_bytes()
