"""Backtest: fit before a date, predict after it, and say whether the prediction can be trusted.

`verdict` is the judgement, and knows neither logs nor tests. `prediction` and `log` hold a purchase
log to it, `past_tests` randomised tests; `course` is the whole of the command.
"""

from __future__ import annotations

__all__: list[str] = []
