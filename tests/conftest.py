"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Real data, where ``SIGFORENSICS_DATA`` names its folder; tests of it are skipped where it does not."""
    named = os.environ.get("SIGFORENSICS_DATA")
    if not named:
        pytest.skip("SIGFORENSICS_DATA names no folder of real data")
    folder = Path(named)
    if not folder.is_dir():
        pytest.skip(f"SIGFORENSICS_DATA names {named}, which is no folder")
    return folder
