"""A bureau's own rules, 审核公式: read from rows of text, compiled to the declarations and claims that every rule yields.

``grammar`` reads a formula, ``tree`` is what it reads, ``names`` the cells by the words that stand on them, ``sorts`` whether a
formula makes sense, ``evaluating`` what it says of a workbook, ``compiling`` makes rules of it; ``rows`` reads a book. Nothing of
a book is executed.
"""
