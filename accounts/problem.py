"""What is wrong with a request to the REST API, whichever of the APIs it came by."""


class Problem(Exception):
    """The message is a sentence for people; `param` names the part of the request at fault,
    `retry_after` is in seconds, and `limit` how many requests there may be, if there are too many.
    Each API puts it in a shape of its own."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        retry_after: int | None = None,
        limit: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param
        self.retry_after = retry_after
        self.limit = limit
