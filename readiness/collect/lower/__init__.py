"""Front ends: each lowers the text of one file to the language-neutral tree of `readiness.collect.ir`."""


class LoweringError(Exception):
    """A file that cannot be lowered; the message is the reason, fit for a recorded gap."""
