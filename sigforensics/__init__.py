"""sigforensics: forge handwritten signatures with generative networks, and measure what gives the forgeries away."""

__version__ = "0.1.0"
