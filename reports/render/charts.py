"""Charts for paper: the specification the browser draws, drawn by the same library without a browser."""

import functools
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from py_mini_racer import MiniRacer

LIBRARY = Path(settings.BASE_DIR, "node_modules/echarts/dist/echarts.min.js")
FAMILIES = "Statement Latin, Statement Latin Extended, Statement Chinese, Statement Fallback"
DRAW = """
// Without a browser nothing can measure text; these widths are a little more than the fonts of paper take.
echarts.setPlatformAPI({
  measureText(text, font) {
    const size = parseFloat(/([0-9.]+)px/.exec(font)?.[1] ?? 12);
    return {width: [...(text ?? '')].reduce((sum, sign) => sum + (sign.codePointAt(0) > 255 ? 1 : 0.6) * size, 0)};
  },
});
function draw(text, width, height) {
  const chart = echarts.init(null, null, {renderer: 'svg', ssr: true, width, height});
  chart.setOption(JSON.parse(text));
  const picture = chart.renderToSVGString();
  chart.dispose();
  return picture;
}
"""


@functools.cache
def _engine() -> MiniRacer:
    """Start one engine for the process, when the first chart asks: it does not survive a fork."""
    engine = MiniRacer()
    engine.eval(LIBRARY.read_text())
    engine.eval(DRAW)
    return engine


def svg(option: dict[str, Any], *, width: int, height: int) -> str:
    """Draw an ECharts option; ``width`` and ``height`` are in CSS pixels."""
    paper = {**option, "animation": False, "textStyle": {**option.get("textStyle", {}), "fontFamily": FAMILIES}}
    return str(_engine().call("draw", json.dumps(paper), width, height))
