from django.http import HttpRequest


def may_view(request: HttpRequest, app: str, model: str) -> bool:
    """As Django's admin has it: whoever may change rows may see them."""
    return any(request.user.has_perm(f"{app}.{right}_{model}") for right in ("view", "change"))
