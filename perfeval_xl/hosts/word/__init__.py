"""Pages of Word: the published report and the 审核报告."""
