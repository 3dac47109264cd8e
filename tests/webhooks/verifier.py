"""The verifier of docs/webhooks.md, taken from that page: what people copy is what is tested."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
CODE = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf8"), re.DOTALL)
assert CODE
_names: dict[str, Any] = {}
exec(CODE[1], _names)
verify: Callable[[str, str, bytes], bool] = _names["verify"]
