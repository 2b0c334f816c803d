"""Expected failures: a code and values; the text is made at the edge, in the reader's language."""

from __future__ import annotations


class GatewayError(Exception):
    """An expected failure.

    Args:
        code: kebab-case key of the text in ``gateway/locale``.
        params: values that the text names.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code + "".join(f" {name}={value!r}" for name, value in params.items()))
        self.code = code
        self.params = params
