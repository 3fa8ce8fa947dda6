"""The command line: parses, calls one workflow, prints. The only place that knows click and rich."""

from sigforensics.cli.main import main

__all__ = ["main"]
