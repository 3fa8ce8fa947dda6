"""``python -m sigforensics``."""

from sigforensics.cli import main

if __name__ == "__main__":
    main()
