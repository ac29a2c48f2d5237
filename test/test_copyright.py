"""Every source file says whose it is and on what terms."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEADER = """\
# Copyright 2026 triplenet_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
"""


@pytest.mark.copyright
@pytest.mark.linter
def test_sources_carry_the_licence_header(monkeypatch):
    monkeypatch.chdir(ROOT)
    sources = [name for name in ('launch', 'test', 'triplenet_ros') if Path(name).exists()]
    try:
        from ament_copyright.main import main
    except ImportError:
        missing = [str(path) for folder in sources for path in sorted(Path(folder).rglob('*.py'))
                   if path.stat().st_size and not path.read_text().startswith(HEADER)]
        assert missing == []
    else:
        assert main(argv=sources) == 0
