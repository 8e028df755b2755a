"""The labelled news, as ``bench/assemble.py`` loads and measures it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def _bench() -> ModuleType:
    path = Path(__file__).parents[1] / "bench" / "assemble.py"
    spec = importlib.util.spec_from_file_location("bench_assemble", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


BENCH = _bench()
SUBJECTS = BENCH.SUBJECTS
THEMES = BENCH.themes()
