"""PE4xx targets: 年度指标值 against 实际完成值."""
